"""The portal of clients' contacts: accept an invitation, list the accounts an address may see."""

from __future__ import annotations

from core.access.contact_access import open_invitation
from core.access.one_time_links import INVITATION, use_link
from core.base.errors import NotFound
from core.base.rights import Viewer
from core.identity.begun_sign_in import Begun, begin
from core.identity.passwords import clean_password
from core.store import Row, reader, writer


def accept_invitation(token: str, password: str) -> Begun:
    """Set an address's password with its invitation, use the link up, and begin the sign-in.

    Raises NotFound for a link that cannot be used, ValidationFailed for the password.
    """
    invitation = open_invitation(token)
    if invitation is None:
        raise NotFound("invitation_worthless")
    hashed = clean_password(password, invitation.email)
    with writer(Viewer.system("invitation", "invitation")) as tx:
        if use_link(tx, INVITATION, token) is None:
            raise NotFound("invitation_worthless")
        tx.update("contact_email", invitation.contact_email_id, password_hash=hashed)
        return begin(tx, Viewer.contact(invitation.contact_email_id))


def own_accounts(viewer: Viewer) -> list[Row]:
    """Return the accounts a contact's address may see, by name: account_id, name, photo_id."""
    with reader(viewer) as r:
        return r.rows("SELECT account_id, name, photo_id FROM account ORDER BY name, account_id")
