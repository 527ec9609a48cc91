"""The account of the address bar, and an open page that notices when something changed."""

from __future__ import annotations

import streamlit as st

from core.access import OpenAccount, open_account
from core.errors import AccountNotFound
from core.i18n import sentence, t
from core.rights import Viewer
from core.search import remember_opened
from core.ui.editing import kept_text


def current_account(viewer: Viewer) -> OpenAccount:
    """The account named in the address; else says what to do and ends the run."""
    asked = st.query_params.get_all("account")
    if not asked:
        st.info(t("frame.choose"), icon=":material/search:")
        st.stop()
    try:
        if len(set(asked)) != 1:
            raise AccountNotFound()
        account = open_account(viewer, asked[0])
    except AccountNotFound as problem:
        st.info(sentence(problem), icon=":material/search_off:")
        kept_text()
        st.stop()
    return account


def note_opened(viewer: Viewer) -> None:
    """Remember the account of the address among the ones opened last, once per visit."""
    asked = st.query_params.get("account")
    if asked is None or st.session_state.get("account_opened") == asked:
        return
    try:
        account = open_account(viewer, asked)
    except AccountNotFound:
        return
    st.session_state["account_opened"] = asked
    remember_opened(account)
