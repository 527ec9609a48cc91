"""Tables where bars for scrolling take room, as on most people's machines: what is shown of a card is shown whole."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.i18n import LANGUAGES, speaking, t
from core.overview.catalogue import CATALOGUE
from core.overview.row_search import codes_of
from core.ui.parts.columns import room
from tests.contexts import click_row

pytestmark = pytest.mark.browser
SOON = 30000
# Of each table on a card: its widget, whether it is to be scrolled sideways, up and down, and how much of the last row a bar lies over.
TABLES = """() => [...document.querySelectorAll('[class*="st-key-card-"] .dvn-scroller')].map(table => [
  table.closest('[class*="st-key-card-"]').className.match(/st-key-card-(\\w+)/)[1],
  table.scrollWidth > table.clientWidth, table.scrollHeight > table.clientHeight,
  Math.max(0, 33 + 28 * table.querySelectorAll('tbody tr').length - table.clientHeight),
])"""

# What the tables' own font takes for each text, and the room it has in a cell.
MEASURED = """texts => {
  const style = getComputedStyle(document.querySelector('[data-testid="stDataFrame"] canvas'));
  const said = name => style.getPropertyValue(`--gdg-${name}`);
  const pen = document.createElement('canvas').getContext('2d');
  pen.font = `${said('base-font-style')} ${said('font-family')}`;
  return texts.map(text => pen.measureText(text).width + 2 * parseFloat(said('cell-horizontal-padding')));
}"""


@pytest.fixture
def person(browser_type, browser_type_launch_args, server) -> Page:
    """A page of the owner's at a client with much, in a Chromium that draws its bars, which Playwright hides else."""
    with browser_type.launch(**browser_type_launch_args, ignore_default_args=["--hide-scrollbars"]) as browser:
        context = browser.new_context(locale="de-DE", viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": "kundenblick", "value": server.tokens["owner"], "url": server.url}])
        page = context.new_page()
        page.goto(f"{server.url}/overview?account={server.busy}")
        expect(page.get_by_test_id("stDataFrame")).to_have_count(13, timeout=SOON)
        yield page


def bars(page: Page, width: int) -> list[list]:
    """What the tables say at this width, once they are as wide as it makes them and have their rows."""
    page.set_viewport_size({"width": width, "height": 900})
    expect(page.locator('[class*="st-key-card-"] tbody:not(:has(tr))')).to_have_count(0)
    # A table measures itself anew some time after the page has.
    before, found = None, page.evaluate(TABLES)
    for _ in range(20):
        page.wait_for_timeout(500)
        before, found = found, page.evaluate(TABLES)
        if found == before and not any(sideways for _, sideways, _, _ in found):
            break
    assert len(found) == 13
    return found


def test_the_newest_rows_are_wholly_seen_where_bars_take_room(person):
    assert person.evaluate("() => { const main = document.querySelector('.stMain'); return main.offsetWidth > main.clientWidth; }")
    # The lines between rows stand in what scrolls over the rows, which is as high as they are and is drawn.
    lines = person.locator('[class*="st-key-card-"] .dvn-stack').first.evaluate(
        "stack => [getComputedStyle(stack).visibility, /repeating/.test(getComputedStyle(stack).backgroundImage), stack.offsetHeight]"
    )
    assert lines == ["visible", True, 33 + 28 * 5]
    # On a phone the cards leave out what has no room, once the server has heard that it is one.
    for width in (1280, 1920, 1100, 390):
        assert [one for one in bars(person, width) if one[1:] != [False, False, 0]] == [], width


def test_words_and_figures_have_the_room_they_take(person):
    texts = ["31.12.2026", "2026-00416", "16.841,07 €", "€16,841.07", "146:45 h"]
    for language in LANGUAGES:
        with speaking(language):
            texts += [word for w in CATALOGUE for c in w.columns if c.kind == "choice" for word in codes_of(w, c).values()]
            texts += [t(f"widgets.{w.key}.col.{c.key}") for w in CATALOGUE for c in w.columns]
    expect(person.locator('[class*="st-key-card-"] tbody:not(:has(tr))')).to_have_count(0)
    taken = dict(zip(texts, person.evaluate(MEASURED, texts), strict=True))
    assert {text: (room(text), need) for text, need in taken.items() if not need <= room(text) <= 1.12 * need + 2} == {}


def test_a_document_stands_in_its_frame_without_a_bar_under_it(person):
    click_row(person.locator(".st-key-card-documents .dvn-scroller"), 150)
    frame = person.get_by_role("dialog").locator("iframe")
    expect(frame).to_be_visible(timeout=SOON)
    holder = person.get_by_role("dialog").locator('[class*="st-key-file-"]')
    assert holder.evaluate("holder => holder.scrollWidth <= holder.clientWidth && holder.scrollHeight <= holder.clientHeight")
