"""Read who of the firm opened or downloaded documents, for *Protokoll*. These are no entries of the chained record."""

from __future__ import annotations

from dataclasses import dataclass

from core.audit.log import MAX_EXPORTED_ENTRIES, AuditQuery
from core.base.rights import Right, Viewer
from core.store import Row, reader, sql

# The kind of ``AuditQuery`` that asks for them.
OPENING = "opening"


@dataclass(frozen=True)
class OpeningsPage:
    """Openings, the last first, and how many fit on all pages."""

    rows: list[Row]
    total: int


def read_openings(viewer: Viewer, query: AuditQuery, offset: int = 0, limit: int = MAX_EXPORTED_ENTRIES) -> OpeningsPage:
    """Return a page of who opened what: rows of opened_at, way, who, document_id, document, account_id, account, number.

    Only of clients the viewer sees. Raises NotAllowed without the right to see the record.
    """
    kind, person = query.who or (None, None)
    with reader(viewer) as r:
        r.require(Right.VIEW_AUDIT)
        rows = r.rows(
            sql("opening_rows"), since=query.since, until=query.until, account_id=query.account_id, kind=kind, person=person,
            at_most=limit, skipped=offset,
        )  # fmt: skip
    # Behind the last page nothing says how many there are.
    if not rows and offset:
        return OpeningsPage([], read_openings(viewer, query, limit=1).total)
    return OpeningsPage(rows, rows[0]["total"] if rows else 0)
