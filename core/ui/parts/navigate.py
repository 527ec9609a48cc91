"""Go from page to page; the account always stands in the address."""

from __future__ import annotations

from typing import Literal, NoReturn

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.ui.state.ui_state import ui_state

# Filled by the frame: name → page.
PAGES: dict[str, st.Page] = {}


def open_account_page(account_id: int, page: str = "overview") -> NoReturn:
    """Show an account's page; both stand in the address, so that the browser's back button leads back."""
    st.switch_page(PAGES[page], query_params={"account": str(account_id)})


def open_account_next(account_id: int, page: Literal["overview", "info"] = "overview") -> None:
    """Have the frame show an account with the next run (from a button's callback, which cannot change pages itself)."""
    state = ui_state()
    state.next_account, state.next_account_page = account_id, page


def go_anew(address: str) -> None:
    """Load an address of this site as a new page, without anything that the present page remembers."""
    message = ForwardMsg()
    message.auth_redirect.url = address
    if (context := get_script_run_ctx()) is not None:
        context.enqueue(message)
