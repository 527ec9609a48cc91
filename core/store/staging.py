"""A database beside the store for the time of one import: filled and asked without making any writer wait."""

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
# Where the store's own tables stand, for the SQL that compares them with what was staged.
STORE = "kundenblick.data"


class Staging:
    """A folder of its own with an attached database; the store's tables are read as ``kundenblick.data.<table>``."""

    def __init__(self, engine: Engine, data: Path) -> None:
        self.id = f"{datetime.now(UTC):%Y%m%d%H%M%S}{secrets.token_hex(3)}"
        self.name, self.folder = f"import_{self.id}", data / f"{PREFIX}{self.id}"
        self.folder.mkdir(mode=0o700)
        self._engine = engine
        with engine.lease() as connection:
            connection.execute(f"ATTACH {quoted(self.folder / 'staging.duckdb')} AS {self.name}")

    def run(self, statement: str, parameters: object = None) -> list[tuple[Any, ...]]:
        """Run one statement with this database as the default; returns its rows."""
        with self._engine.lease() as connection:
            connection.execute(f"USE {self.name}.main")
            found = connection.execute(statement, parameters).fetchall()
            connection.execute("USE memory.main")
        return found

    def value(self, statement: str, parameters: object = None) -> Any:
        """The first column of the first row, or None."""
        found = self.run(statement, parameters)
        return found[0][0] if found else None

    def take_in(self, table: str, kinds: dict[str, str], file: str, order: str = "") -> None:
        """Make a table of these columns from a Parquet file of the folder; an empty one when there is no such file."""
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
        """Per table of the store its columns: type, and whether a row must bring a value."""
        found: dict[str, dict[str, tuple[str, bool]]] = {}
        for table, column, kind, nullable, default in self.run(
            "SELECT table_name, column_name, data_type, is_nullable, column_default FROM duckdb_columns()"
            " WHERE database_name = 'kundenblick' AND schema_name = 'data' ORDER BY table_name, column_index"
        ):
            found.setdefault(table, {})[column] = (kind, not nullable and default is None)
        return found

    def fill_in(self, staged: str, table: str, columns: Iterable[str]) -> None:
        """Give what a file leaves empty its default, in columns of the store's table that may not be empty and have one."""
        known = dict(
            self.run(
                """SELECT column_name, column_default FROM duckdb_columns() WHERE database_name = 'kundenblick' AND schema_name = 'data'
                AND table_name = $table AND NOT is_nullable AND column_default IS NOT NULL""",
                {"table": table},
            )
        )
        # Whether an invoice is paid follows from its payments.
        sets = {column: known[column] for column in columns if column in known and (table, column) != ("invoice", "status")}
        if sets:
            empty = " OR ".join(f"{column} IS NULL" for column in sets)
            self.run(f"UPDATE {staged} SET {', '.join(f'{c} = coalesce({c}, {default})' for c, default in sets.items())} WHERE {empty}")

    def close(self) -> None:
        """Detach and remove the folder."""
        with self._engine.lease() as connection:
            connection.execute(f"DETACH {self.name}")
        shutil.rmtree(self.folder, ignore_errors=True)
