"""Mail goes to a real server, without content; where it cannot, the person reads it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from aiosmtpd.controller import Controller

from core.base.errors import AppError
from core.mail.smtp import can_send, send
from tests.servers import free_port


class Kept:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.mails: list = []

    async def handle_DATA(self, _, __, envelope) -> str:
        self.mails.append((envelope.rcpt_tos, envelope.content.decode()))
        return "250 OK"


@pytest.fixture
def kept(settings):
    handler = Kept()
    server = Controller(handler, hostname="127.0.0.1", port=free_port())
    server.start()
    yield (
        replace(settings, smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="none", smtp_sender="kanzlei@kanzlei.example"),
        handler,
    )
    server.stop()


def test_a_mail_arrives(kept):
    settings, handler = kept
    send(settings, "ida@leer.example", "Einladung\nBcc: x@y.example", "Guten Tag")
    ((to, content),) = handler.mails
    assert to == ["ida@leer.example"]
    assert "Guten Tag" in content
    assert "\nBcc:" not in content


def test_nothing_is_sent_without_a_server_and_a_failure_is_said(settings):
    assert not can_send(settings)
    with pytest.raises(AppError, match="mail_failed"):
        send(
            replace(settings, smtp_host="127.0.0.1", smtp_port=1, smtp_security="none", smtp_sender="a@b.example"), "x@y.example", "x", "x"
        )
