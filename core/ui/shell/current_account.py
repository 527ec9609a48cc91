"""The account named in the address, opened once per run, and noted among the ones opened last."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

import streamlit as st

from core.access.open_account import OpenAccount, account_number, open_account
from core.base.errors import AccountNotFound
from core.base.rights import Viewer
from core.clients.recent_accounts import last_look, remember_opened
from core.i18n import sentence, t
from core.store import changes_of
from core.ui.forms.form_dialog import show_unsaved_text
from core.ui.parts.escape import esc
from core.ui.state.ui_state import ui_state


@dataclass(frozen=True)
class CurrentAccount:
    """The account the viewer was let into, and the number of its changes before anything of it was read."""

    account: OpenAccount
    changes: int


# For the page of this run. Callbacks and fragments open the account themselves.
_here: ContextVar[CurrentAccount | None] = ContextVar("account of the run", default=None)


def current_account(viewer: Viewer) -> OpenAccount:
    """Return the account named in the address; else say what to do and end the run."""
    asked = st.query_params.get_all("account")
    if not asked:
        _say(t("frame.choose"), ":material/search:")
        st.stop()
    try:
        if len(set(asked)) != 1:
            raise AccountNotFound()
        here = _here.get()
        if here is not None and here.account.viewer == viewer and asked[0] == str(here.account.account_id):
            return here.account
        return open_account(viewer, asked[0])
    except AccountNotFound as problem:
        _say(sentence(problem), ":material/search_off:")
        show_unsaved_text()
        st.stop()


def _say(text: str, icon: str) -> None:
    """Show a sentence in the page's place, and a button to the search where no open sidebar shows it."""
    st.info(text, icon=icon)
    st.html(f'<button type="button" class="kb-to-search">{esc(t("search.label"))}</button>')


def note_opened(viewer: Viewer) -> CurrentAccount | None:
    """Open the account of the address for this run, and remember it among the ones opened last, once per visit."""
    _here.set(None)
    named = set(st.query_params.get_all("account"))
    if len(named) != 1:
        return None
    (asked,) = named
    try:
        changes = changes_of(account_number(asked))
        here = CurrentAccount(open_account(viewer, asked), changes)
    except AccountNotFound:
        return None
    _here.set(here)
    state = ui_state()
    if state.last_opened != asked:
        state.last_opened = asked
        state.last_look[here.account.account_id] = last_look(here.account)
        remember_opened(here.account)
    return here
