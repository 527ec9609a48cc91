"""Open the store with every projection of the product."""

from __future__ import annotations

from core.base.config import Settings
from core.clients import search_index
from core.clients.search_index import SearchIndex
from core.mail.notifications import Announcements
from core.overview import figures
from core.overview.card_invalidation import StaleCards
from core.overview.figures import Figures
from core.store import Engine, open_store

PROJECTIONS = (Announcements, Figures, SearchIndex, StaleCards)


def open_installation(settings: Settings) -> Engine:
    """Open this installation's database for this process. Raises what ``open_store`` raises."""
    engine = open_store(settings, PROJECTIONS)
    search_index.fill_missing()
    figures.fill_missing()
    return engine
