"""Collect the sample's rows and load them in bulk."""

from __future__ import annotations

import pyarrow as pa

from core.store import Row, Tx
from core.store.tables import TABLES

# Numbers taken from the sequence at once.
IDS_AT_ONCE = 20_000


class Rows:
    """Rows by table, with ids from the store's own sequence."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._ids: list[int] = []
        self.tables: dict[str, list[Row]] = {}

    def add(self, table: str, /, **values: object) -> int:
        """Add a row and return its id, 0 for a table without one."""
        spec = TABLES[table]
        if not spec.has_id:
            self.tables.setdefault(table, []).append(values)
            return 0
        number = values[spec.key[0]] = self._number()
        self.tables.setdefault(table, []).append(values)
        return number

    def _number(self) -> int:
        if not self._ids:
            reserved = self._tx.rows(f"SELECT nextval('object_id') AS id FROM range({IDS_AT_ONCE})")  # noqa: S608 - built of names from the code
            self._ids = sorted((row["id"] for row in reserved), reverse=True)
        return self._ids.pop()

    def load(self, tx: Tx) -> None:
        """Insert everything, each table in its order; all rows of a table have the same columns."""
        for name, rows in self.tables.items():
            _sort(rows, TABLES[name].order)
            tx.insert_table(name, pa.table({column: [row[column] for row in rows] for column in rows[0]}))


def _sort(rows: list[Row], order: tuple[str, ...]) -> None:
    rows.sort(key=lambda row: tuple(row[column] or 0 for column in order))
