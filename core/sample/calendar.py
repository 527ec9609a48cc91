"""When things happen in a tax office: office hours on weekdays, a quiet August, rushes before the deadlines."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

MONTHS = 18


def weight(day: date) -> float:
    """How much happens on a day, 1.0 being an ordinary weekday."""
    if day.weekday() >= 5:
        return 0.06
    busy = {7: 1.9, 8: 0.45, 12: 1.3, 1: 1.2}.get(day.month, 1.0)
    if day.month == 7 and day.day > 15:
        busy *= 1.5
    return busy * (1.6 if day.day <= 10 else 1.0)


class Calendar:
    """Moments of the last 18 months up to now, drawn by how busy the days are."""

    def __init__(self, random: Random, now: datetime) -> None:
        self.random, self.now = random, now
        first = now.date() - timedelta(days=30 * MONTHS + 8)
        self.days = [first + timedelta(days=n) for n in range((now.date() - first).days + 1)]
        self.weights = [weight(day) for day in self.days]
        total = 0.0
        self.cumulated = [total := total + one for one in self.weights]

    def moment(self, after: datetime | None = None) -> datetime:
        """A moment in office hours, never in the future; later than ``after`` where given."""
        for _ in range(12):
            day = self.random.choices(self.days, cum_weights=self.cumulated)[0]
            found = datetime.combine(day, time(6, 30)) + timedelta(minutes=int(self.random.triangular(0, 700, 180)))
            found += timedelta(seconds=self.random.randint(0, 59))
            if found < self.now and (after is None or found > after):
                return found
        base = after or self.now - timedelta(days=2)
        return base + (self.now - base) * self.random.random()

    def soon(self, moment: datetime, hours: float) -> datetime:
        """Some time later, at most about ``hours``, never in the future."""
        return min(moment + timedelta(hours=self.random.uniform(0.2, hours)), self.now - timedelta(seconds=self.random.randint(1, 600)))
