"""The left sidebar: search as one types, the clients opened last, Kunden, and the person's menu."""

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

# Page, icon, and for whom it stands in the sidebar.
PLACES: tuple[tuple[str, str, Callable[[Viewer], object]], ...] = (
    ("accounts", "groups", lambda viewer: True),
    ("access", "key", lambda viewer: True),
    ("team", "badge", may_see_team),
    ("settings", "tune", sections_of),
    ("audit", "policy", lambda viewer: Right.VIEW_AUDIT in rights_of(viewer)),
)


def sidebar(viewer: Viewer, firm: Row, own_name: str) -> None:
    """Everything at the left of every page."""
    with st.sidebar:
        if firm.get("is_sample"):
            st.badge(t("common.sample"), color="orange", width="stretch")
        search_box(viewer)
        for name, icon, may in PLACES:
            if may(viewer):
                st.page_link(PAGES[name], icon=f":material/{icon}:", width="stretch")
        recent_list(viewer)
        _menu(viewer, firm, own_name)


def _menu(viewer: Viewer, firm: Row, own_name: str) -> None:
    """The person's menu; whose firm it is stands in it."""
    with st.popover(md((own_name or t("common.app"))[:40]), icon=":material/account_circle:", width="stretch"):
        if firm.get("name"):
            st.caption(md(firm["name"]))
        if viewer.by is None:
            _language(viewer)
            st.page_link(PAGES["profile"], icon=":material/manage_accounts:")
        st.html(f'<form method="post" action="/auth/leave"><button class="kb-link">{t("frame.leave")}</button></form>')


def _language(viewer: Viewer) -> None:
    own = st.session_state.get("language", "de")
    chosen = st.segmented_control(t("frame.language"), list(SPOKEN), default=own, format_func=SPOKEN.get, required=True)
    if chosen != own:
        set_language(viewer, chosen)
        st.rerun()
