"""How old the data of a table is that lists bring: the day of the newest list, and whether the next one is overdue by their own rhythm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median

from core.base.rights import Viewer
from core.i18n.formats import today
from core.store import Reader, cached, reader
from core.store.staging import STORE

SYSTEM = Viewer.system("lists")
# How many lists of a mapping, back from the newest, tell its rhythm.
LISTS_LOOKED_AT = 8


@dataclass(frozen=True, slots=True)
class Age:
    """The day of a table's newest list; ``is_late`` says that the next one is due by the rhythm of those before."""

    day: date
    is_late: bool


def data_ages(viewer: Viewer) -> dict[str, Age]:
    """Return the age of the data by table, of tables that a list feeds; kept until the next import."""
    day = today()
    return cached(viewer, ("data_ages", day), lambda _: _read(day), "import_feed", "import_run")


def _read(day: date) -> dict[str, Age]:
    with reader(SYSTEM) as r:
        return {table: Age(days[0], is_late(days, day)) for table, days in _lists(r).items()}


def _lists(r: Reader) -> dict[str, list[date]]:
    """Return by table the days of the lists of the mapping that fed it last, the newest run first."""
    rows = r.rows(
        f"""WITH fed AS (
            SELECT f.table_name, f.mapping, f.import_run_id, f.as_of FROM {STORE}.import_feed f JOIN {STORE}.import_run r USING (import_run_id)
            WHERE r.undone_at IS NULL),
        newest AS (SELECT table_name, arg_max(mapping, import_run_id) AS mapping FROM fed GROUP BY 1),
        days AS (SELECT table_name, as_of, max(import_run_id) AS last_run FROM fed JOIN newest USING (table_name, mapping) GROUP BY 1, 2)
        SELECT table_name, as_of FROM days QUALIFY row_number() OVER (PARTITION BY table_name ORDER BY last_run DESC) <= {LISTS_LOOKED_AT}
        ORDER BY table_name, last_run DESC"""
    )
    found: dict[str, list[date]] = {}
    for row in rows:
        found.setdefault(row["table_name"], []).append(row["as_of"])
    return found


def is_late(days: Sequence[date], day: date) -> bool:
    """Return whether more working days went by since the newest list than the median between those before; never by one list alone."""
    if len(days) < 2:
        return False
    inside = sorted(days)
    usual = median(working_days(one, other) for one, other in pairwise(inside))
    return working_days(days[0], day) > max(1, usual)


def working_days(one: date, other: date) -> int:
    """Return how many days from Monday to Friday follow one day up to the other."""
    weeks, rest = divmod(max(0, (other - one).days), 7)
    return weeks * 5 + sum((one + timedelta(n)).weekday() < 5 for n in range(1, rest + 1))
