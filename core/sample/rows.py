"""Collecting the sample's rows and loading them in bulk."""

from __future__ import annotations

from itertools import islice

import pyarrow as pa

from core.store import Tx
from core.store.tables import TABLES


class Rows:
    """Rows by table, numbered from a block of the store's own sequence."""

    def __init__(self, tx: Tx, ids: int) -> None:
        reserved = tx.rows(f"SELECT nextval('object_id') AS id FROM range({int(ids)})")
        self._ids = iter(sorted(row["id"] for row in reserved))
        self.tables: dict[str, list[dict[str, object]]] = {}

    def add(self, table: str, /, **values: object) -> int:
        """Keep a row; returns its id (0 for a table without one)."""
        spec = TABLES[table]
        if spec.has_id:
            values = {spec.key[0]: next(self._ids)} | values
        self.tables.setdefault(table, []).append(values)
        return values[spec.key[0]] if spec.has_id else 0

    def load(self, tx: Tx) -> None:
        """Write everything, each table in its order."""
        for name, rows in self.tables.items():
            columns = list(dict.fromkeys(column for row in islice(rows, 2000) for column in row))
            order = TABLES[name].order
            rows.sort(key=lambda row, order=order: tuple(row[column] or 0 for column in order))
            full = [{column: row.get(column) for column in columns} for row in rows]
            tx.insert_table(name, pa.Table.from_pylist(full))
