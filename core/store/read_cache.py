"""What the store has read already and nobody has written since, so that it need not ask the tables at every look."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from core.store.tables import TABLES

# What decides who sees what: nothing a person was shown is kept beyond a change of one of these.
SIGHT = frozenset({"staff_member", "staff_right", "account", "assignment"})
# What decides whose a session is, and whether it lives.
SESSION = frozenset({"session", "staff_member", "contact_email", "email_access", "account", "account_contact"})
EVERYTHING = "*"
Turn = tuple[int, ...]
_WRITES = re.compile(r"\s*(?:INSERT\s+INTO|DELETE\s+FROM|UPDATE)\s+(\w+)", re.IGNORECASE)
# Tables of this connection alone.
_PASSING = re.compile(r"\s*(?:CREATE\s+OR\s+REPLACE\s+TEMP\s+TABLE|DROP\s+TABLE\s+temp\.)", re.IGNORECASE)


def written_by(statement: str) -> set[str]:
    """The table a statement writes; ``EVERYTHING`` when it cannot be told from its beginning."""
    if _PASSING.match(statement):
        return set()
    begun = _WRITES.match(statement)
    return {begun[1]} if begun and begun[1] in TABLES and ";" not in statement else {EVERYTHING}


class ReadCache:
    """Answers by a key of the reader's own, good until one of the tables they were read from, or the key itself, is written. Thread-safe.

    Only this process writes, so what was read since the last commit of a table is still true. Every open page asks every few
    seconds, and every click asks the same of the firm, the person and the client.
    """

    MOST = 8_000

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: dict[Hashable, tuple[Turn, Any]] = {}
        self._written: Counter[Hashable] = Counter()
        self._listeners: list[tuple[frozenset[str], Callable[[], None]]] = []

    def listen(self, tables: frozenset[str], tell: Callable[[], None]) -> None:
        """Call ``tell`` after each commit that wrote one of these tables, in the thread that wrote."""
        with self._guard:
            self._listeners.append((tables, tell))

    def get(self, key: Hashable, tables: Iterable[str]) -> tuple[tuple[Any] | None, Turn]:
        """((the answer,) or None, which turn of these tables this is); what is read after it goes with the turn to ``put``."""
        with self._guard:
            turn = (self._written[EVERYTHING], self._written[key], *(self._written[table] for table in sorted(tables)))
            found = self._kept.get(key)
        return ((found[1],) if found is not None and found[0] == turn else None), turn

    def put(self, key: Hashable, answer: object, turn: Turn) -> None:
        """Keep what was read in that turn; an answer older than the last change is never given."""
        with self._guard:
            self._kept.pop(key, None)
            self._kept[key] = (turn, answer)
            if len(self._kept) > self.MOST:
                del self._kept[next(iter(self._kept))]

    def wrote(self, what: Iterable[Hashable]) -> None:
        """These tables (``EVERYTHING``: nobody knows which), or what is kept under these keys, are others than before."""
        written = set(what)
        with self._guard:
            listeners = list(self._listeners)
            self._written.update(written)
            if len(self._written) > self.MOST:
                # Forgetting which were written must not make an old answer good again.
                self._written = Counter({EVERYTHING: self._written[EVERYTHING] + 1})
        for tables, tell in listeners:
            if EVERYTHING in written or tables & written:
                tell()
