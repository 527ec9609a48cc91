"""*Heute*: what waits on the person, over all clients they work for."""

from core.ui.parts.viewer import require_viewer
from core.ui.today.page import today_page

today_page(require_viewer())
