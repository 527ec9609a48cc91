"""The SQL of widgets put together: all of them in one statement for one account, or one of them for many accounts."""

from __future__ import annotations

from dataclasses import dataclass

from core.overview.catalogue import WIDGETS
from core.overview.spec import Widget

SHOWN = 5
PINNED = 20
TILE = "tile_"


@dataclass(frozen=True)
class Layout:
    """Widgets composed into one statement, and for each widget's names the columns in which they come back.

    The branches of a union need the same columns, so these are numbered slots of plain types that all widgets share:
    planning thirteen structures of their own took half as long again.
    """

    text: str
    places: dict[str, dict[str, int]]


def _parts(widget: Widget) -> tuple[dict[str, str], str, str]:
    """What stands beside the row (the number of all rows, the tile) by name, where the rows come from, and their order."""
    query, order = widget.query.replace("$today", "(DATE '1970-01-01' + $today_days)").rsplit("\nORDER BY ", 1)
    beside = {f"{TILE}total": "count(*) OVER ()"} | {TILE + metric.name: metric.over_all_rows for metric in widget.tile}
    return beside, f"FROM ({query}) AS q{f' WHERE {widget.where}' if widget.where else ''}", order


def yields(widget: Widget) -> str:
    """A query of the shape of one widget's branch."""
    beside, source, _ = _parts(widget)
    return f"SELECT q.*, {', '.join(f'{expression} AS {name}' for name, expression in beside.items())} {source}"


def _newest(widget: Widget, order: str) -> str:
    """What keeps the rows of a card, in their order."""
    if not widget.above:
        return f"ORDER BY {order} LIMIT {SHOWN + 1}"
    turn = f"row_number() OVER (PARTITION BY {widget.above} ORDER BY {order})"
    return f"QUALIFY {turn} <= CASE WHEN {widget.above} THEN {PINNED} ELSE {SHOWN + 1} END ORDER BY {order}"


def _branch(widget: Widget, number: int, held: dict[int, str], slots: list[str]) -> str:
    """One widget's newest rows, each value in its slot."""
    beside, source, order = _parts(widget)
    columns = [f"{number} AS widget"]
    for place, kind in enumerate(slots):
        name = held.get(place)
        columns.append(f"{'NULL::' + kind if name is None else beside.get(name, f'q.{name}')} AS s{place}")
    return f"(SELECT {', '.join(columns)} {source} {_newest(widget, order)})"


def compose(types: dict[str, dict[str, str]]) -> Layout:
    """The statement for these widgets, given the names and SQL types of what each yields."""
    slots: list[str] = []
    places: dict[str, dict[str, int]] = {}
    for key, columns in types.items():
        free = list(range(len(slots)))
        places[key] = {}
        for name, kind in columns.items():
            place = next((i for i in free if slots[i] == kind), None)
            if place is None:
                place = len(slots)
                slots.append(kind)
            else:
                free.remove(place)
            places[key][name] = place
    branches = (
        _branch(WIDGETS[key], number, {place: name for name, place in names.items()}, slots)
        for number, (key, names) in enumerate(places.items())
    )
    return Layout("\nUNION ALL ".join(branches), places)


def _written(expression: str, kind: str) -> str:
    """A value as it stands in a card: amounts as text, so that none is rounded."""
    return f"CAST({expression} AS VARCHAR)" if kind.startswith("DECIMAL") else expression


def card_of(widget: Widget, columns: dict[str, str]) -> str:
    """A query of one row (card, good_until) for ``$account_id`` at ``$today_days``; ``columns`` are the names and types it yields.

    The card is JSON, [[number of rows, tile…], [[value, …], …]], values in the order of ``columns``. It holds until the
    first day that ``widget.ages`` names and that has not passed: then a row is shown differently.
    """
    beside, source, order = _parts(widget)
    scalars = {TILE + metric.name: metric.over_all_rows for metric in widget.tile if metric.function == "scalar"}
    inner = [f"{expression} AS {name}" for name, expression in beside.items() if name not in scalars]
    if widget.ages:
        inner.append(f"min(CASE WHEN q.{widget.ages} >= DATE '1970-01-01' + $today_days THEN q.{widget.ages} END) OVER () AS ages_on")
    rows = f"SELECT q.*, {', '.join(inner)}, row_number() OVER (ORDER BY {order}) AS in_order {source} {_newest(widget, order)}"
    tile = [_written(scalars.get(name, f"max(r.{name})"), kind) for name, kind in columns.items() if name.startswith(TILE)]
    values = [_written(f"r.{name}", kind) for name, kind in columns.items() if not name.startswith(TILE)]
    listed = f"coalesce(list(json_array({', '.join(values)}) ORDER BY r.in_order), [])"
    return f"""SELECT CAST(json_array(json_array({", ".join(tile)}), {listed}) AS VARCHAR) AS card,
        {"max(r.ages_on)" if widget.ages else "CAST(NULL AS DATE)"} AS good_until FROM ({rows}) AS r"""
