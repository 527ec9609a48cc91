"""Mein Zugang: one's own sessions, password, second factor, language."""

from core.ui.editing import say_saved, show_form
from core.ui.profile import profile
from core.ui.viewer import require_viewer

viewer = require_viewer()
profile(viewer)
show_form(viewer)
say_saved()
