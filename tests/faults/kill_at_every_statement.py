"""Something done to an installation, killed before every statement that changes something and every file it moves.

Each kill is a process of its own with a copy of the same data folder; the next start sweeps, and what then stands in the store and in
the folders is compared with the states before and after: never between.
"""

from __future__ import annotations

import os
import shutil
import signal
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from core.base.config import Settings, read_settings
from core.base.rights import Viewer
from core.documents import stored_files
from core.imports.run import sweep
from core.operations.doctor import examine
from core.operations.installation import open_installation
from core.store import close_store, reader
from core.store.connection import Connection
from core.store.tables import TABLES

SYSTEM = Viewer.system("kills")
# What differs from run to run, beside moments.
RANDOM = ("salt", "old_digest", "new_digest", "previous_hash", "hash", "password_hash")
MOVES = ((shutil, "copyfile"), (shutil, "rmtree"), (os, "fsync"), (Path, "replace"), (Path, "unlink"))
# Killed before one of these is the same as killed before what follows.
LOOKS = ("SELECT", "WITH", "FROM", "USE", "SET", "PREPARE", "EXECUTE")


@dataclass(frozen=True)
class State:
    """What an installation holds: a digest of every table's rows, without moments and salts, and the files with their sizes."""

    rows: tuple[tuple[str, str], ...]
    files: tuple[str, ...]


class Counter:
    """Counts changing statements and moves, and kills the process before number ``last`` (0: never)."""

    def __init__(self, last: int) -> None:
        self.last, self.done = last, 0

    def step(self) -> None:
        """One more is about to be done."""
        self.done += 1
        if self.done == self.last:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, function: Callable) -> Callable:
        def counted(*args, **kwargs):
            # What the mark beside the database does once a second, in its own thread, comes when it comes.
            looks = threading.current_thread() is not threading.main_thread() or (
                len(args) > 1 and isinstance(args[1], str) and args[1].lstrip().upper().startswith(LOOKS)
            )
            if not looks:
                self.step()
            return function(*args, **kwargs)

        return counted

    def begin(self) -> None:
        """Count from now on what this process does to the store and the files."""
        Connection.execute = self.around(Connection.execute)
        for owner, name in MOVES:
            setattr(owner, name, self.around(getattr(owner, name)))


def apart(act: Callable[[], object], report: Path) -> int:
    """Do something in a process of its own; returns how it ended. What it returned stands in ``report``."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        report.write_text(repr(act()), "utf-8")
        code = 0
    except BaseException:
        report.write_text(traceback.format_exc(), "utf-8")
    finally:
        os._exit(code)


def settings_of(data: Path) -> Settings:
    return read_settings({"KUNDENBLICK_DATA": str(data)})


def look(data: Path, names: Callable[[str], str] = str) -> tuple[State, list[str]]:
    """Start again after a kill: what is there, and what does not agree. ``names`` says how a file's name counts."""
    settings = settings_of(data)
    open_installation(settings)
    sweep(settings)
    stored_files.sweep(settings)
    wrong = [code for code, _ in examine(settings) if code != "owner"]
    wrong += [str(path.relative_to(data)) for path in data.glob("import-*")]
    with reader(SYSTEM) as r:
        columns: dict[str, list[str]] = {}
        for row in r.rows(
            """SELECT table_name, column_name, data_type FROM duckdb_columns()
            WHERE database_name = 'kundenblick' AND schema_name = 'data' ORDER BY 1, column_index"""
        ):
            if not row["data_type"].startswith("TIMESTAMP") and row["column_name"] not in RANDOM:
                columns.setdefault(row["table_name"], []).append(row["column_name"])
        digest = "concat(count(*), ' rows ', bit_xor(hash({})))"
        rows = tuple((t, r.value(f"SELECT {digest.format(', '.join(columns[t]))} FROM kundenblick.data.{t}")) for t in sorted(TABLES))
    kept = [p for f in (settings.documents, settings.photos) for p in f.rglob("*") if p.is_file()]
    found = tuple(sorted(f"{names(str(p.relative_to(data)))} {p.stat().st_size}" for p in kept))
    close_store()
    return State(rows, found), wrong


def kills(
    folder: Path, before: Callable[[Path], object], act: Callable[[Path, int], int], look: Callable[[Path], object] = look,
    every: int = 1, last: int = 10**9,
) -> dict[str, int]:  # fmt: skip
    """Kill ``act(data, step)`` before every so manieth of its steps, the ``last`` ones only. ``before`` fills the data folder.

    ``act`` returns how many steps there are. Returns how many kills left the state before, and after. Raises AssertionError for
    anything between.
    """
    report = folder / "report"
    start = folder / "start"
    assert apart(lambda: before(start), report) == 0, report.read_text("utf-8")
    states = {}
    for name in ("before", "after"):
        shutil.copytree(start, folder / name)
        if name == "after":
            assert apart(lambda: act(folder / "after", 0), report) == 0, report.read_text("utf-8")
            total = int(report.read_text("utf-8"))
        assert apart(lambda name=name: look(folder / name), report) == 0, report.read_text("utf-8")
        states[name] = report.read_text("utf-8")
    assert states["before"] != states["after"]
    counts = {"before": 0, "after": 0}
    for place in range(max(1, total - last), total + 1, every):
        data = folder / "killed"
        shutil.copytree(start, data)
        ended = apart(lambda data=data, place=place: act(data, place), report)
        if ended == 0 and int(report.read_text("utf-8")) < place:
            # How many pieces a file was written in may differ by one or two from run to run: this one was done before that step.
            counts["done before"] = counts.get("done before", 0) + 1
        else:
            assert ended == -signal.SIGKILL, report.read_text("utf-8")
        assert apart(lambda data=data: look(data), report) == 0, report.read_text("utf-8")
        found = [name for name, state in states.items() if state == report.read_text("utf-8")]
        assert found, (
            f"killed before step {place} of {total}: {report.read_text('utf-8')}\nbefore: {states['before']}\nafter: {states['after']}"
        )
        counts[found[0]] += 1
        shutil.rmtree(data)
    return counts
