"""The sidebar: the search, the pages, the clients opened last, and the person's menu."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.access.verbs import rights_of
from core.base.rights import Right, Viewer
from core.i18n import SPOKEN, t
from core.identity.members import set_language
from core.identity.team import may_see_team
from core.store import Row
from core.ui.parts.escape import md
from core.ui.parts.navigate import PAGES
from core.ui.settings.page import sections_of
from core.ui.shell.search_box import recent_list, search_box
from core.ui.state.ui_state import ui_state

# Page, icon, and who finds it in the sidebar.
PLACES: tuple[tuple[str, str, Callable[[Viewer], object]], ...] = (
    ("accounts", "groups", lambda _viewer: True),
    ("access", "key", lambda _viewer: True),
    ("team", "badge", may_see_team),
    ("settings", "tune", sections_of),
    ("audit", "policy", lambda viewer: Right.VIEW_AUDIT in rights_of(viewer)),
)


def sidebar(viewer: Viewer, firm: Row, own_name: str) -> None:
    """Draw the sidebar of every page."""
    with st.sidebar:
        if firm.get("is_sample"):
            st.badge(t("common.sample"), color="orange", width="stretch")
        search_box()
        for name, icon, may in PLACES:
            if may(viewer):
                st.page_link(PAGES[name], icon=f":material/{icon}:", width="stretch")
        recent_list(viewer)
        _menu(viewer, firm, own_name)


def _menu(viewer: Viewer, firm: Row, own_name: str) -> None:
    """Draw the person's menu, with the firm's name in it."""
    with st.popover(md((own_name or t("common.app"))[:40]), icon=":material/account_circle:", width="stretch"):
        if firm.get("name"):
            st.caption(md(firm["name"]))
        if viewer.by is None:
            _language(viewer)
            st.page_link(PAGES["profile"], icon=":material/manage_accounts:")
        st.html(f'<form method="post" action="/auth/leave"><button class="kb-link">{t("frame.leave")}</button></form>')


def _language(viewer: Viewer) -> None:
    own = ui_state().language
    chosen = st.segmented_control(t("frame.language"), list(SPOKEN), default=own, format_func=lambda code: md(SPOKEN[code]), required=True)
    if chosen and chosen != own:
        set_language(viewer, chosen)
        st.rerun()
