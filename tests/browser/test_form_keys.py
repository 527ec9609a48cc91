"""A form takes what one types at once: focus in its first field, Ctrl+Enter saves, Escape leaves, and asks where something was typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.contexts import settled

pytestmark = pytest.mark.browser
SOON = 30000  # a loaded machine is slow; a wait ends when the thing is seen


def opened(page: Page, button: str) -> None:
    """The form that this button opens is drawn, and its first field has the focus."""
    page.locator(f"{button} button:visible").first.click()
    expect(page.locator('[role="dialog"] .st-key-form-buttons')).to_be_visible(timeout=SOON)
    page.wait_for_function("() => document.activeElement.matches('[role=dialog] input, [role=dialog] textarea')", timeout=SOON)
    settled(page)


def test_a_form_is_filled_saved_and_left_without_the_mouse(small_server, visit):
    page = visit(small_server, "owner", f"/overview?account={small_server.firm.own}")
    expect(page.locator(".st-key-card-contracts")).to_be_visible(timeout=SOON)
    page.wait_for_function("() => window.kundenblickFormKeys")
    settled(page)
    dialog = page.get_by_role("dialog")
    opened(page, ".st-key-add-task")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0, timeout=SOON)
    settled(page)
    opened(page, ".st-key-add-task")
    page.keyboard.type("Rückruf am Montag")
    page.keyboard.press("Escape")
    expect(dialog.get_by_role("button", name="Verwerfen")).to_be_visible(timeout=SOON)
    settled(page)
    dialog.get_by_role("button", name="Weiter bearbeiten").click()
    expect(dialog.get_by_role("button", name="Speichern")).to_be_visible(timeout=SOON)
    settled(page)
    page.keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0, timeout=SOON)
    expect(page.locator(".st-key-card-tasks")).to_contain_text("Rückruf am Montag", timeout=SOON)
    settled(page)
    opened(page, ".st-key-add-note")
    page.keyboard.type("Nur vormittags anrufen")
    page.keyboard.press("Control+Enter")
    expect(dialog).to_have_count(0, timeout=SOON)
    expect(page.locator(".st-key-card-notes")).to_contain_text("Nur vormittags anrufen", timeout=SOON)
