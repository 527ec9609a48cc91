"""Take files from watched folders, ``inbox/NAME`` of the data folder: each is run by the mapping of that name, and put away.

A file is taken once its size and time stand still, and where the mapping says ``at``, at the next of these times of the day. First it is
moved to ``inbox/.taken``, where it waits in ``<job's number>/NAME``, so one that cannot be moved begins nothing. It ends in ``NAME/done``, or
in ``NAME/stopped`` with a text beside it that says why; where the run waits for a person it stays until they decided.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from core.base.config import Settings
from core.base.errors import AppError, NotFound
from core.i18n import sentence, speaking, t
from core.imports.job_rows import job_row
from core.imports.run_times import RunTimes
from core.imports.told_by_mail import tell_stopped
from core.imports.unattended import begin_unattended, outcome, remembered
from core.imports.uploads import inbox
from core.store import now

log = logging.getLogger("kundenblick")
STILL_S = 60.0
LOOK_EVERY_S = 20.0
TAKEN, DONE, STOPPED = ".taken", "done", "stopped"
LANGUAGE = "de"
# What stands for a job's number until it is known has so many signs; a number never has.
TOKEN_CHARS = 20
# Names of files have at most 255 bytes.
MAX_NAME_BYTES = 200
NEVER = (-1, -1, 0.0)


@dataclass
class Watch:
    """What was seen of files that may still be growing: path → size, time, and the moment they were first seen so."""

    seen: dict[Path, tuple[int, int, float]] = field(default_factory=dict)
    # Jobs that wait for a person, once it was told by mail.
    told: set[int] = field(default_factory=set)

    def stands_still(self, path: Path, moment: float) -> bool:
        """Return whether a file was seen the same for ``STILL_S``."""
        about = path.stat()
        size, changed, since = self.seen.get(path, (-1, -1, moment))
        if (size, changed) != (about.st_size, about.st_mtime_ns):
            since = moment
        self.seen[path] = (about.st_size, about.st_mtime_ns, since)
        return moment - since >= STILL_S


def look(settings: Settings, watch: Watch, moment: float) -> None:
    """Begin a run for each file that stands still, and put away those whose run ended."""
    folder = settings.data / "inbox"
    if not folder.is_dir():
        return
    with speaking(LANGUAGE):
        for name, text in remembered().items():
            # A name with a slash, or one of dots, is no folder here.
            if Path(name).name == name and not name.startswith(".") and (folder / name).is_dir():
                _take_from(settings, folder / name, name, RunTimes.of(text), watch, moment)
        _put_away(settings, folder, watch)
    watch.seen = {path: seen for path, seen in watch.seen.items() if path.exists()}


def _take_from(settings: Settings, folder: Path, name: str, times: RunTimes, watch: Watch, moment: float) -> None:
    for path in sorted(folder.iterdir()):
        try:
            # What a link leads to may be anything of the server.
            if path.name.startswith(".") or path.is_symlink() or not path.is_file() or not watch.stands_still(path, moment):
                continue
            # When it came into the folder: a copy keeps the day its content was written, and not this one.
            if times.have_come(datetime.fromtimestamp(path.stat().st_ctime, UTC).replace(tzinfo=None), now()):
                _take(settings, folder, name, path)
        except OSError as problem:
            # The others go on, and this one stands still anew before it is tried again.
            log.warning("a file of a watched folder cannot be taken: %s", type(problem).__name__)
            watch.seen[path] = NEVER


def _take(settings: Settings, folder: Path, name: str, path: Path) -> None:
    """Move a file out of its folder and begin a run with it. Raises OSError where it cannot be moved; then it is where it was."""
    place = inbox(settings) / TAKEN / secrets.token_hex(TOKEN_CHARS // 2)
    taken = place / name / path.name
    try:
        taken.parent.mkdir(mode=0o700, parents=True)
        shutil.move(path, taken)
    except OSError:
        # Between two disks a move is a copy, and what cannot be removed would be copied again and again.
        shutil.rmtree(place, ignore_errors=True)
        raise
    try:
        number = begin_unattended(settings, name, taken, by_itself=True)
    except AppError as problem:
        _end(taken, folder / STOPPED, [sentence(problem)])
        return
    if number is None:
        _end(taken, folder / DONE, [t("imports.same_file", file=path.name)])
    else:
        place.rename(place.with_name(str(number)))


def _put_away(settings: Settings, folder: Path, watch: Watch) -> None:
    for path in sorted((folder / TAKEN).iterdir()) if (folder / TAKEN).is_dir() else ():
        try:
            _put_away_one(settings, folder, path, watch)
        except OSError as problem:
            log.warning("a file of a watched folder cannot be put away: %s", type(problem).__name__)


def _put_away_one(settings: Settings, folder: Path, path: Path, watch: Watch) -> None:
    """Put the file of a job away once that ended; one that was taken, and of which nobody knows whether a run began, is told as stopped."""
    file = next((each for each in path.glob("*/*") if each.is_file()), None) if path.is_dir() else path
    if file is None:
        shutil.rmtree(path, ignore_errors=True)
        return
    # Files that were taken by an earlier version lie there themselves, their job's number before their name.
    number = path.name.partition("-")[0]
    if path.is_dir() and len(number) == TOKEN_CHARS:
        _end(file, folder / file.parent.name / STOPPED, [t("imports.taken_half")])
        return
    try:
        row = job_row(int(number))
    except (ValueError, NotFound):
        return
    if row["state"] == "done":
        _end(file, folder / row["mapping"] / DONE)
    elif row["state"] in ("refused", "interrupted"):
        _end(file, folder / row["mapping"] / STOPPED, outcome(row))
        tell_stopped(settings, row)
    elif row["state"] == "rehearsed" and row["import_job_id"] not in watch.told:
        watch.told.add(row["import_job_id"])
        tell_stopped(settings, row)


def _end(file: Path, folder: Path, lines: list[str] | None = None) -> None:
    """Move a taken file to where it ends, and forget the place it waited in."""
    place = file.parent.parent if file.parent.name != TAKEN else None
    _place(file, folder, file.name if place else file.name.partition("-")[2], lines)
    if place:
        shutil.rmtree(place, ignore_errors=True)


def _place(path: Path, folder: Path, name: str, lines: list[str] | None = None) -> None:
    """Move a file, under its moment where one of its name lies there, with a text beside it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / _short(name)
    if target.exists():
        target = folder / f"{now():%Y%m%d-%H%M%S-%f}-{_short(name)}"
    shutil.move(path, target)
    if lines:
        target.with_name(f"{target.name}.txt").write_text("\n".join(lines) + "\n", "utf-8")


def _short(name: str) -> str:
    """Return a file's name so short that a moment before it and an ending behind it have room."""
    if len(name.encode("utf-8", "surrogateescape")) <= MAX_NAME_BYTES:
        return name
    ending = Path(name).suffix[:20]
    room = MAX_NAME_BYTES - len(ending.encode("utf-8", "surrogateescape"))
    return name.encode("utf-8", "surrogateescape")[:room].decode("utf-8", "ignore") + ending


def run(settings: Settings, end: threading.Event) -> None:
    """Look into the watched folders until ``end``."""
    watch = Watch()
    while not end.wait(LOOK_EVERY_S):
        try:
            look(settings, watch, time.monotonic())
        except (AppError, OSError) as problem:
            log.warning("the watched folders were put off: %s", type(problem).__name__)
