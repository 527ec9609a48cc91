"""Rows of a statement as dictionaries by column name."""

from __future__ import annotations

from typing import Any

import duckdb

from core.store.audit.verification import Ask

Row = dict[str, Any]


def rows_of(cursor: duckdb.DuckDBPyConnection) -> list[Row]:
    """Return what the cursor's last statement found, a dictionary by column name for each row."""
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def asking(connection: duckdb.DuckDBPyConnection) -> Ask:
    """Return ``ask(query, **parameters)``, which runs a query on this connection and returns its rows."""

    def ask(query: str, **parameters: object) -> list[Row]:
        return rows_of(connection.execute(query, parameters) if parameters else connection.execute(query))

    return ask
