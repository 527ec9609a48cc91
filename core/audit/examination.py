"""Examine the whole record of changes, name its newest entry, erase single values from it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from core.access.verbs import require, verb
from core.base.config import Settings
from core.base.errors import NotAllowed, NotFound
from core.base.rights import Right, Role, Viewer
from core.store import AuditReport, Finding, Head, Row, Tx, engine, examine_record, head_mark, reader, writer

SYSTEM = Viewer.system("examining the record")
# Text of an entry *verified* that found nothing wrong.
ALL_WELL = "ok"
log = logging.getLogger("kundenblick")


@dataclass(frozen=True)
class LastAudit:
    """The last examination: when, by whom, how many entries it examined, and the first wrong entry if there was one."""

    made_at: datetime
    who: str | None
    entries: int
    finding: Finding | None


def head() -> Head:
    """Return number and hash of the newest entry; (0, "") for an empty record."""
    return engine().audit_head


def verify(
    viewer: Viewer, settings: Settings, kept: Head | None = None, progress: Callable[[int, int], object] | None = None
) -> AuditReport:
    """Examine the whole record while others go on working, and note in it that this was done. Raises NotAllowed.

    Args:
        viewer: needs the right to see the record.
        settings: name the database, beside which the head is marked.
        kept: a head that was kept elsewhere, to compare.
        progress: is called with the number of entries examined and of all.
    """
    require(viewer, Right.VIEW_AUDIT)
    mark, began = head_mark(settings.database), time.monotonic()

    def ask(query: str, **parameters: object) -> list[Row]:
        with reader(SYSTEM) as r:
            return r.rows(query, **parameters)

    def tell(done: int, of: int) -> None:
        if progress is not None:
            progress(done, of)

    report = examine_record(ask, head(), mark, kept, tell)
    if report.finding:
        log.error("the record of changes is wrong: %s at entry %s", report.finding.code, report.finding.number)
    log.info("examined %s entries of the record in %.1f s", report.entries, time.monotonic() - began)
    with writer(viewer) as tx:
        tx.note("verified", "audit_entry", report.entries, text=_text_of(report.finding))
    return report


def _text_of(finding: Finding | None) -> str:
    """Return the text of an entry *verified*; ``finding_of`` reads it."""
    return f"{finding.code} {finding.number} {finding.last}" if finding else ALL_WELL


def finding_of(text: str | None) -> Finding | None:
    """Return the first wrong entry that the text of an entry *verified* names, or None."""
    if not text or text == ALL_WELL:
        return None
    code, number, last = text.split(" ")
    return Finding(code, int(number), int(last))


@verb("audit_entry.erase")
def erase_values(
    tx: Tx, _viewer: Viewer, entity: str, entity_id: int | None = None, *, account_id: int | None = None, contact_id: int | None = None,
    field: str | None = None,
) -> int:  # fmt: skip
    """Take the values of one row, or one field of it, out of the entries made so far; return from how many entries.

    Owners only. The entries and the hash chain stay; a new entry says what was erased.
    Raises NotAllowed, and NotFound when no entry fits or the row is not named.
    """
    if tx.scope.kind != "system" and tx.scope.role is not Role.OWNER:
        raise NotAllowed()
    if entity_id is None and account_id is None and contact_id is None:
        raise NotFound()
    count = tx.erase(entity, entity_id, account_id, contact_id, field)
    if not count:
        raise NotFound()
    return count


def may_erase(viewer: Viewer) -> bool:
    """Return whether the viewer may erase values from the record at this moment."""
    with reader(viewer) as r:
        return r.scope.kind == "system" or r.scope.role is Role.OWNER
