"""Figures of a client that repeat what other tables say: open, net due, unread, last sign-in, last activity."""

from __future__ import annotations

from collections.abc import Iterable

from core.store import Row, Tx
from core.store.projections import Projection

# A change in one of these makes an account's figures out of date.
FIGURES_FROM = frozenset(
    {
        "account", "document", "email", "chat", "chat_message", "invoice", "payment", "credit", "login", "task", "note", "time_entry", "job",
        "approval", "signature", "contract", "organizer", "signatory",
    }
)  # fmt: skip

# The moment of the last thing that happened for an account, per table (an edit of ours is not activity of the client's).
_ACTIVITY = {
    "document": "uploaded_at", "email": "sent_at", "chat": "last_message_at", "login": "tried_at", "note": "saved_at",
    "task": "created_at", "time_entry": "created_at", "invoice": "created_at", "approval": "asked_at",
    "signature": "sent_at", "contract": "sent_at", "organizer": "updated_at", "job": "stage_since_at",
}  # fmt: skip


def figures_select(of: str) -> str:
    """The SELECT that computes account_figure for the account ids that the SQL text ``of`` yields.

    Open and net due follow the rule of the unpaid_invoices widget: credit covers what is neither in progress nor
    scheduled, net due is never below zero.
    """
    activity = "\n        UNION ALL ".join(
        f"SELECT account_id, max({column}) AS moment FROM {table} WHERE account_id IN ({of}) GROUP BY account_id"
        for table, column in _ACTIVITY.items()
    )
    return f"""
    WITH one AS (SELECT account_id FROM account WHERE account_id IN ({of})),
    owed AS (SELECT account_id, sum(total - paid_amount) AS open_amount,
                    sum(CASE WHEN status IN ('in_progress', 'scheduled') THEN 0 ELSE total - paid_amount END) AS coverable
             FROM invoice WHERE account_id IN ({of}) AND total > paid_amount GROUP BY account_id),
    credited AS (SELECT account_id, greatest(sum(amount), 0) AS credit FROM credit WHERE account_id IN ({of}) GROUP BY account_id),
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
        {activity}) AS happened GROUP BY account_id)
    SELECT account_id, coalesce(open_amount, 0) AS open_amount,
           coalesce(open_amount, 0) - least(coalesce(credit, 0), coalesce(coverable, 0)) AS net_due,
           coalesce(n, 0) AS unread_count, last_login_at, last_activity_at
    FROM one LEFT JOIN owed USING (account_id) LEFT JOIN credited USING (account_id) LEFT JOIN unread USING (account_id)
    LEFT JOIN entered USING (account_id) LEFT JOIN active USING (account_id)"""


def refresh_figures(tx: Tx, account_ids: Iterable[int]) -> None:
    """Compute account_figure anew for these accounts."""
    ids = ", ".join(str(int(i)) for i in sorted(account_ids))
    tx.execute(f"DELETE FROM account_figure WHERE account_id IN ({ids})")
    tx.execute(f"INSERT INTO account_figure BY NAME {figures_select(ids)}")


class Figures(Projection):
    """Compute an account's figures anew with every transaction that changes what they are made of."""

    def __init__(self) -> None:
        self.outdated: set[int] = set()

    def touched(self, tx: Tx, table: str, before: Row | None, after: Row | None) -> None:
        if table in FIGURES_FROM:
            self.outdated |= {row["account_id"] for row in (before, after) if row is not None and row.get("account_id") is not None}

    def before_commit(self, tx: Tx) -> None:
        if self.outdated:
            refresh_figures(tx, self.outdated)
