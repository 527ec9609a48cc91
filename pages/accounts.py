"""Kunden: the list of clients."""

import streamlit as st

from core.i18n import t
from core.ui.accounts_table import accounts_table, filters, new_account_button
from core.ui.viewer import require_viewer

viewer = require_viewer()
with st.container(horizontal=True, vertical_alignment="center", key="accounts-head"):
    st.header(t("frame.clients"), anchor=False, width="stretch")
    new_account_button(viewer)
accounts_table(viewer, filters(viewer))
