"""*Daten übernehmen*: from a file or pasted rows to what changes, and back again."""

from core.ui.forms.form_dialog import say_saved, show_form
from core.ui.imports.page import imports_page
from core.ui.parts.viewer import require_viewer

viewer = require_viewer()
imports_page(viewer)
show_form(viewer)
say_saved()
