"""Take files from watched folders, ``inbox/NAME`` of the data folder: each is run by the mapping of that name, and put away.

A file is taken once its size and time stand still, and where the mapping says ``at``, at the next of these times of the day. It waits in ``inbox/.taken`` under its job's number, and ends in ``NAME/done``, or in
``NAME/stopped`` with a text beside it that says why; where the run waits for a person it stays until they decided.
"""

from __future__ import annotations

import logging
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
        # What a link leads to may be anything of the server.
        if path.name.startswith(".") or path.is_symlink() or not path.is_file() or not watch.stands_still(path, moment):
            continue
        # When it came into the folder: a copy keeps the day its content was written, and not this one.
        if not times.have_come(datetime.fromtimestamp(path.stat().st_ctime, UTC).replace(tzinfo=None), now()):
            continue
        try:
            number = begin_unattended(settings, name, path, by_itself=True)
        except AppError as problem:
            _place(path, folder / STOPPED, path.name, [sentence(problem)])
            continue
        if number is None:
            _place(path, folder / DONE, path.name, [t("imports.same_file", file=path.name)])
        else:
            _place(path, inbox(settings) / TAKEN, f"{number}-{path.name}")


def _put_away(settings: Settings, folder: Path, watch: Watch) -> None:
    for path in sorted((folder / TAKEN).iterdir()) if (folder / TAKEN).is_dir() else ():
        number, _, name = path.name.partition("-")
        try:
            row = job_row(int(number))
        except (ValueError, NotFound):
            continue
        if row["state"] == "done":
            _place(path, folder / row["mapping"] / DONE, name)
        elif row["state"] in ("refused", "interrupted"):
            _place(path, folder / row["mapping"] / STOPPED, name, outcome(row))
            tell_stopped(settings, row)
        elif row["state"] == "rehearsed" and row["import_job_id"] not in watch.told:
            watch.told.add(row["import_job_id"])
            tell_stopped(settings, row)


def _place(path: Path, folder: Path, name: str, lines: list[str] | None = None) -> None:
    """Move a file, under its moment where one of its name lies there, with a text beside it."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    target = folder / name
    if target.exists():
        target = folder / f"{now():%Y%m%d-%H%M%S-%f}-{name}"
    shutil.move(path, target)
    if lines:
        target.with_name(f"{target.name}.txt").write_text("\n".join(lines) + "\n", "utf-8")


def run(settings: Settings, end: threading.Event) -> None:
    """Look into the watched folders until ``end``."""
    watch = Watch()
    while not end.wait(LOOK_EVERY_S):
        try:
            look(settings, watch, time.monotonic())
        except (AppError, OSError) as problem:
            log.warning("the watched folders were put off: %s", type(problem).__name__)
