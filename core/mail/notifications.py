"""Queue notifications (*Benachrichtigungen*) of something new for a client, in the transaction that makes it.

What staff made is read from the transaction's own entries in the record, so that no verb can forget it. Imports and what the
program does by itself notify nobody. The mails go out afterwards (``core/mail/outbox.py``).
"""

from __future__ import annotations

import threading
from typing import Any

from core.store import Companions, Projection, Tx, now

# Tables whose new rows are notified: a document once it is shared, the requests, an invoice.
KINDS = ("document", "approval", "signature", "organizer", "contract", "invoice")
# Addresses of an account that are to be notified.
RECIPIENTS = """
    SELECT e.contact_email_id, e.account_id, e.login, c.email, k.language FROM email_access e
    JOIN account a ON a.account_id = e.account_id AND a.archived_at IS NULL
    JOIN contact_email c ON c.contact_email_id = e.contact_email_id
    JOIN contact k ON k.contact_id = c.contact_id
    WHERE e.account_id = $account_id AND e.notify AND e.suspended_at IS NULL"""
# ``sending`` is set while this process sends mails, ``waiting`` whenever a mail was queued.
sending, waiting = threading.Event(), threading.Event()


def announce(tx: Tx) -> bool:
    """Queue a notification for each new thing and address of its account; return whether there was one.

    Nothing is queued for the sample firm, nor while this process sends no mails.
    """
    if tx.viewer.kind != "staff" or not sending.is_set():
        return False
    entries: tuple[dict[str, Any], ...] = tx.entries
    news = dict.fromkeys(
        (entry["entity"], entry["account_id"], entry["entity_id"])
        for entry in entries
        if entry["entity"] in KINDS and (entry["action"] == "created" or (entry["entity"], entry["field"]) == ("document", "is_shared"))
    )
    is_news = False
    for kind, account_id, object_id in news:
        if not is_for_client(tx, kind, account_id, object_id) or tx.value("SELECT is_sample FROM firm LIMIT 1"):
            continue
        for row in tx.rows(RECIPIENTS, account_id=account_id):
            tx.insert(
                "notification", account_id=account_id, contact_email_id=row["contact_email_id"], kind=kind, object_id=object_id, made_at=now(),
            )  # fmt: skip
            is_news = True
    return is_news


class Announcements(Projection):
    """Queue the notifications of every transaction of staff, and wake the thread that sends them."""

    def __init__(self) -> None:
        self.is_news = False

    def before_commit(self, tx: Tx) -> None:
        """Queue what the transaction's entries call for."""
        self.is_news = announce(tx)

    def after_commit(self, _beside: Companions) -> None:
        """Wake the sending thread when something was queued."""
        if self.is_news:
            waiting.set()


def is_for_client(tx: Tx, kind: str, account_id: int, object_id: int) -> bool:
    """Return whether a row of the table ``kind`` exists and is for the client to see."""
    row = tx.get(kind, {"account_id": account_id, f"{kind}_id": object_id})
    return row is not None and (kind != "document" or (row["is_shared"] and not row["is_from_client"]))
