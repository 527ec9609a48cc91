"""Remove stored files that no row names any more."""

from __future__ import annotations

from collections.abc import Iterable

from core.base.config import Settings, read_settings
from core.documents import stored_files
from core.documents.documents import inside


def remove_files(names: Iterable[str], settings: Settings | None = None) -> None:
    """Remove files named *documents/…* or *photos/…*, as ``delete_account`` returns them; names that lead elsewhere are ignored."""
    known = settings or read_settings()
    for name in names:
        folder, _, rest = name.partition("/")
        place = {"documents": known.documents, "photos": known.photos}.get(folder)
        if place is not None and inside(place, rest) is not None:
            stored_files.remove(place, [rest])
