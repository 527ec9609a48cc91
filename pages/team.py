"""*Team*: the members, their rights, and the clients they work for."""

from core.ui.forms.form_dialog import say_saved, show_form
from core.ui.parts.viewer import require_viewer
from core.ui.team.page import team

viewer = require_viewer()
team(viewer)
show_form(viewer)
say_saved()
