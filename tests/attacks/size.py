"""How large the attacks are: small in the ordinary run, whole with ``make attacks`` (ATTACKS=full)."""

from __future__ import annotations

import os

FULL = os.environ.get("ATTACKS") == "full"
