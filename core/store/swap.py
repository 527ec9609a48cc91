"""Replace the database and its files by others, all or nothing, whenever the program is killed.

A plan is written first. The next process that owns the database finishes it before opening anything, so there is only the state before
(no plan) and the state after (plan done).
"""

from __future__ import annotations

import json
import logging
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from core.base.durable import sync_folder, write_durably

log = logging.getLogger(__name__)
# Suffix of the plan, beside the database.
PLAN_SUFFIX = ".swap"


def swap(file: Path, new: Path, aside: Path, names: Sequence[str]) -> None:
    """Move ``names`` from the folder ``new`` to their place beside the database, and those that were there to the folder ``aside``.

    A name that ``new`` does not hold is only moved aside. The folders are on one file system; the caller owns the database.
    """
    os.sync()
    text = json.dumps(
        {"new": str(new), "aside": str(aside), "brings": [name for name in names if (new / name).exists()], "names": [*names]}
    )
    plan = file.with_suffix(PLAN_SUFFIX)
    write_durably(plan, text, file.with_suffix(PLAN_SUFFIX + "-new"))
    _follow(plan, file)


def finish_swap(file: Path) -> None:
    """Finish an interrupted plan, if there is one."""
    plan = file.with_suffix(PLAN_SUFFIX)
    # A plan that was not in force yet: nothing was moved.
    file.with_suffix(PLAN_SUFFIX + "-new").unlink(missing_ok=True)
    if plan.exists():
        _follow(plan, file)
        log.warning("a restore that was interrupted is finished; what was there before lies in the data folder under before-restore-…")


def _follow(plan: Path, file: Path) -> None:
    """Carry a plan out; each step can be repeated."""
    steps = json.loads(plan.read_text("utf-8"))
    new, aside = Path(steps["new"]), Path(steps["aside"])
    aside.mkdir(mode=0o700, exist_ok=True)
    for name in steps["names"]:
        there, coming = file.parent / name, new / name
        if name in steps["brings"] and not coming.exists():
            continue
        if os.path.lexists(there):
            os.rename(there, aside / name)
        if name in steps["brings"]:
            os.rename(coming, there)
    for folder in (new, aside, file.parent):
        sync_folder(folder)
    plan.unlink()
    sync_folder(file.parent)
    shutil.rmtree(new, ignore_errors=True)
