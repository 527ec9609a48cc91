"""Info in a real browser, German and English: the record edited, a contact invited, shut out; two editors; a field put back; a save that
fails half-way."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from core.i18n import words_of
from tests.servers import Server, run_small

pytestmark = pytest.mark.browser
SOON = 30000  # a loaded machine is slow; a wait ends when the thing is seen
WORDS = {
    "de-DE": {
        "edit": "Bearbeiten", "save": "Speichern", "cancel": "Abbrechen", "discard": "Verwerfen", "unsaved": "noch nicht gespeichert",
        "taken": "Diese Nummer hat schon", "number": "Nummer *", "history": "Verlauf", "conflict": "inzwischen geändert",
        "saved": "gespeichert: Von der Ersten", "mine": re.compile("^Ihre Eingabe"), "settle": "Auswahl übernehmen", "new_contact": "Neuer Kontakt", "phone": "Telefon",
        "phone_form": "Das ist keine Telefonnummer", "emails": "E-Mail-Adressen", "login": "Anmeldung", "on": "Einschalten", "off": "Ausschalten", "done": "Fertig",
        "will": "Das ändert sich", "pending": "eingeladen", "password": "Neues Passwort", "enter": "Passwort festlegen",
        "leave": "Abmelden", "sign_in": "Anmelden", "link": re.compile(r"invitation="), "name_of": "Kunde: Name", "made": "angelegt",
    },
    "en-GB": {
        "edit": "Edit", "save": "Save", "cancel": "Cancel", "discard": "Discard", "unsaved": "not saved yet",
        "taken": "Another client has this number", "number": "Number *", "history": "History", "conflict": "changed this record",
        "saved": "saved: Von der Ersten", "mine": re.compile("^your entry"), "settle": "Use this selection", "new_contact": "New contact", "phone": "Phone",
        "phone_form": "That is not a phone number", "emails": "Email addresses", "login": "Login", "on": "Turn on", "off": "Turn off", "done": "Done",
        "will": "What changes", "pending": "invited", "password": "New password", "enter": "Set password",
        "leave": "Sign out", "sign_in": "Sign in", "link": re.compile(r"invitation="), "name_of": "Client: Name", "made": "created",
    },
}  # fmt: skip


class FailingServer(Server):
    """The app behind ``failing_app.py``; saves fail while ``fail`` holds the name of a fault."""

    @property
    def fail(self) -> Path:
        return self.data / "fail"

    def command(self) -> tuple[list[str], dict[str, str]]:
        entry = ["streamlit", "run", "tests/browser/failing_app.py", "--server.port", str(self.port), "--server.address", "127.0.0.1"]
        return ["-m", *entry], os.environ | {"KUNDENBLICK_DATA": str(self.data)}


@pytest.fixture(scope="module")
def small_server(tmp_path_factory):
    """A small firm of this file's own: its client is renamed here, and saves are made to fail."""
    running = run_small(tmp_path_factory.mktemp("info") / "data", FailingServer)
    yield running
    running.stop()


@pytest.fixture
def people(visit, small_server):
    """Browsers: of the owner at the client's Info page, or of a stranger."""

    def another(locale: str = "de-DE", *, stranger: bool = False) -> Page:
        if stranger:
            page = visit(small_server, None, locale=locale)
        else:
            page = visit(small_server, "owner", f"/info?account={small_server.firm.own}", locale)
            expect(page.locator(".st-key-edit-details button")).to_be_visible(timeout=SOON)
        page.words = WORDS[locale]
        return page

    return another


def dialog(page: Page):
    return page.get_by_test_id("stDialog")


def edit(page: Page):
    page.locator(".st-key-edit-details button").click()
    expect(dialog(page).get_by_label("Name *", exact=True)).to_be_visible(timeout=SOON)
    return dialog(page)


def press(page: Page, name: str) -> None:
    dialog(page).get_by_role("button", name=name, exact=True).click()


def tab_to(page: Page, what: str) -> None:
    """Press Tab until the focus is on the input or button of that name."""
    for _ in range(60):
        found = page.evaluate("() => document.activeElement.getAttribute('aria-label') || document.activeElement.innerText || ''")
        if found.strip() == what:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {what!r} by Tab")


@pytest.mark.parametrize("locale", WORDS)
def test_a_mistake_stands_at_its_field_and_what_was_typed_stays(people, locale):
    page = people(locale)
    form = edit(page)
    name = f"Müller & <b>Weber</b> {locale}"
    form.get_by_label("Name *", exact=True).fill(name)
    form.get_by_label(page.words["number"], exact=True).fill("10002")
    press(page, page.words["save"])
    expect(form.get_by_text(page.words["taken"])).to_be_visible(timeout=SOON)
    expect(form.get_by_label("Name *", exact=True)).to_have_value(name)
    form.get_by_label(page.words["number"], exact=True).fill("10001")
    press(page, page.words["save"])
    expect(page.get_by_role("heading", name=name).first).to_be_visible(timeout=SOON)
    expect(dialog(page)).to_have_count(0, timeout=SOON)


@pytest.mark.parametrize("locale", WORDS)
def test_a_save_that_fails_half_way_leaves_everything_as_it_was_and_the_form_as_typed(people, small_server, locale):
    page, say = people(locale), words_of(locale[:2])
    before = page.locator(".st-key-account-bar h1").inner_text()
    form = edit(page)
    name = form.get_by_label("Name *", exact=True)
    name.fill(f"Halb {locale}")
    try:
        for fault, told in (("full", say["errors.store_full"]), ("broken", say["errors.unexpected"].split("{")[0])):
            small_server.fail.write_text(fault, "ascii")
            press(page, page.words["save"])
            expect(form.get_by_text(told)).to_be_visible(timeout=SOON)
            expect(name).to_have_value(f"Halb {locale}")
            expect(page.get_by_text("4711")).to_have_count(0)
    finally:
        small_server.fail.unlink()
    other = people(locale)
    expect(other.locator(".st-key-account-bar h1")).to_have_text(before)
    press(page, page.words["save"])
    expect(other.locator(".st-key-account-bar h1")).to_have_text(f"Halb {locale}", timeout=SOON)
    expect(dialog(page)).to_have_count(0, timeout=SOON)


@pytest.mark.parametrize("locale", WORDS)
def test_the_form_with_the_keyboard_alone(people, locale):
    page, name = people(locale), f"Nur mit Tasten {locale}"
    page.locator(".st-key-edit-details button").focus()
    page.keyboard.press("Enter")
    expect(dialog(page).get_by_label("Name *", exact=True)).to_be_visible(timeout=SOON)
    tab_to(page, "Name *")
    page.keyboard.press("Control+A")
    page.keyboard.type(name, delay=10)
    tab_to(page, page.words["save"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=name).first).to_be_visible(timeout=SOON)


@pytest.mark.parametrize("locale", WORDS)
def test_closing_with_changes_asks_first_and_nothing_scrolls_sideways(people, locale):
    page = people(locale)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        # What the four switches do can be read without a pointer: all of it in one line that opens, or at each head that has the focus.
        told, heads = page.locator(".kb-access-told"), page.locator(".kb-access-head span[title]")
        if width == 390:
            told.locator("summary").click()
            expect(told.locator("dd")).to_have_count(4)
            expect(told.locator("dd").last).to_be_visible()
        else:
            heads.last.focus()
            assert heads.last.evaluate("head => getComputedStyle(head, '::after').content") == f'"{heads.last.get_attribute("title")}"'
    form = edit(page)
    form.get_by_label("Name *", exact=True).fill("Wird verworfen")
    press(page, page.words["cancel"])
    expect(form.get_by_text(page.words["unsaved"])).to_be_visible(timeout=SOON)
    press(page, page.words["discard"])
    expect(dialog(page)).to_have_count(0, timeout=SOON)
    expect(page.get_by_role("heading", name="Wird verworfen")).to_have_count(0)


@pytest.mark.parametrize("locale", WORDS)
def test_the_second_of_two_editors_chooses_field_by_field(people, locale):
    first, second = people("en-GB" if locale == "de-DE" else "de-DE"), people(locale)
    mine = f"Of the second {locale}"
    edit(first)
    form = edit(second)
    dialog(first).get_by_label("Name *", exact=True).fill("Von der Ersten")
    press(first, first.words["save"])
    expect(first.get_by_role("heading", name="Von der Ersten").first).to_be_visible(timeout=SOON)
    form.get_by_label("Name *", exact=True).fill(mine)
    press(second, second.words["save"])
    expect(form.get_by_text(second.words["conflict"])).to_be_visible(timeout=SOON)
    expect(form.get_by_text(second.words["saved"])).to_be_visible()
    form.get_by_text(second.words["mine"]).click()
    expect(form.get_by_role("radio", name=second.words["mine"])).to_be_checked()
    settle = form.get_by_role("button", name=second.words["settle"], exact=True)
    # The choice runs the form; a press into that run can be lost, so it waits for the page to have answered.
    second.wait_for_timeout(500)
    expect(second.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SOON)
    settle.click()
    expect(form.get_by_label("Name *", exact=True)).to_have_value(mine, timeout=SOON)
    press(second, second.words["save"])
    expect(second.get_by_role("heading", name=mine).first).to_be_visible(timeout=SOON)
    expect(first.get_by_role("heading", name=mine).first).to_be_visible(timeout=SOON)


@pytest.mark.parametrize("locale", WORDS)
def test_a_contact_is_invited_enters_and_is_shut_out(people, small_server, locale):
    page, guest = people(locale), people(locale, stranger=True)
    email = f"neu-{locale[:2]}@mueller.example"
    page.get_by_role("button", name=page.words["new_contact"]).click()
    form = dialog(page)
    form.get_by_label("Name *", exact=True).fill(f"Nora Neu {locale}")
    form.get_by_label(page.words["phone"], exact=True).fill("abc")
    form.get_by_label(page.words["emails"], exact=True).fill(email)
    press(page, page.words["save"])
    expect(form.get_by_text(page.words["phone_form"])).to_be_visible(timeout=SOON)
    form.get_by_label(page.words["phone"], exact=True).fill("030 901820")
    press(page, page.words["save"])
    expect(dialog(page)).to_have_count(0, timeout=SOON)
    address = page.locator('[class*="st-key-address-"]', has=page.get_by_text(email, exact=True)).last
    login = address.locator('[class*="st-key-switch-login-"]')
    login.locator("label").click()
    expect(dialog(page).get_by_text(page.words["will"])).to_be_visible(timeout=SOON)
    press(page, page.words["on"])
    link = dialog(page).get_by_text(page.words["link"]).first.inner_text()
    press(page, page.words["done"])
    expect(address.get_by_text(page.words["pending"], exact=True)).to_be_visible(timeout=SOON)
    expect(address.get_by_label(f"{page.words['login']} · {page.words['pending']}", exact=True)).to_be_checked()

    guest.goto("".join(link.split()))
    guest.get_by_label(guest.words["password"], exact=True).fill("vier-bunte-laternen")
    guest.get_by_role("button", name=guest.words["enter"]).click()
    expect(guest.get_by_role("button", name=guest.words["leave"])).to_be_visible(timeout=SOON)
    expect(guest.get_by_test_id("stSidebar")).not_to_be_visible()
    for path in ("/settings", "/access", f"/overview?account={small_server.firm.foreign}"):
        guest.goto(small_server.url + path)
        expect(guest.get_by_role("button", name=guest.words["leave"])).to_be_visible(timeout=SOON)
        expect(guest.locator(".stDataFrame, .st-key-fields-new, .st-key-account-bar")).to_have_count(0)
    expect(address.get_by_label(page.words["login"], exact=True)).to_be_checked(timeout=SOON)

    login.locator("label").click()
    expect(dialog(page).get_by_text(page.words["will"])).to_be_visible(timeout=SOON)
    press(page, page.words["off"])
    expect(guest.get_by_role("button", name=guest.words["sign_in"], exact=True)).to_be_visible(timeout=15000)


def test_two_switches_of_an_address_pressed_in_one_moment_both_count(people):
    page = people()
    both = [page.locator(f"[class*='st-key-switch-{switch}-'] input").first for switch in ("notify", "email_sync")]
    for switch in both:
        expect(switch).not_to_be_checked(timeout=SOON)
    page.evaluate(
        """() => ["notify", "email_sync"].forEach(of => document.querySelector(`[class*='st-key-switch-${of}-'] input`).click())"""
    )
    page.wait_for_timeout(2000)
    page.reload()
    for switch in both:
        expect(switch).to_be_checked(timeout=SOON)


@pytest.mark.parametrize("locale", WORDS)
def test_a_field_is_put_back_from_the_record(people, locale):
    page = people(locale)
    form = edit(page)
    before = form.get_by_label("Name *", exact=True).input_value()
    form.get_by_label("Name *", exact=True).fill(f"Ein Versehen {locale}")
    press(page, page.words["save"])
    expect(page.get_by_role("heading", name=f"Ein Versehen {locale}").first).to_be_visible(timeout=SOON)
    page.get_by_text(page.words["history"], exact=True).click()
    table = page.get_by_test_id("stDataFrame")
    expect(table).to_be_visible(timeout=SOON)
    for filter_, wanted in (("who", "Olga Owner"), ("field", page.words["name_of"])):
        page.locator(f".st-key-history-{filter_}").get_by_role("combobox").click()
        page.get_by_role("option", name=wanted, exact=True).click()
        expect(table.locator("tbody tr").first).to_contain_text("Olga Owner", timeout=SOON)
    expect(table.locator("tbody")).not_to_contain_text(page.words["made"], timeout=SOON)
    expect(table.locator("tbody tr").first).to_contain_text(f"Ein Versehen {locale}")
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SOON)
    page.wait_for_timeout(800)
    box = table.bounding_box()
    page.mouse.click(box["x"] + 16, box["y"] + 32 + 14)
    page.locator('[class*="st-key-put-back-"] button').click(timeout=SOON)
    expect(page.locator(".st-key-account-bar").get_by_role("heading", name=before)).to_be_visible(timeout=SOON)
