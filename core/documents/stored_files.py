"""Write and remove files that belong to a row: durable before their row is committed, removed after it is deleted.

An empty marker file ``….unsure`` lies beside a new file until its row is committed, and the audit record names the files of deleted
rows; from both ``sweep`` finds what a killed process left behind.
"""

from __future__ import annotations

import contextlib
import errno
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from core.base.config import Settings
from core.base.durable import sync_file, sync_folder
from core.base.errors import AppError, StoreFull
from core.base.rights import Viewer
from core.documents.documents import inside
from core.store import reader, writer

SYSTEM = Viewer.system("stored files")
# Ending of the marker file beside a file whose row is not committed yet.
MARKER_ENDING = ".unsure"
# Names of files whose rows this process is saving; ``sweep`` leaves them.
_being_saved: set[str] = set()
_guard = threading.Lock()
# How many backups hold the files at the moment, and what is to be removed after the last of them.
_hold_count = 0
_held_back: list[tuple[Path, str]] = []


def folders(settings: Settings) -> dict[str, Path]:
    """Return {table: folder} of the tables whose column ``file`` names files."""
    return {"photo": settings.photos, "document": settings.documents}


@contextmanager
def written(table: str, folder: Path, files: Mapping[str, bytes]) -> Iterator[None]:
    """Write the files, durably, before the block commits their rows; remove them when the block fails.

    Args:
        table: The table whose column ``file`` names them.
        folder: Where they go.
        files: Their contents by name.

    Raises:
        StoreFull: The disk is full.
        AppError: The folder cannot be written to.
    """
    _being_saved.update(files)
    try:
        for name, content in files.items():
            write(folder / name, content)
        yield
        remove(folder, [name + MARKER_ENDING for name in files])
    except BaseException:
        _take_back(table, folder, files)
        raise
    finally:
        _being_saved.difference_update(files)


def write(path: Path, content: bytes) -> None:
    """Write one file durably, its marker first. Raises StoreFull, and AppError for a folder that cannot be written to."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(path.name + MARKER_ENDING).touch()
        with path.open("xb") as out:
            out.write(content)
            sync_file(out)
        sync_folder(path.parent)
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull() from None
        if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOENT, errno.ENOTDIR):
            raise AppError("folder_unwritable", folder=path.parent) from None
        raise


@contextmanager
def holding() -> Iterator[None]:
    """Put off every removal of a file until the block ends: a backup copies the files of rows that may be deleted meanwhile."""
    global _hold_count
    with _guard:
        _hold_count += 1
    try:
        yield
    finally:
        with _guard:
            _hold_count -= 1
            due = [] if _hold_count else _held_back.copy()
            if due:
                _held_back.clear()
        for folder, name in due:
            remove(folder, [name])


def remove(folder: Path, names: Iterable[str]) -> None:
    """Remove these files, after a backup that is being made; one that cannot be removed now is left to ``sweep``."""
    with _guard:
        if _hold_count:
            _held_back.extend((folder, name) for name in names)
            return
    for name in names:
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def _take_back(table: str, folder: Path, names: Iterable[str]) -> None:
    """Remove the files of a failed save, unless a row names one after all; what cannot be asked now is left to ``sweep``."""
    with contextlib.suppress(AppError, OSError), reader(SYSTEM) as r:
        for name in names:
            kept = r.value(f"SELECT 1 FROM {table} WHERE file = $file", file=name)  # noqa: S608 - built of names from the code
            remove(folder, [name + MARKER_ENDING] if kept else [name, name + MARKER_ENDING])


def sweep(settings: Settings) -> int:
    """Remove files that a killed process left without their row, never committed or deleted since; returns how many.

    Files that neither a marker nor the audit record names stay; ``doctor`` reports them. Runs as a writer, so that no import is
    between a file and its row.
    """
    return sum(_sweep(table, folder) for table, folder in folders(settings).items())


def _sweep(table: str, folder: Path) -> int:
    if not folder.is_dir():
        return 0
    with writer(SYSTEM) as tx:
        markers = {entry.name for entry in os.scandir(folder) if entry.name.endswith(MARKER_ENDING)} - {
            name + MARKER_ENDING for name in _being_saved
        }
        deleted = f"SELECT old_value FROM audit_entry WHERE entity = '{table}' AND action IN ('deleted', 'changed') AND field = 'file'"  # noqa: S608 - built of names from the code
        suspects = {name.removesuffix(MARKER_ENDING) for name in markers} | {
            row["old_value"] for row in tx.rows(deleted) if row["old_value"]
        }
        present = sorted(name for name in suspects - _being_saved if inside(folder, name))
        owned = f"SELECT file FROM {table} WHERE file IN (SELECT unnest($names))"  # noqa: S608 - built of names from the code
        lost = set(present) - ({row["file"] for row in tx.rows(owned, names=present)} if present else set())
        remove(folder, [*lost, *markers])
    return len(lost)
