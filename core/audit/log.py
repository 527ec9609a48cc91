"""Read the record of changes and sign-ins of everybody (*Protokoll*), filtered and paged, however long it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from core.access.verbs import verb
from core.audit.examination import LastAudit, finding_of
from core.base.rights import Right, Viewer
from core.store import Reader, Row, Tx, reader, sql

# Actions of entries that are no change of the firm's data, by kind.
SIGN_IN = (
    "signed_in", "sign_in_failed", "session_ended", "sessions_ended", "second_factor_failed", "recovery_code_used", "another_person",
    "provider_person_kept",
)  # fmt: skip
NOTED = {
    "sign_in": SIGN_IN, "refusal": ("refused",), "export": ("exported", "taken_out", "backed_up"), "view_as": ("view_began", "view_ended"),
    "reading": ("record_read", "verified"),
}  # fmt: skip
KINDS = ("change", "sign_in", "refusal", "export", "import", "view_as", "reading")
# Entries the program makes for the person they name.
SIGNING = list(SIGN_IN)
# How many entries are looked through first: what is asked for is mostly among the newest.
NEAR_ENTRIES = 100_000
MAX_EXPORTED_ENTRIES = 100_000
ENTRIES_PER_READ = 5_000
MAX_ASKED_CHARS = 500
# Entities an entry names by themselves rather than by their account or contact.
_NAMED = ("contact_email", "tag", "custom_field")


@dataclass(frozen=True)
class AuditQuery:
    """Which entries of the record; None for any.

    Args:
        who: kind of person and id.
        account_id: the account they are about.
        kind: one of ``KINDS``.
        since: the first moment, UTC.
        until: the moment before which they were made, UTC.
    """

    who: tuple[str, int | None] | None = None
    account_id: int | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Page:
    """Entries, newest first, and whether there are newer and older ones that fit."""

    rows: list[Row]
    newer: bool
    older: bool


def read_page(viewer: Viewer, query: AuditQuery, before: int | None = None, after: int | None = None, limit: int = 50) -> Page:
    """Return the newest entries that fit, or those next to the entry of a number. Raises NotAllowed.

    Args:
        viewer: needs the right to see the record.
        query: which entries fit.
        before: number of the entry that they are older than.
        after: number of the entry that they are newer than.
        limit: entries per page.

    Returns:
        A page of rows: audit_entry_id, made_at, actor_kind, who_kind, who_id, through, action, entity, entity_id, account_id,
        contact_id, field, old_value, new_value, old_erased, new_erased, is_withheld, account, number, who, contact, label, and
        gone (whether the account was deleted).
    """
    with reader(viewer) as r:
        r.require(Right.VIEW_AUDIT)
        newest = r.value("SELECT max(audit_entry_id) FROM audit_entry") or 0
        upwards = after is not None
        ids = _ids(r, query, (after or 0) + 1, (before or newest + 1) - 1, upwards, limit + 1)
        more, ids = len(ids) > limit, ids[:limit]
        rows = _rows(r, ids)
        if upwards:
            return Page(rows, newer=more, older=True)
        return Page(rows, newer=before is not None, older=more)


def count(viewer: Viewer, query: AuditQuery) -> int:
    """Return how many entries fit. Raises NotAllowed."""
    with reader(viewer) as r:
        r.require(Right.VIEW_AUDIT)
        return r.value(sql("audit_count"), **_conditions(query))


def read_all(viewer: Viewer, query: AuditQuery, most: int = MAX_EXPORTED_ENTRIES) -> Iterator[Row]:
    """Yield the newest entries that fit, at most ``most``, read in pieces. Raises NotAllowed."""
    before, left = None, most
    while left:
        page = read_page(viewer, query, before, limit=min(left, ENTRIES_PER_READ))
        yield from page.rows
        left -= len(page.rows)
        if not page.older:
            return
        before = page.rows[-1]["audit_entry_id"]


def last_audit(viewer: Viewer) -> LastAudit | None:
    """Return what the last examination of the record found; None when there was none. Raises NotAllowed."""
    with reader(viewer) as r:
        r.require(Right.VIEW_AUDIT)
        newest = r.value("SELECT max(audit_entry_id) FROM audit_entry") or 0
        ids = _ids(r, AuditQuery(), 1, newest, False, 1, actions=["verified"])
        rows = _rows(r, ids)
    if not rows:
        return None
    row = rows[0]
    return LastAudit(row["made_at"], row["who"], row["entity_id"], finding_of(row["new_value"]))


def people(viewer: Viewer) -> dict[int, str]:
    """Return the names of all team members by id, of those who left too. Raises NotAllowed."""
    with reader(viewer) as r:
        r.require(Right.VIEW_AUDIT)
        return {row["staff_member_id"]: row["name"] for row in r.rows("SELECT staff_member_id, name FROM staff_member ORDER BY name")}


@verb("audit_entry.read")
def note_reading(tx: Tx, _viewer: Viewer, asked: str) -> None:
    """Note in the record that it was read; ``asked`` says which entries. Raises NotAllowed."""
    tx.require(Right.VIEW_AUDIT)
    tx.note("record_read", "audit_entry", text=asked[:MAX_ASKED_CHARS])


def _conditions(query: AuditQuery) -> dict[str, object]:
    """Return the parameters of ``audit_ids.sql`` and ``audit_count.sql`` that say which entries fit."""
    kind, person = query.who or (None, None)
    actions, among, imports = None, True, None
    if query.kind == "change":
        actions, among, imports = [action for noted in NOTED.values() for action in noted], False, False
    elif query.kind == "import":
        imports = True
    elif query.kind:
        actions = list(NOTED[query.kind])
    return {
        "since": query.since, "until": query.until, "account_id": query.account_id, "actions": actions, "among": among, "imports": imports,
        "kind": kind, "person": person, "entity": "contact_email" if kind == "contact" else "staff_member", "signing": SIGNING,
    }  # fmt: skip


def _ids(r: Reader, query: AuditQuery, low: int, high: int, upwards: bool, most: int, **conditions: object) -> list[int]:
    """Return numbers of entries that fit, from low to high, nearest first; the whole stretch is searched only when near ones are too few."""
    named = _conditions(query) | conditions
    near = (low, min(high, low + NEAR_ENTRIES)) if upwards else (max(low, high - NEAR_ENTRIES), high)
    for bounds in (near, (low, high)):
        found = r.rows(sql("audit_ids"), low=bounds[0], high=bounds[1], upwards=upwards, at_most=most, **named)
        if len(found) >= most or bounds == (low, high):
            break
    return [row["audit_entry_id"] for row in found]


def _rows(r: Reader, ids: list[int]) -> list[Row]:
    """Return the entries of these numbers with the names of what they mention, also of what was deleted since."""
    if not ids:
        return []
    rows = r.rows(sql("audit_rows"), ids=ids, low=min(ids), high=max(ids), signing=SIGNING)
    lost = {row["account_id"] for row in rows if row["account_id"] and not row["account"]}
    lost |= {row["contact_id"] for row in rows if row["contact_id"] and not row["contact"]}
    lost |= {row["who_id"] for row in rows if row["who_id"] and not row["who"]}
    lost |= {row["entity_id"] for row in rows if row["entity_id"] and not row["label"] and row["entity"] in _NAMED}
    gone = {(g["entity"], g["entity_id"]): g["name"] for g in r.rows(sql("audit_gone"), ids=sorted(lost))} if lost else {}
    for row in rows:
        row["gone"] = not row["account"] and ("account", row["account_id"]) in gone
        row["account"] = row["account"] or gone.get(("account", row["account_id"]))
        row["contact"] = row["contact"] or gone.get(("contact", row["contact_id"]))
        row["who"] = row["who"] or (gone.get(("contact_email", row["who_id"])) if row["who_kind"] == "contact" else None)
        if row["entity"] in _NAMED:
            row["label"] = row["label"] or gone.get((row["entity"], row["entity_id"]))
    return rows
