"""The main job in a real browser: sign in, find a client, see everything about them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

pytestmark = pytest.mark.browser
SOON = 30000  # a loaded machine is slow; a wait ends when the thing is seen
SEARCH = '[data-testid="stSidebar"] input'
WORDS = {
    "de": {
        "owner": "Inhaberin",
        "clients": "Kunden",
        "new": "NEU",
        "nothing": "Kein Kunde passt",
        "gone": "Diesen Kunden gibt es nicht",
        "search": "Kunden suchen",
        "invoices": "Unbezahlte Rechnungen",
    },
    "en": {
        "owner": "Owner",
        "clients": "Clients",
        "new": "NEW",
        "nothing": "No client matches",
        "gone": "This client does not exist",
        "search": "Search clients",
        "invoices": "Unpaid invoices",
    },
}


@pytest.fixture(params=["de", "en"])
def words(request):
    return WORDS[request.param] | {"code": request.param}


@pytest.fixture
def come(visit, server, words):
    """``come("owner", "/team")``: a page of somebody's who is signed in, in this language."""

    def opened(who: str | None, path: str = "/accounts") -> Page:
        return visit(server, who, path, {"de": "de-DE", "en": "en-GB"}[words["code"]])

    return opened


def find(page: Page, text: str) -> None:
    page.locator(SEARCH).first.click()
    page.keyboard.type(text, delay=60)


def test_a_link_survives_the_sign_in_and_three_letters_and_enter_open_the_client(come, server, words):
    person = come(None, f"/overview?account={server.busy}")
    person.get_by_role("button", name=words["owner"]).click(timeout=60000)
    expect(person.get_by_role("heading", name="Nordlicht Versand GmbH")).to_be_visible(timeout=60000)
    expect(person).to_have_url(re.compile(rf"/overview\?account={server.busy}$"))
    person.get_by_test_id("stSidebar").get_by_role("link", name=words["clients"], exact=True).click()
    expect(person.get_by_role("heading", name=words["clients"])).to_be_visible(timeout=10000)
    person.wait_for_function("window.kundenblickKeys")
    person.keyboard.press("/")
    person.keyboard.type("nor", delay=60)
    person.keyboard.press("Enter")
    expect(person.get_by_role("heading", name="Nordlicht Versand GmbH")).to_be_visible(timeout=10000)
    expect(person).to_have_url(re.compile(r"/overview\?account=\d+$"))
    expect(person.locator('[data-testid="stDataFrame"]')).to_have_count(13, timeout=10000)
    person.reload()
    expect(person.get_by_role("heading", name="Nordlicht Versand GmbH")).to_be_visible(timeout=10000)
    person.go_back()
    expect(person.get_by_role("heading", name=words["clients"])).to_be_visible(timeout=10000)


def test_no_letter_is_lost_and_the_list_of_matches_goes_by_keyboard(come, words):
    person = come("owner")
    expect(person.get_by_role("heading", name=words["clients"])).to_be_visible(timeout=SOON)
    find(person, "xyzzy nirgends 42")
    expect(person.locator(SEARCH).first).to_have_value("xyzzy nirgends 42")
    expect(person.get_by_text(words["nothing"])).to_be_visible()
    person.keyboard.press("Escape")
    person.wait_for_function("window.kundenblickKeys")
    person.keyboard.press("Control+k")
    person.keyboard.type("gmbh", delay=60)
    field = person.get_by_role("combobox", name=words["search"])
    expect(field).to_have_attribute("aria-expanded", "true")
    options = person.get_by_role("option")
    expect(options).to_have_count(12)
    expect(options.first.locator(".kb-search-name mark")).to_have_text("GmbH")  # before the last letter there are other matches
    person.keyboard.press("ArrowDown")
    person.keyboard.press("Tab")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    name = options.nth(1).locator(".kb-search-name").inner_text()
    person.keyboard.press("Enter")
    expect(person.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=10000)
    expect(field).to_have_value("")
    expect(person.get_by_role("link", name=name, exact=True)).to_have_attribute("aria-current", "page")
    person.keyboard.press("/")
    person.keyboard.type("gmbh")
    expect(options).to_have_count(12)
    person.keyboard.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_have_value("")


@pytest.mark.parametrize("words", ["de"], indirect=True)
def test_what_the_arrows_chose_is_opened_also_when_other_matches_come_meanwhile(come):
    """On a slow line the matches of three letters stand there while those of the fourth are on their way."""
    person, held = come("owner"), []

    def hold(route: Route) -> None:
        held.append(route)

    find(person, "gmb")
    options = person.get_by_role("option")
    expect(options.first.locator(".kb-search-name mark")).to_have_text("Gmb")
    person.route("**/search*", hold)
    with person.expect_request("**/search*"):
        person.keyboard.type("h")
    for _ in range(2):
        person.keyboard.press("ArrowDown")
    name = options.nth(1).locator(".kb-search-name").inner_text()
    held[0].continue_()
    expect(options.first.locator(".kb-search-name mark")).to_have_text("GmbH")
    expect(person.get_by_role("option", selected=True).locator(".kb-search-name")).to_have_text(name)
    person.keyboard.press("Enter")
    expect(person.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=10000)


@pytest.mark.parametrize("words", ["de"], indirect=True)
def test_opening_a_document_clears_new_for_the_whole_firm(come, server, words):
    person = come("owner", f"/overview?account={server.busy}")
    badge = person.get_by_text(re.compile(rf"^\d+ {words['new']}$"))
    expect(badge).to_be_visible(timeout=SOON)
    before = int(badge.inner_text().split()[0])
    colleague = come("everything", f"/overview?account={server.busy}")
    expect(colleague.get_by_text(f"{before} {words['new']}")).to_be_visible(timeout=SOON)
    rows = person.locator('[data-testid="stDataFrame"]').first.bounding_box()
    for row in range(5):
        person.mouse.click(rows["x"] + 150, rows["y"] + 46 + 28 * row)
        expect(person.get_by_role("dialog")).to_be_visible(timeout=10000)
        person.keyboard.press("Escape")
        expect(person.get_by_role("dialog")).to_have_count(0)
        if person.get_by_text(f"{before} {words['new']}").count() == 0:
            break
    expect(colleague.get_by_text(f"{before} {words['new']}")).to_have_count(0, timeout=8000)


def test_an_employee_sees_assigned_clients_and_no_invoices(come, words):
    person = come("assigned")
    expect(person.locator('[data-testid="stDataFrame"]')).to_have_count(1, timeout=SOON)
    find(person, "kanuverein havelwelle")
    person.wait_for_timeout(600)
    assert person.get_by_text(words["invoices"]).count() == 0


def test_nonsense_in_the_address_is_a_quiet_not_found(come, server, words):
    person = come("owner", "/overview?account=1e30")
    for nonsense in ("%27", "1&account=2"):
        expect(person.get_by_text(words["gone"])).to_be_visible(timeout=SOON)
        expect(person.locator(SEARCH).first).to_be_visible()
        person.goto(f"{server.url}/overview?account={nonsense}")
    expect(person.get_by_text(words["gone"])).to_be_visible(timeout=SOON)
    person.goto(f"{server.url}/overview/more/of it?account={server.busy}")
    expect(person).to_have_url(f"{server.url}/overview?account={server.busy}", timeout=SOON)
    expect(person.locator(".st-key-card-notes")).to_be_visible(timeout=SOON)


@pytest.mark.parametrize("words", ["de"], indirect=True)
def test_no_sideways_scroll(come, server, words):
    page = come("owner", f"/overview?account={server.busy}")
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 850})
        if width == 390:
            page.reload()
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            expect(page.locator('[data-testid="stDataFrame"]')).to_have_count(13, timeout=SOON)
            page.wait_for_timeout(500)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, scheme)
