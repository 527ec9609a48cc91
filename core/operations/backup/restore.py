"""Restore a backup: it is verified beside the data, then takes its place; the previous data is kept aside."""

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
# File that lets the next start record the restore.
RESTORED = "kundenblick.restored"
NAMES = (DATABASE, f"{DATABASE}.wal", "kundenblick.head", *FOLDERS, CONFIGURATION, FACTOR_KEY, RESTORED)


def examine(backup: Path, key: bytes | None, folder: Path, progress: Progress = lambda _done, _of: None) -> Examined:
    """Verify a backup by unpacking it into a temporary folder inside ``folder``. Raises AppError."""
    glance(backup, key)
    with work_folder(folder, EXAMINING) as work:
        return unpack(backup, key, work, progress)


def restore(
    settings: Settings, backup: Path, key: bytes | None, progress: Progress, step: Callable[[str], None]
) -> tuple[Examined, Path | None]:
    """Replace the data by a backup; returns what it holds and where the previous data is now (None if there was none).

    Nothing is touched until the whole backup is verified. ``step`` is called with the name of what happens next.
    Raises AppError, StoreInUse while another process has the database open.
    """
    glance(backup, key)
    settings.data.mkdir(parents=True, mode=0o700, exist_ok=True)
    owner = own(settings.database)
    try:
        sweep_work(settings)
        _require_movable(settings)
        with work_folder(settings.data, PUTTING_BACK) as work:
            new = work / "new"
            new.mkdir()
            examined = unpack(backup, key, new, progress)
            step("placing")
            _prepare_data(backup, new, examined)
            names = [name for name in NAMES if name != CONFIGURATION or not (settings.data / name).exists()]
            was = any((settings.data / name).exists() for name in names)
            aside = settings.data / f"before-restore-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
            swap(settings.database, new, aside, names)
            if not was:
                aside.rmdir()
        return examined, aside if was else None
    finally:
        owner.close()


def _require_movable(settings: Settings) -> None:
    """Raise AppError for a data folder on another file system: it could not be moved aside in one step."""
    for name in FOLDERS:
        place = settings.data / name
        if place.is_dir() and os.path.ismount(place):
            raise AppError("restore_mount", folder=place)


def _prepare_data(backup: Path, new: Path, examined: Examined) -> None:
    """End all sessions in the restored data, write its mark, and note the restore for the next start."""
    end_sign_ins(new / DATABASE)
    (new / "backup.json").unlink(missing_ok=True)
    facts = examined.contents.facts
    write_head(new / DATABASE, facts.head, MarkState(closed=True))
    restored = {"backup": backup.name, "made_at": examined.contents.made_at.isoformat(timespec="seconds")}
    if (new / FACTOR_KEY).exists():
        (new / FACTOR_KEY).chmod(0o600)
    (new / RESTORED).write_text(json.dumps(restored), "utf-8")
    for name in FOLDERS:
        (new / name).mkdir(exist_ok=True)
    assert mark_file(new / DATABASE).name in NAMES


def note_restored(settings: Settings) -> str | None:
    """Record a restore since the last start, once; returns the backup's name and time, None if there was no restore."""
    file = settings.data / RESTORED
    try:
        restored = json.loads(file.read_text("utf-8"))
        text = f"{restored['backup']} ({restored['made_at'][:16].replace('T', ' ')} UTC)"
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        text = "?"
    with writer(SYSTEM) as tx:
        tx.note("restored", "store", text=text)
    file.unlink(missing_ok=True)
    return text
