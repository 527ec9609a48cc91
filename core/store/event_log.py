"""Log and count audit entries that are not row changes (sign-ins, refusals, exports). Ids only, never values."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from core.base.log import happened
from core.base.metrics import EVENTS

log = logging.getLogger("kundenblick.record")
# Actions of row changes, which are not logged.
CHANGES = frozenset({"created", "changed", "deleted"})
# Actions logged at level WARNING.
WARNED_OF = frozenset({"refused", "sign_in_failed"})


def tell(entries: Iterable[Mapping[str, object]]) -> None:
    """Log and count the entries of a committed transaction that are not row changes."""
    for entry in entries:
        action = str(entry["action"])
        if action in CHANGES:
            continue
        EVENTS.labels(action).inc()
        # Of a refusal the value is a name in the code: a verb, a right, a page.
        thing = entry["new_value"] if action == "refused" else None
        happened(
            log, action, logging.WARNING if action in WARNED_OF else logging.INFO, actor=entry["actor_kind"], actor_id=entry["actor_id"],
            through=entry["through"], entity=entry["entity"], entity_id=entry["entity_id"], account_id=entry["account_id"], thing=thing,
        )  # fmt: skip
