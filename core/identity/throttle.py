"""Slow guessing down: some wrong tries are free, then the wait doubles up to five minutes."""

from __future__ import annotations

import ipaddress
import logging
import threading
import time

from core.base.errors import AppError
from core.base.log import happened

# Wrong tries without a wait, by the first word of the key (``name:…``, ``from:…``).
FREE_TRIES = {"name": 10, "from": 10, "browser": 10, "code": 5, "mail": 3, "mails": 20, "provider": 20, "old": 5}
MAX_WAIT_S = 300
# Above so many counts those are dropped that were not added to for a day.
MAX_COUNTS = 10_000
COUNT_TTL_S = 86_400
log = logging.getLogger("kundenblick.sign_in")
_guard = threading.Lock()
# Key → (wrong tries, moment of the last one).
_counts: dict[str, tuple[int, float]] = {}


class TooManyTries(AppError):
    """Too many wrong tries; ``n`` are the seconds until the next one is accepted."""

    code = "too_many_tries"


def network_of(address: str) -> str:
    """Return the network whose tries are counted together: the /64 of an IPv6 address, since one customer has all of it; an IPv4 address."""
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
    """Return the seconds until the next try; a key of an unknown kind never waits."""
    count, last = _counts.get(key, (0, 0.0))
    free = FREE_TRIES.get(key.split(":", 1)[0])
    return 0.0 if free is None or count < free else last + min(2.0 ** (count - free + 1), MAX_WAIT_S) - time.monotonic()


def count_try(*keys: str) -> None:
    """Count a try as wrong before it is checked, so that many at once do not slip through. Raises TooManyTries."""
    with _guard:
        moment = time.monotonic()
        if len(_counts) > MAX_COUNTS:
            for key in [key for key, (_, last) in _counts.items() if moment - last > COUNT_TTL_S]:
                del _counts[key]
        if (wait := max(map(_wait, keys))) > 0:
            happened(log, "slowed_down", logging.WARNING, counted=[key.split(":", 1)[0] for key in keys], seconds=int(wait) + 1)
            raise TooManyTries(n=int(wait) + 1)
        for key in keys:
            _counts[key] = (_counts.get(key, (0, 0.0))[0] + 1, moment)


def forget(*keys: str) -> None:
    """Forget these counts, after a right try."""
    with _guard:
        for key in keys:
            _counts.pop(key, None)


def forgive(key: str, mine: str) -> None:
    """Take the count of ``mine`` off ``key``, which counted the same tries; the tries of others stay."""
    with _guard:
        count, last = _counts.get(key, (0, 0.0))
        left = count - _counts.pop(mine, (0, 0.0))[0]
        if left > 0:
            _counts[key] = (left, last)
        else:
            _counts.pop(key, None)
