"""Office time: the minutes a firm was open between two moments, from its opening hours and the public holidays of its Land."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from core.activity.local_time import utc
from core.activity.picks import Period
from core.i18n.formats import today, zone
from core.identity.opening_hours import DAY_MINUTES, Hours, Office

# Conversations are read from so many days before, so that a question that goes on from then is known as one.
HEARD_DAYS = 30


@dataclass(frozen=True)
class OfficeDays:
    """Days of a firm's calendar, without a gap.

    Args:
        days: The days where the firm is.
        opens: The moment each opens, in UTC; of a day it is shut, when it would.
        minutes: How long each is open; 0 when it is shut.
        before: The minutes of all days before.
    """

    days: Sequence[date]
    opens: Sequence[datetime]
    minutes: Sequence[int]
    before: Sequence[int]


def office_days(hours: Hours, holidays: frozenset[date], first: date, last: date, there: ZoneInfo) -> OfficeDays:
    """Return the days from ``first`` to ``last``."""
    days, opens, minutes, before, total = [], [], [], [], 0
    for place in range((last - first).days + 1):
        day = first + timedelta(place)
        span = None if day in holidays else hours[day.weekday()]
        begun = _moment(day, span[0] if span else 0, there)
        length = int((_moment(day, span[1], there) - begun) / timedelta(minutes=1)) if span else 0
        days.append(day)
        opens.append(begun)
        minutes.append(length)
        before.append(total)
        total += length
    return OfficeDays(days, opens, minutes, before)


def _moment(day: date, minute: int, there: ZoneInfo) -> datetime:
    if minute == DAY_MINUTES:
        day, minute = day + timedelta(1), 0
    return utc(datetime.combine(day, time(minute // 60, minute % 60), there))


def worked_minutes(calendar: OfficeDays, since: datetime, until: datetime, there: ZoneInfo) -> float:
    """Return the minutes of office time between two stored moments of the calendar's days."""
    return _worked(calendar, until, there) - _worked(calendar, since, there)


def _worked(calendar: OfficeDays, moment: datetime, there: ZoneInfo) -> float:
    place = (moment.replace(tzinfo=UTC).astimezone(there).date() - calendar.days[0]).days
    spent = (moment - calendar.opens[place]).total_seconds() / 60
    return calendar.before[place] + min(max(spent, 0), calendar.minutes[place])


def public_holidays(land: str, years: Iterator[int] | Sequence[int]) -> frozenset[date]:
    """Return the public holidays of these years in a Land, by the letters of ISO 3166-2 (*BY*); none for ''."""
    return frozenset().union(*(_holidays(land, year) for year in years)) if land else frozenset()


@lru_cache(maxsize=256)
def _holidays(land: str, year: int) -> frozenset[date]:
    from holidays import country_holidays

    return frozenset(country_holidays("DE", subdiv=land, years=year))


def office_parameters(period: Period, office: Office) -> dict[str, object]:
    """Return the parameters of a query that counts office time, for questions of a period and answers until today."""
    there = zone()
    first, last = period.first - timedelta(HEARD_DAYS + 2), max(period.last, today()) + timedelta(2)
    calendar = office_days(office.hours, public_holidays(office.land, range(first.year, last.year + 1)), first, last, there)
    open_days = [place for place, minutes in enumerate(calendar.minutes) if minutes and calendar.days[place] < today()]
    longest = max(calendar.minutes, default=0)
    return {
        "days": list(calendar.days), "opens": list(calendar.opens), "minutes": list(calendar.minutes), "before": list(calendar.before),
        "heard": calendar.opens[1], "office_day": longest,
        "two_days_ago": calendar.opens[open_days[-2]] if len(open_days) > 1 else calendar.opens[0],
    }  # fmt: skip
