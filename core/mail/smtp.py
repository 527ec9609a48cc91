"""Hand mails to the firm's own SMTP server, when one is configured."""

from __future__ import annotations

import logging
import smtplib
import socket
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from pathlib import Path

from core.base.config import Settings
from core.base.errors import AppError

log = logging.getLogger("kundenblick")
SMTP_TIMEOUT_S = 10


def can_send(settings: Settings) -> bool:
    """Return whether an SMTP server and a sender are configured."""
    return bool(settings.smtp_host and settings.smtp_sender)


def send(settings: Settings, to: str, subject: str, text: str, *, mark: str = "") -> None:
    """Hand a mail to the server, over TLS unless that is switched off.

    Args:
        settings: name the server, the sender and how to sign in.
        to: the recipient's address.
        subject: a line feed in it becomes a space.
        text: the body.
        mark: makes the Message-ID the same at every try, so that a mail that arrived twice can be told.

    Raises:
        AppError: ``mail_failed``, or ``mail_unsure`` when the connection was lost while the server had the mail.
    """
    message = _message(settings, to, subject, text, mark)
    is_handing_over = False
    try:
        with _server(settings) as server:
            if settings.smtp_security == "starttls":
                server.starttls(context=ssl.create_default_context())
            if settings.smtp_user:
                server.login(settings.smtp_user, Path(settings.smtp_password_file).read_text("utf-8").strip())
            is_handing_over = True
            server.send_message(message)
            is_handing_over = False
    except (OSError, smtplib.SMTPException, ValueError) as problem:
        log.warning("a mail could not be handed over: %s", type(problem).__name__)
        is_answer = isinstance(problem, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused)
        is_lost = is_handing_over and isinstance(problem, OSError) and not is_answer
        raise AppError("mail_unsure" if is_lost else "mail_failed") from problem


def reason_of(problem: AppError) -> str:
    """Return why a mail was not handed over: ``host``, ``answer``, ``secure``, ``sign_in``, ``refused``, ``lost`` or ``other``."""
    if problem.code == "mail_unsure":
        return "lost"
    kinds: tuple[tuple[str, type[Exception] | tuple[type[Exception], ...]], ...] = (
        ("host", socket.gaierror), ("secure", (ssl.SSLError, smtplib.SMTPNotSupportedError)), ("sign_in", smtplib.SMTPAuthenticationError),
        ("refused", (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError)),
        ("answer", (TimeoutError, ConnectionError, smtplib.SMTPServerDisconnected)),
    )  # fmt: skip
    return next((code for code, kind in kinds if isinstance(problem.__cause__, kind)), "other")


def _message(settings: Settings, to: str, subject: str, text: str, mark: str) -> EmailMessage:
    """Return the mail with its headers."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.smtp_sender, to, subject.replace("\n", " ")
    domain = parseaddr(settings.smtp_sender)[1].rpartition("@")[2] or None
    message["Date"], message["Auto-Submitted"] = formatdate(), "auto-generated"
    message["Message-ID"] = f"<{mark}@{domain}>" if mark and domain else make_msgid(domain=domain)
    message.set_content(text)
    return message


def _server(settings: Settings) -> smtplib.SMTP:
    """Return a connection to the server, inside TLS where the settings say so from the beginning."""
    host, port = settings.smtp_host, settings.smtp_port
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=SMTP_TIMEOUT_S, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=SMTP_TIMEOUT_S)
