"""Find the viewer of this page; the store is asked at every run."""

from __future__ import annotations

from contextvars import ContextVar

import streamlit as st

from core.base.config import read_settings
from core.base.rights import Viewer
from core.base.tokens import hash_token
from core.i18n import set_language_source, t
from core.identity.sessions import TimeLeft, ends_in, viewer_of
from core.store import cached, sql
from core.ui.parts.escape import esc
from core.ui.state.ui_state import ui_state
from core.web.guard import browser_cookie_name

SETTINGS = read_settings()
# The language of the run this thread draws: Streamlit's state of the session is too slow to ask at every word.
_of_run: ContextVar[str | None] = ContextVar("language of the run", default=None)
# The viewer the frame found in this run, in a tuple, for the page it runs. Callbacks and fragments ask the store themselves.
_found: ContextVar[tuple[Viewer | None] | None] = ContextVar("viewer of the run", default=None)


def token_hash() -> str | None:
    """Return the hash of this browser's session token, which the guard put into the request; None without one."""
    session = st.user.get("session")
    return session if isinstance(session, str) and session else None


def browser_hash() -> str | None:
    """Return the hash of the cookie that marks a browser somebody has signed in with; None without one."""
    cookie = st.context.cookies.get(browser_cookie_name(SETTINGS))
    return hash_token(cookie) if cookie else None


def network_address() -> str:
    """Return the network address of the person's browser, ``?`` where Streamlit does not know it."""
    return st.context.ip_address or "?"


def current_viewer() -> Viewer | None:
    """Return the signed-in viewer, or None."""
    return viewer_of(token_hash(), SETTINGS)


def ask_viewer() -> Viewer | None:
    """Return the signed-in viewer, or None; the frame asks at the beginning of a run, and the page of that run takes its answer."""
    viewer = current_viewer()
    _found.set((viewer,))
    return viewer


def time_left() -> TimeLeft | None:
    """Return how long this session lasts unless something ends it; None without one."""
    return ends_in(token_hash(), SETTINGS)


def require_viewer() -> Viewer:
    """Return the team member a page is drawn for: the first line of every page.

    The frame shows everybody else the sign-in, or a contact's own small page, before it runs a page. A page that is run without
    the frame shows a link to the start page, where the frame decides, and ends the run.
    """
    found = _found.get()
    viewer = current_viewer() if found is None else found[0]
    if viewer is None or viewer.kind != "staff":
        st.html(f'<a class="kb-link" href="/" target="_self">{esc(t("sign_in.to_sign_in"))}</a>')
        st.stop()
    return viewer


def remember_language(viewer: Viewer | None) -> None:
    """Choose the language of the run: the person's own setting, else the browser's, else German."""
    own = None
    if viewer is not None and viewer.kind == "staff":
        own = cached(viewer.person, ("language",), lambda r: r.value(sql("own_language"), viewer_id=viewer.person.id))
    state = ui_state()
    state.language = own or ("en" if (st.context.locale or "de").lower().startswith("en") else "de")
    _of_run.set(state.language)


def _language() -> str:
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    if (code := _of_run.get()) is not None:
        return code
    return ui_state().language if get_script_run_ctx(suppress_warning=True) else "de"


set_language_source(_language)
