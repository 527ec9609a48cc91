"""Copy the whole database at one moment, and read what is in such a copy."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from core.base.errors import StoreError
from core.store.audit.high_water_mark import Head
from core.store.audit.verification import Ask
from core.store.database import Engine, translate
from core.store.queries import quoted
from core.store.rows import asking

# Tables whose column ``file`` names a stored file.
WITH_FILES = ("document", "photo")


@dataclass(frozen=True)
class Facts:
    """What a database holds: number of its newest migration, its last audit entry, rows and file names per table."""

    schema: int
    head: Head
    counts: dict[str, int]
    files: dict[str, tuple[str, ...]]


def take_snapshot(engine: Engine, target: Path) -> Facts:
    """Copy the database into ``target`` as it is at this moment, while others go on writing. Return what is in the copy.

    Raises StoreError, StoreFull.
    """
    name = f"copy_{secrets.token_hex(4)}"
    with engine.lease() as connection:

        def run(statement: str) -> list[tuple[Any, ...]]:
            return connection.execute(statement).fetchall()

        run(f"ATTACH {quoted(target)} AS {name} (STORAGE_VERSION 'v1.5.0')")
        try:
            # In one transaction, so that nothing committed meanwhile is copied.
            run("BEGIN")
            run(f"COPY FROM DATABASE kundenblick TO {name}")
            run("COMMIT")
            run(f"CHECKPOINT {name}")
            facts = _facts(run, name)
        except duckdb.Error as problem:
            _give_up(run, name)
            raise translate(problem, target) from problem
        run(f"DETACH {name}")
        return facts


def _give_up(run: Callable[[str], list[tuple[Any, ...]]], name: str) -> None:
    for statement in ("ROLLBACK", f"DETACH {name}"):
        try:
            run(statement)
        except duckdb.Error:
            continue


def _facts(run: Callable[[str], list[tuple[Any, ...]]], name: str) -> Facts:
    tables = [
        table
        for (table,) in run(f"SELECT table_name FROM duckdb_tables() WHERE database_name = '{name}' AND schema_name = 'data' ORDER BY 1")
    ]
    number, whole = (run(f"SELECT audit_entry_id, hash FROM {name}.data.audit_entry ORDER BY 1 DESC LIMIT 1") or [(0, "")])[0]
    return Facts(
        schema=run(f"SELECT max(number) FROM {name}.data.schema_migration")[0][0],
        head=(number, whole or ""),
        counts={table: run(f"SELECT count(*) FROM {name}.data.{table}")[0][0] for table in tables},
        files={
            table: tuple(file for (file,) in run(f"SELECT DISTINCT file FROM {name}.data.{table} WHERE file IS NOT NULL ORDER BY 1"))
            for table in WITH_FILES
        },
    )


@contextmanager
def look_into(file: Path, memory_limit_mib: int = 1024) -> Iterator[tuple[Ask, Facts]]:
    """Open a copy read-only; yield (ask, what is in it). Raises StoreError for a file that is not one of our databases."""
    with _alone(file, "(READ_ONLY)", memory_limit_mib) as root:
        yield asking(root), _facts(lambda statement: root.execute(statement).fetchall(), "kundenblick")


def end_sign_ins(file: Path) -> None:
    """End every session, reset link and sign-in under way in a copy that is about to be used: they may have ended since."""
    moment = datetime.now(UTC).replace(tzinfo=None)
    with _alone(file, "") as root:
        root.execute("UPDATE kundenblick.data.session SET ended_at = ? WHERE ended_at IS NULL", [moment])
        root.execute(
            "UPDATE kundenblick.data.one_time_link SET used_at = ? WHERE used_at IS NULL AND purpose IN ('reset', 'sign_in')", [moment]
        )
        root.execute("CHECKPOINT kundenblick")


@contextmanager
def _alone(file: Path, how: str, memory_limit_mib: int = 1024) -> Iterator[duckdb.DuckDBPyConnection]:
    root = duckdb.connect(":memory:", config={"memory_limit": f"{memory_limit_mib}MiB", "temp_directory": str(file.parent)})
    try:
        root.execute(f"ATTACH {quoted(file)} AS kundenblick {how}")
        yield root
    except duckdb.Error as problem:
        raise StoreError() from problem
    finally:
        root.close()
