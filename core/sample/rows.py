"""Collecting the sample's rows and loading them in bulk."""

from __future__ import annotations

import pyarrow as pa

from core.store import Tx
from core.store.tables import TABLES

BLOCK = 20_000


class Rows:
    """Rows by table, numbered from blocks of the store's own sequence."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._ids: list[int] = []
        self.tables: dict[str, list[dict[str, object]]] = {}

    def add(self, table: str, /, **values: object) -> int:
        """Keep a row; returns its id (0 for a table without one)."""
        spec = TABLES[table]
        if not spec.has_id:
            self.tables.setdefault(table, []).append(values)
            return 0
        number = values[spec.key[0]] = self._number()
        self.tables.setdefault(table, []).append(values)
        return number

    def _number(self) -> int:
        if not self._ids:
            reserved = self._tx.rows(f"SELECT nextval('object_id') AS id FROM range({BLOCK})")
            self._ids = sorted((row["id"] for row in reserved), reverse=True)
        return self._ids.pop()

    def load(self, tx: Tx) -> None:
        """Write everything, each table in its order; the rows of a table all have the same columns."""
        for name, rows in self.tables.items():
            order = TABLES[name].order
            rows.sort(key=lambda row, order=order: tuple(row[column] or 0 for column in order))
            tx.insert_table(name, pa.table({column: [row[column] for row in rows] for column in rows[0]}))
