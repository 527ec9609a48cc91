"""Unpack a backup into an empty folder and compare it with its own list of contents."""

from __future__ import annotations

import errno
import hashlib
import shutil
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import AppError, StoreError
from core.operations.backup.archive import DATABASE, LAST, Contents, Member, Reading, contents_of, is_ours, reading
from core.operations.backup.folder_errors import file_refused
from core.store import Finding, examine_record
from core.store.migrations import newest_schema
from core.store.snapshot import look_into

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Examined:
    """The contents of a complete backup, and the first wrong entry of its record of changes, if there is one."""

    contents: Contents
    finding: Finding | None


def glance(backup: Path, key: bytes | None) -> None:
    """Check the beginning of a backup, which is quick. Raises AppError if it is no backup, is newer, or needs another key."""
    with reading(backup, key) as archive:
        archive.first(newest_schema())


def unpack(backup: Path, key: bytes | None, into: Path, progress: Progress = lambda _done, _of: None) -> Examined:
    """Unpack a backup into the empty folder ``into`` and compare it with its contents. ``progress`` is called with bytes. Raises AppError."""
    try:
        size = backup.stat().st_size
        if (free := shutil.disk_usage(into).free) < size:
            raise AppError("restore_room", need=size >> 20, free=free >> 20, folder=into)
        contents = _taken_out(backup, key, into, lambda done: progress(min(done, size), size))
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise AppError("restore_room", need=size >> 20, free=0, folder=into) from None
        raise file_refused(backup, problem) from None
    return Examined(contents, _compared(into / DATABASE, contents))


def _taken_out(backup: Path, key: bytes | None, into: Path, progress: Callable[[int], None]) -> Contents:
    contents, done = None, 0
    with reading(backup, key) as archive:
        first, member = archive.first(newest_schema())
        found = {member.name: member}
        for info in archive.rest():
            # Before any room is used: a member cannot be larger than the rest of the archive.
            if contents is not None or info.name in found or done + info.size > backup.stat().st_size:
                raise AppError("backup_damaged")
            if info.name == LAST:
                contents = contents_of(archive.content(info))
            elif is_ours(info.name):
                found[info.name] = _take_out(archive, info, into)
            else:
                raise AppError("backup_damaged")
            done += info.size
            progress(done)
    if contents is None or DATABASE not in found or contents.made_at.isoformat() != first["made_at"]:
        raise AppError("backup_damaged")
    if len(contents.members) != len(found) or set(contents.members) != set(found.values()):
        raise AppError("backup_damaged")
    return contents


def _take_out(archive: Reading, info: tarfile.TarInfo, into: Path) -> Member:
    path, digest = into / info.name, hashlib.sha256()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("xb")
    except (FileExistsError, NotADirectoryError, IsADirectoryError, UnicodeEncodeError):
        # One member's name is another's folder: no backup was made like that.
        raise AppError("backup_damaged") from None
    with file as out:
        for piece in archive.pieces(info):
            digest.update(piece)
            out.write(piece)
    return Member(info.name, info.size, digest.hexdigest())


def _compared(database: Path, contents: Contents) -> Finding | None:
    """Return what is wrong with the database's record of changes, if anything. Raises AppError if it is not the database of ``contents``."""
    try:
        with look_into(database) as (ask, facts):
            if facts != contents.facts:
                raise AppError("backup_differs")
            return examine_record(ask, facts.head, facts.head).finding
    except StoreError:
        raise AppError("backup_damaged") from None
