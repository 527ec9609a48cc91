"""What stands around every page, in a real browser: addresses, the history, what a narrow screen shows."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from core.base.config import read_settings
from core.base.rights import Viewer
from core.operations.installation import open_installation
from core.store import close_store, writer
from tests.contexts import go, settled
from tests.servers import Server, run_small

pytestmark = pytest.mark.browser
SOON = 30000  # a loaded machine is slow; a wait ends when the thing is seen
PHONE = {"width": 390, "height": 844}
SEARCH = '[data-testid="stSidebar"] input'


def in_client(page: Page, name: str) -> None:
    """This client's page is drawn."""
    expect(page.locator(".st-key-account-bar h1")).to_have_text(name, timeout=SOON)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SOON)


@pytest.fixture
def held(tmp_path):
    """The app on the small firm while another process holds its file; ``give_back()`` ends that."""
    running = run_small(tmp_path / "data")
    running.stop()
    open_installation(read_settings({"KUNDENBLICK_DATA": str(running.data)}))
    waiting = Server(running.data, health=503)
    waiting.firm, waiting.tokens, waiting.give_back = running.firm, running.tokens, close_store
    yield waiting
    close_store()
    waiting.stop()


def test_a_link_opened_while_the_database_is_away_leads_where_it_says_when_it_is_back(held, visit):
    info = f"/info?account={held.firm.own}"
    inside, outside = visit(held, "owner", info), visit(held, None, info)
    for page in (inside, outside):
        expect(page.locator(".st-key-no-store")).to_be_visible(timeout=SOON)
    held.give_back()
    expect(outside.get_by_role("button", name="Anmelden", exact=True)).to_be_visible(timeout=SOON)
    in_client(inside, "Müller/Weber GbR")
    for page in (inside, outside):
        expect(page).to_have_url(f"{held.url}{info}")
    expect(inside.get_by_text("Kontodetails")).to_be_visible()


def search_for(page: Page, text: str, name: str) -> None:
    page.locator(SEARCH).first.fill(text)
    expect(page.get_by_role("option", name=re.compile(name))).to_be_visible(timeout=SOON)
    page.keyboard.press("Enter")
    in_client(page, name)


def test_from_info_of_a_client_to_another_client_is_one_step(small_server, visit):
    own, foreign, url = small_server.firm.own, small_server.firm.foreign, small_server.url
    page = visit(small_server, "owner", f"/info?account={own}")
    in_client(page, "Müller/Weber GbR")
    search_for(page, "schmidt", "Schmidt Straßenbau")
    expect(page).to_have_url(f"{url}/overview?account={foreign}")
    # A page one went to is a place of its own, however soon one goes on.
    page.get_by_role("link", name="Info", exact=True).click()
    expect(page).to_have_url(f"{url}/info?account={foreign}")
    page.get_by_role("link", name="Müller/Weber GbR", exact=True).click()
    expect(page).to_have_url(f"{url}/overview?account={own}")
    in_client(page, "Müller/Weber GbR")
    for place, name in (
        (f"/info?account={foreign}", "Schmidt Straßenbau"),
        (f"/overview?account={foreign}", "Schmidt Straßenbau"),
        (f"/info?account={own}", "Müller/Weber GbR"),
    ):
        page.go_back()
        expect(page).to_have_url(url + place)
        expect(page.get_by_text("Kontodetails")).to_have_count(1 if "info" in place else 0, timeout=SOON)
        in_client(page, name)


def test_every_page_of_the_sample_firm_says_what_it_is_where_no_sidebar_does(server, small_server, visit):
    mark, said = ".kb-sample", "Musterkanzlei · Beispieldaten"
    page = visit(server, None, "/", viewport=PHONE)
    expect(page.locator(mark)).to_have_text(said, timeout=SOON)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 844})
        expect(page.locator(mark)).to_be_in_viewport()
    page.get_by_role("button", name="Inhaberin").click()
    for path in ("/", f"/overview?account={server.busy}", f"/info?account={server.busy}", "/team", "/audit", "/overview"):
        if path != "/":
            go(page, path)
        else:
            expect(page.locator(".st-key-today-head")).to_be_visible(timeout=SOON)
        expect(page.locator(mark)).to_have_text(said)
        place = page.locator(mark).bounding_box()
        assert place["y"] + place["height"] > 844 - 40, "it stands at the foot, where it takes no room of the page"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1280, "height": 844})
    expect(page.get_by_test_id("stSidebar").get_by_text("Muster", exact=True)).to_be_in_viewport()
    expect(page.get_by_test_id("stSidebar").get_by_text("Muster", exact=True)).to_have_attribute("title", said)
    expect(page.locator(mark)).to_be_hidden()
    real = visit(small_server, "owner", "/", viewport=PHONE)
    expect(real.locator(".st-key-today-head")).to_be_visible(timeout=SOON)
    expect(real.locator(mark)).to_have_count(0)


def test_the_sidebar_says_whose_installation_it_is_and_ends_with_the_person(small_server, visit):
    page = visit(small_server, "owner", f"/overview?account={small_server.firm.own}")
    in_client(page, "Müller/Weber GbR")
    side = page.get_by_test_id("stSidebar")
    assert side.bounding_box()["width"] == 240
    expect(side.locator(".kb-firm")).to_have_text("Testkanzlei")
    expect(side.get_by_text("Muster", exact=True)).to_have_count(0)
    expect(page.get_by_test_id("stMainMenu")).to_have_count(0)
    person = side.locator(".st-key-person").bounding_box()
    assert person["y"] + person["height"] == 900
    recent = side.get_by_role("link", name="Müller/Weber GbR", exact=True)
    expect(recent.locator(".kb-face")).to_have_text("MG")
    for place in side.get_by_role("link").all():
        assert place.bounding_box()["y"] < person["y"]


def test_light_or_dark_is_chosen_once_for_every_page(small_server, visit):
    page = visit(small_server, "owner", f"/overview?account={small_server.firm.own}")
    in_client(page, "Müller/Weber GbR")
    shown = "getComputedStyle(document.querySelector('.stApp')).colorScheme"
    assert page.evaluate(shown) == "light"
    for name, scheme in (("Dunkel", "dark"), ("Hell", "light"), ("Wie das System", "light")):
        page.wait_for_function("() => window.kundenblickScheme")
        settled(page)
        page.locator(".st-key-person button").click()
        choice = page.get_by_role("group", name="Darstellung").get_by_role("button", name=name)
        if name == "Dunkel":
            expect(page.get_by_role("group", name="Darstellung").get_by_role("button", name="Wie das System")).to_have_attribute(
                "aria-pressed", "true"
            )
        choice.click()
        page.wait_for_function(f"() => document.querySelector('.stApp') && {shown} === '{scheme}'", timeout=SOON)
        in_client(page, "Müller/Weber GbR")
        for path in ("/", "/settings", f"/info?account={small_server.firm.own}"):
            page.goto(small_server.url + path)
            expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SOON)
            assert page.evaluate(shown) == scheme, (name, path)
        page.wait_for_function(f"() => document.documentElement.style.colorScheme === '{scheme}'", timeout=SOON)


def test_a_menu_pressed_at_its_arrow_stays_open_however_slowly_it_is_drawn(small_server, visit):
    page = visit(small_server, "owner", f"/overview?account={small_server.firm.own}")
    in_client(page, "Müller/Weber GbR")
    button = page.get_by_test_id("stSidebar").get_by_test_id("stPopover").get_by_role("button")
    box = button.locator('div[aria-hidden="true"]').bounding_box()
    # Each look at the clock is a tenth of a second later: Streamlit forgives a press only for so long after it opened the menu.
    page.evaluate("() => { const now = Date.now; let late = 0; Date.now = () => now.call(Date) + (late += 100); }")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.get_by_role("button", name="Abmelden")).to_be_visible(timeout=SOON)
    settled(page)
    expect(page.get_by_role("button", name="Abmelden")).to_be_visible()


def test_where_there_is_no_such_client_a_phone_leads_to_the_search(small_server, visit):
    page = visit(small_server, "owner", "/overview?account=1", viewport=PHONE)
    expect(page.get_by_text("Diesen Kunden gibt es nicht")).to_be_visible(timeout=SOON)
    page.wait_for_function("() => window.kundenblickKeys")
    page.get_by_role("button", name="Kunden suchen").click()
    expect(page.locator(SEARCH).first).to_be_focused()
    expect(page.locator(SEARCH).first).to_be_in_viewport()
    search_for(page, "schmidt", "Schmidt Straßenbau")
    wide = visit(small_server, "owner", "/info")
    expect(wide.get_by_text("Noch ist kein Kunde gewählt")).to_be_visible(timeout=SOON)
    expect(wide.locator(SEARCH).first).to_be_in_viewport()
    expect(wide.get_by_role("button", name="Kunden suchen")).to_have_count(0)


def test_the_tab_says_where_one_is_and_nothing_of_clients_to_who_is_signed_out(small_server, visit):
    own, foreign = small_server.firm.own, small_server.firm.foreign
    page = visit(small_server, "owner", f"/overview?account={own}")
    expect(page).to_have_title("10001 · Übersicht – Kundenblick", timeout=SOON)
    in_client(page, "Müller/Weber GbR")
    for path, title in (
        (f"/info?account={foreign}", re.compile(r"^\d{5} · Info – Kundenblick$")),
        ("/team", "Team – Kundenblick"),
        ("/info?account=1", "Info – Kundenblick"),
        (f"/overview?account={own}&account={foreign}", "Übersicht – Kundenblick"),
    ):
        go(page, path)
        expect(page).to_have_title(title)
    expect(page.get_by_text("Diesen Kunden gibt es nicht")).to_be_visible()
    outside = visit(small_server, None, f"/overview?account={own}")
    expect(outside.get_by_role("button", name="Anmelden", exact=True)).to_be_visible(timeout=SOON)
    expect(outside).to_have_title("Kundenblick")


def test_two_clients_in_an_address_are_none_and_none_of_them_is_opened(small_server, visit):
    own, empty = small_server.firm.own, small_server.firm.empty
    page = visit(small_server, "everything", f"/overview?account={own}&account={empty}")
    expect(page.get_by_text("Diesen Kunden gibt es nicht")).to_be_visible(timeout=SOON)
    go(page, "/accounts")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=SOON)
    expect(page.locator(".kb-recent")).to_have_count(0)


def test_a_sign_in_without_a_word_is_answered(small_server, visit):
    page = visit(small_server, None, "/")
    page.get_by_role("button", name="Anmelden", exact=True).click(timeout=SOON)
    expect(page.get_by_text("Bitte geben Sie E-Mail-Adresse und Passwort ein.")).to_be_visible(timeout=SOON)
    page.goto(f"{small_server.url}/?first=" + "x" * 43)
    expect(page.get_by_text("Diese Kanzlei ist schon eingerichtet")).to_be_visible(timeout=SOON)


def test_the_list_says_that_more_would_match(server, visit):
    page = visit(server, "owner", "/accounts")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=SOON)
    page.locator(SEARCH).first.fill("gmbh")
    expect(page.get_by_role("option")).to_have_count(12, timeout=SOON)
    expect(page.locator(".kb-search-rest")).to_have_text("Es passen noch mehr. Tippen Sie weiter.")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("option").nth(11)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").nth(0)).to_have_attribute("aria-selected", "true")
    page.locator(SEARCH).first.fill("nordlicht versand")
    expect(page.get_by_role("option")).to_have_count(1, timeout=SOON)
    expect(page.locator(".kb-search-rest")).to_have_count(0)


def test_a_contacts_name_without_a_space_breaks_before_its_menu(tmp_path, visit):
    running = run_small(tmp_path / "data")
    try:
        running.stop()
        open_installation(read_settings({"KUNDENBLICK_DATA": str(running.data)}))
        with writer(Viewer.system("tests")) as tx:
            tx.update("contact", running.firm.contact, name="Donaudampfschifffahrtsgesellschaftskapitaenswitwenxyz")
        close_store()
        running.start()
        page = visit(running, "owner", f"/info?account={running.firm.own}", viewport=PHONE)
        head = page.locator('[class*="st-key-head-contact-"]')
        expect(head.locator("h3")).to_contain_text("Donaudampf", timeout=SOON)
        name, menu = head.locator("h3").bounding_box(), head.locator('[class*="st-key-menu-"]').first.bounding_box()
        assert name["x"] + name["width"] <= menu["x"]
    finally:
        running.stop()
