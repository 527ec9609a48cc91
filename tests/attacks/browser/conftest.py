"""The hostile firm and the people in front of it, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.attacks.hostile_house import run_hostile
from tests.attacks.size import FULL


@pytest.fixture(scope="package")
def house(tmp_path_factory):
    """The app on the hostile firm."""
    running = run_hostile(tmp_path_factory.mktemp("hostile") / "data")
    yield running
    running.stop()


@pytest.fixture
def person(browser: Browser, house):
    """A page for one session; what a browser notices is kept in ``seen``."""
    contexts, seen = [], []

    def come(token: str | None, server=house) -> Page:
        context = browser.new_context(locale="de-DE", viewport={"width": 1280, "height": 2000})
        contexts.append(context)
        if token:
            context.add_cookies([{"name": "kundenblick", "value": token, "url": server.url}])
        ours = (server.url, "data:", "blob:", "about:")
        context.on("request", lambda r: None if r.url.startswith(ours) else seen.append(("foreign", r.url)))
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
