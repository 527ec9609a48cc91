"""Read what a row of a widget opens, each by the id of its row; opening mail or a chat marks it as read."""

from __future__ import annotations

from core.access.open_account import OpenAccount
from core.access.verbs import verb
from core.base.errors import NotFound
from core.store import Row, Tx, now, reader, sql


def _row(account: OpenAccount, query: str, **parameters: object) -> Row:
    """Return the first row of a query by name. Raises NotFound when there is none."""
    with reader(account.viewer) as r:
        row = r.row(sql(query), account_id=account.account_id, **parameters)
    if row is None:
        raise NotFound()
    return row


def _rows(account: OpenAccount, query: str, **parameters: object) -> list[Row]:
    """Return the rows of a query by name."""
    with reader(account.viewer) as r:
        return r.rows(sql(query), account_id=account.account_id, **parameters)


def email_thread(account: OpenAccount, email_id: int, first: int, last: int) -> list[Row]:
    """Return mails of the conversation a mail belongs to, oldest first, each with its place and the total. Raises NotFound.

    ``first`` and ``last`` are counted from this mail, which is 0.
    """
    if not (rows := _rows(account, "email_thread", email_id=email_id, first=first, last=last)):
        raise NotFound()
    return rows


def chat(account: OpenAccount, chat_id: int) -> Row:
    """Return a chat with its ``message_count``. Raises NotFound."""
    return _row(account, "chat", chat_id=chat_id)


def chat_messages(account: OpenAccount, chat_id: int, first: int, last: int) -> list[Row]:
    """Return the messages of a chat from the ``first`` to the ``last`` place, which count from 1, oldest first."""
    return _rows(account, "chat_messages", chat_id=chat_id, first=first, last=last)


def note(account: OpenAccount, note_id: int) -> Row:
    """Return a note in full. Raises NotFound."""
    return _row(account, "note", note_id=note_id)


def invoice(account: OpenAccount, invoice_id: int) -> tuple[Row, list[Row], list[Row]]:
    """Return an invoice, its lines and its payments. Raises NotFound, also for a viewer who may not see invoices."""
    row = _row(account, "invoice", invoice_id=invoice_id)
    return row, _rows(account, "invoice_lines", invoice_id=invoice_id), _rows(account, "invoice_payments", invoice_id=invoice_id)


def job(account: OpenAccount, job_id: int) -> tuple[Row, list[Row]]:
    """Return a job and the stages of its pipeline, in order. Raises NotFound."""
    return _row(account, "job", job_id=job_id), _rows(account, "job_stages", job_id=job_id)


def approval(account: OpenAccount, approval_id: int) -> Row:
    """Return a request for approval. Raises NotFound."""
    return _row(account, "approval", approval_id=approval_id)


def signature(account: OpenAccount, signature_id: int) -> tuple[Row, list[Row]]:
    """Return a document sent for signature and its signatories, missing ones first. Raises NotFound."""
    row = _row(account, "signature", signature_id=signature_id)
    return row, _rows(account, "signatories", signature_id=signature_id, contract_id=None)


def contract(account: OpenAccount, contract_id: int) -> tuple[Row, list[Row]]:
    """Return a contract and its signatories, missing ones first. Raises NotFound."""
    row = _row(account, "contract", contract_id=contract_id)
    return row, _rows(account, "signatories", signature_id=None, contract_id=contract_id)


def organizer(account: OpenAccount, organizer_id: int) -> Row:
    """Return a questionnaire. Raises NotFound."""
    return _row(account, "organizer", organizer_id=organizer_id)


def login(account: OpenAccount, login_id: int) -> Row:
    """Return a sign-in. Raises NotFound."""
    return _row(account, "login", login_id=login_id)


def task_history(account: OpenAccount, task_id: int) -> list[Row]:
    """Return what the record says of a task, newest first."""
    return _rows(account, "task_history", task_id=task_id)


def credits(account: OpenAccount) -> list[Row]:
    """Return what was booked as the account's credit, newest first."""
    return _rows(account, "credits")


@verb("email.mark_read", by_looking=True)
def mark_email_read(tx: Tx, account: OpenAccount, email_id: int) -> None:
    """Mark a received mail as read, for the whole firm. Raises NotFound."""
    row = tx.get("email", {"account_id": account.account_id, "email_id": email_id})
    if row is None:
        raise NotFound()
    if row["direction"] == "received" and not row["is_read"]:
        tx.update("email", {"account_id": account.account_id, "email_id": email_id}, is_read=True)


@verb("chat.mark_read", by_looking=True)
def mark_chat_read(tx: Tx, account: OpenAccount, chat_id: int) -> None:
    """Mark a chat as read up to its last message, for the whole firm. Raises NotFound."""
    row = tx.get("chat", {"account_id": account.account_id, "chat_id": chat_id})
    if row is None:
        raise NotFound()
    if row["read_at"] is None or row["read_at"] < row["last_message_at"]:
        tx.update("chat", {"account_id": account.account_id, "chat_id": chat_id}, read_at=now())
