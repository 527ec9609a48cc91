"""The mails of ``core/mail/notifications.py`` on their way: each is claimed, handed over, and its end written down.

A claimed mail whose end was never written (a kill, a connection lost after the text) may have arrived: it is not sent again
and stays *unsure*. Whoever is not to be told any more when its turn comes is not told.
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
from core.mail.notifications import RECIPIENTS, is_told_of, sending, waiting
from core.mail.smtp import can_send, send
from core.store import Row, Tx, now, reader, with_retry, writer

log = logging.getLogger("kundenblick")
SYSTEM = Viewer.system("notifications")
AGAIN = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240, 720))
STALE = timedelta(days=7)
LOOK_EVERY = 30.0


def run(settings: Settings, end: threading.Event) -> None:
    """Send what waits, now and whenever there is something new, until ``end``; nothing at all without a mail server."""
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
            waiting.wait(LOOK_EVERY)
            waiting.clear()
    finally:
        sending.clear()


def recover() -> int:
    """Mails that were on their way when the program ended: nobody knows whether they arrived. Returns how many."""
    with writer(SYSTEM) as tx:
        left = tx.rows("SELECT * FROM notification WHERE state = 'sending'")
        for row in left:
            _end(tx, row, "unsure")
    return len(left)


def deliver_one(settings: Settings) -> bool:
    """Send the next mail that is due; False when there was none."""
    with reader(SYSTEM) as r:
        due = r.value(_DUE, now=now())
    if due is None:
        return False
    claimed = with_retry(lambda: _claim(due))
    if claimed is not None:
        row, letter = claimed
        state = _hand_over(settings, row, letter)
        with_retry(lambda: _written(row, state))
    return True


# Twelve hours is the longest wait between two tries: what waits longer was put off by a clock that was ahead.
_DUE = """SELECT notification_id FROM notification WHERE state = 'waiting'
    AND (next_at IS NULL OR next_at <= $now OR next_at > $now + INTERVAL 13 HOUR) ORDER BY 1 LIMIT 1"""


def _claim(notification_id: int) -> tuple[Row, dict[str, object]] | None:
    """The mail and what stands in it, marked as on its way; None when nobody is to be told any more."""
    with writer(SYSTEM) as tx:
        row = tx.get("notification", notification_id)
        if row is None or row["state"] != "waiting":
            return None
        to = next((r for r in tx.rows(RECIPIENTS, account_id=row["account_id"]) if r["contact_email_id"] == row["contact_email_id"]), None)
        if to is None or row["made_at"] < now() - STALE or not is_told_of(tx, row["kind"], row["account_id"], row["object_id"]):
            _end(tx, row, "dropped")
            return None
        tx.update("notification", notification_id, state="sending", tries=row["tries"] + 1)
        letter = {"email": to["email"], "login": to["login"], "language": to["language"] or "de"}
        return row | {"tries": row["tries"] + 1}, letter | {"firm": tx.value("SELECT name FROM firm LIMIT 1")}


def _hand_over(settings: Settings, row: Row, letter: dict[str, object]) -> str:
    """Sent, refused or unsure; waiting when it can be tried again."""
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
    """Whether the server said that it will never take this mail."""
    if isinstance(problem, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in problem.recipients.values())
    return isinstance(problem, smtplib.SMTPDataError) and problem.smtp_code >= 500


def _written(row: Row, state: str) -> None:
    with writer(SYSTEM) as tx:
        if state != "waiting":
            _end(tx, row, state)
        elif row["tries"] > len(AGAIN):
            _end(tx, row, "failed")
        else:
            tx.update("notification", row["notification_id"], state="waiting", next_at=now() + AGAIN[row["tries"] - 1])


def _end(tx: Tx, row: Row, state: str) -> None:
    """The last word on a mail, kept in the record of its client too."""
    tx.update("notification", row["notification_id"], state=state, ended_at=now())
    tx.note(f"mail_{state}", "contact_email", row["contact_email_id"], row["account_id"], row["kind"])
