"""Numbered migrations: each in one transaction with its row in ``schema_migration``, then a checkpoint."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from core.base.errors import StoreForeign, StoreTooNew

SCHEMA = Path(__file__).parent / "schema"
log = logging.getLogger(__name__)


def migrations(folder: Path = SCHEMA) -> list[tuple[int, str, str]]:
    """Return (number, name, SQL text) of every migration file, in order."""
    return [(int(f.stem.split("_", 1)[0]), f.stem, f.read_text("utf-8")) for f in sorted(folder.glob("[0-9]*.sql"))]


def newest_schema() -> int:
    """Return the number of the newest migration this version knows."""
    return max(number for number, _, _ in migrations())


# SQL: path of the attached database, and its tables and views as (schema, name).
_FILE = "SELECT path FROM duckdb_databases() WHERE database_name = 'kundenblick'"
_TABLES = """SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'kundenblick'
    UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = 'kundenblick' AND NOT internal"""


def _is_foreign(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether there are tables but not ``schema_migration``; a file without tables is a new database."""
    tables = connection.execute(_TABLES).fetchall()
    return bool(tables) and ("data", "schema_migration") not in tables


def migrate(connection: duckdb.DuckDBPyConnection, folder: Path = SCHEMA) -> int:
    """Bring the attached database ``kundenblick`` to the newest schema. Return how many migrations ran.

    Killed at any statement, the file holds the state before or after each migration, never one between.
    Raises StoreTooNew when the file has a migration that this version does not know, StoreForeign when it holds other tables.
    """
    if _is_foreign(connection):
        raise StoreForeign(file=f"{connection.execute(_FILE).fetchall()[0][0]}".rsplit("/", 1)[-1])
    connection.execute("USE kundenblick")
    connection.execute("CREATE SCHEMA IF NOT EXISTS data")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS data.schema_migration (number INTEGER NOT NULL, name TEXT NOT NULL, applied_at TIMESTAMP NOT NULL)"
    )
    applied = {number for (number,) in connection.execute("SELECT number FROM data.schema_migration").fetchall()}
    known = migrations(folder)
    if newer := applied - {number for number, _, _ in known}:
        raise StoreTooNew(found=max(newer), known=max((number for number, _, _ in known), default=0))
    ran = 0
    for number, name, text in known:
        if number in applied:
            continue
        connection.execute("BEGIN")
        try:
            connection.execute(text)
            connection.execute("INSERT INTO data.schema_migration VALUES (?, ?, ?)", [number, name, datetime.now(UTC).replace(tzinfo=None)])
            connection.execute("COMMIT")
        except duckdb.Error:
            connection.execute("ROLLBACK")
            raise
        connection.execute("CHECKPOINT kundenblick")
        log.info("migration %s applied", name)
        ran += 1
    return ran


def newest_columns() -> list[tuple[str, str, str, bool]]:
    """Return (table, column, type, whether a new row must have it) of the newest schema, without opening a file."""
    root = duckdb.connect(":memory:")
    try:
        root.execute("ATTACH ':memory:' AS kundenblick")
        migrate(root)
        return root.execute(
            "SELECT table_name, column_name, data_type, NOT is_nullable AND column_default IS NULL FROM duckdb_columns()"
            " WHERE database_name = 'kundenblick' AND schema_name = 'data' ORDER BY table_name, column_index"
        ).fetchall()
    finally:
        root.close()
