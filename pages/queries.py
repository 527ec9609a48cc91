"""*Abfragen*: people's own queries over what they may see."""

from core.ui.parts.viewer import require_viewer
from core.ui.queries.page import queries_page

queries_page(require_viewer())
