"""The firm's own fields in a real browser, German and English: defined, ordered, changed with a look at what that does; filled in, refused."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from core.base.config import read_settings
from core.base.contact_points import JOINER
from core.base.fields import TYPES
from core.clients.account_record import edit_account
from core.clients.custom_fields import define_field
from core.clients.list_columns import USUAL
from core.i18n import words_of
from core.identity.sessions import start_session
from core.operations.installation import open_installation
from core.store import close_store
from tests.contexts import settled
from tests.servers import Server
from tests.small_firm import build_firm

pytestmark = pytest.mark.browser
SOON = 20000
ENTRIES = ("Lastschrift", "Überweisung", "Rechnung")
LOCALES = {"de": "de-DE", "en": "en-GB"}


def named(type_: str) -> str:
    return f"Art {type_.replace('_', ' ')}"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The small firm with a field of every type, two that must not stay empty, and for each language two that hold values."""
    data = tmp_path_factory.mktemp("fields") / "data"
    close_store()
    open_installation(read_settings({"KUNDENBLICK_DATA": str(data)}))
    firm = build_firm()
    owner = firm.viewer("owner")

    def define(label: str, type_: str, **more) -> str:
        return f"field:{define_field(owner, scope='account', label=label, type=type_, **more)}"

    for type_ in TYPES:
        define(named(type_), type_, group="Probe", options=ENTRIES if type_.startswith("choice") else ())
    define("Pflicht", "text", required=True)
    define("Zugestimmt", "yes_no", required=True)
    held = {code: (define(f"Zahl {code}", "text"), define(f"Wege {code}", "choices", options=ENTRIES)) for code in LOCALES}
    for which, text, ways in (("own", "12", ENTRIES[:1]), ("foreign", "zwölf", ENTRIES[1:]), ("empty", "1,5", ENTRIES[:2])):
        values = {key: value for text_key, ways_key in held.values() for key, value in ((text_key, text), (ways_key, ways))}
        edit_account(firm.account(which), None, values, "de", partly=True)
    token = start_session(firm.owner, "127.0.0.1", "test")
    close_store()
    running = Server(data)
    running.firm, running.tokens = firm, {"owner": token}
    yield running
    running.stop()


@pytest.fixture(params=LOCALES)
def come(request, visit, server):
    """``come("/settings")``: the owner's page in the language of this run."""

    def page(path: str) -> Page:
        opened = visit(server, "owner", path, LOCALES[request.param])
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


def saved(page: Page) -> None:
    press(page, "common.save")
    expect(dialog(page)).to_have_count(0, timeout=SOON)


def fill(page: Page, label: str, text: str) -> None:
    field = dialog(page).get_by_role("textbox", name=label, exact=True)
    settled(page)
    field.fill(text, timeout=SOON)
    field.press("Tab")


def pick(page: Page, label: str, *options: str) -> None:
    box = dialog(page).get_by_role("combobox", name=label, exact=True)
    for option in options:
        wanted = page.get_by_role("option", name=option, exact=True)
        settled(page)
        box.click(timeout=SOON)
        try:
            expect(wanted).to_be_visible(timeout=4000)
        except AssertionError:  # a run that came in between closed the list
            box.click()
        wanted.click(timeout=SOON)
    if len(options) > 1:
        page.keyboard.press("Escape")


def rows(page: Page) -> list[str]:
    settled(page)
    return [row.split("\n")[0] for row in page.locator('[data-testid="stHorizontalBlock"][class*="st-key-row-field-"]').all_inner_texts()]


def act(page: Page, label: str, way: str) -> None:
    settled(page)
    page.get_by_role("button", name=f"{label}: {page.say(f'fields.{way}')}", exact=True).click(timeout=SOON)


def define_order_and_retire(page: Page) -> None:
    say, label = page.say, "Zahlweg"
    page.locator(".st-key-fields-new button").click(timeout=SOON)
    fill(page, f"{say('fields.label')} *", label)
    pick(page, say("fields.type"), say("fields.type_choice"))
    press(page, "common.save")
    expect(dialog(page).get_by_text(say("errors.field_options"))).to_be_visible(timeout=SOON)
    fill(page, say("fields.options"), "Lastschrift\nRechnung")
    fill(page, say("fields.group"), "Zahlung")
    dialog(page).get_by_text(say("fields.required"), exact=True).click()
    saved(page)
    row = page.locator('[data-testid="stHorizontalBlock"][class*="st-key-row-field-"]').filter(has_text=label)
    told = " · ".join((say("fields.type_choice"), "Zahlung", say("fields.required"), "Lastschrift, Rechnung"))
    expect(row).to_contain_text(told, timeout=SOON)

    before = rows(page)
    act(page, label, "up")
    expect(page.locator('[data-testid="stHorizontalBlock"][class*="st-key-row-field-"]').nth(before.index(label) - 1)).to_contain_text(
        label
    )
    act(page, label, "retire")
    expect(row).to_have_count(0, timeout=SOON)
    page.get_by_text(say("fields.retired.one").format(n=1), exact=True).click(timeout=SOON)
    page.get_by_role("button", name=say("fields.restore"), exact=True).click(timeout=SOON)
    expect(row).to_have_count(1, timeout=SOON)
    act(page, label, "retire")  # or every other form of this file would ask for it
    expect(row).to_have_count(0, timeout=SOON)


def test_fields_are_defined_ordered_changed_and_retired(come):
    page = come("/settings?section=fields")
    say = page.say
    if page.code == "de":
        define_order_and_retire(page)

    # Another type: what stays, what is written otherwise and what is lost, by example, before it is so.
    act(page, f"Zahl {page.code}", "edit")
    pick(page, say("fields.type"), say("fields.type_number"))
    # Half a number, as a German writes it, is none in English.
    kept, lost, n, examples = {"de": (("other", 2), "one", 1, "zwölf"), "en": (("one", 1), "other", 2, "zwölf; 1,5")}[page.code]
    expect(dialog(page).get_by_text(say(f"fields.effect_kept.{kept[0]}").format(n=kept[1]))).to_be_visible(timeout=SOON)
    expect(dialog(page).get_by_text(say(f"fields.effect_lost.{lost}").format(n=n, examples=examples))).to_be_visible()
    saved(page)
    expect(page.locator('[class*="st-key-row-field-"]').filter(has_text=f"Zahl {page.code}").last).to_contain_text(
        say("fields.type_number")
    )

    # An entry that goes.
    act(page, f"Wege {page.code}", "edit")
    fill(page, say("fields.options"), "Überweisung\nRechnung")
    expect(dialog(page).get_by_text(say("fields.effect_lost.one").format(n=1, examples="Lastschrift"))).to_be_visible(timeout=SOON)
    examples = "Lastschrift, Überweisung → Überweisung"
    expect(dialog(page).get_by_text(say("fields.effect_rewritten.one").format(n=1, examples=examples))).to_be_visible()
    saved(page)

    if page.code == "en":
        page.locator(".st-key-fields-starter button").click(timeout=SOON)
        dialog(page).get_by_text("Finanzamt · Text").click(timeout=SOON)
        press(page, "fields.add")
        expect(dialog(page)).to_have_count(0, timeout=SOON)
        assert {"Steuernummer", "Kontenrahmen"} <= set(rows(page))
        assert "Finanzamt" not in rows(page)


WRONG = {
    "text": "x" * 501, "number": "viele", "money": {"de": "1,005", "en": "1.005"}, "email": "a@", "phone": "12", "link": "javascript:alert(1)",
    "iban": "DE88370400440532013000", "vat_id": "DE136695977",
}  # fmt: skip
SAID = {
    "text": ("too_long", {"longest": 500, "found": 501}), "number": ("number_form", {}), "money": ("number_places", {"places": 2}),
    "email": ("email_form", {}), "phone": ("phone_form", {}), "link": ("link_form", {}), "iban": ("iban_form", {}),
    "vat_id": ("vat_id_form", {}), "Pflicht": ("needed", {}), "address": ("postcode_form", {"country": "Deutschland", "example": "10115"}),
}  # fmt: skip
RIGHT = {
    "text": "kurz", "number": {"de": "1.234,5", "en": "1,234.5"}, "money": {"de": "1.234,50 €", "en": "€2,468.50"}, "email": "Büro@Müller.example",
    "phone": "0421 12345", "link": "www.mueller.example", "iban": "de89370400440532013000", "vat_id": "de136695976",
}  # fmt: skip
SHOWN = {
    "text": "kurz", "number": {"de": "1.234,5", "en": "1,234.5"}, "money": {"de": "1.234,50\u00a0€", "en": "€2,468.50"},
    "email": "büro@müller.example", "phone": "+49 421 12345", "link": "https://www.mueller.example", "iban": "DE89 3704 0044 0532 0130 00",
    "vat_id": "DE136695976", "date": {"de": "31.12.2026", "en": "31/12/2026"}, "yes_no": {"de": "ja", "en": "yes"}, "choice": "Rechnung",
    "choices": "Überweisung, Rechnung", "staff_member": "Anna Zugeordnet", "long_text": "Zeile eins\nZeile zwei",
    "address": "Am Markt 1, 28195 Bremen, Deutschland",
}  # fmt: skip


def fill_the_rest(page: Page) -> None:
    """What has an input of its own kind, and a postcode that is none."""
    say = page.say
    for part, text in (("street", "Am Markt 1"), ("postcode", "281"), ("city", "Bremen")):
        fill(page, say(f"form.{part}"), text)
    pick(page, say("form.country"), "Deutschland")
    fill(page, named("long_text"), SHOWN["long_text"])
    pick(page, "Art choice", "Rechnung")
    pick(page, "Art choices", "Rechnung", "Überweisung")
    pick(page, named("staff_member"), "Anna Zugeordnet")


def test_every_type_has_its_input_says_what_is_wrong_and_shows_what_was_kept(come, server):
    assert SHOWN.keys() == set(TYPES)
    page = come(f"/info?account={server.firm.own if come.code == 'de' else server.firm.foreign}")
    form, say = dialog(page), page.say

    # In English what it writes otherwise; its sentences are the same look-up in the same table.
    types = TYPES if page.code == "de" else ("number", "money", "date", "yes_no")

    def of(values: dict, type_: str) -> str:
        return values[type_][page.code] if isinstance(values[type_], dict) else values[type_]

    page.locator(".st-key-edit-details button").click(timeout=SOON)
    for type_ in WRONG.keys() & set(types):
        fill(page, named(type_), of(WRONG, type_))
    day = form.get_by_label("Art date", exact=True).get_by_role("spinbutton").first
    day.click()
    page.keyboard.type("31022026")
    page.keyboard.press("Tab")
    typed, made = ("31.02.2026", "28.02.2026") if page.code == "de" else ("31/02/2026", "28/02/2026")
    expect(page.get_by_text(say("common.no_such_day").format(typed=typed, made=made))).to_be_visible(timeout=SOON)
    settled(page)
    day.click()
    page.keyboard.type("31122026")
    form.get_by_text(named("yes_no"), exact=True).click()
    if page.code == "de":
        fill_the_rest(page)
    press(page, "common.save")
    expect(form.get_by_text(say("errors.needed"))).to_be_visible(timeout=SOON)
    # Said above the buttons as well, which are drawn last: a field may be out of sight.
    expect(form.get_by_text(say("form.wrong").split("{")[0].strip())).to_be_visible(timeout=SOON)
    seen = form.inner_text().replace(JOINER, "")
    told = [say(f"errors.{code}").format(**filled) for type_, (code, filled) in SAID.items() if type_ in (*types, "Pflicht")]
    assert [sentence for sentence in told if sentence not in seen] == []

    for type_ in RIGHT.keys() & set(types):
        fill(page, named(type_), of(RIGHT, type_))
    if page.code == "de":
        fill(page, say("form.postcode"), "28195")
    fill(page, "Pflicht *", "da")
    saved(page)
    card = page.locator(".st-key-card-details")
    expect(card).to_contain_text(of(SHOWN, "money"), timeout=SOON)
    shown = card.inner_text().replace(JOINER, "")
    assert [of(SHOWN, type_) for type_ in types if of(SHOWN, type_) not in shown] == []
    # A switch that nobody touched is seen as no; where one must answer, it is that.
    assert f"Zugestimmt\n{say('common.no')}" in shown
    if page.code == "de":
        page.locator(".st-key-edit-details button").click(timeout=SOON)
        expect(form.get_by_role("textbox", name="Art money", exact=True)).to_have_value("1.234,50")
        press(page, "common.cancel")
        expect(form).to_have_count(0, timeout=SOON)
    in_the_list_of_clients(page, of(SHOWN, "money"), of(RIGHT, "money"))


def in_the_list_of_clients(page: Page, shown: str, typed: str) -> None:
    """A column of Kunden, searched, filtered by what one reads, and sorted; in English upwards and then downwards."""
    say, client = page.say, "Müller/Weber GbR" if page.code == "de" else "Schmidt Straßenbau"
    page.get_by_test_id("stSidebar").get_by_role("link", name=say("frame.clients"), exact=True).click()
    page.get_by_role("button", name=say("accounts.columns"), exact=True).click(timeout=SOON)
    inside = page.get_by_test_id("stPopoverBody")
    for label in ("Art money", *(say(f"accounts.{key}") for key in USUAL if key != "name")):
        inside.get_by_text(label, exact=True).click(timeout=SOON)
        settled(page)
    page.keyboard.press("Escape")
    page.locator(".st-key-only-text input").fill(typed.strip("€ "))
    table = page.locator('[data-testid="stMain"] [data-testid="stDataFrame"]')
    cells, lines = table.locator("tbody"), table.locator("tbody tr")
    expect(cells).to_contain_text(shown, timeout=SOON)
    page.locator(".st-key-only-text input").fill("")
    expect(lines).to_have_count(3, timeout=SOON)
    expect(lines.first).to_contain_text("Leer AG")

    # The list is drawn anew once the search is empty: until then the filters would close again.
    settled(page)
    page.get_by_role("button", name=say("accounts.filters")).click(timeout=SOON)
    inside.get_by_label(say("accounts.condition"), exact=True).click(timeout=SOON)
    page.keyboard.type("Art money", delay=20)
    page.get_by_role("option", name="Art money", exact=True).click(timeout=SOON)
    inside.get_by_label(say("accounts.condition_how"), exact=True).click(timeout=SOON)
    page.get_by_role("option", name=say("accounts.how.between"), exact=True).click(timeout=SOON)
    for end in ("from", "until"):
        amount = inside.get_by_role("textbox", name=say(f"accounts.condition_{end}"), exact=True)
        expect(amount).to_be_visible(timeout=SOON)
        settled(page)
        amount.fill(typed.strip("€ "), timeout=SOON)
        amount.press("Enter")
    expect(lines).to_have_count(1, timeout=SOON)
    page.keyboard.press("Escape")
    expect(cells).to_contain_text(client)
    page.locator(".st-key-filters-on").get_by_role(
        "button", name=f"Art money: {say('accounts.says.between').format(a=shown, b=shown)}"
    ).click()
    expect(lines).to_have_count(3, timeout=SOON)

    for way in "↑" if page.code == "de" else "↑↓":
        settled(page)
        box = table.bounding_box()
        page.mouse.click(box["x"] + box["width"] * 0.8, box["y"] + 16)
        expect(table.locator("th")).to_have_text([re.compile("^(Foto|Photo)"), "Name", f"{way} Art money"], timeout=SOON)
    expect(lines.first).to_contain_text(client, timeout=SOON)
