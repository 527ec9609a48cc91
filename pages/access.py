"""Zugriffe: every address × client one may see, the odd cases first."""

from core.ui.access_matrix import access_matrix
from core.ui.viewer import require_viewer

access_matrix(require_viewer())
