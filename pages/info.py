"""*Info*: the client's details, contacts and history."""

import streamlit as st

from core.i18n import t
from core.ui.forms.form_dialog import say_saved, show_form
from core.ui.info.contacts import contacts_card, orphans_card
from core.ui.info.details import details_card
from core.ui.info.history import history_card
from core.ui.info.related_accounts import related_card
from core.ui.overview.add_menu import add_menu
from core.ui.parts.account_bar import account_bar
from core.ui.parts.viewer import require_viewer
from core.ui.shell.current_account import current_account

viewer = require_viewer()
account = current_account(viewer)
account_bar(account, add_menu)
st.session_state.setdefault("info-view", "record")
view = st.segmented_control(
    t("info.view"), ["record", "history"], required=True, key="info-view", label_visibility="collapsed",
    format_func=lambda code: t(f"info.view_{code}"),
)  # fmt: skip
if view == "history":
    history_card(account)
else:
    left, right = st.columns([1, 2], gap="medium")
    with left:
        details_card(account)
        related_card(account)
    with right:
        orphans_card(account)
        contacts_card(account)
show_form(account)
say_saved()
