"""Cards that a list feeds say how old its data is, and are amber when the next list is overdue by its own rhythm."""

from __future__ import annotations

from datetime import date

import pytest

from core.base.rights import Viewer
from core.i18n import speaking
from core.overview.data_age import Age, data_ages, is_late
from core.store import now, writer
from core.ui.parts.age_mark import age_mark

SYSTEM = Viewer.system("tests")
MON, TUE, WED, FRI = date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 27)


@pytest.mark.parametrize(
    ("days", "seen", "late"),
    [
        ([FRI], date(2027, 5, 1), False),  # one list has no rhythm
        ([WED, TUE, MON], FRI, True),  # daily, and two days went by
        ([FRI, WED, TUE, MON], date(2026, 11, 30), False),  # daily, and a weekend in between
        ([FRI, date(2026, 11, 20), date(2026, 11, 13)], date(2026, 12, 4), False),  # weekly
        ([FRI, date(2026, 11, 20), date(2026, 11, 13)], date(2026, 12, 7), True),
    ],
)
def test_a_list_is_late_by_its_own_rhythm(days, seen, late):
    assert is_late(days, seen) is late


def test_the_newest_run_that_stands_tells_the_age(firm):
    viewer = firm.viewer("owner")
    assert data_ages(viewer) == {}
    with writer(SYSTEM) as tx:
        for as_of, table, undone in ((MON, "invoice", None), (TUE, "invoice", None), (WED, "invoice", now()), (MON, "task", None)):
            run = tx.insert("import_run", mapping="opos", started_at=now(), finished_at=now(), undone_at=undone)
            tx.insert("import_feed", import_run_id=run, mapping="opos", table_name=table, as_of=as_of, moved="{}", made_at=now())
    found = data_ages(viewer)
    assert found.keys() == {"invoice", "task"} and found["invoice"].day == TUE and not found["task"].is_late


def test_the_mark_says_the_day_and_that_it_is_old():
    assert age_mark(None) == ""
    with speaking("de"):
        assert age_mark(Age(date(2024, 11, 27), is_late=False)) == '<span class="kb-age">Stand 27. November 2024</span>'
    with speaking("en"):
        assert "kb-late" in (said := age_mark(Age(date(2024, 11, 27), is_late=True))) and "older than usual" in said
