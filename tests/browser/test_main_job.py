"""The main job in a real browser: sign in, find a client, see everything about them."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
SEARCH = '[data-testid="stSidebar"] input'
WORDS = {
    "de": {
        "owner": "Inhaberin",
        "assigned": "nur zugeordnete",
        "clients": "Kunden",
        "new": "NEU",
        "leave": "Abmelden",
        "nothing": "Kein Kunde passt",
        "gone": "Diesen Kunden gibt es nicht",
        "password": "Passwort",
        "search": "Kunden suchen",
        "invoices": "Unbezahlte Rechnungen",
    },
    "en": {
        "owner": "Owner",
        "assigned": "assigned clients only",
        "clients": "Clients",
        "new": "NEW",
        "leave": "Sign out",
        "nothing": "No client matches",
        "gone": "This client does not exist",
        "password": "Password",
        "search": "Search clients",
        "invoices": "Unpaid invoices",
    },
}


@pytest.fixture(params=["de", "en"])
def words(request):
    return WORDS[request.param] | {"code": request.param}


@pytest.fixture
def person(browser, words, server) -> Page:
    context = browser.new_context(locale={"de": "de-DE", "en": "en-GB"}[words["code"]], viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.violations = []
    page.on("console", lambda m: page.violations.append(m.text) if "Content Security Policy" in m.text else None)
    yield page
    assert page.violations == []
    context.close()


def enter(page: Page, server, who: str, path: str = "/") -> None:
    page.goto(server.url + path)
    page.get_by_role("button", name=who).click(timeout=60000)
    page.wait_for_selector('[data-testid="stSidebar"] input', timeout=60000)


def find(page: Page, text: str) -> None:
    page.locator(SEARCH).first.click()
    page.keyboard.type(text, delay=60)


def test_three_letters_and_enter_open_the_client(person, server, words):
    enter(person, server, words["owner"])
    expect(person.get_by_role("heading", name=words["clients"])).to_be_visible()
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


def test_no_letter_is_lost_and_nothing_found_is_said(person, server, words):
    enter(person, server, words["owner"])
    find(person, "xyzzy nirgends 42")
    expect(person.locator(SEARCH).first).to_have_value("xyzzy nirgends 42")
    expect(person.get_by_text(words["nothing"])).to_be_visible()


def test_the_list_of_matches_by_keyboard(person, server, words):
    enter(person, server, words["owner"])
    person.wait_for_function("window.kundenblickKeys")
    person.keyboard.press("Control+k")
    person.keyboard.type("gmbh", delay=60)
    field = person.get_by_role("combobox", name=words["search"])
    expect(field).to_have_attribute("aria-expanded", "true")
    options = person.get_by_role("option")
    expect(options).to_have_count(12)
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


def test_a_deep_link_survives_the_sign_in(person, server, words):
    account = account_of(person, server, words)
    fresh = person.context.browser.new_context(locale=person.evaluate("navigator.language")).new_page()
    enter(fresh, server, words["owner"], f"/overview?account={account}")
    expect(fresh.get_by_role("heading", name="Nordlicht Versand GmbH")).to_be_visible(timeout=10000)
    fresh.context.close()


def account_of(page: Page, server, words) -> str:
    enter(page, server, words["owner"])
    find(page, "nordlicht")
    page.get_by_role("option", name="Nordlicht Versand GmbH").first.click()
    page.wait_for_url("**/overview?account=*")
    return page.url.split("=")[1]


@pytest.mark.parametrize("words", ["de"], indirect=True)
def test_opening_a_document_clears_new_for_the_whole_firm(person, server, words):
    account = account_of(person, server, words)
    badge = person.get_by_text(re.compile(rf"^\d+ {words['new']}$"))
    expect(badge).to_be_visible(timeout=10000)
    before = int(badge.inner_text().split()[0])
    colleague = person.context.browser.new_context(locale=person.evaluate("navigator.language")).new_page()
    enter(colleague, server, words["owner"], f"/overview?account={account}")
    expect(colleague.get_by_text(f"{before} {words['new']}")).to_be_visible(timeout=10000)
    rows = person.locator('[data-testid="stDataFrame"]').first.bounding_box()
    for row in range(5):
        person.mouse.click(rows["x"] + 150, rows["y"] + 44 + 28 * row)
        expect(person.get_by_role("dialog")).to_be_visible(timeout=10000)
        person.keyboard.press("Escape")
        expect(person.get_by_role("dialog")).to_have_count(0)
        if person.get_by_text(f"{before} {words['new']}").count() == 0:
            break
    expect(colleague.get_by_text(f"{before} {words['new']}")).to_have_count(0, timeout=8000)
    colleague.context.close()


def test_leaving_ends_every_tab(person, server, words):
    enter(person, server, words["owner"])
    second = person.context.new_page()
    second.goto(server.url)
    expect(second.get_by_role("heading", name=words["clients"])).to_be_visible(timeout=10000)
    cookie = {c["name"]: c["value"] for c in person.context.cookies()}["kundenblick"]
    person.locator('[data-testid="stSidebar"] [data-testid="stPopover"] button').click()
    person.get_by_role("button", name=words["leave"]).click()
    expect(person.get_by_label(words["password"]).first).to_be_visible(timeout=10000)
    expect(second.get_by_label(words["password"]).first).to_be_visible(timeout=8000)
    stolen = httpx.get(server.url + "/media/x", cookies={"kundenblick": cookie})
    assert stolen.status_code == 403


def test_an_employee_sees_assigned_clients_and_no_invoices(person, server, words):
    enter(person, server, words["assigned"])
    expect(person.locator('[data-testid="stDataFrame"]')).to_have_count(1, timeout=10000)
    find(person, "kanuverein havelwelle")
    person.wait_for_timeout(600)
    assert person.get_by_text(words["invoices"]).count() == 0


def test_nonsense_in_the_address_is_a_quiet_not_found(person, server, words):
    enter(person, server, words["owner"])
    for nonsense in ("x", "1e30", "1" + "0" * 30, "-1", "%27", "1&account=2"):
        person.goto(f"{server.url}/overview?account={nonsense}")
        expect(person.get_by_text(words["gone"])).to_be_visible()
        expect(person.locator(SEARCH).first).to_be_visible()


def test_no_sideways_scroll(browser, server):
    context = browser.new_context(locale="de-DE", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    account = account_of(page, server, WORDS["de"])
    for width, scheme in ((390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 850})
        page.goto(f"{server.url}/overview?account={account}")
        expect(page.locator('[data-testid="stDataFrame"]')).to_have_count(13)
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (width, scheme)
    context.close()


def test_a_restart_keeps_the_session(person, server, words):
    enter(person, server, words["owner"])
    server.stop()
    server.start()
    person.goto(server.url)
    expect(person.get_by_role("heading", name=words["clients"])).to_be_visible(timeout=15000)
