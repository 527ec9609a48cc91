"""What waits on a member of the firm today (*Heute*), over the clients they work for or over all they see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Literal

from core.access.verbs import require_staff
from core.activity.ledger import LEDGER_TABLES, moments, over_ledger
from core.base.rights import Right, Viewer
from core.i18n.formats import today
from core.store import Reader, Row, cached, reader
from core.store.staging import STORE

Card = Literal["tasks", "chats", "documents", "emails", "signing", "organizers", "invoices"]
SYSTEM = Viewer.system("last import")
# In page order.
CARDS: tuple[Card, ...] = ("tasks", "chats", "documents", "emails", "signing", "organizers", "invoices")
# Tasks that are due within so many days are shown before their day.
SOON_DAYS = 7
MAX_ROWS = 100


@dataclass(frozen=True, slots=True)
class Waiting:
    """A card of *Heute*: its first rows, and over all of them their number, of things in them, of those past due and due today.

    Rows are (kind, account_id, client, item_id, title, turn, since_at, due_on, amount, items).
    """

    rows: tuple[Row, ...] = ()
    total: int = 0
    items: int = 0
    overdue: int = 0
    due_today: int = 0


@dataclass(frozen=True, slots=True)
class Today:
    """What waits, by card; a card the viewer has no right to is missing. ``dormant`` counts what waits for more than a year."""

    cards: dict[Card, Waiting]
    dormant: int
    of_everybody: bool


def read_today(viewer: Viewer, of_everybody: bool | None = None) -> Today:
    """Return what waits on the viewer, or with ``of_everybody`` on anybody, over the clients the viewer sees.

    None chooses: what is the viewer's own, and everybody's for who works for no client.
    """
    day = today()
    return cached(viewer, ("today", of_everybody, day), lambda r: _read(r, of_everybody), *LEDGER_TABLES)


def last_import(viewer: Viewer) -> datetime | None:
    """Return when the last import came to its end that was not taken back; None before the first. Nothing but the moment is told."""
    with reader(viewer) as own:
        require_staff(own.viewer)
    with reader(SYSTEM) as r:
        found: datetime | None = r.value(f"SELECT max(finished_at) FROM {STORE}.import_run WHERE undone_at IS NULL")
    return found


def _read(r: Reader, of_everybody: bool | None) -> Today:
    member_id = r.viewer.id
    if of_everybody is None:
        asked = "SELECT 1 FROM assignment s JOIN account a ON a.account_id = s.account_id WHERE s.staff_member_id = $member_id"
        of_everybody = r.value(f"{asked} AND a.archived_at IS NULL LIMIT 1", member_id=member_id) is None
    given = moments() | {"soon": today() + timedelta(days=SOON_DAYS), "rows": MAX_ROWS}
    rows = r.rows(over_ledger("today"), member_id=member_id, of_everybody=of_everybody, **given)
    found = {card: tuple(of_card) for card, of_card in groupby(rows, key=lambda row: row["card"])}
    cards = {card: _waiting(found.get(card, ())) for card in CARDS if card != "invoices" or r.scope.allows(Right.SEE_INVOICES)}
    return Today(cards, _waiting(found.get("dormant", ())).total, of_everybody)


def _waiting(rows: tuple[Row, ...]) -> Waiting:
    if not rows:
        return Waiting()
    first = rows[0]
    return Waiting(rows, first["card_rows"], first["card_items"], first["overdue"], first["due_today"])
