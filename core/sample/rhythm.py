"""When things happen in a tax office: office hours, evenings of clients, holidays, a quiet August, rushes before deadlines."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

BERLIN = ZoneInfo("Europe/Berlin")
# Length of the sample's past.
MONTHS = 18
DAY = timedelta(days=1)


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (1900 to 2099)."""
    moon = (19 * (year % 19) + 24) % 30
    sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7
    after = moon + sunday - (7 if (moon == 29 and sunday == 6) or (moon == 28 and sunday == 6 and year % 19 > 10) else 0)
    return date(year, 3, 22) + after * DAY


def is_public_holiday(day: date) -> bool:
    """Return whether the day is a public holiday in all of Germany."""
    return (day.month, day.day) in {(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)} or (day - easter(day.year)).days in (-2, 0, 1, 39, 50)


def is_holiday(day: date) -> bool:
    """Return whether the office is closed on a working day: public holidays and 24 to 31 December."""
    return is_public_holiday(day) or (day.month == 12 and day.day >= 24)


def office_day(day: date, step: timedelta = DAY) -> date:
    """Return the day itself, or the next (with ``-DAY`` the last) on which the office works."""
    while day.weekday() >= 5 or is_holiday(day):
        day += step
    return day


def bank_day(day: date, step: timedelta = DAY) -> date:
    """Return the day itself, or the next (with ``-DAY`` the last) on which banks move money; not on 24 and 31 December either."""
    while day.weekday() >= 5 or is_public_holiday(day) or (day.month, day.day) in {(12, 24), (12, 31)}:
        day += step
    return day


def season(day: date) -> float:
    """Return how busy the time of year is, 1.0 being ordinary.

    Busy are the days up to the 10th (VAT returns, § 18 UStG), the month's end (wages) and July (tax returns, § 149 AO).
    """
    busy = {1: 1.15, 7: 1.5, 8: 0.4, 12: 1.1}.get(day.month, 1.0)
    if day.month == 7:
        busy *= 1.0 + (day.day / 31) ** 3 * 1.6
    if day.day <= 10:
        busy *= 1.5
    return busy * (1.25 if day.day >= 24 else 1.0)


def weight(day: date, is_client: bool) -> float:
    """Return how likely something of the office, or of its clients, falls on a day; only the ratio of two days means something."""
    if day.weekday() >= 5 or is_holiday(day):
        return season(day) * (0.3 if is_client else 0.01)
    return season(day) * (0.75 if day.weekday() == 4 and not is_client else 1.0)


def month_start(day: date, months: int = 0) -> date:
    """Return the first day of the month ``months`` after the day's."""
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


class Calendar:
    """Draw moments (naive UTC) of the 18 months up to ``end``, more of them on busy days."""

    def __init__(self, random: Random, end: datetime) -> None:
        self.random, self.end = random, end
        self.today = end.replace(tzinfo=UTC).astimezone(BERLIN).date()
        self.first_day = month_start(self.today, -MONTHS)
        self.start = self.utc(self.first_day, 0)
        self._days = [self.first_day + n * DAY for n in range((self.today - self.first_day).days + 1)]
        self._sums: dict[bool, list[float]] = {}
        for is_client in (True, False):
            total, sums = 0.0, [0.0]
            for day in self._days:
                total += weight(day, is_client)
                sums.append(total)
            self._sums[is_client] = sums

    def months(self) -> list[date]:
        """Return the first days of the months, oldest first, the current one included."""
        return [month_start(self.first_day, n) for n in range(MONTHS + 1)]

    @staticmethod
    def utc(day: date, minutes: float) -> datetime:
        """Return the moment (UTC) at which clocks in Berlin show ``minutes`` after midnight of a day, by the offset of its noon."""
        noon = datetime.combine(day, time(12), BERLIN)
        return datetime.combine(day, time()) + timedelta(seconds=round(minutes * 60)) - (noon.utcoffset() or timedelta())

    def local_day(self, moment: datetime) -> date:
        """Return the day of a moment (UTC) in Berlin."""
        return moment.replace(tzinfo=UTC).astimezone(BERLIN).date()

    def moment(self, *, is_client: bool = False, since: datetime | None = None, until: datetime | None = None) -> datetime:
        """Draw a moment between two others (default: the whole time), never after ``end``."""
        since, until = max(since or self.start, self.start), min(until or self.end, self.end)
        if until <= since:
            return since
        sums = self._sums[is_client]
        first, last = (since.date() - self.first_day).days, (until.date() - self.first_day).days + 1
        first, last = max(first, 0), min(last, len(self._days))
        drawn = sums[first] + self.random.random() * (sums[last] - sums[first])
        day = self._days[min(bisect_right(sums, drawn) - 1, len(self._days) - 1)]
        found = self.utc(day, self.minutes(is_client))
        if since < found < until:
            return found
        early, late = max(since, self.utc(day, 6.5 * 60)), min(until, self.utc(day, 22 * 60))
        if late <= early:
            early, late = since, until
        return early + timedelta(seconds=int((late - early).total_seconds() * self.random.random()))

    def at_work(self, moment: datetime, since: datetime, until: datetime) -> datetime:
        """Draw a moment in office hours of the same day, or of the last working day before, limited to ``since`` and ``until``."""
        found = self.utc(office_day(self.local_day(moment), -DAY), round(self.minutes(is_client=False)))
        return max(since, min(found, until))

    def minutes(self, is_client: bool) -> float:
        """Draw a time of day in minutes after midnight: office hours, for clients often the evening."""
        if is_client and self.random.random() < 0.34:
            return self.random.triangular(18 * 60, 23 * 60, 20.2 * 60)
        return self.random.triangular(7.4 * 60, 18.4 * 60, (9.8 if self.random.random() < 0.6 else 14.7) * 60)

    def later(self, moment: datetime, hours: float, *, is_client: bool = False) -> datetime | None:
        """Draw a moment ``hours`` later on average, of the office only while it is open; None if it lies after ``end``."""
        found = moment + timedelta(seconds=int(60 + self.random.expovariate(1 / hours) * 3600))
        if is_client:
            if self.local_day(found - timedelta(hours=7)) < self.local_day(found):
                found = self.utc(self.local_day(found), self.random.randint(425, 600) + self.random.random())
        else:
            day = self.local_day(found)
            if found > self.utc(day, 18.5 * 60):
                day += DAY
            moved = office_day(day)
            opens = self.utc(moved, self.random.randint(445, 560) + self.random.random())
            found = max(found, opens) if moved == self.local_day(found) else opens
        return found if found < self.end else None
