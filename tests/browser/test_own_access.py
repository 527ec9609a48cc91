"""One's own access in a real browser: second factor, recovery code, sessions ended; a role that needs a factor, a reset link."""

from __future__ import annotations

import time

import pyotp
import pytest
from playwright.sync_api import Page, expect

from tests.contexts import settled
from tests.servers import run_small
from tests.small_firm import PASSWORD

pytestmark = pytest.mark.browser
SOON = 20000
WORDS = {
    "en-GB": {
        "email": "Email address", "password": "Password", "go": "Sign in", "landed": "Today", "own": "My access", "device": "Chrome on Linux",
        "set_up": "Set up", "old": "Present password", "next": "Next", "by_hand": "No camera", "confirm": "Confirm", "wrong": "This code is wrong",
        "done": "I have stored the codes safely", "ten": "10 recovery codes", "nine": "9 recovery codes", "end": "End", "end_others": "End all others",
        "alone": "You are signed in here only.",
    },
    "de-DE": {
        "email": "E-Mail-Adresse", "password": "Passwort", "go": "Anmelden", "landed": "Heute", "own": "Mein Zugang", "device": "Chrome auf Linux",
        "set_up": "Einrichten", "old": "Bisheriges Passwort", "next": "Weiter", "by_hand": "Ohne Kamera", "confirm": "Bestätigen",
        "wrong": "Dieser Code stimmt nicht", "done": "Ich habe die Codes sicher aufbewahrt", "ten": "10 Wiederherstellungscodes",
        "nine": "9 Wiederherstellungscodes", "end": "Beenden", "end_others": "Alle anderen beenden", "alone": "Sie sind nur hier angemeldet.",
    },
}  # fmt: skip
DE, EN = WORDS["de-DE"], WORDS["en-GB"]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A running firm of its own: its rules for signing in change here."""
    running = run_small(tmp_path_factory.mktemp("access") / "data")
    yield running
    running.stop()


@pytest.fixture
def people(visit, place):
    """Browsers of people who are not signed in yet."""
    return lambda locale="de-DE", path="/": visit(place, None, path, locale)


def fill(page: Page, who: str, words: dict, password: str = PASSWORD) -> None:
    form = page.get_by_test_id("stForm")
    form.get_by_label(words["email"]).fill(f"{who}@kanzlei.example", timeout=SOON)
    form.get_by_label(words["password"]).first.fill(password)
    form.get_by_role("button", name=words["go"], exact=True).click()


def secret_on(page: Page, by_hand: str) -> str:
    expect(page.locator("img.kb-qr")).to_be_visible(timeout=SOON)
    page.get_by_text(by_hand).click()
    code = page.get_by_test_id("stCode").locator("code")
    expect(code).to_be_visible(timeout=SOON)
    return code.inner_text().replace(" ", "").strip()


def send_code(page: Page, code: str, button: str) -> None:
    page.get_by_label("Code", exact=True).fill(code, timeout=SOON)
    page.get_by_role("button", name=button, exact=True).click()


def heading(page: Page, name: str) -> None:
    expect(page.get_by_role("heading", name=name, exact=True)).to_be_visible(timeout=SOON)


def test_a_backup_is_made_on_the_settings_page_and_found_whole(people):
    """Before the owner has a second factor."""
    page = people("de-DE", "/settings")
    fill(page, "owner", DE)
    page.get_by_role("radio", name="Sicherungen").click(timeout=SOON)
    expect(page.get_by_text("Es gibt noch keine geprüfte Sicherung.")).to_be_visible(timeout=SOON)
    page.get_by_role("button", name="Jetzt sichern").click()
    expect(page.get_by_text("Letzte geprüfte Sicherung: ")).to_be_visible(timeout=60000)
    expect(page.get_by_test_id("stProgress")).to_have_count(0)


@pytest.mark.parametrize(("locale", "who"), [("en-GB", "everything"), ("de-DE", "owner")])
def test_a_factor_is_set_up_asked_for_and_the_other_sessions_end(people, locale, who):
    words, page = WORDS[locale], people(locale)
    fill(page, who, words)
    heading(page, words["landed"])
    page.get_by_test_id("stSidebar").get_by_test_id("stPopover").get_by_role("button").click()
    page.get_by_role("link", name=words["own"]).click()
    heading(page, words["own"])
    expect(page.get_by_text(words["device"]).first).to_be_visible()
    page.get_by_role("button", name=words["set_up"]).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label(words["old"]).fill(PASSWORD, timeout=SOON)
    dialog.get_by_role("button", name=words["next"]).click()
    secret = secret_on(page, words["by_hand"])
    send_code(page, "000000", words["confirm"])
    expect(page.get_by_text(words["wrong"])).to_be_visible(timeout=SOON)
    send_code(page, pyotp.TOTP(secret).now(), words["confirm"])
    done = page.get_by_role("button", name=words["done"])
    expect(done).to_be_visible(timeout=SOON)
    codes = page.get_by_test_id("stCode").locator("code").inner_text().split()
    assert len(codes) == 10
    done.click()
    expect(page.get_by_text(words["ten"])).to_be_visible(timeout=SOON)

    second = people(locale)
    fill(second, who, words)
    send_code(second, "123456", words["go"])
    expect(second.get_by_text(words["wrong"])).to_be_visible(timeout=SOON)
    assert all(cookie["name"] != "kundenblick" for cookie in second.context.cookies())
    send_code(second, codes[3], words["go"])
    heading(second, words["landed"])

    page.reload()
    expect(page.get_by_text(words["nine"])).to_be_visible(timeout=SOON)
    # In English the other one by its own button, in German all others at once.
    expect(page.get_by_role("button", name=words["end"], exact=True).first).to_be_visible(timeout=SOON)
    if locale == "en-GB":
        ends = page.get_by_role("button", name=words["end"], exact=True)
        for left in range(ends.count(), 0, -1):
            settled(page)
            ends.first.click()
            expect(ends).to_have_count(left - 1, timeout=SOON)
    else:
        page.get_by_role("button", name=words["end_others"]).click()
    expect(page.get_by_text(words["alone"])).to_be_visible(timeout=SOON)
    expect(second.get_by_test_id("stForm").get_by_label(words["email"])).to_be_visible(timeout=7000)
    if locale == "de-DE":
        employees_need_one(page)


def employees_need_one(page: Page) -> None:
    """The firm's rule, for the test that follows."""
    page.goto(page.url.replace("/profile", "/settings"))
    page.get_by_text("Anmeldung", exact=True).click(timeout=SOON)
    page.get_by_text("Mitarbeiterinnen und Mitarbeiter").click(timeout=SOON)
    expect(page.get_by_text("Gespeichert")).to_be_visible(timeout=SOON)


def test_who_needs_a_factor_is_led_through_its_set_up_first(people):
    page = people("en-GB")
    fill(page, "assigned", EN)
    expect(page.get_by_text("Your firm asks for a second factor")).to_be_visible(timeout=SOON)
    secret = secret_on(page, "No camera")
    # The code of the half minute to come is taken too, and stays good for the sign-in after this one.
    send_code(page, pyotp.TOTP(secret).at(time.time()), "Confirm")
    page.get_by_role("button", name="I have stored the codes safely").click(timeout=SOON)
    heading(page, "Today")
