"""*Heute* in the browser: a row leads to what waits and back, and what is done is gone, on the pages of others too."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_keyboard import SOON, to_table
from tests.contexts import click_row, go, said, settled
from tests.size import some

pytestmark = pytest.mark.browser
CLIENT_X = 60


def opened(visit, server, who: str = "owner", locale: str = "de-DE") -> Page:
    page = visit(server, who, "/", locale)
    expect(card(page, "invoices").locator("tbody tr").first).to_be_attached(timeout=SOON * 2)
    settled(page)
    return page


def card(page: Page, key: str) -> Locator:
    return page.locator(f".st-key-card-today-{key}")


def table(page: Page, key: str) -> Locator:
    return card(page, key).get_by_test_id("stDataFrame")


def count(page: Page, key: str) -> int:
    return int(said(card(page, key).locator(".kb-badge")))


@pytest.mark.parametrize("key", some(["tasks", "chats", "signing", "organizers", "invoices"], 2))
def test_a_row_opens_its_client_at_what_waits_and_leads_back(visit, server, key):
    page = opened(visit, server)
    name = said(card(page, key).locator('tbody tr:first-child [role="gridcell"]').first)
    click_row(table(page, key), CLIENT_X)
    expect(page).to_have_url(re.compile(r"/overview\?account=\d+$"), timeout=SOON)
    expect(page.locator(".st-key-account-bar h1")).to_have_text(name, timeout=SOON)
    dialog = page.get_by_test_id("stDialog")
    expect(dialog).to_be_visible(timeout=SOON)
    if key == "tasks":
        dialog.get_by_role("button", name="Abbrechen").click()
    else:
        page.keyboard.press("Escape")
    expect(dialog).to_have_count(0, timeout=SOON)
    settled(page)
    page.go_back()
    expect(card(page, key)).to_be_visible(timeout=SOON)


def test_what_was_read_is_gone_and_a_colleagues_page_hears_of_it(visit, server):
    page, colleague = opened(visit, server), opened(visit, server, "everything")
    colleague.get_by_role("radio", name="Alle", exact=True).click()
    expect(card(colleague, "emails").locator(".kb-badge")).to_have_text(str(count(page, "emails")), timeout=SOON)
    before = count(page, "emails")
    rows = card(page, "emails").locator("tbody tr").all()
    single = next(place for place, row in enumerate(rows) if row.locator('[role="gridcell"]').nth(3).inner_text() == "1")
    click_row(table(page, "emails"), CLIENT_X, single)
    expect(page.get_by_test_id("stDialog")).to_be_visible(timeout=SOON)
    expect(card(colleague, "emails").locator(".kb-badge")).to_have_text(str(before - 1), timeout=SOON)
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stDialog")).to_have_count(0, timeout=SOON)
    settled(page)
    page.go_back()
    expect(card(page, "emails").locator(".kb-badge")).to_have_text(str(before - 1), timeout=SOON)


def test_a_card_is_shown_whole_and_short_again_and_keys_open_a_row(visit, server):
    page = opened(visit, server, locale="en-GB")
    tasks = card(page, "tasks")
    expect(tasks.locator("tbody tr")).to_have_count(6)
    tasks.get_by_role("button", name=re.compile(r"^All \d+$|All \d+")).click()
    expect(tasks.get_by_role("button", name="Fewer")).to_be_visible(timeout=SOON)
    expect(tasks.locator("tbody tr")).not_to_have_count(6, timeout=SOON)
    tasks.get_by_role("button", name="Fewer").click()
    expect(tasks.locator("tbody tr")).to_have_count(6, timeout=SOON)
    settled(page)
    to_table(page, ".st-key-card-today-chats")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/overview\?account=\d+$"), timeout=SOON)
    expect(page.get_by_test_id("stDialog")).to_be_visible(timeout=SOON)


def test_a_row_is_set_aside_and_taken_back_here_and_in_the_clients_list(visit, server):
    page = opened(visit, server)
    # While a card is drawn anew, what stood there before may still be below it.
    tasks, before = card(page, "tasks").locator(".kb-badge").first, count(page, "tasks")
    box = table(page, "tasks").bounding_box()
    click_row(table(page, "tasks"), int(box["width"]) - 24)
    page.locator(".st-key-aside-do button").click(timeout=SOON)
    expect(tasks).to_have_text(str(before - 1), timeout=SOON)
    page.locator(".st-key-aside-undo button").click(timeout=SOON)
    expect(tasks).to_have_text(str(before), timeout=SOON)
    expect(page.get_by_test_id("stDialog")).to_have_count(0)
    go(page, f"/overview?account={server.busy}")
    page.locator(".st-key-turn-us button:visible").click(timeout=SOON * 2)
    dialog = page.get_by_test_id("stDialog")
    kind = dialog.get_by_test_id("stButtonGroup").last.get_by_text(re.compile(r"^\d+ Aufgaben$"))
    kind.click(timeout=SOON)
    rows = dialog.get_by_test_id("stDataFrame")
    expect(rows.locator("tbody tr").first).to_be_attached(timeout=SOON)
    settled(page)
    n = int(said(kind).split()[0])
    click_row(rows, int(rows.bounding_box()["width"]) - 40)
    dialog.locator(".st-key-aside-do button").click(timeout=SOON)
    expect(kind).to_have_text(f"{n - 1} Aufgaben", timeout=SOON)
    dialog.locator(".st-key-aside-undo button").click()
    expect(kind).to_have_text(f"{n} Aufgaben", timeout=SOON)
