"""Send the notifications that ``core/mail/notifications.py`` queued: each is claimed, handed over, and its outcome saved.

A claimed mail whose outcome was never saved (a kill, a connection lost after the text) may have arrived: it is not sent again
and becomes *unsure*. A mail is dropped when its recipient is no longer to be notified, or after a week.
"""

from __future__ import annotations

import logging
import smtplib
import threading
from datetime import timedelta

from core.base.config import Settings
from core.base.errors import AppError
from core.base.rights import Viewer
from core.i18n import speaking, t
from core.mail.notifications import RECIPIENTS, is_for_client, sending, waiting
from core.mail.smtp import can_send, send
from core.store import Row, Tx, now, reader, with_retry, writer

log = logging.getLogger("kundenblick")
SYSTEM = Viewer.system("notifications")
# Wait after each failed try; after the last the mail has failed.
RETRY_AFTER = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
DROP_AFTER = timedelta(days=7)
WAKE_EVERY_S = 30.0


def run(settings: Settings, end: threading.Event) -> None:
    """Send queued mails, now and whenever there is a new one, until ``end`` is set; return at once without a mail server."""
    if not can_send(settings):
        return
    sending.set()
    try:
        recover()
        while not end.is_set():
            try:
                while deliver_one(settings) and not end.is_set():
                    pass
            except AppError as problem:
                log.warning("mails wait: %s", problem)
            waiting.wait(WAKE_EVERY_S)
            waiting.clear()
    finally:
        sending.clear()


def recover() -> int:
    """Mark the mails that were being sent when the program ended as *unsure*: they may have arrived. Return how many."""
    with writer(SYSTEM) as tx:
        left = tx.rows("SELECT * FROM notification WHERE state = 'sending'")
        for row in left:
            _end(tx, row, "unsure")
    return len(left)


def deliver_one(settings: Settings) -> bool:
    """Send the next mail that is due; return False when none was."""
    with reader(SYSTEM) as r:
        due = r.value(_DUE, now=now())
    if due is None:
        return False
    claimed = with_retry(lambda: _claim(due))
    if claimed is not None:
        row, letter = claimed
        state = _hand_over(settings, row, letter)
        with_retry(lambda: _save_state(row, state))
    return True


# The longest wait between two tries is twelve hours: a mail that waits longer was put off by a clock that was ahead.
_DUE = """SELECT notification_id FROM notification WHERE state = 'waiting'
    AND (next_at IS NULL OR next_at <= $now OR next_at > $now + INTERVAL 13 HOUR) ORDER BY 1 LIMIT 1"""


def _claim(notification_id: int) -> tuple[Row, dict[str, object]] | None:
    """Mark a mail as being sent; return its row and what its text needs, or None when it is no longer to be sent."""
    with writer(SYSTEM) as tx:
        row = tx.get("notification", notification_id)
        if row is None or row["state"] != "waiting":
            return None
        to = next((r for r in tx.rows(RECIPIENTS, account_id=row["account_id"]) if r["contact_email_id"] == row["contact_email_id"]), None)
        if to is None or row["made_at"] < now() - DROP_AFTER or not is_for_client(tx, row["kind"], row["account_id"], row["object_id"]):
            _end(tx, row, "dropped")
            return None
        tx.update("notification", notification_id, state="sending", tries=row["tries"] + 1)
        letter = {"email": to["email"], "login": to["login"], "language": to["language"] or "de"}
        return row | {"tries": row["tries"] + 1}, letter | {"firm": tx.value("SELECT name FROM firm LIMIT 1")}


def _hand_over(settings: Settings, row: Row, letter: dict[str, object]) -> str:
    """Send a mail; return its new state: sent, refused, unsure, or waiting when it can be tried again."""
    with speaking(str(letter["language"])):
        way = "link" if letter["login"] and settings.public_url else "ask"
        text = t(
            "mail.news_text", firm=letter["firm"], what=t(f"mail.news_{row['kind']}"), way=t(f"mail.news_{way}", link=settings.public_url)
        )
        subject = t("mail.news_subject", firm=letter["firm"])
    try:
        send(settings, str(letter["email"]), subject, text, mark=f"{row['notification_id']}.{row['made_at']:%Y%m%d%H%M%S}")
    except AppError as problem:
        if problem.code == "mail_unsure":
            return "unsure"
        return "refused" if _for_good(problem.__cause__) else "waiting"
    return "sent"


def _for_good(problem: BaseException | None) -> bool:
    """Return whether the server said that it will never take this mail (a 5yz reply, RFC 5321 section 4.2.1)."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in problem.recipients.values())
    return isinstance(problem, smtplib.SMTPDataError) and problem.smtp_code >= 500


def _save_state(row: Row, state: str) -> None:
    """Save what became of a mail that was handed over; one that failed too often has failed for good."""
    with writer(SYSTEM) as tx:
        if state != "waiting":
            _end(tx, row, state)
        elif row["tries"] > len(RETRY_AFTER):
            _end(tx, row, "failed")
        else:
            tx.update("notification", row["notification_id"], state="waiting", next_at=now() + RETRY_AFTER[row["tries"] - 1])


def _end(tx: Tx, row: Row, state: str) -> None:
    """Save the last state of a mail, and note it in the record of its account."""
    tx.update("notification", row["notification_id"], state=state, ended_at=now())
    tx.note(f"mail_{state}", "contact_email", row["contact_email_id"], row["account_id"], row["kind"])
