"""The bar of a client in a real browser: in sight wherever one is, whom to call, what to add, and the next client of the list."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.contexts import click_row, go, settled
from tests.size import some

pytestmark = pytest.mark.browser
SOON = 30000  # a loaded machine is slow; a wait ends when the thing is seen
BAR = ".st-key-account-bar"


def client(page: Page) -> str:
    """The client whose page is drawn."""
    expect(page.locator(f"{BAR} h1")).to_be_visible(timeout=SOON)
    settled(page)
    return page.locator(f"{BAR} h1").inner_text()


@pytest.mark.parametrize("width", some([1280, 390], 2))
def test_whose_profile_it_is_stays_in_sight_however_far_one_scrolls(server, visit, width):
    page = visit(server, "owner", f"/overview?account={server.busy}", viewport={"width": width, "height": 844})
    assert client(page) == "Nordlicht Versand GmbH"
    for path in (f"/overview?account={server.busy}", f"/info?account={server.busy}"):
        go(page, path)
        client(page)
        page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, main.scrollHeight)")
        for part in ("h1", ".kb-face", '[class*="st-key-account-pages-"]', ".kb-contact a", ".st-key-add-menu"):
            expect(page.locator(f"{BAR} {part}").first).to_be_in_viewport()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        # Nothing of the page lies over it.
        face = page.locator(f"{BAR} .kb-face").bounding_box()
        over = "([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.st-key-account-bar'))"
        assert page.evaluate(over, [face["x"] + face["width"] / 2, face["y"] + face["height"] / 2])


def test_the_first_contact_is_called_and_written_to_and_the_tabs_lead_on(server, visit):
    page = visit(server, "owner", f"/overview?account={server.busy}")
    client(page)
    name = page.locator(".kb-contact p").inner_text()
    call, write = page.get_by_role("link", name=f"{name} anrufen"), page.get_by_role("link", name=f"{name} schreiben")
    number, address = call.locator("span").last.inner_text(), (write.get_attribute("title") or "").split(": ")[1]
    expect(call).to_have_attribute("href", "tel:" + re.sub(r"[^+\d]", "", number))
    expect(write).to_have_attribute("href", f"mailto:{address}")
    pages = page.locator(".st-key-account-pages-overview")
    expect(pages.get_by_role("link")).to_have_text(["Übersicht", "Info"])
    pages.get_by_role("link", name="Info").click()
    expect(page.locator(".st-key-account-pages-info")).to_be_visible(timeout=SOON)


def test_the_plus_opens_the_forms_of_the_cards_on_every_page_of_a_client(small_server, visit):
    page = visit(small_server, "owner", f"/info?account={small_server.firm.own}")
    client(page)
    for option, field in (("Hinweis", "Text"), ("Aufgabe", "Aufgabe *"), ("Zeit", "Dauer *"), ("Dokument", "Dateien")):
        page.locator(".st-key-add-menu button").first.click()
        page.get_by_role("menuitem", name=option, exact=True).or_(page.get_by_role("option", name=option, exact=True)).click()
        dialog = page.get_by_role("dialog")
        expect(dialog.get_by_text(field.rstrip(" *")).first).to_be_visible(timeout=SOON)
        dialog.get_by_role("button", name="Abbrechen", exact=True).click()
        expect(dialog).to_have_count(0, timeout=SOON)
        settled(page)


def test_one_goes_on_in_the_list_one_came_from(server, visit):
    page = visit(server, "owner", "/accounts")
    table = page.get_by_test_id("stDataFrame").first
    expect(table).to_be_visible(timeout=SOON)
    settled(page)
    click_row(table, 130, 2)
    third = client(page)
    place = page.locator(".kb-place")
    expect(place).to_have_text(re.compile(r"^3 von \d+$"))
    page.keyboard.press("j")
    expect(place).to_have_text(re.compile("^4 von"), timeout=SOON)
    fourth = client(page)
    assert fourth != third
    page.locator(f"{BAR} [class*='st-key-account-pages-']").get_by_role("link", name="Info").click()
    expect(page.locator(".st-key-account-pages-info")).to_be_visible(timeout=SOON)
    settled(page)
    page.get_by_role("button", name="Vorheriger Kunde (K)").click()
    expect(place).to_have_text(re.compile("^3 von"), timeout=SOON)
    expect(page.locator(".st-key-account-pages-info")).to_be_visible()
    assert client(page) == third
    # Letters that are typed are letters.
    page.locator('[data-testid="stSidebar"] input').first.focus()
    page.keyboard.type("jk")
    settled(page)
    assert client(page) == third
    # Who came otherwise has no list to go on in.
    page.locator('[data-testid="stSidebar"] input').first.fill("nordlicht versand")
    expect(page.get_by_role("option")).to_have_count(1, timeout=SOON)
