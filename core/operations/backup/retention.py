"""Which backups lie in a folder, which of them were found whole, and which the schedule keeps: 7 days, 4 weeks, 12 months."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.operations.backup.archive import NAME

DAYS, WEEKS, MONTHS = 7, 4, 12
# A night that was missed is not yet too old; two are.
TOO_OLD = timedelta(hours=36)
# Clocks of machines differ a little; what is stamped later than this from now was made by one that was wrong.
CLOCK_AHEAD = timedelta(minutes=10)


@dataclass(frozen=True)
class BackupFile:
    """A backup in a folder; ``verified_at`` when it was last found whole, None when never or when it is not the same file any more."""

    path: Path
    made_at: datetime
    is_nightly: bool
    is_sealed: bool
    size: int
    verified_at: datetime | None


def kept_in(folder: Path) -> list[BackupFile]:
    """The backups of a folder, newest first. Raises OSError for a folder that cannot be read."""
    if not folder.exists():
        return []
    found = []
    for path in folder.iterdir():
        if (told := NAME.fullmatch(path.name)) and path.is_file():
            try:
                made_at = datetime.strptime(told[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            except ValueError:  # a month 13: somebody else's name, or a mistyped one
                continue
            found.append(BackupFile(path, made_at, told[2] is not None, told[3] is not None, path.stat().st_size, _verified_at(path)))
    return sorted(found, key=lambda one: (one.made_at, one.path.name), reverse=True)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.verified")


def note_verified(path: Path) -> None:
    """Remember beside a backup that it was found whole, as the file it is now."""
    state, moment = path.stat(), datetime.now(UTC).isoformat(timespec="seconds")
    new = _beside(path).with_suffix(".new")
    new.write_text(json.dumps({"at": moment, "size": state.st_size, "mtime_ns": state.st_mtime_ns}), "utf-8")
    os.replace(new, _beside(path))


def forget_verified(path: Path) -> None:
    """It was found not to be whole."""
    _beside(path).unlink(missing_ok=True)


def _verified_at(path: Path) -> datetime | None:
    try:
        told, state = json.loads(_beside(path).read_text("utf-8")), path.stat()
        same = (told["size"], told["mtime_ns"]) == (state.st_size, state.st_mtime_ns)
        return datetime.fromisoformat(told["at"]) if same else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def last_verified(backups: Sequence[BackupFile]) -> BackupFile | None:
    """The newest backup that was found whole."""
    return next((one for one in backups if one.verified_at), None)


def not_ahead(backups: Sequence[BackupFile], moment: datetime | None = None) -> list[BackupFile]:
    """Leave out the backups stamped in the future of ``moment`` (now when left out): the clock that made them was wrong."""
    until = (moment or datetime.now(UTC)) + CLOCK_AHEAD
    return [one for one in backups if one.made_at <= until]


def worth_keeping(backups: Sequence[BackupFile], moment: datetime | None = None) -> set[Path]:
    """Return the paths that the schedule keeps of ``backups``, which are sorted newest first.

    Kept are the newest of each day, week and month, the last verified one, and all that the schedule did not make. What is
    stamped in the future of ``moment`` (when given) is kept until its time has come, and takes the place of no other.
    """
    timely = not_ahead(backups, moment) if moment else list(backups)
    nightly = [one for one in timely if one.is_nightly]
    keep = {one.path for one in backups if not one.is_nightly or one not in timely}
    for many, span in ((DAYS, _day), (WEEKS, _week), (MONTHS, _month)):
        keep |= {one.path for one in _newest_of_each(nightly, many, span)}
    if last := last_verified(timely):
        keep.add(last.path)
    return keep


def _newest_of_each(backups: Sequence[BackupFile], many: int, span: Callable[[datetime], Hashable]) -> list[BackupFile]:
    """One per span: a verified one before one that is not, the newest first; as many spans."""
    chosen: dict[Hashable, BackupFile] = {}
    for one in backups:
        before = chosen.get(span(one.made_at))
        if before is None or (one.verified_at and not before.verified_at):
            chosen[span(one.made_at)] = one
    return list(chosen.values())[:many]


def _day(moment: datetime) -> Hashable:
    return moment.date()


def _week(moment: datetime) -> Hashable:
    return moment.isocalendar()[:2]


def _month(moment: datetime) -> Hashable:
    return moment.year, moment.month


def prune(folder: Path) -> list[str]:
    """Remove the scheduled backups that are not worth keeping; returns their names."""
    backups = kept_in(folder)
    keep = worth_keeping(backups, datetime.now(UTC))
    gone = [one for one in backups if one.path not in keep]
    for one in gone:
        one.path.unlink(missing_ok=True)
        _beside(one.path).unlink(missing_ok=True)
    return [one.path.name for one in gone]


@dataclass(frozen=True)
class Standing:
    """How the backups of an installation stand: ``ok``, ``old``, ``none`` (never verified) or ``unreadable``; the last verified one."""

    code: str
    last: BackupFile | None = None
    age: timedelta | None = None


def standing(folder: Path, moment: datetime | None = None) -> Standing:
    """Whether the last verified backup is young enough."""
    try:
        return judged(last_verified(not_ahead(kept_in(folder), moment)), moment)
    except OSError:
        return Standing("unreadable")


def judged(last: BackupFile | None, moment: datetime | None = None) -> Standing:
    """Whether this one, the last verified, is young enough."""
    if last is None:
        return Standing("none")
    age = (moment or datetime.now(UTC)) - last.made_at
    return Standing("old" if age > TOO_OLD else "ok", last, age)
