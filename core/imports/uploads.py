"""Files that people bring for an import: kept in the folder ``inbox`` for thirty days, what they were for ever."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.base.rights import Viewer


@dataclass(frozen=True)
class Upload:
    """An uploaded file; ``is_there`` while its bytes are kept."""

    id: int
    name: str
    size_bytes: int
    sha256: str
    made_at: datetime
    is_there: bool


def uploads_of(viewer: Viewer) -> list[Upload]:
    """Return the viewer's own uploads, the newest first. Raises NotAllowed without the right to import."""
    raise NotImplementedError


def look_at_upload(viewer: Viewer, upload_id: int) -> dict[str, Any]:
    """Return what one's own upload was found to be (``core.imports.facts``), with a ``mapping`` to begin with.

    Raises NotFound, and MappingInvalid for a file that costs too much to read.
    """
    raise NotImplementedError
