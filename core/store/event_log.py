"""What stands in the record beside changes of rows is told to the log and counted: who did what to which number, no values."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from core.base.log import happened
from core.base.metrics import EVENTS

log = logging.getLogger("kundenblick.record")
CHANGES = frozenset({"created", "changed", "deleted"})
WARNED_OF = frozenset({"refused", "sign_in_failed"})


def tell(entries: Iterable[Mapping[str, object]]) -> None:
    """Tell the entries of a committed transaction that are no changes of rows."""
    for entry in entries:
        action = str(entry["action"])
        if action in CHANGES:
            continue
        EVENTS.labels(action).inc()
        # What was refused is a name of the code: a verb, a right, a page.
        thing = entry["new_value"] if action == "refused" else None
        happened(
            log, action, logging.WARNING if action in WARNED_OF else logging.INFO, actor=entry["actor_kind"], actor_id=entry["actor_id"],
            through=entry["through"], entity=entry["entity"], entity_id=entry["entity_id"], account_id=entry["account_id"], thing=thing,
        )  # fmt: skip
