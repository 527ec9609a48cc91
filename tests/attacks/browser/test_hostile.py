"""Hostile text stored in every text of a client and typed wherever one can type, in Chromium: shown literally, and nothing else happens.

Stored: every column of text of every table, past all checks. Typed: every input of every page and of every form that a button opens.
0 scripts run, 0 foreign requests, 0 violations of our policy, no element made of text, no error page.
"""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as TooSlow

import core.ui
from core.config import read_settings
from core.i18n import t
from core.rights import Viewer
from core.store import close_store, now, open_store, writer
from core.ui import editing
from core.web.sessions import start_session
from core.widgets.catalogue import CATALOGUE
from tests.attacks.filled import SYSTEM, fill
from tests.attacks.size import FULL
from tests.conftest import Server, build_firm

pytestmark = pytest.mark.browser
PIECES = (
    "<script>window.owned=1</script>", "<img id=owned src=https://evil.example/x onerror=window.owned=1>", "<b id=owned>fett</b>",
    "[owned](https://evil.example/)", "**owned**", ":red[owned]", "$owned^2$", "{{7*7}}", "${7*7}", "www.evil.example",
    "=HYPERLINK(\"https://evil.example/\")", "'; DROP TABLE account;--", "../../etc/passwd",
)  # fmt: skip
HOSTILE = "Übel " + " ".join(PIECES) + " ![owned](https://evil.example/i.png) `owned` :material/home: <svg id=owned onload=window.owned=1>"
STORED = HOSTILE + " \u202eowned\u202c \x1b[31m \x07 \u2066\u200b"
PAGES = ("accounts", "overview", "info", "access", "team", "profile", "settings", "audit")


def build_hostile(settings) -> tuple:
    firm = build_firm()
    with writer(SYSTEM) as tx:
        ids = {"account_id": firm.own, "contact_id": firm.contact, "contact_email_id": firm.address, "staff_member_id": firm.owner}
        pipeline = tx.insert("pipeline", name=STORED)
        stage = tx.insert("stage", pipeline_id=pipeline, name=STORED, position=1)
        fill(tx, "x", ids | {"pipeline_id": pipeline, "stage_id": stage}, STORED)
        tx.update("contact_email", firm.address, label=STORED, holder_name=STORED, holder_relation=STORED)
        tx.update("staff_member", firm.assigned, name=STORED)
        tag = tx.insert("tag", name=STORED)
        tx.insert("account_tag", account_id=firm.own, tag_id=tag)
        field = tx.insert("custom_field", scope="account", key="uebel", label=STORED, type="text", field_group=STORED)
        tx.insert("account_field_value", account_id=firm.own, custom_field_id=field, value=STORED)
        tx.insert("saved_view", staff_member_id=firm.owner, name=STORED, is_shared=True, definition="{}", created_at=now())
        tx.update("firm", tx.value("SELECT firm_id FROM firm"), name=STORED)
    firm.token = start_session(firm.owner, "127.0.0.1", STORED[:100])
    firm.portal = start_session(Viewer.contact(firm.address), "127.0.0.1", "x")
    return firm


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    data = tmp_path_factory.mktemp("hostile") / "data"
    close_store()
    open_store(read_settings({"KUNDENBLICK_DATA": str(data)}))
    firm = build_hostile(None)
    close_store()
    running = Server(data)
    running.firm = firm
    yield running
    running.stop()


@pytest.fixture
def person(browser: Browser, house):
    """A page for one session; what a browser notices is kept in ``seen``."""
    contexts, seen = [], []

    def come(token: str | None) -> Page:
        context = browser.new_context(locale="de-DE", viewport={"width": 1280, "height": 2000})
        contexts.append(context)
        if token:
            context.add_cookies([{"name": "kundenblick", "value": token, "url": house.url}])
        context.on(
            "request", lambda r: None if r.url.startswith((house.url, "data:", "blob:", "about:")) else seen.append(("foreign", r.url))
        )
        context.on("console", lambda m: seen.append(("policy", m.text)) if "Content Security Policy" in m.text else None)
        page = context.new_page()
        page.on("dialog", lambda d: (seen.append(("dialog", d.message)) if d.type != "beforeunload" else None, d.accept()))
        page.on("pageerror", lambda e: seen.append(("error", str(e))))
        page.set_default_timeout(60_000 if FULL else 15_000)
        return page

    yield come
    for context in contexts:
        context.close()
    assert seen == []


def settled(page: Page) -> None:
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible(timeout=60_000)


def clean(page: Page, where: object) -> None:
    """Nothing of the text became anything but text."""
    found = page.evaluate(
        """() => [window.owned ? 'script ran' : '', ...[...document.querySelectorAll(
            '#owned, [onerror], [onload], a[href*="evil.example" i], img[src*="evil.example"], iframe[srcdoc], .katex, [data-testid="stException"]'
        )].map(e => [...(e.closest('[class*="st-key-"]')?.classList ?? [])].join('.') + ' ' + (e.closest('[data-testid]')?.dataset.testid ?? '') + ' ' + e.outerHTML.slice(0, 300))].filter(Boolean)"""
    )
    assert found == [], where


def literally(page: Page, where: object) -> None:
    """Every piece stands on the page as it was written."""
    text = page.evaluate(
        "() => document.body.innerText.replaceAll('\u2060', '') + [...document.querySelectorAll('input, textarea')].map(e => e.value).join(' ')"
    )
    assert [piece for piece in PIECES if piece not in text] == [], where


def address(house, page_name: str) -> str:
    account = f"?account={house.firm.own}" if page_name in ("overview", "info") else ""
    return f"{house.url}/{'' if page_name == 'accounts' else page_name}{account}"


def places(house) -> list[str]:
    """Every page; beside them a member's own, a full list, and each section of the settings (by its number behind #)."""
    own = [address(house, name) for name in PAGES]
    return [
        *own, f"{house.url}/team?member={house.firm.assigned}", f"{address(house, 'overview')}&list=documents",
        *(f"{house.url}/settings#{place}" for place in (1, 2)),
    ]  # fmt: skip


def at(person: Page, where: str) -> None:
    address, _, section = where.partition("#")
    person.goto(address)
    # A page that has not begun is not running either.
    expect(person.locator('[data-testid="stSidebar"] input, .st-key-sign-in, .st-key-portal').first).to_be_attached(timeout=60_000)
    settled(person)
    if section:
        person.locator(".st-key-settings-section [role=radio]").nth(int(section)).click()
        expect(person.locator(".st-key-settings-section [role=radio]").nth(int(section))).to_have_attribute(
            "aria-checked", "true", timeout=60_000
        )
        settled(person)


def test_what_is_stored_is_shown_literally(person, house):
    page = person(house.firm.token)
    for name in PAGES if FULL else ("overview", "info", "settings"):
        at(page, address(house, name))
        clean(page, name)
        if name in ("overview", "info", "settings"):
            literally(page, name)
    for widget in CATALOGUE if FULL else CATALOGUE[:1]:
        at(page, f"{address(house, 'overview')}&list={widget.key}")
        clean(page, widget.key)
    page = person(house.firm.portal)
    at(page, house.url)
    clean(page, "portal")
    literally(page, "portal")


def type_everywhere(page: Page, scope, text: str) -> int:
    """Every text input that can be seen is filled; returns how many."""
    inputs = scope.locator(
        "input[type=text]:visible:not([readonly]), input[type=search]:visible, input[type=password]:visible, textarea:visible"
    )
    count = inputs.count()
    for place in range(count):
        try:
            if inputs.nth(place).get_attribute("role") != "combobox":
                inputs.nth(place).fill(text, timeout=5_000)
        except TooSlow:
            continue  # drawn anew meanwhile: the next look finds it
    return count


def press_on(page: Page, scope) -> None:
    """Save, and once more where the consequences are said first."""
    for _ in range(2):
        go = scope.locator('[data-testid="stBaseButton-primary"]:visible, [data-testid="stBaseButton-primaryFormSubmit"]:visible')
        if not go.count():
            return
        try:
            go.last.click(timeout=5_000)
        except TooSlow:
            return
        settled(page)


def opens(page: Page, what: str = '[data-testid="stDialog"], [data-testid="stPopoverBody"]') -> None:
    """Wait for what a button opens; many open nothing."""
    with contextlib.suppress(TooSlow):
        page.locator(what).first.wait_for(timeout=3_000)
    settled(page)


def open_dialog(page: Page):
    dialog = page.get_by_test_id("stDialog")
    return dialog if dialog.count() else None


def buttons(page: Page, scope) -> list[str]:
    """Keys of the buttons that can be pressed here."""
    return page.evaluate(
        """(root) => [...(root ? document.querySelector(root) : document).querySelectorAll('[class*="st-key-"]')]
            .filter(e => e.querySelector(':scope button') && e.offsetParent && !e.querySelector(':scope [class*="st-key-"] button'))
            .map(e => [...e.classList].find(c => c.startsWith('st-key-')))""",
        scope,
    )


def test_what_is_typed_stays_text(person, house):
    page, titles, typed = person(house.firm.token), set(), 0
    for where in places(house) if FULL else [address(house, "info")]:
        at(page, where)
        typed += type_everywhere(page, page.get_by_test_id("stApp"), HOSTILE)
        page.keyboard.press("Enter")
        settled(page)
        clean(page, where)
        at(page, where)
        keys = dict.fromkeys(buttons(page, None)) if FULL else ["st-key-edit-details"]
        for key in keys:
            typed += one_button(page, where, key, titles)
    known = headings()
    print(f"{typed} inputs filled, {len(titles & known)} of {len(known)} forms opened; not: {', '.join(sorted(known - titles))}")
    assert typed >= (40 if FULL else 3)
    assert len(titles & known) >= (8 if FULL else 1)


def headings() -> set[str]:
    """The heading of every form there is."""
    for module in pkgutil.iter_modules(core.ui.__path__, "core.ui."):
        if module.name != "core.ui.frame":
            importlib.import_module(module.name)
    return {t(title) for title, *_ in editing.FORMS.values()}


def one_button(page: Page, where: str, key: str, titles: set[str]) -> int:
    """Press a button; where it opens a form, type into all of it and save; where it opens more buttons, those too."""
    if re.search(r"leave|sign-?out|view-as|session|end-|lang", key):
        return 0
    typed = 0
    if page.url != where or open_dialog(page) or page.locator('[data-testid="stPopoverBody"]').count():
        at(page, where)
    button = page.locator(f".{key} button:visible").first
    try:
        button.click(timeout=4_000)
    except TooSlow:
        return 0
    opens(page)
    clean(page, (where, key))
    popover = page.locator('[data-testid="stPopoverBody"]:visible')
    if popover.count() and not open_dialog(page):
        typed += type_everywhere(page, popover.first, HOSTILE)
        clean(page, (where, key, "popover"))
        inner = page.evaluate(
            """() => [...document.querySelectorAll('[data-testid="stPopoverBody"] [class*="st-key-"]')]
                .filter(e => e.querySelector('button')).map(e => [...e.classList].find(c => c.startsWith('st-key-')))"""
        )
        for below in dict.fromkeys(inner):
            if re.search(r"leave|sign-?out|view-as|lang", below):
                continue
            at(page, where)
            try:
                page.locator(f".{key} button:visible").first.click(timeout=4_000)
                page.locator(f'[data-testid="stPopoverBody"] .{below} button:visible').first.click(timeout=4_000)
            except TooSlow:
                continue
            opens(page, '[data-testid="stDialog"]')
            typed += in_dialog(page, (where, key, below), titles)
        at(page, where)
        return typed
    return typed + in_dialog(page, (where, key), titles)


def in_dialog(page: Page, where: tuple, titles: set[str]) -> int:
    dialog = open_dialog(page)
    if dialog is None:
        clean(page, where)
        return 0
    titles.add(dialog.get_by_role("heading").first.inner_text().strip() if dialog.get_by_role("heading").count() else "")
    titles.update(re.findall(r"^.+$", dialog.inner_text(), re.M)[:1])
    with contextlib.suppress(TooSlow):
        dialog.locator(".st-key-form-buttons button").last.wait_for(timeout=15_000)
        dialog.locator("input[type=text]:visible, textarea:visible").first.wait_for(timeout=3_000)
    settled(page)
    typed = type_everywhere(page, dialog, HOSTILE)
    clean(page, where)
    if typed:
        press_on(page, dialog)
        clean(page, where)
        if FULL and open_dialog(page):
            type_everywhere(page, dialog, "M" * 1_000_000)
            press_on(page, dialog)
            clean(page, where)
    return typed


ASKED = ["", "?first={0}", "?join={0}", "?invitation={0}", "?reset={0}", "?account={0}", "?oidc={0}", "?step={0}"]


@pytest.mark.parametrize("query", ASKED if FULL else ["?reset={0}"])
def test_a_stranger_types_and_asks(person, house, query):
    page = person(None)
    at(page, f"{house.url}/{query.format(quote(HOSTILE))}")
    clean(page, query)
    type_everywhere(page, page.get_by_test_id("stApp"), HOSTILE)
    page.keyboard.press("Enter")
    settled(page)
    clean(page, query)
    type_everywhere(page, page.get_by_test_id("stApp"), "\u202e\x1b\x07" + "M" * (1_000_000 if FULL else 1000))
    page.keyboard.press("Enter")
    settled(page)
    clean(page, query)
