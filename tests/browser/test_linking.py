"""In a real browser, German and English: a known contact linked and taken off, a client archived, restored and deleted."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from core.config import read_settings
from core.rights import Viewer
from core.store import close_store, now, open_store, writer
from core.web.sessions import start_session
from tests.conftest import Server, build_firm

pytestmark = pytest.mark.browser
SOON = 30000
WORDS = {
    "de-DE": {
        "alike": "So heißt auch: Maria Müller · zweite@\u2060mueller.example · hier schon verknüpft", "relation": "Beziehung zum Kunden",
        "save": "Speichern", "confirm": "Ja, so speichern", "unlink": "Vom Kunden lösen", "archive": "Archivieren",
        "restore": "Wiederherstellen", "delete": "Löschen", "typed": "Name des Kunden zur Bestätigung",
        "wrong": "Zum Löschen tippen Sie den Namen genau so ein: Schmidt Straßenbau",
    },
    "en-GB": {
        "alike": "Maria Müller · dritte@\u2060mueller.example · linked here already", "relation": "Relation to the client",
        "save": "Save", "confirm": "Yes, save this", "unlink": "Take off the client", "archive": "Archive", "restore": "Restore",
        "delete": "Delete", "typed": "The client's name, to confirm", "wrong": "To delete, type the name exactly like this: Leer AG",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The small firm; its two other clients each have a contact who is called like the known one."""
    data = tmp_path_factory.mktemp("linking") / "data"
    close_store()
    open_store(read_settings({"KUNDENBLICK_DATA": str(data)}))
    firm = build_firm()
    with writer(Viewer.system("tests")) as tx:
        for place, account in enumerate((firm.foreign, firm.empty)):
            contact = tx.insert("contact", name="Maria Müller", created_at=now())
            tx.insert("account_contact", account_id=account, contact_id=contact, created_at=now())
            email = f"{'zweite' if place == 0 else 'dritte'}@mueller.example"
            tx.insert("contact_email", contact_id=contact, email=email, is_primary=True, created_at=now())
    token = start_session(firm.owner, "127.0.0.1", "test")
    close_store()
    running = Server(data)
    running.firm, running.token = firm, token
    yield running
    running.stop()


def settled(page: Page) -> None:
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SOON)


def choose(page: Page, menu: str, way: str) -> None:
    """Open a menu and take one way of it."""
    settled(page)
    page.locator(f'[class*="st-key-{menu}"] button:visible').first.click(timeout=SOON)
    page.get_by_text(way, exact=True).last.click(timeout=SOON)


@pytest.mark.parametrize("locale", WORDS)
def test_link_unlink_archive_restore_delete(browser: Browser, server, locale):
    words = WORDS[locale]
    account = server.firm.foreign if locale == "de-DE" else server.firm.empty
    name = "Schmidt Straßenbau" if locale == "de-DE" else "Leer AG"
    context = browser.new_context(locale=locale, viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "kundenblick", "value": server.token, "url": server.url}])
    page = context.new_page()
    page.goto(f"{server.url}/info?account={account}")
    dialog = page.get_by_test_id("stDialog")

    page.locator(".st-key-contact-link button").click(timeout=SOON)
    dialog.locator("input").first.fill("maria@")
    dialog.get_by_text("Maria Müller · maria@\u2060mueller.example").click(timeout=SOON)
    expect(dialog).to_contain_text(words["alike"], timeout=SOON)
    dialog.get_by_role("textbox", name=words["relation"]).fill("Kind")
    settled(page)
    dialog.get_by_role("button", name=words["save"], exact=True).click()
    expect(dialog).to_be_hidden(timeout=SOON)
    cards = page.locator('[class*="st-key-contact-"]').filter(has_text="maria@mueller.example")
    expect(cards.first).to_contain_text("Kind", timeout=SOON)

    choose(page, f"menu-contact-{server.firm.contact}", words["unlink"])
    settled(page)
    dialog.get_by_role("button", name=words["unlink"], exact=True).click(timeout=SOON)
    expect(dialog).to_be_hidden(timeout=SOON)
    expect(page.get_by_text("maria@mueller.example")).to_have_count(0, timeout=SOON)

    for way in ("archive", "restore"):
        choose(page, f"more-{account}", words[way])
        settled(page)
        dialog.get_by_role("button", name=words[way], exact=True).click(timeout=SOON)
        expect(dialog).to_be_hidden(timeout=SOON)

    choose(page, f"more-{account}", words["delete"])
    dialog.get_by_role("textbox", name=words["typed"]).fill(name[:-1])
    settled(page)
    dialog.get_by_role("button", name=words["delete"], exact=True).click()
    expect(dialog).to_contain_text(words["wrong"], timeout=SOON)
    dialog.get_by_role("textbox", name=words["typed"]).fill(name)
    settled(page)
    dialog.get_by_role("button", name=words["delete"], exact=True).click()
    confirm = dialog.get_by_role("button", name=words["confirm"], exact=True)
    expect(confirm.or_(page.get_by_test_id("stDataFrame")).first).to_be_visible(timeout=SOON)
    if confirm.is_visible():
        confirm.click()
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible(timeout=SOON)
    page.goto(f"{server.url}/info?account={account}")
    expect(page.locator(".st-key-contact-link")).to_have_count(0)
    expect(page.get_by_text(name, exact=True)).to_have_count(0)
    context.close()
