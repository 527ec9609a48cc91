"""Compose the SQL of widgets: the card of one, the cards of several in one statement, the columns a widget yields."""

from __future__ import annotations

from collections.abc import Mapping

from core.overview.spec import Widget

ROWS_ON_CARD = 5
PINNED_ROWS_ON_CARD = 20
# Prefix of the names of what is computed over all rows: the tile's numbers and the number of rows.
TILE = "tile_"


def _parts(widget: Widget) -> tuple[dict[str, str], str, str]:
    """Return the expressions over all rows by name (number of rows, tile), the FROM clause and the order of the rows."""
    query, order = widget.query.replace("$today", "(DATE '1970-01-01' + $today_days)").rsplit("\nORDER BY ", 1)
    over_all = {f"{TILE}total": "count(*) OVER ()"} | {TILE + metric.name: metric.over_all_rows for metric in widget.tile}
    return over_all, f"FROM ({query}) AS q{f' WHERE {widget.where}' if widget.where else ''}", order


def described(widget: Widget) -> str:
    """Return a query whose columns are those of the widget's rows and of its tile; it is described, never run."""
    over_all, source, _ = _parts(widget)
    return f"SELECT q.*, {', '.join(f'{expression} AS {name}' for name, expression in over_all.items())} {source}"


def _newest(widget: Widget, order: str) -> str:
    """Return the clauses that keep the rows of a card, in their order."""
    if not widget.above:
        return f"ORDER BY {order} LIMIT {widget.kept_rows or ROWS_ON_CARD + 1}"
    place = f"row_number() OVER (PARTITION BY {widget.above} ORDER BY {order})"
    return f"QUALIFY {place} <= CASE WHEN {widget.above} THEN {PINNED_ROWS_ON_CARD} ELSE {ROWS_ON_CARD + 1} END ORDER BY {order}"


def _in_json(expression: str, sql_type: str) -> str:
    """Return an expression as it goes into a card: amounts as text, so that none is rounded."""
    return f"CAST({expression} AS VARCHAR)" if sql_type.startswith("DECIMAL") else expression


def card_of(widget: Widget, columns: Mapping[str, str]) -> str:
    """Return a query of one row (card, good_until) for ``$account_id`` at ``$today_days``.

    The card is JSON, [[number of rows, tile…], [[value, …], …]], values in the order of ``columns``. It holds until the
    first day that ``widget.changes_after`` names and that has not passed: then a row is shown differently.

    Args:
        widget: whose card.
        columns: SQL type of each column of ``described(widget)``.
    """
    over_all, source, order = _parts(widget)
    scalars = {TILE + metric.name: metric.over_all_rows for metric in widget.tile if metric.function == "scalar"}
    inner = [f"{expression} AS {name}" for name, expression in over_all.items() if name not in scalars]
    if widget.changes_after:
        inner.append(
            f"min(CASE WHEN q.{widget.changes_after} >= DATE '1970-01-01' + $today_days THEN q.{widget.changes_after} END) OVER () AS ages_on"
        )
    rows = f"SELECT q.*, {', '.join(inner)}, row_number() OVER (ORDER BY {order}) AS in_order {source} {_newest(widget, order)}"
    tile = [_in_json(scalars.get(name, f"max(r.{name})"), kind) for name, kind in columns.items() if name.startswith(TILE)]
    values = [_in_json(f"r.{name}", kind) for name, kind in columns.items() if not name.startswith(TILE)]
    listed = f"coalesce(list(json_array({', '.join(values)}) ORDER BY r.in_order), [])"
    return f"""SELECT CAST(json_array(json_array({", ".join(tile)}), {listed}) AS VARCHAR) AS card,
        {"max(r.ages_on)" if widget.changes_after else "CAST(NULL AS DATE)"} AS good_until FROM ({rows}) AS r"""


def cards_of(columns: Mapping[Widget, Mapping[str, str]]) -> str:
    """Return a query of one row (widget, card) for each widget, given the columns of each; the cards are those of ``card_of``."""
    return "\nUNION ALL ".join(
        f"SELECT '{widget.key}' AS widget, c.card FROM ({card_of(widget, of_widget)}) AS c" for widget, of_widget in columns.items()
    )
