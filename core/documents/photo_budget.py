"""Limit the computing time that one person's pictures take: a small hostile file can take seconds, again and again."""

from __future__ import annotations

import threading
import time

# Seconds of computing a person may use at once. The largest photo of a camera takes half a second.
BURST_S = 30.0
# Seconds of computing that come back with each second that passes.
BACK_PER_S = 0.25
# Kind and id of the viewer.
Person = tuple[str, int | None]

_guard = threading.Lock()
_used: dict[Person, tuple[float, float]] = {}


def has_budget(person: Person) -> bool:
    """Return whether the person has computing time left."""
    return _used_s(person) < BURST_S


def count_computing(person: Person, seconds: float) -> None:
    """Add the seconds that a picture took to what the person has used, and forget persons whose time has all come back."""
    used = _used_s(person) + seconds
    with _guard:
        _used[person] = (used, time.monotonic())
        for other in [other for other, (level, at) in _used.items() if level <= (time.monotonic() - at) * BACK_PER_S]:
            del _used[other]


def _used_s(person: Person) -> float:
    """Return the seconds of computing used and not come back yet."""
    with _guard:
        level, at = _used.get(person, (0.0, 0.0))
    return max(0.0, level - (time.monotonic() - at) * BACK_PER_S)
