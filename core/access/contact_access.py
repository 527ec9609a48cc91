"""Set what an address may do for an account: login, email sync, notify, signatory; invite it; keep the account's state in step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.access.account_state import states_of
from core.access.one_time_links import INVITATION, make_link, open_link, void_links
from core.access.open_account import OpenAccount
from core.access.verbs import verb
from core.base.errors import EditConflict, NotFound, ValidationFailed
from core.base.rights import Right, Viewer
from core.store import Row, Tx, now, reader, sql

# Columns of email_access that are turned on and off.
SWITCHES = ("login", "email_sync", "notify", "signatory")


def follow_state(tx: Tx, account_id: int) -> None:
    """Set the account's state from its access: archived, active, pending or offline."""
    [row] = tx.rows(states_of("(SELECT * FROM account WHERE account_id = $id) a"), id=account_id)
    tx.update("account", account_id, state=row["state"])


def follow_states(tx: Tx, account_ids: Sequence[int]) -> None:
    """Set the states of many accounts as ``follow_state`` does."""
    ids_of: dict[str, list[int]] = {}
    for row in tx.rows(states_of("(SELECT * FROM account WHERE account_id IN (SELECT unnest($ids))) a"), ids=list(account_ids)):
        ids_of.setdefault(row["state"], []).append(row["account_id"])
    for state, ids in ids_of.items():
        tx.update_rows("account", ids, state=state)


def may_login(tx: Tx, contact_email_id: int) -> bool:
    """Return whether the address may sign in for any account at this moment."""
    query = """SELECT 1 FROM email_access JOIN account USING (account_id) WHERE contact_email_id = $id
               AND login AND suspended_at IS NULL AND archived_at IS NULL"""
    return tx.value(query, id=contact_email_id) is not None


def void_invitations(tx: Tx, contact_email_id: int) -> int:
    """Void the address's open invitations. Return how many there were."""
    return void_links(tx, Viewer.contact(contact_email_id), INVITATION)


def end_sessions(tx: Tx, contact_email_id: int) -> None:
    """End every session of the address."""
    tx.execute(
        "UPDATE session SET ended_at = $now WHERE contact_email_id = $id AND ended_at IS NULL", {"now": now(), "id": contact_email_id}
    )


def revoke_access(tx: Tx, contact_email_id: int) -> None:
    """Void invitations and end sessions of an address that may sign in for no account any more."""
    if not may_login(tx, contact_email_id):
        void_invitations(tx, contact_email_id)
        end_sessions(tx, contact_email_id)


def _address_of(tx: Tx, account_id: int, contact_email_id: int) -> Row:
    """Return the row of an address of one of the account's contacts. Raises NotFound."""
    row = tx.get("contact_email", contact_email_id)
    if (
        row is None
        or row["contact_id"] is None
        or tx.get("account_contact", {"account_id": account_id, "contact_id": row["contact_id"]}) is None
    ):
        raise NotFound()
    return row


@verb("email_access.set")
def set_access(tx: Tx, /, account: OpenAccount, contact_email_id: int, version: int | None = None, **switches: bool) -> str | None:
    """Turn switches of an address on or off for the account.

    Return the token of a new invitation when an address without a password got a login; else None.

    - ``version``: The version that was read. Turning on anything but the login needs no confirmation, and is saved whatever else of the
      address was changed since.

    Raises EditConflict, NotAllowed, NotFound, ValidationFailed.
    """
    tx.require(Right.MANAGE_ACCOUNTS)
    if not set(switches) <= set(SWITCHES):
        raise ValidationFailed({"switch": ("choice_unknown", {})})
    changed, address = turn(tx, account.account_id, contact_email_id, version, switches)
    if changed:
        follow_state(tx, account.account_id)
    if "login" not in changed:
        return None
    if not changed["login"]:
        revoke_access(tx, contact_email_id)
        return None
    return None if address["password_hash"] else invite(tx, contact_email_id)


def turn(tx: Tx, account_id: int, contact_email_id: int, version: int | None, switches: Mapping[str, bool]) -> tuple[dict[str, bool], Row]:
    """Turn switches of an address for an account. Return (those that changed, the row of the address).

    Whoever calls this checks the right and sets the account's state, and invites. Nothing is written when it raises EditConflict, NotFound.
    """
    address = _address_of(tx, account_id, contact_email_id)
    key = {"account_id": account_id, "contact_id": address["contact_id"], "contact_email_id": contact_email_id}
    row = tx.get("email_access", key)
    plain = all(switches.values()) and "login" not in switches
    if version is not None and (row["version"] if row else 0) != version and not plain:
        raise EditConflict({name: (None, row[name] if row else False) for name in switches})
    if row is None:
        tx.insert("email_access", **key)
        row = tx.found("email_access", key)
    changed = {name: bool(value) for name, value in switches.items() if row[name] != bool(value)}
    if not changed:
        return {}, address
    since = {f"{name}_since": now() if value else None for name, value in changed.items()}
    if row["suspended_at"] is not None:
        since["suspended_at"] = None
    tx.update("email_access", key, **changed, **since)
    return changed, address


def invite(tx: Tx, contact_email_id: int) -> str:
    """Make an invitation for an address, void the one before, and record it. Return its token."""
    token = make_link(tx, INVITATION, Viewer.contact(contact_email_id))
    tx.note("invited", "contact_email", contact_email_id)
    return token


@verb("email_access.invite_again")
def invite_again(tx: Tx, account: OpenAccount, contact_email_id: int) -> str:
    """Invite an address again whose login was never used, and void the old invitation. Return the token. Raises NotAllowed, NotFound."""
    tx.require(Right.MANAGE_ACCOUNTS)
    address = _address_of(tx, account.account_id, contact_email_id)
    key = {"account_id": account.account_id, "contact_id": address["contact_id"], "contact_email_id": contact_email_id}
    row = tx.get("email_access", key)
    if row is None or not row["login"] or row["suspended_at"] or address["password_hash"]:
        raise NotFound()
    return invite(tx, contact_email_id)


def record_login(tx: Tx, contact_email_id: int, outcome: str, network_address: str, device: str) -> None:
    """Add a sign-in (*Anmeldeaktivität*) to every account the address may sign in for; the first success makes the account active."""
    granted = """SELECT a.account_id, a.contact_id, a.contact_email_id, a.first_login_at, e.email FROM email_access a
        JOIN account k ON k.account_id = a.account_id JOIN contact_email e ON e.contact_email_id = a.contact_email_id
        WHERE a.contact_email_id = $id AND a.login AND a.suspended_at IS NULL AND k.archived_at IS NULL"""
    for row in tx.rows(granted, id=contact_email_id):
        tx.insert(
            "login", account_id=row["account_id"], contact_id=row["contact_id"], contact_email_id=contact_email_id, email=row["email"],
            tried_at=now(), network_address=network_address[:64], device=device[:200] or None, outcome=outcome,
        )  # fmt: skip
        if outcome == "success" and row["first_login_at"] is None:
            tx.update("email_access", {name: row[name] for name in ("account_id", "contact_id", "contact_email_id")}, first_login_at=now())
            follow_state(tx, row["account_id"])


@dataclass(frozen=True)
class Invitation:
    """An invitation that can still be used: the address it is for and the firm's name."""

    contact_email_id: int
    email: str
    firm: str


def open_invitation(token: str) -> Invitation | None:
    """Return the invitation a link is for; None for a link that cannot be used."""
    with reader(Viewer.system("invitation")) as r:
        link = open_link(r, INVITATION, token)
        row = r.row(sql("invited_address"), contact_email_id=link["contact_email_id"]) if link else None
    return Invitation(**row) if row else None
