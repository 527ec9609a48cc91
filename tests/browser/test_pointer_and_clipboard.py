"""What hands do: copy an address, press a button while the form is drawn anew, rest on a cut name, sort a table that is scrolled sideways."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from core.base.contact_points import JOINER
from core.overview.catalogue import CATALOGUE
from tests.contexts import click_row, go, said, settled

# Marks the element's text and says what an event that takes it away would hand on.
TAKEN = """(element, name) => {
  document.getSelection().selectAllChildren(element);
  const taken = new DataTransfer(), how = {bubbles: true, cancelable: true};
  element.dispatchEvent(name === 'copy' ? new ClipboardEvent(name, {...how, clipboardData: taken}) : new DragEvent(name, {...how, dataTransfer: taken}));
  return {text: taken.getData('text/plain'), html: taken.getData('text/html')};
}"""
pytestmark = pytest.mark.browser
SOON = 15000
TABLE = '[data-testid="stMain"] [data-testid="stDataFrame"]'


@pytest.fixture(params=["de-DE", "en-GB"])
def person(visit, server, request) -> Page:
    page = visit(server, "owner", "/accounts", request.param)
    page.german = request.param == "de-DE"
    expect(page.locator(TABLE)).to_be_visible(timeout=20000)
    return page


def test_save_counts_whatever_the_form_does_meanwhile(person):
    save, taken, length = (
        ("Speichern", "Diese Nummer hat schon", "1 bis 200 Zeichen")
        if person.german
        else ("Save", "has this number", "1 to 200 characters")
    )
    person.get_by_role("button", name="Neuer Kunde" if person.german else "New client").click()
    dialog = person.get_by_role("dialog")
    name, button = dialog.get_by_label("Name *", exact=True), dialog.get_by_role("button", name=save, exact=True)
    expect(name).to_be_visible(timeout=SOON)
    dialog.get_by_label("Nummer *" if person.german else "Number *", exact=True).fill("10001")
    same = dialog.get_by_text("Derselbe Name ist erlaubt" if person.german else "The same name is allowed")
    for typed, problem in (("Nordlicht Versand GmbH", taken), ("x" * 201, length), ("Nordlicht Versand GmbH", taken)):
        name.fill(typed)
        place = button.bounding_box()
        assert place["y"] + place["height"] <= 900, "the buttons stand in sight however long the form is"
        person.mouse.move(place["x"] + 20, place["y"] + 10)
        person.mouse.down()
        # Leaving the name says, or no longer says, that another client has it.
        expect(same).to_have_count(1 if typed[0] == "N" else 0, timeout=SOON)
        person.mouse.up()
        expect(dialog.get_by_text(problem)).to_be_visible(timeout=SOON)
        expect(dialog.get_by_text(length)).to_have_count(1 if problem == length else 0, timeout=SOON)
    # Not even a button that is no longer under the pointer loses a press.
    name.fill("y" * 201)
    place = button.bounding_box()
    person.mouse.move(place["x"] + 20, place["y"] + 10)
    person.mouse.down()
    button.evaluate("(button) => { button.style.position = 'relative'; button.style.top = '-200px'; }")
    name.evaluate("(input) => input.blur()")
    person.mouse.up()
    expect(dialog.get_by_text(length)).to_be_visible(timeout=SOON)


def test_a_cut_name_is_said_in_full_and_a_sorted_table_stays_where_it_was(person):
    hint = person.locator(".kb-whole")
    row = person.locator(f"{TABLE} tbody tr").first.locator("td")
    expect(row.nth(1)).not_to_be_empty()
    name, number = said(row.nth(1)), said(row.nth(2))
    assert len(name) > 30 and len(number) < 8
    table = person.locator(TABLE).bounding_box()
    for x in (120, 122):
        person.mouse.move(table["x"] + x, table["y"] + 46)
    expect(hint).to_have_text(name, timeout=SOON)
    # A face says nothing: neither under the pointer nor to a screen reader.
    for x in (52, 54):
        person.mouse.move(table["x"] + x, table["y"] + 46)
    expect(hint).to_be_hidden(timeout=SOON)
    assert row.nth(0).evaluate("cell => getComputedStyle(cell).display") == "none"

    person.set_viewport_size({"width": 700, "height": 844})
    scroller = person.locator(f"{TABLE} .dvn-scroller")
    expect(scroller).to_have_js_property("clientWidth", 674, timeout=SOON)
    table = person.locator(TABLE).bounding_box()
    person.mouse.move(table["x"] + 300, table["y"] + 100)
    person.mouse.wheel(200, 0)
    opened = person.locator(f"{TABLE} th", has_text="Zu zahlen" if person.german else "Net due")
    expect(opened).to_have_count(1, timeout=SOON)
    expect(scroller).to_have_js_property("scrollLeft", 200, timeout=SOON)
    expect(person.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SOON)
    person.mouse.click(table["x"] + 560, table["y"] + 16)
    expect(opened).to_contain_text("↓", timeout=SOON)
    expect(scroller).to_have_js_property("scrollLeft", 200, timeout=SOON)
    assert person.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_address_is_copied_as_it_is_written(visit, server):
    page = visit(server, "owner", f"/overview?account={server.busy}", permissions=["clipboard-read", "clipboard-write"])
    expect(page.get_by_test_id("stDataFrame")).to_have_count(13, timeout=SOON)
    page.wait_for_function("() => window.kundenblickCleanCopy")
    click_row(page.locator(".st-key-card-emails .dvn-scroller"), 100)
    line = page.get_by_role("dialog").get_by_test_id("stCaptionContainer").first
    expect(line).to_contain_text(f"@{JOINER}", timeout=SOON)
    assert line.locator("a").count() == 0
    written = line.inner_text().replace(JOINER, "")
    # What the person marks and copies or drags away, as the clipboard and another program get it.
    for event in ("copy", "dragstart"):
        given = line.evaluate(TAKEN, event)
        assert written.strip() == given["text"].strip()
        assert JOINER not in given["html"] and "@" in given["html"]
    page.keyboard.press("Control+c")
    assert "@" in written
    assert written.strip() == page.evaluate("() => navigator.clipboard.readText()").strip()


# The cards of each column, by their keys.
STANDING = """() => {
  const columns = new Map();
  for (const card of document.querySelectorAll('[class*="st-key-card-"]')) {
    const left = Math.round(card.getBoundingClientRect().left);
    columns.set(left, [...(columns.get(left) ?? []), card.className.match(/st-key-card-(\\w+)/)[1]]);
  }
  return [...columns.entries()].sort((one, other) => one[0] - other[0]).map(([, cards]) => cards);
}"""


def test_every_card_keeps_its_place_from_client_to_client(visit, small_server):
    page = visit(small_server, "owner", f"/overview?account={small_server.firm.own}")
    found = []
    for account in (small_server.firm.own, small_server.firm.empty):
        go(page, f"/overview?account={account}")
        expect(page.locator('[class*="st-key-card-"]')).to_have_count(13, timeout=SOON)
        found.append(page.evaluate(STANDING))
    left, right = found[0]
    assert found[1] == found[0] and (len(left), len(right)) == (7, 6)
    assert [left[0], right[0], left[1]] == [widget.key for widget in CATALOGUE[:3]]


# Buttons in sight of a card's head that something else lies over.
COVERED = """() => [...document.querySelectorAll('[class*="st-key-card-"] :is([class*="st-key-all-"], [class*="st-key-add-"]) button')]
  .filter(button => button.offsetWidth).filter(button => {
    button.scrollIntoView({ block: 'center' });
    const box = button.getBoundingClientRect();
    return !button.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
  }).map(button => button.innerText)"""


def test_a_finger_reaches_every_button_of_every_card(visit, server):
    page = visit(
        server, "owner", f"/overview?account={server.busy}", viewport={"width": 1024, "height": 900}, has_touch=True, is_mobile=True
    )
    for width in (1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        expect(page.get_by_test_id("stDataFrame")).to_have_count(13, timeout=SOON)
        settled(page)
        assert page.evaluate(COVERED) == [], width
    page.locator(".st-key-card-emails .dvn-scroller").tap(position={"x": 100, "y": 31 + 14})
    expect(page.get_by_role("dialog")).to_be_visible(timeout=SOON)
