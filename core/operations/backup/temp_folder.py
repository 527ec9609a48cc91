"""Temporary folders inside the data folder; those a kill left behind are found by their lock and removed."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.base.config import Settings

# How names of temporary folders begin.
MAKING = "backup-work-"
PUTTING_BACK = "restore-work-"
EXAMINING = "verify-work-"


@contextmanager
def work_folder(place: Path, kind: str) -> Iterator[Path]:
    """Yield an empty folder for this user alone; it is locked as long as the block lasts, then removed."""
    place.mkdir(parents=True, exist_ok=True)
    folder = place / f"{kind}{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700)
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def sweep_work(settings: Settings) -> list[str]:
    """Remove the temporary folders that are not locked any more; returns their names. The caller owns the database."""
    return [path.name for kind in (MAKING, PUTTING_BACK, EXAMINING) for path in sorted(settings.data.glob(f"{kind}*")) if _swept(path)]


def sweep_parts(target: Path) -> int:
    """Remove archives in ``target`` that a kill left incomplete; returns how many."""
    return sum(_swept(path) for path in sorted(target.glob(".kundenblick-*.part")))


def _swept(path: Path) -> bool:
    """Remove a file or folder unless it is locked; returns whether it was removed."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
        return True
    finally:
        os.close(handle)
