"""Files that belong to a row: on the disk before their row is committed, gone after it; a kill between leaves what ``sweep`` knows.

Beside a new file stands an empty ``….unsure`` until its row is committed; the record names the files of deleted rows.
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
UNSURE = ".unsure"
_under_way: set[str] = set()
_guard = threading.Lock()
_holds: list[int] = []
_held: list[tuple[Path, str]] = []


def folders(settings: Settings) -> dict[str, Path]:
    """Where the files of each table lie; its column ``file`` names them."""
    return {"photo": settings.photos, "document": settings.documents}


@contextmanager
def written(table: str, folder: Path, files: Mapping[str, bytes]) -> Iterator[None]:
    """The files are on the disk while the block commits their rows; when it fails they are taken back. Raises StoreFull."""
    _under_way.update(files)
    try:
        for name, content in files.items():
            write(folder / name, content)
        yield
        remove(folder, [name + UNSURE for name in files])
    except BaseException:
        _settle(table, folder, files)
        raise
    finally:
        _under_way.difference_update(files)


def write(path: Path, content: bytes) -> None:
    """The file, on the disk, and what says that its row is still to come. Raises StoreFull."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_name(path.name + UNSURE).touch()
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
    """No file goes while the block lasts: a backup copies the files of rows that may be deleted meanwhile. They go afterwards."""
    with _guard:
        _holds.append(1)
    try:
        yield
    finally:
        with _guard:
            _holds.pop()
            due = [] if _holds else [_held.pop() for _ in range(len(_held))]
        for folder, name in due:
            remove(folder, [name])


def remove(folder: Path, names: Iterable[str]) -> None:
    """These files go, after a backup that is being made; what cannot go now, ``sweep`` finds."""
    with _guard:
        if _holds:
            _held.extend((folder, name) for name in names)
            return
    for name in names:
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def _settle(table: str, folder: Path, names: Iterable[str]) -> None:
    """The save failed: each file goes, unless a row names it after all; what cannot be asked now, ``sweep`` finds."""
    with contextlib.suppress(AppError, OSError), reader(SYSTEM) as r:
        for name in names:
            kept = r.value(f"SELECT 1 FROM {table} WHERE file = $file", file=name)
            remove(folder, [name + UNSURE] if kept else [name, name + UNSURE])


def sweep(settings: Settings) -> int:
    """Remove files that a kill left without their row: never committed, or replaced and deleted; returns how many.

    Files nobody knows of stay, for ``doctor`` to tell. Runs as a writer, so that no import is between file and row.
    """
    return sum(_sweep(table, folder) for table, folder in folders(settings).items())


def _sweep(table: str, folder: Path) -> int:
    if not folder.is_dir():
        return 0
    with writer(SYSTEM) as tx:
        markers = {entry.name for entry in os.scandir(folder) if entry.name.endswith(UNSURE)} - {name + UNSURE for name in _under_way}
        deleted = f"SELECT old_value FROM audit_entry WHERE entity = '{table}' AND action IN ('deleted', 'changed') AND field = 'file'"
        suspects = {name.removesuffix(UNSURE) for name in markers} | {row["old_value"] for row in tx.rows(deleted) if row["old_value"]}
        there = sorted(name for name in suspects - _under_way if inside(folder, name))
        owned = f"SELECT file FROM {table} WHERE file IN (SELECT unnest($names))"
        lost = set(there) - ({row["file"] for row in tx.rows(owned, names=there)} if there else set())
        remove(folder, [*lost, *markers])
    return len(lost)
