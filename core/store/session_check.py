"""Whether the session that a viewer was made for still is theirs; asked at every read and write."""

from __future__ import annotations

from core.base.errors import SignedOut, ViewingOnly
from core.base.rights import Viewer


def require_session(viewer: Viewer) -> None:
    """Let pass whom no session stands behind, and whose session still is theirs.

    Raises SignedOut when the session ended or is somebody else's view now, ViewingOnly when its member looks as another since.
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
    """Who it is, whatever way what they do comes by (a form, a value put back)."""
    return viewer.kind, viewer.id, viewer.by
