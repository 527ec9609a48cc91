"""Going from page to page; the account always stands in the address."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime.scriptrunner import get_script_run_ctx

# Filled by the frame: name → page.
PAGES: dict[str, st.Page] = {}


def open_account_page(account_id: int, page: str = "overview") -> NoReturn:
    """Show an account: the page and the account are in the address, back leads back."""
    st.switch_page(PAGES[page], query_params={"account": str(account_id)})


def go_anew(address: str) -> None:
    """Load an address of this site as a new page: nothing that the present one holds goes along."""
    message = ForwardMsg()
    message.auth_redirect.url = address
    get_script_run_ctx().enqueue(message)
