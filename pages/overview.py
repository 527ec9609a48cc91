"""Übersicht: everything about one client, thirteen widgets on one page."""

from core.ui.account_bar import account_bar
from core.ui.current import current_account
from core.ui.editing import say_saved, show_form
from core.ui.opened import show_opened
from core.ui.tiles import tiles
from core.ui.viewer import require_viewer
from core.ui.widget_card import cards
from core.widgets.read import read_overview

viewer = require_viewer()
account = current_account(viewer)
account_bar(account)
results = read_overview(account)
tiles(results)
cards(account, results)
show_opened(account)
show_form(account)
say_saved()
