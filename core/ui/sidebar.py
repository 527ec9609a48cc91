"""The left sidebar: search as one types, the clients opened last, Kunden, and the person's menu."""

from __future__ import annotations

import streamlit as st

from core.i18n import t
from core.members import set_language
from core.rights import Viewer
from core.search import Match, recent, search
from core.store import Row
from core.ui.escape import esc, md
from core.ui.navigate import PAGES


def sidebar(viewer: Viewer, firm: Row) -> None:
    """Everything at the left of every page."""
    with st.sidebar:
        if firm.get("is_sample"):
            st.badge(t("common.sample"), color="orange", width="stretch")
        _search_box(viewer)
        _menu(viewer, firm)


@st.fragment
def _search_box(viewer: Viewer) -> None:
    typed = st.text_input(
        t("search.label"),
        key="search",
        type="search",
        live="150ms",
        placeholder=t("search.placeholder"),
        label_visibility="collapsed",
        persist_state="session",
    )
    st.html(f'<span hidden id="kb-found-for" data-typed="{esc(typed or "")}"></span>')
    with st.container(gap=None, key="matches"):
        if typed:
            matches = search(viewer, typed)
            if not matches:
                st.caption(t("search.nothing"))
            for place, match in enumerate(matches):
                _entry(match, f"match-{place}")
        st.page_link(PAGES["accounts"], label=t("frame.clients"), icon=":material/groups:", width="stretch")
        if not typed:
            last = recent(viewer)
            if last:
                st.caption(t("search.recent"))
            for place, match in enumerate(last):
                _entry(match, f"recent-{place}")
    if "open_next" in st.session_state:
        st.rerun()


def _entry(match: Match, key: str) -> None:
    label = md(match.name)
    if match.archived:
        label += f" :gray-badge[{t('search.archived')}]"
    if match.reason == "email":
        label += f"  \n:small[{md(match.email)}]"
    elif match.reason == "number":
        label += f"  \n:small[{md(match.number)}]"
    st.button(label, key=key, type="tertiary", width="stretch", on_click=_choose, args=(match.account_id,))


def _choose(account_id: int) -> None:
    st.session_state["search"] = ""
    st.session_state["open_next"] = account_id


def _menu(viewer: Viewer, firm: Row) -> None:
    with st.popover(esc(firm.get("name") or t("common.app"))[:40], icon=":material/account_circle:", width="stretch"):
        own = st.session_state.get("language", "de")
        chosen = st.segmented_control(
            t("frame.language"), ["de", "en"], default=own, format_func={"de": "Deutsch", "en": "English"}.get, required=True
        )
        if chosen != own:
            set_language(viewer, chosen)
            st.rerun()
        st.html(f'<form method="post" action="/auth/leave"><button class="kb-link">{t("frame.leave")}</button></form>')
