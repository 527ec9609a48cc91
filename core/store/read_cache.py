"""Cache answers of the database until one of the tables behind them is written."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from core.store.tables import TABLES

# Tables that decide which accounts a team member sees: a change of one outdates every cached answer.
SIGHT = frozenset({"staff_member", "staff_right", "account", "assignment"})
# Tables that decide whose a session is, and whether it lives.
SESSION = frozenset({"session", "staff_member", "contact_email", "email_access", "account", "account_contact"})
# In place of a table: nobody knows which were written.
EVERYTHING = "*"
# How often each table behind an answer was written when it was read.
Version = tuple[int, ...]
# Statements whose table can be told from their beginning.
_WRITES = re.compile(r"\s*(?:INSERT\s+INTO|DELETE\s+FROM|UPDATE)\s+(\w+)", re.IGNORECASE)
# Statements on temporary tables.
_PASSING = re.compile(r"\s*(?:CREATE\s+OR\s+REPLACE\s+TEMP\s+TABLE|DROP\s+TABLE\s+temp\.)", re.IGNORECASE)


def written_by(statement: str) -> set[str]:
    """Return the table a statement writes; ``EVERYTHING`` when its beginning does not tell."""
    if _PASSING.match(statement):
        return set()
    begun = _WRITES.match(statement)
    return {begun[1]} if begun and begun[1] in TABLES and ";" not in statement else {EVERYTHING}


class ReadCache:
    """Keep answers by key until one of their tables, or the key itself, is written. Thread-safe.

    Only this process writes, so an answer read since the last commit to its tables is still true. Every open page asks every few
    seconds, and every click asks the same of the firm, the person and the client.
    """

    MAX_ANSWERS = 8_000

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._kept: dict[Hashable, tuple[Version, Any]] = {}
        self._written: Counter[Hashable] = Counter()
        self._listeners: list[tuple[frozenset[str], Callable[[], None]]] = []

    def listen(self, tables: frozenset[str], tell: Callable[[], None]) -> None:
        """Call ``tell`` after each commit that wrote one of these tables, in the thread that wrote."""
        with self._guard:
            self._listeners.append((tables, tell))

    def get(self, key: Hashable, tables: Iterable[str]) -> tuple[tuple[Any] | None, Version]:
        """Return ((the answer,) or None, version of these tables); an answer that is read next is put with this version."""
        with self._guard:
            version = (self._written[EVERYTHING], self._written[key], *(self._written[table] for table in sorted(tables)))
            found = self._kept.get(key)
        return ((found[1],) if found is not None and found[0] == version else None), version

    def put(self, key: Hashable, answer: object, version: Version) -> None:
        """Keep an answer read at this version; it is never returned once its tables have another one."""
        with self._guard:
            self._kept.pop(key, None)
            self._kept[key] = (version, answer)
            if len(self._kept) > self.MAX_ANSWERS:
                del self._kept[next(iter(self._kept))]

    def wrote(self, what: Iterable[Hashable]) -> None:
        """Outdate every answer of these tables (``EVERYTHING``: all answers) or under these keys, and call the listeners."""
        written = set(what)
        with self._guard:
            listeners = list(self._listeners)
            self._written.update(written)
            if len(self._written) > self.MAX_ANSWERS:
                # Counting anew must not make an old answer valid again.
                self._written = Counter({EVERYTHING: self._written[EVERYTHING] + 1})
        for tables, tell in listeners:
            if EVERYTHING in written or tables & written:
                tell()
