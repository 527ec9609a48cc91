"""Say names and days so shortly that a row has room for them; the whole value stands where one opens it."""

from __future__ import annotations

from datetime import date, datetime

from core.i18n import t
from core.i18n.formats import day, local, short_day, time_of_day, today, weekday

# So far back and ahead a day is said by its weekday.
WEEKDAY_BEFORE_DAYS = 6


def short_name(name: str | None) -> str:
    """Return *T. Krämer* for *Tobias Krämer*; a name of one word, or of more than four, as it is."""
    words = (name or "").split()
    if not 2 <= len(words) <= 4:
        return " ".join(words)
    while len(words) > 2 and words[0].endswith("."):
        words.pop(0)
    return f"{words[0][0]}. {' '.join(words[1:])}" if words[0][0].isalpha() else " ".join(words)


def short_date(value: date | None) -> str:
    """Return *heute*, *gestern*, *morgen*, *Sa 28.11.* within the last week, *14.10.* within this year, else *08.12.25*."""
    if value is None:
        return ""
    distance = (value - today()).days
    if distance in (-1, 0, 1):
        return t(f"common.day_{('before', 'same', 'after')[distance + 1]}")
    if -WEEKDAY_BEFORE_DAYS <= distance < 0:
        return f"{weekday(value)} {short_day(value)}"
    return short_day(value) if value.year == today().year else _with_year(value)


def short_moment(value: datetime | None, *, with_time: bool = False) -> str:
    """Return the day of a stored moment as ``short_date`` does, today's as its time; with ``with_time`` its time behind it."""
    if value is None:
        return ""
    there = local(value).date()
    if there == today():
        return time_of_day(value)
    said = short_date(there)
    return f"{said} {time_of_day(value)}" if with_time and (today() - there).days <= WEEKDAY_BEFORE_DAYS else said


def _with_year(value: date) -> str:
    whole = day(value)
    return whole[:-4] + whole[-2:]
