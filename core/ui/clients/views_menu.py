"""Views of Kunden and Auswertung under a name: a menu, and for Kunden pills with how many clients each has."""

from __future__ import annotations

import streamlit as st

from core.base.errors import AppError, ValidationFailed
from core.clients.accounts import AccountQuery, count_accounts
from core.clients.list_address import ListWish, to_address
from core.clients.saved_views import SavedView, delete_view, save_view, saved_views
from core.i18n import sentence, t
from core.i18n.formats import number
from core.ui.clients.list_state import OF_LIST, ListScene, PageAddress, query_of, read_address
from core.ui.parts.escape import md
from core.ui.parts.problems import sentences
from core.ui.state.ui_state import ui_state

# The pill of the list without filters.
ALL = 0


def views_pills(drawn: ListScene) -> None:
    """Draw *Alle* and the kept views; the one that is wanted now is marked."""
    views = saved_views(drawn.viewer)
    if not views:
        return
    wishes = {view.saved_view_id: read_address(drawn, view.definition).wish for view in views}
    labels = {ALL: t("accounts.view_all")}
    for view in views:
        labels[view.saved_view_id] = f"{_name(view)} · {number(count_accounts(drawn.viewer, _counted(drawn, wishes[view.saved_view_id])))}"
    present = OF_LIST.view()
    marked = next((one for one, wish in wishes.items() if to_address(wish) == present), ALL if not present else None)
    key = f"views@{ui_state().accounts.key_epoch}-{marked}"
    st.session_state.setdefault(key, marked)
    st.pills(
        t("accounts.views"), list(labels), format_func=lambda one: md(labels.get(one, "")), key=key, label_visibility="collapsed",
        on_change=_take, args=(drawn, key), wrap=False,
    )  # fmt: skip


def _counted(drawn: ListScene, wish: ListWish) -> AccountQuery:
    query = query_of(drawn, wish)
    return AccountQuery(query.text, query.conditions, subsets=query.subsets)


def _take(drawn: ListScene, key: str) -> None:
    chosen = st.session_state.get(key)
    view = next((one for one in saved_views(drawn.viewer) if one.saved_view_id == chosen), None)
    _apply(drawn, OF_LIST, view)


def _apply(drawn: ListScene, page: PageAddress, view: SavedView | None) -> None:
    """Want what a view says, without what is gone or not for this person; None for everything as usual."""
    ui_state().accounts.dropped = page.follow(drawn, view.definition if view else {})


def _name(view: SavedView) -> str:
    return view.name if view.mine else t("accounts.view_by", name=view.name, by=view.by)


def views_menu(drawn: ListScene, page: PageAddress = OF_LIST) -> None:
    """Draw the menu of a page's views: keep the present one under a name, throw one's own away."""
    with st.popover(t("accounts.views"), icon=":material/bookmark:", key=f"views-{page.of}"):
        views = saved_views(drawn.viewer, of_activity=page.of == "activity")
        if not views:
            st.caption(t(f"{page.of}.view_none"))
        for view in views:
            _view(drawn, page, view)
        if views:
            st.button(t("accounts.view_reset"), type="tertiary", icon=":material/restart_alt:", on_click=_apply, args=(drawn, page, None))
        with st.container(key="view-save"):
            name = st.text_input(t("accounts.view_name"), key="view-name", max_chars=80)
            st.toggle(t("accounts.view_shared"), key="view-shared", help=t("activity.view_shared_help") if page.of == "activity" else None)
            st.button(t("accounts.view_save"), key="view-keep", on_click=_save, args=(drawn, page), disabled=not name)
            if problem := ui_state().take_problem("views"):
                st.caption(f":red[{md(problem)}]")


def _view(drawn: ListScene, page: PageAddress, view: SavedView) -> None:
    with st.container(horizontal=True, gap=None, vertical_alignment="center"):
        icon = ":material/group:" if view.shared else ":material/bookmark:"
        st.button(md(_name(view)), key=f"view-{view.saved_view_id}", type="tertiary", icon=icon, on_click=_apply, args=(drawn, page, view))
        if view.mine:
            st.space("stretch")
            st.button(
                md(t("accounts.view_delete", name=view.name)),
                key=f"view-away-{view.saved_view_id}",
                type="tertiary",
                icon=":material/delete:",
                help=md(t("accounts.view_delete", name=view.name)),
                on_click=_throw_away,
                args=(drawn, view.saved_view_id),
            )


def _save(drawn: ListScene, page: PageAddress) -> None:
    state = ui_state()
    try:
        save_view(drawn.viewer, name=st.session_state["view-name"], definition=page.view(), shared=st.session_state["view-shared"])
    except ValidationFailed as failed:
        state.problems["views"] = sentences(failed)["name"]
    except AppError as problem:
        state.problems["views"] = sentence(problem)
    else:
        st.session_state["view-name"] = ""


def _throw_away(drawn: ListScene, saved_view_id: int) -> None:
    try:
        delete_view(drawn.viewer, saved_view_id)
    except AppError as problem:
        ui_state().problems["views"] = sentence(problem)
