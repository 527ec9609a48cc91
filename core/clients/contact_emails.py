"""Addresses of a client's contacts: several each, one primary, nobody else's; and those left without a contact."""

from __future__ import annotations

from collections.abc import Sequence

from core.access.contact_access import SWITCHES, end_sessions, follow_state, void_invitations
from core.access.open_account import OpenAccount
from core.access.verbs import verb
from core.base.contact_points import one_address
from core.base.errors import AppError, EditConflict, NotAllowed, NotFound, ValidationFailed
from core.base.fields import InvalidValue, clean_text
from core.base.rights import Right, Viewer
from core.store import Row, Tx, now, reader, sql


def require_whole(tx: Tx, contact_id: int) -> Row:
    """The contact, when every account it is linked to is visible or all are. Raises NotFound, NotAllowed."""
    row = tx.get("contact", contact_id)
    linked = [link["account_id"] for link in tx.rows("SELECT account_id FROM account_contact WHERE contact_id = $c", c=contact_id)]
    if row is None or not (any(tx.sees(i) for i in linked) or tx.scope.allows(Right.VIEW_ALL_ACCOUNTS)):
        raise NotFound()
    if not all(tx.sees(i) for i in linked):
        raise NotAllowed("contact_elsewhere")
    return row


def of_account(tx: Tx, account: OpenAccount, contact_id: int) -> Row:
    """A contact of this very account. Raises NotFound."""
    row = tx.get("contact", contact_id)
    if row is None or tx.get("account_contact", {"account_id": account.account_id, "contact_id": contact_id}) is None:
        raise NotFound()
    return row


def orphans_of(account: OpenAccount) -> list[Row]:
    """Addresses without a contact whose access to this account waits for a decision: contact_email_id, email, version, switches."""
    with reader(account.viewer) as r:
        return r.rows(sql("orphans_of"), account_id=account.account_id)


def check_free(tx: Tx, email: str | None) -> None:
    """Raises ValidationFailed when the address belongs to a contact or to somebody of the firm."""
    if email:
        _free(tx, email, "email")


def _free(tx: Tx, raw: str, field: str, but: int | None = None) -> str:
    """The address, when it belongs to no contact and nobody of the firm. Raises ValidationFailed."""
    try:
        email = one_address(raw)
    except InvalidValue as bad:
        raise ValidationFailed({field: bad.problem}) from None
    if tx.value("SELECT 1 FROM staff_member WHERE lower(email) = $e", e=email):
        raise ValidationFailed({field: ("email_of_staff", {})})
    if tx.value("SELECT 1 FROM contact_email WHERE lower(email) = $e AND contact_email_id IS DISTINCT FROM $but", e=email, but=but):
        raise ValidationFailed({field: ("email_in_use", {})})
    return email


def insert_email(
    tx: Tx, contact_id: int, raw: str, label: str | None, custom_field_id: int | None = None, field: str = "email", **holder
) -> int:
    email = _free(tx, raw, field)
    first = not tx.value("SELECT 1 FROM contact_email WHERE contact_id = $c AND is_primary", c=contact_id)
    return tx.insert(
        "contact_email", contact_id=contact_id, email=email, label=label, is_primary=bool(first), custom_field_id=custom_field_id,
        created_at=now(), **holder,
    )  # fmt: skip


def insert_emails(tx: Tx, contact_id: int, emails: Sequence[str]) -> None:
    """Several addresses of a contact, the first of none primary. Raises ValidationFailed, which names the one of several that is taken."""
    for email in emails:
        try:
            insert_email(tx, contact_id, email, None)
        except ValidationFailed as failed:
            if failed.problems["email"][0] != "email_in_use" or len(emails) == 1:
                raise
            raise ValidationFailed({"email": ("email_of_list", {"email": email})}) from None


def readdress(tx: Tx, row: Row, raw: str, field: str) -> None:
    email = _free(tx, raw, field, but=row["contact_email_id"])
    if email == row["email"]:
        return
    # Whoever was invited, or signed in, did so at the old address.
    tx.update("contact_email", row["contact_email_id"], email=email, password_hash=None)
    void_invitations(tx, row["contact_email_id"])
    end_sessions(tx, row["contact_email_id"])
    accesses = (
        "SELECT account_id, contact_id, contact_email_id FROM email_access WHERE contact_email_id = $id AND first_login_at IS NOT NULL"
    )
    for key in tx.rows(accesses, id=row["contact_email_id"]):
        tx.update("email_access", key, first_login_at=None)
        follow_state(tx, key["account_id"])


def _words(**texts: str | None) -> dict[str, str | None]:
    """Label, holder's name and relation, cleaned. Raises ValidationFailed."""
    found, problems = {}, {}
    for key, text in texts.items():
        try:
            found[key] = clean_text(text or "", 200 if key == "holder_name" else 80) or None
        except InvalidValue as bad:
            problems[key] = bad.problem
    if problems:
        raise ValidationFailed(problems)
    return found


def _email_row(tx: Tx, account: OpenAccount, contact_email_id: int) -> Row:
    row = tx.get("contact_email", contact_email_id)
    if row is None or row["contact_id"] is None:
        raise NotFound()
    of_account(tx, account, row["contact_id"])
    require_whole(tx, row["contact_id"])
    return row


@verb("contact_email.add")
def add_email(
    tx: Tx, account: OpenAccount, contact_id: int, email: str, *, label: str = "", holder_name: str = "", holder_relation: str = "",
) -> int:  # fmt: skip
    """Another address of a contact; its first becomes primary. Returns its id. Raises ValidationFailed, NotFound, NotAllowed."""
    tx.require(Right.MANAGE_ACCOUNTS)
    of_account(tx, account, contact_id)
    require_whole(tx, contact_id)
    words = _words(label=label, holder_name=holder_name, holder_relation=holder_relation)
    return insert_email(tx, contact_id, email, words.pop("label"), **words)


@verb("contact_email.add_many")
def add_emails(tx: Tx, account: OpenAccount, contact_id: int, emails: list[str]) -> None:
    """Several addresses of a contact at once, all or none. Raises ValidationFailed, NotFound, NotAllowed."""
    tx.require(Right.MANAGE_ACCOUNTS)
    of_account(tx, account, contact_id)
    require_whole(tx, contact_id)
    insert_emails(tx, contact_id, emails[:50])


@verb("contact_email.change")
def change_email(
    tx: Tx, account: OpenAccount, contact_email_id: int, version: int | None, *, email: str, label: str = "", holder_name: str = "",
    holder_relation: str = "",
) -> None:  # fmt: skip
    """Another address or other words for it. A changed address is invited and signs in anew. Raises EditConflict, ValidationFailed."""
    tx.require(Right.MANAGE_ACCOUNTS)
    row = _email_row(tx, account, contact_email_id)
    if version is not None and version != row["version"]:
        raise EditConflict({"email": (None, row["email"])})
    words = _words(label=label, holder_name=holder_name, holder_relation=holder_relation)
    if row["custom_field_id"] is not None:
        words.pop("label")
    readdress(tx, row, email, "email")
    tx.update("contact_email", contact_email_id, **words)


@verb("contact_email.make_primary")
def make_primary(tx: Tx, account: OpenAccount, contact_email_id: int) -> None:
    """The contact's main address; the one before no longer is."""
    tx.require(Right.MANAGE_ACCOUNTS)
    row = _email_row(tx, account, contact_email_id)
    for other in tx.rows("SELECT contact_email_id FROM contact_email WHERE contact_id = $c AND is_primary", c=row["contact_id"]):
        tx.update("contact_email", other["contact_email_id"], is_primary=False)
    tx.update("contact_email", contact_email_id, is_primary=True)


def _was_asked_to_sign(tx: Tx, contact_email_id: int) -> bool:
    """Whether a signature or contract names the address; it then stays on record."""
    return tx.value("SELECT 1 FROM signatory WHERE contact_email_id = $id LIMIT 1", id=contact_email_id) is not None


def _delete_email(tx: Tx, contact_email_id: int) -> None:
    """Remove the address; its sign-ins keep it as text."""
    tx.unlink("login", "contact_email_id", contact_email_id)
    tx.execute("UPDATE notification SET contact_email_id = NULL WHERE contact_email_id = $id", {"id": contact_email_id})
    tx.delete("contact_email", contact_email_id)


def take_off(tx: Tx, row: Row) -> None:
    """Remove an address from its contact: gone when it has no access, else suspended and waiting for a decision."""
    accesses = tx.rows("SELECT * FROM email_access WHERE contact_email_id = $id", id=row["contact_email_id"])
    signed = _was_asked_to_sign(tx, row["contact_email_id"])
    granted = signed or [access for access in accesses if any(access[switch] for switch in SWITCHES)]
    for access in accesses:
        key = {name: access[name] for name in ("account_id", "contact_id", "contact_email_id")}
        if not granted:
            tx.delete("email_access", key)
        elif access["suspended_at"] is None:
            tx.update("email_access", key, suspended_at=now())
            follow_state(tx, access["account_id"])
    if granted:
        tx.update("contact_email", row["contact_email_id"], contact_id=None, is_primary=False, custom_field_id=None)
    else:
        _delete_email(tx, row["contact_email_id"])
    void_invitations(tx, row["contact_email_id"])
    end_sessions(tx, row["contact_email_id"])
    if row["is_primary"]:
        following = "SELECT contact_email_id FROM contact_email WHERE contact_id = $c ORDER BY contact_email_id LIMIT 1"
        if (heir := tx.value(following, c=row["contact_id"])) is not None:
            tx.update("contact_email", heir, is_primary=True)


@verb("contact_email.remove")
def remove_email(tx: Tx, account: OpenAccount, contact_email_id: int) -> None:
    """Take an address off its contact. With access it stays among the addresses without a contact, suspended at once."""
    tx.require(Right.MANAGE_ACCOUNTS)
    take_off(tx, _email_row(tx, account, contact_email_id))


def _orphan(tx: Tx, account: OpenAccount, contact_email_id: int) -> list[Row]:
    """Every access of an address without a contact, this account's among them. Raises NotFound, NotAllowed."""
    tx.require(Right.MANAGE_ACCOUNTS)
    row = tx.get("contact_email", contact_email_id)
    accesses = tx.rows(
        "SELECT account_id, contact_id, contact_email_id FROM email_access WHERE contact_email_id = $id", id=contact_email_id
    )
    if row is None or row["contact_id"] is not None or account.account_id not in {a["account_id"] for a in accesses}:
        raise NotFound()
    if not all(tx.sees(a["account_id"]) for a in accesses):
        raise NotAllowed("contact_elsewhere")
    return accesses


@verb("contact_email.delete_orphan")
def delete_orphan(tx: Tx, account: OpenAccount, contact_email_id: int) -> None:
    """The address goes, and what it was allowed."""
    accesses = _orphan(tx, account, contact_email_id)
    if _was_asked_to_sign(tx, contact_email_id):
        raise AppError("address_signed")
    for key in accesses:
        tx.delete("email_access", key)
    _delete_email(tx, contact_email_id)


@verb("contact_email.switch_off_orphan")
def switch_off_orphan(tx: Tx, account: OpenAccount, contact_email_id: int) -> None:
    """The address stays on record without a contact and is allowed nothing any more."""
    for key in _orphan(tx, account, contact_email_id):
        tx.update("email_access", key, suspended_at=None, **dict.fromkeys(SWITCHES, False))


@verb("contact_email.give_orphan")
def give_orphan(tx: Tx, account: OpenAccount, contact_email_id: int, contact_id: int) -> None:
    """The address becomes one of that contact's; its access counts again for the accounts the contact is linked to."""
    accesses = _orphan(tx, account, contact_email_id)
    of_account(tx, account, contact_id)
    require_whole(tx, contact_id)
    first = not tx.value("SELECT 1 FROM contact_email WHERE contact_id = $c AND is_primary", c=contact_id)
    tx.update("contact_email", contact_email_id, contact_id=contact_id, is_primary=bool(first))
    for key in accesses:
        row = tx.get("email_access", key)
        tx.delete("email_access", key)
        if tx.get("account_contact", {"account_id": key["account_id"], "contact_id": contact_id}) is not None:
            kept = {name: value for name, value in row.items() if name not in ("contact_id", "suspended_at", "version")}
            tx.insert("email_access", contact_id=contact_id, **kept)
        follow_state(tx, key["account_id"])


def address_matrix(viewer: Viewer, limit: int = 500, offset: int = 0, only_odd: bool = False) -> list[Row]:
    """Address × account over everything the viewer may see, the odd ones marked and first: email, holder, account, switches, oddities."""
    with reader(viewer) as r:
        if r.scope.kind == "contact":
            raise NotAllowed()
        return r.rows(sql("access_matrix"), now=now(), only_odd=only_odd, at_most=limit, after=offset)
