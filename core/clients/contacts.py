"""The people of a client: details and custom fields; linked to accounts, and taken off them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.access.contact_access import follow_state, revoke_access
from core.access.open_account import OpenAccount
from core.access.verbs import verb
from core.base.contact_points import one_address
from core.base.errors import AppError, EditConflict, NotAllowed, NotFound, ValidationFailed
from core.base.fields import Field, InvalidValue, as_stored, check_place, clean_value, from_stored
from core.base.rights import Right, Viewer
from core.base.text_folding import folds
from core.clients.contact_emails import insert_email, insert_emails, of_account, readdress, require_whole, take_off
from core.clients.custom_fields import as_fields, id_of, values_of, write_values
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
    Field("born_on", "date"),
    Field("language", "choice", options=LANGUAGES),
)
RELATION = Field("relation", "text", longest=80)


@dataclass(frozen=True)
class Contact:
    """A contact as one account's page shows it.

    ``values`` by key as in a form, ``emails`` the addresses (primary first), ``others`` the other visible accounts it
    is linked to, ``unseen`` how many more there are, ``editable`` whether the viewer may change it.
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
    """Every contact of the account, by name."""
    with reader(account.viewer) as r:
        if r.scope.kind == "contact":
            raise NotAllowed()
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
        values = {one.key: row[one.key] for one in DETAILS} | {"relation": row["relation"]}
        values |= {one.key: _custom_value(one, stored[row["contact_id"]], own) for one in custom}
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


def _custom_value(one: Field, stored: Mapping[int, str], emails: list[Row]) -> object:
    custom_field_id = id_of(one.key)
    if one.type == "email":
        return next((email["email"] for email in emails if email["custom_field_id"] == custom_field_id), None)
    return from_stored(one.type, stored.get(custom_field_id or 0))


def contact_fields(viewer: Viewer) -> tuple[Field, ...]:
    """The fields of a contact's form: details, relation, the firm's own."""
    with reader(viewer) as r:
        return (*DETAILS, RELATION, *as_fields(r, "contact"))


def related_accounts(account: OpenAccount) -> list[Row]:
    """Other visible accounts that share a contact: account_id, number, name, kind, contacts."""
    with reader(account.viewer) as r:
        return r.rows(sql("related_accounts"), account_id=account.account_id)


def likely_duplicates(viewer: Viewer, name: str) -> list[Row]:
    """Visible contacts of the same folded name, at most five: contact_id, name, email, accounts."""
    plain = " ".join(folds(name)[0].split())
    if len(plain) < 3:
        return []
    with reader(viewer) as r:
        return r.rows(sql("contacts_named"), name=plain)


def _clean_contact(
    tx: Tx, raw: Mapping[str, object], present: Mapping[str, object], language: str | None, partly: bool
) -> dict[str, object]:
    problems: dict[str, tuple[str, dict[str, object]]] = {}
    values: dict[str, object] = {}
    for one in (*DETAILS, RELATION, *as_fields(tx, "contact")):
        if one.key not in raw and (partly or not one.required):
            continue
        try:
            values[one.key] = clean_value(one, raw.get(one.key, present.get(one.key)), language)
        except InvalidValue as bad:
            problems[one.key] = ("contact_name", {}) if one.key == "name" and bad.problem[0] in ("needed", "too_long") else bad.problem
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
    """Custom fields; one of type email is one of the contact's addresses."""
    fields = {one.key: one for one in as_fields(tx, "contact")}
    touched = write_values(
        tx, "contact", contact_id, {id_of(k): as_stored(v) for k, v in values.items() if k in fields and fields[k].type != "email"}
    )
    for key, value in values.items():
        if key in fields and fields[key].type == "email":
            touched |= _write_field_address(tx, contact_id, fields[key], value)
    return touched


def _write_field_address(tx: Tx, contact_id: int, one: Field, value: object) -> bool:
    row = tx.row("SELECT * FROM contact_email WHERE contact_id = $c AND custom_field_id = $f", c=contact_id, f=id_of(one.key))
    if (row["email"] if row else None) == value:
        return False
    if value is None:
        take_off(tx, row)
    elif row is None:
        insert_email(tx, contact_id, str(value), one.label, custom_field_id=id_of(one.key), field=one.key)
    else:
        readdress(tx, row, str(value), one.key)
    return True


@verb("contact.create")
def create_contact(
    tx: Tx, account: OpenAccount, values: Mapping[str, object], emails: tuple[str, ...] = (), language: str | None = None
) -> int:
    """A new contact of the account, with addresses; the first is primary. Returns its id. Raises ValidationFailed, NotAllowed."""
    tx.require(Right.MANAGE_ACCOUNTS)
    cleaned = _clean_contact(tx, values, {}, language, partly=False)
    contact_id = tx.insert("contact", **{one.key: cleaned.get(one.key) for one in DETAILS}, created_at=now())
    tx.insert("account_contact", account_id=account.account_id, contact_id=contact_id, relation=cleaned.get("relation"), created_at=now())
    insert_emails(tx, contact_id, emails)
    _write_fields(tx, contact_id, cleaned)
    return contact_id


@verb("contact.edit")
def edit_contact(
    tx: Tx, account: OpenAccount, contact_id: int, version: int | None, changes: Mapping[str, object], language: str | None = None, *,
    partly: bool = False,
) -> None:  # fmt: skip
    """Save what was changed in a contact's form, ``relation`` to this account among it.

    Raises NotAllowed for a contact that is also linked to accounts one does not see, EditConflict, ValidationFailed.
    """
    tx.require(Right.MANAGE_ACCOUNTS)
    row = of_account(tx, account, contact_id)
    if set(changes) - {"relation"}:
        require_whole(tx, contact_id)
    if version is not None and version != row["version"]:
        raise EditConflict({key: (None, row.get(key)) for key in changes})
    own = [dict(e) for e in tx.rows("SELECT email, custom_field_id FROM contact_email WHERE contact_id = $c", c=contact_id)]
    stored = values_of(tx, "contact", contact_id)
    present = row | {one.key: _custom_value(one, stored, own) for one in as_fields(tx, "contact")}
    values = _clean_contact(tx, changes, present, language, partly or set(changes) == {"relation"})
    details = {one.key: values[one.key] for one in DETAILS if one.key in values}
    tx.update("contact", contact_id, **details)
    touched = _write_fields(tx, contact_id, values)
    if "relation" in values:
        tx.update("account_contact", {"account_id": account.account_id, "contact_id": contact_id}, relation=values["relation"])
    if touched:
        tx.touch("contact", contact_id)


@verb("account_contact.link")
def link_contact(tx: Tx, account: OpenAccount, contact_id: int, relation: str = "") -> None:
    """Link a contact one may see to the account as well. Raises NotFound, NotAllowed."""
    tx.require(Right.MANAGE_ACCOUNTS)
    linked = [row["account_id"] for row in tx.rows("SELECT account_id FROM account_contact WHERE contact_id = $c", c=contact_id)]
    seen = tx.scope.allows(Right.VIEW_ALL_ACCOUNTS) or any(tx.sees(i) for i in linked)
    if tx.get("contact", contact_id) is None or not seen:
        raise NotFound()
    if account.account_id in linked:
        raise AppError("already_linked")
    try:
        label = clean_value(RELATION, relation)
    except InvalidValue as bad:
        raise ValidationFailed({"relation": bad.problem}) from None
    tx.insert("account_contact", account_id=account.account_id, contact_id=contact_id, relation=label, created_at=now())


@verb("account_contact.unlink")
def unlink_contact(tx: Tx, account: OpenAccount, contact_id: int) -> None:
    """Take a contact off the account, with its access to it; the contact stays. The last one cannot go."""
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
    """Name and address (or "") of a contact that is made with its account. Raises ValidationFailed for ``name`` and ``email``."""
    problems: dict[str, tuple[str, dict[str, object]]] = {}
    found = {"name": "", "email": ""}
    try:
        found["name"] = clean_value(DETAILS[0], name)
    except InvalidValue as bad:
        problems["name"] = bad.problem if bad.problem[0] == "characters" else ("contact_needed", {})
    try:
        found["email"] = one_address(email) if email.strip() else ""
    except InvalidValue as bad:
        problems["email"] = bad.problem
    if problems:
        raise ValidationFailed(problems)
    return found
