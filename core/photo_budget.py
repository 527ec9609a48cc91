"""How much computing one person's pictures may take: a small file can take seconds, again and again."""

from __future__ import annotations

import threading
import time

from core.errors import ValidationFailed
from core.rights import Viewer

# Seconds of computing at once, and how many come back in a second. The largest photo of a camera takes half a second.
BURST_S, BACK_PER_S = 30.0, 0.25
Person = tuple[str, int | None]

_guard = threading.Lock()
_used: dict[Person, tuple[float, float]] = {}


def require_budget(who: Viewer) -> None:
    """Raises ValidationFailed for ``photo`` when this person's pictures took too much lately."""
    if _left_over(who) >= BURST_S:
        raise ValidationFailed({"photo": ("photo_too_often", {})})


def count_computing(who: Viewer, seconds: float) -> None:
    """Note that a picture of this person took so long."""
    used = _left_over(who) + seconds
    with _guard:
        _used[who.kind, who.id] = (used, time.monotonic())
        for person in [person for person, (level, at) in _used.items() if level <= (time.monotonic() - at) * BACK_PER_S]:
            del _used[person]


def _left_over(who: Viewer) -> float:
    with _guard:
        level, at = _used.get((who.kind, who.id), (0.0, 0.0))
    return max(0.0, level - (time.monotonic() - at) * BACK_PER_S)
