"""Hostile text, and what a page looks like on which it stayed text: for the attacks in Chromium."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as TooSlow

from tests.attacks.size import FULL

PIECES = (
    "<script>window.owned=1</script>", "<img id=owned src=https://evil.example/x onerror=window.owned=1>", "<b id=owned>fett</b>",
    "[owned](https://evil.example/)", "**owned**", ":red[owned]", "$owned^2$", "{{7*7}}", "${7*7}", "www.evil.example",
    "=HYPERLINK(\"https://evil.example/\")", "'; DROP TABLE account;--", "../../etc/passwd",
)  # fmt: skip
HOSTILE = (
    "Übel "
    + " ".join(PIECES)
    + " ![owned](https://evil.example/i.png) `owned` :material/home: :streamlit: <svg id=owned onload=window.owned=1>"
)
STORED = HOSTILE + " \u202eowned\u202c \x1b[31m \x07 \u2066\u200b"
PAGES = tuple(file.stem for file in sorted((Path(__file__).parents[2] / "pages").glob("*.py")))
LONG = "\u202e\x1b\x07" + "M" * (1_000_000 if FULL else 1000)
TYPED_IN = (
    "input[type=text]:visible:not([readonly]):not([disabled]), input[type=search]:visible, input[type=password]:visible, "
    "input[type=email]:visible, input[type=url]:visible, input[type=tel]:visible, textarea:visible:not([disabled])"
)


def settled(page: Page) -> None:
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible(timeout=60_000)


def clean(page: Page, where: object) -> None:
    """Nothing of the text became anything but text."""
    found = page.evaluate(
        """() => [window.owned ? 'script ran' : '', ...[...document.querySelectorAll(
            '#owned, [onerror], [onload], a[href*="evil.example" i], img[src*="evil.example"], iframe[srcdoc], .katex, [aria-label="home icon"], img[alt="Streamlit logo"], [data-testid="stException"]'
        )].map(e => [...(e.closest('[class*="st-key-"]')?.classList ?? [])].join('.') + ' ' + (e.closest('[data-testid]')?.dataset.testid ?? '') + ' ' + e.outerHTML.slice(0, 300))].filter(Boolean)"""
    )
    assert found == [], where


def literally(page: Page, where: object) -> None:
    """Every piece stands on the page as it was written."""
    text = page.evaluate(
        "() => document.body.innerText.replaceAll('\u2060', '') + [...document.querySelectorAll('input, textarea')].map(e => e.value).join(' ')"
    )
    assert [piece for piece in PIECES if piece not in text] == [], where


def page_of(house, name: str) -> str:
    """The address of a page, of the hostile account where it is one of a client's."""
    account = f"?account={house.firm.own}" if name in ("overview", "info") else ""
    return f"{house.url}/{'' if name == 'today' else name}{account}"


def at(person: Page, where: str) -> None:
    address, _, section = where.partition("#")
    address, _, widget = address.partition("&list=")
    person.goto(address)
    # A page that has not begun is not running either.
    expect(person.locator('[data-testid="stSidebar"] input, .st-key-sign-in, .st-key-portal').first).to_be_attached(timeout=60_000)
    settled(person)
    expect(person.get_by_test_id("stSkeleton")).to_have_count(0, timeout=60_000)
    if widget:
        # A full list has no address of its own.
        person.locator(f".st-key-all-{widget} button").first.click(timeout=60_000)
        expect(person.locator(".st-key-list-wishes input").first).to_be_visible(timeout=60_000)
        settled(person)
    if section:
        person.locator(".st-key-settings-section [role=radio]").nth(int(section)).click()
        expect(person.locator(".st-key-settings-section [role=radio]").nth(int(section))).to_have_attribute(
            "aria-checked", "true", timeout=60_000
        )
        settled(person)


_long: Counter[str] = Counter()
# The key of an input, as a class of the page.
KEY = "e => [...(e.closest('[class*=\"st-key-\"]')?.classList ?? [])].find(c => c.startsWith('st-key-'))"


def type_everywhere(page: Page, scope: Locator, text: str) -> set[str]:
    """Fill every text input that can be seen, write into every choice and day too; returns the keys of those filled, as classes of the page."""
    met = set()
    slow = 10_000 if FULL else 5_000
    for days, inputs in ((False, scope.locator(TYPED_IN)), (True, scope.locator('[role="spinbutton"]:visible'))):
        for place in range(inputs.count()):
            one = inputs.nth(place)
            try:
                chooses = one.get_attribute("role", timeout=slow) == "combobox"
                if days:
                    one.focus(timeout=slow)
                    page.keyboard.type("<b>99")
                else:
                    one.fill(text[:2000] if chooses else text, timeout=slow)
                if chooses:
                    page.keyboard.press("Escape")
                elif key := one.evaluate(KEY):
                    met.add(key)
            except TooSlow:
                continue  # drawn anew meanwhile: the next look finds it
    return met


def type_long(page: Page, scope: Locator) -> None:
    """A megabyte into the text inputs, one after the other: all at once would be tens of megabytes with every message.

    Inputs that differ in a number only, as those of the firm's own fields, get it three times; ``test_forms`` gives it to every type.
    """
    inputs = scope.locator(TYPED_IN)
    for place in range(inputs.count()):
        with contextlib.suppress(TooSlow):
            one = inputs.nth(place)
            if one.get_attribute("role", timeout=5_000) != "combobox":
                kind = re.sub(r"\d+", "#", one.evaluate(KEY) or "")
                _long[kind] += 1
                if "#-in-field" in kind and _long[kind] > 3:
                    continue
                one.fill(LONG, timeout=20_000)
                page.keyboard.press("Tab")
                settled(page)
                one.fill("kurz", timeout=20_000)


def press_on(page: Page, scope: Locator) -> None:
    """Save, and once more where the consequences are said first."""
    for _ in range(2):
        go = scope.locator('[data-testid="stBaseButton-primary"]:visible, [data-testid="stBaseButton-primaryFormSubmit"]:visible')
        with contextlib.suppress(TooSlow):
            if go.count():
                go.last.click(timeout=5_000)
        settled(page)
