"""A restore: a backup examined beside the data, then put in its place; what was there is kept aside."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from core.base.config import Settings
from core.base.errors import AppError
from core.base.rights import Viewer
from core.operations.backup.archive import CONFIGURATION, DATABASE, FACTOR_KEY, FOLDERS
from core.operations.backup.temp_folder import EXAMINING, PUTTING_BACK, sweep_work, work_folder
from core.operations.backup.verify import Examined, Progress, glance, unpack
from core.store import writer
from core.store.audit.high_water_mark import MarkState, mark_file, write_head
from core.store.database import own
from core.store.snapshot import end_sign_ins
from core.store.swap import swap

SYSTEM = Viewer.system("restore", "command")
# What tells the next start that a backup was put back.
TOLD = "kundenblick.restored"
NAMES = (DATABASE, f"{DATABASE}.wal", "kundenblick.head", *FOLDERS, CONFIGURATION, FACTOR_KEY, TOLD)


def examine(backup: Path, key: bytes | None, folder: Path, progress: Progress = lambda done, of: None) -> Examined:
    """Take a backup out into a folder inside ``folder`` that goes again, and compare. Raises AppError."""
    glance(backup, key)
    with work_folder(folder, EXAMINING) as work:
        return unpack(backup, key, work, progress)


def restore(
    settings: Settings, backup: Path, key: bytes | None, progress: Progress, step: Callable[[str], None]
) -> tuple[Examined, Path | None]:
    """Put a backup in the place of the data; returns what it holds and where the data of before lies now (None when there was none).

    Until everything is examined nothing is touched. Raises AppError, StoreInUse while somebody has the database open.
    """
    glance(backup, key)
    settings.data.mkdir(parents=True, mode=0o700, exist_ok=True)
    owner = own(settings.database)
    try:
        sweep_work(settings)
        _can_be_moved(settings)
        with work_folder(settings.data, PUTTING_BACK) as work:
            new = work / "new"
            new.mkdir()
            examined = unpack(backup, key, new, progress)
            step("placing")
            _make_ready(settings, backup, new, examined)
            names = [name for name in NAMES if name != CONFIGURATION or not (settings.data / name).exists()]
            was = any((settings.data / name).exists() for name in names)
            aside = settings.data / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
            swap(settings.database, new, aside, names)
            if not was:
                aside.rmdir()
        return examined, aside if was else None
    finally:
        owner.close()


def _can_be_moved(settings: Settings) -> None:
    """Raises AppError for a folder of the data that lies on another file system: it could not be put aside in one step."""
    for name in FOLDERS:
        place = settings.data / name
        if place.is_dir() and os.path.ismount(place):
            raise AppError("restore_mount", folder=place)


def _make_ready(settings: Settings, backup: Path, new: Path, examined: Examined) -> None:
    """What the restored data needs beside itself: nobody signed in, the mark of its last change, and that it was put back."""
    end_sign_ins(new / DATABASE)
    (new / "backup.json").unlink(missing_ok=True)
    facts = examined.contents.facts
    write_head(new / DATABASE, facts.head, MarkState(closed=True))
    told = {"backup": backup.name, "made_at": examined.contents.made_at.isoformat(timespec="seconds")}
    if (new / FACTOR_KEY).exists():
        (new / FACTOR_KEY).chmod(0o600)
    (new / TOLD).write_text(json.dumps(told), "utf-8")
    for name in FOLDERS:
        (new / name).mkdir(exist_ok=True)
    assert mark_file(new / DATABASE).name in NAMES


def note_restored(settings: Settings) -> str | None:
    """Write into the record, once, that a backup was put back since the last start; returns its name."""
    file = settings.data / TOLD
    try:
        told = json.loads(file.read_text("utf-8"))
        text = f"{told['backup']} ({told['made_at'][:16].replace('T', ' ')} UTC)"
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        text = "?"
    with writer(SYSTEM) as tx:
        tx.note("restored", "store", text=text)
    file.unlink(missing_ok=True)
    return text
