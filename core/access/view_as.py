"""Look at the app as another member sees it: read-only, for half an hour at most, begun and ended on record.

A view is part of the session of the member who looks, so that a reload, other tabs, documents and the search follow it. The store
refuses to write: a Viewer with ``by`` reads as that member and has no writer.
"""

from __future__ import annotations

from datetime import timedelta

from core.access.verbs import verb
from core.base.errors import NotAllowed, NotFound
from core.base.rights import Role, Viewer
from core.store import Tx, now, writer

MAX_VIEW = timedelta(minutes=30)
# SQL: every view with whether it is over by time or with its session (40 minutes ahead: begun while the clock was wrong).
_VIEWS = """SELECT s.session_id, s.viewed_member_id, m.name, m.role, m.is_active, v.role AS viewed_role, v.is_active AS viewed_active,
       s.ended_at IS NOT NULL OR s.viewed_until <= $now OR s.viewed_until > $now + INTERVAL 40 MINUTE AS is_over
    FROM session s LEFT JOIN staff_member m ON m.staff_member_id = s.staff_member_id
    LEFT JOIN staff_member v ON v.staff_member_id = s.viewed_member_id WHERE s.viewed_member_id IS NOT NULL"""


@verb("session.begin_view")
def begin_view(tx: Tx, viewer: Viewer, staff_member_id: int, token_hash: str) -> None:
    """Let a session look as a member below its own. Raises NotAllowed, NotFound."""
    if tx.scope.role not in (Role.OWNER, Role.ADMIN):
        raise NotAllowed()
    member = tx.get("staff_member", staff_member_id)
    session = tx.get("session", {"token_hash": token_hash, "staff_member_id": viewer.id})
    if member is None or not member["is_active"] or session is None or session["ended_at"] is not None:
        raise NotFound()
    if not tx.scope.role.over(Role(member["role"])):
        raise NotAllowed()
    close_views(tx)
    until = now() + MAX_VIEW
    _set(tx, session["session_id"], staff_member_id, until)
    tx.note("view_began", "staff_member", staff_member_id, text=until.strftime("%Y-%m-%d %H:%M:%S"))


@verb("session.end_view")
def end_view(tx: Tx, viewer: Viewer, token_hash: str) -> None:
    """End the view of a session, if it has one. Raises NotFound for another person's session."""
    session = tx.get("session", {"token_hash": token_hash, "staff_member_id": viewer.id})
    if viewer.kind != "staff" or session is None:
        raise NotFound()
    if session["viewed_member_id"] is not None:
        tx.note("view_ended", "staff_member", session["viewed_member_id"])
        _set(tx, session["session_id"], None, None)


def close_views(tx: Tx) -> None:
    """End the views whose time, session or right is over; the record names the member who looked."""
    for row in tx.rows(_VIEWS, now=now()):
        allowed = row["is_active"] and row["viewed_active"] and Role(row["role"]).over(Role(row["viewed_role"]))
        if row["is_over"] or not allowed:
            tx.note("view_ended", "staff_member", row["viewed_member_id"], text=row["name"])
            _set(tx, row["session_id"], None, None)


def sweep_views() -> None:
    """End, in a transaction of its own, the views that are over."""
    with writer(Viewer.system("looking as another")) as tx:
        close_views(tx)


def _set(tx: Tx, session_id: int, staff_member_id: int | None, until: object) -> None:
    tx.execute(
        "UPDATE session SET viewed_member_id = $member, viewed_until = $until WHERE session_id = $id",
        {"member": staff_member_id, "until": until, "id": session_id},
    )
