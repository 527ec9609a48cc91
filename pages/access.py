"""*Zugriffe*: every address × client the viewer may see, the odd cases first."""

from core.ui.clients.access_matrix import access_matrix
from core.ui.parts.viewer import require_viewer

access_matrix(require_viewer())
