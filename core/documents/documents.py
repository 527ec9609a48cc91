"""Find the file of a document, and mark documents as seen by the firm."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from core.access.open_account import OpenAccount
from core.access.refusals import note_refusal
from core.access.verbs import verb
from core.base.config import Settings, read_settings
from core.base.errors import NotFound
from core.base.rights import Viewer
from core.store import Row, Tx, now, reader, sql

# Media types that a browser shows itself; every other is a download.
INLINE = frozenset({"application/pdf", "image/png", "image/jpeg", "image/webp", "image/gif", "text/plain"})


def file_of(viewer: Viewer, document_id: int, settings: Settings | None = None) -> Row:
    """Return a visible document, as sql/document_file.sql yields it, with ``path``: its file, or None. Raises NotFound."""
    if not 0 < document_id < 2**63:
        raise NotFound()
    with reader(viewer) as r:
        row = r.row(sql("document_file"), document_id=document_id)
    if row is None:
        note_refusal(viewer, "open_document", document_id=document_id)
        raise NotFound()
    folder = (settings or read_settings()).documents
    return row | {"path": inside(folder, row["file"])}


def inside(folder: Path, name: str | None) -> Path | None:
    """Return the path of a file inside the folder; None when it is missing, and for a name that leads out of the folder."""
    if not name:
        return None
    path = (folder / name).resolve()
    return path if path.is_relative_to(folder.resolve()) and path.is_file() else None


@verb("document.mark_seen", by_looking=True)
def mark_seen(tx: Tx, account: OpenAccount, document_id: int) -> None:
    """Mark a client's upload as opened by a member of the firm: *NEU* disappears for everybody. Raises NotFound."""
    key = {"account_id": account.account_id, "document_id": document_id}
    row = tx.found("document", key)
    if row["is_from_client"] and row["seen_at"] is None and account.viewer.kind == "staff":
        tx.update("document", key, seen_at=now(), seen_by=account.viewer.id)


@verb("document.mark_all_seen")
def mark_all_seen(tx: Tx, account: OpenAccount, document_ids: Collection[int]) -> int:
    """Mark those of the documents that are unseen uploads of the account as seen; returns how many these are."""
    unseen = """SELECT document_id FROM document
        WHERE account_id = $account_id AND is_from_client AND seen_at IS NULL AND document_id IN (SELECT unnest($ids::BIGINT[]))"""
    rows = tx.rows(unseen, account_id=account.account_id, ids=sorted(document_ids))
    for row in rows:
        key = {"account_id": account.account_id, "document_id": row["document_id"]}
        tx.update("document", key, seen_at=now(), seen_by=account.viewer.id)
    return len(rows)
