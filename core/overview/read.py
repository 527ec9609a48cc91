"""Reading widgets: all thirteen from their cards or in one statement, or one in full. The same SQL file feeds all three."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass, field
from decimal import Decimal

from core.access.open_account import OpenAccount
from core.base.errors import NotFound, StoreError
from core.base.rights import Right
from core.i18n.formats import today
from core.overview.card_cache import days, kept_cards, shape
from core.overview.catalogue import CATALOGUE, WIDGETS
from core.overview.spec import Widget
from core.overview.sql_composition import TILE, Layout, compose
from core.store import Reader, Row, account_reader, reader

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


_layouts: dict[tuple[str, ...], Layout] = {}


def _layout(r: Reader, keys: tuple[str, ...]) -> Layout:
    """The composed statement, once per process and choice of widgets."""
    if keys not in _layouts:
        _layouts[keys] = compose({key: shape(r, WIDGETS[key]) for key in keys})
    return _layouts[keys]


# From so many widgets on that have no card, reading all in one statement takes less than each by itself.
MANY_WITHOUT = 4


def _read(r: Reader, account: OpenAccount, widgets: tuple[Widget, ...]) -> dict[str, WidgetResult]:
    """From the cards that are kept; from the tables where there is none."""
    found = kept_cards(r, account.account_id)
    without = tuple(widget for widget in widgets if widget.key not in found)
    for together in (widgets,) if len(without) >= MANY_WITHOUT else [(widget,) for widget in without]:
        found |= _read_tables(r, account, together)
    return {widget.key: _result(r, account, widget, found[widget.key]) for widget in widgets}


def _read_tables(r: Reader, account: OpenAccount, widgets: tuple[Widget, ...]) -> dict[str, list[Row]]:
    keys = tuple(widget.key for widget in widgets)
    layout = _layout(r, keys)
    name = "overview_" + hashlib.sha256(layout.text.encode()).hexdigest()[:16]
    integers = {"account_id": account.account_id, "today_days": days(today())}
    asked = {key: value for key, value in integers.items() if f"${key}" in layout.text}
    found: dict[str, list[Row]] = {key: [] for key in keys}
    for number, *values in r.prepared(name, layout.text, **asked):
        found[keys[number]].append({name: values[place] for name, place in layout.places[keys[number]].items()})
    return found


def _result(r: Reader, account: OpenAccount, widget: Widget, rows: list[Row]) -> WidgetResult:
    first = rows[0] if rows else {}
    rows = [row for row in rows if widget.id_column in row]
    tile = {}
    for metric in widget.tile:
        if metric.right is not None and not r.scope.allows(metric.right):
            continue
        value = first.get(TILE + metric.name)
        if not first and metric.function == "scalar":
            value = r.value(metric.column, account_id=account.account_id)
        tile[metric.name] = value if value is not None or metric.kind == "moment" else ZERO[metric.kind]
    if "credit" in tile:
        tile |= {"net_due": tile["open_amount"] - tile["payable"], "credit_left": tile["credit"] - tile["payable"]}
    total = first.get(f"{TILE}total") or 0
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
