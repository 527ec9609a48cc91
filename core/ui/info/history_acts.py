"""The entries of one save as one act, and what was done in it as a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from core.i18n import language, t, words_of
from core.store import Row
from core.ui.info.history_words import field_word, what_word, word

# What the program writes along with what somebody did: it is told only where nothing else is.
TECHNICAL = frozenset(
    {
        ("account", "state"), ("account", "photo_id"), ("account", "archived_at"), ("contact_email", "is_primary"), ("photo", "sha256"),
        ("email_access", "first_login_at"), ("invoice", "paid_amount"), ("custom_field", "position"),
    }
)  # fmt: skip
# What is written when somebody of the firm opens an upload first.
SEEN = frozenset({"seen_at", "seen_by"})
SWITCHES = frozenset({"login", "email_sync", "notify", "signatory"})
# So many things of one act are named; the others are counted.
MAX_PARTS, MAX_FIELDS = 3, 4


def acts_of(rows: Sequence[Row]) -> list[list[Row]]:
    """Return the entries that belong together, newest act first, each in the order it was written: one person, one moment, one way."""
    together = groupby(rows, key=lambda row: (row["made_at"], row["actor_kind"], row["actor_id"], row["through"]))
    return [sorted(found, key=lambda row: row["audit_entry_id"]) for _, found in together]


def sentence_of(act: Sequence[Row]) -> str:
    """Return what was done in an act: *Kunde: Name, Steuernummer geändert; Tag VIP vergeben*."""
    told = [row for row in act if (row["entity"], row["field"]) not in TECHNICAL] or list(act)
    parts = list(dict.fromkeys(_part(found) for found in _by_record(told)))
    if (replaced := t("history.act.photo_deleted")) in parts and t("history.act.photo_created") in parts:
        parts.remove(replaced)
    shown = "; ".join(parts[:MAX_PARTS])
    return t("history.act.more", what=shown, n=len(parts) - MAX_PARTS) if len(parts) > MAX_PARTS else shown


def _record_of(row: Row) -> tuple[object, ...]:
    """Return what keeps the entries of one record and act together: a custom field's value belongs to its client or contact."""
    entity = row["entity"].removesuffix("_field_value") if row["action"] in ("changed", "created", "deleted") else row["entity"]
    if entity != row["entity"]:
        return entity, row["contact_id"] if entity == "contact" else row["account_id"], "changed"
    about = row["contact_id"] if entity == "contact" else row["account_id"] if entity == "account" else row["entity_id"]
    return entity, about, row["action"]


def _by_record(rows: Sequence[Row]) -> list[list[Row]]:
    found: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(_record_of(row), []).append(row)
    return list(found.values())


def _part(rows: list[Row]) -> str:
    """Return what was done to one record."""
    first = rows[0]
    entity, action = _record_of(first)[0], _record_of(first)[2]
    about = first["contact"] if entity in ("contact", "account_contact") else first["label"] or ""
    own = f"history.act.{entity}_{action}"
    if own in words_of(language()):
        return " ".join(t(own, about=about or "").split())
    if action == "changed" and entity == "document" and {row["field"] for row in rows} <= SEEN:
        return t("history.act.document_seen")
    if action == "changed" and entity == "email_access" and first["field"] in SWITCHES:
        return "; ".join(_switched(row, about or "") for row in rows if row["field"] in SWITCHES)
    what = what_word(first | {"entity": entity, "label": None if first["entity"].endswith("_field_value") else first["label"]})
    if action != "changed":
        key = f"history.act.{action}"
        return t(key, what=what) if key in words_of(language()) else f"{what}: {word(f'history.action.{action}', str(action))}"
    names = list(dict.fromkeys(field_word(row["entity"], row["field"], row["label"]) for row in rows))
    if len(names) > MAX_FIELDS:
        names = [*names[: MAX_FIELDS - 1], t("history.act.more_fields", n=len(names) - MAX_FIELDS + 1)]
    return t("history.act.changed", what=what, fields=", ".join(names))


def _switched(row: Row, about: str) -> str:
    return t(f"history.act.{'on' if row['new_value'] == 'true' else 'off'}", what=field_word(row["entity"], row["field"]), about=about)
