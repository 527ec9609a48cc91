"""Writing that a cut of the power does not undo: files and the folders that name them are synced."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any


def sync_file(out: IO[Any]) -> None:
    """Put what was written to an open file onto the disk."""
    out.flush()
    os.fsync(out.fileno())


def sync_folder(folder: Path) -> None:
    """Put a folder's names onto the disk: a file that was made or renamed in it is found after a cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_durably(path: Path, text: str, beside: Path) -> None:
    """Replace a file whole: written as ``beside`` (of the same folder), synced, renamed, and the folder synced."""
    with open(beside, "w", encoding="utf-8") as out:
        out.write(text)
        sync_file(out)
    os.replace(beside, path)
    sync_folder(path.parent)
