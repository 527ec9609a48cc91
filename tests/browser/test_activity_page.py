"""*Auswertung* in the browser: a figure opens its list by pointer and by keyboard; from there to the client and back, to a cohort, to *Kunden*."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_keyboard import SOON, to_table
from tests.contexts import go, said, settled

pytestmark = pytest.mark.browser
DIALOG = '[data-testid="stDialog"]'


def opened(visit, server, path: str, who: str = "owner", locale: str = "de-DE") -> Page:
    page = visit(server, who, path, locale)
    expect(page.locator(".st-key-block-tasks").get_by_test_id("stVegaLiteChart")).to_be_visible(timeout=SOON * 2)
    settled(page)
    return page


def number(text: str) -> int:
    return int(re.search(r"\d[\d.]*", text)[0].replace(".", ""))


def marks_and_numbers(page: Page, clients: int) -> None:
    # A mark of a chart opens its list, too, and the numbers stand under it.
    go(page, "/activity" + page.url[page.url.index("?") :])
    expect(page.get_by_text(f"Über {clients} Kunden")).to_be_visible(timeout=SOON)
    page.locator(".st-key-block-ages").locator("path[aria-label*='überfällig']").first.click()
    expect(page.locator(DIALOG).get_by_text("Einträge")).to_be_visible(timeout=SOON)
    assert "list=ages." in page.url
    page.get_by_role("button", name="SQL").click()
    expect(page.get_by_text("$today = ")).to_be_visible(timeout=SOON)
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator(DIALOG)).to_have_count(0, timeout=SOON)
    block = page.locator(".st-key-block-tasks")
    block.get_by_text("Zahlen", exact=True).click()
    figure = block.get_by_role("button", name="überfällig").first
    items = said(figure).rsplit(": ", 1)[1]
    figure.click()
    expect(page.locator(DIALOG)).to_be_visible(timeout=SOON)
    assert said(page.locator(".st-key-list-foot")).startswith("Ein Eintrag" if items == "1" else f"{items} Einträge")
    page.keyboard.press("Escape")
    expect(page.locator(DIALOG)).to_have_count(0, timeout=SOON)
    # The keyboard reaches the numbers without opening anything; they are in sight while it is there.
    reached = block.locator('[class*="st-key-direct-"]').get_by_role("radio").first
    reached.focus()
    expect(reached).to_be_in_viewport()
    items = said(reached).rsplit(": ", 1)[1]
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-list-foot")).to_contain_text("Ein Eintrag" if items == "1" else f"{items} Einträge", timeout=SOON)
    page.keyboard.press("Escape")
    expect(page.locator(DIALOG)).to_have_count(0, timeout=SOON)
    page.get_by_role("button", name=re.compile("^Mehr:")).click()
    expect(page.locator(".st-key-further-blocks").get_by_test_id("stVegaLiteChart")).to_have_count(5, timeout=SOON)


def test_a_figure_leads_to_its_list_the_client_a_cohort_and_kunden(visit, server):
    page = opened(visit, server, "/activity?days=30")
    late = page.get_by_role("button", name=re.compile("Rechnungen$"))
    invoices = number(said(late))
    # By keyboard: the figure, its list, the client, and back.
    page.get_by_role("button", name="Überfällig", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator(DIALOG).get_by_text("Einträge")).to_be_visible(timeout=SOON)
    found = said(page.locator(".st-key-list-foot"))
    assert number(found) == invoices
    assert page.url.endswith("/activity?days=30&list=ages.-.overdue")
    to_table(page, DIALOG)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/overview\?account=\d+$"), timeout=SOON)
    page.keyboard.press("Escape")
    settled(page)
    page.go_back()
    expect(page.locator(DIALOG).get_by_text("Einträge")).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Als Kohorte merken").click()
    page.get_by_label("Name der Kohorte").fill("Säumige")
    page.get_by_label("Name der Kohorte").press("Enter")
    page.get_by_role("button", name="Merken", exact=True).click()
    expect(page.get_by_text("Kohorte „Säumige“ gemerkt.")).to_be_visible(timeout=SOON)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="In Kunden öffnen").click()
    chip = page.locator(".st-key-filters-on")
    expect(chip).to_contain_text("Offene Posten: überfällig", timeout=SOON)
    clients = number(re.search(r"bei (\S+) Kunden", found)[1])
    assert number(said(page.locator(".st-key-accounts-foot"))) == clients
    # The cohort filters both lists, and is taken away again.
    page.get_by_role("button", name="Offene Posten: überfällig").click()
    expect(chip).to_have_count(0, timeout=SOON)
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_role("combobox", name="Kohorte").click()
    page.get_by_role("option", name="Säumige").click()
    expect(chip).to_contain_text("Kohorte: Säumige", timeout=SOON)
    assert number(said(page.locator(".st-key-accounts-foot"))) == clients and "cohort=" in page.url
    marks_and_numbers(page, clients)


def test_what_an_address_may_not_ask_is_left_out_and_said_once(visit, server):
    page = opened(visit, server, "/activity?days=7&list=ages.never&cohort=999999&x=1", locale="en-GB")
    expect(page.get_by_text("The period in the address is not valid")).to_be_visible(timeout=SOON)
    expect(page.get_by_text("does not exist, or is not for you")).to_be_visible(timeout=SOON)
    assert page.url.endswith("/activity")
    go(page, "/activity?days=365")
    expect(page.get_by_text("There is no such list")).to_have_count(0, timeout=SOON)
    colleague = visit(server, "assigned", "/activity")
    expect(colleague.get_by_test_id("stAlert")).to_be_visible(timeout=SOON * 2)
    expect(colleague.get_by_role("link", name="Auswertung")).to_have_count(0)
