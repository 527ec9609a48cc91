"""Say what moved in a list since the one before: *Seit der letzten Liste: bezahlt 14 (21.400 €), teilweise 3, neu 9*."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal

from core.base.rights import Viewer
from core.i18n import t
from core.i18n.formats import money, number
from core.store import reader
from core.store.staging import STORE

SYSTEM = Viewer.system("lists")
# The parts of the message, in their order; ``gone`` is said by the word of what became of the rows.
_PARTS = ("gone", "part", "new", "back", "unknown")


def told_moved(table: str, moved: Mapping[str, object]) -> str | None:
    """Return the message of one table of a run, None for a first list and for a table that is no state."""
    if not moved or moved.get("first"):
        return None
    parts = []
    for name in _PARTS:
        count = int(str(moved.get(name, 0)))
        if count or name == "gone":
            key = f"{moved['kind']}_amount" if name == "gone" and count and "amount" in moved else moved["kind"] if name == "gone" else name
            amount = money(Decimal(str(moved["amount"]))) if "amount" in moved else ""
            parts.append(t(f"imports.since.{key}", n=number(count), amount=amount))
    head = "head" if moved["kind"] == "paid" else "head_of"
    return t(f"imports.since.{head}", table=t(f"imports.since.table.{table}"), parts=", ".join(parts))


def messages_of(run_id: int) -> list[str]:
    """Return the messages of a run that was taken over, one for each of its tables that are a state."""
    with reader(SYSTEM) as r:
        rows = r.rows(f"SELECT table_name, moved FROM {STORE}.import_feed WHERE import_run_id = $run ORDER BY table_name", run=run_id)
    return list(_told((row["table_name"], json.loads(row["moved"])) for row in rows))


def _told(tables: Iterator[tuple[str, Mapping[str, object]]]) -> Iterator[str]:
    for table, moved in tables:
        if said := told_moved(table, moved):
            yield said
