"""The script of every run: it finds the viewer, draws the sign-in or the shell, and runs the page that was asked for."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from core.i18n import t
from core.i18n.formats import use_firm
from core.identity.firm import DETAILS
from core.store import cached, scope_of, store_is_open
from core.ui.info.contact_portal import portal
from core.ui.parts.navigate import PAGES, open_account_page
from core.ui.parts.problems import no_store
from core.ui.parts.viewer import ask_viewer, remember_language
from core.ui.shell.current_account import note_opened
from core.ui.shell.page_scripts import left_text, page_scripts
from core.ui.shell.sample_mark import sample_mark
from core.ui.shell.sidebar import sidebar
from core.ui.shell.style import style
from core.ui.shell.view_as_bar import view_bar
from core.ui.shell.watch import watch
from core.ui.sign_in.page import sign_in
from core.ui.sign_in.second_factor import link_while_in
from core.ui.state.ui_state import ui_state

# The pages about one client, whose number stands in the tab's title.
ACCOUNT_PAGES = ("overview", "info")
SIDEBAR_PX = 240
FOLDER = Path(__file__).parents[2] / "pages"


def tab(*about: str) -> None:
    """Set the title of the browser's tab; it is known later than how the page is laid out."""
    st.set_page_config(page_title=" – ".join((*about, t("common.app"))))


# Before the pages are named: else the browser fetches the icon of one of them from a foreign host.
st.set_page_config(page_icon="📇", layout="wide", initial_sidebar_state=SIDEBAR_PX)
# Scripts and styles stand out of the page's flow, so that they take no room.
unseen = st.container(key="unseen", gap=None)
with unseen:
    style()
opened = store_is_open()
viewer = ask_viewer() if opened else None
remember_language(viewer)
PAGES.update(
    today=st.Page(FOLDER / "today.py", title=t("today.title"), icon=":material/today:", default=True),
    accounts=st.Page(FOLDER / "accounts.py", title=t("frame.clients"), icon=":material/groups:", url_path="accounts", visibility="hidden"),
    activity=st.Page(
        FOLDER / "activity.py", title=t("activity.title"), icon=":material/monitoring:", url_path="activity", visibility="hidden"
    ),
    queries=st.Page(FOLDER / "queries.py", title=t("queries.title"), icon=":material/terminal:", url_path="queries", visibility="hidden"),
    imports=st.Page(
        FOLDER / "imports.py", title=t("import_page.title"), icon=":material/move_to_inbox:", url_path="imports", visibility="hidden"
    ),
    access=st.Page(FOLDER / "access.py", title=t("frame.access"), url_path="access", visibility="hidden"),
    team=st.Page(FOLDER / "team.py", title=t("frame.team_page"), url_path="team", visibility="hidden"),
    profile=st.Page(FOLDER / "profile.py", title=t("frame.profile"), url_path="profile", visibility="hidden"),
    settings=st.Page(FOLDER / "settings.py", title=t("frame.settings"), url_path="settings", visibility="hidden"),
    audit=st.Page(FOLDER / "audit.py", title=t("frame.audit"), url_path="audit", visibility="hidden"),
    info=st.Page(FOLDER / "info.py", title=t("frame.info"), url_path="info", visibility="hidden"),
    overview=st.Page(FOLDER / "overview.py", title=t("frame.overview"), url_path="overview", visibility="hidden"),
)
# Before anything may end the run: a browser that gets no list of pages removes the page from its address.
page = st.navigation(list(PAGES.values()), position="hidden")
if not opened:
    tab()
    no_store()
with unseen:
    page_scripts(at_work=viewer is not None and viewer.kind == "staff")
    sample_mark(viewer)
if viewer is None:
    tab()
    sign_in()
elif viewer.kind == "contact":
    tab()
    ui_state().is_dialog_open = False
    link_while_in()
    portal(viewer)
    with unseen:
        watch(viewer)
else:
    state = ui_state()
    # The page one lands on has no name in the address; the table of pages is every session's, and another page by now.
    here_now = page.url_path or "today"
    if state.page != here_now:
        state.accounts.address = None
    state.page = here_now
    if state.next_account is not None:
        asked, state.next_account = state.next_account, None
        open_account_page(asked, state.next_account_page)
    firm = cached(viewer, ("firm",), lambda r: r.row(DETAILS), "firm") or {}
    own_id = viewer.id
    own_name = cached(viewer, ("name",), lambda r: r.value("SELECT name FROM staff_member WHERE staff_member_id = $id", id=own_id)) or ""
    if firm:
        use_firm(firm["time_zone"], firm["currency"])
    here = note_opened(viewer)
    # The number, not the name: browsers keep titles in their history, and some send it to their makers.
    tab(" · ".join((here.account.number, page.title)) if here and state.page in ACCOUNT_PAGES else page.title)
    sidebar(viewer, firm, own_name)
    with unseen:
        watch(viewer, scope_of(viewer), here)
    state.is_dialog_open = False
    view_bar(viewer)
    # In a container of its own: the page below keeps its place when a message comes or goes.
    with st.container(key="said-first"):
        link_while_in()
        left_text()
    page.run()
