"""*Seit Ihrem letzten Blick*: what others did to a client since the viewer's visit before this one, from the record of changes.

From the record, not from the rows' own moments: a mail of this morning that was taken in tonight is news after a look at noon.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.access.open_account import OpenAccount
from core.store import reader, sql

# The widget that shows the rows of a table; of every other table the record itself tells.
WIDGET_OF = {
    "document": "documents", "task": "tasks", "task_assignee": "tasks", "email": "emails", "job": "jobs", "chat": "chats",
    "chat_message": "chats", "invoice": "unpaid_invoices", "invoice_line": "unpaid_invoices", "payment": "unpaid_invoices",
    "credit": "unpaid_invoices", "approval": "approvals", "signature": "signatures", "contract": "contracts", "organizer": "organizers",
    "login": "login_activity", "note": "notes", "time_entry": "time_entries",
}  # fmt: skip
# What a widget counts is the thing itself; its parts count where nothing else of it changed.
_PARTS = frozenset({"task_assignee", "chat_message", "invoice_line", "payment"})
RECORD = "record"


@dataclass(frozen=True, slots=True)
class News:
    """How many things changed or are new, by widget, ``record`` for details, contacts and access; in the order of the page."""

    since: datetime
    things: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        """Return how many things changed or are new."""
        return sum(n for _, n in self.things)


def news_since(account: OpenAccount, since: datetime) -> News:
    """Return what others did to the account after a moment, as far as the viewer may read of it."""
    with reader(account.viewer) as r:
        rows = r.rows(sql("last_look"), account_id=account.account_id, since=since, member_id=account.viewer.id)
    found: dict[str, int] = {}
    for row in sorted(rows, key=lambda row: row["entity"] in _PARTS):
        key = WIDGET_OF.get(row["entity"], RECORD)
        if row["entity"] not in _PARTS or key not in found:
            found[key] = found.get(key, 0) + row["things"]
    order = [*dict.fromkeys(WIDGET_OF.values()), RECORD]
    return News(since, tuple(sorted(found.items(), key=lambda one: order.index(one[0]))))
