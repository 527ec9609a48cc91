"""The record of changes as a whole: examined, its head told, single values erased."""

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
WELL = "ok"
log = logging.getLogger("kundenblick")


@dataclass(frozen=True)
class LastAudit:
    """What the last examination said: when, by whom, up to which entry, and the first wrong entry if there was one."""

    made_at: datetime
    who: str | None
    entries: int
    finding: Finding | None


def head() -> Head:
    """Number and hash of the newest entry; (0, "") for an empty record."""
    return engine().audit_head


def verify(
    viewer: Viewer, settings: Settings, kept: Head | None = None, progress: Callable[[int, int], None] = lambda done, of: None
) -> AuditReport:
    """Examine the whole record while everybody goes on working, and write down that it was. Raises NotAllowed.

    ``kept`` is a head somebody kept elsewhere; ``progress(done, of)`` hears how far it is.
    """
    require(viewer, Right.VIEW_AUDIT)
    mark, began = head_mark(settings.database), time.monotonic()

    def ask(query: str, **parameters: object) -> list[Row]:
        with reader(SYSTEM) as r:
            return r.rows(query, **parameters)

    outcome = examine_record(ask, head(), mark, kept, progress)
    if outcome.finding:
        log.error("the record of changes is wrong: %s at entry %s", outcome.finding.code, outcome.finding.number)
    log.info("examined %s entries of the record in %.1f s", outcome.entries, time.monotonic() - began)
    with writer(viewer) as tx:
        tx.note("verified", "audit_entry", outcome.head[0], text=_told(outcome.finding))
    return outcome


def _told(finding: Finding | None) -> str:
    return f"{finding.code} {finding.number} {finding.last}" if finding else WELL


def finding_of(text: str | None) -> Finding | None:
    """What an entry *verified* says: the first wrong entry, or None."""
    if not text or text == WELL:
        return None
    code, number, last = text.split(" ")
    return Finding(code, int(number), int(last))


@verb("audit_entry.erase")
def erase_values(
    tx: Tx, viewer: Viewer, entity: str, entity_id: int | None = None, *, account_id: int | None = None, contact_id: int | None = None,
    field: str | None = None,
) -> int:  # fmt: skip
    """Take the values of one record, or one field of it, out of the entries made so far; returns of how many.

    For owners. The entries and the chain stay, an entry says what was erased. Raises NotAllowed, NotFound when nothing fits.
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
    """Whether the viewer may take values out of the record at this moment."""
    with reader(viewer) as r:
        return r.scope.kind == "system" or r.scope.role is Role.OWNER
