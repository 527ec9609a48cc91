"""What the operating system refused, as an error with a sentence."""

from __future__ import annotations

import errno
from pathlib import Path

from core.base.errors import AppError

FULL, DENIED = (errno.ENOSPC, errno.EDQUOT), (errno.EACCES, errno.EPERM, errno.EROFS)


class FolderRefused(AppError):
    """A folder for backups that cannot be used."""

    code = "backup_folder"


def folder_refused(folder: Path, problem: OSError) -> FolderRefused:
    """A folder that is not there, may not be used, has no room, or fails otherwise."""
    if problem.errno in FULL:
        return FolderRefused("backup_full", folder=folder)
    if problem.errno in (errno.ENOENT, errno.ENOTDIR):
        return FolderRefused("backup_folder_missing", folder=folder)
    if problem.errno in DENIED:
        return FolderRefused("backup_folder_denied", folder=folder)
    return FolderRefused(folder=folder, reason=problem.strerror or str(problem))


def file_refused(file: Path, problem: OSError) -> AppError:
    """A backup that is not there, may not be read, or fails otherwise."""
    if problem.errno in (errno.ENOENT, errno.ENOTDIR):
        return AppError("backup_not_there", file=file)
    if problem.errno in DENIED:
        return AppError("backup_denied", file=file)
    return AppError("backup_unreadable", file=file, reason=problem.strerror or str(problem))
