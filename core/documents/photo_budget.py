"""How much computing one person's pictures may take: a small file can take seconds, again and again."""

from __future__ import annotations

import threading
import time

# Seconds of computing at once, and how many come back in a second. The largest photo of a camera takes half a second.
BURST_S, BACK_PER_S = 30.0, 0.25
# Kind and id of the viewer.
Person = tuple[str, int | None]

_guard = threading.Lock()
_used: dict[Person, tuple[float, float]] = {}


def has_budget(person: Person) -> bool:
    """Whether this person's pictures took no more lately than they may."""
    return _left_over(person) < BURST_S


def count_computing(person: Person, seconds: float) -> None:
    """Note that a picture of this person took so long."""
    used = _left_over(person) + seconds
    with _guard:
        _used[person] = (used, time.monotonic())
        for other in [other for other, (level, at) in _used.items() if level <= (time.monotonic() - at) * BACK_PER_S]:
            del _used[other]


def _left_over(person: Person) -> float:
    with _guard:
        level, at = _used.get(person, (0.0, 0.0))
    return max(0.0, level - (time.monotonic() - at) * BACK_PER_S)
