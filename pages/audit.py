"""Protokoll: the record of changes and sign-ins of everybody."""

from core.ui.audit.page import audit_page
from core.ui.parts.viewer import require_viewer

audit_page(require_viewer())
