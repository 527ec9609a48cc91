"""The clients a person opened last. An opening is shown at once and written a moment later, with everybody's in one transaction.

A page does not wait for the disk to say that it was looked at; a server that is killed forgets the openings of its last second.
"""

from __future__ import annotations

import logging
import threading

from core.access.verbs import OpenAccount, account_head
from core.base.errors import AppError
from core.base.rights import Viewer
from core.clients.search import Match
from core.store import Row, engine, kept, now, sql, with_retry, writer

US = Viewer.system("recent")
LOOK_EVERY, GATHERED = 60.0, 1.0
log = logging.getLogger("kundenblick")


def recent(viewer: Viewer, limit: int = 8) -> list[Match]:
    """The accounts this person opened last and may see, the last one first."""
    if viewer.kind != "staff":
        return []
    rows = kept(viewer, ("recent", limit), lambda r: r.rows(sql("recent_accounts"), limit=limit))
    heads: dict[int, Row | None] = {account_id: account_head(viewer, account_id) for account_id in engine().opened.of(viewer.id)}
    found = {account_id: _match(row) for account_id, row in heads.items() if row is not None}
    found |= {row["account_id"]: _match(row) for row in rows if row["account_id"] not in found}
    return list(found.values())[:limit]


def _match(row: Row) -> Match:
    return Match(row["account_id"], row["number"], row["name"], row["state"] == "archived", row["photo_id"], "name")


def remember_opened(account: OpenAccount) -> None:
    """This person has opened this account now; who looks as somebody else leaves no trace."""
    viewer = account.viewer
    if viewer.kind == "staff" and viewer.by is None:
        engine().opened.note(viewer.id, account.account_id, now())


def write_opened() -> int:
    """Write down what was opened since the last time; returns how many. What cannot be written is kept for the next time."""
    opened = engine().opened.take()
    if not opened:
        return 0
    listed = ", ".join(f"({member}, {account}, TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S.%f}')" for (member, account), moment in opened.items())

    def attempt() -> None:
        with writer(US) as tx:
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
        engine().opened.put_back(opened)
        raise
    return len(opened)


def run(end: threading.Event) -> None:
    """Write down what is opened, until ``end`` and once more then."""
    while not end.is_set():
        engine().opened.wait(LOOK_EVERY)
        end.wait(GATHERED)
        try:
            write_opened()
        except AppError as problem:
            log.warning("what was opened last is not written down: %s", problem)
