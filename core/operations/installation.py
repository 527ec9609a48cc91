"""Open the store with every projection of the product."""

from __future__ import annotations

from core.base.config import Settings
from core.clients.search_index import SearchIndex, fill_missing
from core.mail.notifications import Announcements
from core.overview.card_invalidation import StaleCards
from core.overview.figures import Figures
from core.store import Engine, open_store

PROJECTIONS = (Announcements, Figures, SearchIndex, StaleCards)


def open_installation(settings: Settings) -> Engine:
    """Open this installation's database for this process. Raises what ``open_store`` raises."""
    engine = open_store(settings, PROJECTIONS)
    fill_missing()
    return engine
