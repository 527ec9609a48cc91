"""Einstellungen: the fields the firm defines itself, for accounts and for contacts."""

from core.ui.editing import say_saved, show_form
from core.ui.field_settings import field_settings
from core.ui.viewer import require_viewer

viewer = require_viewer()
field_settings(viewer)
show_form(viewer)
say_saved()
