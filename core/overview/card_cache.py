"""Cards kept ready: made from the widgets' own SQL, dropped by the store with any change of what they show, made again here.

Planning thirteen queries takes DuckDB longer than reading one client's rows; a card is one row to read. A missing card, one
made otherwise than today's code would, or one whose day has passed is no card: the widget is read from the tables.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal

from core.base.errors import AppError
from core.base.rights import Viewer
from core.i18n.formats import today
from core.overview.card_invalidation import StaleCardQueue
from core.overview.catalogue import CATALOGUE, WIDGETS
from core.overview.spec import Widget
from core.overview.sql_composition import TILE, card_of, yields
from core.store import Reader, Row, engine, reader, with_retry, writer
from core.store.staging import STORE

SYSTEM = Viewer.system("cards")
EPOCH = date(1970, 1, 1)
# Seconds one transaction may take: others wait for it.
PATIENCE = 0.1
FEWEST, MOST = 50, 20_000
LOOK_EVERY = 60.0
log = logging.getLogger("kundenblick")
_shapes: dict[str, dict[str, str]] = {}
_forms: dict[Widget, int] = {}
_readers: dict[str, Callable[[str], object]] = {"TIMESTAMP": datetime.fromisoformat, "DATE": date.fromisoformat, "DECIMAL": Decimal}


def shape(r: Reader, widget: Widget) -> dict[str, str]:
    """The names a widget yields and their SQL types, once per process."""
    if widget.key not in _shapes:
        _shapes[widget.key] = r.types(yields(widget), account_id=0, today_days=0)
    return _shapes[widget.key]


def form(r: Reader, widget: Widget) -> int:
    """What names the way a card of this widget is made; once per process."""
    if widget not in _forms:
        _forms[widget] = int.from_bytes(hashlib.sha256(card_of(widget, shape(r, widget)).encode()).digest()[:6])
    return _forms[widget]


def days(day: date) -> int:
    """As the widgets' SQL counts them."""
    return (day - EPOCH).days


def kept_cards(r: Reader, account_id: int) -> dict[str, list[Row]]:
    """The rows of the cards there are, by widget, as the widget's statement would yield them beside its tile.

    A widget without rows has one row that holds nothing but the tile.
    """
    day, found = today(), {}
    for key, made, made_on, good_until, text in r.prepared("overview_cards", _KEPT, account_id=account_id):
        if key in WIDGETS and made_on <= day and (good_until is None or day <= good_until) and made == form(r, WIDGETS[key]):
            found[key] = _read(text, shape(r, WIDGETS[key]))
    return found


_KEPT = "SELECT widget, form, made_on, good_until, card FROM overview_card WHERE account_id = $account_id"


def _read(text: str, columns: dict[str, str]) -> list[Row]:
    beside, rows = json.loads(text)
    tiles = [(name, kind) for name, kind in columns.items() if name.startswith(TILE)]
    values = [(name, kind) for name, kind in columns.items() if not name.startswith(TILE)]
    tile = _as_row(tiles, beside)
    return [_as_row(values, row) | tile for row in rows] or [tile]


def _as_row(columns: list[tuple[str, str]], values: list[object]) -> Row:
    return {
        name: value if value is None or (read := _readers.get(kind.split("(")[0])) is None else read(value)
        for (name, kind), value in zip(columns, values, strict=True)
    }


def make(wanted: dict[int, set[str]]) -> int:
    """Write the cards of these widgets of these accounts anew, in one transaction; returns how many."""
    count = 0
    by_widget: dict[str, list[int]] = {}
    for account_id, keys in wanted.items():
        for key in keys:
            by_widget.setdefault(key, []).append(account_id)
    with engine().held(StaleCardQueue).filling, writer(SYSTEM) as tx:
        for key, ids in by_widget.items():
            tx.execute(f"DELETE FROM overview_card WHERE widget = '{key}' AND account_id IN (SELECT unnest($ids))", {"ids": sorted(ids)})
            tx.execute(
                _MADE.format(key=key, form=form(tx, WIDGETS[key]), card=_for_each(tx, WIDGETS[key]), day=days(today())),
                {"ids": sorted(ids)},
            )
            count += len(ids)
    return count


def _for_each(r: Reader, widget: Widget) -> str:
    """The card's query for each row of ``one_of_many``, a name no widget's SQL uses for itself."""
    return card_of(widget, shape(r, widget)).replace("$account_id", "one_of_many.account_id").replace("$today_days", str(days(today())))


_MADE = """INSERT INTO overview_card
    SELECT one_of_many.account_id, '{key}', {form}, DATE '1970-01-01' + {day}, c.good_until, c.card
    FROM (SELECT account_id FROM account WHERE account_id IN (SELECT unnest($ids))) AS one_of_many, LATERAL ({card}) AS c ORDER BY 1"""


def missing(above: int = 0) -> tuple[dict[int, set[str]], int | None]:
    """Widgets without a card that holds today, by account, among the next accounts above an id; and the last of these, if there are more."""
    with reader(SYSTEM) as r:
        ids = r.rows(f"SELECT account_id FROM {STORE}.account WHERE account_id > $above ORDER BY 1 LIMIT {MOST}", above=above)
        if not ids:
            return {}, None
        last = ids[-1]["account_id"]
        good = " OR ".join(f"(widget = '{widget.key}' AND form = {form(r, widget)})" for widget in CATALOGUE)
        there = r.rows(
            f"""SELECT account_id, list(widget) AS widgets FROM {STORE}.overview_card WHERE account_id > $above AND account_id <= $last
                AND ({good}) AND made_on <= $day AND coalesce(good_until >= $day, TRUE) GROUP BY account_id""",
            above=above, last=last, day=today(),
        )  # fmt: skip
    kept = {row["account_id"]: row["widgets"] for row in there}
    without = {row["account_id"]: set(WIDGETS).difference(kept.get(row["account_id"], ())) for row in ids}
    return {account_id: widgets for account_id, widgets in without.items() if widgets}, last if len(ids) == MOST else None


def wrong(widget: Widget) -> str:
    """A query of the numbers of accounts, of ids from ``$first`` to ``$last``, whose card of this widget does not say what the tables say."""
    with reader(SYSTEM) as r:
        anew, made = _for_each(r, widget), form(r, widget)
    return f"""SELECT one_of_many.number FROM {STORE}.overview_card k JOIN {STORE}.account one_of_many USING (account_id), LATERAL ({anew}) AS c
        WHERE k.account_id BETWEEN $first AND $last AND k.widget = '{widget.key}' AND k.form = {made} AND k.made_on <= DATE '{today()}'
        AND coalesce(k.good_until >= DATE '{today()}', TRUE) AND c.card <> k.card"""


def fill(
    end: threading.Event | None = None, patience: float = PATIENCE, progress: Callable[[int], None] = lambda made: None
) -> int:  # fmt: skip
    """Make every card that is missing, in pieces that keep nobody waiting for more than ``patience`` seconds; returns how many.

    ``progress`` is told after each piece how many were made.
    """
    above, size, made = 0, FEWEST, 0
    while above is not None:
        found, above = missing(above)
        left = list(found.items())
        while left:
            if end is not None and end.is_set():
                return made
            piece, left = dict(left[:size]), left[size:]
            began = time.monotonic()
            made += with_retry(lambda piece=piece: make(piece))
            progress(made)
            size = max(FEWEST, min(MOST, int(size * min(2.0, patience / max(time.monotonic() - began, 0.001)))))
    return made


def run(end: threading.Event) -> None:
    """Make what is missing, and again whatever a change or a new day takes away, until ``end``."""
    last: date | None = None
    while not end.is_set():
        try:
            gone, unknown = engine().held(StaleCardQueue).take()
            if unknown or last != today():
                last = today()
                fill(end)
            elif gone:
                _make_all(gone)
        except AppError as problem:
            log.warning("cards wait: %s", problem)
        engine().held(StaleCardQueue).wait(LOOK_EVERY)


def _make_all(gone: dict[int, set[str]]) -> None:
    places: Iterable[int] = sorted(gone)
    for start in range(0, len(gone), FEWEST):
        make({account_id: gone[account_id] for account_id in places[start : start + FEWEST]})
