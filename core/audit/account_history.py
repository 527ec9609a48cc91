"""Read the changes of an account and its contacts (*Verlauf*), and give a single field its earlier value again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from core.access.contact_access import set_access
from core.access.open_account import OpenAccount
from core.audit.last_look import WIDGET_OF
from core.base.errors import NotAllowed, NotFound
from core.base.fields import from_stored
from core.base.rights import Right
from core.clients.account_record import DETAILS as ACCOUNT_DETAILS
from core.clients.account_record import edit_account
from core.clients.contact_emails import change_email
from core.clients.contacts import DETAILS as CONTACT_DETAILS
from core.clients.contacts import edit_contact
from core.clients.custom_fields import key_of
from core.store import Row, reader, sql

# Fields that can be given an earlier value, by entity.
_ACCOUNT, _CONTACT = (frozenset(field.key for field in fields) for fields in (ACCOUNT_DETAILS, CONTACT_DETAILS))
_EMAIL = frozenset({"email", "label", "holder_name", "holder_relation"})
_ACCESS = frozenset({"email_sync", "notify", "signatory"})
# How many of the newest entries the filters' choices are taken from.
MAX_ENTRIES_FOR_CHOICES = 2000


@dataclass(frozen=True)
class HistoryQuery:
    """Which changes; None for any.

    Args:
        member: id of the member who made them, or with ``kind`` *contact* of the address.
        entity: the table changed.
        field: the column changed.
        custom_field_id: the custom field changed.
        kind: kind of person that ``member`` is an id of.
        since: only what others did after this moment, as the last look counts it.
        of_details: with ``since``, only what no widget lists: details, contacts and access.
    """

    member: int | None = None
    entity: str | None = None
    field: str | None = None
    custom_field_id: int | None = None
    kind: str = "staff"
    since: datetime | None = None
    of_details: bool = False


def read_history(account: OpenAccount, query: HistoryQuery, offset: int = 0, limit: int = 50) -> list[Row]:
    """Return the changes that fit, newest first. Raises NotAllowed for contacts.

    Entries about money, and about time, are left out for a viewer without the rights to see them. The columns of a row: audit_entry_id,
    made_at, actor_kind, actor_id, through, action, entity, entity_id, account_id, contact_id, field, old_value, new_value, old_erased,
    new_erased, who, contact, label, type, total.
    """
    with reader(account.viewer) as r:
        if r.scope.kind == "contact":
            raise NotAllowed()
        return r.rows(
            sql("history"), account_id=account.account_id, member=query.member, entity=query.entity, field=query.field,
            custom_field_id=query.custom_field_id, kind=query.kind, since=query.since, member_id=r.viewer.id,
            listed=f" {' '.join(WIDGET_OF)} " if query.of_details else "",
            sees_money=r.scope.allows(Right.SEE_INVOICES), sees_time=r.scope.allows(Right.SEE_ALL_TIME) and r.scope.allows(Right.SEE_RATES),
            at_most=limit, after=offset,
        )  # fmt: skip


# Kind of person and id; entity, field and custom field.
Actor = tuple[str, int]
Changed = tuple[str, str, int | None]


def history_choices(account: OpenAccount) -> tuple[dict[Actor, str], dict[Changed, str | None]]:
    """Return the names of who changed the account, and the fields changed with a custom field's label, for the filters."""
    rows = read_history(account, HistoryQuery(), 0, MAX_ENTRIES_FOR_CHOICES)
    people = {(row["actor_kind"], row["actor_id"]): row["who"] for row in rows if row["actor_kind"] != "system" and row["who"]}
    fields = {_what(row): row["label"] if row["entity"].endswith("_field_value") else None for row in rows if row["field"]}
    return people, dict(sorted(fields.items(), key=lambda item: (item[0][0], item[1] or item[0][1])))


def _what(row: Row) -> Changed:
    return row["entity"], row["field"], row["entity_id"] if row["entity"].endswith("_field_value") else None


def can_put_back(row: Row) -> bool:
    """Return whether the entry changed a field that can be given its earlier value again."""
    if row["action"] != "changed" or row["old_erased"]:
        return False
    known = {
        "account": _ACCOUNT, "contact": _CONTACT, "contact_email": _EMAIL, "email_access": _ACCESS,
        "account_field_value": {"value"}, "contact_field_value": {"value"}, "account_contact": {"relation"},
    }  # fmt: skip
    return row["field"] in known.get(row["entity"], ())


def put_back(account: OpenAccount, audit_entry_id: int) -> None:
    """Give the field of an entry the value it had before: a change like any other, through the same rules.

    Raises NotFound, NotAllowed, ValidationFailed.
    """
    with reader(account.viewer) as r:
        row = r.row(sql("history_entry"), account_id=account.account_id, audit_entry_id=audit_entry_id)
    if row is None or not can_put_back(row):
        raise NotFound()
    again, old, field = replace(account, viewer=replace(account.viewer, through="put_back")), row["old_value"], row["field"]
    if row["entity"] == "account":
        edit_account(again, None, {field: old}, partly=True)
    elif row["entity"] == "contact":
        edit_contact(again, row["contact_id"], None, {field: old}, partly=True)
    elif row["entity"] == "account_contact":
        edit_contact(again, row["contact_id"], None, {"relation": old}, partly=True)
    elif row["entity"] == "account_field_value":
        edit_account(again, None, {key_of(row["entity_id"]): from_stored(row["type"], old)}, partly=True)
    elif row["entity"] == "contact_field_value":
        edit_contact(again, row["contact_id"], None, {key_of(row["entity_id"]): from_stored(row["type"], old)}, partly=True)
    elif row["entity"] == "email_access":
        set_access(again, row["entity_id"], None, **{field: old == "true"})
    else:
        _put_back_email(again, row)


def _put_back_email(account: OpenAccount, row: Row) -> None:
    """Give a field of an address its earlier value. Raises as ``change_email``, and NotFound when the address is gone."""
    with reader(account.viewer) as r:
        present = r.row(
            "SELECT email, label, holder_name, holder_relation FROM contact_email WHERE contact_email_id = $id", id=row["entity_id"]
        )
    if present is None:
        raise NotFound()
    values = {key: value or "" for key, value in (present | {row["field"]: row["old_value"]}).items()}
    change_email(account, row["entity_id"], None, **values)
