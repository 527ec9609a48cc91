"""Hostile text stored in every text of a client, in Chromium: shown literally, and nothing else happens.

Every column of text of every table, past all checks. 0 scripts run, 0 foreign requests, 0 violations of our policy, no element made of
text, no error page. What people type is ``test_typed``.
"""

from __future__ import annotations

import pytest

from core.widgets.catalogue import CATALOGUE
from tests.attacks.hostile import PAGES, at, clean, literally, page_of
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
    page = person(house.house.portal)
    at(page, house.url)
    clean(page, "portal")
    literally(page, "portal")
