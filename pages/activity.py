"""*Auswertung*: what waits on whom, what happens and what is owed, over all clients one sees."""

from core.ui.activity.page import activity_page
from core.ui.parts.viewer import require_viewer

activity_page(require_viewer())
