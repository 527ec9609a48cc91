"""Views of Kunden: filters, order and columns kept under a name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from core.base.errors import AppError, ValidationFailed
from core.base.rights import Viewer
from core.clients.accounts import SORTS, choices
from core.clients.custom_field_columns import column_fields
from core.clients.custom_fields import id_of, key_of
from core.clients.saved_views import SavedView, clean_definition, delete_view, save_view, saved_views
from core.i18n import sentence, t
from core.ui.clients.accounts_filters import CHOSEN, TEXT_KEY, allowed_columns, change_wanted, wanted_values
from core.ui.parts.escape import md
from core.ui.parts.problems import sentences
from core.ui.state.ui_state import ui_state


def views_menu(viewer: Viewer) -> None:
    """Draw the views: take one, keep the present one under a name, throw one's own away."""
    with st.popover(t("accounts.views"), icon=":material/bookmark:"):
        views = saved_views(viewer)
        if not views:
            st.caption(t("accounts.view_none"))
        for view in views:
            _view(viewer, view)
        if views:
            st.button(t("accounts.view_reset"), type="tertiary", icon=":material/restart_alt:", on_click=_apply, args=(viewer, {}))
        with st.container(key="view-save"):
            name = st.text_input(t("accounts.view_name"), key="view-name", max_chars=80)
            st.toggle(t("accounts.view_shared"), key="view-shared")
            st.button(t("accounts.view_save"), key="view-keep", on_click=_save, args=(viewer,), disabled=not name)
            if problem := ui_state().take_problem("views"):
                st.caption(f":red[{md(problem)}]")


def _view(viewer: Viewer, view: SavedView) -> None:
    name = view.name if view.mine else t("accounts.view_by", name=view.name, by=view.by)
    with st.container(horizontal=True, gap=None, vertical_alignment="center"):
        icon = ":material/group:" if view.shared else ":material/bookmark:"
        st.button(md(name), key=f"view-{view.saved_view_id}", type="tertiary", icon=icon, on_click=_apply, args=(viewer, view.definition))
        if view.mine:
            st.space("stretch")
            st.button(
                md(t("accounts.view_delete", name=view.name)),
                key=f"view-away-{view.saved_view_id}",
                type="tertiary",
                icon=":material/delete:",
                help=md(t("accounts.view_delete", name=view.name)),
                on_click=_throw_away,
                args=(viewer, view.saved_view_id),
            )


def _apply(viewer: Viewer, definition: Mapping[str, object]) -> None:
    """Set filters, order and columns to what the view says, without what is gone or not for this person."""
    view: dict[str, Any] = clean_definition(definition)
    tags, members = choices(viewer)
    fields = {field.key: field for field in column_fields(viewer).values()}
    own = [key for key in view["columns"] if key in fields]
    known_sorts = (*allowed_columns(viewer, SORTS), *fields)
    wanted: dict[str, Any] = {
        "kinds": view["kinds"],
        "states": view["states"],
        "tags": [tag for tag in view["tags"] if tag in tags],
        "members": [member for member in view["members"] if member in members],
        "sort": view["sort"] if view["sort"] in known_sorts else "name",
        "descending": view["descending"],
        "columns": allowed_columns(viewer, (key for key in view["columns"] if key not in own and not id_of(key))) + own,
    }
    for key, field in fields.items():
        values = view["fields"].get(str(id_of(key)), [])
        wanted[key] = values if field.type in CHOSEN else "".join(values[:1])
    st.session_state[TEXT_KEY] = view["text"]
    change_wanted(**wanted)


def _save(viewer: Viewer) -> None:
    state = ui_state()
    wanted = state.accounts
    definition = {
        "text": st.session_state.get(TEXT_KEY),
        "kinds": wanted.kinds,
        "tags": wanted.tags,
        "members": wanted.members,
        "states": wanted.states,
        "sort": wanted.sort,
        "descending": wanted.descending,
        "columns": wanted.columns,
        "fields": {str(number): wanted_values(key_of(number)) for number in column_fields(viewer)},
    }
    try:
        save_view(viewer, name=st.session_state["view-name"], definition=definition, shared=st.session_state["view-shared"])
    except ValidationFailed as failed:
        state.problems["views"] = sentences(failed)["name"]
    except AppError as problem:
        state.problems["views"] = sentence(problem)
    else:
        st.session_state["view-name"] = ""


def _throw_away(viewer: Viewer, saved_view_id: int) -> None:
    try:
        delete_view(viewer, saved_view_id)
    except AppError as problem:
        ui_state().problems["views"] = sentence(problem)
