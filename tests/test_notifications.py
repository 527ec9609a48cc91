"""Benachrichtigungen: one mail without content per new thing, to whom it is switched on, once, and never lost without a trace."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from email import message_from_string
from email.header import decode_header, make_header

import pytest

from core.access.contact_access import set_access
from core.audit.account_history import HistoryQuery, read_history
from core.base.rights import Viewer
from core.clients.account_record import archive_account
from core.clients.contact_emails import remove_email
from core.documents.uploads import add_documents, edit_document, withdraw_document
from core.i18n import LANGUAGES, speaking, t
from core.mail import notifications, outbox
from core.mail.outbox import deliver_one, recover
from core.store import now, reader, writer
from tests.test_mail import kept  # noqa: F401 - a fixture
from tests.test_uploads import upload

SYSTEM = Viewer.system("tests")


@pytest.fixture
def post(firm, kept, monkeypatch):  # noqa: F811
    """A mail server that works, the switch on, and mails that wait until ``deliver_one``."""
    settings, handler = kept
    monkeypatch.setattr(notifications.sending, "is_set", lambda: True)
    set_access(firm.account(), firm.address, notify=True)
    return replace(settings, public_url="https://kanzlei.example"), handler


def share(firm, settings, name: str = "Geheim.pdf", *, is_shared: bool = True) -> int:
    return add_documents(firm.account(), [upload(name)], is_shared=is_shared, settings=settings)[0]


def states() -> list[str]:
    with reader(SYSTEM) as r:
        return [row["state"] for row in r.rows("SELECT state FROM notification ORDER BY notification_id")]


def due_now() -> None:
    with writer(SYSTEM) as tx:
        tx.execute("UPDATE notification SET next_at = NULL")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_shared_document_is_told_once_without_content(firm, post, language):
    settings, handler = post
    with writer(SYSTEM) as tx:
        tx.update("contact", firm.contact, language=language)
    document = share(firm, settings, is_shared=False)
    assert states() == []
    edit_document(firm.account(), document, None, name="Geheim.pdf", is_shared=True)
    assert states() == ["waiting"]
    assert deliver_one(settings)
    assert not deliver_one(settings)
    ((to, content),) = handler.mails
    mail = message_from_string(content)
    body = mail.get_payload(decode=True).decode()
    assert to == ["maria@mueller.example"]
    with speaking(language):
        assert t("mail.news_document") in body
        assert str(make_header(decode_header(mail["Subject"]))) == t("mail.news_subject", firm="Testkanzlei")
    assert "https://kanzlei.example" in body
    for secret in ("Geheim", "Müller", "10001", "Maria"):
        assert secret not in body
    assert mail["Auto-Submitted"] and mail["Date"] and mail["Message-ID"].endswith("@kanzlei.example>")
    assert states() == ["sent"]
    told = [row["action"] for row in read_history(firm.account(), HistoryQuery()) if row["action"].startswith("mail_")]
    assert told == ["mail_sent"]


def test_the_link_is_for_who_may_sign_in(firm, post):
    settings, handler = post
    set_access(firm.account(), firm.address, login=False)
    share(firm, settings)
    assert deliver_one(settings)
    assert "https://" not in handler.mails[0][1]


@pytest.mark.parametrize("kind", ["approval", "signature", "organizer", "contract", "invoice"])
def test_requests_and_invoices_are_told(firm, post, kind):
    settings, handler = post
    values = {
        "approval": {"document_name": "x", "asked_at": now()}, "signature": {"document_name": "x", "sent_at": now()},
        "organizer": {"name": "x", "sent_at": now(), "updated_at": now(), "question_count": 1}, "contract": {"name": "x", "sent_at": now()},
        "invoice": {"number": "1", "issued_on": now().date(), "due_on": now().date(), "total": 1, "created_at": now()},
    }[kind]  # fmt: skip
    with writer(firm.viewer("owner")) as tx:
        tx.insert(kind, account_id=firm.own, **values)
        assert notifications.announce(tx)
    assert deliver_one(settings) and len(handler.mails) == 1
    # What the program or an import brings in tells nobody.
    with writer(SYSTEM) as tx:
        tx.insert(kind, account_id=firm.own, **values)
        assert not notifications.announce(tx)


@pytest.mark.parametrize("why", ["switched off", "archived", "suspended", "unshared", "withdrawn", "stale"])
def test_who_is_not_to_be_told_any_more_is_not_told(firm, post, why):
    settings, handler = post
    document = share(firm, settings)
    if why == "switched off":
        set_access(firm.account(), firm.address, notify=False)
    elif why == "archived":
        archive_account(firm.account())
    elif why == "suspended":
        remove_email(firm.account(), firm.address)
    elif why == "unshared":
        edit_document(firm.account(), document, None, name="x", is_shared=False)
    elif why == "withdrawn":
        withdraw_document(firm.account(), document, settings)
    else:
        with writer(SYSTEM) as tx:
            tx.execute("UPDATE notification SET made_at = $then", {"then": now() - timedelta(days=8)})
    deliver_one(settings)
    assert (states(), handler.mails) == (["dropped"], [])
    share(firm, settings)
    assert len(states()) == (2 if why in ("unshared", "withdrawn", "stale") else 1)


def test_nobody_is_told_without_a_server_nor_by_the_sample_firm(firm, settings, post, monkeypatch):
    with writer(SYSTEM) as tx:
        tx.execute("UPDATE firm SET is_sample = TRUE")
    share(firm, settings)
    monkeypatch.undo()
    outbox.run(settings, threading.Event())
    assert not notifications.sending.is_set()
    with writer(SYSTEM) as tx:
        tx.execute("UPDATE firm SET is_sample = FALSE")
    share(firm, settings)
    assert states() == []


def test_what_fails_is_tried_again_and_given_up_with_a_word(firm, post):
    settings, handler = post
    share(firm, settings)
    away = replace(settings, smtp_port=1)
    for _ in outbox.RETRY_AFTER:
        assert deliver_one(away)
        assert states() == ["waiting"]
        assert not deliver_one(away)
        due_now()
    assert deliver_one(away)
    assert states() == ["failed"]
    share(firm, settings)
    handler.handle_RCPT = _answering("451 later")
    assert deliver_one(settings)
    assert states() == ["failed", "waiting"]
    handler.handle_RCPT = _answering("550 unknown")
    due_now()
    assert deliver_one(settings)
    assert states() == ["failed", "refused"]
    assert handler.mails == []


def _answering(line: str):
    async def answer(server, session, envelope, address, options) -> str:
        return line

    return answer


def test_what_may_have_arrived_is_not_sent_again(firm, post):
    settings, handler = post
    keep = handler.handle_DATA

    async def taken_and_gone(server, session, envelope) -> str:
        await keep(server, session, envelope)
        server.transport.abort()
        return "250 OK"

    handler.handle_DATA = taken_and_gone
    share(firm, settings)
    assert deliver_one(settings)
    assert states() == ["unsure"]
    share(firm, settings)
    with writer(SYSTEM) as tx:
        tx.execute("UPDATE notification SET state = 'sending' WHERE state = 'waiting'")
    assert recover() == 1
    due_now()
    assert not deliver_one(settings)
    assert (states(), len(handler.mails)) == (["unsure", "unsure"], 1)


def test_mails_go_out_by_themselves_and_do_not_hold_up_the_save(firm, kept):  # noqa: F811
    settings, handler = kept
    set_access(firm.account(), firm.address, notify=True)
    arrived, begun, end = threading.Event(), threading.Event(), threading.Event()
    keep = handler.handle_DATA

    async def told(server, session, envelope) -> str:
        begun.set()
        answer = await keep(server, session, envelope)
        arrived.set()
        return answer

    handler.handle_DATA = told
    mailer = threading.Thread(target=outbox.run, args=(settings, end))
    mailer.start()
    try:
        assert notifications.sending.wait(5)
        share(firm, settings)
        assert arrived.wait(10)
    finally:
        end.set()
        notifications.waiting.set()
        mailer.join(10)
    assert not mailer.is_alive()
    assert states() == ["sent"]
