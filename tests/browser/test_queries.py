"""*Abfragen* in the browser: from a question to begin with to an answer, its chart, a mistake, a name, a cohort, and a link to it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.contexts import click_row, go, settled

pytestmark = pytest.mark.browser
SOON = 30_000  # a loaded machine is slow; a wait ends when the thing is seen


def ask(page: Page, text: str) -> None:
    editor(page).fill(text)
    editor(page).press("Control+Enter")


def editor(page: Page) -> Locator:
    return page.locator('[class*="st-key-query-text-"] textarea')


def found(page: Page, words: str) -> None:
    expect(page.locator(".st-key-query-found")).to_contain_text(words, timeout=SOON)
    settled(page)


def keep(page: Page) -> None:
    """Keep the answer as a cohort, and the query under a name, for colleagues."""
    page.get_by_role("button", name="Als Kohorte merken").click()
    page.get_by_label("Name der Kohorte").fill("Zwei")
    page.get_by_label("Name der Kohorte").press("Enter")
    settled(page)
    page.get_by_role("button", name="Merken", exact=True).click()
    expect(page.get_by_text("„Zwei“ gemerkt")).to_be_visible(timeout=SOON)
    page.keyboard.press("Escape")
    settled(page)

    page.get_by_role("button", name="Gespeicherte").click()
    page.get_by_label("Name", exact=True).fill("Zwei Kunden")
    page.get_by_label("Name", exact=True).press("Enter")
    settled(page)
    page.get_by_text("Für alle, die auswerten dürfen").click()
    settled(page)
    page.get_by_role("button", name="Speichern", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?query=\d+$"), timeout=SOON)
    settled(page)


def leave_what_is_typed(page: Page) -> None:
    """Go to another page and come back: what was typed and not run is there."""
    editor(page).fill("SELECT 'halb getippt'")
    page.get_by_role("link", name="Kunden").click()
    expect(page).to_have_url(re.compile(r"/accounts"), timeout=SOON)
    page.get_by_role("link", name="Abfragen").click()
    expect(editor(page)).to_have_value("SELECT 'halb getippt'", timeout=SOON)


def open_as_colleague(colleague: Page) -> None:
    """Run what somebody shared, and fetch it as a file."""
    expect(colleague.get_by_label("$least", exact=True)).to_be_visible(timeout=SOON * 2)
    colleague.get_by_label("$least", exact=True).fill("'10001'")
    colleague.get_by_label("$least", exact=True).press("Enter")
    found(colleague, "2 rows")
    with colleague.expect_download() as fetched:
        colleague.get_by_role("link", name="CSV").click()
    assert "Leer AG" in fetched.value.path().read_text("utf-8-sig")


def test_from_a_question_to_an_answer_that_is_kept(visit, small_server):
    page = visit(small_server, "owner", "/queries")
    page.get_by_role("button", name="Wer ist uns am meisten schuldig?").click(timeout=SOON * 2)
    found(page, "Eine Zeile")
    expect(page.locator(".st-key-query-found")).to_contain_text("Daten von heute")
    expect(page.get_by_label("$today", exact=True)).to_have_value(re.compile(r"\d{4}-\d\d-\d\d"))
    expect(page.get_by_test_id("stVegaLiteChart")).to_be_visible()
    expect(page.locator('[class*="st-key-query-rows"] [role="gridcell"]').filter(has_text="100,00")).to_be_attached(timeout=SOON)

    ask(page, "SELECT * FORM account")
    expect(page.get_by_role("alert")).to_contain_text("DuckDB zeigt die Stelle", timeout=SOON)
    expect(page.get_by_test_id("stCode").last).to_contain_text("LINE 1: SELECT * FORM account")
    expect(page.locator(".st-key-query-found")).to_have_count(0)

    ask(page, 'SELECT account_id, name AS "<script>window.owned=1</script>" FROM account WHERE number > $least ORDER BY name')
    expect(page.get_by_role("alert")).to_contain_text("$least fehlt", timeout=SOON)
    settled(page)
    page.get_by_label("$least", exact=True).fill("'10001'")
    page.get_by_label("$least", exact=True).press("Enter")
    found(page, "2 Zeilen")
    expect(page.locator('[class*="st-key-query-rows"] [role="columnheader"]').last).to_contain_text("<script>")
    assert page.evaluate("window.owned") is None

    page.get_by_role("button", name="account ansehen").click()
    found(page, "3 Zeilen")
    page.get_by_role("button", name="Vorige Abfrage").click()
    expect(page.get_by_label("$least", exact=True)).to_have_value("'10001'", timeout=SOON)
    settled(page)
    page.get_by_role("button", name="Ausführen").click()
    found(page, "2 Zeilen")

    keep(page)
    page.keyboard.press("Escape")
    click_row(page.locator('[class*="st-key-query-rows"]').get_by_test_id("stDataFrame"), 40)
    expect(page).to_have_url(re.compile(r"/overview\?account=\d+$"), timeout=SOON)
    page.go_back()
    found(page, "2 Zeilen")
    kept = page.url
    leave_what_is_typed(page)
    open_as_colleague(visit(small_server, "everything", kept.removeprefix(small_server.url), "en-GB"))
    go(page, "/activity?list=turn")
    page.get_by_role("button", name="SQL").click(timeout=SOON)
    page.get_by_role("button", name="In Abfragen öffnen").click()
    expect(page).to_have_url(re.compile(r"/queries$"), timeout=SOON)
    expect(page.get_by_label("$today", exact=True)).to_have_value(re.compile(r"\d{4}-\d\d-\d\d"), timeout=SOON)
    settled(page)
    page.get_by_role("button", name="Ausführen").click()
    found(page, "Zeilen")
    stranger = visit(small_server, "assigned", "/queries")
    expect(stranger.get_by_text("Dafür fehlt Ihnen das Recht")).to_be_visible(timeout=SOON * 2)
    expect(stranger.locator('[class*="st-key-query-text-"]')).to_have_count(0)
    expect(stranger.get_by_role("link", name="Abfragen")).to_have_count(0)
