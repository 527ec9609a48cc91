"""Write rows of the store into files beside it, all of them as they are at one moment, while others go on writing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.store.connection import Connection
from core.store.database import Engine
from core.store.queries import quoted

# Rows of a group in a Parquet file: so many texts of a mail are held at once.
ROWS_PER_GROUP = 20_480
FORMATS = {
    "parquet": f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_PER_GROUP}",
    # Nothing between two commas is no value, an empty pair of quotes an empty text.
    "csv": "FORMAT csv, HEADER, DELIMITER ',', QUOTE '\"', ESCAPE '\"', NULLSTR ''",
}


class TableFiles:
    """Queries of one moment, each streamed into a file."""

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

    def write(self, query: str, file: Path, kind: str = "parquet") -> int:
        """Write the rows of a query into a new file, for this user alone; return how many there are."""
        file.touch(0o600, exist_ok=False)
        [(count,)] = self._connection.execute(f"COPY ({query}) TO {quoted(file)} ({FORMATS[kind]})").fetchall()
        file.chmod(0o600)
        return int(count)


@contextmanager
def at_one_moment(engine: Engine) -> Iterator[TableFiles]:
    """Yield what writes rows as they are now, until the block ends. Raises StoreError, StoreFull."""
    with engine.lease() as connection:
        connection.execute("BEGIN TRANSACTION")
        yield TableFiles(connection)
        connection.execute("COMMIT")
