"""Which browser on which system a request came from, in words people know, as far as the browser says so."""

from __future__ import annotations

import re

# The first that fits; browsers name the ones they descend from too.
BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"), ("Opera", r"OPR/|Opera"), ("Samsung Internet", r"SamsungBrowser/"), ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"), ("Safari", r"Safari/"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", r"iPhone"), ("iPad", r"iPad"), ("Android", r"Android"), ("Windows", r"Windows"), ("macOS", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"), ("Linux", r"Linux|X11"),
)  # fmt: skip


def device_of(user_agent: str | None) -> tuple[str | None, str | None]:
    """(browser, system); None for what it does not say."""
    found = (next((name for name, mark in names if re.search(mark, user_agent or "")), None) for names in (BROWSERS, SYSTEMS))
    return next(found), next(found)
