"""*Übersicht*: everything about one client, thirteen widgets on one page."""

from core.overview.read import read_overview
from core.ui.forms.form_dialog import say_saved, show_form
from core.ui.overview.add_menu import add_menu
from core.ui.overview.detail_dialogs import show_opened
from core.ui.overview.last_look_line import last_look_line, silence_line
from core.ui.overview.tiles import tiles
from core.ui.overview.turn_line import turn_line
from core.ui.overview.widget_card import cards, pinned_notes
from core.ui.parts.account_bar import account_bar
from core.ui.parts.viewer import require_viewer
from core.ui.shell.current_account import current_account

viewer = require_viewer()
account = current_account(viewer)
account_bar(account, add_menu)
results = read_overview(account)
tiles(results)
silence_line(account)
last_look_line(account)
turn_line(results)
pinned_notes(account, results)
cards(account, results)
show_opened(account)
show_form(account)
say_saved()
