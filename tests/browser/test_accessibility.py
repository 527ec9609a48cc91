"""axe finds nothing on the main pages but what docs/accessibility.md lists of elements that are not ours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.contexts import go, settled
from tests.size import some

pytestmark = pytest.mark.browser
SOON = 30000  # a loaded machine is slow; a wait ends when the thing is seen
LISTED = re.findall(r"^\| ([\w-]+) \| `([^`]+)` \|", (Path(__file__).parents[2] / "docs/accessibility.md").read_text("utf-8"), re.MULTILINE)


# Only what is wrong is gathered, and no style sheet fetched a second time; which rules are asked stays as it is.
BRIEF = {"resultTypes": ["violations"], "preload": False}
# What colours can make wrong; the other rules find the same in the dark and in the light.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def problems(page: Page, rules: dict | None = None) -> list[tuple[str, str]]:
    """(rule, HTML) of everything axe finds that is not listed for that rule and place."""
    settled(page)
    found = []
    for violation in Axe().run(page, options=BRIEF | (rules or {})).response["violations"]:
        for node in violation["nodes"]:
            element = page.locator(node["target"][-1]).first
            listed = [selector for rule, selector in LISTED if rule == violation["id"]]
            if not any(element.evaluate("(e, selector) => e.matches(selector)", selector) for selector in listed):
                found.append((violation["id"], node["html"][:160]))
    return found


def in_both_schemes(page: Page) -> list[tuple[str, str]]:
    """What axe finds on the page as it stands, in the dark and in the light; on a small screen, with the same colours, in the dark."""
    found, backgrounds = [], set()
    for scheme in ("dark", "light") if page.viewport_size["width"] > 640 else ("dark",):
        page.emulate_media(color_scheme=scheme)
        shown = "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
        page.wait_for_function(f"([seen]) => !seen.includes({shown})", arg=[sorted(backgrounds)])
        page.wait_for_timeout(400)  # buttons follow the page a moment later
        found += problems(page, COLOURS if backgrounds else None)
        backgrounds.add(page.evaluate(shown))
    return found


@pytest.mark.parametrize("width", some([390, 1280], 2))
def test_nothing_of_ours(visit, server, width):
    page = visit(server, None, "/accounts", viewport={"width": width, "height": 850})
    enter = page.get_by_role("button", name="Inhaberin")
    expect(enter).to_be_visible(timeout=SOON * 2)
    assert in_both_schemes(page) == [], "sign-in"
    enter.click()
    expect(page.get_by_test_id("stDataFrame")).to_be_visible(timeout=SOON * 2)
    assert in_both_schemes(page) == [], "clients"
    page.get_by_role("button", name="Filter", exact=True).click()
    page.get_by_test_id("stPopoverBody").get_by_text("Unternehmen", exact=True).click()
    expect(page.locator(".st-key-filters-on")).to_be_visible(timeout=SOON)
    assert in_both_schemes(page) == [], "filters"
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("stPopoverBody")).to_have_count(0)
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Kunden suchen")
    expect(field).to_be_focused(timeout=SOON)
    page.keyboard.type("nordlicht", delay=40)
    expect(page.get_by_role("option").first).to_be_visible(timeout=SOON)
    assert in_both_schemes(page) == [], "search"
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("stDataFrame")).to_have_count(13, timeout=SOON)
    assert in_both_schemes(page) == [], "overview"
    page.locator(".st-key-all-documents button:visible").click()
    expect(page.get_by_role("dialog").get_by_test_id("stDataFrame")).to_be_visible(timeout=SOON)
    assert in_both_schemes(page) == [], "full list"
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0, timeout=SOON)


@pytest.mark.parametrize(("width", "scheme"), some([(390, "dark"), (1280, "light")], 2))
def test_nothing_of_ours_where_the_record_is_kept(visit, small_server, width, scheme):
    page = visit(small_server, path="/", viewport={"width": width, "height": 850}, color_scheme=scheme)
    form = page.get_by_test_id("stDialog")
    account = f"?account={small_server.firm.own}"
    for path, ready, *forms in (
        (f"/info{account}", ".st-key-edit-details button", ".st-key-edit-details button", ".st-key-contact-create button"),
        ("/access", '[data-testid="stDataFrame"]'),
        ("/settings?section=fields", ".st-key-fields-new button", ".st-key-fields-new button"),
        (f"/overview{account}", ".st-key-card-contracts", ".st-key-add-time_entry button"),
        (f"/overview?account={small_server.firm.empty}", ".st-key-card-contracts"),
    ):
        go(page, path)
        expect(page.locator(f"{ready}:visible").first).to_be_visible(timeout=SOON * 2)
        assert problems(page) == [], path
        for opens in forms:
            page.locator(f"{opens}:visible").click()
            expect(form.get_by_role("button", name="Speichern", exact=True)).to_be_visible(timeout=SOON)
            assert problems(page) == [], opens
            if opens != forms[-1]:
                expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SOON)
                form.get_by_role("button", name="Abbrechen", exact=True).click()
                expect(form).to_have_count(0, timeout=SOON)


@pytest.mark.parametrize(("width", "scheme"), some([(1280, "light"), (390, "dark")], 2))
def test_nothing_of_ours_where_trust_is_kept(visit, small_server, width, scheme):
    """Who may what, what happened, one's own access, who sees a client; and the warning before a sign-in ends, in its own colours."""
    page = visit(small_server, path=f"/info?account={small_server.firm.own}", viewport={"width": width, "height": 850}, color_scheme=scheme)
    page.locator(".st-key-who-sees button:visible").first.click(timeout=SOON * 2)
    expect(page.get_by_test_id("stPopoverBody").get_by_text("Rolle Inhaber/in.")).to_be_visible(timeout=SOON)
    assert problems(page) == [], "who sees"
    page.keyboard.press("Escape")
    for path, ready in (
        ("/", ".st-key-card-today-invoices"),
        ("/activity", ".st-key-block-tasks"),
        ("/audit", '[data-testid="stDataFrame"]'),
        ("/queries", '[data-testid="stDataFrame"]'),
        ("/profile", ".st-key-card-password"),
        (f"/team?member={small_server.firm.assigned}", ".st-key-member-head"),
        ("/team", ".st-key-invite"),
    ):
        go(page, path)
        expect(page.locator(f"{ready}:visible").first).to_be_visible(timeout=SOON)
        assert problems(page) == [], path
    # A primary button that stands in it; to wait for the real one takes half an hour.
    page.locator(".st-key-team-head").evaluate("head => head.classList.add('st-key-session-end')")
    assert problems(page, COLOURS) == [], "warning"
