"""Files made on request: an export is offered to one viewer and asks the store again when it is fetched."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from core.access.verbs import require
from core.base.errors import NotFound
from core.base.expiring import Expiring
from core.base.rights import Right, Viewer
from core.store import writer

EXPORT_TTL_S = 600
MAX_EXPORTS = 5000


@dataclass(frozen=True)
class Export:
    """A file that one viewer may fetch; ``make_bytes`` makes it at that moment."""

    viewer: Viewer
    name: str
    media_type: str
    make_bytes: Callable[[], bytes]


_exports: Expiring[str, Export] = Expiring(EXPORT_TTL_S, MAX_EXPORTS)


def offer(viewer: Viewer, name: str, media_type: str, make_bytes: Callable[[], bytes]) -> str:
    """Return the id under which this viewer can fetch the file for ten minutes."""
    key = secrets.token_urlsafe(24)
    _exports.put(key, Export(viewer, name, media_type, make_bytes))
    return key


def fetch(viewer: Viewer, key: str) -> tuple[Export, bytes]:
    """Make an offered file and record the export. Raises NotFound for a stranger's, stale or unknown id, NotAllowed without the right."""
    export = _exports.get(key)
    if export is None or export.viewer != viewer:
        raise NotFound()
    require(viewer, Right.EXPORT_DATA)
    made = export.make_bytes()
    with writer(viewer) as tx:
        tx.note("exported", "file", text=export.name)
    return export, made
