"""The menu of what staff add to a client, from any of the client's pages."""

from __future__ import annotations

import streamlit as st

from core.access.open_account import OpenAccount
from core.i18n import t
from core.ui.forms.form_dialog import open_form
from core.ui.overview import document_forms, work_forms  # noqa: F401 - their forms are registered when they are read
from core.ui.parts.escape import md

KEY = "add-menu"
ADDED = ("note", "task", "time_entry", "document")


def add_menu(account: OpenAccount) -> None:
    """Draw the menu; a choice opens the same form as the plus of the card."""
    st.menu_button(
        md(t("work.add")), ADDED, key=KEY, icon=":material/add:", format_func=lambda name: md(t(f"work.add_{name}")),
        on_click=_open, args=(account.account_id,),
    )  # fmt: skip


def _open(account_id: int) -> None:
    chosen = st.session_state[KEY]
    if chosen in ADDED:
        open_form(chosen, account_id)
