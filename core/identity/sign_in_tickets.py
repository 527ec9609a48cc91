"""Single-use tickets: from where somebody proved who they are to the route that sets the cookie, or to the second step."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from core.base.rights import Viewer
from core.base.tokens import new_token
from core.identity.begun_sign_in import Begun, begin_now
from core.identity.oidc_subject import Subject

SECONDS = 60
# What a ticket is for: one that still needs a second factor never opens the door itself.
FOR_ENTRY, FOR_STEP = "entry", "step"


@dataclass(frozen=True)
class Ticket:
    """``subject`` is who the identity provider said it is, None for a password or a link."""

    begun: Begun
    back_to: str
    purpose: str
    subject: Subject | None
    expires: float

    @property
    def viewer(self) -> Viewer:
        """Whose ticket it is."""
        return self.begun.viewer


_guard = threading.Lock()
_tickets: dict[str, Ticket] = {}


def path_of_ours(back_to: str) -> str:
    """A path of this site, or the start page for what is none."""
    leads_out = not back_to.startswith("/") or back_to.startswith(("//", "/\\")) or not back_to.isprintable()
    return "/" if leads_out else back_to


def mint(who: Begun | Viewer | int, back_to: str, purpose: str = FOR_ENTRY, subject: Subject | None = None) -> str:
    """A ticket for one entry within a minute; ``back_to`` is a path of this site, else the start page.

    It is bound to a begun sign-in, and worth nothing once that is void; for a person alone one begins here.
    """
    begun = who if isinstance(who, Begun) else begin_now(Viewer.of(who))
    with _guard:
        for token in [token for token, ticket in _tickets.items() if ticket.expires < time.monotonic()]:
            del _tickets[token]
        token = new_token()
        _tickets[token] = Ticket(begun, path_of_ours(back_to), purpose, subject, time.monotonic() + SECONDS)
    return token


def redeem(token: str, purpose: str = FOR_ENTRY) -> Ticket | None:
    """The ticket, once; None when unknown, used, expired or for something else."""
    with _guard:
        ticket = _tickets.pop(token, None)
    return ticket if ticket and ticket.purpose == purpose and ticket.expires >= time.monotonic() else None
