"""A database beside the store for the time of one import: filled and asked without making any writer wait."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from core.store.duckdb import Engine

if TYPE_CHECKING:
    import pyarrow

PREFIX = "import-"
# Where the store's own tables stand, for the SQL that compares them with what was staged.
STORE = "kundenblick.data"


class Staging:
    """An attached database of its own file; the store's tables are read as ``kundenblick.data.<table>``."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.id = f"{datetime.now(UTC):%Y%m%d%H%M%S}{secrets.token_hex(3)}"
        self.name, self.file = f"import_{self.id}", folder / f"{PREFIX}{self.id}.duckdb"
        self._engine = engine
        quoted = str(self.file).replace("'", "''")
        with engine.lease() as connection:
            connection.execute(f"ATTACH '{quoted}' AS {self.name}")

    def run(self, statement: str, parameters: object = None) -> list[tuple]:
        """Run one statement with this database as the default; returns its rows."""
        with self._engine.lease() as connection:
            connection.execute(f"USE {self.name}.main")
            found = connection.execute(statement, parameters).fetchall()
            connection.execute("USE memory.main")
        return found

    def value(self, statement: str, parameters: object = None) -> object:
        """The first column of the first row, or None."""
        found = self.run(statement, parameters)
        return found[0][0] if found else None

    def fill(self, table: str, rows: pyarrow.Table) -> None:
        """Add an Arrow table's rows to a table here."""
        with self._engine.lease() as connection:
            connection.cursor.register("incoming_rows", rows)
            connection.execute(f"INSERT INTO {self.name}.main.{table} BY NAME SELECT * FROM incoming_rows")
            connection.cursor.unregister("incoming_rows")

    def columns(self) -> dict[str, dict[str, tuple[str, bool]]]:
        """Per table of the store its columns: type, and whether a row must bring a value."""
        found: dict[str, dict[str, tuple[str, bool]]] = {}
        for table, column, kind, nullable, default in self.run(
            "SELECT table_name, column_name, data_type, is_nullable, column_default FROM duckdb_columns()"
            " WHERE database_name = 'kundenblick' AND schema_name = 'data' ORDER BY table_name, column_index"
        ):
            found.setdefault(table, {})[column] = (kind, not nullable and default is None)
        return found

    def close(self) -> None:
        """Detach and remove the file."""
        with self._engine.lease() as connection:
            connection.execute(f"DETACH {self.name}")
        remove(self.file)


def remove(file: Path) -> None:
    """Remove a staging database and its log."""
    file.unlink(missing_ok=True)
    file.with_name(file.name + ".wal").unlink(missing_ok=True)
