"""Whether the session that a viewer was made for still is theirs; asked at every read and write."""

from __future__ import annotations

from core.errors import SignedOut, ViewingOnly
from core.rights import Viewer


def require_session(viewer: Viewer) -> None:
    """Let pass whom no session stands behind, and whose session still is theirs.

    Raises SignedOut when the session ended or is somebody else's view now, ViewingOnly when its member looks as another since.
    """
    if viewer.ask_session is None:
        return
    now = viewer.ask_session()
    if now == viewer or (viewer.is_aside and now is not None and now.person == viewer):
        return
    if now is not None and now.by is not None and now.by == viewer.id:
        raise ViewingOnly()
    raise SignedOut()
