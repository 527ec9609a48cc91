"""The server's own backups: made at night, verified in a process of their own, pruned; or made at once from the settings page."""

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
from subprocess import DEVNULL

from core.access.refusals import note_refusal
from core.base.config import ROOT, Settings
from core.base.errors import AppError, NotAllowed, ViewingOnly
from core.base.rights import Role, Viewer
from core.operations.backup.folder_errors import folder_refused
from core.operations.backup.make import SYSTEM, make_backup
from core.operations.backup.retention import BackupFile, Standing, judged, kept_in, not_ahead, prune, standing
from core.store import reader

log = logging.getLogger("kundenblick")
# In autumn an hour comes twice.
REPEATED_HOUR = timedelta(minutes=65)
RETRY_AFTER = timedelta(hours=1)
# How long a server runs before it makes up for a missed night.
WARM_UP = timedelta(minutes=10)
LOOK_EVERY_S = 60.0


@dataclass
class Work:
    """A backup being made: ``step`` is ``copying`` (``done`` of ``of`` bytes), ``verifying``, ``done`` or ``failed`` with its ``problem``."""

    step: str
    done: int = 0
    of: int = 0
    problem: AppError | None = None


_guard = threading.Lock()
_work: Work | None = None
_known: Standing | None = None


def due(settings: Settings, moment: datetime, started: datetime, nightly: list[BackupFile], failed: datetime | None) -> bool:
    """Return whether a nightly backup is due. All moments have a zone; the configured hour is meant in that of ``moment``.

    A missed night is made up for once the server has run for ten minutes; a failed backup is tried again after an hour.

    Args:
        settings: The settings of this installation.
        moment: Now.
        started: When the server started.
        nightly: The nightly backups there are, newest first.
        failed: When a backup failed last.
    """
    # ``started`` and ``failed`` may be in the future, if the clock was ahead then and is right now.
    if settings.backup_at_hour == "off" or (failed and timedelta() <= moment - failed < RETRY_AFTER):
        return False
    point = moment.replace(hour=int(settings.backup_at_hour), minute=0, second=0, microsecond=0)
    if point > moment:
        point -= timedelta(days=1)
    # A backup stamped in the future was made by a wrong clock: it says nothing about this night.
    made = not_ahead(nightly, moment)
    # A backup made in the first of two equal hours is this night's.
    if made and made[0].made_at >= point - REPEATED_HOUR:
        return False
    return moment - point < RETRY_AFTER or (bool(nightly or failed) and abs(moment - started) > WARM_UP)


def known_standing(settings: Settings) -> Standing:
    """Return the state of the backups as of a minute ago, so that a folder on an unreachable machine blocks no page."""
    known = _known
    return standing(settings.backups) if known is None else judged(known.last) if known.last else known


def run(settings: Settings, end: threading.Event) -> None:
    """Make the nightly backups until ``end``."""
    global _known
    started, failed = datetime.now().astimezone(), None
    while not end.wait(LOOK_EVERY_S):
        moment = datetime.now().astimezone()
        try:
            _known = standing(settings.backups)
            nightly = [backup for backup in kept_in(settings.backups) if backup.is_nightly]
            if due(settings, moment, started, nightly, failed):
                failed = None if one_night(settings, end) else moment
        except OSError as problem:
            failed = moment
            log.error("the folder of the backups cannot be read: %s", problem.strerror)


def one_night(settings: Settings, end: threading.Event) -> bool:
    """Make a backup, verify it and prune the old ones; returns whether all of it succeeded."""
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
    """Verify a backup in a child process, so that neither its cost nor its content affects the server; ended when ``end`` is set."""
    began = time.monotonic()
    environ = os.environ | {"KUNDENBLICK_DATA": str(settings.data)}
    command = [sys.executable, "-m", "core", "restore", str(archive), "--verify"]
    if settings.backup_key_file:
        command += ["--key", str(Path(settings.backup_key_file).expanduser())]
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL) as child:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, child.pid, 10)
        while child.poll() is None:
            if end.wait(0.25):
                child.terminate()
        is_verified = child.returncode == 0
    if is_verified:
        log.info("backup %s verified in %.1f s", archive.name, time.monotonic() - began)
    return is_verified


def _require_lead(viewer: Viewer) -> None:
    """Raise NotAllowed unless the viewer is an owner or admin as themselves."""
    if viewer.by is not None:
        raise ViewingOnly()
    with reader(viewer) as r:
        role = r.scope.role
    if role not in (Role.OWNER, Role.ADMIN):
        note_refusal(viewer, "backup.make")
        raise NotAllowed()


def backup_now(viewer: Viewer, settings: Settings) -> None:
    """Start a backup for an owner or admin; ``what_goes_on`` returns its progress. Raises NotAllowed, AppError while one is being made."""
    _require_lead(viewer)
    with _guard:
        global _work
        if _work and _work.step in ("copying", "verifying"):
            raise AppError("backup_running")
        _work = Work("copying")
    threading.Thread(
        target=_made, args=(settings, viewer), kwargs={"nightly": False, "end": threading.Event()}, name="backup", daemon=True
    ).start()


def what_goes_on() -> Work | None:
    """Return the backup being made, or the last one this process made; None if it made none."""
    return _work


def backups_of(viewer: Viewer, settings: Settings) -> tuple[Standing, list[BackupFile]]:
    """Return the state of the backups and the backups, newest first. Raises NotAllowed, AppError for a folder that cannot be read."""
    _require_lead(viewer)
    try:
        return standing(settings.backups), kept_in(settings.backups)
    except OSError as problem:
        raise folder_refused(settings.backups, problem) from None
