"""Files made on request: an export is offered to one viewer and asks the store again when it is fetched."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from core.access.verbs import require
from core.base.errors import NotFound
from core.base.rights import Right, Viewer
from core.store import writer

SECONDS = 600
AT_MOST = 5000


@dataclass(frozen=True)
class Export:
    viewer: Viewer
    name: str
    media_type: str
    make_bytes: Callable[[], bytes]
    expires: float


_guard = threading.Lock()
_exports: dict[str, Export] = {}


def offer(viewer: Viewer, name: str, media_type: str, make_bytes: Callable[[], bytes]) -> str:
    """The id under which this viewer can fetch the file for ten minutes."""
    with _guard:
        stale = [key for key, export in _exports.items() if export.expires < time.monotonic()]
        for key in stale or list(_exports)[: max(0, len(_exports) - AT_MOST)]:
            del _exports[key]
        key = secrets.token_urlsafe(24)
        _exports[key] = Export(viewer, name, media_type, make_bytes, time.monotonic() + SECONDS)
    return key


def fetch(viewer: Viewer, key: str) -> tuple[Export, bytes]:
    """The file, made now and recorded. Raises NotFound for a stranger's, stale or unknown id, NotAllowed without the right."""
    with _guard:
        export = _exports.get(key)
    if export is None or export.expires < time.monotonic() or export.viewer != viewer:
        raise NotFound()
    require(viewer, Right.EXPORT_DATA)
    made = export.make_bytes()
    with writer(viewer) as tx:
        tx.note("exported", "file", text=export.name)
    return export, made
