"""Mail to contacts: without content, through the firm's own SMTP server, when one is set."""

from __future__ import annotations

import logging
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path

from core.config import Settings
from core.errors import AppError

log = logging.getLogger("kundenblick")
SECONDS = 10


def can_send(settings: Settings) -> bool:
    """Whether an SMTP server is configured."""
    return bool(settings.smtp_host and settings.smtp_sender)


def send(settings: Settings, to: str, subject: str, text: str) -> None:
    """Hand one mail to the server, over TLS unless that is switched off. Raises AppError ``mail_failed``."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.smtp_sender, to, subject.replace("\n", " ")
    message.set_content(text)
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
            server.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as problem:
        log.warning("a mail could not be handed over: %s", type(problem).__name__)
        raise AppError("mail_failed") from problem
