"""What the store already knows of people's rights, so that it need not ask the tables at every look."""

from __future__ import annotations

import threading

from core.rights import Scope, Viewer


class Scopes:
    """The scopes of members as the tables have them now; forgotten with any change of a member or a right. Thread-safe."""

    def __init__(self) -> None:
        self._guard, self._known, self._turn = threading.Lock(), {}, 0

    def get(self, viewer: Viewer) -> tuple[Scope | None, int]:
        """(the scope if it is known, which turn this is); the turn goes with what is then read to ``put``."""
        with self._guard:
            return self._known.get(viewer.id) if viewer.kind == "staff" and viewer.by is None else None, self._turn

    def put(self, viewer: Viewer, scope: Scope, turn: int) -> None:
        """Remember what was read in that turn; what is older than the last change is not kept."""
        with self._guard:
            if turn == self._turn and viewer.kind == "staff" and viewer.by is None:
                self._known[viewer.id] = scope

    def forget(self) -> None:
        """Somebody's rights may be others than before."""
        with self._guard:
            self._known.clear()
            self._turn += 1


class Sessions:
    """Whose the sessions are that were asked for, until anything is committed that may say otherwise. Thread-safe.

    Every open page asks every few seconds; what nobody wrote is not read again.
    """

    MOST = 10_000

    def __init__(self) -> None:
        self._guard, self._known, self._turn = threading.Lock(), {}, 0

    def get(self, token_hash: str) -> tuple[object | None, int]:
        """(what is known of it, which turn this is); the turn goes with what is then read to ``put``."""
        with self._guard:
            return self._known.get(token_hash), self._turn

    def put(self, token_hash: str, row: object, turn: int) -> None:
        """Remember what was read in that turn; what is older than the last commit is not kept."""
        with self._guard:
            if turn == self._turn and len(self._known) < self.MOST:
                self._known[token_hash] = row

    def forget(self) -> None:
        """Something was written."""
        with self._guard:
            self._known.clear()
            self._turn += 1
