"""Keep who of the firm opened or downloaded a document, each time: in memory at once, and a moment later in the store.

So no document waits for the disk because it was looked at; a server that is killed forgets the openings of its last second.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from core.access.open_account import OpenAccount
from core.base.errors import AccountNotFound, AppError
from core.base.rights import Viewer
from core.store import Row, engine, now, reader, sql, with_retry, writer

OPENED, DOWNLOADED = "opened", "downloaded"
SYSTEM = Viewer.system("document openings")
# Longest wait for the first opening, and how long further ones are gathered after it.
MAX_WAIT_S = 60.0
GATHER_S = 1.0
# The same person's next opening of the same document within this time is the same one: a page drawn again, a file read in parts.
SAME = timedelta(minutes=1)
_DOCUMENTS = "SELECT document_id AS id FROM document WHERE document_id IN (SELECT unnest($ids))"
_MEMBERS = "SELECT staff_member_id AS id FROM staff_member WHERE staff_member_id IN (SELECT unnest($ids))"
# Openings that wait while nothing can be written; later ones are not kept.
MAX_UNWRITTEN = 10_000
log = logging.getLogger("kundenblick")


class Opening(NamedTuple):
    """One opening of a document."""

    account_id: int
    document_id: int
    staff_member_id: int
    way: str
    opened_at: datetime


class DocumentOpenings:
    """The openings that are not written yet, and the last of each person and document. Thread-safe."""

    def __init__(self) -> None:
        self._guard, self._news = threading.Lock(), threading.Event()
        self._last: dict[tuple[int, int, str], datetime] = {}
        self._unwritten: list[Opening] = []

    def note(self, opening: Opening) -> None:
        """Add an opening, unless it goes on from the one before."""
        key = opening.document_id, opening.staff_member_id, opening.way
        with self._guard:
            before = self._last.pop(key, None)
            self._last[key] = opening.opened_at
            if before is not None and opening.opened_at < before + SAME:
                return
            self._unwritten.append(opening)
            # The oldest stand first.
            while self._last and next(iter(self._last.values())) < opening.opened_at - SAME:
                del self._last[next(iter(self._last))]
        self._news.set()

    def take(self) -> list[Opening]:
        """Return and forget what is not written yet; the caller writes it or puts it back."""
        with self._guard:
            self._news.clear()
            taken, self._unwritten = self._unwritten, []
            return taken

    def unwritten(self) -> list[Opening]:
        """Return what is not written yet."""
        with self._guard:
            return list(self._unwritten)

    def put_back(self, taken: list[Opening]) -> None:
        """Put openings that could not be written before the next ones."""
        with self._guard:
            self._unwritten = (taken + self._unwritten)[:MAX_UNWRITTEN]

    def wait(self, seconds: float) -> None:
        """Wait until a document is opened, at most so many seconds."""
        self._news.wait(seconds)

    def wake(self) -> None:
        """End ``wait``."""
        self._news.set()


def note_opening(viewer: Viewer, document: Row, way: str) -> None:
    """Note that a member of the firm has a document, as ``documents.file_of`` returns it, before them now; nothing for anybody else.

    Who looks at the app as another member is named themselves.
    """
    member = viewer.by or viewer.id
    if viewer.kind == "staff" and member is not None:
        engine().held(DocumentOpenings).note(Opening(document["account_id"], document["document_id"], member, way, now()))


def was_asked_for(method: str, headers: Mapping[str, str]) -> bool:
    """Return whether a request for a file is somebody's own: neither a HEAD, a part further on, a prefetch nor another site's doing."""
    first = headers.get("range", "bytes=0-").replace(" ", "").startswith("bytes=0-")
    ours = headers.get("sec-fetch-site", "none") in ("same-origin", "none")
    return method == "GET" and first and ours and not headers.get("sec-purpose", headers.get("purpose", ""))


def openings_of(account: OpenAccount, document_id: int) -> list[Row]:
    """Return who opened or downloaded a document of the account when, the last first: rows of ``who``, ``way``, ``opened_at``.

    Raises AccountNotFound, also before an opening is written.
    """
    with reader(account.viewer) as r:
        # What is not written yet stands behind no view.
        if not r.sees(account.account_id):
            raise AccountNotFound()
        rows = r.rows(sql("document_openings"), account_id=account.account_id, document_id=document_id)
        unwritten = [
            one
            for one in engine().held(DocumentOpenings).unwritten()
            if (one.account_id, one.document_id) == (account.account_id, document_id)
        ]
        ids = sorted({one.staff_member_id for one in unwritten})
        found = (
            r.rows("SELECT staff_member_id, name FROM staff_member WHERE staff_member_id IN (SELECT unnest($ids))", ids=ids) if ids else []
        )
    names = {row["staff_member_id"]: row["name"] for row in found}
    rows += [{"who": names.get(one.staff_member_id), "way": one.way, "opened_at": one.opened_at} for one in unwritten]
    return sorted(rows, key=lambda row: row["opened_at"], reverse=True)


def write_openings() -> int:
    """Write the openings since the last time into the store; returns how many. They are put back when that fails."""
    taken = engine().held(DocumentOpenings).take()
    if not taken:
        return 0

    def attempt() -> None:
        with writer(SYSTEM) as tx:
            # A document or member deleted since has no row.
            documents = {row["id"] for row in tx.rows(_DOCUMENTS, ids=[one.document_id for one in taken])}
            members = {row["id"] for row in tx.rows(_MEMBERS, ids=[one.staff_member_id for one in taken])}
            there = [one for one in taken if one.document_id in documents and one.staff_member_id in members]
            tx.insert_many("document_opening", Opening._fields, there)

    try:
        with_retry(attempt)
    except BaseException:
        engine().held(DocumentOpenings).put_back(taken)
        raise
    return len(taken)


def run(end: threading.Event) -> None:
    """Write openings as they come, until ``end`` is set, and once more then."""
    while not end.is_set():
        engine().held(DocumentOpenings).wait(MAX_WAIT_S)
        end.wait(GATHER_S)
        try:
            write_openings()
        except AppError as problem:
            log.warning("who opened documents is not written down: %s", problem)
