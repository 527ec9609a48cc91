"""*Kunden*: the list of clients."""

import streamlit as st

from core.i18n import t
from core.ui.clients.accounts_filters import chosen_columns, filters
from core.ui.clients.accounts_table import accounts_table
from core.ui.clients.new_account import new_account_button
from core.ui.clients.views_menu import views_menu
from core.ui.forms.form_dialog import say_saved, show_form
from core.ui.parts.viewer import require_viewer
from core.ui.settings.first_steps import first_steps

viewer = require_viewer()
first_steps(viewer)
with st.container(horizontal=True, vertical_alignment="center", key="accounts-head"):
    st.header(t("frame.clients"), anchor=False, width="stretch")
    views_menu(viewer)
    columns = chosen_columns(viewer)
    new_account_button(viewer)
accounts_table(viewer, filters(viewer), columns)
show_form(viewer)
say_saved()
