"""Count bytes as people say them."""

from __future__ import annotations

KIB = 1024  # bytes
MIB = 1024 * KIB


def whole_mib(size: int) -> int:
    """Return a number of bytes in MiB, rounded up, so that what is too large is never said to be as large as what is allowed."""
    return -(-size // MIB)
