"""Single-use tickets: they carry a sign-in from the page to the route that sets the cookie, or to the second step."""

from __future__ import annotations

from dataclasses import dataclass

from core.base.expiring import Expiring
from core.base.rights import Viewer
from core.base.tokens import new_token
from core.identity.begun_sign_in import Begun, begin_now
from core.identity.oidc_subject import Subject

TICKET_TTL_S = 60
MAX_TICKETS = 10_000
# Purposes of a ticket; one that still needs the second factor never sets the cookie.
FOR_ENTRY = "entry"
FOR_STEP = "step"


@dataclass(frozen=True)
class Ticket:
    """A begun sign-in on its way to the route that sets the cookie, or to the second step.

    Args:
        back_to: Path of this site to go to afterwards.
        purpose: ``FOR_ENTRY`` or ``FOR_STEP``.
        subject: Who the identity provider said it is; None for a password or a link.
    """

    begun: Begun
    back_to: str
    purpose: str
    subject: Subject | None

    @property
    def viewer(self) -> Viewer:
        """Return the person who signs in."""
        return self.begun.viewer


_tickets: Expiring[str, Ticket] = Expiring(TICKET_TTL_S, MAX_TICKETS)


def path_of_ours(back_to: str) -> str:
    """Return a path of this site; the start page for anything that leads elsewhere."""
    leads_out = not back_to.startswith("/") or back_to.startswith(("//", "/\\")) or not back_to.isprintable()
    return "/" if leads_out else back_to


def mint(who: Begun | Viewer | int, back_to: str, purpose: str = FOR_ENTRY, subject: Subject | None = None) -> str:
    """Make a ticket for a sign-in under way, and return its token; a void sign-in voids it. For a person alone a sign-in begins here.

    - ``back_to``: Where to go afterwards; the start page if it leads out of this site.
    """
    begun = who if isinstance(who, Begun) else begin_now(Viewer.of(who))
    token = new_token()
    _tickets.put(token, Ticket(begun, path_of_ours(back_to), purpose, subject))
    return token


def redeem(token: str, purpose: str = FOR_ENTRY) -> Ticket | None:
    """Use a ticket up and return it; None for an unknown, used or expired one, or one of another purpose."""
    ticket = _tickets.take(token)
    return ticket if ticket and ticket.purpose == purpose else None
