"""Add, change and remove the email addresses of contacts, and decide about those left without a contact (orphans).

A contact may have several addresses, one of them primary; an address belongs to one contact alone and to no member of the firm.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.access.contact_access import SWITCHES, end_sessions, follow_state, void_invitations
from core.access.ended_sessions import begin_anew
from core.access.open_account import OpenAccount
from core.access.verbs import require_staff, verb
from core.base.contact_points import one_address
from core.base.errors import AppError, EditConflict, InvalidValue, NotAllowed, NotFound, Problem, ValidationFailed
from core.base.fields import clean_text
from core.base.rights import Right, Viewer
from core.i18n.formats import today
from core.store import Reader, Row, Tx, cached, now, reader, sql

MAX_EMAILS_AT_ONCE = 50


def linked_accounts(tx: Tx, contact_id: int) -> list[int]:
    """Return the ids of all accounts the contact is linked to, visible or not."""
    return [link["account_id"] for link in tx.rows("SELECT account_id FROM account_contact WHERE contact_id = $c", c=contact_id)]


def sees_contact(tx: Tx, contact_id: int) -> bool:
    """Return whether the contact exists and the viewer may see it: through one of its accounts, or because they see all."""
    if tx.get("contact", contact_id) is None:
        return False
    return tx.scope.allows(Right.VIEW_ALL_ACCOUNTS) or any(tx.sees(account_id) for account_id in linked_accounts(tx, contact_id))


def require_whole(tx: Tx, contact_id: int) -> None:
    """Let pass who may see the contact and every account it is linked to. Raises NotFound, NotAllowed."""
    if not sees_contact(tx, contact_id):
        raise NotFound()
    if not all(tx.sees(account_id) for account_id in linked_accounts(tx, contact_id)):
        raise NotAllowed("contact_elsewhere")


def of_account(tx: Tx, account: OpenAccount, contact_id: int) -> Row:
    """Return the row of a contact that is linked to this account. Raises NotFound."""
    tx.found("account_contact", {"account_id": account.account_id, "contact_id": contact_id})
    return tx.found("contact", contact_id)


def orphans_of(account: OpenAccount) -> list[Row]:
    """Return the addresses without a contact whose access to this account waits for a decision, as sql/orphans_of.sql yields them."""
    with reader(account.viewer) as r:
        return r.rows(sql("orphans_of"), account_id=account.account_id)


def check_free(tx: Tx, email: str | None) -> None:
    """Let pass an address that belongs to no contact and no member of the firm, and none at all. Raises ValidationFailed."""
    if email:
        _free(tx, email, "email")


def _free(tx: Tx, raw: str, field: str, but: int | None = None) -> str:
    """Return the cleaned address. Raises ValidationFailed for ``field`` when another contact (not ``but``'s) or a member has it."""
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
    tx: Tx, contact_id: int, raw: str, label: str | None, *, custom_field_id: int | None = None, field: str = "email",
    holder_name: str | None = None, holder_relation: str | None = None,
) -> int:  # fmt: skip
    """Add an address to a contact, the first as primary; returns its id. Raises ValidationFailed for the form's ``field``."""
    email = _free(tx, raw, field)
    return tx.insert(
        "contact_email", contact_id=contact_id, email=email, label=label, is_primary=not _has_primary(tx, contact_id),
        custom_field_id=custom_field_id, holder_name=holder_name, holder_relation=holder_relation, created_at=now(),
    )  # fmt: skip


def _has_primary(tx: Tx, contact_id: int) -> bool:
    """Return whether one of the contact's addresses is primary."""
    return tx.value("SELECT 1 FROM contact_email WHERE contact_id = $c AND is_primary", c=contact_id) is not None


def insert_emails(tx: Tx, contact_id: int, emails: Sequence[str]) -> None:
    """Add several addresses to a contact. Raises ValidationFailed, which names the one of several that is taken."""
    for email in emails:
        try:
            insert_email(tx, contact_id, email, None)
        except ValidationFailed as failed:
            if failed.problems["email"][0] != "email_in_use" or len(emails) == 1:
                raise
            raise ValidationFailed({"email": ("email_of_list", {"email": email})}) from None


def readdress(tx: Tx, row: Row, raw: str, field: str) -> None:
    """Change an address; it must be invited and signed in with anew. Raises ValidationFailed for the form's ``field``."""
    email = _free(tx, raw, field, but=row["contact_email_id"])
    if email == row["email"]:
        return
    # Invitations went to the old address, and sign-ins proved that one.
    tx.update("contact_email", row["contact_email_id"], email=email)
    begin_anew(tx, "contact_email", [row["contact_email_id"]])


def _accesses(tx: Tx, contact_email_id: int, where: str = "TRUE") -> list[Row]:
    """Return the keys of an address's rows of email_access."""
    query = f"SELECT account_id, contact_id, contact_email_id FROM email_access WHERE contact_email_id = $id AND {where}"
    return tx.rows(query, id=contact_email_id)


def _words(**texts: str | None) -> dict[str, str | None]:
    """Return label, holder_name and holder_relation cleaned, None for an empty one. Raises ValidationFailed."""
    found: dict[str, str | None] = {}
    problems: dict[str, Problem] = {}
    for key, text in texts.items():
        try:
            found[key] = clean_text(text or "", 200 if key == "holder_name" else 80) or None
        except InvalidValue as bad:
            problems[key] = bad.problem
    if problems:
        raise ValidationFailed(problems)
    return found


def _email_row(tx: Tx, account: OpenAccount, contact_email_id: int) -> Row:
    """Return the row of an address that the viewer may change: of a contact of the account, all of whose accounts they see."""
    row = tx.found("contact_email", contact_email_id)
    if row["contact_id"] is None:
        raise NotFound()
    of_account(tx, account, row["contact_id"])
    require_whole(tx, row["contact_id"])
    return row


@verb("contact_email.add")
def add_email(
    tx: Tx, account: OpenAccount, contact_id: int, email: str, *, label: str = "", holder_name: str = "", holder_relation: str = "",
) -> int:  # fmt: skip
    """Add an address to a contact, its first as primary; returns its id. Raises ValidationFailed, NotFound, NotAllowed."""
    tx.require(Right.MANAGE_ACCOUNTS)
    of_account(tx, account, contact_id)
    require_whole(tx, contact_id)
    words = _words(label=label, holder_name=holder_name, holder_relation=holder_relation)
    return insert_email(tx, contact_id, email, words["label"], holder_name=words["holder_name"], holder_relation=words["holder_relation"])


@verb("contact_email.add_many")
def add_emails(tx: Tx, account: OpenAccount, contact_id: int, emails: list[str]) -> None:
    """Add at most MAX_EMAILS_AT_ONCE addresses to a contact, all or none. Raises ValidationFailed, NotFound, NotAllowed."""
    tx.require(Right.MANAGE_ACCOUNTS)
    of_account(tx, account, contact_id)
    require_whole(tx, contact_id)
    insert_emails(tx, contact_id, emails[:MAX_EMAILS_AT_ONCE])


@verb("contact_email.change")
def change_email(
    tx: Tx, account: OpenAccount, contact_email_id: int, version: int | None, *, email: str, label: str = "", holder_name: str = "",
    holder_relation: str = "",
) -> None:  # fmt: skip
    """Change an address, its label and its holder; a changed address must be invited anew. Raises EditConflict, ValidationFailed."""
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
    """Make an address its contact's primary one, instead of the one before. Raises NotFound, NotAllowed."""
    tx.require(Right.MANAGE_ACCOUNTS)
    row = _email_row(tx, account, contact_email_id)
    for other in tx.rows("SELECT contact_email_id FROM contact_email WHERE contact_id = $c AND is_primary", c=row["contact_id"]):
        tx.update("contact_email", other["contact_email_id"], is_primary=False)
    tx.update("contact_email", contact_email_id, is_primary=True)


def _was_asked_to_sign(tx: Tx, contact_email_id: int) -> bool:
    """Return whether a signature or contract names the address, which then must stay in the store."""
    return tx.value("SELECT 1 FROM signatory WHERE contact_email_id = $id LIMIT 1", id=contact_email_id) is not None


def _delete_email(tx: Tx, contact_email_id: int) -> None:
    """Delete the address; its sign-ins keep it as text."""
    tx.unlink("login", "contact_email_id", contact_email_id)
    tx.execute("UPDATE notification SET contact_email_id = NULL WHERE contact_email_id = $id", {"id": contact_email_id})
    tx.delete("contact_email", contact_email_id)


def take_off(tx: Tx, row: Row) -> None:
    """Remove an address from its contact: delete it when it has no access, else suspend it as an orphan to be decided about."""
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
    """Remove an address from its contact; with access it becomes an orphan, suspended at once. Raises NotFound, NotAllowed."""
    tx.require(Right.MANAGE_ACCOUNTS)
    take_off(tx, _email_row(tx, account, contact_email_id))


def _orphan(tx: Tx, account: OpenAccount, contact_email_id: int) -> list[Row]:
    """Return the keys of every access of an orphan, this account's among them. Raises NotFound, NotAllowed."""
    tx.require(Right.MANAGE_ACCOUNTS)
    row = tx.found("contact_email", contact_email_id)
    accesses = _accesses(tx, contact_email_id)
    if row["contact_id"] is not None or account.account_id not in {a["account_id"] for a in accesses}:
        raise NotFound()
    if not all(tx.sees(a["account_id"]) for a in accesses):
        raise NotAllowed("contact_elsewhere")
    return accesses


@verb("contact_email.delete_orphan")
def delete_orphan(tx: Tx, account: OpenAccount, contact_email_id: int) -> None:
    """Delete an orphan with its access. Raises NotFound, NotAllowed, AppError for one that was asked to sign."""
    accesses = _orphan(tx, account, contact_email_id)
    if _was_asked_to_sign(tx, contact_email_id):
        raise AppError("address_signed")
    for key in accesses:
        tx.delete("email_access", key)
    _delete_email(tx, contact_email_id)


@verb("contact_email.switch_off_orphan")
def switch_off_orphan(tx: Tx, account: OpenAccount, contact_email_id: int) -> None:
    """Take all access from an orphan, which stays in the store without a contact. Raises NotFound, NotAllowed."""
    for key in _orphan(tx, account, contact_email_id):
        tx.update("email_access", key, suspended_at=None, **dict.fromkeys(SWITCHES, False))


@verb("contact_email.give_orphan")
def give_orphan(tx: Tx, account: OpenAccount, contact_email_id: int, contact_id: int) -> None:
    """Give an orphan to a contact of the account; its access counts again for the accounts that contact is linked to.

    Raises NotFound, NotAllowed.
    """
    accesses = _orphan(tx, account, contact_email_id)
    of_account(tx, account, contact_id)
    require_whole(tx, contact_id)
    tx.update("contact_email", contact_email_id, contact_id=contact_id, is_primary=not _has_primary(tx, contact_id))
    for key in accesses:
        row = tx.found("email_access", key)
        tx.delete("email_access", key)
        if tx.get("account_contact", {"account_id": key["account_id"], "contact_id": contact_id}) is not None:
            kept = {name: value for name, value in row.items() if name not in ("contact_id", "suspended_at", "version")}
            tx.insert("email_access", contact_id=contact_id, **kept)
        follow_state(tx, key["account_id"])


def address_matrix(viewer: Viewer, limit: int = 500, offset: int = 0, only_odd: bool = False) -> list[Row]:
    """Return every visible pair of address and account, the odd ones first, as sql/access_matrix.sql yields them. Raises NotAllowed."""
    with reader(viewer) as r:
        require_staff(r.viewer)
        return r.rows(sql("access_matrix"), now=now(), only_odd=only_odd, at_most=limit, after=offset)


def odd_access_count(viewer: Viewer) -> int:
    """Return how many visible pairs of address and account are odd; kept for the day until access, a signature or the team changes."""
    tables = ("account", "account_contact", "contact_email", "contract", "email_access", "signature", "staff_member")

    def count(r: Reader) -> int:
        found = r.row(sql("access_matrix"), now=now(), only_odd=True, at_most=1, after=0)
        return int(found["total"]) if found else 0

    require_staff(viewer)
    return cached(viewer, ("odd access", today()), count, *tables)
