"""At which times of the day files of a watched folder are taken, where the mapping says so: ``at = ["06:00", "12:30"]``."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def is_clock_time(text: str) -> bool:
    """Return whether a text is a time of the day: hours and minutes, two digits each."""
    return _TIME.fullmatch(text) is not None


@dataclass(frozen=True)
class RunTimes:
    """The times of the day of one mapping, in its zone; none: at any time."""

    times: tuple[str, ...]
    zone: ZoneInfo

    @classmethod
    def of(cls, mapping_text: str) -> RunTimes:
        """Return the times that a mapping, which was read before, says."""
        values = tomllib.loads(mapping_text)
        said = values.get("at", [])
        return cls(tuple([said] if isinstance(said, str) else said), ZoneInfo(str(values.get("time_zone", "Europe/Berlin"))))

    def have_come(self, since: datetime, moment: datetime) -> bool:
        """Return whether one of the times came after ``since`` and until ``moment``, both in UTC without a zone; always without times.

        A server that was down at that time so takes later what lay there, and a file that comes a minute late waits for the next time.
        """
        if not self.times:
            return True
        here = moment.replace(tzinfo=UTC).astimezone(self.zone)
        days = (here.date(), here.date() - timedelta(days=1))
        came = (datetime.combine(day, time.fromisoformat(text), self.zone).astimezone(UTC) for day in days for text in self.times)
        newest = max(each.replace(tzinfo=None) for each in came if each.replace(tzinfo=None) <= moment)
        return since <= newest
