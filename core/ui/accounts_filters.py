"""What of Kunden is wanted: the filters, the columns, and views kept under a name."""

from __future__ import annotations

import streamlit as st

from core.access import rights_of
from core.accounts import COLUMNS, MONEY, SORTS, STATES, Wish, choices
from core.errors import AppError, ValidationFailed
from core.i18n import sentence, t
from core.record import KINDS
from core.rights import Right, Viewer
from core.saved_views import SavedView, clean_definition, delete_view, save_view, saved_views
from core.ui.escape import md

# Input of the page → what a view calls it.
KEYS = {
    "only-text": "text", "only-kinds": "kinds", "only-tags": "tags", "only-members": "members", "only-states": "states",
    "by": "sort", "by-descending": "descending", "columns": "columns",
}  # fmt: skip


def _allowed(viewer: Viewer, columns: tuple[str, ...]) -> list[str]:
    money = Right.SEE_INVOICES in rights_of(viewer)
    return [key for key in columns if money or key not in MONEY]


def filters(viewer: Viewer) -> Wish:
    """One row of filters; they stay as they are while one visits a client and comes back."""
    tags, members = choices(viewer)
    sorts = sorted(_allowed(viewer, tuple(SORTS)), key=lambda key: key != "name")
    keep = {"persist_state": "session"}

    def several(what: str, key: str, options, written, width: int, placeholder: str = "any") -> list:
        label, hint = t(f"accounts.{what}"), t(f"accounts.{placeholder}")
        return st.multiselect(label, options, format_func=written, key=key, placeholder=hint, width=width, **keep)

    def word(what: str):
        return lambda code: t(f"frame.{what}.{code}")

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="filters"):
        text = st.text_input(
            t("accounts.text"), key="only-text", type="search", live="250ms", placeholder=t("accounts.find"), width=168, **keep
        )
        kinds = several("kind", "only-kinds", KINDS, word("kind"), 112)
        by_tag = several("tags", "only-tags", tags, tags.get, 112)
        by_member = several("team", "only-members", members, members.get, 128)
        states = several("state", "only-states", STATES, word("state"), 160, "not_archived")
        sort = st.selectbox(t("accounts.sort"), sorts, format_func=lambda k: t(f"accounts.{k}"), key="by", width=146, **keep)
        descending = st.toggle(t("accounts.descending"), key="by-descending", **keep)
    return Wish(text or "", kinds, states, by_tag, by_member, sort, descending)


def chosen_columns(viewer: Viewer) -> tuple[str, ...]:
    """The columns this person wants to see, in the list's own order; all at first, the name always."""
    options = _allowed(viewer, COLUMNS)
    with st.popover(t("accounts.columns"), icon=":material/view_column:"):
        chosen = st.multiselect(
            t("accounts.columns"),
            options,
            placeholder=t("accounts.any"),
            format_func=lambda key: t(f"accounts.{key}"),
            key="columns",
            persist_state="session",
            label_visibility="collapsed",
        )
    return tuple(key for key in options if not chosen or key in chosen or key == "name")


def views_menu(viewer: Viewer) -> None:
    """Views kept under a name: take one, keep the present one, throw one's own away."""
    with st.popover(t("accounts.views"), icon=":material/bookmark:"):
        kept = saved_views(viewer)
        if not kept:
            st.caption(t("accounts.view_none"))
        for view in kept:
            _view(viewer, view)
        if kept:
            st.button(t("accounts.view_reset"), type="tertiary", icon=":material/restart_alt:", on_click=_apply, args=(viewer, {}))
        with st.container(key="view-save"):
            name = st.text_input(t("accounts.view_name"), key="view-name", max_chars=80)
            st.toggle(t("accounts.view_shared"), key="view-shared")
            st.button(t("accounts.view_save"), key="view-keep", on_click=_keep, args=(viewer,), disabled=not name)
            if problem := st.session_state.pop("view-problem", None):
                st.caption(f":red[{md(problem)}]")


def _view(viewer: Viewer, view: SavedView) -> None:
    name = view.name if view.mine else t("accounts.view_by", name=view.name, by=view.by)
    with st.container(horizontal=True, gap=None, vertical_alignment="center"):
        icon = ":material/group:" if view.shared else ":material/bookmark:"
        st.button(md(name), key=f"view-{view.saved_view_id}", type="tertiary", icon=icon, on_click=_apply, args=(viewer, view.definition))
        if view.mine:
            st.space("stretch")
            st.button(
                "",
                key=f"view-away-{view.saved_view_id}",
                type="tertiary",
                icon=":material/delete:",
                help=md(t("accounts.view_delete", name=view.name)),
                on_click=_throw_away,
                args=(viewer, view.saved_view_id),
            )


def _apply(viewer: Viewer, definition: dict[str, object]) -> None:
    """Set the inputs to what the view says, without what is gone or not for this person."""
    wanted = clean_definition(definition)
    tags, members = choices(viewer)
    wanted["tags"] = [tag for tag in wanted["tags"] if tag in tags]
    wanted["members"] = [member for member in wanted["members"] if member in members]
    wanted["columns"] = _allowed(viewer, tuple(wanted["columns"]))
    if wanted["sort"] not in _allowed(viewer, tuple(SORTS)):
        wanted["sort"] = "name"
    for key, what in KEYS.items():
        st.session_state[key] = wanted[what]


def _keep(viewer: Viewer) -> None:
    definition = {what: st.session_state.get(key) for key, what in KEYS.items()}
    try:
        save_view(viewer, name=st.session_state["view-name"], definition=definition, shared=st.session_state["view-shared"])
    except ValidationFailed as failed:
        code, values = failed.problems["name"]
        st.session_state["view-problem"] = t(f"errors.{code}", **values)
    except AppError as problem:
        st.session_state["view-problem"] = sentence(problem)
    else:
        st.session_state["view-name"] = ""


def _throw_away(viewer: Viewer, saved_view_id: int) -> None:
    try:
        delete_view(viewer, saved_view_id)
    except AppError as problem:
        st.session_state["view-problem"] = sentence(problem)
