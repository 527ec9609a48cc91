"""A temporary database beside the store for one import: no writer waits while it is filled and queried."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.store.database import Engine
from core.store.queries import quoted

PREFIX = "import-"
# Schema of the store's own tables, for SQL that compares them with staged rows.
STORE = "kundenblick.data"


class Staging:
    """An attached database in a folder of its own; reads the store's tables as ``kundenblick.data.<table>``."""

    def __init__(self, engine: Engine, data: Path) -> None:
        self.id = f"{datetime.now(UTC):%Y%m%d%H%M%S}{secrets.token_hex(3)}"
        self.name, self.folder = f"import_{self.id}", data / f"{PREFIX}{self.id}"
        self.folder.mkdir(mode=0o700)
        self._engine = engine
        with engine.lease() as connection:
            connection.execute(f"ATTACH {quoted(self.folder / 'staging.duckdb')} AS {self.name}")

    def run(self, statement: str, parameters: object = None) -> list[tuple[Any, ...]]:
        """Run one statement with this database as the default; return its rows."""
        with self._engine.lease() as connection:
            connection.execute(f"USE {self.name}.main")
            found = connection.execute(statement, parameters).fetchall()
            connection.execute("USE memory.main")
        return found

    def value(self, statement: str, parameters: object = None) -> Any:
        """Return the first column of the first row, or None."""
        found = self.run(statement, parameters)
        return found[0][0] if found else None

    def take_in(self, table: str, kinds: dict[str, str], file: str, order: str = "") -> None:
        """Make a table of these columns from a Parquet file of the folder, empty when there is no such file."""
        path = self.folder / file
        columns = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in kinds.items())
        source = f"SELECT {columns} FROM read_parquet({quoted(path)}){f' ORDER BY {order}' if order else ''}"
        if not path.exists():
            nothing = ", ".join(f"CAST(NULL AS {kind}) AS {column}" for column, kind in kinds.items())
            source = f"SELECT {nothing} WHERE FALSE"
        self.run(f"CREATE OR REPLACE TABLE {table} AS {source}")

    def give_out(self, query: str, file: str) -> None:
        """Write a query's rows into a Parquet file of the folder, in their order."""
        self.run(f"COPY ({query}) TO {quoted(self.folder / file)} (FORMAT parquet, ROW_GROUP_SIZE 61440)")

    def columns(self) -> dict[str, dict[str, tuple[str, bool]]]:
        """Return per table of the store its columns, each with its type and whether a row must bring a value."""
        found: dict[str, dict[str, tuple[str, bool]]] = {}
        for table, column, kind, nullable, default in self.run(
            "SELECT table_name, column_name, data_type, is_nullable, column_default FROM duckdb_columns()"
            " WHERE database_name = 'kundenblick' AND schema_name = 'data' ORDER BY table_name, column_index"
        ):
            found.setdefault(table, {})[column] = (kind, not nullable and default is None)
        return found

    def fill_in(self, staged: str, table: str, columns: Iterable[str]) -> None:
        """Fill empty values with the default of their column, where the store's table requires a value and has a default."""
        known = dict(
            self.run(
                """SELECT column_name, column_default FROM duckdb_columns() WHERE database_name = 'kundenblick' AND schema_name = 'data'
                AND table_name = $table AND NOT is_nullable AND column_default IS NOT NULL""",
                {"table": table},
            )
        )
        # The status of an invoice follows from its payments.
        sets = {column: known[column] for column in columns if column in known and (table, column) != ("invoice", "status")}
        if sets:
            empty = " OR ".join(f"{column} IS NULL" for column in sets)
            self.run(f"UPDATE {staged} SET {', '.join(f'{c} = coalesce({c}, {default})' for c, default in sets.items())} WHERE {empty}")

    def close(self) -> None:
        """Detach the database and delete its folder."""
        with self._engine.lease() as connection:
            connection.execute(f"DETACH {self.name}")
        shutil.rmtree(self.folder, ignore_errors=True)
