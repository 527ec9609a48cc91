"""*Kunden*: the list of clients."""

import streamlit as st

from core.i18n import t
from core.ui.clients.accounts_filters import filters
from core.ui.clients.accounts_table import accounts_table
from core.ui.clients.list_state import scene, take_address
from core.ui.clients.new_account import new_account_button
from core.ui.clients.views_menu import views_menu, views_pills
from core.ui.forms.form_dialog import say_saved, show_form
from core.ui.parts.viewer import require_viewer

viewer = require_viewer()
drawn = scene(viewer)
take_address(drawn)
with st.container(horizontal=True, vertical_alignment="center", key="accounts-head"):
    st.header(t("frame.clients"), anchor=False, width="content")
    with st.container(key="accounts-views", width="stretch", horizontal=True):
        views_pills(drawn)
        st.space("stretch")
    views_menu(drawn)
    new_account_button(viewer)
filters(drawn)
accounts_table(drawn)
show_form(viewer)
say_saved()
