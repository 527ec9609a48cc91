"""*Benachrichtigungen*: who is told that there is something new, written down in the very transaction that makes it.

What a transaction of the staff's made is read from its own record, so that no verb can forget it; an import and what the
program does by itself tell nobody. The mails go out afterwards (``core/mail/outbox.py``).
"""

from __future__ import annotations

import threading

from core.store import Companions, Projection, Tx, now

# What somebody is told of: a document once it is shared, the requests, an invoice.
KINDS = ("document", "approval", "signature", "organizer", "contract", "invoice")
RECIPIENTS = """
    SELECT e.contact_email_id, e.account_id, e.login, c.email, k.language FROM email_access e
    JOIN account a ON a.account_id = e.account_id AND a.archived_at IS NULL
    JOIN contact_email c ON c.contact_email_id = e.contact_email_id
    JOIN contact k ON k.contact_id = c.contact_id
    WHERE e.account_id = $account_id AND e.notify AND e.suspended_at IS NULL"""
# Set while mails go out of this process, and whenever there is a new one.
sending, waiting = threading.Event(), threading.Event()


def announce(tx: Tx) -> bool:
    """Write down a mail per new thing and address that is to be told; whether there was one."""
    if tx.viewer.kind != "staff" or not sending.is_set():
        return False
    news = dict.fromkeys(
        (entry["entity"], entry["account_id"], entry["entity_id"])
        for entry in tx.entries
        if entry["entity"] in KINDS and (entry["action"] == "created" or (entry["entity"], entry["field"]) == ("document", "is_shared"))
    )
    told = False
    for kind, account_id, object_id in news:
        if not is_told_of(tx, kind, account_id, object_id) or tx.value("SELECT is_sample FROM firm LIMIT 1"):
            continue
        for row in tx.rows(RECIPIENTS, account_id=account_id):
            tx.insert(
                "notification", account_id=account_id, contact_email_id=row["contact_email_id"], kind=kind, object_id=object_id, made_at=now(),
            )  # fmt: skip
            told = True
    return told


class Announcements(Projection):
    """Write down in every transaction of the staff's who is to be told, and wake who sends."""

    def __init__(self) -> None:
        self.is_news = False

    def before_commit(self, tx: Tx) -> None:
        self.is_news = announce(tx)

    def after_commit(self, _beside: Companions) -> None:
        if self.is_news:
            waiting.set()


def is_told_of(tx: Tx, kind: str, account_id: int, object_id: int) -> bool:
    """Whether the thing is there, and for the client to see."""
    row = tx.get(kind, {"account_id": account_id, f"{kind}_id": object_id})
    return row is not None and (kind != "document" or (row["is_shared"] and not row["is_from_client"]))
