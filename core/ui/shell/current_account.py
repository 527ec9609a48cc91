"""The account of the address bar, and an open page that notices when something changed."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

import streamlit as st

from core.access.open_account import OpenAccount, account_number, open_account
from core.base.errors import AccountNotFound
from core.base.rights import Viewer
from core.clients.recent_accounts import remember_opened
from core.i18n import sentence, t
from core.store import changes_of
from core.ui.forms.form_dialog import kept_text
from core.ui.parts.escape import esc


@dataclass(frozen=True)
class CurrentAccount:
    """The account the frame let the viewer into, and the number of its changes before anything of it was read."""

    account: OpenAccount
    changes: int


# For the page of this run: never for a callback or a fragment, which ask for themselves.
_here: ContextVar[CurrentAccount | None] = ContextVar("account of the run", default=None)


def current_account(viewer: Viewer) -> OpenAccount:
    """The account named in the address; else says what to do and ends the run."""
    asked = st.query_params.get_all("account")
    if not asked:
        _say(t("frame.choose"), ":material/search:")
        st.stop()
    try:
        if len(set(asked)) != 1:
            raise AccountNotFound()
        here = _here.get()
        known = here is not None and here.account.viewer == viewer and asked[0] == str(here.account.account_id)
        account = here.account if known else open_account(viewer, asked[0])
    except AccountNotFound as problem:
        _say(sentence(problem), ":material/search_off:")
        kept_text()
        st.stop()
    return account


def _say(text: str, icon: str) -> None:
    """A sentence in the page's place, and the way to the search where no open sidebar shows it."""
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
    if st.session_state.get("account_opened") != asked:
        st.session_state["account_opened"] = asked
        remember_opened(here.account)
    return here
