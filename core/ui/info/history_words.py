"""What an entry of the record says, as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from core.base.fields import Field, from_stored
from core.i18n import SPOKEN, language, t, words_of
from core.i18n.devices import device
from core.i18n.formats import day, hours, moment, money
from core.store import Row
from core.ui.forms.field_inputs import countries
from core.ui.info.details import field_text

# Columns that hold money.
AMOUNTS = frozenset({"rate", "amount", "total", "paid_amount", "unit_price"})
# The widget among whose words the codes of an entity's columns are found.
WIDGETS = {
    "document": "documents", "task": "tasks", "invoice": "unpaid_invoices", "approval": "approvals", "signature": "signatures",
    "organizer": "organizers", "contract": "contracts",
}  # fmt: skip
# The column of an entity that links two others: its value is an id, the entry's label says whose.
LINKS = {"account_tag": "tag_id", "assignment": "staff_member_id", "account_contact": "contact_id"}

# The key of the word for a code, by entity and field.
CODES = {
    ("account", "kind"): "frame.kind.{}",
    ("account", "state"): "frame.state.{}",
    ("staff_member", "role"): "team.roles.{}",
    ("staff_right", "right_key"): "team.right.{}.name",
}


def word(key: str, fallback: str) -> str:
    """Return the word for a key, or the fallback where there is none."""
    return t(key) if key in words_of(language()) else fallback


def field_word(entity: str, field: str | None, label: str | None = None) -> str:
    """Return what a field is called: the custom field's own label, else the word for entity and field."""
    if entity.endswith("_field_value"):
        return label or t("history.entity.custom_field")
    return word(f"history.field.{field}", field or "") if field else ""


def value_word(row: Row, value: str | None, members: Mapping[int, str] | None = None) -> str:
    """Return a recorded value as people read it: words for codes, dates, amounts and names as the language writes them."""
    if value is None:
        return ""
    field = row["field"] or ""
    try:
        text = _typed_text(row, field, value, members)
    except (ValueError, ArithmeticError):
        return value
    return _code_word(row, field, value) if text is None else text


def _typed_text(row: Row, field: str, value: str, members: Mapping[int, str] | None) -> str | None:
    """Return a value whose field says its type as text, None for any other. Raises ValueError or ArithmeticError where it is none."""
    if row["entity"].endswith("_field_value"):
        type_ = row.get("type") or "text"
        return field_text(Field("value", type_), from_stored(type_, value), members)
    if field.endswith(("_at", "_since")):
        return moment(datetime.fromisoformat(value))
    if field.endswith("_on"):
        return day(date.fromisoformat(value))
    if field in AMOUNTS:
        return money(Decimal(value))
    if field in ("device", "user_agent"):
        return device(value)
    if field == "minutes":
        return hours(int(value))
    if field in ("staff_member_id", "seen_by") and members:
        return members.get(int(value), value)
    return None


def _code_word(row: Row, field: str, value: str) -> str:
    """Return the word for a code, the value itself where it is none."""
    entity = row["entity"]
    if value in ("true", "false"):
        return t("common.yes" if value == "true" else "common.no")
    if row["action"].startswith("mail_"):
        return word(f"mail.news_{value}", value)
    if key := CODES.get((entity, field)):
        return word(key.format(value), value)
    if (entity, field) == ("firm", "second_factor_roles"):
        return ", ".join(word(f"team.roles.{role}", role) for role in value.split(",") if role) or t("form.none")
    if entity == "contact" and field in ("language", "country"):
        return (SPOKEN if field == "language" else countries()).get(value, value)
    if entity in LINKS and field == LINKS[entity]:
        return row.get("label") or row.get("contact") or value
    return word(f"widgets.{WIDGETS[entity]}.{field}.{value}", value) if entity in WIDGETS else value


def what_word(row: Row) -> str:
    """Return what an entry is about: the kind of thing, and which."""
    entity = word(f"history.entity.{row['entity']}", row["entity"])
    about = row["contact"] if row["entity"] == "contact" else row["label"] if not row["entity"].endswith("_field_value") else None
    return f"{entity} {about}" if about else entity


def change_words(row: Row, members: Mapping[int, str] | None = None) -> str:
    """Return one entry as a line: *Kunde · Name: alt → neu*."""
    what = field_word(row["entity"], row["field"], row["label"]) or word(f"history.action.{row['action']}", row["action"])
    if row["field"] is None:
        return f"{what_word(row)} · {what}"
    old, new = (
        t("history.erased") if row[f"{which}_erased"] else value_word(row, row[f"{which}_value"], members) or t("form.none")
        for which in ("old", "new")
    )
    return f"{what_word(row)} · {what}: {old} → {new}"


def who_word(row: Row) -> str:
    """Return who made an entry: a name, an address, or that nobody did."""
    return row["who"] or t(f"history.kind.{row['actor_kind']}")
