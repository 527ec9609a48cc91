"""Write files so that a power cut does not undo it: sync them and their folders."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any


def sync_file(out: IO[Any]) -> None:
    """Sync an open file to the disk."""
    out.flush()
    os.fsync(out.fileno())


def sync_folder(folder: Path) -> None:
    """Sync a folder to the disk, so that a file made or renamed in it is found after a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_durably(path: Path, text: str, beside: Path) -> None:
    """Replace a file as a whole: write ``beside`` (in the same folder), sync, rename, sync the folder."""
    with open(beside, "w", encoding="utf-8") as out:
        out.write(text)
        sync_file(out)
    os.replace(beside, path)
    sync_folder(path.parent)
