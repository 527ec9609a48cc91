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
from core.ui.parts.escape import esc, md
from core.ui.parts.firm_brand import firm_logo
from core.ui.parts.navigate import PAGES
from core.ui.settings.page import sections_of
from core.ui.shell.import_line import import_line
from core.ui.shell.search_box import recent_list, search_box
from core.ui.state.ui_state import ui_state

# Page, icon, and who finds it in the sidebar: what one works with all day, and what the firm looks after now and then.
Place = tuple[str, str, Callable[[Viewer], object]]


def may_import(viewer: Viewer) -> bool:
    """Return whether the viewer finds *Daten übernehmen*: with the right, and not while looking as somebody else."""
    return viewer.by is None and Right.IMPORT_DATA in rights_of(viewer)


DAILY: tuple[Place, ...] = (
    ("today", "today", lambda _viewer: True),
    ("accounts", "groups", lambda _viewer: True),
    ("activity", "monitoring", lambda viewer: Right.ANALYSE in rights_of(viewer)),
    ("queries", "terminal", lambda viewer: Right.ANALYSE in rights_of(viewer)),
)
OF_THE_FIRM: tuple[Place, ...] = (
    ("imports", "move_to_inbox", may_import),
    ("access", "key", lambda _viewer: True),
    ("team", "badge", may_see_team),
    ("settings", "tune", sections_of),
    ("audit", "policy", lambda viewer: Right.VIEW_AUDIT in rights_of(viewer)),
)
# What Streamlit calls the choices of light and dark, and our words for them.
SCHEMES = {"Light": "light", "Dark": "dark", "System": "system"}


def sidebar(viewer: Viewer, firm: Row, own_name: str) -> None:
    """Draw the sidebar of every page."""
    with st.sidebar:
        _firm(firm)
        search_box()
        _places(viewer, DAILY)
        recent_list(viewer)
        with st.container(gap=None, key="of-the-firm"):
            st.caption(t("frame.of_the_firm"))
            _places(viewer, OF_THE_FIRM[:1])
            if may_import(viewer):
                import_line(viewer)
            _places(viewer, OF_THE_FIRM[1:])
        with st.container(key="person"):
            _menu(viewer, own_name)


def _firm(firm: Row) -> None:
    """Draw whose installation this is; of the sample firm, that it is one."""
    name, mark = esc(firm.get("name") or t("common.app")), ""
    if firm.get("is_sample"):
        mark = f'<span class="kb-pill kb-orange" title="{esc(t("common.sample"))}">{esc(t("frame.sample"))}</span>'
    logo = firm_logo(firm["version"], 24) if firm.get("has_logo") else ""
    st.html(f'<p class="kb-firm">{logo}<span class="kb-firm-name" title="{name}">{name}</span>{mark}</p>')


def _places(viewer: Viewer, places: tuple[Place, ...]) -> None:
    for name, icon, may in places:
        if may(viewer):
            st.page_link(PAGES[name], icon=f":material/{icon}:", width="stretch")


def _menu(viewer: Viewer, own_name: str) -> None:
    """Draw the person's menu."""
    with st.popover(md((own_name or t("common.app"))[:40]), icon=":material/account_circle:", width="stretch", type="tertiary"):
        if viewer.by is None:
            _language(viewer)
        _scheme()
        if viewer.by is None:
            st.page_link(PAGES["profile"], icon=":material/manage_accounts:")
        st.html(f'<form method="post" action="/auth/leave"><button class="kb-link">{t("frame.leave")}</button></form>')


def _language(viewer: Viewer) -> None:
    own = ui_state().language
    chosen = st.segmented_control(t("frame.language"), list(SPOKEN), default=own, format_func=lambda code: md(SPOKEN[code]), required=True)
    if chosen and chosen != own:
        set_language(viewer, chosen)
        st.rerun()


def _scheme() -> None:
    """Draw the choice of light or dark; the browser keeps it, ``scheme.js`` knows where."""
    said = esc(t("frame.scheme"))
    choices = "".join(f'<button type="button" value="{name}">{esc(t(f"frame.scheme_{key}"))}</button>' for name, key in SCHEMES.items())
    st.html(f'<p class="kb-label">{said}</p><div class="kb-scheme" role="group" aria-label="{said}">{choices}</div>')
