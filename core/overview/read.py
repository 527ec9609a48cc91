"""Read the widgets of the Overview: stored cards where they are valid, the tables for the others. The same SQL makes both."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from core.access.open_account import OpenAccount
from core.base.errors import NotFound, StoreError
from core.base.rights import Right
from core.overview.card_cache import Card, cards_from_tables, stored_cards
from core.overview.catalogue import CATALOGUE
from core.overview.net_due import tile_of
from core.overview.spec import Widget
from core.overview.turn import TURN
from core.store import Reader, Row, account_reader, reader

# What a tile shows where there are no rows, by kind of its number.
ZERO: dict[str, int | Decimal] = {"count": 0, "hours": 0, "money": Decimal("0.00")}
# From this number of missing cards on, reading all widgets in one statement is faster than reading the missing ones by themselves.
MIN_MISSING_FOR_ONE_STATEMENT = 4
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class WidgetResult:
    """What a card shows: the number of all rows, the tile's numbers by name, the newest rows; ``failed`` when reading went wrong.

    ``has_others`` says that a card without rows has some in a wider scope of its list.
    """

    widget: Widget
    total: int = 0
    tile: dict[str, Any] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    failed: bool = False
    has_others: bool = False


def visible_to(rights: frozenset[Right], catalogue: tuple[Widget, ...] = CATALOGUE) -> tuple[Widget, ...]:
    """Return the widgets that are shown to somebody with these rights, in page order."""
    return tuple(widget for widget in catalogue if widget.right is None or widget.right in rights)


def kept_for(rights: frozenset[Right]) -> tuple[Widget, ...]:
    """Return the widgets, and the numbers of the ledger above them."""
    return (*visible_to(rights), *visible_to(rights, TURN))


def _read(r: Reader, account: OpenAccount, widgets: Sequence[Widget]) -> dict[str, WidgetResult]:
    """Return what the cards of these widgets show, by key."""
    cards = stored_cards(r, account.account_id)
    missing = [widget for widget in widgets if widget.key not in cards]
    statements: Iterable[Sequence[Widget]] = (
        [widgets] if len(missing) >= MIN_MISSING_FOR_ONE_STATEMENT else [[widget] for widget in missing]
    )
    for together in statements:
        cards |= cards_from_tables(r, account.account_id, together)
    return results_of(r, account.account_id, widgets, cards)


def results_of(r: Reader, account_id: int, widgets: Sequence[Widget], cards: Mapping[str, Card]) -> dict[str, WidgetResult]:
    """Return what the viewer of ``r`` is shown of these widgets' cards, by key."""
    results = {widget.key: result_of(r, widget, cards[widget.key]) for widget in widgets}
    if empty := [result.widget for result in results.values() if not result.total and result.widget.where]:
        for key in _with_others(r, account_id, empty):
            results[key] = replace(results[key], has_others=True)
    return results


def _with_others(r: Reader, account_id: int, widgets: Sequence[Widget]) -> list[str]:
    """Return the keys of those widgets whose widest scope, which is every row of their table, holds one of the account."""
    found = [f"SELECT '{widget.key}' AS key WHERE EXISTS (FROM {widget.table} WHERE account_id = $account_id)" for widget in widgets]
    return [row["key"] for row in r.rows(" UNION ALL ".join(found), account_id=account_id)]


def result_of(r: Reader, widget: Widget, card: Card) -> WidgetResult:
    """Return what the viewer of ``r`` is shown of a card: a number of the tile that needs a right they lack is left out."""
    tile: dict[str, Any] = {}
    for metric in widget.tile:
        if metric.right is None or r.scope.allows(metric.right):
            value = card.tile[metric.name]
            tile[metric.name] = value if value is not None or metric.kind == "moment" else ZERO[metric.kind]
    if "credit" in tile:
        tile |= tile_of(*(tile[key] for key in ("owed", "notes", "coverable", "credit")))
    return WidgetResult(widget, card.tile["total"] or 0, tile, card.rows)


def read_overview(account: OpenAccount) -> dict[str, WidgetResult]:
    """Return every widget the viewer may see, by key, and the numbers of the ledger (``turn``, ``turn_invoices``).

    When reading them together fails, each widget is read by itself, and only the broken one is ``failed``.

    Raises:
        AccountNotFound: the viewer may no longer see the account.
    """
    try:
        with account_reader(account.viewer, account.account_id) as r:
            return _read(r, account, kept_for(r.scope.rights))
    except StoreError:
        log.warning("the overview statement failed; reading widget by widget", exc_info=True)
        return read_each(account)


def read_widget(account: OpenAccount, key: str) -> WidgetResult:
    """Return one widget.

    Raises:
        NotFound: the viewer does not have this widget.
        AccountNotFound: the viewer may no longer see the account.
    """
    with account_reader(account.viewer, account.account_id) as r:
        widget = next((widget for widget in kept_for(r.scope.rights) if widget.key == key), None)
        if widget is None:
            raise NotFound()
        return _read(r, account, [widget])[key]


def read_each(account: OpenAccount) -> dict[str, WidgetResult]:
    """Return every widget the viewer may see, each read by itself, by key; one that cannot be read is ``failed``."""
    with reader(account.viewer) as r:
        widgets = kept_for(r.scope.rights)
    results = {}
    for widget in widgets:
        try:
            results[widget.key] = read_widget(account, widget.key)
        except StoreError:
            results[widget.key] = WidgetResult(widget, failed=True)
    return results


def visible_widget(r: Reader, key: str) -> Widget:
    """Return the widget of this key. Raises NotFound for one the viewer does not have."""
    for widget in visible_to(r.scope.rights):
        if widget.key == key:
            return widget
    raise NotFound()
