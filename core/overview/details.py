"""What a row opens into: a conversation, a note, an invoice with its payments. Read through the account."""

from __future__ import annotations

from core.access.open_account import OpenAccount
from core.access.verbs import verb
from core.base.errors import NotFound
from core.store import Row, Tx, now, reader, sql


def _one(account: OpenAccount, query: str, **parameters: object) -> Row:
    with reader(account.viewer) as r:
        row = r.row(sql(query), account_id=account.account_id, **parameters)
    if row is None:
        raise NotFound()
    return row


def _many(account: OpenAccount, query: str, **parameters: object) -> list[Row]:
    with reader(account.viewer) as r:
        return r.rows(sql(query), account_id=account.account_id, **parameters)


def email_thread(account: OpenAccount, email_id: int) -> list[Row]:
    """The mails of the conversation a mail belongs to, oldest first. Raises NotFound."""
    if not (rows := _many(account, "email_thread", email_id=email_id)):
        raise NotFound()
    return rows


def chat(account: OpenAccount, chat_id: int) -> tuple[Row, list[Row]]:
    """A chat and its messages, oldest first. Raises NotFound."""
    return _one(account, "chat", chat_id=chat_id), _many(account, "chat_messages", chat_id=chat_id)


def note(account: OpenAccount, note_id: int) -> Row:
    """A note in full. Raises NotFound."""
    return _one(account, "note", note_id=note_id)


def invoice(account: OpenAccount, invoice_id: int) -> tuple[Row, list[Row], list[Row]]:
    """An invoice, its lines and its payments. Raises NotFound, also for who may not see invoices."""
    row = _one(account, "invoice", invoice_id=invoice_id)
    return row, _many(account, "invoice_lines", invoice_id=invoice_id), _many(account, "invoice_payments", invoice_id=invoice_id)


@verb("email.mark_read", by_looking=True)
def mark_email_read(tx: Tx, account: OpenAccount, email_id: int) -> None:
    """Opening a received mail reads it, for the whole firm."""
    row = tx.get("email", {"account_id": account.account_id, "email_id": email_id})
    if row is None:
        raise NotFound()
    if row["direction"] == "received" and not row["is_read"]:
        tx.update("email", {"account_id": account.account_id, "email_id": email_id}, is_read=True)


@verb("chat.mark_read", by_looking=True)
def mark_chat_read(tx: Tx, account: OpenAccount, chat_id: int) -> None:
    """Opening a chat reads it, for the whole firm."""
    row = tx.get("chat", {"account_id": account.account_id, "chat_id": chat_id})
    if row is None:
        raise NotFound()
    if row["read_at"] is None or row["read_at"] < row["last_message_at"]:
        tx.update("chat", {"account_id": account.account_id, "chat_id": chat_id}, read_at=now())
