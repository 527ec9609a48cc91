"""The team in a real browser, German and English: invited, given rights and clients, looked at as, sent away."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.contexts import go
from tests.servers import run_small
from tests.small_firm import PASSWORD

pytestmark = pytest.mark.browser
SOON = 20000
WORDS = {
    "de-DE": {
        "name": "Name *", "email": "E-Mail-Adresse *", "go": "Einladen", "taken": "wird schon benutzt", "done": "Fertig",
        "password": "Neues Passwort", "enter": "Passwort festlegen", "worthless": "abgelaufen, schon benutzt oder zurückgezogen",
        "edit": "Bearbeiten", "all": "Alle Kunden sehen", "more": "mehr als jetzt", "save": "Speichern", "confirm": "Ja, so speichern",
        "assign": "Kunden zuordnen", "clients": "Kunden", "assign_go": "Zuordnen", "assign_yes": "Ja, zuordnen", "changes": "ändert sich", "as": "Ansehen wie diese Person",
        "bar": "Sie sehen die Anwendung wie", "end": "Ansicht beenden", "only": "wie jemand anderes", "deactivate": "Deaktivieren",
        "sign_in": "Anmelden", "why": "Wer sieht diesen Kunden?", "right": "Recht „Alle Kunden sehen“", "no": "fehlt Ihnen das Recht",
        "fewer": "weniger als jetzt", "leaves": "Zuordnung bleibt", "find": "Kunde suchen", "sees": "Anna Zugeordnet",
    },
    "en-GB": {
        "name": "Name *", "email": "Email address *", "go": "Invite", "taken": "in use", "done": "Done",
        "password": "New password", "enter": "Set password", "worthless": "expired, was used already or was withdrawn",
        "edit": "Edit", "all": "See all clients", "more": "more than now", "save": "Save", "confirm": "Yes, save this",
        "assign": "Assign clients", "clients": "Clients", "assign_go": "Assign", "assign_yes": "Yes, assign", "changes": "clients changes", "as": "See the app as this person",
        "bar": "You see the app as", "end": "End the view", "only": "as somebody else", "deactivate": "Deactivate",
        "sign_in": "Sign in", "why": "Who sees this client?", "right": "Right: “See all clients”", "no": "right",
        "fewer": "fewer than now", "leaves": "assignment stays", "find": "Find a client", "sees": "Anna Zugeordnet",
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def small_server(tmp_path_factory):
    """A small firm of this file's own: its team is changed here."""
    running = run_small(tmp_path_factory.mktemp("team") / "data")
    yield running
    running.stop()


@pytest.fixture
def people(visit, small_server):
    def another(locale: str, *, stranger: bool = False) -> Page:
        page = visit(small_server, None if stranger else "owner", locale=locale)
        page.words = WORDS[locale]
        return page

    return another


def click(page: Page, what: str) -> None:
    """Click once the page is drawn: a click into a run that is drawing can be lost."""
    expect(page.locator(what).first).to_be_visible(timeout=SOON)
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SOON)
    page.locator(what).first.click(timeout=SOON)


def dialog(page: Page):
    return page.get_by_test_id("stDialog")


def press(page: Page, name: str) -> None:
    dialog(page).get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("locale", WORDS)
def test_from_the_invitation_to_the_last_day(people, small_server, locale):
    page, guest = people(locale), people(locale, stranger=True)
    link = invite(page, small_server, f"nora-{locale[:2]}@kanzlei.example", f"Nora <b>Neu</b> {locale[:2]}")
    join(guest, small_server, link, f"nora-{locale[:2]}@kanzlei.example")
    member = open_member(page, f"nora-{locale[:2]}@kanzlei.example")
    assign_one(page)
    go(guest, "/accounts")
    expect(guest.locator(".stMain").get_by_text(re.compile(r"^1 (Kunde|client)$"))).to_be_visible(timeout=SOON)
    give_a_right(page)
    look_as(page, small_server)
    go(page, f"/team?member={member}")
    send_away(page)
    expect(guest.get_by_role("button", name=page.words["sign_in"], exact=True)).to_be_visible(timeout=SOON)
    guest.goto(link)
    expect(guest.get_by_text(page.words["worthless"])).to_be_visible(timeout=SOON)
    page.set_viewport_size({"width": 390, "height": 844})
    for head in (".st-key-member-head", ".st-key-team-head"):
        if head == ".st-key-team-head":
            go(page, "/team")
        expect(page.locator(head)).to_be_visible(timeout=SOON)
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), head


def invite(page: Page, server, email: str, name: str) -> str:
    """Invite by the form, after a mistake that keeps what was typed; returns the link."""
    page.goto(f"{server.url}/team")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=SOON)
    click(page, ".st-key-invite button")
    form = dialog(page)
    expect(form).to_be_visible(timeout=SOON)
    form.get_by_label(page.words["name"], exact=True).fill(name)
    form.get_by_label(page.words["email"], exact=True).fill("maria@mueller.example")
    press(page, page.words["go"])
    expect(form.get_by_text(page.words["taken"])).to_be_visible(timeout=SOON)
    expect(form.get_by_label(page.words["name"], exact=True)).to_have_value(name)
    form.get_by_label(page.words["email"], exact=True).fill(email)
    press(page, page.words["go"])
    link = "".join(form.get_by_text(re.compile("join=")).first.inner_text(timeout=SOON).split())
    press(page, page.words["done"])
    expect(dialog(page)).to_have_count(0, timeout=SOON)
    return link


def join(guest: Page, server, link: str, email: str) -> None:
    """Set the password, be in, and find no team page."""
    guest.goto(link)
    expect(guest.get_by_text(email)).to_be_visible(timeout=SOON)
    guest.get_by_label(guest.words["password"], exact=True).fill(PASSWORD)
    guest.get_by_role("button", name=guest.words["enter"]).click()
    expect(guest.locator(".st-key-today-head")).to_be_visible(timeout=SOON)
    expect(guest.get_by_test_id("stSidebar").get_by_role("link", name="Team")).to_have_count(0)
    go(guest, "/team")
    expect(guest.locator(".stMain").get_by_text(guest.words["no"])).to_be_visible(timeout=SOON)
    expect(guest.locator(".stDataFrame, .st-key-invite")).to_have_count(0)


def assign_one(page: Page) -> None:
    """A client is found, chosen and assigned."""
    click(page, ".st-key-assign button")
    dialog(page).get_by_label(page.words["find"]).fill("schmidt")
    dialog(page).get_by_role("combobox", name=page.words["clients"], exact=True).click(timeout=SOON)
    # What was typed has arrived once nobody else is offered.
    expect(page.get_by_role("option")).to_have_count(1, timeout=SOON)
    page.get_by_role("option", name=re.compile("Schmidt")).click(timeout=SOON)
    page.keyboard.press("Escape")
    expect(dialog(page).get_by_text(page.words["changes"])).to_be_visible(timeout=SOON)
    press(page, page.words["assign_go"])
    confirm(page, "assign_yes")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=SOON)


def give_a_right(page: Page) -> None:
    """A right is switched on; what it does to sight is said first."""
    click(page, ".st-key-member-edit button")
    dialog(page).get_by_text(page.words["all"], exact=True).click(timeout=SOON)
    press(page, page.words["save"])
    expect(dialog(page).get_by_text(page.words["more"])).to_be_visible(timeout=SOON)
    confirm(page)
    expect(page.locator(".st-key-card-rights").get_by_text(page.words["all"])).to_be_visible(timeout=SOON)


def look_as(page: Page, server) -> None:
    """See what the member sees, over a reload and other pages; save nothing; end it."""
    click(page, ".st-key-view-as-begin button")
    bar, foreign = page.get_by_text(page.words["bar"]), server.firm.foreign
    expect(bar).to_be_visible(timeout=SOON)
    expect(page.locator(".st-key-new-account")).to_have_count(0)
    ask_why(page, f"{server.url}/info?account={foreign}")
    expect(bar).to_be_visible(timeout=SOON)
    expect(page.get_by_text("Emil Alles")).to_have_count(0)
    go(page, f"/overview?account={foreign}")
    whole = page.viewport_size
    page.set_viewport_size({"width": whole["width"], "height": 400})
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, main.scrollHeight)")
    page.wait_for_function("() => document.querySelector('[data-testid=stMain]').scrollTop > 200")
    expect(bar, "it stays in sight however far one scrolls").to_be_in_viewport(ratio=1)
    client, looked = page.locator(".st-key-account-bar").bounding_box(), page.locator(".st-key-view-as").bounding_box()
    assert looked["y"] + looked["height"] <= client["y"] + 1, "and covers nothing of whose page it is"
    page.set_viewport_size(whole)
    click(page, ".st-key-add-note button")
    dialog(page).locator("textarea").fill("Das darf nicht gehen")
    press(page, page.words["save"])
    expect(dialog(page).get_by_text(page.words["only"])).to_be_visible(timeout=SOON)
    go(page, "/access")
    click(page, ".st-key-view-as-end button")
    expect(page.locator(".st-key-team-head")).to_be_visible(timeout=SOON)
    expect(bar).to_have_count(0)
    ask_why(page, f"{server.url}/info?account={foreign}")
    expect(page.get_by_text("Emil Alles")).to_be_visible()


def ask_why(page: Page, url: str) -> None:
    """Open *Wer sieht diesen Kunden?*."""
    page.goto(url)
    click(page, ".st-key-who-sees button")
    expect(page.get_by_text(page.words["right"]).first).to_be_visible(timeout=SOON)


def send_away(page: Page) -> None:
    """Deactivate, after what stays behind was said."""
    click(page, '[class*="st-key-member-more-"] button')
    page.get_by_text(page.words["deactivate"], exact=True).click()
    expect(dialog(page).get_by_text(page.words["fewer"])).to_be_visible(timeout=SOON)
    expect(dialog(page).get_by_text(page.words["leaves"])).to_be_visible()
    press(page, page.words["deactivate"])
    expect(dialog(page)).to_have_count(0, timeout=SOON)


def confirm(page: Page, word: str = "confirm") -> None:
    """Yes to what will happen."""
    dialog(page).get_by_role("button", name=page.words[word], exact=True).click(timeout=SOON)
    expect(dialog(page)).to_have_count(0, timeout=SOON)


def open_member(page: Page, email: str) -> str:
    """Click on a member's row; returns the id that the address then names."""
    table = page.get_by_test_id("stDataFrame")
    expect(table).to_be_visible(timeout=SOON)
    page.wait_for_timeout(800)
    page.bring_to_front()
    rows = table.locator("tbody tr")
    place = next(place for place in range(rows.count()) if email in (rows.nth(place).text_content() or ""))
    box = table.bounding_box()
    # The first click on a table after a dialog only gives it the focus.
    page.mouse.click(box["x"] + 60, box["y"] + 32 + 28 * place + 14)
    page.wait_for_timeout(1500)
    if "member=" not in page.url:
        page.mouse.click(box["x"] + 60, box["y"] + 32 + 28 * place + 14)
    expect(page).to_have_url(re.compile(r"member=\d+"), timeout=SOON)
    return re.search(r"member=(\d+)", page.url).group(1)
