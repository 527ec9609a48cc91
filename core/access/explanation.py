"""Explain why a member sees a client: by role, by the right to see all clients, or by an assignment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.access.open_account import OpenAccount
from core.base.errors import NotAllowed
from core.base.rights import Right, Role, Viewer
from core.store import Row, reader, sql


@dataclass(frozen=True)
class AccessReason:
    """Why one team member sees an account.

    Args:
        through: ``role``, ``right`` or ``assigned``: the strongest that holds.
        since: When they were assigned; None without an assignment.
        by: Name of the person who assigned them; None where the record has none.
        way: How the assignment was made (``form``, ``import`` …).
    """

    staff_member_id: int
    name: str
    role: Role
    through: str
    since: datetime | None
    by: str | None
    way: str | None


def who_sees(account: OpenAccount) -> list[AccessReason]:
    """Return everybody who sees the account and why; viewers who do not look after the team get their own line only. Raises NotAllowed."""
    with reader(account.viewer) as r:
        if r.scope.kind == "contact":
            raise NotAllowed()
        may_see_all = r.scope.role is not Role.EMPLOYEE or r.scope.allows(Right.MANAGE_TEAM)
        rows = r.rows(sql("who_sees"), account_id=account.account_id, only=None if may_see_all else account.viewer.id)
    return [_reason(row) for row in rows]


def _reason(row: Row) -> AccessReason:
    role = Role(row["role"])
    through = "role" if role is not Role.EMPLOYEE else "right" if row["sees_all"] else "assigned"
    return AccessReason(row["staff_member_id"], row["name"], role, through, row["since"], row["by_name"], row["through"])


def assigned_since(viewer: Viewer, staff_member_id: int, account_ids: list[int]) -> dict[int, tuple[datetime, str | None, str | None]]:
    """Return account id → (since, name of who assigned, how) of a member's assignments to these accounts. Raises NotAllowed."""
    with reader(viewer) as r:
        if r.scope.kind == "contact":
            raise NotAllowed()
        if not account_ids:
            return {}
        rows = r.rows(sql("assigned_since"), staff_member_id=staff_member_id, account_ids=account_ids)
    return {row["account_id"]: (row["since"], row["by_name"] or None, row["through"]) for row in rows}
