"""Single-use tickets: from the form that checked a password to the route that sets the cookie."""

from __future__ import annotations

import secrets
import threading
import time
from dataclasses import dataclass

from core.rights import Viewer

SECONDS = 60


@dataclass(frozen=True)
class Ticket:
    viewer: Viewer
    back_to: str
    expires: float


_guard = threading.Lock()
_tickets: dict[str, Ticket] = {}


def mint(who: Viewer | int, back_to: str) -> str:
    """A ticket for one entry within a minute; ``back_to`` is a path of this site, else the start page."""
    safe = back_to if back_to.startswith("/") and not back_to.startswith(("//", "/\\")) else "/"
    with _guard:
        for token in [token for token, ticket in _tickets.items() if ticket.expires < time.monotonic()]:
            del _tickets[token]
        token = secrets.token_urlsafe(32)
        _tickets[token] = Ticket(Viewer.of(who), safe, time.monotonic() + SECONDS)
    return token


def redeem(token: str) -> Ticket | None:
    """The ticket, once; None when unknown, used or expired."""
    with _guard:
        ticket = _tickets.pop(token, None)
    return ticket if ticket and ticket.expires >= time.monotonic() else None
