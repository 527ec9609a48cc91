"""*Daten übernehmen*: from a file or pasted rows to what changes, and back again."""

from core.ui.imports.page import imports_page
from core.ui.parts.viewer import require_viewer

imports_page(require_viewer())
