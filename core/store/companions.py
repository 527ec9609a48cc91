"""What the product keeps in memory beside an open store, which knows nothing of it: a queue of stale cards, the clients just opened."""

from __future__ import annotations

import threading
from typing import Any, TypeVar

T = TypeVar("T")


class Companions:
    """One instance of each class asked for, as long as the store is open. Thread-safe."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._instances: dict[type, Any] = {}

    def held(self, kind: type[T]) -> T:
        """Return the one instance of a class, made without arguments when first asked for."""
        with self._guard:
            if kind not in self._instances:
                self._instances[kind] = kind()
            found: T = self._instances[kind]
            return found
