"""Name the browser and the system of a User-Agent header in words people know: *Chrome auf Linux*."""

from __future__ import annotations

import re

from core.i18n import t

# Name and pattern, for Python and for SQL; the first match counts, since browsers also name the ones they descend from.
BROWSERS = (
    ("Edge", r"\bEdg(e|A|iOS)?\b"), ("Opera", r"OPR/|\bOpera\b"), ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"\bFirefox\b|FxiOS/"), ("Chrome", r"Chrome/|\bChrome\b|CriOS/|Chromium/"), ("Safari", r"\bSafari\b"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", r"\biPhone\b"), ("iPad", r"\biPad\b"), ("Android", r"\bAndroid\b"), ("Windows", r"\bWindows\b"),
    ("macOS", r"Mac OS X|Macintosh|\bMac(OS)?\b"), ("ChromeOS", r"\bCrOS\b"), ("Linux", r"\bLinux\b|\bX11\b"),
)  # fmt: skip
# A header has products with versions, *curl/8.5.0*; a name that people gave, *Büro-PC Empfang*, has none and is shown as it is.
HEADER = r"^\S+/\d"


def device_of(user_agent: str | None) -> tuple[str | None, str | None]:
    """Return (browser, system); None for what the header does not say."""
    found = (next((name for name, mark in names if re.search(mark, user_agent or "")), None) for names in (BROWSERS, SYSTEMS))
    return next(found), next(found)


def device(user_agent: str | None) -> str:
    """Return the browser and the system in a few words; never a header as it was sent."""
    browser, system = device_of(user_agent)
    if browser and system:
        return t("common.device", browser=browser, system=system)
    if browser or system:
        return browser or system or ""
    named = " ".join((user_agent or "").split())
    return named if named and not re.search(HEADER, named) else t("common.device_unknown")


def device_in_sql(column: str) -> tuple[str, dict[str, object]]:
    """Return the SQL of what ``device`` writes for a column's text, and its parameters, for finding a word in it."""
    browser, system = (_first(column, names) for names in (BROWSERS, SYSTEMS))
    named = f"CASE WHEN coalesce(trim({column}), '') = '' OR regexp_matches({column}, '{HEADER}') THEN $device_unknown ELSE {column} END"
    both = f"CASE WHEN {browser} IS NOT NULL AND {system} IS NOT NULL THEN {browser} || $device_on || {system} END"
    before, _, after = t("common.device", browser="\0", system="\0").strip("\0").partition("\0")
    return f"coalesce({both}, {browser}, {system}, {named})", {"device_on": before + after, "device_unknown": t("common.device_unknown")}


def system_in_sql(column: str) -> str:
    """Return the SQL of the system that a column's text names, NULL for none."""
    return _first(column, SYSTEMS)


def _first(column: str, names: tuple[tuple[str, str], ...]) -> str:
    """Return SQL for the first name whose pattern a column's text holds, NULL for none."""
    return "CASE " + " ".join(f"WHEN regexp_matches({column}, '{mark}') THEN '{name}'" for name, mark in names) + " END"
