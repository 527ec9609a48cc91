"""Team: who works here, what each may do, and for which clients."""

from core.ui.editing import say_saved, show_form
from core.ui.team import team
from core.ui.viewer import require_viewer

viewer = require_viewer()
team(viewer)
show_form(viewer)
say_saved()
