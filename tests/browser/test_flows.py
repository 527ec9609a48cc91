"""What people keep, from end to end in a real browser, German and English: fields, team of many, addresses, access, work, a new client."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from core.i18n import words_of
from tests.conftest import go, run_small

pytestmark = pytest.mark.browser
SOON = 15000


@pytest.fixture(scope="module")
def firm_server(tmp_path_factory):
    running = run_small(tmp_path_factory.mktemp("flows") / "data")
    yield running
    running.stop()


@pytest.fixture(params=["de", "en"])
def person(visit, firm_server, request) -> Page:
    """The owner at work; ``say`` gives the words on the screen."""
    page = visit(firm_server, locale={"de": "de-DE", "en": "en-GB"}[request.param])
    page.code, page.say = request.param, words_of(request.param).__getitem__
    page.own = f"account={firm_server.firm.own}"
    page.base = firm_server.url
    return page


def dialog(page: Page):
    return page.get_by_test_id("stDialog")


def press(page: Page, word: str) -> None:
    dialog(page).get_by_role("button", name=page.say(word), exact=True).click(timeout=SOON)


def closed(page: Page) -> None:
    expect(dialog(page)).to_have_count(0, timeout=SOON)


def test_a_field_is_defined_ordered_retired_and_used_again(person):
    person.goto(f"{person.base}/settings")
    label, other = f"Feld (neu) {person.code}", f"Zweites-Feld {person.code}"
    rows = person.locator('[data-testid="stHorizontalBlock"][class*="st-key-row-field-"]')
    for name, typed in ((label, "Text"), (other, "")):
        person.get_by_role("button", name=person.say("fields.new"), exact=True).click(timeout=SOON)
        if typed:
            press(person, "common.save")
            expect(dialog(person).locator('[data-testid="stCaptionContainer"]').first).to_be_visible(timeout=SOON)
        dialog(person).get_by_label(f"{person.say('fields.label')} *", exact=True).fill(name)
        press(person, "common.save")
        closed(person)
        expect(rows.filter(has_text=name)).to_have_count(1, timeout=SOON)
    expect(rows.last).to_contain_text(other)
    rows.last.locator('[class*="st-key-field-up-"] button:visible').click()
    expect(rows.last).to_contain_text(label, timeout=SOON)
    rows.last.locator('[class*="st-key-field-retire-"] button:visible').click()
    expect(rows.filter(has_text=label)).to_have_count(0, timeout=SOON)
    person.get_by_test_id("stExpander").locator("summary").click()
    person.get_by_role("button", name=person.say("fields.restore"), exact=True).first.click()
    expect(rows.filter(has_text=label)).to_have_count(1, timeout=SOON)
    go(person, f"/info?{person.own}")
    person.locator(".st-key-edit-details button").click(timeout=SOON)
    dialog(person).get_by_label(label, exact=True).fill(f"Wert von {label}")
    press(person, "common.save")
    closed(person)
    expect(person.locator(".st-key-card-details").get_by_text(f"Wert von {label}")).to_be_visible(timeout=SOON)


def test_an_address_taken_off_its_contact_finds_one_of_three_ways_out(person):
    person.goto(f"{person.base}/info?{person.own}")
    orphans = person.locator(".st-key-card-orphans")
    for way in {"de": ("delete", "give"), "en": ("switch_off", "give")}[person.code]:
        email = f"{way.replace('_', '-')}-{person.code}@mueller.example"
        person.locator('[class*="st-key-menu-contact-"] button:visible').first.click(timeout=SOON)
        person.get_by_text(person.say("info.email_add"), exact=True).click()
        dialog(person).get_by_label(f"{person.say('info.email')} *", exact=True).fill(email)
        press(person, "common.save")
        closed(person)
        address = person.locator('[data-testid="stVerticalBlock"][class*="st-key-address-"]').filter(has_text=email)
        address.get_by_text(person.say("info.notify"), exact=True).click(timeout=SOON)
        expect(address.locator('input[type="checkbox"]').nth(2)).to_be_checked(timeout=SOON)
        address.locator('[class*="st-key-menu-address-"] button:visible').click()
        person.get_by_text(person.say("info.email_remove"), exact=True).click()
        press(person, "info.email_remove")
        closed(person)
        expect(orphans.get_by_text(email)).to_be_visible(timeout=SOON)
        row = orphans.locator('[data-testid="stHorizontalBlock"][class*="st-key-orphan-"]').filter(has_text=email)
        row.get_by_role("button", name=person.say(f"info.orphan_{way}"), exact=True).click()
        if way == "give":
            dialog(person).get_by_role("combobox").click(timeout=SOON)
            person.get_by_role("option", name="Maria Müller").click()
            press(person, "common.save")
            press(person, "form.confirm")
        else:
            press(person, f"info.orphan_{way}")
        closed(person)
        expect(address).to_have_count(1 if way == "give" else 0, timeout=SOON)
        expect(row).to_have_count(1 if way == "switch_off" else 0, timeout=SOON)
        if way == "switch_off":
            expect(row).to_contain_text(person.say("info.orphan_nothing"), timeout=SOON)


def test_access_at_a_glance_and_the_team_of_many(person):
    person.goto(f"{person.base}/access")
    table = person.locator('[data-testid="stMain"] [data-testid="stDataFrame"]')
    expect(table.locator("th")).to_have_count(9, timeout=SOON)
    expect(table.get_by_text(person.say("matrix.login_without_notify"))).to_have_count(1, timeout=SOON)
    person.get_by_text(person.say("matrix.only_odd"), exact=True).click()
    expect(table.locator("tbody tr").first).to_contain_text("maria@mueller.example", timeout=SOON)
    go(person, "/")
    team = person.locator(f"{'[data-testid=stMain] [data-testid=stDataFrame]'} tbody td:nth-child(6)")
    expect(team.first).to_be_attached(timeout=SOON)
    person.locator(".st-key-many button").click()
    dialog(person).get_by_label(person.say("many.add_team"), exact=True).click(timeout=SOON)
    colleague = {"de": "Udo Niemand", "en": "Anna Zugeordnet"}[person.code]
    person.get_by_role("option", name=colleague).click()
    person.keyboard.press("Escape")
    expect(dialog(person).get_by_test_id("stAlert")).to_contain_text("3", timeout=SOON)
    press(person, "many.save")
    confirm = dialog(person).get_by_role("button", name=person.say("form.confirm"), exact=True)
    expect(confirm).to_be_visible(timeout=SOON)
    confirm.click()
    closed(person)
    expect(team.filter(has_text=colleague)).to_have_count(3, timeout=SOON)


def test_a_note_is_pinned_and_a_client_made_with_the_keyboard_alone(person):
    person.goto(f"{person.base}/overview?{person.own}")
    person.locator(".st-key-add-note button:visible").click(timeout=SOON)
    note = f"Ruft <b>zurück</b> {person.code}"
    dialog(person).get_by_label(person.say("work.text"), exact=True).fill(note)
    dialog(person).get_by_text(person.say("work.is_pinned"), exact=True).click()
    press(person, "common.save")
    closed(person)
    expect(person.locator(".st-key-card-notes td").get_by_text(note)).to_have_count(1, timeout=SOON)

    go(person, "/")
    button = person.get_by_role("button", name=person.say("accounts.new"), exact=True)
    expect(button).to_be_visible(timeout=SOON)
    button.focus()
    person.keyboard.press("Enter")
    name = dialog(person).get_by_label(f"{person.say('accounts.name')} *", exact=True)
    expect(name).to_be_visible(timeout=SOON)
    tab_until(person, name)
    person.keyboard.type(f"Nur Tasten {person.code}", delay=15)
    tab_until(person, dialog(person).get_by_role("button", name=person.say("common.save"), exact=True))
    person.keyboard.press("Enter")
    expect(person.get_by_role("heading", name=f"Nur Tasten {person.code}")).to_be_visible(timeout=SOON)
    expect(person).to_have_url(re.compile(r"/overview\?account=\d+$"))


def tab_until(page: Page, wanted) -> None:
    for _ in range(70):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("no way there by Tab")
