"""Figures of each client for the list of clients: open, net due, unread, last sign-in, last activity, and the counts.

They are computed here because the widgets show the same of one account, by the same rules.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.base.rights import Viewer
from core.overview.figure_counts import COUNT_COLUMNS, COUNT_JOINS, count_tables
from core.overview.net_due import BOOKED, COVERABLE, NOTE_LEFT, OVERPAID, OWED, credit, net_due, open_amount
from core.store import Projection, Row, Tx, reader, writer

SYSTEM = Viewer.system("figures")
# A change in one of these makes an account's figures out of date.
FIGURES_FROM = frozenset(
    {
        "account", "document", "email", "chat", "chat_message", "invoice", "payment", "credit", "login", "task", "note", "time_entry", "job",
        "approval", "signature", "contract", "organizer", "signatory", "email_access",
    }
)  # fmt: skip

# Per table the moment at which something happened for an account; edits by the firm's members do not count. Of what has a day of its
# own that is earlier than its row it is that day: the row of an old invoice was perhaps imported a moment ago.
_ACTIVITY = {
    "document": "uploaded_at", "email": "sent_at", "chat": "last_message_at", "login": "tried_at", "note": "saved_at",
    "task": "least(created_at, due_on)", "time_entry": "least(created_at, worked_on)", "invoice": "least(created_at, issued_on)", "approval": "asked_at",
    "signature": "sent_at", "contract": "sent_at", "organizer": "updated_at", "job": "stage_since_at",
}  # fmt: skip


# Per table the moment of an act of the client's own, and which rows are one.
CLIENT_ACTS = {
    "document": ("uploaded_at", "is_from_client"), "email": ("sent_at", "direction = 'received' AND NOT has_failed"),
    "chat_message": ("sent_at", "is_from_client"), "login": ("tried_at", "outcome = 'success'"), "approval": ("decided_at", "decided_at IS NOT NULL"),
    "signatory": ("signed_at", "signed_at IS NOT NULL"), "organizer": ("updated_at", "answered_count > 0"),
}  # fmt: skip


def client_acts(of: str, moment: str = "max({}) AS moment", group: str = "GROUP BY account_id") -> str:
    """Return a SELECT of account_id and the moment of what clients did, for the account ids that ``of`` yields."""
    return " UNION ALL ".join(
        f"SELECT account_id, {moment.format(column)} FROM {table} WHERE account_id IN ({of}) AND {is_theirs} {group}"
        for table, (column, is_theirs) in CLIENT_ACTS.items()
    )


def figures_select(of: str) -> str:
    """Return the SELECT of account_figure's rows for the account ids that the SQL text ``of`` yields (a list, or a SELECT of one column)."""
    activity = "\n        UNION ALL ".join(
        f"SELECT account_id, max({column}) AS moment FROM {table} WHERE account_id IN ({of}) GROUP BY account_id"
        for table, column in _ACTIVITY.items()
    )
    owed, notes, coverable = (f"coalesce({column}, 0)" for column in ("owed", "notes", "coverable"))
    return f"""
    WITH wanted AS (SELECT account_id FROM account WHERE account_id IN ({of})),
    billed AS (SELECT account_id, sum({OWED}) AS owed, sum({NOTE_LEFT}) AS notes, sum({COVERABLE}) AS coverable,
                      sum({OVERPAID}) AS overpaid
               FROM invoice WHERE account_id IN ({of}) AND total <> paid_amount GROUP BY account_id),
    credited AS (SELECT account_id, {BOOKED} AS booked FROM credit WHERE account_id IN ({of}) GROUP BY account_id),
    unread AS (SELECT account_id, count(*) AS n FROM (
            SELECT account_id FROM document WHERE account_id IN ({of}) AND is_from_client AND seen_at IS NULL
            UNION ALL SELECT account_id FROM email
                WHERE account_id IN ({of}) AND direction = 'received' AND NOT is_read AND NOT has_failed
            UNION ALL SELECT account_id FROM chat
                WHERE account_id IN ({of}) AND last_is_from_client AND (read_at IS NULL OR read_at < last_message_at)
        ) AS item GROUP BY account_id),
    entered AS (SELECT account_id, max(tried_at) AS last_login_at FROM login
                WHERE account_id IN ({of}) AND outcome = 'success' GROUP BY account_id),
    active AS (SELECT account_id, max(moment) AS last_activity_at FROM (
        {activity}) AS happened GROUP BY account_id),
    heard AS (SELECT account_id, max(moment) AS last_client_at FROM ({client_acts(of)}) AS act GROUP BY account_id),{count_tables(of)}
    SELECT account_id, {open_amount(owed, notes, coverable)} AS open_amount,
           {net_due(owed, notes, coverable, credit("coalesce(booked, 0)", "coalesce(overpaid, 0)"))} AS net_due,
           coalesce(n, 0) AS unread_count, last_login_at, last_activity_at,
           {COUNT_COLUMNS}, last_client_at
    FROM wanted LEFT JOIN billed USING (account_id) LEFT JOIN credited USING (account_id) LEFT JOIN unread USING (account_id)
    LEFT JOIN entered USING (account_id) LEFT JOIN active USING (account_id) LEFT JOIN heard USING (account_id){COUNT_JOINS}"""


def refresh_figures(tx: Tx, account_ids: Iterable[int]) -> None:
    """Write the rows of account_figure of these accounts anew."""
    ids = ", ".join(str(int(i)) for i in sorted(account_ids))
    tx.execute(f"DELETE FROM account_figure WHERE account_id IN ({ids})")
    tx.execute(f"INSERT INTO account_figure BY NAME {figures_select(ids)}")


def fill_missing() -> None:
    """Compute the figures of accounts that have none, after a change of the schema emptied them."""
    missing = "SELECT account_id FROM account WHERE account_id NOT IN (SELECT account_id FROM account_figure)"
    with reader(SYSTEM) as r:
        if not r.value(f"SELECT count(*) FROM ({missing}) AS m"):
            return
    with writer(SYSTEM) as tx:
        tx.execute(f"INSERT INTO account_figure BY NAME {figures_select(missing)} ORDER BY account_id")


class Figures(Projection):
    """Keep account_figure in step with the tables it is computed from."""

    def __init__(self) -> None:
        self.outdated: set[int] = set()

    def touched(self, _tx: Tx, table: str, before: Row | None, after: Row | None) -> None:
        """Note the accounts whose figures the changed row enters."""
        if table in FIGURES_FROM:
            self.outdated |= {row["account_id"] for row in (before, after) if row is not None and row.get("account_id") is not None}

    def before_commit(self, tx: Tx) -> None:
        """Write the figures of the accounts noted."""
        if self.outdated:
            refresh_figures(tx, self.outdated)
