"""Protokoll in a real browser: refused to who may not, read, filtered, examined, a value erased, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from core.access.open_account import open_account
from core.base.config import read_settings
from core.base.rights import Viewer
from core.identity.sessions import start_session
from core.operations.installation import open_installation
from core.store import close_store, writer
from core.web.guard import cookie_name
from tests.contexts import settled
from tests.servers import Server
from tests.small_firm import build_firm

pytestmark = pytest.mark.browser
WORDS = {
    "de": {"title": "Protokoll", "never": "Noch nie geprüft", "verify": "Jetzt prüfen", "whole": "Unversehrt", "kind": "Art", "all": "alle",
           "readings": "Protokoll gelesen", "erase": "Werte löschen …", "now": "Endgültig löschen", "erased": "(gelöscht)",
           "older": "Ältere", "newer": "Neuere", "changed": "Kunde: Name geändert", "refusals": "Abweisungen"},
    "en": {"title": "Audit log", "never": "Never examined", "verify": "Examine now", "whole": "Whole", "kind": "Kind", "all": "all",
           "readings": "Readings of this log", "erase": "Erase values …", "now": "Erase for good", "erased": "(erased)",
           "older": "Older", "newer": "Newer", "changed": "Client: Name changed", "refusals": "Refusals"},
}  # fmt: skip


@pytest.fixture(scope="module", params=["de", "en"])
def firm_and_words(request, tmp_path_factory):
    """A small firm of its own with some changes, a session of the owner's and one of somebody without the right."""
    settings = read_settings({"KUNDENBLICK_DATA": str(tmp_path_factory.mktemp("audit") / "data")})
    close_store()
    open_installation(settings)
    firm = build_firm()
    with writer(Viewer.system("tests")) as tx:
        for place in range(40):
            tx.update("account", firm.own, name=f"Müller {place}")
        tx.update("account", firm.own, name="Müller/Weber GbR")
    tokens = {who: start_session(getattr(firm, who), "127.0.0.1", "test") for who in ("owner", "assigned")}
    assert open_account(Viewer.staff(firm.owner), firm.own)
    close_store()
    running = Server(settings.data)
    yield running, tokens, cookie_name(settings), WORDS[request.param] | {"locale": {"de": "de-DE", "en": "en-GB"}[request.param]}
    running.stop()


def opened(browser: Browser, firm_and_words, who: str) -> Page:
    running, tokens, cookie, words = firm_and_words
    context = browser.new_context(locale=words["locale"], viewport={"width": 1280, "height": 1000})
    context.add_cookies([{"name": cookie, "value": tokens[who], "url": running.url}])
    page = context.new_page()
    page.goto(f"{running.url}/audit")
    return page


def cell(page: Page, text: str):
    """The table's cells as a screen reader has them: the picture of them is a canvas."""
    return page.locator('[data-testid="stDataFrame"] td', has_text=text)


def test_the_record_is_read_examined_and_erased_by_an_owner(browser, firm_and_words):
    words = firm_and_words[3]
    refused = opened(browser, firm_and_words, "assigned")
    expect(refused.get_by_test_id("stAlert")).to_be_visible(timeout=20000)
    expect(refused.get_by_role("link", name=words["title"])).to_have_count(0)
    refused.context.close()

    page = opened(browser, firm_and_words, "owner")
    expect(page.get_by_role("heading", name=words["title"])).to_be_visible(timeout=20000)
    expect(page.get_by_text(words["never"])).to_be_visible(timeout=20000)
    settled(page)
    page.get_by_role("button", name=words["verify"]).click()
    expect(page.locator(".st-key-audit-state").get_by_text(words["whole"])).to_be_visible(timeout=20000)
    settled(page)
    page.get_by_role("button", name=words["older"]).click()
    expect(page.get_by_role("button", name=words["newer"])).to_be_enabled(timeout=20000)
    settled(page)
    page.get_by_role("button", name=words["newer"]).click()
    expect(page.get_by_role("button", name=words["newer"])).to_be_disabled(timeout=20000)
    settled(page)
    expect(cell(page, words["changed"]).first).to_be_attached(timeout=20000)
    places = cell(page, words["changed"]).first.evaluate("cell => cell.closest('tr').rowIndex")
    page.get_by_role("heading", name=words["title"]).scroll_into_view_if_needed()
    box = page.locator('[data-testid="stDataFrame"]').bounding_box()
    page.mouse.click(box["x"] + 300, box["y"] + 32 + 28 * (places - 1) + 14)
    page.get_by_role("button", name=words["erase"]).click(timeout=20000)
    expect(page.get_by_role("button", name=words["now"])).to_be_visible(timeout=20000)
    settled(page)
    page.get_by_role("button", name=words["now"]).click(timeout=20000)
    expect(cell(page, words["erased"]).first).to_be_attached(timeout=20000)
    settled(page)
    page.locator(".st-key-audit-kind input").fill(words["refusals"])
    page.get_by_role("option", name=words["refusals"]).click()
    expect(page.locator('[data-testid="stDataFrame"] tbody tr')).to_have_count(1, timeout=20000)
    page.context.close()
