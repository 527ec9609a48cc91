"""A dictionary whose entries expire and whose number is limited: tickets, offers, questions that wait for an answer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Expiring(Generic[K, V]):
    """Keep values for a while; when there are too many, the oldest goes. Thread-safe.

    A lookup does not renew an entry, so entries lie in the order in which they expire.

    Args:
        lasts_s: Seconds from ``put`` until an entry is gone.
        max_entries: How many there are at most.
        clock: Seconds that only grow.
    """

    def __init__(self, lasts_s: float, max_entries: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.lasts_s, self.max_entries, self._clock = lasts_s, max_entries, clock
        self._guard = threading.Lock()
        self._entries: dict[K, tuple[float, V]] = {}

    def __len__(self) -> int:
        with self._guard:
            self._drop_expired()
            return len(self._entries)

    def put(self, key: K, value: V) -> None:
        """Keep a value under this key from now on, in place of an earlier one."""
        with self._guard:
            self._drop_expired()
            self._entries.pop(key, None)
            while len(self._entries) >= self.max_entries:
                del self._entries[next(iter(self._entries))]
            self._entries[key] = (self._clock() + self.lasts_s, value)

    def get(self, key: K) -> V | None:
        """Return the value of a key; None for an unknown or expired one."""
        with self._guard:
            found = self._entries.get(key)
            return found[1] if found and found[0] > self._clock() else None

    def take(self, key: K, fits: Callable[[V], bool] = lambda _: True) -> V | None:
        """Remove a value and return it. None, and it stays, where it does not fit."""
        with self._guard:
            found = self._entries.get(key)
            if found is None or found[0] <= self._clock() or not fits(found[1]):
                return None
            del self._entries[key]
            return found[1]

    def keep_newest(self, count: int, of: Callable[[V], bool]) -> None:
        """Drop the oldest values that ``of`` is true of, but for so many."""
        with self._guard:
            keys = [key for key, (_, value) in self._entries.items() if of(value)]
            for key in keys[: max(0, len(keys) - count)]:
                del self._entries[key]

    def clear(self) -> None:
        """Forget everything."""
        with self._guard:
            self._entries.clear()

    def _drop_expired(self) -> None:
        moment = self._clock()
        while self._entries and next(iter(self._entries.values()))[0] <= moment:
            del self._entries[next(iter(self._entries))]
