"""How much of what differs in data alone is tried: a part in the ordinary run, all of it with ``make test-wide`` (TESTS=wide)."""

from __future__ import annotations

import os
from collections.abc import Collection
from typing import TypeVar

WIDE = os.environ.get("TESTS") == "wide"
Case = TypeVar("Case")


def some(cases: Collection[Case], every: int) -> list[Case]:
    """Return all cases in a wide run, else the first of each ``every``."""
    return list(cases) if WIDE else list(cases)[::every]
