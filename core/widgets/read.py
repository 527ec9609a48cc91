"""Reading widgets: all thirteen in one prepared statement, or one in full. The same SQL file feeds both."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache

from core.access import OpenAccount
from core.errors import AccountNotFound, NotFound, StoreError
from core.i18n.formats import today
from core.rights import Right
from core.store import Reader, Row, reader
from core.widgets.catalogue import CATALOGUE, WIDGETS
from core.widgets.spec import Widget

SHOWN = 5
PINNED = 20
EPOCH = date(1970, 1, 1)
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


def _branch(widget: Widget, place: int, keys: tuple[str, ...]) -> str:
    """One widget's newest rows, each with the number of all rows and the tile beside it, in a column of its own."""
    query, order = _dated(widget).rsplit("\nORDER BY ", 1)
    tile = ", ".join(f"'{metric.name}': {metric.over_all_rows}" for metric in widget.tile)
    where = f" WHERE {widget.where}" if widget.where else ""
    columns = ", ".join(("card" if i == place else "NULL") + f" AS {key}" for i, key in enumerate(keys))
    card = f"{{'total': count(*) OVER (), 'tile': {{{tile}}}, 'row': q}} AS card"
    if not widget.above:
        return f"(SELECT {columns} FROM (SELECT {card} FROM ({query}) AS q{where} ORDER BY {order} LIMIT {SHOWN + 1}) AS c)"
    turn = f"row_number() OVER (PARTITION BY {widget.above} ORDER BY {order}) AS turn"
    inner = f"SELECT {card}, {widget.above} AS above, {turn} FROM ({query}) AS q{where} ORDER BY {order}"
    return f"(SELECT {columns} FROM ({inner}) AS c WHERE turn <= CASE WHEN above THEN {PINNED} ELSE {SHOWN + 1} END)"


def _dated(widget: Widget) -> str:
    """The widget's SQL with today as a number of days: prepared parameters are integers."""
    return widget.query.replace("$today", "(DATE '1970-01-01' + $today_days)")


@cache
def statement(keys: tuple[str, ...]) -> str:
    """The thirteen files as one statement: a column a widget, a row a row."""
    return "\nUNION ALL ".join(_branch(WIDGETS[key], place, keys) for place, key in enumerate(keys))


def _read(r: Reader, account: OpenAccount, widgets: tuple[Widget, ...]) -> dict[str, WidgetResult]:
    keys = tuple(widget.key for widget in widgets)
    text = statement(keys)
    name = "overview_" + hashlib.sha256(text.encode()).hexdigest()[:16]
    integers = {"account_id": account.account_id, "today_days": (today() - EPOCH).days}
    found: dict[str, list[dict]] = {key: [] for key in keys}
    for values in r.prepared(name, text, **{key: value for key, value in integers.items() if f"${key}" in text}):
        for key, card in zip(keys, values, strict=True):
            if card is not None:
                found[key].append(card)
    return {widget.key: _result(r, account, widget, found[widget.key]) for widget in widgets}


def _result(r: Reader, account: OpenAccount, widget: Widget, cards: list[dict]) -> WidgetResult:
    values = dict(cards[0]["tile"]) if cards else {}
    tile = {}
    for metric in widget.tile:
        if metric.right is not None and not r.scope.allows(metric.right):
            continue
        value = values.get(metric.name)
        if not cards and metric.function == "scalar":
            value = r.value(metric.column, account_id=account.account_id)
        tile[metric.name] = value if value is not None or metric.kind == "moment" else ZERO[metric.kind]
    if "credit" in tile:
        tile |= {"net_due": tile["open_amount"] - tile["payable"], "credit_left": tile["credit"] - tile["payable"]}
    return WidgetResult(widget, cards[0]["total"] if cards else 0, tile, tuple(card["row"] for card in cards))


def read_overview(account: OpenAccount) -> dict[str, WidgetResult]:
    """Number, tile and newest rows of every widget the viewer may see, by key.

    One statement for all; when it fails they are read one by one and only the broken one is ``failed``.
    Raises AccountNotFound when the account may no longer be seen.
    """
    try:
        with reader(account.viewer) as r:
            if not r.sees(account.account_id):
                raise AccountNotFound()
            return _read(r, account, visible_to(r.scope.rights))
    except StoreError:
        log.warning("the overview statement failed; reading widget by widget", exc_info=True)
        return read_each(account)


def read_widget(account: OpenAccount, key: str) -> WidgetResult:
    """One widget for its card. Raises NotFound for a widget the viewer does not have."""
    with reader(account.viewer) as r:
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
