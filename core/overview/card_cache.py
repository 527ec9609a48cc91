"""The cards of the Overview, stored per account and widget: read, made from the widgets' SQL, made again after changes.

Planning thirteen queries takes DuckDB longer than reading one account's rows; a stored card is one row to read. ``card_invalidation``
deletes a card in the transaction that changes what it shows. A card that is missing, was made by other SQL than today's, or whose day
has passed is not used: the widget is read from the tables.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from core.base.errors import AppError
from core.base.rights import Viewer
from core.i18n.formats import today
from core.overview.card_invalidation import StaleCardQueue
from core.overview.catalogue import CATALOGUE
from core.overview.spec import Widget
from core.overview.sql_composition import TILE, card_of, cards_of, described
from core.overview.turn import TURN
from core.store import Reader, Row, engine, reader, with_retry, writer
from core.store.staging import STORE

SYSTEM = Viewer.system("cards")
# What is kept, by its key: the cards, and the numbers above them.
KEPT = {widget.key: widget for widget in (*CATALOGUE, *TURN)}
EPOCH = date(1970, 1, 1)
# How long one transaction may keep other writers waiting.
MAX_TRANSACTION_S = 0.1
MIN_ACCOUNTS_PER_TRANSACTION = 50
MAX_ACCOUNTS_PER_TRANSACTION = 20_000
WAKE_EVERY_S = 60.0
log = logging.getLogger("kundenblick")
_columns: dict[str, dict[str, str]] = {}
_fingerprints: dict[Widget, int] = {}
_statements: dict[tuple[str, ...], tuple[str, str]] = {}
_readers: dict[str, Callable[[str], object]] = {"TIMESTAMP": datetime.fromisoformat, "DATE": date.fromisoformat, "DECIMAL": Decimal}


class Card(NamedTuple):
    """What a widget's card holds: ``tile`` by name without prefix, with ``total`` for the number of rows, and the newest rows."""

    tile: dict[str, Any]
    rows: tuple[Row, ...]


def columns_of(r: Reader, widget: Widget) -> dict[str, str]:
    """Return the SQL type of each column of the widget's rows and tile, by name; asked of the database once per process."""
    if widget.key not in _columns:
        _columns[widget.key] = r.types(described(widget), account_id=0, today_days=0)
    return _columns[widget.key]


def fingerprint(r: Reader, widget: Widget) -> int:
    """Return a number of 48 bits that names the SQL a card of this widget is made by: cards made by other SQL are not used."""
    if widget not in _fingerprints:
        digest = hashlib.sha256(card_of(widget, columns_of(r, widget)).encode()).digest()
        _fingerprints[widget] = int.from_bytes(digest[:6])
    return _fingerprints[widget]


def days(day: date) -> int:
    """Return the days since 1970-01-01: prepared statements take integers only."""
    return (day - EPOCH).days


def stored_cards(r: Reader, account_id: int) -> dict[str, Card]:
    """Return the cards of the account that are valid today and that the viewer may see, by widget."""
    day, cards = today(), {}
    for key, made_by, made_on, good_until, text in r.prepared("overview_cards", _STORED, account_id=account_id):
        is_current = key in KEPT and made_on <= day and (good_until is None or day <= good_until)
        if is_current and made_by == fingerprint(r, KEPT[key]):
            cards[key] = _card(text, columns_of(r, KEPT[key]))
    return cards


_STORED = "SELECT widget, form, made_on, good_until, card FROM overview_card WHERE account_id = $account_id"


def cards_from_tables(r: Reader, account_id: int, widgets: Sequence[Widget]) -> dict[str, Card]:
    """Return the cards of these widgets, read from the tables in one prepared statement, by widget."""
    name, text = _statement(r, widgets)
    integers = {"account_id": account_id, "today_days": days(today())}
    given = {key: value for key, value in integers.items() if f"${key}" in text}
    return {key: _card(card, columns_of(r, KEPT[key])) for key, card in r.prepared(name, text, **given)}


def _statement(r: Reader, widgets: Sequence[Widget]) -> tuple[str, str]:
    """Return the name and text of the statement for these widgets, composed once per process."""
    keys = tuple(widget.key for widget in widgets)
    if keys not in _statements:
        text = cards_of({widget: columns_of(r, widget) for widget in widgets})
        _statements[keys] = f"overview_{hashlib.sha256(text.encode()).hexdigest()[:16]}", text
    return _statements[keys]


def _card(text: str, columns: dict[str, str]) -> Card:
    """Return what the JSON of ``card_of`` says."""
    tile_values, rows = json.loads(text)
    of_tile = [(name.removeprefix(TILE), sql_type) for name, sql_type in columns.items() if name.startswith(TILE)]
    of_row = [(name, sql_type) for name, sql_type in columns.items() if not name.startswith(TILE)]
    return Card(_named(of_tile, tile_values), tuple(_named(of_row, values) for values in rows))


def _named(columns: list[tuple[str, str]], values: list[Any]) -> dict[str, Any]:
    """Return values of JSON by column name, each as Python has its SQL type."""
    return {
        name: value if value is None or (read := _readers.get(sql_type.split("(")[0])) is None else read(value)
        for (name, sql_type), value in zip(columns, values, strict=True)
    }


def make_cards(wanted: dict[int, set[str]]) -> int:
    """Write the cards of these widgets, by account id, anew in one transaction; return how many cards were written."""
    count = 0
    by_widget: dict[str, list[int]] = {}
    for account_id, keys in wanted.items():
        for key in keys:
            by_widget.setdefault(key, []).append(account_id)
    with engine().held(StaleCardQueue).filling, writer(SYSTEM) as tx:
        for key, ids in by_widget.items():
            tx.execute(f"DELETE FROM overview_card WHERE widget = '{key}' AND account_id IN (SELECT unnest($ids))", {"ids": sorted(ids)})
            tx.execute(
                _MADE.format(key=key, made_by=fingerprint(tx, KEPT[key]), card=_for_each(tx, KEPT[key]), day=days(today())),
                {"ids": sorted(ids)},
            )
            count += len(ids)
    return count


def _for_each(r: Reader, widget: Widget) -> str:
    """Return the card's query for each row of ``one_of_many``, a name no widget's SQL uses for itself."""
    query = card_of(widget, columns_of(r, widget))
    return query.replace("$account_id", "one_of_many.account_id").replace("$today_days", str(days(today())))


_MADE = """INSERT INTO overview_card
    SELECT one_of_many.account_id, '{key}', {made_by}, DATE '1970-01-01' + {day}, c.good_until, c.card
    FROM (SELECT account_id FROM account WHERE account_id IN (SELECT unnest($ids))) AS one_of_many, LATERAL ({card}) AS c ORDER BY 1"""


def missing(above: int = 0) -> tuple[dict[int, set[str]], int | None]:
    """Find the cards that are missing or not valid today, among the next accounts above an id.

    Returns:
        Keys of widgets by account id; and the last account id looked at, or None when no account is left above it.
    """
    with reader(SYSTEM) as r:
        ids = r.rows(
            f"SELECT account_id FROM {STORE}.account WHERE account_id > $above ORDER BY 1 LIMIT {MAX_ACCOUNTS_PER_TRANSACTION}", above=above
        )
        if not ids:
            return {}, None
        last = ids[-1]["account_id"]
        good = " OR ".join(f"(widget = '{widget.key}' AND form = {fingerprint(r, widget)})" for widget in KEPT.values())
        valid = r.rows(
            f"""SELECT account_id, list(widget) AS widgets FROM {STORE}.overview_card WHERE account_id > $above AND account_id <= $last
                AND ({good}) AND made_on <= $day AND coalesce(good_until >= $day, TRUE) GROUP BY account_id""",
            above=above, last=last, day=today(),
        )  # fmt: skip
    valid_of = {row["account_id"]: row["widgets"] for row in valid}
    missing_of = {row["account_id"]: set(KEPT).difference(valid_of.get(row["account_id"], ())) for row in ids}
    is_more = len(ids) == MAX_ACCOUNTS_PER_TRANSACTION
    return {account_id: widgets for account_id, widgets in missing_of.items() if widgets}, last if is_more else None


def wrong_cards(widget: Widget) -> str:
    """Return a query of the numbers of accounts whose valid card of this widget differs from the tables.

    Its parameters are the account ids ``$first`` and ``$last`` of the stretch to compare.
    """
    with reader(SYSTEM) as r:
        anew, made_by = _for_each(r, widget), fingerprint(r, widget)
    return f"""SELECT one_of_many.number FROM {STORE}.overview_card k JOIN {STORE}.account one_of_many USING (account_id), LATERAL ({anew}) AS c
        WHERE k.account_id BETWEEN $first AND $last AND k.widget = '{widget.key}' AND k.form = {made_by} AND k.made_on <= DATE '{today()}'
        AND coalesce(k.good_until >= DATE '{today()}', TRUE) AND c.card <> k.card"""


def fill(end: threading.Event | None = None, max_s: float = MAX_TRANSACTION_S, progress: Callable[[int], None] | None = None) -> int:
    """Make every card that is missing; return how many were made.

    Args:
        end: stops the work between two transactions.
        max_s: about how long one transaction may keep other writers waiting.
        progress: is called after each transaction with the number of cards made so far.
    """
    above: int | None = 0
    size, made = MIN_ACCOUNTS_PER_TRANSACTION, 0
    while above is not None:
        found, above = missing(above)
        left = list(found.items())
        while left:
            if end is not None and end.is_set():
                return made
            piece, left = dict(left[:size]), left[size:]
            began = time.monotonic()
            made += with_retry(partial(make_cards, piece))
            if progress is not None:
                progress(made)
            fitting = int(size * min(2.0, max_s / max(time.monotonic() - began, 0.001)))
            size = max(MIN_ACCOUNTS_PER_TRANSACTION, min(MAX_ACCOUNTS_PER_TRANSACTION, fitting))
    return made


def run(end: threading.Event) -> None:
    """Make what is missing, and again whatever a change or a new day takes away, until ``end`` is set."""
    filled_on: date | None = None
    while not end.is_set():
        try:
            stale, others_too = engine().held(StaleCardQueue).take()
            if others_too or filled_on != today():
                filled_on = today()
                fill(end)
            elif stale:
                _make_all(stale)
        except AppError as problem:
            log.warning("cards wait: %s", problem)
        engine().held(StaleCardQueue).wait(WAKE_EVERY_S)


def _make_all(stale: dict[int, set[str]]) -> None:
    """Make these cards in short transactions."""
    ids = sorted(stale)
    for start in range(0, len(ids), MIN_ACCOUNTS_PER_TRANSACTION):
        make_cards({account_id: stale[account_id] for account_id in ids[start : start + MIN_ACCOUNTS_PER_TRANSACTION]})
