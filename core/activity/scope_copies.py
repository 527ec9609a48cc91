"""Keep the copies that people's own queries are run on: one for each scope, made when first asked for, and anew after an hour.

Whoever sees the same with the same rights shares one. A copy that nobody's scope leads to any more is not used again, and removed.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.base.errors import AppError
from core.base.rights import Viewer
from core.store import cached, engine, now, writes_to
from core.store.scope_columns import SCOPE_COLUMNS
from core.store.scope_files import remove_scope_file, scope_key, sweep_scope_files, write_scope_file

# A copy is good for so long when something was committed since, and as long as nothing was.
GOOD_FOR_S = 3600.0
# One that was not asked for lies no longer than that.
UNUSED_FOR_S = 3600.0
# One that took longer than this to make is renewed at most so many times its making apart, however often somebody asks: it is made by
# the server that everybody works with.
QUICK_S, APART = 2.0, 20
LOOK_EVERY_S = 60.0


@dataclass
class Copy:
    """A copy: its folder, the moment its rows are of, and how many queries read it now."""

    folder: Path
    data_of: datetime
    made_s: float
    used_s: float
    version: Hashable
    took_s: float = 0.0
    users: int = 0
    is_old: bool = False


class Copies:
    """The copies of this process by scope. Thread-safe; two who ask for the same at once wait for one."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._making: defaultdict[Hashable, threading.Lock] = defaultdict(threading.Lock)
        self._by_key: dict[Hashable, Copy] = {}

    @contextmanager
    def lend(self, viewer: Viewer, *, renew: bool = False) -> Iterator[tuple[Copy, Hashable]]:
        """Lend the copy of the viewer's scope, and what it depends on; it stays as it is for so long.

        Raises NotAllowed, SignedOut, and AppError (``query_sight_changed``) when the scope changed while it was made.
        """
        key = key_of(viewer)
        with self._guard:
            making = self._making[key]
        with making:
            found = self._fit(key, renew)
            if found is None:
                began, moment, version = time.monotonic(), now(), written()
                folder, made_key = write_scope_file(engine(), viewer)
                if made_key != key:
                    remove_scope_file(folder)
                    raise AppError("query_sight_changed")
                found = self._put(key, Copy(folder, moment, began, began, version, time.monotonic() - began, users=1))
        try:
            yield found, key
        finally:
            with self._guard:
                found.users -= 1
                found.used_s = time.monotonic()
                self._drop_if_done(found)

    def _fit(self, key: Hashable, renew: bool) -> Copy | None:
        """Return a copy that is good, with one user more, or None. Nothing was committed since: its rows are of this moment."""
        with self._guard:
            found = self._by_key.get(key)
            if found is None:
                return None
            is_same, age = found.version == written(), time.monotonic() - found.made_s
            may_renew = renew and (found.took_s < QUICK_S or age >= APART * found.took_s)
            if not is_same and (may_renew or age >= GOOD_FOR_S):
                return None
            if is_same:
                found.data_of = now()
            found.users += 1
            return found

    def _put(self, key: Hashable, made: Copy) -> Copy:
        with self._guard:
            if (before := self._by_key.get(key)) is not None:
                before.is_old = True
                self._drop_if_done(before)
            self._by_key[key] = made
            return made

    def _drop_if_done(self, copy: Copy) -> None:
        if copy.is_old and not copy.users:
            remove_scope_file(copy.folder)

    def drop(self, unused_for_s: float = UNUSED_FOR_S) -> None:
        """Remove the copies nobody asked for since."""
        with self._guard:
            limit = time.monotonic() - unused_for_s
            for key, copy in list(self._by_key.items()):
                if not copy.users and copy.used_s <= limit:
                    del self._by_key[key]
                    self._making.pop(key, None)
                    remove_scope_file(copy.folder)


def key_of(viewer: Viewer) -> Hashable:
    """Return what the viewer's copy depends on at this moment. Raises NotAllowed without the right to analyse, SignedOut."""
    return cached(viewer, ("scope key",), scope_key)


def written() -> Hashable:
    """Return what is another after every commit to a table of the copies."""
    return writes_to(*SCOPE_COLUMNS)


def copies() -> Copies:
    """Return the copies of the open store."""
    return engine().held(Copies)


def run(end: threading.Event) -> None:
    """Remove copies nobody uses, now and then, until ``end``; then all of them."""
    held, data = copies(), engine().file.parent
    while not end.wait(LOOK_EVERY_S):
        held.drop()
    held.drop(0)
    sweep_scope_files(data)
