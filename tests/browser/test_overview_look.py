"""How the Overview is read: tiles lead to their lists, pinned notes stand under them, what is cut ends in …, nothing scrolls sideways."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.contexts import go, settled
from tests.size import some

pytestmark = pytest.mark.browser
SOON = 30000  # a loaded machine is slow; a wait ends when the thing is seen
# What the tables write on their canvases, before the page's scripts come.
WRITTEN = """window.written = [];
const fillText = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...rest) { window.written.push(text); return fillText.call(this, text, ...rest); };"""

# Whether every text that was cut on a canvas stands whole in a table for screen readers.
HELD_WHOLE = r"""() => {
  const whole = [...document.querySelectorAll('[data-testid="stDataFrame"] :is(td, th)')].map((cell) => cell.textContent.trim());
  const cut = window.written.filter((text) => text.endsWith('…') && text.length > 4 && /^\p{L}/u.test(text)).map((text) => text.slice(0, -1));
  return cut.length > 0 && cut.every((start) => whole.some((text) => text.startsWith(start.trim()) && text !== start));
}"""


def drawn(page: Page) -> None:
    expect(page.locator(".st-key-card-contracts")).to_be_visible(timeout=SOON)
    settled(page)


def test_a_number_on_top_opens_the_list_it_counts(server, visit):
    page = visit(server, "owner", f"/overview?account={server.busy}")
    drawn(page)
    dialog = page.get_by_role("dialog")
    expect(page.locator('[class*="st-key-tile-open-"] button')).to_have_count(6)
    for tile, title in (("overdue", "Aufgaben"), ("unseen", "Dokumente"), ("last_login", "Anmeldeaktivität")):
        number = page.locator(f".st-key-tile-{tile} [data-testid=stMetricValue]").inner_text()
        page.locator(f".st-key-tile-{tile} [data-testid=stMetricValue]").click(force=True)
        expect(dialog.get_by_text(title).first).to_be_visible(timeout=SOON)
        if tile != "last_login":
            expect(dialog.locator(".st-key-list-found")).to_have_text(re.compile(rf"{number} \w+"), timeout=SOON)
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0, timeout=SOON)
        settled(page)


def test_what_a_cell_says_shortly_is_said_in_full_under_the_pointer(server, visit):
    page = visit(server, "owner", f"/overview?account={server.busy}")
    drawn(page)
    table = page.locator(".st-key-card-documents").get_by_test_id("stDataFrame")
    box = table.bounding_box()
    # The column before the pills, whose width is that of NEU's column in every card.
    table.hover(position={"x": box["width"] - 112, "y": 33 + 14})
    expect(page.locator(".kb-whole")).to_have_text(re.compile(r"\d\d\.\d\d\.\d{4}, \d\d:\d\d"), timeout=SOON)
    expect(page.locator(".st-key-all-tasks button:visible")).to_have_accessible_name(re.compile(r"Alle \d+ Aufgaben anzeigen"))


def test_nothing_is_said_quietly_and_in_the_head(small_server, visit):
    page = visit(small_server, "owner", f"/overview?account={small_server.firm.empty}")
    drawn(page)
    expect(page.locator(".kb-pill.kb-badge")).to_have_count(0)
    expect(page.get_by_test_id("stDataFrame")).to_have_count(0)
    expect(page.locator(".st-key-head-contracts")).to_contain_text("Noch kein Vertrag gesendet.")
    color = "e => getComputedStyle(e.querySelector('span') ?? e).color"
    zeros = {page.locator(f".st-key-tile-{tile} [data-testid=stMetricValue]").evaluate(color) for tile in ("unseen", "overdue", "waiting")}
    assert len(zeros) == 1 and zeros != {page.locator("h2").first.evaluate("e => getComputedStyle(e).color")}


def test_pinned_notes_stand_under_the_tiles_and_open(server, visit):
    page = visit(server, "owner", f"/overview?account={server.busy}")
    drawn(page)
    first = page.locator(".st-key-pinned button").first
    words = first.inner_text().split("\n")[-1]
    tiles, pinned, card = (
        page.locator(part).first.bounding_box() for part in (".st-key-tiles", ".st-key-pinned", ".st-key-card-documents")
    )
    assert tiles["y"] + tiles["height"] <= pinned["y"] and pinned["y"] + pinned["height"] <= card["y"]
    expect(page.locator(".st-key-card-notes")).not_to_contain_text(words)
    first.click()
    expect(page.get_by_role("dialog").get_by_text(words, exact=True)).to_be_visible(timeout=SOON)


def test_what_does_not_fit_ends_in_an_ellipsis_and_is_whole_for_screen_readers(server, visit):
    page = visit(server, "owner")
    page.add_init_script(WRITTEN)
    page.goto(f"{server.url}/overview?account={server.busy}")
    drawn(page)
    # Drawn again with the scripts at work: what the first page load draws may come before them.
    page.evaluate("window.written.length = 0")
    page.set_viewport_size({"width": 1180, "height": 900})
    page.wait_for_function("() => window.written.some((text) => text.length > 4 && text.endsWith('…'))", timeout=SOON)
    # The tables for screen readers are written a moment after the canvases.
    page.wait_for_function(HELD_WHOLE, timeout=SOON)


@pytest.mark.parametrize("scheme", some(["light", "dark"], 2))
def test_nothing_scrolls_sideways_on_a_phone(server, small_server, visit, scheme):
    for running, accounts in ((server, [server.busy]), (small_server, [small_server.firm.own, small_server.firm.empty])):
        page = visit(running, "owner", "/accounts", viewport={"width": 390, "height": 844}, color_scheme=scheme)
        expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=SOON)
        for account in accounts:
            for path in (f"/overview?account={account}", f"/info?account={account}", "/", "/settings", "/team", "/access"):
                go(page, path)
                settled(page)
                wide = "(() => { const main = document.querySelector('[data-testid=stMain]'); return [main.scrollWidth - main.clientWidth, document.documentElement.scrollWidth - innerWidth]; })()"
                assert max(page.evaluate(wide)) <= 0, path
