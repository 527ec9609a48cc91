"""*Protokoll*: the record of everybody's changes and sign-ins."""

from core.ui.audit.page import audit_page
from core.ui.parts.viewer import require_viewer

audit_page(require_viewer())
