"""Errors of the operating system as errors with a sentence for people."""

from __future__ import annotations

import errno
from pathlib import Path

from core.base.errors import AppError

FULL_ERRNOS = (errno.ENOSPC, errno.EDQUOT)
DENIED_ERRNOS = (errno.EACCES, errno.EPERM, errno.EROFS)


class FolderRefusedError(AppError):
    """A folder for backups that cannot be used."""

    code = "backup_folder"


def folder_refused(folder: Path, problem: OSError) -> FolderRefusedError:
    """Return the error of a folder that is missing, forbidden, full, or fails otherwise."""
    if problem.errno in FULL_ERRNOS:
        return FolderRefusedError("backup_full", folder=folder)
    if problem.errno in (errno.ENOENT, errno.ENOTDIR):
        return FolderRefusedError("backup_folder_missing", folder=folder)
    if problem.errno in DENIED_ERRNOS:
        return FolderRefusedError("backup_folder_denied", folder=folder)
    return FolderRefusedError(folder=folder, reason=problem.strerror or str(problem))


def file_refused(file: Path, problem: OSError) -> AppError:
    """Return the error of a backup that is missing, forbidden, or fails otherwise."""
    if problem.errno in (errno.ENOENT, errno.ENOTDIR):
        return AppError("backup_not_there", file=file)
    if problem.errno in DENIED_ERRNOS:
        return AppError("backup_denied", file=file)
    return AppError("backup_unreadable", file=file, reason=problem.strerror or str(problem))
