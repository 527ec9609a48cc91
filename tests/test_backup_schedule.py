"""Backups by night: made in their hour or made up for, verified, pruned to 7 days, 4 weeks, 12 months; and one made at once from the page."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.access.refusals import settle
from core.base.config import read_settings
from core.base.errors import AppError, Misconfigured, NotAllowed, ViewingOnly
from core.base.rights import Viewer
from core.i18n import LANGUAGES, sentence, speaking, t
from core.operations.backup import schedule
from core.operations.backup.make import make_backup
from core.operations.backup.retention import (
    BackupFile,
    Standing,
    forget_verified,
    kept_in,
    last_verified,
    note_verified,
    prune,
    standing,
    worth_keeping,
)
from core.operations.backup.schedule import backup_now, backups_of, due, one_night, what_goes_on
from core.store import reader
from core.ui.settings import backups

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def night(made_at: datetime, *, verified: bool = True, by_night: bool = True) -> BackupFile:
    name = f"kundenblick-{made_at:%Y%m%dT%H%M%SZ}{'-nightly' if by_night else ''}.tar"
    return BackupFile(Path(name), made_at, by_night, False, 1, made_at if verified else None)


def nights(count: int, **how: bool) -> list[BackupFile]:
    first = datetime(2026, 11, 24, 1, tzinfo=UTC)
    return [night(first - timedelta(days=back), **how) for back in range(count)]


def test_seven_days_four_weeks_and_twelve_months_are_kept():
    """However often it is pruned on the way: a night each for two years."""
    there: list[BackupFile] = []
    for one in reversed(nights(730)):
        keep = worth_keeping([one, *there])
        there = [kept for kept in [one, *there] if kept.path in keep]
    days = [one.made_at.date() for one in there]
    assert days[:7] == [(NOON - timedelta(days=back)).date() for back in range(7)]
    assert len({day.isocalendar()[:2] for day in days}) >= 4 and len({(day.year, day.month) for day in days}) == 12
    weeks = [(NOON - timedelta(weeks=back)).isocalendar()[:2] for back in range(4)]
    assert {one.isocalendar()[:2] for one in days} >= set(weeks)
    assert len(there) <= 7 + 4 + 12


def test_the_last_verified_one_is_never_removed_nor_one_made_by_hand():
    bad = nights(400, verified=False)
    well, by_hand = night(NOON - timedelta(days=380)), night(NOON - timedelta(days=800), verified=False, by_night=False)
    keep = worth_keeping(sorted([*bad, well, by_hand], key=lambda one: one.made_at, reverse=True))
    assert {well.path, by_hand.path} <= keep


def test_of_a_day_a_verified_one_is_kept_rather_than_a_later_one_that_is_not():
    well, later = night(NOON), night(NOON + timedelta(hours=3), verified=False)
    assert worth_keeping([later, well]) == {well.path}


@pytest.mark.parametrize(
    ("now", "up", "last", "failed", "expected"),
    [
        ("2026-11-24 02:05", 999, "2026-11-23 02:00", None, True),
        ("2026-11-24 02:05", 1, None, None, True),
        ("2026-11-24 02:05", 999, "2026-11-24 02:00", None, False),
        ("2026-11-24 01:59", 999, "2026-11-23 02:01", None, False),
        ("2026-11-24 09:00", 999, "2026-11-23 02:01", None, True),
        ("2026-11-24 09:00", 5, "2026-11-23 02:01", None, False),
        ("2026-11-24 09:00", 999, None, None, False),
        ("2026-11-24 02:30", 999, "2026-11-23 02:01", "2026-11-24 02:02", False),
        ("2026-11-24 03:05", 999, "2026-11-23 02:01", "2026-11-24 02:02", True),
        ("2026-11-24 03:05", 999, None, "2026-11-24 02:02", True),
    ],
)
def test_a_backup_is_due_in_its_hour_or_made_up_for(settings, now, up, last, failed, expected):
    moment, *others = (datetime.fromisoformat(one).replace(tzinfo=UTC) if one else None for one in (now, last, failed))
    there = [night(others[0])] if others[0] else []
    assert due(settings, moment, moment - timedelta(minutes=up), there, others[1]) is expected
    assert not due(replace(settings, backup_at_hour="off"), moment, moment - timedelta(minutes=up), there, others[1])


@pytest.mark.parametrize("hour", ["24", "-1", "2.5", "nachts", ""])
def test_an_hour_that_is_none_is_refused(tmp_path, hour):
    with pytest.raises(Misconfigured) as refused:
        read_settings({"KUNDENBLICK_DATA": str(tmp_path), "KUNDENBLICK_BACKUP_AT_HOUR": hour})
    assert "off" in sentence(refused.value)


def test_a_night_makes_one_verifies_it_and_removes_old_ones(firm, settings):
    """Verified in a process of its own; the head of the firm's record stands in it."""
    settings.backups.mkdir()
    for one in nights(40):
        (settings.backups / one.path).write_bytes(b"x")
    assert one_night(settings, threading.Event())
    there = kept_in(settings.backups)
    newest = there[0]
    assert newest.is_nightly and newest.verified_at and last_verified(there) == newest
    assert what_goes_on().step == "done"
    assert len(there) < 15
    assert standing(settings.backups).code == "ok"
    assert standing(settings.backups, datetime.now(UTC) + timedelta(hours=37)).code == "old"


def test_one_that_cannot_be_verified_is_said_and_nothing_is_removed(firm, settings, monkeypatch):
    settings.backups.mkdir()
    for one in nights(40):
        (settings.backups / one.path).write_bytes(b"x")
    monkeypatch.setattr(schedule, "_verified", lambda *_: False)
    assert not one_night(settings, threading.Event())
    assert len(kept_in(settings.backups)) == 41 and standing(settings.backups).code == "none"
    problem = what_goes_on().problem
    for language in LANGUAGES:
        with speaking(language):
            assert "--verify" in sentence(problem) and t("backups.failed")


def test_a_folder_that_is_not_there_is_said(firm, settings):
    settings = replace(settings, backup_folder=str(settings.data / "not" / "there"))
    assert not one_night(settings, threading.Event())
    problem = what_goes_on().problem
    assert problem.code == "backup_folder_missing" and str(settings.backups) in sentence(problem)


def test_what_changed_since_is_not_verified_any_more(firm, settings):
    archive, _ = make_backup(settings)
    note_verified(archive)
    assert kept_in(settings.backups)[0].verified_at
    os.utime(archive)
    assert kept_in(settings.backups)[0].verified_at is None
    note_verified(archive)
    forget_verified(archive)
    assert standing(settings.backups).code == "none"
    assert prune(settings.backups) == [], "it was made by hand"


def test_health_says_how_old_the_last_verified_one_is(shell, settings):
    settings.backups.mkdir()
    made_at = datetime.now(UTC) - timedelta(hours=50)
    archive = settings.backups / f"kundenblick-{made_at:%Y%m%dT%H%M%SZ}-nightly.tar"
    archive.write_bytes(b"x")
    note_verified(archive)
    answer = shell().get("/health")
    assert answer.status_code == 200
    assert answer.json() == {
        "store": "ok", "backup": "old", "backup_age_hours": 50, "last_verified_backup": f"{made_at:%Y-%m-%dT%H:%M:%SZ}",
    }  # fmt: skip


def settings_page(who: int, code: str) -> None:
    from core.base.rights import Viewer
    from core.i18n import speaking
    from core.ui.settings.backups import backup_settings

    with speaking(code):
        backup_settings(Viewer.staff(who))


@pytest.mark.parametrize(
    ("hours", "verified", "de", "en"),
    [
        (50, True, "vor 2 Tagen gemacht", "was made 2 days ago"),
        (37, True, "vor 37 Stunden gemacht", "was made 37 hours ago"),
        (35, True, "Letzte geprüfte Sicherung", "Last verified backup"),
        (1, False, "noch keine geprüfte Sicherung", "no verified backup yet"),
    ],
)
def test_the_settings_say_when_the_last_verified_one_is_too_old(firm, settings, monkeypatch, hours, verified, de, en):
    """As a warning; a younger one that nobody examined does not count."""
    settings.backups.mkdir()
    for back, counts in ((hours, verified), (0, False)):
        archive = settings.backups / night(datetime.now(UTC) - timedelta(hours=back, minutes=5)).path
        archive.write_bytes(b"x")
        if counts:
            note_verified(archive)
    monkeypatch.setattr(backups, "SETTINGS", settings)
    monkeypatch.setattr(schedule, "_work", None)
    for code, expected in (("de", de), ("en", en)):
        at = AppTest.from_function(settings_page, args=(firm.owner, code), default_timeout=60).run()
        said = at.success if hours == 35 else at.warning
        assert not at.exception and [expected in one.value for one in said] == [True], said


def test_health_does_not_wait_for_a_folder_that_hangs(shell, settings, monkeypatch):
    """What the server saw last is told, and grows old."""
    monkeypatch.setattr(schedule, "standing", lambda folder: pytest.fail("the folder was asked"))
    monkeypatch.setattr(schedule, "_known", Standing("ok", night(datetime.now(UTC) - timedelta(hours=40)), timedelta(hours=1)))
    assert shell().get("/health").json()["backup"] == "old"
    monkeypatch.setattr(schedule, "_known", Standing("unreadable"))
    assert shell().get("/health").json()["backup"] == "unreadable"


def test_only_owners_and_admins_back_up_from_the_page(firm, settings):
    refused = [(firm.viewer(who), NotAllowed) for who in ("everything", "assigned", "portal")]
    for viewer, error in [*refused, (Viewer.looking_as(firm.everything, by=firm.owner), ViewingOnly)]:
        for asked in (backup_now, backups_of):
            with pytest.raises(error):
                asked(viewer, settings)
    settle()
    with reader(Viewer.system("tests")) as r:
        assert r.value("SELECT count(*) FROM audit_entry WHERE action = 'refused' AND new_value = 'backup.make'") == 3
    assert kept_in(settings.backups) == []
    backup_now(firm.viewer("owner"), settings)
    with pytest.raises(AppError):
        backup_now(firm.viewer("owner"), settings)
    next(one for one in threading.enumerate() if one.name == "backup").join()
    stands, there = backups_of(firm.viewer("owner"), settings)
    assert stands.code == "ok" and not there[0].is_nightly
    with reader(Viewer.system("tests")) as r:
        entry = r.row("SELECT actor_id, new_value FROM audit_entry WHERE action = 'backed_up'")
    assert entry == {"actor_id": firm.owner, "new_value": there[0].path.name}
