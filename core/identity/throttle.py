"""Guessing is slowed down: some wrong tries are free, then the wait doubles up to five minutes."""

from __future__ import annotations

import ipaddress
import logging
import threading
import time

from core.base.errors import AppError
from core.base.log import happened

# What is counted, by the first word of its key, and how many wrong tries are free.
FREE = {"name": 10, "from": 10, "browser": 10, "code": 5, "mail": 3, "mails": 20, "provider": 20, "old": 5}
LONGEST_WAIT = 300
# Counts nobody added to for a day are forgotten.
FORGOTTEN_AFTER, MANY = 86400, 10_000
log = logging.getLogger("kundenblick.sign_in")
_guard = threading.Lock()
_counts: dict[str, tuple[int, float]] = {}


class TooManyTries(AppError):
    """Too many wrong tries; ``n`` seconds until the next one counts."""

    code = "too_many_tries"


def network_of(address: str) -> str:
    """The network an address is counted as: an IPv6 address by its /64, of which one customer has 2^64; an IPv4 address as it is."""
    try:
        found = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def _wait(key: str) -> float:
    count, last = _counts.get(key, (0, 0.0))
    free = FREE.get(key.split(":", 1)[0])
    return 0.0 if free is None or count < free else last + min(2.0 ** (count - free + 1), LONGEST_WAIT) - time.monotonic()


def count_try(*keys: str) -> None:
    """Count the try as a wrong one before it is checked, so that many at once do not slip through. Raises TooManyTries."""
    with _guard:
        moment = time.monotonic()
        if len(_counts) > MANY:
            for key in [key for key, (_, last) in _counts.items() if moment - last > FORGOTTEN_AFTER]:
                del _counts[key]
        if (wait := max(map(_wait, keys))) > 0:
            happened(log, "slowed_down", logging.WARNING, counted=[key.split(":", 1)[0] for key in keys], seconds=int(wait) + 1)
            raise TooManyTries(n=int(wait) + 1)
        for key in keys:
            _counts[key] = (_counts.get(key, (0, 0.0))[0] + 1, moment)


def forget(*keys: str) -> None:
    """The right one came: these counts begin anew."""
    with _guard:
        for key in keys:
            _counts.pop(key, None)


def forgive(key: str, mine: str) -> None:
    """Take what ``mine`` counted off ``key``, which counted it too: others' tries stay."""
    with _guard:
        count, last = _counts.get(key, (0, 0.0))
        left = count - _counts.pop(mine, (0, 0.0))[0]
        if left > 0:
            _counts[key] = (left, last)
        else:
            _counts.pop(key, None)
