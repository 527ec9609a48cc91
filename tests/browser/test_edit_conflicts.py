"""In a real browser, German and English: tags kept; work added and edited before a colleague's eyes; what is refused keeps what was typed;
access at a glance; a client made with the keyboard alone."""

from __future__ import annotations

import os
import re

import pytest
from playwright.sync_api import Page, expect

from core.base.rights import Right
from core.i18n import words_of
from core.ui.parts.short_words import short_name
from tests import forked
from tests.contexts import click_row, go, settled
from tests.servers import run_small

pytestmark = pytest.mark.browser
SOON = 20000
OPEN_PAGE = 5000  # so long after a save was acknowledged, every open page shows it


@pytest.fixture(scope="module")
def firm_server(tmp_path_factory):
    running = run_small(tmp_path_factory.mktemp("keeping") / "data")
    yield running
    running.stop()


@pytest.fixture(params=["de", "en"])
def come(request, visit, firm_server):
    """``come("owner", "/settings")``: that person's page in the language of this run."""

    def page(who: str, path: str) -> Page:
        opened = visit(firm_server, who, path, {"de": "de-DE", "en": "en-GB"}[request.param])
        opened.code, opened.say = request.param, words_of(request.param).__getitem__
        settled(opened)
        return opened

    page.code = request.param
    return page


def dialog(page: Page):
    return page.get_by_test_id("stDialog")


def press(page: Page, word: str) -> None:
    settled(page)
    dialog(page).get_by_role("button", name=page.say(word), exact=True).click(timeout=SOON)


def closed(page: Page) -> None:
    expect(dialog(page)).to_have_count(0, timeout=SOON)


def saved(page: Page) -> None:
    press(page, "common.save")
    closed(page)


def fill(page: Page, word: str, text: str, *, star: bool = True) -> None:
    field = dialog(page).get_by_label(page.say(word) + (" *" if star else ""), exact=True)
    settled(page)
    field.fill(text, timeout=SOON)
    field.press("Tab")


def open_first(page: Page, card: str, then: str) -> None:
    """A click on the first row of a card, until its form stands there."""
    settled(page)
    click_row(page.locator(f".st-key-card-{card} [data-testid=stDataFrame]"), 40)
    expect(dialog(page).get_by_text(page.say(then), exact=True).first).to_be_visible(timeout=SOON)


def test_tags_are_made_given_to_many_renamed_and_deleted(come):
    page, name = come("owner", "/settings"), f"<b>Eilig</b> {come.code}"
    page.get_by_text(page.say("settings.tags"), exact=True).click(timeout=SOON)
    page.get_by_role("button", name=page.say("tags.new"), exact=True).click(timeout=SOON)
    press(page, "common.save")
    expect(dialog(page).get_by_text(page.say("errors.tag_name"))).to_be_visible(timeout=SOON)
    fill(page, "tags.name", name)
    dialog(page).get_by_text(page.say("tags.color_green")).click()
    saved(page)
    row = page.locator('[data-testid="stHorizontalBlock"][class*="st-key-row-field-tag-"]').filter(has_text=name)
    expect(row).to_contain_text(page.say("tags.color_green"), timeout=SOON)
    give_to_many(page, name)
    expect(row).to_contain_text(page.say("tags.uses.other").format(n=3), timeout=SOON)
    row.get_by_role("button", name=page.say("tags.edit_of").format(name=name)).click()
    fill(page, "tags.name", f"Ruhig {come.code}")
    saved(page)
    expect(row).to_have_count(0, timeout=SOON)
    page.get_by_role("button", name=page.say("tags.delete_of").format(name=f"Ruhig {come.code}")).click()
    expect(dialog(page).get_by_text(page.say("tags.loses.other").format(n=3))).to_be_visible(timeout=SOON)
    press(page, "tags.delete")
    closed(page)
    expect(page.get_by_text(f"Ruhig {come.code}", exact=True)).to_have_count(0, timeout=SOON)


def give_to_many(page: Page, tag: str) -> None:
    """The tag to all clients of the list, and somebody to their team: first how many change, then who will see more."""
    page.get_by_test_id("stSidebar").get_by_role("link", name=page.say("frame.clients"), exact=True).click()
    page.locator(".st-key-many button").click(timeout=SOON)
    who, more = ("Udo Niemand", 3) if page.code == "de" else ("Anna Zugeordnet", 2)
    for part, chosen in (("add_tags", tag), ("add_team", who)):
        dialog(page).get_by_role("combobox", name=page.say(f"many.{part}"), exact=True).click(timeout=SOON)
        page.get_by_role("option", name=chosen, exact=True).click(timeout=SOON)
        page.keyboard.press("Escape")
        expect(dialog(page).get_by_text(page.say("many.count.other").format(n=3, of=3))).to_be_visible(timeout=SOON)
        settled(page)
    press(page, "many.save")
    told = page.say("consequences.sight_gained.other").format(who=who, n=more)
    expect(dialog(page).get_by_text(told)).to_be_visible(timeout=SOON)
    press(page, "many.confirm")
    closed(page)
    rows = page.locator('[data-testid="stMain"] [data-testid="stDataFrame"] tbody tr')
    for place in range(3):
        expect(rows.nth(place)).to_contain_text(tag, timeout=SOON)
        # Kunden says members shortly, and of more than have room how many.
        expect(rows.nth(place)).to_contain_text(re.compile(rf"{re.escape(short_name(who))}|\+1"))
    page.get_by_test_id("stSidebar").get_by_role("link", name=page.say("frame.settings"), exact=True).click()
    page.get_by_text(page.say("settings.tags"), exact=True).click(timeout=SOON)


def test_work_is_added_and_edited_before_a_colleagues_eyes_and_two_edits_are_settled(come, firm_server):
    path = f"/overview?account={firm_server.firm.empty if come.code == 'de' else firm_server.firm.foreign}"
    mine, theirs = come("owner", path), come("everything", path)

    def seen(card: str, text: str) -> None:
        expect(theirs.locator(f".st-key-card-{card} td").get_by_text(text).first).to_be_attached(timeout=OPEN_PAGE)

    mine.locator(".st-key-add-note button:visible").click(timeout=SOON)
    fill(mine, "work.text", "Ruft zurück", star=False)
    dialog(mine).get_by_text(mine.say("work.is_pinned"), exact=True).click()
    # The same button twice is one note.
    settled(mine)
    dialog(mine).get_by_role("button", name=mine.say("common.save"), exact=True).dblclick(timeout=SOON)
    closed(mine)
    pinned = theirs.locator(".st-key-pinned")
    expect(pinned.get_by_role("button", name="Ruft zurück")).to_have_count(1, timeout=OPEN_PAGE)
    expect(theirs.locator(".st-key-card-notes td").get_by_text("Ruft zurück")).to_have_count(0)
    mine.locator(".st-key-pinned").get_by_role("button", name="Ruft zurück").click()
    expect(dialog(mine).get_by_role("button", name=mine.say("info.edit"))).to_be_visible(timeout=SOON)
    press(mine, "info.edit")
    fill(mine, "work.text", "Hat zurückgerufen", star=False)
    saved(mine)
    expect(pinned.get_by_role("button", name="Hat zurückgerufen")).to_be_visible(timeout=OPEN_PAGE)

    mine.locator(".st-key-add-time_entry button:visible").click(timeout=SOON)
    fill(mine, "work.minutes", "bald")
    press(mine, "common.save")
    expect(dialog(mine).get_by_text(mine.say("errors.duration_form"))).to_be_visible(timeout=SOON)
    fill(mine, "work.minutes", "1:30")
    saved(mine)
    seen("time_entries", "1:30")
    open_first(mine, "time_entries", "work.time_entry")
    fill(mine, "work.minutes", "2:45")
    saved(mine)
    seen("time_entries", "2:45")

    mine.locator(".st-key-add-task button:visible").click(timeout=SOON)
    fill(mine, "work.title", "Belege anfordern")
    saved(mine)
    seen("tasks", "Belege anfordern")
    open_first(theirs, "tasks", "work.task")
    open_first(mine, "tasks", "work.task")
    fill(mine, "work.title", "Belege prüfen")
    saved(mine)
    fill(theirs, "work.title", "Belege buchen")
    press(theirs, "common.save")
    expect(dialog(theirs).get_by_text(theirs.say("form.conflict"))).to_be_visible(timeout=SOON)
    for word, text in (("was", "Belege anfordern"), ("theirs", "Belege prüfen"), ("mine", "Belege buchen")):
        expect(dialog(theirs).get_by_text(theirs.say(f"form.{word}").format(value=text))).to_be_visible()
    dialog(theirs).get_by_text(theirs.say("form.mine").format(value="Belege buchen")).click()
    press(theirs, "form.settle")
    expect(dialog(theirs).get_by_label(f"{theirs.say('work.title')} *", exact=True)).to_have_value("Belege buchen", timeout=SOON)
    press(theirs, "common.save")
    closed(theirs)
    expect(mine.locator(".st-key-card-tasks td").get_by_text("Belege buchen").first).to_be_attached(timeout=OPEN_PAGE)


def give_rights(server, rights: list[str]) -> None:
    """By the command, while the server runs."""
    command = ["-m", "core", "user", "rights", "everything@kanzlei.example", *rights]
    forked.run(command, os.environ | {"KUNDENBLICK_DATA": str(server.data)}).check_returncode()


def save_without_the_right(page: Page, server) -> None:
    """The right goes while the form is open: nothing is saved, and what was typed is there to copy."""
    page.locator(".st-key-edit-details button").click(timeout=SOON)
    fill(page, "accounts.name", f"Zu spät {page.code}")
    settled(page)
    give_rights(server, [right.value for right in Right if right is not Right.MANAGE_ACCOUNTS])
    try:
        dialog(page).get_by_role("button", name=page.say("common.save"), exact=True).click()
        expect(dialog(page).get_by_text(page.say("errors.not_allowed"))).to_be_visible(timeout=SOON)
        expect(dialog(page).get_by_text(page.say("form.kept"))).to_be_visible()
        expect(dialog(page).get_by_text(f"{page.say('accounts.name')}: Zu spät {page.code}")).to_be_visible()
        press(page, "common.cancel")
        press(page, "form.discard")
        closed(page)
        expect(page.get_by_role("heading", name=f"Zu spät {page.code}")).to_have_count(0)
    finally:
        give_rights(server, [right.value for right in Right])


def test_what_is_refused_changes_nothing_and_keeps_what_was_typed(come, firm_server):
    page = come("everything", f"/info?account={firm_server.firm.own}")
    page.locator('[class*="st-key-menu-contact-"] button:visible').first.click(timeout=SOON)
    page.get_by_text(page.say("info.email_add"), exact=True).click()
    pasted = f"Neu <neu-{come.code}@mueller.example>; maria@mueller.example"
    fill(page, "info.email", pasted)
    expect(dialog(page).get_by_text(page.say("info.add_all"), exact=True)).to_be_visible(timeout=SOON)
    press(page, "info.add_all")
    problem = page.say("errors.email_of_list").split("{email}")[1].split(".")[0]
    expect(dialog(page).get_by_text(problem)).to_be_visible(timeout=SOON)
    expect(dialog(page).get_by_label(f"{page.say('info.email')} *", exact=True)).to_have_value(pasted)
    press(page, "common.cancel")
    press(page, "form.discard")
    closed(page)
    expect(page.get_by_text(f"neu-{come.code}@mueller.example")).to_have_count(0)

    # A contact is taken off the client while somebody types into its form.
    owner = come("owner", f"/info?account={firm_server.firm.own}")
    owner.get_by_role("button", name=owner.say("info.contact_create")).click(timeout=SOON)
    name = f"Kurz da {come.code}"
    fill(owner, "info.name", name)
    press(owner, "common.save")
    closed(owner)
    expect(page.get_by_text(name, exact=True)).to_be_visible(timeout=SOON)
    menu = page.say("info.contact_more").format(name=name)
    page.get_by_role("button", name=menu).click()
    page.get_by_text(page.say("info.contact_edit"), exact=True).click()
    fill(page, "info.city", "Bremerhaven", star=False)
    owner.get_by_role("button", name=menu).click()
    owner.get_by_text(owner.say("info.contact_unlink"), exact=True).click()
    press(owner, "info.contact_unlink")
    closed(owner)
    # The open page may have noticed by itself; else the save does.
    gone = dialog(page).get_by_text(page.say("form.gone"))
    if not gone.is_visible():
        save = dialog(page).get_by_role("button", name=page.say("common.save"), exact=True)
        if save.is_visible():
            save.click()
    expect(gone).to_be_visible(timeout=SOON)
    expect(dialog(page).get_by_text("Bremerhaven")).to_be_visible()
    press(page, "common.close")
    closed(page)

    save_without_the_right(page, firm_server)


def test_access_at_a_glance_and_a_client_made_with_the_keyboard_alone(come):
    page = come("owner", "/access")
    table = page.locator('[data-testid="stMain"] [data-testid="stDataFrame"]')
    expect(table.get_by_text(page.say("matrix.login_without_notify"))).to_have_count(1, timeout=SOON)
    page.get_by_text(page.say("matrix.only_odd"), exact=True).click()
    expect(table.locator("tbody tr").first).to_contain_text("maria@mueller.example", timeout=SOON)

    go(page, "/accounts")
    button = page.get_by_role("button", name=page.say("accounts.new"), exact=True)
    expect(button).to_be_visible(timeout=SOON)
    button.focus()
    page.keyboard.press("Enter")
    name = dialog(page).get_by_label(f"{page.say('accounts.name')} *", exact=True)
    expect(name).to_be_visible(timeout=SOON)
    tab_until(page, name)
    page.keyboard.type(f"Nur Tasten {page.code}", delay=15)
    tab_until(page, dialog(page).get_by_role("button", name=page.say("common.save"), exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=f"Nur Tasten {page.code}")).to_be_visible(timeout=SOON)
    expect(page).to_have_url(re.compile(r"/overview\?account=\d+$"))


def tab_until(page: Page, wanted) -> None:
    for _ in range(70):
        if wanted.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError("no way there by Tab")
