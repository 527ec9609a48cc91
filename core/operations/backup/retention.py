"""List the backups of a folder, note which are verified, and prune: 7 days, 4 weeks and 12 months are kept."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.operations.backup.archive import NAME

# How many backups are kept, each the newest of its day, week or month.
DAYS = 7
WEEKS = 4
MONTHS = 12
# One missed night is tolerated, two are not.
MAX_AGE = timedelta(hours=36)
# Clocks of machines differ a little; a backup stamped further in the future was made by a wrong clock.
MAX_CLOCK_DIFFERENCE = timedelta(minutes=10)


@dataclass(frozen=True)
class BackupFile:
    """A backup in a folder; ``verified_at`` is when it was last verified, None if never or if the file has changed since."""

    path: Path
    made_at: datetime
    is_nightly: bool
    is_sealed: bool
    size: int
    verified_at: datetime | None


def kept_in(folder: Path) -> list[BackupFile]:
    """Return the backups of a folder, newest first. Raises OSError for a folder that cannot be read."""
    if not folder.exists():
        return []
    found = []
    for path in folder.iterdir():
        if (match := NAME.fullmatch(path.name)) and path.is_file():
            try:
                made_at = datetime.strptime(match[1], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            except ValueError:  # a month 13: not named by this program, or mistyped
                continue
            found.append(BackupFile(path, made_at, match[2] is not None, match[3] is not None, path.stat().st_size, _verified_at(path)))
    return sorted(found, key=lambda backup: (backup.made_at, backup.path.name), reverse=True)


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.verified")


def note_verified(path: Path) -> None:
    """Note in a file beside a backup that it is verified, with its size and time of modification."""
    state, moment = path.stat(), datetime.now(UTC).isoformat(timespec="seconds")
    new = _beside(path).with_suffix(".new")
    new.write_text(json.dumps({"at": moment, "size": state.st_size, "mtime_ns": state.st_mtime_ns}), "utf-8")
    os.replace(new, _beside(path))


def forget_verified(path: Path) -> None:
    """Remove the note beside a backup: it is damaged."""
    _beside(path).unlink(missing_ok=True)


def _verified_at(path: Path) -> datetime | None:
    try:
        note, state = json.loads(_beside(path).read_text("utf-8")), path.stat()
        is_same = (note["size"], note["mtime_ns"]) == (state.st_size, state.st_mtime_ns)
        return datetime.fromisoformat(note["at"]) if is_same else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def last_verified(backups: Sequence[BackupFile]) -> BackupFile | None:
    """Return the newest verified backup of ``backups``, which are sorted newest first."""
    return next((backup for backup in backups if backup.verified_at), None)


def not_ahead(backups: Sequence[BackupFile], moment: datetime | None = None) -> list[BackupFile]:
    """Leave out the backups stamped in the future of ``moment`` (now when left out): the clock that made them was wrong."""
    until = (moment or datetime.now(UTC)) + MAX_CLOCK_DIFFERENCE
    return [backup for backup in backups if backup.made_at <= until]


def worth_keeping(backups: Sequence[BackupFile], moment: datetime | None = None) -> set[Path]:
    """Return the paths that the schedule keeps of ``backups``, which are sorted newest first.

    Kept are the newest of each day, week and month, the last verified one, and all that the schedule did not make. What is
    stamped in the future of ``moment`` (when given) is kept until its time has come, and takes the place of no other.
    """
    timely = not_ahead(backups, moment) if moment else list(backups)
    nightly = [backup for backup in timely if backup.is_nightly]
    keep = {backup.path for backup in backups if not backup.is_nightly or backup not in timely}
    for count, span in ((DAYS, _day), (WEEKS, _week), (MONTHS, _month)):
        keep |= {backup.path for backup in _newest_of_each(nightly, count, span)}
    if last := last_verified(timely):
        keep.add(last.path)
    return keep


def _newest_of_each(backups: Sequence[BackupFile], count: int, span: Callable[[datetime], Hashable]) -> list[BackupFile]:
    """Return one backup of each of the newest ``count`` spans: the newest verified one, else the newest."""
    chosen: dict[Hashable, BackupFile] = {}
    for backup in backups:
        before = chosen.get(span(backup.made_at))
        if before is None or (backup.verified_at and not before.verified_at):
            chosen[span(backup.made_at)] = backup
    return list(chosen.values())[:count]


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
    old = [backup for backup in backups if backup.path not in keep]
    for backup in old:
        backup.path.unlink(missing_ok=True)
        _beside(backup.path).unlink(missing_ok=True)
    return [backup.path.name for backup in old]


@dataclass(frozen=True)
class Standing:
    """State of an installation's backups: ``ok``, ``old``, ``none`` (never verified) or ``unreadable``; the last verified one and its age."""

    code: str
    last: BackupFile | None = None
    age: timedelta | None = None


def standing(folder: Path, moment: datetime | None = None) -> Standing:
    """Return the state of the backups in a folder, as of ``moment`` (default: now)."""
    try:
        return judged(last_verified(not_ahead(kept_in(folder), moment)), moment)
    except OSError:
        return Standing("unreadable")


def judged(last: BackupFile | None, moment: datetime | None = None) -> Standing:
    """Return the state of backups of which ``last`` is the last verified, as of ``moment`` (default: now)."""
    if last is None:
        return Standing("none")
    age = (moment or datetime.now(UTC)) - last.made_at
    return Standing("old" if age > MAX_AGE else "ok", last, age)
