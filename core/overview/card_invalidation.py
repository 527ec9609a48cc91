"""Delete the stored cards of the Overview that a change makes out of date, in the transaction of the change itself.

A stored card is right; a missing one is read from the tables until ``card_cache`` has made it again.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from core.store import Companions, Projection, Row, Tx
from core.store.tables import TABLES

# Widgets by the tables whose rows of an account they read.
MADE_FROM: dict[str, tuple[str, ...]] = {
    "document": ("documents", "turn"),
    "task": ("tasks", "turn"),
    "task_assignee": ("tasks",),
    "email": ("emails", "turn"),
    "job": ("jobs", "time_entries"),
    "chat": ("chats", "turn"),
    "invoice": ("unpaid_invoices", "turn_invoices"),
    "credit": ("unpaid_invoices", "turn_invoices"),
    "approval": ("approvals", "turn"),
    "signature": ("signatures", "turn"),
    "contract": ("contracts", "turn"),
    "signatory": ("signatures", "contracts", "turn"),
    "email_access": ("signatures", "contracts", "turn"),
    "organizer": ("organizers", "turn"),
    "login": ("login_activity",),
    "note": ("notes",),
    "time_entry": ("time_entries",),
    "account": ("turn", "turn_invoices"),
    "turn_set_aside": ("turn", "turn_invoices"),
}
# Widgets by the tables whose rows, of no account, they show a name of.
NAMING: dict[str, tuple[str, ...]] = {
    "staff_member": ("documents", "tasks", "notes", "time_entries"),
    "pipeline": ("jobs",),
    "stage": ("jobs",),
    "contact": ("documents", "login_activity"),
    "contact_email": ("login_activity",),
}
# Columns whose change is seen in those widgets.
NAMES = {
    "staff_member": {"name"},
    "pipeline": {"name"},
    "stage": {"name", "position", "pipeline_id"},
    "contact": {"name"},
    "contact_email": {"holder_name"},
}
# Accounts whose rows name a contact or an address; other names may be shown for every account.
_NAMED = {
    "contact": "SELECT account_id FROM document WHERE contact_id = $id UNION SELECT account_id FROM login WHERE contact_id = $id",
    "contact_email": "SELECT DISTINCT account_id FROM login WHERE contact_email_id = $id",
}
# With more accounts waiting, the queue only says that cards are missing, and all accounts are looked through.
MAX_QUEUED_ACCOUNTS = 10_000


class StaleCards(Projection):
    """Collect which cards one transaction makes out of date, widgets by account and widgets of every account, and delete them."""

    def __init__(self) -> None:
        self.of: dict[int, set[str]] = {}
        self.everywhere: set[str] = set()

    def touched(self, tx: Tx, table: str, before: Row | None, after: Row | None) -> None:
        """Collect the cards that show the changed row, or its name."""
        for row in (before, after):
            if table in MADE_FROM and row is not None and row.get("account_id") is not None:
                self.of.setdefault(row["account_id"], set()).update(MADE_FROM[table])
        if table in NAMING and self._is_called_otherwise(table, before, after):
            row_id = (before or after or {})[TABLES[table].key[0]]
            self._drop_where_named(tx, table, row_id)

    @staticmethod
    def _is_called_otherwise(table: str, before: Row | None, after: Row | None) -> bool:
        """Return whether widgets show the row by another name, or at another place, than before."""
        if before is None:  # a stage more moves the places of the others
            return table == "stage"
        return after is None or any(before[field] != after[field] for field in NAMES[table])

    def _drop_where_named(self, tx: Tx, table: str, row_id: int) -> None:
        """Collect the cards of every account that may show the name of this row."""
        if table in _NAMED:
            for row in tx.rows(_NAMED[table], id=row_id):
                self.of.setdefault(row["account_id"], set()).update(NAMING[table])
        else:
            self.everywhere |= set(NAMING[table])

    def before_commit(self, tx: Tx) -> None:
        """Delete the collected cards."""
        if self.everywhere:
            tx.execute(f"DELETE FROM overview_card WHERE widget IN ({_listed(self.everywhere)})")
        if self.of:
            ids = ", ".join(str(int(account_id)) for account_id in sorted(self.of))
            widgets = set().union(*self.of.values())
            self.of = dict.fromkeys(self.of, widgets)
            tx.execute(f"DELETE FROM overview_card WHERE account_id IN ({ids}) AND widget IN ({_listed(widgets)})")

    def after_commit(self, beside: Companions) -> None:
        """Hand the deleted cards to the thread that makes them again."""
        beside.held(StaleCardQueue).note(self)

    @classmethod
    def after_long_transaction(cls, beside: Companions) -> None:
        """Have that thread look for all that are missing."""
        beside.held(StaleCardQueue).note_unknown()


class StaleCardQueue:
    """The cards deleted and not made again yet, for the thread that makes them; thread-safe.

    ``filling`` is held while cards are written, and by an import for as long as it may write rows no other transaction sees yet.
    """

    def __init__(self) -> None:
        self.filling = threading.Lock()
        self._guard, self._there = threading.Lock(), threading.Event()
        self._of: dict[int, set[str]] = {}
        self._unknown = False

    def note(self, stale: StaleCards) -> None:
        """Add the cards a committed transaction deleted."""
        if not stale.of and not stale.everywhere:
            return
        with self._guard:
            for account_id, widgets in stale.of.items():
                self._of.setdefault(account_id, set()).update(widgets)
            self._unknown |= bool(stale.everywhere) or len(self._of) > MAX_QUEUED_ACCOUNTS
            if self._unknown:
                self._of.clear()
        self._there.set()

    def note_unknown(self) -> None:
        """Say that cards are missing without saying which."""
        with self._guard:
            self._unknown = True
        self._there.set()

    def take(self) -> tuple[dict[int, set[str]], bool]:
        """Return (widgets by account id, whether other cards are missing too) and forget both."""
        with self._guard:
            self._there.clear()
            taken = self._of, self._unknown
            self._of, self._unknown = {}, False
        return taken

    def wait(self, seconds: float) -> bool:
        """Wait until there is something to take; return False when ``seconds`` passed without."""
        return self._there.wait(seconds)


def _listed(widgets: Iterable[str]) -> str:
    return ", ".join(f"'{widget}'" for widget in sorted(widgets))
