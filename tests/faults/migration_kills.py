"""A start that brings an older database to this version, killed before every statement: whole migrations only, and nothing of before lost.

python tests/faults/migration_kills.py [--every N]

For every migration a database that knows only the earlier ones, with a row in each of its tables. After a kill the file must hold
exactly the schema of some migration and all rows; the next start must bring it to the newest one.
"""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import duckdb

from core.operations.installation import open_installation
from core.store import close_store
from core.store import database as engine
from core.store.migrations import SCHEMA, migrate
from tests.faults.kill_at_every_statement import Counter, apart, settings_of

COLUMNS = "SELECT table_name, column_name, data_type, is_nullable, column_default FROM duckdb_columns() WHERE database_name = 'kundenblick' ORDER BY 1, 2"
DERIVED = ("account_figure", "search_text", "search_word", "overview_card")
SAMPLES = {"BOOLEAN": "true", "DATE": "DATE '2026-01-31'", "TIMESTAMP": "TIMESTAMP '2026-01-31 12:00:00'", "VARCHAR": "'x'"}


class Killed:
    """A connection whose every statement, also those of one text, is a step."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, counter: Counter) -> None:
        self._connection, self._counter = connection, counter

    def execute(self, text: str, *parameters: object) -> duckdb.DuckDBPyConnection:
        if parameters or text.lstrip().upper().startswith(("SELECT", "USE")):
            if parameters:
                self._counter.step()
            return self._connection.execute(text, *parameters)
        for statement in duckdb.extract_statements(text):
            self._counter.step()
            self._connection.execute(statement)
        return self._connection


def attached(data: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    connection.execute(f"ATTACH '{data / 'kundenblick.duckdb'}' AS kundenblick (STORAGE_VERSION 'v1.5.0')")
    return connection


def older(data: Path, known: int, folder: Path) -> None:
    """A database with the first ``known`` migrations and a row in every table of theirs."""
    data.mkdir(mode=0o700)
    if not known:
        return
    folder.mkdir(exist_ok=True)
    for file in sorted(SCHEMA.glob("[0-9]*.sql"))[:known]:
        shutil.copy(file, folder)
    connection = attached(data)
    migrate(connection, folder)
    tables: dict[str, list[tuple[str, str]]] = {}
    for table, column, kind, *_ in connection.execute(COLUMNS).fetchall():
        tables.setdefault(table, []).append((column, kind))
    for table, columns in tables.items():
        if table not in ("schema_migration", "audit_entry"):
            values = [next((text for start, text in SAMPLES.items() if kind.startswith(start)), "1") for _, kind in columns]
            connection.execute(f"INSERT INTO data.{table} ({', '.join(c for c, _ in columns)}) VALUES ({', '.join(values)})")
    connection.close()


def schemas(folder: Path) -> list[list]:
    """The columns there are after so many migrations."""
    folder.mkdir()
    found: list[list] = [[]]
    with duckdb.connect(":memory:") as connection:
        connection.execute("ATTACH ':memory:' AS kundenblick")
        for file in sorted(SCHEMA.glob("[0-9]*.sql")):
            shutil.copy(file, folder)
            migrate(connection, folder)
            found.append([column for column in connection.execute(COLUMNS).fetchall() if column[0] != "schema_migration"])
    return found


def schema_and_rows(data: Path) -> tuple[int, list, dict[str, int]]:
    """How many migrations the file knows, its columns, and how many rows each table has."""
    connection = attached(data)
    columns = connection.execute(COLUMNS).fetchall()
    tables = sorted({column[0] for column in columns})
    rows = {table: connection.execute(f"SELECT count(*) FROM kundenblick.data.{table}").fetchall()[0][0] for table in tables}
    connection.close()
    return rows.pop("schema_migration", 0), [c for c in columns if c[0] != "schema_migration"], rows


def start(data: Path, step: int) -> int:
    """Open as a server does, killed before ``step`` of its migrations; returns how many steps there are."""
    counter = Counter(step)
    engine.migrate = lambda connection: migrate(Killed(connection, counter))
    open_installation(settings_of(data))
    close_store()
    return counter.done


def kept(there: dict[str, int], rows: dict[str, int]) -> dict[str, int]:
    """Of these tables the rows; what is computed from others may be computed anew."""
    return {table: there[table] for table in rows if table not in DERIVED}


def kills(folder: Path, every: int = 1, versions: Sequence[int] | None = None) -> dict[str, int]:
    """Kill before every so manieth step, from every earlier version on or those of so many migrations. Returns how many kills and versions."""
    report, should = folder / "report", schemas(folder / "files")
    all_of_them = len(should) - 1
    done = {"kills": 0, "versions": 0}
    for known in range(all_of_them) if versions is None else versions:
        before = folder / f"schema-{known}"
        assert apart(lambda before=before, known=known: older(before, known, folder / f"files-{known}"), report) == 0, report.read_text()
        rows = schema_and_rows(before)[2] if known else {}
        whole = folder / "whole"
        shutil.copytree(before, whole)
        assert apart(lambda whole=whole: start(whole, 0), report) == 0, report.read_text()
        total = int(report.read_text())
        finally_there = schema_and_rows(whole)[2]
        shutil.rmtree(whole)
        for place in range(1, total + 1, every):
            data = folder / "killed"
            shutil.copytree(before, data)
            assert apart(lambda data=data, place=place: start(data, place), report) == -signal.SIGKILL, report.read_text()
            where = f"{known} known, killed before step {place} of {total}"
            if (data / "kundenblick.duckdb").exists():
                found, columns, there = schema_and_rows(data)
                assert columns == should[found], f"{where}: a schema between {found} and {found + 1}"
                assert known <= found <= all_of_them and kept(there, rows) == kept(rows, rows), f"{where}: {rows} became {there}"
            assert apart(lambda data=data: start(data, 0), report) == 0, f"{where}: {report.read_text()}"
            found, columns, there = schema_and_rows(data)
            assert (found, columns) == (all_of_them, should[all_of_them]), where
            assert there == finally_there and kept(there, rows) == kept(rows, rows), f"{where}: {rows} became {there}"
            shutil.rmtree(data)
            done["kills"] += 1
        done["versions"] += 1
    return done


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--every", type=int, default=1, help="only every so manieth step")
    with tempfile.TemporaryDirectory() as place:
        began = time.monotonic()
        print(f"{kills(Path(place), asked.parse_args().every)}, {time.monotonic() - began:.0f} s", flush=True)
