"""Sort tables piece by piece, each in a short transaction, so that no other writer waits long."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.base.rights import Viewer
from core.store import engine, reader, with_retry, writer
from core.store.staging import STORE
from core.store.tables import TABLES, Table

SYSTEM = Viewer.system("tidy")
# Unsorted rows at the tables' ends from which on the nightly run sorts.
MAX_UNSORTED_ROWS = 2_000_000
PIECE_ROWS = 250_000
# Rows in a row group of DuckDB.
GROUP_ROWS = 122_880
ORDERED = [table for table in TABLES.values() if table.order]


def tail(table: Table) -> int:
    """Return how many rows follow the sorted part of the table, counted in row groups."""
    with reader(SYSTEM) as r:
        groups = r.rows(
            f"""SELECT min({table.order[0]}) AS low, max({table.order[0]}) AS high, count(*) AS n
            FROM {STORE}.{table.name} GROUP BY rowid // {GROUP_ROWS} ORDER BY rowid // {GROUP_ROWS}"""
        )
    behind, highest = 0, None
    for group in groups:
        if behind or (highest is not None and group["low"] is not None and group["low"] < highest):
            behind += group["n"]
        else:
            highest = group["high"] if group["high"] is not None else highest
    return behind


def needed() -> bool:
    """Return whether so many rows are unsorted that sorting pays."""
    return sum(map(tail, ORDERED)) > MAX_UNSORTED_ROWS


def is_sorted(table: Table) -> bool:
    """Return whether all rows are sorted by the first column of the table's order."""
    first = table.order[0]
    with reader(SYSTEM) as r:
        low = f"SELECT {first} < lag({first}) OVER (ORDER BY rowid) AS is_low FROM {STORE}.{table.name}"
        return not r.value(f"SELECT coalesce(bool_or(is_low), FALSE) FROM ({low})")


def tidy(say: Callable[[str, int], None] = lambda _table, _rows: None) -> int:
    """Sort every table that is out of order; returns how many rows were moved. ``say`` is called with each sorted table and its rows.

    Each piece deletes the rows of a range and inserts them sorted at the table's end: a reader sees the same rows before, during and
    after, and a crash leaves the table complete, only less sorted.
    """
    moved = 0
    for table in ORDERED:
        with reader(SYSTEM) as r:
            count = r.value(f"SELECT count(*) FROM {STORE}.{table.name}")
        if not count or (tail(table) == 0 if count > GROUP_ROWS * 4 else is_sorted(table)):
            continue
        for piece in _pieces(table):
            moved += with_retry(partial(_sort_piece, table, piece))
        say(table.name, count)
    if moved:
        engine().checkpoint()
    return moved


def _pieces(table: Table) -> list[tuple[object, object]]:
    """Return ranges (above, up to] of the first column with about ``PIECE_ROWS`` rows each; (None, None) is the rows without a value."""
    first = table.order[0]
    with reader(SYSTEM) as r:
        found = r.rows(
            f"""SELECT max(place) AS bound FROM (SELECT {first} AS place, sum(count(*)) OVER (ORDER BY {first}) // {PIECE_ROWS} AS piece
            FROM {STORE}.{table.name} WHERE {first} IS NOT NULL GROUP BY {first}) GROUP BY piece ORDER BY 1"""
        )
    bounds = [row["bound"] for row in found]
    return [*zip([None, *bounds[:-1]], bounds, strict=True), (None, None)] if bounds else [(None, None)]


def _sort_piece(table: Table, piece: tuple[object, object]) -> int:
    first, (above, upto) = table.order[0], piece
    where, parameters = f"{first} IS NULL", {}
    if upto is not None:
        where, parameters = f"{first} <= $upto", {"upto": upto}
        if above is not None:
            where, parameters = f"{first} > $above AND {where}", parameters | {"above": above}
    with writer(SYSTEM) as tx:
        count = tx.value(f"SELECT count(*) FROM {table.name} WHERE {where}", **parameters)
        if count:
            tx.execute(f"CREATE OR REPLACE TEMP TABLE piece AS SELECT * FROM {table.name} WHERE {where}", parameters)
            tx.execute(f"DELETE FROM {table.name} WHERE {where}", parameters)
            tx.execute(f"INSERT INTO {table.name} SELECT * FROM temp.piece ORDER BY {', '.join(table.order)}")
            tx.execute("DROP TABLE temp.piece")
    return count
