"""*Mein Zugang*: the person's own sessions, password, second factor and language."""

from core.ui.forms.form_dialog import say_saved, show_form
from core.ui.parts.viewer import require_viewer
from core.ui.sign_in.profile import profile

viewer = require_viewer()
profile(viewer)
show_form(viewer)
say_saved()
