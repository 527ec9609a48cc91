"""Keep the data folder closed to other users of the machine."""

from __future__ import annotations

import os
from pathlib import Path

from core.base.errors import StoreError

# Files of a folder that holds no data yet.
BEFORE_DATA = frozenset({"README.md", "kundenblick.toml"})


def prepare(folder: Path) -> None:
    """Create the data folder with mode 0700. An existing one is tightened only while it holds no data.

    Raises StoreError if the path is not a folder.
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
