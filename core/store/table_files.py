"""Write rows of the store into files beside it, all of them as they are at one moment, while others go on writing; a few rows at a time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.store.connection import Connection
from core.store.database import Engine
from core.store.staging import STORE
from core.store.tables import TABLES

if TYPE_CHECKING:
    import pyarrow

# Rows that are sorted at once, by the values of the table's first column, and rows and bytes that are written at once.
ROWS_PER_PIECE = 100_000
ROWS_PER_READ = 2_048
ROWS_PER_WRITE = 20_480
BYTES_PER_WRITE = 16 * 2**20


class TableFiles:
    """Rows of one moment, each table streamed into a file."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def columns(self) -> dict[str, list[str]]:
        """Return the columns of each table of the store, in their order."""
        found: dict[str, list[str]] = {}
        for table, column in self._connection.execute(
            """SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'kundenblick' AND schema_name = 'data'
            ORDER BY table_name, column_index"""
        ).fetchall():
            found.setdefault(table, []).append(column)
        return found

    def write(self, table: str, columns: Mapping[str, str], file: Path, kind: str, where: str = "TRUE") -> int:
        """Write rows of a table into a new file, for this user alone, by the table's order and key; return how many there are.

        Args:
            table: The table.
            columns: SQL by the name of each column.
            file: The file, which is not there yet.
            kind: ``parquet`` or ``csv``.
            where: A condition of the rows.
        """
        spec = TABLES[table]
        picked = ", ".join(f"{sql} AS {name}" for name, sql in columns.items())
        order = ", ".join(dict.fromkeys((*spec.order, *spec.key)))
        count = 0
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            writer: Any = None
            for piece in self._pieces(table, (spec.order or spec.key)[0]):
                select = f"SELECT {picked} FROM {STORE}.{table} WHERE ({where}) AND ({piece}) ORDER BY {order}"
                found: Any = self._connection.cursor.sql(select).to_arrow_reader(ROWS_PER_READ)
                writer = writer or _writer(kind, out, found.schema)
                for rows in _together(found):
                    writer.write_table(rows)
                    count += rows.num_rows
            writer.close()
        return count

    def _pieces(self, table: str, column: str) -> list[str]:
        """Return conditions that part a table into ranges of a column with about ``ROWS_PER_PIECE`` rows each, in its order."""
        counted = (
            f"SELECT {column} AS place, sum(count(*)) OVER (ORDER BY {column}) // {ROWS_PER_PIECE} AS piece FROM {STORE}.{table} GROUP BY 1"
        )
        bounds = [
            bound
            for (bound,) in self._connection.execute(
                f"SELECT max(place) FROM ({counted}) WHERE place IS NOT NULL GROUP BY piece ORDER BY 1"
            ).fetchall()
        ]
        # The last range has no end, and what has no value comes last.
        ranges: Sequence[tuple[Any, Any]] = [*zip([None, *bounds[:-1]], [*bounds[:-1], None], strict=True)]
        parts = [
            " AND ".join(
                f"{column} {sign} {int(bound)}" for sign, bound in ((">", above), ("<=", upto)) if bound is not None
            ) or f"{column} IS NOT NULL"
            for above, upto in ranges
        ]  # fmt: skip
        return [*parts, f"{column} IS NULL"]


def _together(batches: Iterator[pyarrow.RecordBatch]) -> Iterator[pyarrow.Table]:
    """Yield batches as tables of so many rows or bytes as are written at once."""
    import pyarrow as pa

    held: list[pyarrow.RecordBatch] = []
    for batch in batches:
        held.append(batch)
        if sum(one.num_rows for one in held) >= ROWS_PER_WRITE or sum(one.nbytes for one in held) >= BYTES_PER_WRITE:
            yield pa.Table.from_batches(held)
            held = []
    if held:
        yield pa.Table.from_batches(held)


def _writer(kind: str, out: Any, schema: pyarrow.Schema) -> Any:
    if kind == "csv":
        from pyarrow import csv

        # Texts stand in quotes: nothing between two commas is no value, an empty pair of quotes an empty text.
        return csv.CSVWriter(out, schema, write_options=csv.WriteOptions(quoting_style="needed"))
    import pyarrow.parquet as pq

    return pq.ParquetWriter(out, schema, compression="zstd")


@contextmanager
def at_one_moment(engine: Engine) -> Iterator[TableFiles]:
    """Yield what writes rows as they are now, until the block ends. Raises StoreError."""
    with engine.lease() as connection:
        connection.execute("BEGIN TRANSACTION")
        yield TableFiles(connection)
        connection.execute("COMMIT")
