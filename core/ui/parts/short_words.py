"""Say names, days and places so shortly that a row has room for them; the whole stands in the list, in exports and under the pointer."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from core.i18n import language, t
from core.i18n.formats import day, local, locale, moment, time_of_day, today
from core.ui.parts.escape import esc

# A day not further off than this is said with its weekday.
NEAR_DAYS = 6
# The part before the @ of an address that is made of a person's two names.
_TWO_NAMES = re.compile(r"([^\W\d_]{2,})[._]([^\W\d_]{2,}(?:-[^\W\d_]+)?)@.+")


def short_name(name: str | None) -> str:
    """Return *T. Krämer* for *Tobias Krämer*; a name of one word, or of more than four, as it is."""
    words = (name or "").split()
    if not 2 <= len(words) <= 4:
        return " ".join(words)
    while len(words) > 2 and words[0].endswith("."):
        words.pop(0)
    return f"{words[0][0]}. {' '.join(words[1:])}" if words[0][0].isalpha() else " ".join(words)


def short_names(names: str | None) -> str:
    """Return *T. Krämer +1* for names with commas between them."""
    each = [name for name in (names or "").split(", ") if name]
    return f"{short_name(each[0])} +{len(each) - 1}" if len(each) > 1 else short_name(names)


def short_sender(address: str | None) -> str:
    """Return *G. Weitzel* for *gerold.weitzel@…*; of any other address nothing can be known, it stays."""
    found = _TWO_NAMES.fullmatch(address or "")
    return f"{found[1][0].upper()}. {'-'.join(part.capitalize() for part in found[2].split('-'))}" if found else address or ""


def short_day(value: date | None) -> str:
    """Return *heute*, *gestern*, *morgen*, *Sa 28.11.*, *14.10.* or, of another year, *08.12.25*."""
    if value is None:
        return ""
    days = (value - today()).days
    if abs(days) <= 1:
        return t(("common.day_yesterday", "common.day_today", "common.day_tomorrow")[days + 1])
    said = _day_of_year(value)
    if abs(days) <= NEAR_DAYS:
        return f"{locale().days['stand-alone']['abbreviated'][value.weekday()]} {said}"
    return said if value.year == today().year else said + _year(value.year)


def _day_of_year(value: date) -> str:
    if language() == "de":
        return value.strftime("%d.%m.")
    return f"{value.day} {locale().months['format']['abbreviated'][value.month]}"


def _year(year: int) -> str:
    """Return a year as it follows a day: two digits in German where they can be no other year."""
    if language() == "de":
        return f"{year - 2000:02d}" if 2000 <= year < 2100 else f"{year:04d}"
    return f" {year:04d}"


def short_moment(value: datetime | None, *, with_time: bool = False) -> str:
    """Return a stored moment where the firm is: today's as a time, *14:46*, else its day; ``with_time``: *gestern, 14:46*."""
    if value is None:
        return ""
    there = local(value).date()
    if there == today():
        return time_of_day(value)
    return f"{short_day(there)}, {time_of_day(value)}" if with_time else short_day(there)


def whole_attribute(whole: Mapping[int, Sequence[str]]) -> str:
    """Return the attribute of a card's head in which ``whole_text.js`` finds what cells say in full, by the place of their column."""
    return f' data-whole="{esc(json.dumps(whole, ensure_ascii=False, separators=(",", ":")))}"' if whole else ""


def in_full(value: date | datetime | None) -> str:
    """Return a day or a stored moment as lists and exports have it."""
    return moment(value) if isinstance(value, datetime) else day(value)
