"""Make a backup of the open store while people work: the database at one moment, then the files it names."""

from __future__ import annotations

import fcntl
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from core.base.config import Settings
from core.base.durable import sync_file, sync_folder
from core.base.errors import AppError, StoreError, StoreFull
from core.base.rights import Viewer
from core.documents import stored_files
from core.documents.documents import inside
from core.operations.backup.archive import CONFIGURATION, DATABASE, FACTOR_KEY, Contents, write_archive
from core.operations.backup.encryption import read_key
from core.operations.backup.folder_errors import folder_refused
from core.operations.backup.temp_folder import MAKING, sweep_parts, work_folder
from core.store import engine, writer
from core.store.snapshot import Facts, take_snapshot

log = logging.getLogger("kundenblick")
SYSTEM = Viewer.system("backup")
# Held while this process makes a backup.
_making = threading.Lock()
Progress = Callable[[int, int], None]


def make_backup(
    settings: Settings, target: Path | None = None, *, nightly: bool = False, viewer: Viewer = SYSTEM, progress: Progress = lambda _done, _of: None
) -> tuple[Path, Contents]:  # fmt: skip
    """Write a backup into the folder ``target`` (default: the configured one) and return the archive and its contents.

    The file gets its name only when it is complete and on the disk. ``progress(done, of)`` is called with bytes. Raises AppError.
    """
    folder = target or settings.backups
    key = read_key(settings.backup_key_file)
    if not _making.acquire(blocking=False):
        raise AppError("backup_running")
    try:
        # Without parents: they may be on a disk that is not mounted at the moment.
        folder.mkdir(mode=0o700, exist_ok=True)
        sweep_parts(folder)
        # From before the snapshot on, no file that it may name is removed.
        with stored_files.holding(), work_folder(settings.data, MAKING) as work:
            ending = f"{'-nightly' if nightly else ''}.tar{'.sealed' if key else ''}"
            made_at, began = _free_second(folder, ending), time.monotonic()
            try:
                facts = take_snapshot(engine(), work / DATABASE)
            except StoreFull:
                raise AppError("backup_no_room", folder=settings.data) from None
            files = [(DATABASE, work / DATABASE), *_files(settings, facts)]
            total = sum(path.stat().st_size for _, path in files if path and path.exists())
            done = [0]

            def wrote(count: int) -> None:
                done[0] += count
                progress(min(done[0], total), total)

            archive, contents = _write(folder, _name(made_at, ending), lambda out: write_archive(out, key, made_at, facts, files, wrote))
        log.info("backup %s: %s files, %s MiB, %.1f s", archive.name, len(contents.members) - 2, total >> 20, time.monotonic() - began)
        try:
            with writer(viewer) as tx:
                tx.note("backed_up", "store", text=archive.name)
        except StoreError:
            # The backup is there all the same.
            log.exception("that a backup was made could not be recorded")
        return archive, contents
    except OSError as problem:
        raise folder_refused(folder, problem) from problem
    finally:
        _making.release()


def is_running() -> bool:
    """Return whether this process is making a backup."""
    return _making.locked()


def _files(settings: Settings, facts: Facts) -> Iterator[tuple[str, Path | None]]:
    for table, place in stored_files.folders(settings).items():
        for name in facts.files[table]:
            yield f"{place.name}/{name}", inside(place, name)
    for name in (CONFIGURATION, FACTOR_KEY):
        if (settings.data / name).is_file():
            yield name, settings.data / name


def _name(made_at: datetime, ending: str) -> str:
    return f"kundenblick-{made_at:%Y%m%dT%H%M%SZ}{ending}"


def _free_second(folder: Path, ending: str) -> datetime:
    """Return now, or the next second while a backup of this one exists: names are precise to the second."""
    while (folder / _name(moment := datetime.now(UTC), ending)).exists():
        time.sleep(1.001 - moment.microsecond / 1e6)
    return moment


def _write(folder: Path, name: str, write: Callable[[BinaryIO], Contents]) -> tuple[Path, Contents]:
    archive, part = folder / name, folder / f".{name}.part"
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise AppError("backup_running") from None
    try:
        with os.fdopen(handle, "wb") as out:
            fcntl.flock(out, fcntl.LOCK_EX)
            if archive.exists():
                raise AppError("backup_running")
            contents = write(out)
            sync_file(out)
            os.rename(part, archive)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(folder)
    return archive, contents
