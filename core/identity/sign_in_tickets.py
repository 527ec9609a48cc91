"""Single-use tickets: from where somebody proved who they are to the route that sets the cookie, or to the second step."""

from __future__ import annotations

from dataclasses import dataclass

from core.base.expiring import Expiring
from core.base.rights import Viewer
from core.base.tokens import new_token
from core.identity.begun_sign_in import Begun, begin_now
from core.identity.oidc_subject import Subject

TICKET_TTL_S = 60
MAX_TICKETS = 10_000
# What a ticket is for: one that still needs a second factor never opens the door itself.
FOR_ENTRY, FOR_STEP = "entry", "step"


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
        """Whose ticket it is."""
        return self.begun.viewer


_tickets: Expiring[str, Ticket] = Expiring(TICKET_TTL_S, MAX_TICKETS)


def path_of_ours(back_to: str) -> str:
    """A path of this site, or the start page for what is none."""
    leads_out = not back_to.startswith("/") or back_to.startswith(("//", "/\\")) or not back_to.isprintable()
    return "/" if leads_out else back_to


def mint(who: Begun | Viewer | int, back_to: str, purpose: str = FOR_ENTRY, subject: Subject | None = None) -> str:
    """A ticket for one entry within a minute; ``back_to`` is a path of this site, else the start page.

    It is bound to a begun sign-in, and worth nothing once that is void; for a person alone one begins here.
    """
    begun = who if isinstance(who, Begun) else begin_now(Viewer.of(who))
    token = new_token()
    _tickets.put(token, Ticket(begun, path_of_ours(back_to), purpose, subject))
    return token


def redeem(token: str, purpose: str = FOR_ENTRY) -> Ticket | None:
    """The ticket, once; None when unknown, used, expired or for something else."""
    ticket = _tickets.take(token)
    return ticket if ticket and ticket.purpose == purpose else None
