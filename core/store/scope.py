"""Read a viewer's role and rights, and whether they see an account, from the tables at every use."""

from __future__ import annotations

from collections.abc import Sequence

from core.base.errors import NotAllowed, SignedOut
from core.base.rights import Right, Role, Scope, Viewer
from core.store.connection import Connection
from core.store.reader import Reader

# Tables of roles and rights.
TEAM = frozenset({"staff_member", "staff_right"})
# Run at every look into the store; the join takes half the time of a sub-select with a list.
SCOPE = """SELECT m.role, r.right_key
FROM kundenblick.data.staff_member m LEFT JOIN kundenblick.data.staff_right r ON r.staff_member_id = m.staff_member_id
WHERE m.staff_member_id = $id AND m.is_active"""


def read_scope(connection: Connection, viewer: Viewer) -> Scope:
    """Return the viewer's scope now. Raises SignedOut for a member who is missing or deactivated."""
    if viewer.kind == "system":
        return Scope("system", None, frozenset(Right))
    if viewer.kind == "staff":
        found = connection.execute_prepared("scope", SCOPE, id=viewer.id or 0).fetchall()
        if not found:
            raise SignedOut()
        role = Role(found[0][0])
        rights = frozenset(Right) if role is not Role.EMPLOYEE else frozenset(Right(key) for _, key in found if key)
        if viewer.by is not None:
            _check_looker(connection, viewer.by, role)
            rights -= {Right.EXPORT_DATA, Right.IMPORT_DATA}
        return Scope("staff", role, rights)
    return Scope("contact", None, frozenset())


def _check_looker(connection: Connection, looker: int, role: Role) -> None:
    """Check the member who looks as another. Raises SignedOut when they are missing, NotAllowed when no longer above that role."""
    found = connection.execute(
        "SELECT role FROM kundenblick.data.staff_member WHERE staff_member_id = $id AND is_active", {"id": looker}
    ).fetchall()
    if not found:
        raise SignedOut()
    if not Role(found[0][0]).over(role):
        raise NotAllowed()


def sees_all(scope: Scope) -> bool:
    """Return whether the viewer may see every account."""
    return scope.kind == "system" or scope.allows(Right.VIEW_ALL_ACCOUNTS)


def set_variables(connection: Connection, viewer: Viewer, scope: Scope) -> None:
    """Set the variables by which the views decide what this viewer sees."""
    connection.set_variables(
        {
            "viewer_kind": viewer.kind, "viewer_id": viewer.id,
            "sees_all": sees_all(scope),
            "sees_invoices": scope.allows(Right.SEE_INVOICES), "sees_all_time": scope.allows(Right.SEE_ALL_TIME),
            "sees_rates": scope.allows(Right.SEE_RATES), "sees_audit": scope.allows(Right.VIEW_AUDIT),
        }
    )  # fmt: skip


def sees(r: Reader, account_id: int) -> bool:
    """Return whether the account exists and the viewer may see it."""
    return bool(_seen(r, "a.account_id = $account_id", account_id=account_id))


def seen_of(r: Reader, account_ids: Sequence[int]) -> set[int]:
    """Return those of the accounts that exist and that the viewer may see."""
    return _seen(r, "a.account_id IN (SELECT unnest($account_ids))", account_ids=list(account_ids))


def _seen(r: Reader, wanted: str, **named: object) -> set[int]:
    """Return the accounts of a condition that the viewer may see: the rule of the views, on the tables themselves."""
    query, viewer = f"SELECT a.account_id FROM kundenblick.data.account a WHERE {wanted}", {}
    if r.scope.kind == "staff" and not r.scope.allows(Right.VIEW_ALL_ACCOUNTS):
        query += """ AND EXISTS (FROM kundenblick.data.assignment s
            WHERE s.account_id = a.account_id AND s.staff_member_id = $viewer_id)"""
        viewer = {"viewer_id": r.viewer.id}
    elif r.scope.kind == "contact":
        query += """ AND archived_at IS NULL AND EXISTS (FROM kundenblick.data.email_access e
            WHERE e.account_id = a.account_id AND e.contact_email_id = $viewer_id AND e.login AND e.suspended_at IS NULL)"""
        viewer = {"viewer_id": r.viewer.id}
    return {row["account_id"] for row in r.rows(query, **named, **viewer)}
