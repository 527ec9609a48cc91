"""A watched folder's files are taken at the times of the day its mapping says, whatever the clock does."""

from __future__ import annotations

from datetime import datetime

import pytest

from core.imports.problems import MappingInvalid
from core.imports.read_mapping import read_mapping
from core.imports.run_times import RunTimes
from core.store.migrations import newest_columns

at = datetime.fromisoformat
TIMES = RunTimes.of('at = ["06:00", "12:30"]')


def columns() -> dict[str, dict[str, bool]]:
    found: dict[str, dict[str, bool]] = {}
    for table, column, _, is_needed in newest_columns():
        found.setdefault(table, {})[column] = is_needed
    return found


@pytest.mark.parametrize("since, moment, taken", [
    ("2026-12-01 04:10", "2026-12-01 04:59", False),  # 05:10 and 05:59 in Berlin: it waits
    ("2026-12-01 04:10", "2026-12-01 05:00", True),
    ("2026-12-01 05:01", "2026-12-01 11:29", False),  # a minute late: the next time
    ("2026-12-01 05:01", "2026-12-01 11:30", True),
    ("2026-12-01 11:31", "2026-12-02 04:59", False),  # over night
    ("2026-12-01 11:31", "2026-12-02 09:00", True),   # the server was down at six
    ("2027-03-28 03:59", "2027-03-28 04:00", True),   # six o'clock in summer, on the day the clock goes forward
    ("2027-10-31 04:30", "2027-10-31 04:59", False),  # six o'clock in winter again
])  # fmt: skip
def test_a_file_waits_for_the_next_time(since, moment, taken):
    assert TIMES.have_come(at(since), at(moment)) is taken


def test_a_time_that_comes_twice_or_never_takes_once_the_day():
    night = RunTimes.of('at = "02:30"')
    assert night.have_come(at("2027-10-30 12:00"), at("2027-10-31 00:30"))
    assert not night.have_come(at("2027-10-31 00:31"), at("2027-10-31 12:00"))
    assert night.have_come(at("2027-03-27 12:00"), at("2027-03-28 02:00"))


def test_without_times_it_is_taken_at_once():
    assert RunTimes.of("").have_come(at("2026-12-01 00:00"), at("2026-12-01 00:00"))


def test_what_is_no_time_of_the_day_is_said(tmp_path):
    text = 'at = ["6 Uhr", "24:00", "06:00"]\n[files.c]\npath = "c.csv"\n[[tables]]\ntable = "tag"\nfile = "c"\nkey = ["T"]\nfields = { name = "T" }\n'
    (tmp_path / "c.csv").write_text("T\n", "utf-8")
    (tmp_path / "m.toml").write_text(text, "utf-8")
    with pytest.raises(MappingInvalid) as invalid:
        read_mapping(tmp_path / "m.toml", columns())
    assert [(p.column, p.values.get("value")) for p in invalid.value.problems] == [("at", "6 Uhr"), ("at", "24:00")]
