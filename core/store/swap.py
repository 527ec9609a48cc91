"""Another database put in the place of this one, with its files: all of it or nothing, whenever the program is killed.

A plan is written first. Whoever next holds the database finishes what it says before opening anything, so that there is only
the state before (no plan) and the state after (plan done).
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
PLAN = ".swap"


def swap(file: Path, new: Path, aside: Path, names: Sequence[str]) -> None:
    """Put ``names`` of the folder ``new`` in their place beside the database, and what stood there into the folder ``aside``.

    A name that ``new`` does not hold is only put aside. The three folders lie on one file system; the caller owns the database.
    """
    os.sync()
    text = json.dumps(
        {"new": str(new), "aside": str(aside), "brings": [name for name in names if (new / name).exists()], "names": [*names]}
    )
    plan = file.with_suffix(PLAN)
    write_durably(plan, text, file.with_suffix(PLAN + "-new"))
    _follow(plan, file)


def finish_swap(file: Path) -> None:
    """Do what a plan still says that was interrupted, if there is one."""
    plan = file.with_suffix(PLAN)
    # Written, and not yet in force when it was killed: nothing was moved.
    file.with_suffix(PLAN + "-new").unlink(missing_ok=True)
    if plan.exists():
        _follow(plan, file)
        log.warning("a restore that was interrupted is finished; what was there before lies in the data folder under before-restore-…")


def _follow(plan: Path, file: Path) -> None:
    """Every step can be done again."""
    told = json.loads(plan.read_text("utf-8"))
    new, aside = Path(told["new"]), Path(told["aside"])
    aside.mkdir(mode=0o700, exist_ok=True)
    for name in told["names"]:
        there, coming = file.parent / name, new / name
        if name in told["brings"] and not coming.exists():
            continue
        if os.path.lexists(there):
            os.rename(there, aside / name)
        if name in told["brings"]:
            os.rename(coming, there)
    for folder in (new, aside, file.parent):
        sync_folder(folder)
    plan.unlink()
    sync_folder(file.parent)
    shutil.rmtree(new, ignore_errors=True)
