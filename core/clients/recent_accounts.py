"""The clients a person opened last. An opening is shown at once and written a moment later, with everybody's in one transaction.

A page does not wait for the disk to say that it was looked at; a server that is killed forgets the openings of its last second.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime

from core.access.open_account import OpenAccount, account_head
from core.base.errors import AppError
from core.base.rights import Viewer
from core.clients.search import Match
from core.store import Row, cached, engine, now, sql, with_retry, writer

SYSTEM = Viewer.system("recent")
LOOK_EVERY, GATHERED = 60.0, 1.0
MAX_OPENED = 20
log = logging.getLogger("kundenblick")


class OpenedAccounts:
    """Per member the clients opened last, newest first, and what of it is still to be written. Thread-safe."""

    def __init__(self) -> None:
        self._guard, self._news, self._turn = threading.Lock(), threading.Event(), 0
        self._opened: dict[int, dict[int, int]] = {}
        self._unwritten: dict[tuple[int, int], datetime] = {}

    def note(self, staff_member_id: int, account_id: int, moment: datetime) -> None:
        """This member has opened this client now."""
        with self._guard:
            own = self._opened.setdefault(staff_member_id, {})
            own.pop(account_id, None)
            self._turn += 1
            own[account_id] = self._turn
            if len(own) > MAX_OPENED:
                del own[next(iter(own))]
            self._unwritten[staff_member_id, account_id] = moment
        self._news.set()

    def of(self, staff_member_id: int) -> list[int]:
        """Ids of the clients this member opened since the store was, the last one first; at most ``MAX_OPENED``."""
        with self._guard:
            return list(reversed(self._opened.get(staff_member_id, ())))

    def take(self) -> dict[tuple[int, int], datetime]:
        """{(member, client): moment} of what is not written yet; whoever takes it writes it or puts it back."""
        with self._guard:
            self._news.clear()
            taken, self._unwritten = self._unwritten, {}
            return taken

    def put_back(self, taken: dict[tuple[int, int], datetime]) -> None:
        """What could not be written is tried again with the next openings; what was opened again meanwhile counts as of then."""
        with self._guard:
            self._unwritten = taken | self._unwritten

    def wait(self, seconds: float) -> None:
        """Until somebody has opened something, at most so long."""
        self._news.wait(seconds)

    def wake(self) -> None:
        """End the waiting."""
        self._news.set()


def recent(viewer: Viewer, limit: int = 8) -> list[Match]:
    """The accounts this person opened last and may see, the last one first."""
    if viewer.kind != "staff":
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
    """This person has opened this account now; who looks as somebody else leaves no trace."""
    viewer = account.viewer
    if viewer.kind == "staff" and viewer.by is None:
        engine().held(OpenedAccounts).note(viewer.id, account.account_id, now())


def write_opened() -> int:
    """Write down what was opened since the last time; returns how many. What cannot be written is kept for the next time."""
    opened = engine().held(OpenedAccounts).take()
    if not opened:
        return 0
    listed = ", ".join(f"({member}, {account}, TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S.%f}')" for (member, account), moment in opened.items())

    def attempt() -> None:
        with writer(SYSTEM) as tx:
            tx.execute(
                f"""DELETE FROM recent_account WHERE (staff_member_id, account_id) IN
                (SELECT v.member, v.account FROM (VALUES {listed}) AS v(member, account, moment))"""
            )
            # A client that was deleted meanwhile is not remembered.
            tx.execute(
                f"""INSERT INTO recent_account SELECT v.member, v.account, v.moment FROM (VALUES {listed}) AS v(member, account, moment)
                WHERE v.account IN (SELECT account_id FROM account) AND v.member IN (SELECT staff_member_id FROM staff_member)"""
            )

    try:
        with_retry(attempt)
    except BaseException:
        engine().held(OpenedAccounts).put_back(opened)
        raise
    return len(opened)


def run(end: threading.Event) -> None:
    """Write down what is opened, until ``end`` and once more then."""
    while not end.is_set():
        engine().held(OpenedAccounts).wait(LOOK_EVERY)
        end.wait(GATHERED)
        try:
            write_opened()
        except AppError as problem:
            log.warning("what was opened last is not written down: %s", problem)
