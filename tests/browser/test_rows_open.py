"""Every widget's rows open, from the card and from the list, by click and by key, and closing leads back to where one was."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from core.base.rights import Viewer
from core.overview.catalogue import CATALOGUE
from core.store import now, writer
from tests.contexts import click_row, said
from tests.servers import Server, run_small

pytestmark = pytest.mark.browser
SOON = 30000
JOBS = re.compile(r"^[\d.]+ Auftr[aä]ge?$")
# What the dialog of a row says that no list does.
SAYS = {
    "documents": "Herunterladen", "tasks": "Zuständig", "jobs": "In dieser Phase seit", "unpaid_invoices": "Zahlungen", "approvals": "Angefragt",
    "signatures": "Gesendet", "organizers": "Fragen beantwortet", "login_activity": "Netzadresse", "contracts": "Gesendet",
}  # fmt: skip


def idle(page: Page) -> None:
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SOON)


def test_the_first_row_of_every_card_opens(visit, server):
    page = visit(server, "owner", f"/overview?account={server.busy}")
    expect(page.get_by_test_id("stDataFrame")).to_have_count(13, timeout=SOON)
    dialog = page.get_by_role("dialog")
    for widget in CATALOGUE:
        idle(page)
        click_row(page.locator(f".st-key-card-{widget.key} .dvn-scroller"), 60)
        if widget.key == "time_entries":  # of somebody else: said, not opened
            expect(page.get_by_test_id("stToast").or_(dialog).first).to_be_visible(timeout=SOON)
        else:
            expect(dialog).to_have_count(1, timeout=SOON)
            if widget.key in SAYS:
                expect(dialog.get_by_text(SAYS[widget.key]).first).to_be_visible(timeout=SOON)
        idle(page)
        if widget.key == "tasks":  # a form, closed by its own buttons
            dialog.get_by_role("button", name="Abbrechen").click()
        else:
            page.keyboard.press("Escape")
        expect(dialog).to_have_count(0, timeout=SOON)


@pytest.mark.parametrize("width", [1280, 390])
def test_what_is_done_is_two_clicks_away_and_leads_back(visit, server, width):
    page = visit(server, "owner", f"/overview?account={server.busy}")
    page.set_viewport_size({"width": width, "height": 850})
    expect(page.locator(".st-key-card-jobs").get_by_test_id("stDataFrame")).to_be_visible(timeout=SOON)
    page.locator(".st-key-all-jobs button:visible").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_test_id("stDataFrame")).to_be_visible(timeout=SOON)
    idle(page)
    page.wait_for_timeout(500)  # the dialog moves as it opens
    done = dialog.get_by_text("Abgeschlossen (")
    found = re.compile(rf"^{re.search('[(](.+)[)]', said(done))[1]} Auftr[aä]ge?$")
    done.click()
    expect(dialog.get_by_text(JOBS)).to_have_text(found, timeout=SOON)
    idle(page)
    page.wait_for_timeout(500)  # the dialog moves as it opens
    dialog.get_by_test_id("data-grid-canvas").focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(600)
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("In dieser Phase seit")).to_be_visible(timeout=SOON)
    idle(page)
    page.keyboard.press("Escape")
    expect(dialog.get_by_text(JOBS)).to_have_text(found, timeout=SOON)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.fixture(scope="module")
def talkative(tmp_path_factory) -> Server:
    """The small firm with a conversation of 250 mails and a chat of 3,000 messages."""
    from tests import servers

    build = servers.build_firm

    def build_more():
        firm = build()
        begun = now() - timedelta(days=9)
        with writer(Viewer.system("tests")) as tx:
            mail = {
                "account_id": firm.own,
                "from_address": "maria@mueller.example",
                "to_address": "wir@kanzlei.example",
                "direction": "received",
            }
            for n in range(1, 251):
                tx.insert(
                    "email", **mail, subject=f"Thema {n}", sent_at=begun + timedelta(minutes=n), thread="eins", body=f"Das ist Mail {n}."
                )
            sent = {"account_id": firm.own, "created_at": begun, "last_message": "Nachricht 3000", "last_message_at": begun}
            chat = tx.insert("chat", **sent, subject="Langes Gespräch", last_is_from_client=True, last_by_name="Maria Müller")
            columns = ("chat_message_id", "account_id", "chat_id", "sent_at", "is_from_client", "contact_id", "text")
            tx.insert_many(
                "chat_message", columns,
                [(tx.new_id(), firm.own, chat, begun + timedelta(minutes=n), True, firm.contact, f"Nachricht {n}.") for n in range(1, 3001)],
            )  # fmt: skip
        return firm

    servers.build_firm = build_more
    try:
        running = run_small(tmp_path_factory.mktemp("talkative") / "data")
    finally:
        servers.build_firm = build
    yield running
    running.stop()


def test_a_long_conversation_stands_at_the_mail_that_was_opened(visit, talkative):
    page = visit(talkative, "owner", f"/overview?account={talkative.firm.own}")
    click_row(page.locator(".st-key-card-emails .dvn-scroller"), 60)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Das ist Mail 250.")).to_be_in_viewport(timeout=SOON)
    expect(dialog.get_by_text("Thema 250")).to_be_visible()
    expect(dialog.get_by_text("E-Mail 247 bis 250 von 250")).to_be_visible()
    dialog.get_by_text("Ältere anzeigen (246)").click()
    expect(dialog.get_by_text("Das ist Mail 246.", exact=True)).to_be_visible(timeout=SOON)
    dialog.get_by_text("Neuere anzeigen").click()
    expect(dialog.get_by_text("Das ist Mail 250.")).to_be_visible(timeout=SOON)
    older = dialog.get_by_text("Ältere anzeigen")
    for _ in range(13):
        shown = older.inner_text()
        older.click()
        expect(dialog.get_by_text(shown, exact=True)).to_have_count(0, timeout=SOON)
    expect(dialog.get_by_text("Das ist Mail 1.", exact=True)).to_be_visible(timeout=SOON)
    expect(dialog.get_by_text("Ältere anzeigen")).to_have_count(0)


def test_a_long_chat_opens_at_its_end(visit, talkative):
    page = visit(talkative, "owner", f"/overview?account={talkative.firm.own}")
    click_row(page.locator(".st-key-card-chats .dvn-scroller"), 60)
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Nachricht 3000.")).to_be_in_viewport(timeout=SOON)
    dialog.get_by_text("Ältere anzeigen (2.970)").click()
    expect(dialog.get_by_text("Nachricht 2970.")).to_be_in_viewport(timeout=SOON)
    expect(dialog.get_by_text("Nachricht 2971.")).to_have_count(0)
    dialog.get_by_text("Neuere anzeigen (30)").click()
    expect(dialog.get_by_text("Nachricht 3000.")).to_be_in_viewport(timeout=SOON)


def test_a_completed_task_is_opened_again(visit, talkative):
    title = "Belege nachfordern"
    page = visit(talkative, "owner", f"/overview?account={talkative.firm.own}")
    page.locator(".st-key-add-task button").click(timeout=SOON)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Titel").fill(title)
    dialog.get_by_role("combobox", name="Status").click()
    page.get_by_role("option", name="erledigt").click()
    dialog.get_by_role("button", name="Speichern").click()
    expect(dialog).to_have_count(0, timeout=SOON)
    idle(page)
    # The card shows none, and leads to all.
    page.locator(".st-key-all-tasks button:visible").click()
    expect(dialog.locator("tbody tr").first).to_contain_text("erledigt", timeout=SOON)
    idle(page)
    page.wait_for_timeout(500)  # the dialog moves as it opens
    click_row(dialog.locator(".dvn-scroller"), 60)
    dialog.get_by_role("button", name="Wieder öffnen").click(timeout=SOON)
    # What is planned is as usual, and the list does not say it.
    expect(dialog.locator("tbody tr").first).not_to_contain_text("erledigt", timeout=SOON)
    idle(page)
    page.wait_for_timeout(500)
    click_row(dialog.locator(".dvn-scroller"), 60)
    expect(dialog.get_by_role("button", name="Speichern")).to_be_visible(timeout=SOON)
    expect(dialog.get_by_role("button", name="Wieder öffnen")).to_have_count(0)
    dialog.get_by_text("Verlauf").click()
    expect(dialog.get_by_text("Status: erledigt → geplant")).to_be_visible(timeout=SOON)


def test_what_was_booked_as_credit_stands_with_the_invoices(visit, talkative):
    page = visit(talkative, "owner", f"/overview?account={talkative.firm.own}")
    page.locator(".st-key-all-unpaid_invoices button:visible").click(timeout=SOON)
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Guthaben: 1 Buchung").click(timeout=SOON)
    expect(dialog.get_by_test_id("stDataFrame").nth(1).get_by_text("120,00")).to_have_count(1, timeout=SOON)
