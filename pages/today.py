"""*Heute*: what waits on the person, over all clients they work for; the page one lands on."""

from core.ui.forms.form_dialog import say_saved, show_form
from core.ui.parts.viewer import require_viewer
from core.ui.settings.first_steps import first_steps
from core.ui.today.page import today_page

viewer = require_viewer()
first_steps(viewer)
today_page(viewer)
show_form(viewer)
say_saved()
