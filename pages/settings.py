"""*Einstellungen*: what the firm decides for itself."""

from core.ui.forms.form_dialog import say_saved, show_form
from core.ui.parts.viewer import require_viewer
from core.ui.settings.page import settings

viewer = require_viewer()
settings(viewer)
show_form(viewer)
say_saved()
