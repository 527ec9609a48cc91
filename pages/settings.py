"""Einstellungen: what the firm decides for itself."""

from core.ui.editing import say_saved, show_form
from core.ui.settings import settings
from core.ui.viewer import require_viewer

viewer = require_viewer()
settings(viewer)
show_form(viewer)
say_saved()
