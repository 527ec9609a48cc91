"""Name the browser and the system in a User-Agent header, in words people know."""

from __future__ import annotations

import re

# Name and pattern; the first match counts, since browsers also name the ones they descend from.
BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"), ("Opera", r"OPR/|Opera"), ("Samsung Internet", r"SamsungBrowser/"), ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|Chromium/"), ("Safari", r"Safari/"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", r"iPhone"), ("iPad", r"iPad"), ("Android", r"Android"), ("Windows", r"Windows"), ("macOS", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"), ("Linux", r"Linux|X11"),
)  # fmt: skip


def device_of(user_agent: str | None) -> tuple[str | None, str | None]:
    """Return (browser, system); None for what the header does not say."""
    found = (next((name for name, mark in names if re.search(mark, user_agent or "")), None) for names in (BROWSERS, SYSTEMS))
    return next(found), next(found)
