"""Reading widgets: all thirteen in one statement, or one in full. The same SQL file feeds both."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.access import OpenAccount
from core.errors import NotFound, StoreError
from core.i18n.formats import today
from core.rights import Right
from core.store import Reader, Row, account_reader, reader
from core.widgets.catalogue import CATALOGUE, WIDGETS
from core.widgets.spec import Widget

SHOWN = 5
PINNED = 20
EPOCH = date(1970, 1, 1)
TILE = "tile_"
ZERO = {"count": 0, "hours": 0, "money": Decimal("0.00")}
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WidgetResult:
    """What a card needs: number of rows, the tile's numbers, the newest rows; ``failed`` when reading it went wrong."""

    widget: Widget
    total: int = 0
    tile: dict[str, object] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    failed: bool = False


def visible_to(rights: frozenset[Right], catalogue: tuple[Widget, ...] = CATALOGUE) -> tuple[Widget, ...]:
    """The widgets a person with these rights has at all."""
    return tuple(widget for widget in catalogue if widget.right is None or widget.right in rights)


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


def _yields(widget: Widget) -> str:
    """A query of the shape of one widget's branch."""
    beside, source, _ = _parts(widget)
    return f"SELECT q.*, {', '.join(f'{expression} AS {name}' for name, expression in beside.items())} {source}"


def _branch(widget: Widget, number: int, held: dict[int, str], slots: list[str]) -> str:
    """One widget's newest rows, each value in its slot."""
    beside, source, order = _parts(widget)
    columns = [f"{number} AS widget"]
    for place, kind in enumerate(slots):
        name = held.get(place)
        columns.append(f"{'NULL::' + kind if name is None else beside.get(name, f'q.{name}')} AS s{place}")
    if not widget.above:
        return f"(SELECT {', '.join(columns)} {source} ORDER BY {order} LIMIT {SHOWN + 1})"
    turn = f"row_number() OVER (PARTITION BY {widget.above} ORDER BY {order})"
    few = f"{turn} <= CASE WHEN {widget.above} THEN {PINNED} ELSE {SHOWN + 1} END"
    return f"(SELECT {', '.join(columns)} {source} QUALIFY {few} ORDER BY {order})"


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


_layouts: dict[tuple[str, ...], Layout] = {}


def _layout(r: Reader, keys: tuple[str, ...]) -> Layout:
    """The composed statement, once per process and choice of widgets."""
    if keys not in _layouts:
        types = {key: r.types(_yields(WIDGETS[key]), account_id=0, today_days=0) for key in keys}
        _layouts[keys] = compose(types)
    return _layouts[keys]


def _read(r: Reader, account: OpenAccount, widgets: tuple[Widget, ...]) -> dict[str, WidgetResult]:
    keys = tuple(widget.key for widget in widgets)
    layout = _layout(r, keys)
    name = "overview_" + hashlib.sha256(layout.text.encode()).hexdigest()[:16]
    integers = {"account_id": account.account_id, "today_days": (today() - EPOCH).days}
    found: list[list[tuple]] = [[] for _ in keys]
    asked = {key: value for key, value in integers.items() if f"${key}" in layout.text}
    for number, *values in r.prepared(name, layout.text, **asked):
        found[number].append(values)
    return {
        widget.key: _result(
            r, account, widget, [{name: values[place] for name, place in layout.places[widget.key].items()} for values in rows]
        )
        for widget, rows in zip(widgets, found, strict=True)
    }


def _result(r: Reader, account: OpenAccount, widget: Widget, rows: list[Row]) -> WidgetResult:
    first = rows[0] if rows else {}
    tile = {}
    for metric in widget.tile:
        if metric.right is not None and not r.scope.allows(metric.right):
            continue
        value = first.get(TILE + metric.name)
        if not rows and metric.function == "scalar":
            value = r.value(metric.column, account_id=account.account_id)
        tile[metric.name] = value if value is not None or metric.kind == "moment" else ZERO[metric.kind]
    if "credit" in tile:
        tile |= {"net_due": tile["open_amount"] - tile["payable"], "credit_left": tile["credit"] - tile["payable"]}
    total = first.get(f"{TILE}total", 0)
    return WidgetResult(widget, total, tile, tuple({n: v for n, v in row.items() if not n.startswith(TILE)} for row in rows))


def read_overview(account: OpenAccount) -> dict[str, WidgetResult]:
    """Number, tile and newest rows of every widget the viewer may see, by key.

    One statement for all; when it fails they are read one by one and only the broken one is ``failed``.
    Raises AccountNotFound when the account may no longer be seen.
    """
    try:
        with account_reader(account.viewer, account.account_id) as r:
            return _read(r, account, visible_to(r.scope.rights))
    except StoreError:
        log.warning("the overview statement failed; reading widget by widget", exc_info=True)
        return read_each(account)


def read_widget(account: OpenAccount, key: str) -> WidgetResult:
    """One widget for its card. Raises NotFound for a widget the viewer does not have, AccountNotFound."""
    with account_reader(account.viewer, account.account_id) as r:
        widget = _own(r, key)
        return _read(r, account, (widget,))[key]


def read_each(account: OpenAccount) -> dict[str, WidgetResult]:
    """Every widget by itself, the broken ones marked."""
    with reader(account.viewer) as r:
        widgets = visible_to(r.scope.rights)
    results = {}
    for widget in widgets:
        try:
            results[widget.key] = read_widget(account, widget.key)
        except StoreError:
            results[widget.key] = WidgetResult(widget, failed=True)
    return results


def _own(r: Reader, key: str) -> Widget:
    for widget in visible_to(r.scope.rights):
        if widget.key == key:
            return widget
    raise NotFound()
