"""Remember the accounts each member opened last: at once in memory, and a moment later in the store, everybody's in one transaction.

So no page waits for the disk because it was looked at; a server that is killed forgets the openings of its last second.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta
from typing import NamedTuple

from core.access.open_account import OpenAccount, account_head
from core.base.errors import AppError
from core.base.rights import Viewer
from core.clients.search import Match
from core.store import Row, cached, engine, now, reader, sql, with_retry, writer

SYSTEM = Viewer.system("recent")
# Longest wait for the first opening, and how long further ones are gathered after it.
MAX_WAIT_S = 60.0
GATHER_S = 1.0
# An opening so long after the one before begins a new visit.
VISIT = timedelta(minutes=30)
# Accounts remembered for each member.
MAX_OPENED = 20
log = logging.getLogger("kundenblick")


class Opening(NamedTuple):
    """When a client was opened, and whether all that is there was seen."""

    moment: datetime
    all_seen: bool = False


class OpenedAccounts:
    """The accounts each member opened last, and which openings are not written yet. Thread-safe."""

    def __init__(self) -> None:
        self._guard, self._news = threading.Lock(), threading.Event()
        # Of each member the accounts, the last opened at the end.
        self._opened: dict[int, dict[int, None]] = {}
        self._unwritten: dict[tuple[int, int], Opening] = {}

    def note(self, staff_member_id: int, account_id: int, moment: datetime, *, all_seen: bool = False) -> None:
        """Add an opening; with ``all_seen`` nothing before it is news any more."""
        with self._guard:
            own = self._opened.setdefault(staff_member_id, {})
            own.pop(account_id, None)
            own[account_id] = None
            if len(own) > MAX_OPENED:
                del own[next(iter(own))]
            self._unwritten[staff_member_id, account_id] = Opening(moment, all_seen)
        self._news.set()

    def of(self, staff_member_id: int) -> list[int]:
        """Return the ids of the accounts this member opened since the store was opened, the last one first; at most MAX_OPENED."""
        with self._guard:
            return list(reversed(self._opened.get(staff_member_id, ())))

    def take(self) -> dict[tuple[int, int], Opening]:
        """Return and forget {(staff_member_id, account_id): opening} of what is not written yet; the caller writes it or puts it back."""
        with self._guard:
            self._news.clear()
            taken, self._unwritten = self._unwritten, {}
            return taken

    def put_back(self, taken: dict[tuple[int, int], Opening]) -> None:
        """Add openings that could not be written to the next ones; an account opened again since has the later moment."""
        with self._guard:
            self._unwritten = taken | self._unwritten

    def wait(self, seconds: float) -> None:
        """Wait until an account is opened, at most so many seconds."""
        self._news.wait(seconds)

    def wake(self) -> None:
        """End ``wait``."""
        self._news.set()


def recent(viewer: Viewer, limit: int = 8) -> list[Match]:
    """Return the accounts that this member opened last and may still see, the last one first; none for others."""
    if viewer.kind != "staff" or viewer.id is None:
        return []
    rows = cached(viewer, ("recent", limit), lambda r: r.rows(sql("recent_accounts"), limit=limit))
    heads: dict[int, Row | None] = {
        account_id: account_head(viewer, account_id) for account_id in engine().held(OpenedAccounts).of(viewer.id)
    }
    found = {account_id: _match(row) for account_id, row in heads.items() if row is not None}
    found |= {row["account_id"]: _match(row) for row in rows if row["account_id"] not in found}
    return list(found.values())[:limit]


def _match(row: Row) -> Match:
    return Match(row["account_id"], row["number"], row["name"], row["state"] == "archived", row["photo_id"], "name")


def remember_opened(account: OpenAccount) -> None:
    """Remember that the viewer opened this account now; looking as another member leaves no trace."""
    viewer = account.viewer
    if viewer.kind == "staff" and viewer.id is not None and viewer.by is None:
        engine().held(OpenedAccounts).note(viewer.id, account.account_id, now())


def last_look(account: OpenAccount) -> datetime | None:
    """Return when the viewer's visit before this one began; None before there was one. To be asked as a visit begins."""
    with reader(account.viewer) as r:
        row = r.row("SELECT opened_at, before_at FROM recent_account WHERE account_id = $id", id=account.account_id)
    if row is None:
        return None
    found: datetime | None = row["opened_at"] if row["opened_at"] < now() - VISIT else row["before_at"]
    return found


def all_seen(account: OpenAccount) -> None:
    """Remember that the viewer has seen all there is of this account now; looking as another member leaves no trace."""
    viewer = account.viewer
    if viewer.kind == "staff" and viewer.id is not None and viewer.by is None:
        engine().held(OpenedAccounts).note(viewer.id, account.account_id, now(), all_seen=True)


def write_opened() -> int:
    """Write the openings since the last time into the store; returns how many. They are put back when that fails."""
    opened = engine().held(OpenedAccounts).take()
    if not opened:
        return 0
    listed = ", ".join(
        f"({member}, {account}, TIMESTAMP '{opening.moment:%Y-%m-%d %H:%M:%S.%f}', {opening.all_seen})"
        for (member, account), opening in opened.items()
    )
    values = f"(VALUES {listed}) AS v(member, account, moment, seen)"

    def attempt() -> None:
        with writer(SYSTEM) as tx:
            # An opening that begins a new visit: the one before it is the last look.
            tx.execute(
                f"""UPDATE recent_account SET opened_at = v.moment, before_at = CASE WHEN v.seen THEN v.moment
                        WHEN opened_at < v.moment - INTERVAL {VISIT.seconds} SECOND THEN opened_at ELSE before_at END
                    FROM {values} WHERE staff_member_id = v.member AND account_id = v.account"""
            )
            # An account or member deleted since has no row.
            tx.execute(
                f"""INSERT INTO recent_account (staff_member_id, account_id, opened_at, before_at)
                    SELECT v.member, v.account, v.moment, CASE WHEN v.seen THEN v.moment END FROM {values}
                    WHERE (v.member, v.account) NOT IN (SELECT (staff_member_id, account_id) FROM recent_account)
                      AND v.account IN (SELECT account_id FROM account) AND v.member IN (SELECT staff_member_id FROM staff_member)"""
            )

    try:
        with_retry(attempt)
    except BaseException:
        engine().held(OpenedAccounts).put_back(opened)
        raise
    return len(opened)


def run(end: threading.Event) -> None:
    """Write openings as they come, until ``end`` is set, and once more then."""
    while not end.is_set():
        engine().held(OpenedAccounts).wait(MAX_WAIT_S)
        end.wait(GATHER_S)
        try:
            write_opened()
        except AppError as problem:
            log.warning("what was opened last is not written down: %s", problem)
