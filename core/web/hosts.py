"""Check the Host header: a foreign site may point its own name at this machine (DNS rebinding)."""

from __future__ import annotations

import socket
from functools import cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response

from core.base.config import Settings
from core.i18n import LANGUAGES, speaking, t

# Paths that answer to any name, for monitoring; they say nothing of a person.
ANY_HOST = frozenset({"/health", "/metrics"})
# HTTP status 421, Misdirected Request (RFC 9110, section 15.5.20).
MISDIRECTED = 421


def answers_to(host: str | None, settings: Settings) -> bool:
    """Return whether a Host header names this installation.

    Accepted are names that nobody elsewhere can point at this machine: the configured ones, an IP address, ``localhost``, this
    machine's own names, a name without a dot.
    """
    try:
        name = (urlsplit(f"//{host or ''}").hostname or "").rstrip(".")
    except ValueError:
        return False
    if not name or not name.isprintable():
        return False
    own = {urlsplit(settings.public_url).hostname, settings.address.lower(), *_own_names()}
    return "." not in name.removesuffix(".localhost") or name in own or _is_ip(name)


def refuse_host(headers: Headers, settings: Settings) -> Response:
    """Return an answer that says, in the browser's language, which name leads here."""
    asked = headers.get("accept-language", "")[:2].lower()
    where = settings.public_url or f"http://localhost:{settings.port}"
    with speaking(asked if asked in LANGUAGES else LANGUAGES[0]):
        return PlainTextResponse(t("errors.foreign_host", where=where), status_code=MISDIRECTED, headers={"Cache-Control": "no-store"})


@cache
def _own_names() -> frozenset[str]:
    name = socket.gethostname().lower()
    return frozenset({name, f"{name.split('.')[0]}.local", socket.getfqdn().lower()})


def _is_ip(name: str) -> bool:
    try:
        ip_address(name.partition("%")[0])
    except ValueError:
        return False
    return True
