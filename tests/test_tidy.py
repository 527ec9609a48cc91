"""Putting tables in order moves rows and changes none."""

from __future__ import annotations

from datetime import datetime

from core.base.rights import Viewer
from core.operations import background, sort_tables
from core.store import now, reader, writer
from core.store.tables import TABLES

SYSTEM = Viewer.system("tests")


def filled(count: int) -> None:
    with writer(SYSTEM) as tx:
        tx.execute(
            f"""INSERT INTO note BY NAME SELECT i + 1 AS note_id, (i * 7919) % 1009 AS account_id, 'n' || i AS text,
            1 AS staff_member_id, $moment AS saved_at FROM range({count}) q(i)""",
            {"moment": now()},
        )


def content() -> tuple:
    with reader(SYSTEM) as r:
        return tuple(r.row("SELECT count(*) AS n, bit_xor(hash(t)) AS h FROM kundenblick.data.note t").values())


def test_tidy_sorts_and_keeps_every_row(store):
    filled(600_000)
    before = content()
    assert not sort_tables.is_sorted(TABLES["note"])
    assert sort_tables.tail(TABLES["note"]) > 400_000
    assert sort_tables.tidy() == 600_000
    assert before == content()
    assert sort_tables.is_sorted(TABLES["note"])
    assert sort_tables.tidy() == 0


def test_needed_by_the_tail(store, monkeypatch):
    filled(300_000)
    assert not sort_tables.needed()
    monkeypatch.setattr(sort_tables, "MAX_UNSORTED_ROWS", 100_000)
    assert sort_tables.needed()


def test_due_once_a_night(settings):
    night = datetime(2026, 11, 23, 3, 20)  # noqa: DTZ001 - only the hour matters
    assert background.is_time_to_tidy(settings, night, None)
    assert not background.is_time_to_tidy(settings, night, night.date())
    assert not background.is_time_to_tidy(settings, night.replace(hour=4), None)
