"""Streamlit's own words stand there in the person's language, people's own text as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import streamlit
from playwright.sync_api import Page, expect

from core.i18n import words_of

pytestmark = pytest.mark.browser
SOON = 30000  # a loaded machine is slow; a wait ends when the thing is seen
SAID = """() => {
  const said = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.nodeType === Node.TEXT_NODE) { if (!node.parentElement.closest('style, script')) said.add(node.nodeValue.trim()); }
    else for (const name of ['aria-label', 'aria-valuetext', 'title', 'placeholder', 'alt']) said.add((node.getAttribute(name) ?? '').trim());
  }
  return [...said];
}"""


def english_words() -> dict[str, str]:
    german = words_of("de")
    return {key: text for key, text in words_of("en").items() if key.startswith("streamlit.") and text != german[key]}


def left_in_english(page: Page) -> list[str]:
    patterns = [re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(text)) + r"\Z") for text in english_words().values()]
    return [said for said in page.evaluate(SAID) if said and any(pattern.match(said) for pattern in patterns)]


def test_every_word_is_one_of_the_installed_streamlit():
    scripts = (Path(streamlit.__file__).parent / "static/static/js").glob("*.js")
    bundle = "".join(script.read_text("utf-8", "replace") for script in scripts)
    composed = re.compile(
        r"\{\w+\}|(?<=^Press) | to |Ctrl|\. (?=Running)|[:,] ?(?=\{)|^1 (?=option)|(?<=options) |(?<=option) (?=available)"
    )
    for key, text in words_of("en").items():
        if key.startswith("streamlit."):
            parts = [part.strip() for part in composed.split(text) if part and part.strip()]
            assert parts and all(part in bundle for part in parts), (key, text)


def test_german_from_the_sign_in_on(visit, server):
    page = visit(server, None, "/accounts")
    expect(page.locator("html")).to_have_attribute("lang", "de", timeout=SOON * 2)
    page.wait_for_timeout(500)
    assert left_in_english(page) == []
    page.get_by_role("button", name="Inhaberin").click(timeout=SOON * 2)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=SOON * 2)
    # No menu of Streamlit's stands over clients' data.
    expect(page.get_by_role("button", name="Hauptmenü")).to_have_count(0)
    page.locator(".st-key-person button").click()
    expect(page.get_by_text("Darstellung")).to_be_visible(timeout=SOON)
    assert left_in_english(page) == []
    page.keyboard.press("Escape")
    table = page.get_by_test_id("stDataFrame").bounding_box()
    # Where Streamlit has the menu of a column, at the end of its head, a press is one on the head: here that of the tags.
    page.mouse.move(table["x"] + 570, table["y"] + 16)
    page.mouse.click(table["x"] + 577, table["y"] + 16)
    page.wait_for_url("**/accounts?sort=tags", timeout=SOON)
    expect(page.get_by_test_id("stDataFrameColumnMenu")).to_have_count(0)
    page.get_by_role("button", name="Filter").click()
    tags = page.locator('[class*="st-key-only-tags"] input')
    expect(tags).to_be_visible(timeout=SOON)
    tags.click()
    expect(page.get_by_text("Alle auswählen")).to_be_visible(timeout=SOON)
    assert left_in_english(page) == []
    page.keyboard.type("zzz")
    expect(page.get_by_text("Nichts gefunden")).to_be_visible(timeout=SOON)
    assert left_in_english(page) == []
    page.goto(f"{server.url}/gibtesnicht")
    expect(page.get_by_text("Diese Seite gibt es nicht.").or_(page.get_by_text("Die Seite /gibtesnicht"))).to_be_visible(timeout=SOON)
    assert left_in_english(page) == []


def test_another_language_is_said_at_once_and_back(visit, server):
    page = visit(server, "admin", "/accounts", "en-GB")
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=SOON * 2)
    for language, lang, own in (("Deutsch", "de", "Seitenleiste einklappen"), ("English", "en", "Collapse sidebar")):
        page.locator('[data-testid="stSidebar"] [data-testid="stPopover"] button').click()
        page.get_by_role("radio", name=language).click()
        expect(page.locator("html")).to_have_attribute("lang", lang, timeout=SOON)
        expect(page.get_by_role("button", name=own)).to_be_attached(timeout=SOON)
        page.keyboard.press("Escape")


def test_a_client_called_like_a_word_of_streamlit_keeps_the_name(visit, small_server):
    page = visit(small_server, "owner", "/accounts")
    page.get_by_role("button", name="Neuer Kunde").click(timeout=SOON * 2)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name *", exact=True).fill("Main menu")
    dialog.get_by_role("button", name="Speichern").click()
    expect(page.get_by_role("heading", name="Main menu")).to_be_visible(timeout=SOON)
