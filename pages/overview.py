"""Übersicht: everything about one client, thirteen widgets on one page."""

import streamlit as st

from core.ui.account_bar import account_bar
from core.ui.current import current_account
from core.ui.opened import show_opened
from core.ui.tiles import tiles
from core.ui.viewer import require_viewer
from core.ui.widget_card import widget_card
from core.widgets.read import read_overview

viewer = require_viewer()
account = current_account(viewer)
account_bar(account)
results = read_overview(account)
tiles(results)
with st.grid(2, min_column_width=360, gap="small", border=True, key="cards") as grid:
    for result in results.values():
        with grid.cell():
            widget_card(account, result)
show_opened(account)
