"""Focus is not a click: every page is passed by the keyboard alone, tables are worked with it, and what closes gives the focus back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from core.overview.catalogue import CATALOGUE
from tests.contexts import click_row, go, settled
from tests.size import some

pytestmark = pytest.mark.browser
SOON = 15000
# More stops than any page has.
MOST_STOPS = 250
OPENING = [widget for widget in CATALOGUE if widget.opens]
TABLE = '[data-testid="stDataFrame"] canvas[data-testid="data-grid-canvas"]'
# The place in the page of what has the focus (-1 for the page itself), and of which table it is (-1 for none).
FOCUSED = f"""() => {{
  const active = document.activeElement, tables = [...document.querySelectorAll('{TABLE}')];
  return [active === document.body ? -1 : [...document.querySelectorAll('*')].indexOf(active), tables.findIndex(table => table.contains(active))];
}}"""
# Counts what opens from here on.
COUNT = """() => {
  window.opened = 0;
  new MutationObserver(changes => changes.forEach(change => change.addedNodes.forEach(node => {
    if (node.classList?.contains('stDialog')) window.opened += 1;
  }))).observe(document.body, { childList: true });
}"""


def ready(page: Page, tables: int = 1) -> Page:
    """The page once its tables and its scripts are there."""
    expect(page.get_by_test_id("stDataFrame")).to_have_count(tables, timeout=SOON * 2)
    expect(page.locator(TABLE)).to_have_count(tables, timeout=SOON)
    page.wait_for_function("() => window.kundenblickRows && window.kundenblickFocusBack", timeout=SOON)
    page.wait_for_function(f"() => [...document.querySelectorAll('{TABLE}')].every(table => table.querySelector('tbody tr'))", timeout=SOON)
    settled(page)
    return page


def walk(page: Page, key: str) -> tuple[int, list[int]]:
    """Press the key from the page's one end to the other; returns the number of stops and the tables passed, in order."""
    page.evaluate("document.activeElement.blur()")
    tables: list[int] = []
    first = -1
    for stops in range(MOST_STOPS):
        page.keyboard.press(key)
        place, table = page.evaluate(FOCUSED)
        if place < 0 and not stops:  # from the page's end the other way the first press may leave the page, and the next comes back
            page.keyboard.press(key)
            place, table = page.evaluate(FOCUSED)
        # Without a window around it the browser sometimes goes from the last stop to the first at once.
        if place < 0 or (stops and place == first):
            return stops, tables
        first = place if not stops else first
        if table >= 0:
            tables.append(table)
    raise AssertionError(
        f"{key} does not leave the page after {MOST_STOPS} stops: {page.evaluate('document.activeElement.outerHTML')[:200]}"
    )


def to_table(page: Page, within: str) -> None:
    """Tab into the table from the stop before it, as a person comes there."""
    page.locator(f"{within} {TABLE}").first.evaluate("""canvas => {
      const stops = [...document.querySelectorAll('button, a[href], input')].filter(stop => stop.tabIndex >= 0 && stop.getClientRects().length
        && !stop.disabled && canvas.compareDocumentPosition(stop) & Node.DOCUMENT_POSITION_PRECEDING);
      stops.at(-1).focus();
    }""")
    for _ in range(3):
        page.keyboard.press("Tab")
        if page.locator(f"{within} {TABLE}").first.evaluate("canvas => canvas.contains(document.activeElement)"):
            return
    raise AssertionError(f"{within} is not reached")


def chosen(page: Page, within: str) -> str:
    """The row and column of the cell that has the focus, as the table for screen readers names it."""
    found = page.locator(f'{within} [role="gridcell"][aria-selected="true"]')
    expect(found).to_have_count(1, timeout=SOON)
    return found.get_attribute("id").removeprefix("glide-cell-")


def comes_to(page: Page, within: str, cell: str) -> None:
    """Expect the focus back in the cell it was in, at the latest when the grid has chosen its first one."""
    expect(page.locator(f'{within} [role="gridcell"][aria-selected="true"]')).to_have_id(f"glide-cell-{cell}", timeout=SOON)


def focus_is_in(page: Page, selector: str) -> None:
    page.wait_for_function("selector => document.activeElement.closest(selector)", arg=selector, timeout=SOON)


PAGES = {
    "clients": ("/accounts", 1), "overview": ("/overview?account={busy}", 13), "access": ("/access", 1), "team": ("/team", 1),
    "audit": ("/audit", 1), "today": ("/", 9),
}  # fmt: skip


@pytest.mark.parametrize("moved", some([True, False], 2), ids=lambda moved: "after the pointer was moved" if moved else "before")
@pytest.mark.parametrize("name", PAGES)
def test_focus_passes_every_table_and_opens_nothing(visit, server, name, moved):
    path, tables = PAGES[name]
    page = ready(visit(server, "owner", path.format(busy=server.busy)), tables)
    page.evaluate(COUNT)
    if moved:
        page.mouse.move(700, 500)
        page.mouse.move(900, 40)
    address, new = page.url, page.locator(".kb-badge").all_inner_texts()
    forward, passed = walk(page, "Tab")
    assert passed == list(range(tables)), "each table is one stop"
    backward, passed = walk(page, "Shift+Tab")
    assert passed == list(range(tables))[::-1], "and one on the way back"
    assert forward == backward
    settled(page)
    assert (page.url, page.evaluate("window.opened"), page.locator(".kb-badge").all_inner_texts()) == (address, 0, new)


def test_focus_passes_the_rest(visit, server):
    page = visit(server, "owner", f"/info?account={server.busy}")
    expect(page.locator(".st-key-account-bar")).to_be_visible(timeout=SOON * 2)
    for path in (f"/info?account={server.busy}", "/settings", "/profile"):
        go(page, path)
        page.wait_for_function("() => window.kundenblickRows", timeout=SOON * 2)
        settled(page)
        page.evaluate(COUNT)
        address = page.url
        forward, backward = walk(page, "Tab"), walk(page, "Shift+Tab")
        assert forward[0] > 10 and forward[0] == backward[0]
        assert (page.url, page.evaluate("window.opened")) == (address, 0)


@pytest.mark.parametrize("moved", some([True, False], 2), ids=lambda moved: "after the pointer was moved" if moved else "before")
def test_keys_open_a_row_of_every_card_and_closing_leads_back_to_it(visit, server, moved):
    page = ready(visit(server, "owner", f"/overview?account={server.busy}"), 13)
    page.evaluate(COUNT)
    if moved:
        page.mouse.move(700, 500)
        page.mouse.move(900, 40)
    openings = 0
    for widget in OPENING:
        card = f".st-key-card-{widget.key}"
        rows = page.locator(f"{card} tbody tr").count()
        to_table(page, card)
        assert chosen(page, card) == "0-0", "the focus chooses the first cell, and nothing more"
        for key in ("ArrowDown", "ArrowUp", "ArrowDown", "ArrowRight"):
            page.keyboard.press(key)
        assert page.evaluate("window.opened") == openings
        page.keyboard.press("Enter" if openings % 2 else "Space")
        if widget.key == "time_entries":  # another's: a sentence says that it is not one's own
            expect(page.get_by_test_id("stToast")).to_be_visible(timeout=SOON)
            focus_is_in(page, f"{card} canvas")
            continue
        expect(page.get_by_role("dialog")).to_be_visible(timeout=SOON)
        settled(page)
        openings += 1
        assert page.evaluate("window.opened") == openings, "opened once"
        cancel = page.get_by_role("dialog").get_by_role("button", name="Abbrechen")
        by_button = moved and cancel.count() > 0
        if by_button:  # a form is left by its own button as by Escape
            cancel.focus()
        page.keyboard.press("Enter" if by_button else "Escape")
        expect(page.get_by_role("dialog")).to_have_count(0, timeout=SOON)
        focus_is_in(page, f"{card} canvas")
        comes_to(page, card, "1-1" if rows > 1 else "1-0")
        page.keyboard.press("Shift+Tab")
        assert not page.evaluate("document.activeElement.closest('canvas')"), "and goes on from there"
    assert openings == len(OPENING) - 1


# Let the grid of a card choose its first cell by itself a moment after it got the focus, as it does now and then under load.
FIRST_CELL_LATE = """selector => document.addEventListener('focusin', (event) => {
  const canvas = event.target;
  if (!canvas.matches(`${selector} canvas`)) return;
  setTimeout(() => {
    let node = canvas[Object.keys(canvas).find((key) => key.startsWith('__reactFiber$'))];
    while (!(node.memoizedProps?.onGridSelectionChange && node.memoizedProps.gridSelection)) node = node.return;
    const { gridSelection, onGridSelectionChange } = node.memoizedProps;
    setTimeout(() => { window.firstCellCame = true; }, 200);
    onGridSelectionChange({ ...gridSelection, current: { cell: [0, 0], range: { x: 0, y: 0, width: 1, height: 1 }, rangeStack: [] } });
  }, 100);
}, true)"""


def test_closing_leads_back_to_the_row_also_where_the_table_chooses_its_first_cell_late(visit, server):
    page = ready(visit(server, "owner", f"/overview?account={server.busy}"), 13)
    card = ".st-key-card-tasks"
    to_table(page, card)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible(timeout=SOON)
    settled(page)
    page.evaluate(FIRST_CELL_LATE, card)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=SOON)
    page.wait_for_function("() => window.firstCellCame", timeout=SOON)
    comes_to(page, card, "0-1")


def test_a_list_and_what_is_opened_from_it_are_worked_by_keys(visit, server):
    page = ready(visit(server, "owner", f"/overview?account={server.busy}"), 13)
    page.locator(".st-key-all-emails button").first.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(TABLE)).to_be_visible(timeout=SOON)
    settled(page)
    page.evaluate(COUNT)
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        assert dialog.evaluate("dialog => dialog.contains(document.activeElement)"), "the focus stays in what is open"
        seen.add(page.evaluate(FOCUSED)[0])
    assert len(seen) > 8 and page.evaluate("window.opened") == 0
    to_table(page, '[role="dialog"]')
    page.keyboard.press("ArrowDown")
    subject = dialog.locator("tbody tr").nth(1).locator("td").first.inner_text()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("heading", name=subject)).to_be_visible(timeout=SOON)
    settled(page)
    page.keyboard.press("Escape")
    expect(dialog.locator(TABLE)).to_be_visible(timeout=SOON)
    focus_is_in(page, '[role="dialog"] canvas')
    comes_to(page, '[role="dialog"]', "0-1")
    settled(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0, timeout=SOON)
    focus_is_in(page, ".st-key-all-emails button")


def test_keys_open_clients_members_entries_and_sort(visit, server):
    page = ready(visit(server, "owner", "/accounts"))
    to_table(page, '[data-testid="stMain"]')
    page.keyboard.press("ArrowDown")
    name = page.locator('[data-testid="stMain"] tbody tr').nth(1).locator("td").nth(1).inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=SOON)

    go(page, "/accounts")
    ready(page)
    to_table(page, '[data-testid="stMain"]')
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+Space")
    expect(page.locator("th", has_text="↓ Name")).to_have_count(1, timeout=SOON)
    settled(page)
    assert page.url == f"{server.url}/accounts?sort=-name", "no client is opened; the address says how the list is sorted"

    go(page, "/access")
    ready(page)
    to_table(page, '[data-testid="stMain"]')
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/info\?account=\d+"), timeout=SOON)

    go(page, "/team")
    ready(page)
    to_table(page, '[data-testid="stMain"]')
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"member=\d+"), timeout=SOON)
    expect(page.locator(".st-key-member-head")).to_be_visible(timeout=SOON)

    go(page, "/audit")
    ready(page)
    to_table(page, '[data-testid="stMain"]')
    page.keyboard.press("ArrowDown")
    expect(page.locator(".st-key-audit-entry")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator(".st-key-audit-entry")).to_be_visible(timeout=SOON)
    focus_is_in(page, "canvas")


def test_a_press_anywhere_in_a_row_opens_it_once(visit, server):
    page = ready(visit(server, "owner", f"/overview?account={server.busy}"), 13)
    page.evaluate(COUNT)
    card = page.locator(".st-key-card-emails .dvn-scroller")
    for count, (x, place) in enumerate(((40, 1), (40, 1), (142, 1), (300, 2), (4, 0)), start=1):
        click_row(card, x, place)
        expect(page.get_by_role("dialog")).to_be_visible(timeout=SOON)
        settled(page)
        assert page.evaluate("window.opened") == count, f"once at {x}"
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0, timeout=SOON)
    box = card.bounding_box()
    page.mouse.click(box["x"] + 40, box["y"] + 14)
    page.mouse.move(box["x"] + 300, box["y"] + 60)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 120, steps=4)
    page.mouse.up()
    settled(page)
    assert page.evaluate("window.opened") == count, "neither a head nor a drag opens anything"


def test_the_heads_of_a_card_press_nothing_and_its_rows_open_themselves(visit, server):
    page = ready(visit(server, "owner", f"/overview?account={server.busy}"), 13)
    card = page.locator(".st-key-card-emails")
    before = card.locator("tbody tr").first.locator("td").first.inner_text()
    box = card.locator(".dvn-scroller").bounding_box()
    first = card.locator("tbody tr").first.locator("td").first
    for _ in range(2):
        page.mouse.click(box["x"] + 40, box["y"] + 14)
        page.wait_for_timeout(400)
        assert first.inner_text() == before
    expect(page.get_by_role("dialog")).to_have_count(0)
    click_row(card.locator(".dvn-scroller"), 300)
    expect(page.get_by_role("dialog").get_by_role("heading", name=before)).to_be_visible(timeout=SOON)


def test_a_finger_opens_a_row_once(visit, server):
    page = ready(
        visit(server, "owner", f"/overview?account={server.busy}", has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}),
        13,
    )
    page.evaluate(COUNT)
    card = page.locator(".st-key-card-emails .dvn-scroller")
    card.scroll_into_view_if_needed()
    for count, x in enumerate((40, 200, 200), start=1):
        box = card.bounding_box()
        page.touchscreen.tap(box["x"] + x, box["y"] + 33 + 28 + 14)
        expect(page.get_by_role("dialog")).to_be_visible(timeout=SOON)
        settled(page)
        assert page.evaluate("window.opened") == count
        page.get_by_role("dialog").get_by_role("button", name="Schließen").first.click()
        expect(page.get_by_role("dialog")).to_have_count(0, timeout=SOON)
    box = card.bounding_box()
    page.touchscreen.tap(box["x"] + 40, box["y"] + 14)
    settled(page)
    assert page.evaluate("window.opened") == count, "a head opens nothing"
