"""The data folder: nobody else on the machine may look into it."""

from __future__ import annotations

import os
from pathlib import Path

from core.base.errors import StoreError

# What lies in a folder that holds no data yet.
BEFORE_DATA = frozenset({"README.md", "kundenblick.toml"})


def prepare(folder: Path) -> None:
    """Make the folder, for this user alone. One that is there is closed to others as long as it holds no data; later that is theirs to do.

    Raises StoreError for what is no folder.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        return
    except (FileExistsError, NotADirectoryError):
        if not folder.is_dir():
            raise StoreError("data_no_folder", folder=folder) from None
    if folder.stat().st_uid == os.getuid() and not {entry.name for entry in os.scandir(folder)} - BEFORE_DATA:
        folder.chmod(0o700)
