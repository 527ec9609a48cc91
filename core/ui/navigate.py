"""Going from page to page; the account always stands in the address."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

# Filled by the frame: name → page.
PAGES: dict[str, st.Page] = {}


def open_account_page(account_id: int, page: str = "overview") -> NoReturn:
    """Show an account: the page and the account are in the address, back leads back."""
    st.switch_page(PAGES[page], query_params={"account": str(account_id)})
