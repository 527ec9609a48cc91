"""What of *Auswertung* is picked: a list by its address, and the time that is looked at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from core.activity.local_time import begins
from core.activity.measures import MEASURES, Measure

# The times that are offered, by how the address names them: days back from today, or since New Year.
PERIODS = ("30", "90", "365", "year")
USUAL_PERIOD = "90"
MAX_SPAN_DAYS = 3 * 366
# In place of a value: any.
ANY = "-"
_VALUE = re.compile(r"[a-z0-9_-]{1,40}")


@dataclass(frozen=True)
class Period:
    """A time by its first and last day where the firm is, both included."""

    first: date
    last: date

    def moments(self, zone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return the stored moments from which, and before which, it lasts."""
        return begins(self.first, zone), begins(self.last + timedelta(1), zone)

    @property
    def weeks(self) -> Period:
        """Return the whole weeks of it, from a Monday to a Sunday."""
        return Period(self.first - timedelta(self.first.weekday()), self.last + timedelta(6 - self.last.weekday()))

    @property
    def year_before(self) -> Period:
        """Return the same days of the week a year before."""
        return Period(self.first - timedelta(364), self.last - timedelta(364))


def period_of(text: str, today: date) -> Period | None:
    """Return the time an address names, None where it names none: ``90``, ``year``, or two days, ``2026-01-01_2026-03-31``."""
    if text == "year":
        return Period(today.replace(month=1, day=1), today)
    if text in PERIODS:
        return Period(today - timedelta(int(text) - 1), today)
    try:
        first, last = (date.fromisoformat(part) for part in text.split("_"))
    except ValueError:
        return None
    is_sound = date(1990, 1, 1) <= first <= last <= today and (last - first).days <= MAX_SPAN_DAYS
    return Period(first, last) if is_sound else None


@dataclass(frozen=True)
class Pick:
    """A list: a measure, and for each of its dimensions a value or any (None)."""

    measure: str
    values: tuple[str | None, ...]

    @property
    def of(self) -> Measure:
        """Return the measure itself."""
        return MEASURES[self.measure]

    def text(self) -> str:
        """Return it as the address names it: ``turn.us.document``."""
        parts = [value or ANY for value in self.values]
        while parts and parts[-1] == ANY:
            parts.pop()
        return ".".join((self.measure, *parts))


def pick(measure: str, *values: str | None) -> Pick:
    """Return a list of a measure; values that are not given are any."""
    return Pick(measure, (*values, *[None] * (len(MEASURES[measure].dimensions) - len(values))))


def pick_of(text: str) -> Pick | None:
    """Return the list that an address names, None where it names none."""
    key, *values = text.split(".")
    measure = MEASURES.get(key)
    if measure is None or len(values) > len(measure.dimensions):
        return None
    for dimension, value in zip(measure.dimensions, values, strict=False):
        if value != ANY and not (value in dimension.codes if dimension.codes else _VALUE.fullmatch(value)):
            return None
    return pick(key, *(None if value == ANY else value for value in values))


@dataclass(frozen=True)
class TimedPick:
    """A list with the time it is of, as an address that stands outside of *Auswertung* names it: ``response.never@90``."""

    pick: Pick
    period: str = ""

    def text(self) -> str:
        """Return it as an address names it."""
        return f"{self.pick.text()}@{self.period}" if self.pick.of.has_period else self.pick.text()


def timed_pick_of(text: str, today: date) -> TimedPick | None:
    """Return the list and time that an address names, None where it names none."""
    name, _, period = text.partition("@")
    found = pick_of(name)
    if found is None or (found.of.has_period and period_of(period or USUAL_PERIOD, today) is None):
        return None
    return TimedPick(found, (period or USUAL_PERIOD) if found.of.has_period else "")


def weeks_of(pick: Pick, period: Period | None) -> Period | None:
    """Return the time of a list: of *Was geschieht* its week, or all the weeks that are drawn; of any other the period itself."""
    if pick.measure != "happens":
        return period
    week = pick.values[0]
    if week is None:
        return period.weeks if period else None
    try:
        monday = date.fromisoformat(week)
    except ValueError:
        return period
    return Period(monday, monday + timedelta(6))
