"""Hostile text stored in every text of a client, in Chromium: shown literally, and nothing else happens.

Every column of text of every table, past all checks. 0 scripts run, 0 foreign requests, 0 violations of our policy, no element made of
text, no error page. What people type is ``test_typed``.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from core.overview.catalogue import CATALOGUE
from tests.attacks.hostile import PAGES, at, clean, literally, page_of, settled
from tests.attacks.size import FULL

pytestmark = pytest.mark.browser


def test_what_is_stored_is_shown_literally(person, house):
    page = person(house.house.token)
    for name in PAGES if FULL else ("overview", "info", "settings"):
        at(page, page_of(house, name))
        clean(page, name)
        if name in ("overview", "info", "settings"):
            literally(page, name)
    for widget in CATALOGUE if FULL else CATALOGUE[:1]:
        at(page, f"{page_of(house, 'overview')}&list={widget.key}")
        clean(page, widget.key)
    for widget in ("documents", "emails", "chats"):
        at(page, page_of(house, "overview"))
        card = page.locator(f".st-key-card-{widget} .dvn-scroller")
        card.scroll_into_view_if_needed()
        card.click(position={"x": 100, "y": 45})
        title = page.get_by_test_id("stDialog").get_by_role("heading").first
        expect(title).to_contain_text("Übel", timeout=60_000)
        settled(page)
        clean(page, ("dialog", widget))
        assert ":material/home:" in title.inner_text().replace("\u2060", ""), widget
    page = person(house.house.portal)
    at(page, house.url)
    clean(page, "portal")
    literally(page, "portal")
