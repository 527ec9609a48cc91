"""Preview what a write verb would cause: run it in a transaction, compare, and roll back."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from core.access.contact_access import SWITCHES
from core.access.one_time_links import INVITATION
from core.access.open_account import OpenAccount
from core.base.errors import NotAllowed
from core.base.rights import Viewer
from core.i18n.formats import number
from core.store import Reader, reader, sql, writer


@dataclass(frozen=True)
class Consequence:
    """One thing that would happen: its code, with the sentence ``consequences.<code>``, and the values that fill it."""

    code: str
    values: dict[str, object] = field(default_factory=dict)


P = ParamSpec("P")
T = TypeVar("T")
# (switch, account id, address id, address as written)
Grant = tuple[str, int, int, str]


@dataclass(frozen=True)
class AccessSnapshot:
    """Who sees which account, and which address may do what, at one moment.

    Args:
        grants: Name to show for each granted switch.
        staff: (account, member) → name, of members assigned.
        invitations: Ids of open invitations.
        accounts: Account → (name, documents, documents to sign).
        members: Member → (name, number of accounts they see).
    """

    grants: dict[Grant, str]
    staff: dict[tuple[int, int], str]
    invitations: frozenset[int]
    accounts: dict[int, tuple[str, int, int]]
    members: dict[int, tuple[str, int]]


class _RollbackError(Exception):
    """Leave the transaction without a commit, with what was read in it."""

    def __init__(self, accounts: set[int], members: set[int], after: AccessSnapshot) -> None:
        super().__init__()
        self.accounts, self.members, self.after = accounts, members, after


def _snapshot(r: Reader, accounts: set[int], members: set[int]) -> AccessSnapshot:
    """Return who sees and may what of these accounts and members."""
    ids = sorted(accounts)
    grants = {}
    for row in r.rows(sql("preview_grants"), ids=ids):
        for switch in SWITCHES:
            if row[switch]:
                grants[switch, row["account_id"], row["contact_email_id"], row["email"]] = (
                    f"{row['who']} ({row['email']})" if row["who"] else row["email"]
                )
    staff = {(row["account_id"], row["staff_member_id"]): row["name"] for row in r.rows(sql("preview_staff"), ids=ids)}
    links = r.rows("SELECT one_time_link_id FROM one_time_link WHERE purpose = $purpose AND used_at IS NULL", purpose=INVITATION.name)
    known = {row["account_id"]: (row["name"], row["documents"], row["to_sign"]) for row in r.rows(sql("preview_accounts"), ids=ids)}
    counts = (
        {row["staff_member_id"]: (row["name"], row["n"]) for row in r.rows(sql("preview_members"), ids=sorted(members))} if members else {}
    )
    return AccessSnapshot(grants, staff, frozenset(row["one_time_link_id"] for row in links), known, counts)


class _TriedError(Exception):
    """Leave the transaction without a commit, with what the verb returned."""

    def __init__(self, result: object) -> None:
        super().__init__()
        self.result = result


def tried(verb: Callable[Concatenate[Viewer, P], T], viewer: Viewer, *args: P.args, **named: P.kwargs) -> T:
    """Return what this call of a write verb would return; nothing is saved. Raises what the verb raises."""
    try:
        with writer(viewer) as tx:
            if viewer.kind == "contact":
                raise NotAllowed()
            raise _TriedError(inspect.unwrap(verb)(tx, viewer, *args, **named))
    except _TriedError as done:
        return cast(T, done.result)


def consequences(verb: Callable[..., Any], who: OpenAccount | Viewer, *args: object, **named: object) -> list[Consequence]:
    """Return what this call of a write verb would change about who sees what; nothing is saved. Raises what the verb raises."""
    viewer = who.viewer if isinstance(who, OpenAccount) else who
    try:
        with writer(viewer) as tx:
            if isinstance(who, OpenAccount):
                tx.see(who.account_id)
            if viewer.kind == "contact":
                raise NotAllowed()
            inspect.unwrap(verb)(tx, who, *args, **named)
            tx.void_links()
            touched = tx.accounts | ({who.account_id} if isinstance(who, OpenAccount) else set())
            raise _RollbackError(touched, tx.members, _snapshot(tx, touched, tx.members))
    except _RollbackError as tried:
        touched, members, after = tried.accounts, tried.members, tried.after
    with reader(Viewer.system("consequences")) as r:
        before = _snapshot(r, touched, members)
    return _differences(before, after, viewer)


def _differences(before: AccessSnapshot, after: AccessSnapshot, viewer: Viewer) -> list[Consequence]:
    """Return what was lost and gained between two moments."""
    found: list[Consequence] = []
    for code, here, there in (("lost", before, after), ("gained", after, before)):
        found += _of_addresses(code, here, there)
        found += _of_assignments(code, here, there, viewer)
    for member, (name, now_seen) in before.members.items():
        left = after.members.get(member, (name, now_seen))[1]
        if left != now_seen:
            code = "member_sees_less" if left < now_seen else "member_sees_more"
            found.append(Consequence(code, {"who": name, "n": abs(left - now_seen), "left": number(left)}))
    if void := len(before.invitations - after.invitations):
        found.append(Consequence("invitations_void", {"n": void}))
    if made := len(after.invitations - before.invitations):
        found.append(Consequence("invitations_made", {"n": made}))
    return found


def _of_addresses(code: str, here: AccessSnapshot, there: AccessSnapshot) -> list[Consequence]:
    """Return, for each address, the switches granted here and not there."""
    found: list[Consequence] = []
    for switch in SWITCHES:
        by_address: dict[tuple[int, str], list[int]] = {}
        for grant in here.grants:
            if grant[0] == switch and grant not in there.grants:
                by_address.setdefault(grant[2:], []).append(grant[1])
        for address, accounts in by_address.items():
            found += _of_address(code, switch, address, accounts, here, there)
    return found


def _of_assignments(code: str, here: AccessSnapshot, there: AccessSnapshot, viewer: Viewer) -> list[Consequence]:
    """Return, for each member, how many accounts are assigned here and not there."""
    members: dict[int, list[int]] = {}
    for account_id, member in here.staff:
        if (account_id, member) not in there.staff:
            members.setdefault(member, []).append(account_id)
    found = []
    for member, accounts in members.items():
        own = member == viewer.id and viewer.kind == "staff"
        values: dict[str, object] = {"who": here.staff[accounts[0], member], "n": len(accounts)}
        found.append(Consequence(f"{'own_' if own else ''}sight_{code}", values))
    return found


def _of_address(
    code: str, switch: str, address: tuple[int, str], accounts: list[int], here: AccessSnapshot, there: AccessSnapshot
) -> list[Consequence]:
    """Return what one address loses or gains of one switch; a login that moved to another spelling must be invited again."""
    names = ", ".join(here.accounts[i][0] for i in accounts[:3] if i in here.accounts) + (" …" if len(accounts) > 3 else "")
    who = {"who": here.grants[switch, accounts[0], *address]}
    moved = any(grant[:3] == (switch, accounts[0], address[0]) for grant in there.grants)
    name = "login_moved" if (switch, code) == ("login", "gained") and moved else f"{switch}_{code}"
    found = [Consequence(name, who | {"n": len(accounts), "names": names})]
    counted = [here.accounts.get(i, ("", 0, 0)) for i in accounts]
    documents, to_sign = sum(count for _, count, _ in counted), sum(count for *_, count in counted)
    if (switch, code) == ("login", "lost") and documents:
        found.append(Consequence("documents_lost", who | {"n": documents}))
    if (switch, code) == ("signatory", "lost") and to_sign:
        found.append(Consequence("papers_wait", {"n": to_sign}))
    return found
