"""What stands around every page, in a real browser: addresses, the history, what a narrow screen shows."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from core.config import read_settings
from core.store import close_store, open_store
from tests.conftest import Server, run_small

pytestmark = pytest.mark.browser
SOON = 30000  # a loaded machine is slow; a wait ends when the thing is seen
SEARCH = '[data-testid="stSidebar"] input'


def in_client(page: Page, name: str) -> None:
    """This client's page is drawn."""
    expect(page.locator(".st-key-account-bar h1")).to_have_text(name, timeout=SOON)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SOON)


@pytest.fixture
def held(tmp_path):
    """The app on the small firm while another process holds its file; ``give_back()`` ends that."""
    running = run_small(tmp_path / "data")
    running.stop()
    open_store(read_settings({"KUNDENBLICK_DATA": str(running.data)}))
    waiting = Server(running.data, health=503)
    waiting.firm, waiting.tokens, waiting.give_back = running.firm, running.tokens, close_store
    yield waiting
    close_store()
    waiting.stop()


def test_a_link_opened_while_the_database_is_away_leads_where_it_says_when_it_is_back(held, visit):
    info = f"/info?account={held.firm.own}"
    inside, outside = visit(held, "owner", info), visit(held, None, info)
    for page in (inside, outside):
        expect(page.locator(".st-key-no-store")).to_be_visible(timeout=SOON)
    held.give_back()
    expect(outside.get_by_role("button", name="Anmelden", exact=True)).to_be_visible(timeout=SOON)
    in_client(inside, "Müller/Weber GbR")
    for page in (inside, outside):
        expect(page).to_have_url(f"{held.url}{info}")
    expect(inside.get_by_text("Kontodetails")).to_be_visible()


def search_for(page: Page, text: str, name: str) -> None:
    page.locator(SEARCH).first.fill(text)
    expect(page.get_by_role("option", name=re.compile(name))).to_be_visible(timeout=SOON)
    page.keyboard.press("Enter")
    in_client(page, name)


def test_from_info_of_a_client_to_another_client_is_one_step(small_server, visit):
    own, foreign, url = small_server.firm.own, small_server.firm.foreign, small_server.url
    page = visit(small_server, "owner", f"/info?account={own}")
    in_client(page, "Müller/Weber GbR")
    search_for(page, "schmidt", "Schmidt Straßenbau")
    expect(page).to_have_url(f"{url}/overview?account={foreign}")
    # A page one went to is a place of its own, however soon one goes on.
    page.get_by_role("link", name="Info", exact=True).click()
    expect(page).to_have_url(f"{url}/info?account={foreign}")
    page.get_by_role("link", name="Müller/Weber GbR", exact=True).click()
    expect(page).to_have_url(f"{url}/overview?account={own}")
    in_client(page, "Müller/Weber GbR")
    for place, name in (
        (f"/info?account={foreign}", "Schmidt Straßenbau"),
        (f"/overview?account={foreign}", "Schmidt Straßenbau"),
        (f"/info?account={own}", "Müller/Weber GbR"),
    ):
        page.go_back()
        expect(page).to_have_url(url + place)
        expect(page.get_by_text("Kontodetails")).to_have_count(1 if "info" in place else 0, timeout=SOON)
        in_client(page, name)
