"""Kunden in a real browser: filters, columns, views, a new client, opening by a click."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
SOON = 30000  # a loaded machine is slow; a wait ends when the thing is seen


@pytest.fixture
def person(visit, server) -> Page:
    page = visit(server, "owner", "/")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=SOON * 2)
    return page


def headings(page: Page):
    return page.locator('[data-testid="stDataFrame"] th')


def total(page: Page):
    return page.locator(".stMain").get_by_text(re.compile(r"^\d+ Kunden?$"))


def test_a_view_keeps_filters_and_columns(person):
    everything = total(person).inner_text()
    person.get_by_role("button", name="Spalten", exact=True).click()
    person.get_by_test_id("stPopoverBody").get_by_role("combobox").click()
    person.get_by_role("option", name="Name", exact=True).click()
    person.get_by_role("option", name="Status", exact=True).click()
    person.keyboard.press("Escape")
    person.keyboard.press("Escape")
    expect(person.get_by_test_id("stPopoverBody")).to_have_count(0)
    person.locator(".st-key-only-text input").fill("gmbh")
    expect(total(person)).not_to_have_text(everything, timeout=SOON)
    few = total(person).inner_text()
    expect(headings(person)).to_have_text(["↑ Name", "Status"], timeout=SOON)
    person.get_by_role("button", name="Ansichten").click()
    person.get_by_label("Name der Ansicht").fill("Nur **GmbH** <b>")
    person.keyboard.press("Tab")
    person.get_by_role("button", name="Diese Ansicht speichern").click()
    expect(person.get_by_role("button", name="Nur **GmbH** <b>", exact=True)).to_be_visible(timeout=SOON)
    person.get_by_role("button", name="Alles zurücksetzen").click()
    expect(total(person)).to_have_text(everything, timeout=SOON)
    person.reload()
    expect(total(person)).to_have_text(everything, timeout=SOON)
    expect(headings(person)).to_have_count(11, timeout=SOON)
    person.get_by_role("button", name="Ansichten").click()
    person.get_by_role("button", name="Nur **GmbH** <b>", exact=True).click()
    expect(total(person)).to_have_text(few, timeout=SOON)
    expect(headings(person)).to_have_text(["↑ Name", "Status"], timeout=SOON)
    person.get_by_role("button", name="Alles zurücksetzen").click()
    expect(total(person)).to_have_text(everything, timeout=SOON)
    person.get_by_test_id("stPopoverBody").locator('[class*="st-key-view-away-"] button').first.click()
    expect(person.get_by_role("button", name="Nur **GmbH** <b>", exact=True)).to_have_count(0, timeout=SOON)
    person.keyboard.press("Escape")
    expect(person.get_by_test_id("stPopoverBody")).to_have_count(0)
    expect(headings(person)).to_have_count(11, timeout=SOON)


def test_a_click_on_a_head_sorts_the_whole_list(person):
    expect(headings(person).nth(1)).to_have_text("↑ Name")
    assert person.locator('[data-testid="stDataFrame"] tbody tr').count() > 0
    table = person.get_by_test_id("stDataFrame").bounding_box()
    for x, column, label in ((400, 4, "↑ Tags"), (400, 4, "↓ Tags"), (490, 5, "↑ Team"), (580, 6, "↓ Offen"), (100, 1, "↑ Name")):
        person.mouse.click(table["x"] + x, table["y"] + 16)
        expect(headings(person).nth(column)).to_have_text(label, timeout=SOON)
        person.wait_for_timeout(300)
    cells = person.locator('[data-testid="stDataFrame"] tbody tr').first.locator("td")
    first = cells.nth(1).inner_text()
    person.get_by_role("button", name="Filter").click()
    person.get_by_text("absteigend").click()
    expect(headings(person).nth(1)).to_have_text("↓ Name", timeout=SOON)
    expect(cells.nth(1)).not_to_have_text(first, timeout=SOON)


@pytest.mark.parametrize("width", [390, 1280])
def test_filters_stand_behind_one_button_and_are_taken_off_one_by_one(person, width):
    everything = total(person).inner_text()
    person.set_viewport_size({"width": width, "height": 850})
    assert person.get_by_test_id("stDataFrame").bounding_box()["y"] < 200
    person.get_by_role("button", name="Filter", exact=True).click()
    for choice in ("Unternehmen", "aktiv"):
        person.get_by_test_id("stPopoverBody").get_by_text(choice, exact=True).click()
        expect(person.locator(".st-key-filters-on").get_by_role("button", name=choice)).to_be_visible(timeout=SOON)
    expect(person.get_by_role("button", name="Filter · 2")).to_be_visible()
    expect(total(person)).not_to_have_text(everything, timeout=SOON)
    person.keyboard.press("Escape")
    expect(person.get_by_test_id("stPopoverBody")).to_have_count(0)
    for choice in ("Unternehmen", "aktiv"):
        person.locator(".st-key-filters-on").get_by_role("button", name=choice).click()
        expect(person.locator(".st-key-filters-on").get_by_role("button", name=choice)).to_have_count(0, timeout=SOON)
    expect(total(person)).to_have_text(everything, timeout=SOON)
    assert person.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_new_client_with_a_known_contact_after_a_mistake(person):
    person.get_by_role("button", name="Neuer Kunde").click()
    dialog = person.get_by_role("dialog")
    dialog.get_by_label("Name *", exact=True).fill("Neue <b>Kundin</b> *x*")
    dialog.get_by_label("Nummer *", exact=True).fill("10089")
    dialog.get_by_role("button", name="Speichern").click()
    expect(dialog.get_by_text("Diese Nummer hat schon ein anderer Kunde")).to_be_visible(timeout=SOON)
    expect(dialog.get_by_label("Name *", exact=True)).to_have_value("Neue <b>Kundin</b> *x*")
    dialog.get_by_label("Nummer *", exact=True).fill("98765")
    dialog.get_by_text("Vorhandener Kontakt").click()
    dialog.get_by_label("Kontakt suchen").fill("weber")
    dialog.get_by_label("Kontakt suchen").press("Enter")
    expect(dialog.get_by_label("Gefundene Kontakte")).to_be_enabled(timeout=SOON)
    expect(dialog.get_by_label("Gefundene Kontakte")).to_have_value(re.compile(r"^[^\\\u2060]+@[^\\\u2060]+$"))
    person.wait_for_timeout(1000)  # a press right after the answer was lost once; why is not known
    expect(person.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SOON)
    dialog.get_by_role("button", name="Speichern").click()
    expect(person.get_by_role("heading", name="Neue <b>Kundin</b> *x*")).to_be_visible(timeout=SOON)
    expect(person).to_have_url(re.compile(r"/overview\?account=\d+$"))


def test_a_click_on_a_row_opens_the_client_and_one_step_leads_back(person):
    person.wait_for_function("() => window.kundenblickOneStep")
    table, list_, before = person.get_by_test_id("stDataFrame").bounding_box(), person.url, person.evaluate("history.length")
    person.mouse.click(table["x"] + 120, table["y"] + 32 + 14)
    expect(person).to_have_url(re.compile(r"/overview\?account=\d+$"), timeout=SOON)
    client = person.url
    assert person.evaluate("history.length") == before + 1
    person.go_back()
    expect(total(person)).to_be_visible(timeout=SOON)
    assert person.url == list_
    person.go_forward()
    expect(person.locator(".st-key-account-bar h1")).to_be_visible(timeout=SOON)
    assert person.url == client
