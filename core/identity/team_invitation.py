"""Invitations of team members: a one-time link with which they set their own password."""

from __future__ import annotations

from dataclasses import dataclass

from core.access.one_time_links import TEAM_INVITATION, make_link, open_link, use_link, void_links
from core.base.errors import NotFound
from core.base.rights import Viewer
from core.identity.begun_sign_in import Begun, begin
from core.identity.password_policy import require_password_sign_in
from core.identity.passwords import clean_password
from core.store import Tx, reader, sql, writer


def void_team_invitations(tx: Tx, staff_member_id: int) -> None:
    """Void the member's open invitations."""
    void_links(tx, Viewer.staff(staff_member_id), TEAM_INVITATION)


def invite(tx: Tx, staff_member_id: int) -> str:
    """Make an invitation and void earlier ones. Return its token, of which only the hash is stored."""
    token = make_link(tx, TEAM_INVITATION, Viewer.staff(staff_member_id))
    tx.note("invited", "staff_member", staff_member_id)
    return token


@dataclass(frozen=True)
class TeamInvitation:
    """An invitation that can still be used: the member, and the firm's name."""

    staff_member_id: int
    name: str
    email: str
    firm: str


def open_team_invitation(token: str) -> TeamInvitation | None:
    """Return the invitation a link is for; None for a link that cannot be used."""
    with reader(Viewer.system("invitation")) as r:
        link = open_link(r, TEAM_INVITATION, token)
        row = r.row(sql("invited_member"), staff_member_id=link["staff_member_id"]) if link else None
    return TeamInvitation(**row) if row else None


def accept_team_invitation(token: str, password: str) -> Begun:
    """Set a member's password with their invitation, use the link up, and begin the sign-in.

    Raises NotFound for a link that cannot be used, ValidationFailed for the password, and AppError ``form_is_off`` where the team has no
    passwords: an invited member then signs in by the provider.
    """
    require_password_sign_in()
    invitation = open_team_invitation(token)
    if invitation is None:
        raise NotFound("team_invitation_worthless")
    hashed = clean_password(password)
    with writer(Viewer.system("invitation", "invitation")) as tx:
        member = tx.get("staff_member", invitation.staff_member_id)
        if member is None or not member["is_active"] or use_link(tx, TEAM_INVITATION, token) is None:
            raise NotFound("team_invitation_worthless")
        tx.update("staff_member", invitation.staff_member_id, password_hash=hashed)
        return begin(tx, Viewer.staff(invitation.staff_member_id))
