"""A document put into the client's record in a real browser: filed, seen by a colleague, shared, withdrawn, in both languages."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.contexts import click_row
from tests.test_uploads import PDF

pytestmark = pytest.mark.browser
SOON = 15000
WORDS = {
    "de-DE": {
        "put": "Ablegen", "firm": "{n} von der Kanzlei", "empty": "Diese Datei ist leer", "edit": "Name und Freigabe", "save": "Speichern",
        "by": "nur Kanzlei", "shared": "freigegeben", "withdraw": "Zurückziehen", "share": "Für den Kunden freigeben",
        "none": "In dieser Auswahl steht nichts.", "opened": "Geöffnet von ",
    },
    "en-GB": {
        "put": "File", "firm": "{n} from the firm", "empty": "This file is empty", "edit": "Name and sharing", "save": "Save",
        "by": "firm only", "shared": "shared", "withdraw": "Withdraw", "share": "Share with the client",
        "none": "Nothing in this selection.", "opened": "Opened by ",
    },
}  # fmt: skip


@pytest.fixture(params=WORDS)
def pages(request, visit, small_server):
    """Two browsers of the owner's at the client's Overview."""
    found = [visit(small_server, "owner", f"/overview?account={small_server.firm.empty}", request.param) for _ in range(2)]
    for page in found:
        expect(page.locator(".st-key-add-document button")).to_be_visible(timeout=SOON)
    return *found, WORDS[request.param]


def press(page: Page, name: str) -> None:
    page.get_by_test_id("stDialog").get_by_role("button", name=name, exact=True).click()


def open_firm_document(page: Page, words: dict[str, str], place: int) -> None:
    """The row at this place of the firm's documents, opened from the card."""
    page.locator(".st-key-firm-documents button").click()
    open_row(page, place)


def open_row(page: Page, place: int) -> None:
    """The row at this place of the list, opened: the grid is a canvas."""
    grid = page.get_by_test_id("stDialog").get_by_test_id("stDataFrame")
    expect(grid).to_be_visible(timeout=SOON)
    click_row(grid, 250, place)
    expect(page.locator(".st-key-document-foot")).to_be_visible(timeout=SOON)


def test_a_document_is_filed_seen_shared_and_withdrawn(pages, small_server):
    mine, theirs, words = pages
    mine.locator(".st-key-add-document button").click()
    # What Streamlit says of sizes has a space before the unit, in either language.
    expect(mine.get_by_test_id("stFileUploaderDropzoneInstructions")).to_have_text(re.compile(r"25\sMB (je Datei|per file)"), timeout=SOON)
    chooser = mine.get_by_test_id("stDialog").locator("input[type=file]")
    pdf = {"name": "Bescheid.pdf", "mimeType": "text/html", "buffer": PDF}
    chooser.set_input_files([pdf, {"name": "leer.txt", "mimeType": "text/plain", "buffer": b""}])
    expect(mine.get_by_test_id("stDialog").get_by_role("textbox")).to_have_count(2, timeout=SOON)
    press(mine, words["put"])
    expect(mine.get_by_text(words["empty"])).to_be_visible(timeout=SOON)
    mine.get_by_test_id("stDialog").get_by_test_id("stFileChipDeleteBtn").last.get_by_role("button").click()
    expect(mine.get_by_test_id("stDialog").get_by_role("textbox")).to_have_count(1, timeout=SOON)
    name = mine.get_by_test_id("stDialog").get_by_role("textbox")
    name.fill("Bescheid 2025")
    name.press("Enter")
    press(mine, words["put"])
    for page in (mine, theirs):
        expect(page.get_by_text(words["firm"].format(n=1))).to_be_visible(timeout=SOON)
    open_firm_document(theirs, words, 0)
    dialog = theirs.get_by_test_id("stDialog")
    expect(dialog.get_by_text("Bescheid 2025.pdf")).to_be_visible()
    expect(dialog.get_by_text(words["by"])).to_be_visible()
    expect(dialog.get_by_text(words["opened"])).to_be_visible()
    press(theirs, words["edit"])
    theirs.get_by_test_id("stDialog").get_by_text(words["share"]).click()
    press(theirs, words["save"])
    open_row(theirs, 0)
    expect(theirs.get_by_test_id("stDialog").get_by_text(words["shared"])).to_be_visible()
    press(theirs, words["withdraw"])
    expect(theirs.locator(".st-key-form-buttons")).to_be_visible(timeout=SOON)
    press(theirs, words["withdraw"])
    # The list it was opened from is there again, without it.
    expect(theirs.get_by_test_id("stDialog").get_by_text(words["none"])).to_be_visible(timeout=SOON)
    theirs.keyboard.press("Escape")
    expect(theirs.get_by_test_id("stDialog")).to_have_count(0, timeout=SOON)
    for page in (mine, theirs):
        expect(page.locator(".st-key-firm-documents")).to_have_count(0, timeout=SOON)


def test_a_pdf_stands_in_the_page_of_a_whole_chromium(small_server, browser_type, browser_type_launch_args):
    """The Chromium the other tests use may be one without a window around it, which shows no PDF."""
    violations = []
    with browser_type.launch(**browser_type_launch_args | {"executable_path": "/usr/bin/chromium"}) as whole:
        context = whole.new_context(locale="de-DE", viewport={"width": 1280, "height": 900})
        context.add_cookies([{"name": "kundenblick", "value": small_server.token, "url": small_server.url}])
        context.on("console", lambda m: violations.append(m.text) if "Content Security Policy" in m.text else None)
        page = context.new_page()
        page.goto(f"{small_server.url}/overview?account={small_server.firm.foreign}")
        page.locator(".st-key-add-document button").click(timeout=SOON)
        form = page.get_by_test_id("stDialog")
        form.locator("input[type=file]").set_input_files({"name": "Bescheid.pdf", "mimeType": "application/pdf", "buffer": PDF})
        expect(form.get_by_role("textbox")).to_have_count(1, timeout=SOON)
        expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SOON)
        press(page, WORDS["de-DE"]["put"])
        expect(page.get_by_test_id("stDialog")).to_have_count(0, timeout=SOON)
        with page.expect_event("framenavigated", lambda frame: frame.url.startswith("chrome-extension://"), timeout=SOON):
            open_firm_document(page, WORDS["de-DE"], 0)
        assert any(frame.url.startswith(f"{small_server.url}/document/") for frame in page.frames)
    assert violations == []
