"""Mail to contacts: without content, through the firm's own SMTP server, when one is set."""

from __future__ import annotations

import logging
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from pathlib import Path

from core.base.config import Settings
from core.base.errors import AppError

log = logging.getLogger("kundenblick")
SECONDS = 10


def can_send(settings: Settings) -> bool:
    """Whether an SMTP server is configured."""
    return bool(settings.smtp_host and settings.smtp_sender)


def send(settings: Settings, to: str, subject: str, text: str, *, mark: str = "") -> None:
    """Hand one mail to the server, over TLS unless that is switched off; ``mark`` makes its number the same at every try.

    Raises AppError ``mail_failed``, or ``mail_unsure`` when the server was lost while it had the mail.
    """
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.smtp_sender, to, subject.replace("\n", " ")
    domain = parseaddr(settings.smtp_sender)[1].rpartition("@")[2] or None
    message["Date"], message["Auto-Submitted"] = formatdate(), "auto-generated"
    message["Message-ID"] = f"<{mark}@{domain}>" if mark and domain else make_msgid(domain=domain)
    message.set_content(text)
    reached = False
    try:
        context = ssl.create_default_context()
        if settings.smtp_security == "tls":
            server = smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=SECONDS, context=context)
        else:
            server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=SECONDS)
        with server:
            if settings.smtp_security == "starttls":
                server.starttls(context=context)
            if settings.smtp_user:
                server.login(settings.smtp_user, Path(settings.smtp_password_file).read_text("utf-8").strip())
            reached = True
            server.send_message(message)
            reached = False
    except (OSError, smtplib.SMTPException, ValueError) as problem:
        log.warning("a mail could not be handed over: %s", type(problem).__name__)
        lost = (
            reached
            and isinstance(problem, OSError)
            and not isinstance(problem, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused)
        )
        raise AppError("mail_unsure" if lost else "mail_failed") from problem
