"""The server's own backups: made at night, verified in a process of its own, pruned; and one made at once for who asks on the page."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from core.access.refusals import note_refusal
from core.base.config import ROOT, Settings
from core.base.errors import AppError, NotAllowed, ViewingOnly
from core.base.rights import Role, Viewer
from core.operations.backup.folder_errors import folder_refused
from core.operations.backup.make import SYSTEM, make_backup
from core.operations.backup.retention import BackupFile, Standing, judged, kept_in, not_ahead, prune, standing
from core.store import reader

log = logging.getLogger("kundenblick")
HOUR_TWICE = timedelta(minutes=65)
AGAIN_AFTER, WARM = timedelta(hours=1), timedelta(minutes=10)


@dataclass
class Work:
    """What is going on: ``copying`` (with bytes), ``verifying``, ``done`` or ``failed`` with what stood in the way."""

    step: str
    done: int = 0
    of: int = 0
    problem: AppError | None = None


_guard = threading.Lock()
_work: Work | None = None
_known: Standing | None = None


def due(settings: Settings, moment: datetime, started: datetime, nightly: list[BackupFile], failed: datetime | None) -> bool:
    """Whether a backup is to be made now. All moments have a zone; the hour is that of ``moment``'s.

    A night that was missed is made up for, once the server has run for ten minutes; what failed is tried again after an hour.
    """
    # Both are noted by this process' clock: when it was ahead then and is right now, they lie in the future.
    if settings.backup_at_hour == "off" or (failed and timedelta() <= moment - failed < AGAIN_AFTER):
        return False
    point = moment.replace(hour=int(settings.backup_at_hour), minute=0, second=0, microsecond=0)
    if point > moment:
        point -= timedelta(days=1)
    # One that is stamped in the future was made by a clock that was wrong: it says nothing of this night.
    made = not_ahead(nightly, moment)
    # In autumn the hour comes twice: what was made in the first is this night's.
    if made and made[0].made_at >= point - HOUR_TWICE:
        return False
    return moment - point < AGAIN_AFTER or (bool(nightly or failed) and abs(moment - started) > WARM)


def known_standing(settings: Settings) -> Standing:
    """How the backups stand, as this server saw a minute ago: a folder on a machine that does not answer keeps nobody waiting."""
    known = _known
    return standing(settings.backups) if known is None else judged(known.last) if known.last else known


def run(settings: Settings, end: threading.Event) -> None:
    """Make the nightly backups until ``end``."""
    global _known
    started, failed = datetime.now().astimezone(), None
    while not end.wait(60):
        moment = datetime.now().astimezone()
        try:
            _known = standing(settings.backups)
            nightly = [one for one in kept_in(settings.backups) if one.is_nightly]
            if due(settings, moment, started, nightly, failed):
                failed = None if one_night(settings, end) else moment
        except OSError as problem:
            failed = moment
            log.error("the folder of the backups cannot be read: %s", problem.strerror)


def one_night(settings: Settings, end: threading.Event) -> bool:
    """A backup, verified, and the old ones removed; returns whether all of it went well."""
    if not _made(settings, SYSTEM, nightly=True, end=end):
        return False
    for name in prune(settings.backups):
        log.info("backup %s removed: newer ones are kept", name)
    return True


def _made(settings: Settings, viewer: Viewer, *, nightly: bool, end: threading.Event) -> bool:
    global _work
    work = _work = Work("copying")

    def progress(done: int, of: int) -> None:
        work.done, work.of = done, of

    try:
        archive, _ = make_backup(settings, nightly=nightly, viewer=viewer, progress=progress)
        work.step = "verifying"
        if not _verified(settings, archive, end):
            raise AppError("backup_unverified", file=archive.name)
    except AppError as problem:
        log.error("a backup failed: %s", problem.code)
        work.problem, work.step = problem, "failed"
        return False
    except Exception:
        log.exception("a backup failed")
        work.problem, work.step = AppError("backup_failed"), "failed"
        return False
    work.step = "done"
    return True


def _verified(settings: Settings, archive: Path, end: threading.Event) -> bool:
    """Examine it apart: it takes memory and computing of its own, and whatever is in the file does not touch the server."""
    began = time.monotonic()
    environ = os.environ | {"KUNDENBLICK_DATA": str(settings.data)}
    command = [sys.executable, "-m", "core", "restore", str(archive), "--verify"]
    if settings.backup_key_file:
        command += ["--key", str(Path(settings.backup_key_file).expanduser())]
    nothing = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdin=nothing, stdout=nothing, stderr=nothing) as child:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, child.pid, 10)
        while child.poll() is None:
            if end.wait(0.25):
                child.terminate()
        well = child.returncode == 0
    if well:
        log.info("backup %s verified in %.1f s", archive.name, time.monotonic() - began)
    return well


def _lead(viewer: Viewer) -> None:
    """Raises NotAllowed unless the viewer is an owner or admin as themselves."""
    if viewer.by is not None:
        raise ViewingOnly()
    with reader(viewer) as r:
        role = r.scope.role
    if role not in (Role.OWNER, Role.ADMIN):
        note_refusal(viewer, "backup.make")
        raise NotAllowed()


def backup_now(viewer: Viewer, settings: Settings) -> None:
    """Begin a backup for an owner or admin; ``what_goes_on`` tells how it goes. Raises NotAllowed, AppError when one is being made."""
    _lead(viewer)
    with _guard:
        global _work
        if _work and _work.step in ("copying", "verifying"):
            raise AppError("backup_running")
        _work = Work("copying")
    threading.Thread(
        target=_made, args=(settings, viewer), kwargs={"nightly": False, "end": threading.Event()}, name="backup", daemon=True
    ).start()


def what_goes_on() -> Work | None:
    """The backup that is being made, or how the last one of this process ended."""
    return _work


def backups_of(viewer: Viewer, settings: Settings) -> tuple[Standing, list[BackupFile]]:
    """How the backups stand, and which there are, newest first. Raises NotAllowed, AppError for a folder that cannot be read."""
    _lead(viewer)
    try:
        return standing(settings.backups), kept_in(settings.backups)
    except OSError as problem:
        raise folder_refused(settings.backups, problem) from None
