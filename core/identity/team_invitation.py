"""A team member's invitation: a link, once and for seven days, with which they set their own password."""

from __future__ import annotations

from dataclasses import dataclass

from core.access.contact_access import INVITATION
from core.access.one_time_links import make_link, void_links
from core.base.errors import NotFound
from core.base.rights import Viewer
from core.base.tokens import hash_token
from core.identity.begun_sign_in import Begun, begin
from core.identity.password_policy import require_password_sign_in
from core.identity.passwords import clean_password
from core.store import Tx, now, reader, sql, writer

PURPOSE = "team_invitation"


def void_team_invitations(tx: Tx, staff_member_id: int) -> None:
    """Make every open invitation of the member worthless."""
    void_links(tx, Viewer.staff(staff_member_id), PURPOSE)


def invite(tx: Tx, staff_member_id: int) -> str:
    """Make a new invitation; earlier ones are worthless. Returns its token, which is stored as a hash only."""
    token = make_link(tx, PURPOSE, Viewer.staff(staff_member_id), INVITATION)
    tx.note("invited", "staff_member", staff_member_id)
    return token


@dataclass(frozen=True)
class TeamInvitation:
    """An invitation that can still be used."""

    one_time_link_id: int
    staff_member_id: int
    name: str
    email: str
    firm: str


def open_team_invitation(token: str) -> TeamInvitation | None:
    """The invitation behind a link, or None for a used, expired, withdrawn or unknown one."""
    with reader(Viewer.system("invitation")) as r:
        row = r.row(sql("team_invitation"), token_hash=hash_token(token), now=now())
    return TeamInvitation(**row) if row else None


def accept_team_invitation(token: str, password: str) -> Begun:
    """Set the member's password with the invitation, which is used up, and begin the sign-in. Raises NotFound for a worthless link, ValidationFailed.

    Where the team has no passwords, AppError ``form_is_off``: an invited member is one already and comes in by the provider.
    """
    require_password_sign_in()
    invitation = open_team_invitation(token)
    if invitation is None:
        raise NotFound("team_invitation_worthless")
    hashed = clean_password(password)
    with writer(Viewer.system("invitation", "invitation")) as tx:
        link = tx.get("one_time_link", {"one_time_link_id": invitation.one_time_link_id})
        member = tx.get("staff_member", invitation.staff_member_id)
        if link is None or link["used_at"] is not None or member is None or not member["is_active"]:
            raise NotFound("team_invitation_worthless")
        tx.update("one_time_link", invitation.one_time_link_id, used_at=now())
        tx.update("staff_member", invitation.staff_member_id, password_hash=hashed)
        return begin(tx, Viewer.staff(invitation.staff_member_id))
