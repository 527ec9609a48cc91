"""Protokoll: the record of changes and sign-ins of everybody, filtered and paged however long it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from core.access.verbs import verb
from core.audit.examination import LastAudit, finding_of
from core.base.rights import Right, Viewer
from core.store import Reader, Row, Tx, reader, sql

# What was noted that is no change of the firm's data, by kind.
SIGN_IN = (
    "signed_in", "sign_in_failed", "session_ended", "sessions_ended", "second_factor_failed", "recovery_code_used", "another_person",
    "provider_person_kept",
)  # fmt: skip
NOTED = {
    "sign_in": SIGN_IN, "refusal": ("refused",), "export": ("exported", "backed_up"), "view_as": ("view_began", "view_ended"),
    "reading": ("record_read", "verified"),
}  # fmt: skip
KINDS = ("change", "sign_in", "refusal", "export", "import", "view_as", "reading")
# Written by the program for the person they name.
SIGNING = list(SIGN_IN)
# How far one looks at first; the newest entries mostly lie near.
SPAN = 100_000
AT_MOST = 100_000
# Named by themselves rather than by their client or contact.
_NAMED = ("contact_email", "tag", "custom_field")


@dataclass(frozen=True)
class AuditQuery:
    """Which entries: by whom (kind of person, id), about which client, of what kind, from and until when (UTC)."""

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


def read_page(viewer: Viewer, wish: AuditQuery, before: int | None = None, after: int | None = None, limit: int = 50) -> Page:
    """The newest entries that fit; the ones before (older than) or after (newer than) that number. Raises NotAllowed.

    A row: audit_entry_id, made_at, actor_kind, who_kind, who, through, action, entity, entity_id, account_id, account, number, contact,
    field, label, old_value, new_value, old_erased, new_erased, is_withheld, gone.
    """
    with reader(viewer) as r:
        r.require(Right.VIEW_AUDIT)
        newest = r.value("SELECT max(audit_entry_id) FROM audit_entry") or 0
        upwards = after is not None
        ids = _ids(r, wish, (after or 0) + 1, (before or newest + 1) - 1, upwards, limit + 1)
        more, ids = len(ids) > limit, ids[:limit]
        rows = _rows(r, ids)
        if upwards:
            return Page(rows, newer=more, older=True)
        return Page(rows, newer=before is not None, older=more)


def count(viewer: Viewer, wish: AuditQuery) -> int:
    """How many entries fit. Raises NotAllowed."""
    with reader(viewer) as r:
        r.require(Right.VIEW_AUDIT)
        return r.value(sql("audit_count"), **_conditions(wish))


def read_all(viewer: Viewer, wish: AuditQuery, most: int = AT_MOST) -> Iterator[Row]:
    """The newest entries that fit, at most that many, a piece at a time. Raises NotAllowed."""
    before, left = None, most
    while left:
        page = read_page(viewer, wish, before, limit=min(left, 5000))
        yield from page.rows
        left -= len(page.rows)
        if not page.older:
            return
        before = page.rows[-1]["audit_entry_id"]


def last_verdict(viewer: Viewer) -> LastAudit | None:
    """What the last examination of the record said; None when there was none. Raises NotAllowed."""
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
    """Every team member by id, those who left too. Raises NotAllowed."""
    with reader(viewer) as r:
        r.require(Right.VIEW_AUDIT)
        return {row["staff_member_id"]: row["name"] for row in r.rows("SELECT staff_member_id, name FROM staff_member ORDER BY name")}


@verb("audit_entry.read")
def note_reading(tx: Tx, viewer: Viewer, asked: str) -> None:
    """Reading the record is on record; ``asked`` says what was asked for. Raises NotAllowed."""
    tx.require(Right.VIEW_AUDIT)
    tx.note("record_read", "audit_entry", text=asked[:500])


def _conditions(wish: AuditQuery) -> dict[str, object]:
    kind, person = wish.who or (None, None)
    actions, among, imports = None, True, None
    if wish.kind == "change":
        actions, among, imports = [action for noted in NOTED.values() for action in noted], False, False
    elif wish.kind == "import":
        imports = True
    elif wish.kind:
        actions = list(NOTED[wish.kind])
    return {
        "since": wish.since, "until": wish.until, "account_id": wish.account_id, "actions": actions, "among": among, "imports": imports,
        "kind": kind, "person": person, "entity": "contact_email" if kind == "contact" else "staff_member", "signing": SIGNING,
    }  # fmt: skip


def _ids(r: Reader, wish: AuditQuery, low: int, high: int, upwards: bool, most: int, **conditions: object) -> list[int]:
    """Numbers that fit between low and high, nearest first; near ones are looked for before the whole record is."""
    named = _conditions(wish) | conditions
    near = (low, min(high, low + SPAN)) if upwards else (max(low, high - SPAN), high)
    for bounds in (near, (low, high)):
        found = r.rows(sql("audit_ids"), low=bounds[0], high=bounds[1], upwards=upwards, at_most=most, **named)
        if len(found) >= most or bounds == (low, high):
            break
    return [row["audit_entry_id"] for row in found]


def _rows(r: Reader, ids: list[int]) -> list[Row]:
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
