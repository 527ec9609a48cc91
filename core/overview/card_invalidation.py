"""Which kept cards of the Overview a change makes out of date. A card that is there is right; a missing one is read from the tables.

``card_cache`` makes cards; here they are only dropped, in the transaction of the change itself.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from core.store import Companions, Projection, Row, Tx
from core.store.tables import TABLES

# Widgets that read rows of these tables.
MADE_FROM: dict[str, tuple[str, ...]] = {
    "document": ("documents",),
    "task": ("tasks",),
    "task_assignee": ("tasks",),
    "email": ("emails",),
    "job": ("jobs", "time_entries"),
    "chat": ("chats",),
    "invoice": ("unpaid_invoices",),
    "credit": ("unpaid_invoices",),
    "approval": ("approvals",),
    "signature": ("signatures",),
    "contract": ("contracts",),
    "signatory": ("signatures", "contracts"),
    "email_access": ("signatures", "contracts"),
    "organizer": ("organizers",),
    "login": ("login_activity",),
    "note": ("notes",),
    "time_entry": ("time_entries",),
}
# Widgets that show a name (or a place) of these tables' rows, whatever the account.
NAMING: dict[str, tuple[str, ...]] = {
    "staff_member": ("documents", "tasks", "notes", "time_entries"),
    "pipeline": ("jobs",),
    "stage": ("jobs",),
    "contact": ("documents", "login_activity"),
    "contact_email": ("login_activity",),
}
NAMES = {
    "staff_member": {"name"},
    "pipeline": {"name"},
    "stage": {"name", "position", "pipeline_id"},
    "contact": {"name"},
    "contact_email": {"holder_name"},
}
# Where the rows that name a contact or an address say whose they are; names of the firm's own may stand anywhere.
_NAMED = {
    "contact": "SELECT account_id FROM document WHERE contact_id = $id UNION SELECT account_id FROM login WHERE contact_id = $id",
    "contact_email": "SELECT DISTINCT account_id FROM login WHERE contact_email_id = $id",
}
# So many accounts that are gone one by one; beyond, whoever fills the cards looks for all that are missing.
MANY = 10_000


class StaleCards(Projection):
    """What one transaction made out of date: widgets by account, and widgets of all accounts."""

    def __init__(self) -> None:
        self.of: dict[int, set[str]] = {}
        self.everywhere: set[str] = set()

    def touched(self, tx: Tx, table: str, before: Row | None, after: Row | None) -> None:
        for row in (before, after):
            if table in MADE_FROM and row is not None and row.get("account_id") is not None:
                self.of.setdefault(row["account_id"], set()).update(MADE_FROM[table])
        if table in NAMING and self._is_called_otherwise(table, before, after):
            self._drop_where_named(tx, table, (before or after)[TABLES[table].key[0]])

    @staticmethod
    def _is_called_otherwise(table: str, before: Row | None, after: Row | None) -> bool:
        if before is None:  # a stage more moves the places of the others
            return table == "stage"
        return after is None or any(before[field] != after[field] for field in NAMES[table])

    def _drop_where_named(self, tx: Tx, table: str, row_id: int) -> None:
        if table in _NAMED:
            for row in tx.rows(_NAMED[table], id=row_id):
                self.of.setdefault(row["account_id"], set()).update(NAMING[table])
        else:
            self.everywhere |= set(NAMING[table])

    def before_commit(self, tx: Tx) -> None:
        if self.everywhere:
            tx.execute(f"DELETE FROM overview_card WHERE widget IN ({_listed(self.everywhere)})")
        if self.of:
            ids, widgets = ", ".join(str(int(i)) for i in sorted(self.of)), set().union(*self.of.values())
            self.of = dict.fromkeys(self.of, widgets)
            tx.execute(f"DELETE FROM overview_card WHERE account_id IN ({ids}) AND widget IN ({_listed(widgets)})")

    def after_commit(self, beside: Companions) -> None:
        beside.held(StaleCardQueue).note(self)

    @classmethod
    def after_long_transaction(cls, beside: Companions) -> None:
        beside.held(StaleCardQueue).note_unknown()


class StaleCardQueue:
    """The cards dropped since somebody last asked, for whoever fills them; thread-safe.

    ``filling`` is held while cards are written, and by an import for as long as it may write rows nobody else can see yet.
    """

    def __init__(self) -> None:
        self.filling = threading.Lock()
        self._guard, self._there = threading.Lock(), threading.Event()
        self._of: dict[int, set[str]] = {}
        self._unknown = False

    def note(self, outdated: StaleCards) -> None:
        """These are gone for good."""
        if not outdated.of and not outdated.everywhere:
            return
        with self._guard:
            for account_id, widgets in outdated.of.items():
                self._of.setdefault(account_id, set()).update(widgets)
            self._unknown |= bool(outdated.everywhere) or len(self._of) > MANY
            if self._unknown:
                self._of.clear()
        self._there.set()

    def note_unknown(self) -> None:
        """Cards are missing, nobody knows which."""
        with self._guard:
            self._unknown = True
        self._there.set()

    def take(self) -> tuple[dict[int, set[str]], bool]:
        """(widgets by account, whether others are missing too) since the last time."""
        with self._guard:
            self._there.clear()
            taken = self._of, self._unknown
            self._of, self._unknown = {}, False
        return taken

    def wait(self, seconds: float) -> bool:
        """Until there is something to take, at most so long."""
        return self._there.wait(seconds)


def _listed(widgets: Iterable[str]) -> str:
    return ", ".join(f"'{widget}'" for widget in sorted(widgets))
