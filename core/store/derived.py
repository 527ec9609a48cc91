"""Tables that repeat what other tables say, kept in the same transaction: client figures and search words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.base.text_folding import folds, spellings, words

if TYPE_CHECKING:
    from core.store.transactions import Tx

# A change in one of these makes an account's figures, or its words, out of date.
FIGURES_FROM = frozenset(
    [
        "account",
        "document",
        "email",
        "chat",
        "chat_message",
        "invoice",
        "payment",
        "credit",
        "login",
        "task",
        "note",
        "time_entry",
        "job",
        "approval",
        "signature",
        "contract",
        "organizer",
        "signatory",
    ]
)
WORDS_FROM = frozenset({"account", "account_contact"})

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


FIRST_WORD, WORD, EMAIL, WHOLE = range(4)


def search_rows(account_id: int, name: str, number: str, emails: Iterable[str]) -> tuple[set[tuple[str, int, int]], tuple[int, str, str]]:
    """What the search keeps of one account: {(word, account_id, rank)} and (account_id, name, everything), folded.

    Rank: 0 begins the name or is the number, 1 stands later in the name, 2 is (part of) an address, 3 is the whole name.
    """
    forms = spellings(name)
    rows: dict[str, int] = {}

    def keep(word: str, rank: int) -> None:
        rows[word] = min(rank, rows.get(word, rank))

    for form in forms:
        for place, word in enumerate(words(form)):
            keep(word, FIRST_WORD if place == 0 else WORD)
    for form in folds(number):
        keep(form, FIRST_WORD)
        for word in words(form):
            keep(word, WORD)
    addresses = sorted({form for email in emails for form in folds(email)})
    for address in addresses:
        keep(address, EMAIL)
        for word in words(address):
            keep(word, EMAIL)
    everything = "\n".join([*forms, folds(number)[0], *addresses])
    kept = {(word, account_id, rank) for word, rank in rows.items()} | {(form, account_id, WHOLE) for form in forms}
    return kept, (account_id, "\n".join(forms), everything)


def refresh_words(tx: Tx, account_ids: Iterable[int]) -> None:
    """Write the search words of these accounts anew."""
    ids = ", ".join(str(int(i)) for i in sorted(account_ids))
    tx.execute(f"DELETE FROM search_word WHERE account_id IN ({ids})")
    tx.execute(f"DELETE FROM search_text WHERE account_id IN ({ids})")
    emails: dict[int, list[str]] = {}
    for row in tx.rows(
        f"""SELECT account_id, email FROM account_contact JOIN contact_email USING (contact_id) WHERE account_id IN ({ids})"""
    ):
        emails.setdefault(row["account_id"], []).append(row["email"])
    word_rows: list[tuple[str, int, int]] = []
    text_rows: list[tuple[int, str, str]] = []
    for row in tx.rows(f"SELECT account_id, name, number FROM account WHERE account_id IN ({ids})"):
        found, text = search_rows(row["account_id"], row["name"], row["number"], emails.get(row["account_id"], ()))
        word_rows += sorted(found)
        text_rows.append(text)
    tx.insert_many("search_word", ("word", "account_id", "rank"), word_rows)
    tx.insert_many("search_text", ("account_id", "name", "everything"), text_rows)
