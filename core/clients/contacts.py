"""Read, create and change the contacts of an account, and link them to accounts and unlink them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.access.contact_access import follow_state, revoke_access
from core.access.open_account import OpenAccount
from core.access.verbs import require_staff, verb
from core.base.contact_points import one_address
from core.base.errors import AppError, EditConflict, InvalidValue, NotFound, Problem, ValidationFailed
from core.base.fields import Field, check_place, clean_value, from_stored
from core.base.rights import Right, Viewer
from core.clients.contact_emails import (
    insert_email,
    insert_emails,
    linked_accounts,
    of_account,
    readdress,
    require_whole,
    sees_contact,
    take_off,
)
from core.clients.custom_fields import as_fields, custom_id, stored_values, values_of, write_values
from core.store import Row, Tx, now, reader, sql

LANGUAGES = ("de", "en")
DETAILS = (
    Field("name", "text", required=True, longest=200),
    Field("salutation", "text", longest=40),
    Field("first_name", "text", longest=200),
    Field("last_name", "text", longest=200),
    Field("company", "text", longest=200),
    Field("phone", "phone"),
    Field("mobile", "phone"),
    Field("street", "text", longest=200),
    Field("postcode", "text", longest=20),
    Field("city", "text", longest=200),
    Field("region", "text", longest=200),
    Field("country", "text", longest=2),
    Field("born_on", "date", past=True),
    Field("language", "choice", options=LANGUAGES),
)
RELATION = Field("relation", "text", longest=80)


@dataclass(frozen=True)
class Contact:
    """A contact as one account's page shows it.

    ``values`` are those of a form by key; ``emails`` the rows of its addresses, primary first; ``others`` the rows of other visible
    accounts it is linked to; ``unseen`` counts the invisible ones; ``editable`` says whether the viewer may change it.
    """

    contact_id: int
    version: int
    relation: str | None
    values: Mapping[str, Any]
    fields: tuple[Field, ...]
    emails: tuple[Row, ...]
    others: tuple[Row, ...]
    unseen: int
    editable: bool


def contacts_of(account: OpenAccount) -> list[Contact]:
    """Return the contacts of the account by name. Raises NotAllowed for a contact."""
    with reader(account.viewer) as r:
        require_staff(r.viewer)
        rows = r.rows(sql("contacts_of"), account_id=account.account_id)
        emails = r.rows(sql("emails_of"), account_id=account.account_id)
        others = r.rows(sql("other_accounts"), account_id=account.account_id)
        custom = tuple(as_fields(r, "contact"))
        may, sees_all = r.scope.allows(Right.MANAGE_ACCOUNTS), r.scope.allows(Right.VIEW_ALL_ACCOUNTS)
        stored = {row["contact_id"]: values_of(r, "contact", row["contact_id"]) for row in rows}
    with reader(Viewer.system("number of unseen links")) as r:
        links = {row["contact_id"]: row["n"] for row in r.rows(sql("link_counts"), account_id=account.account_id)}
    found = []
    for row in rows:
        own = [email for email in emails if email["contact_id"] == row["contact_id"]]
        seen = [other for other in others if other["contact_id"] == row["contact_id"]]
        unseen = links.get(row["contact_id"], 1) - 1 - len(seen)
        values = {detail.key: row[detail.key] for detail in DETAILS} | {"relation": row["relation"]}
        values |= {field.key: _custom_value(field, stored[row["contact_id"]], own) for field in custom}
        found.append(
            Contact(
                row["contact_id"],
                row["version"],
                row["relation"],
                values,
                (*DETAILS, RELATION, *custom),
                tuple(own),
                tuple(seen),
                unseen,
                may and (sees_all or not unseen),
            )
        )
    return found


def _custom_value(field: Field, stored: Mapping[int, str], emails: list[Row]) -> object:
    """Return the value of a custom field; of type email it is one of the contact's addresses."""
    if field.type == "email":
        return next((email["email"] for email in emails if email["custom_field_id"] == custom_id(field)), None)
    return from_stored(field.type, stored.get(custom_id(field)))


def contact_fields(viewer: Viewer) -> tuple[Field, ...]:
    """Return the fields of a contact's form: details, relation, custom fields."""
    with reader(viewer) as r:
        return (*DETAILS, RELATION, *as_fields(r, "contact"))


def related_accounts(account: OpenAccount) -> list[Row]:
    """Return other visible accounts that share a contact: account_id, number, name, kind, state, contacts."""
    with reader(account.viewer) as r:
        return r.rows(sql("related_accounts"), account_id=account.account_id)


def _clean_contact(
    tx: Tx, raw: Mapping[str, object], present: Mapping[str, object], language: str | None, partly: bool
) -> dict[str, object]:
    """Return the values of the fields that ``raw`` names and, unless ``partly``, of every required one. Raises ValidationFailed."""
    problems: dict[str, Problem] = {}
    values: dict[str, object] = {}
    for field in (*DETAILS, RELATION, *as_fields(tx, "contact")):
        if field.key not in raw and (partly or not field.required):
            continue
        try:
            values[field.key] = clean_value(field, raw.get(field.key, present.get(field.key)), language)
        except InvalidValue as bad:
            is_name = field.key == "name" and bad.problem[0] in ("needed", "too_long")
            problems[field.key] = ("contact_name", {}) if is_name else bad.problem
    place = {key: str(values.get(key, present.get(key)) or "") for key in ("postcode", "country")}
    if values.keys() & place.keys() and not problems.keys() & place.keys():
        try:
            check_place(place)
        except InvalidValue as bad:
            problems["country" if bad.problem[0] == "country_unknown" else "postcode"] = bad.problem
    if values.get("country"):
        values["country"] = str(values["country"]).upper()
    if problems:
        raise ValidationFailed(problems)
    return values


def _write_fields(tx: Tx, contact_id: int, values: Mapping[str, object]) -> bool:
    """Store the custom fields among the values, those of type email as addresses; True when one of them changed."""
    addresses = {field.key: field for field in as_fields(tx, "contact") if field.type == "email"}
    texts = stored_values({key: value for key, value in values.items() if key not in addresses})
    touched = write_values(tx, "contact", contact_id, texts)
    for key, field in addresses.items():
        if key in values:
            touched |= _write_field_address(tx, contact_id, field, values[key])
    return touched


def _write_field_address(tx: Tx, contact_id: int, field: Field, value: object) -> bool:
    """Store the value of a custom field of type email as an address of the contact; True when it changed."""
    row = tx.row("SELECT * FROM contact_email WHERE contact_id = $c AND custom_field_id = $f", c=contact_id, f=custom_id(field))
    if (row["email"] if row else None) == value:
        return False
    if row is None:
        insert_email(tx, contact_id, str(value), field.label, custom_field_id=custom_id(field), field=field.key)
    elif value is None:
        take_off(tx, row)
    else:
        readdress(tx, row, str(value), field.key)
    return True


@verb("contact.create")
def create_contact(
    tx: Tx, account: OpenAccount, values: Mapping[str, object], emails: tuple[str, ...] = (), language: str | None = None
) -> int:
    """Create a contact of the account with its addresses, the first as primary; returns its id. Raises ValidationFailed, NotAllowed."""
    tx.require(Right.MANAGE_ACCOUNTS)
    cleaned = _clean_contact(tx, values, {}, language, partly=False)
    contact_id = tx.insert("contact", **{detail.key: cleaned.get(detail.key) for detail in DETAILS}, created_at=now())
    tx.insert("account_contact", account_id=account.account_id, contact_id=contact_id, relation=cleaned.get("relation"), created_at=now())
    insert_emails(tx, contact_id, emails)
    _write_fields(tx, contact_id, cleaned)
    return contact_id


@verb("contact.edit")
def edit_contact(
    tx: Tx, account: OpenAccount, contact_id: int, version: int | None, changes: Mapping[str, object], language: str | None = None, *,
    partly: bool = False,
) -> None:  # fmt: skip
    """Save what was changed in a contact's form, with ``relation`` its relation to this account.

    Args:
        tx: The transaction.
        account: The account.
        contact_id: One of its contacts.
        version: The one the form was opened with; None to overwrite whatever was saved since.
        changes: Values as they were typed, by key.
        language: How numbers and days are typed; None for as they are stored.
        partly: Let required fields that are not named stay empty.

    Raises:
        NotAllowed: A right is missing, or the contact is also linked to accounts the viewer does not see.
        NotFound: The contact is none of this account.
        EditConflict: Somebody saved since ``version``.
        ValidationFailed: A value cannot be stored.
    """
    tx.require(Right.MANAGE_ACCOUNTS)
    row = of_account(tx, account, contact_id)
    if set(changes) - {"relation"}:
        require_whole(tx, contact_id)
    if version is not None and version != row["version"]:
        raise EditConflict({key: (None, row.get(key)) for key in changes})
    own = tx.rows("SELECT email, custom_field_id FROM contact_email WHERE contact_id = $c", c=contact_id)
    stored = values_of(tx, "contact", contact_id)
    present = row | {field.key: _custom_value(field, stored, own) for field in as_fields(tx, "contact")}
    values = _clean_contact(tx, changes, present, language, partly or set(changes) == {"relation"})
    details = {detail.key: values[detail.key] for detail in DETAILS if detail.key in values}
    tx.update("contact", contact_id, **details)
    touched = _write_fields(tx, contact_id, values)
    if "relation" in values:
        tx.update("account_contact", {"account_id": account.account_id, "contact_id": contact_id}, relation=values["relation"])
    if touched:
        tx.touch("contact", contact_id)


@verb("account_contact.link")
def link_contact(tx: Tx, account: OpenAccount, contact_id: int, relation: str = "") -> None:
    """Link a visible contact to the account as well. Raises NotFound, NotAllowed, AppError when it is linked already, ValidationFailed."""
    tx.require(Right.MANAGE_ACCOUNTS)
    if not sees_contact(tx, contact_id):
        raise NotFound()
    if account.account_id in linked_accounts(tx, contact_id):
        raise AppError("already_linked")
    try:
        label = clean_value(RELATION, relation)
    except InvalidValue as bad:
        raise ValidationFailed({"relation": bad.problem}) from None
    tx.insert("account_contact", account_id=account.account_id, contact_id=contact_id, relation=label, created_at=now())


@verb("account_contact.unlink")
def unlink_contact(tx: Tx, account: OpenAccount, contact_id: int) -> None:
    """Unlink a contact from the account and end its access to it; the contact stays.

    Raises NotFound, NotAllowed, AppError for the account's last contact.
    """
    tx.require(Right.MANAGE_ACCOUNTS)
    of_account(tx, account, contact_id)
    if tx.value("SELECT count(*) FROM account_contact WHERE account_id = $id", id=account.account_id) < 2:
        raise AppError("last_contact")
    access = tx.rows(
        "SELECT account_id, contact_id, contact_email_id FROM email_access WHERE account_id = $a AND contact_id = $c",
        a=account.account_id, c=contact_id,
    )  # fmt: skip
    for key in access:
        tx.delete("email_access", key)
        revoke_access(tx, key["contact_email_id"])
    tx.delete("account_contact", {"account_id": account.account_id, "contact_id": contact_id})
    follow_state(tx, account.account_id)


def clean_contact(name: str, email: str) -> dict[str, str]:
    """Return ``name`` and ``email`` ("" for none) of a contact that is created with its account. Raises ValidationFailed for both."""
    problems: dict[str, Problem] = {}
    found = {"name": "", "email": ""}
    try:
        found["name"] = str(clean_value(DETAILS[0], name))
    except InvalidValue as bad:
        problems["name"] = bad.problem if bad.problem[0] == "characters" else ("contact_needed", {})
    try:
        found["email"] = one_address(email) if email.strip() else ""
    except InvalidValue as bad:
        problems["email"] = bad.problem
    if problems:
        raise ValidationFailed(problems)
    return found
