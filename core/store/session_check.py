"""Check at every read and write that the session a viewer was made for is still theirs."""

from __future__ import annotations

from core.base.errors import SignedOut, ViewingOnly
from core.base.rights import Viewer


def require_session(viewer: Viewer) -> None:
    """Check a viewer's session; a viewer without one passes.

    Raises SignedOut when the session ended or has another viewer now, ViewingOnly when its member looks as another one since.
    """
    if viewer.ask_session is None:
        return
    now = viewer.ask_session()
    if now is not None and (_who(now) == _who(viewer) or (viewer.is_aside and _who(now.person) == _who(viewer))):
        return
    if now is not None and now.by is not None and now.by == viewer.id:
        raise ViewingOnly()
    raise SignedOut()


def _who(viewer: Viewer) -> tuple[str, int | None, int | None]:
    """Return what identifies a viewer, whatever ``through`` says."""
    return viewer.kind, viewer.id, viewer.by
