"""Why somebody sees a client: their role, the right to see all clients, or an assignment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.access.open_account import OpenAccount
from core.base.errors import NotAllowed
from core.base.rights import Right, Role, Viewer
from core.store import Row, reader, sql


@dataclass(frozen=True)
class AccessReason:
    """One team member's way to an account; ``through`` is *role*, *right* or *assigned*, the strongest that holds.

    ``since``, ``by`` and ``way`` tell of the assignment, when there is one; ``by`` is None where the record names nobody.
    """

    staff_member_id: int
    name: str
    role: Role
    through: str
    since: datetime | None
    by: str | None
    way: str | None


def who_sees(account: OpenAccount) -> list[AccessReason]:
    """Everybody who sees the account and why, for owners, admins and who manages the team; for others their own line alone."""
    with reader(account.viewer) as r:
        if r.scope.kind == "contact":
            raise NotAllowed()
        knows = r.scope.role is not Role.EMPLOYEE or r.scope.allows(Right.MANAGE_TEAM)
        rows = r.rows(sql("who_sees"), account_id=account.account_id, only=None if knows else account.viewer.id)
    return [_sight(row) for row in rows]


def _sight(row: Row) -> AccessReason:
    role = Role(row["role"])
    through = "role" if role is not Role.EMPLOYEE else "right" if row["sees_all"] else "assigned"
    return AccessReason(row["staff_member_id"], row["name"], role, through, row["since"], row["by_name"], row["through"])


def assigned_since(viewer: Viewer, staff_member_id: int, account_ids: list[int]) -> dict[int, tuple[datetime, str | None, str | None]]:
    """(since, by whom, through what) of a member's assignments to some of the accounts the viewer sees."""
    with reader(viewer) as r:
        if r.scope.kind == "contact":
            raise NotAllowed()
        if not account_ids:
            return {}
        rows = r.rows(sql("assigned_since"), staff_member_id=staff_member_id, account_ids=account_ids)
    return {row["account_id"]: (row["since"], row["by_name"] or None, row["through"]) for row in rows}
