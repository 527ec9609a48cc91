"""*Daten übernehmen* in the browser: pasted rows from the start page to done, and what is found again after F5 and the second time."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_accessibility import problems
from tests.contexts import go, settled
from tests.servers import run_small

pytestmark = pytest.mark.browser
SOON = 30_000
PASTE = """text => {
  const field = document.querySelector('.kb-drop textarea'), carried = new DataTransfer();
  carried.setData('text/plain', text);
  carried.setData('text/html', '<table><tr><td>never this</td></tr></table>');
  field.focus();
  field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: carried, bubbles: true, cancelable: true }));
}"""
HEADS = ("Mandantennr.", "Name", "Straße", "PLZ", "Ort", "Telefon", "E-Mail")


@pytest.fixture(scope="module")
def own_server(tmp_path_factory):
    running = run_small(tmp_path_factory.mktemp("imports") / "data")
    yield running
    running.stop()


def rows(count: int, first: int = 70001) -> str:
    """A list as it is copied from a spreadsheet: every thirtieth telephone is none, every twentieth has words beside it."""
    lines = ["\t".join(HEADS)]
    for i in range(count):
        phone = "siehe Akte" if i % 30 == 7 else f"0421 4711{i:03d} privat" if i % 20 == 3 else f"0421 4711{i:03d}"
        lines.append(
            "\t".join(
                [str(first + i), f"Übernommen {i:03d} GmbH", f"Ring {i + 1}", "01067", "Dresden", phone, f"post@firma{first + i}.example"]
            )
        )
    return "\n".join(lines) + "\n"


def paste(page: Page, text: str) -> None:
    expect(page.locator(".kb-drop textarea")).to_be_visible(timeout=SOON)
    page.evaluate(PASTE, text)


def press(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button").click(timeout=SOON)


def test_three_hundred_clients_are_pasted_taken_over_and_known_again(visit, own_server):
    page = visit(own_server, "owner", "/")
    page.get_by_role("link", name="Daten übernehmen").click(timeout=SOON * 2)
    paste(page, rows(300))
    expect(page.get_by_text("So lesen sich die ersten Zeilen")).to_be_visible(timeout=SOON)
    expect(page).to_have_url(re.compile(r"\?file=\d+&step=2$"))
    press(page, "import-next")
    expect(page.get_by_role("combobox", name="Was aus Mandantennr. wird")).to_be_visible(timeout=SOON)
    expect(page.get_by_text("Telefon: 7 von 200 Werten passen nicht zum Feld")).to_be_visible()
    assert page.locator(".kb-wrong").count() == 7
    page.get_by_role("textbox", name="Diese Liste heißt").fill("Mandanten")
    page.get_by_role("textbox", name="Diese Liste heißt").press("Enter")
    settled(page)
    page.reload()
    expect(page.get_by_role("textbox", name="Diese Liste heißt")).to_have_value("Mandanten", timeout=SOON * 2)
    settled(page)
    press(page, "import-read")
    take = page.get_by_role("button", name="300 neue Kunden übernehmen")
    expect(take).to_be_visible(timeout=SOON * 2)
    expect(page).to_have_url(re.compile(r"\?import=\d+$"))
    settled(page)
    take.click()
    expect(page.get_by_text("Übernommen am")).to_be_visible(timeout=SOON * 2)
    done = page.url
    go(page, "/imports")
    expect(page.get_by_text("Kunden: 300 neu")).to_be_visible(timeout=SOON)
    paste(page, rows(300))
    expect(page.get_by_text("Es gibt nichts zu übernehmen")).to_be_visible(timeout=SOON * 2)
    expect(page.get_by_text("Diese Liste ist bekannt")).to_be_visible()
    go(page, "/imports")
    page.get_by_role("button", name="Zurücknehmen").click(timeout=SOON)
    dialog = page.get_by_test_id("stDialog")
    expect(dialog.get_by_text("Kunden: 300 werden wieder entfernt")).to_be_visible(timeout=SOON)
    assert problems(page) == [], "taking back"
    dialog.get_by_role("button", name="Zurücknehmen").click()
    expect(page.get_by_text("zurückgenommen")).to_be_visible(timeout=SOON * 2)
    expect(page.get_by_role("button", name="Zurücknehmen")).to_have_count(0)
    page.goto(done)
    expect(page.get_by_text("Diese Übernahme wurde zurückgenommen")).to_be_visible(timeout=SOON)
    stranger = visit(own_server, "assigned", "/imports")
    expect(stranger.get_by_text("Dafür fehlt Ihnen das Recht")).to_be_visible(timeout=SOON * 2)
    expect(stranger.get_by_role("link", name="Daten übernehmen")).to_have_count(0)


def test_it_can_be_used_on_a_phone_and_by_everybody(visit, own_server):
    page = visit(own_server, "owner", "/imports", "en-GB", viewport={"width": 390, "height": 850})
    paste(page, rows(9, 80001).replace("Mandantennr.", "Nummer"))
    expect(page.get_by_text("How the first rows read")).to_be_visible(timeout=SOON * 2)
    settled(page)
    assert problems(page) == [], "found"
    go(page, "/imports")
    expect(page.get_by_text("not read yet")).to_be_visible(timeout=SOON)
    settled(page)
    page.locator('[class*="st-key-import-look-"] button').click()
    expect(page.get_by_text("How the first rows read")).to_be_visible(timeout=SOON * 2)
    press(page, "import-next")
    expect(page.get_by_role("combobox", name="What Nummer becomes")).to_be_visible(timeout=SOON)
    settled(page)
    assert problems(page) == [], "columns"
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    press(page, "import-read")
    expect(page.get_by_role("button", name="Import 9 new clients")).to_be_visible(timeout=SOON * 2)
    settled(page)
    assert problems(page) == [], "changes"
    press(page, "import-discard")
    expect(page.locator(".kb-drop")).to_be_visible(timeout=SOON)
