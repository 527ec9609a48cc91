"""An import killed before every statement that changes something and every file it moves: before or after, never between.

``python tests/faults/import_kills.py [--every N] [--last N]`` prints what was found. The mapping brings one row into every table, a
document and a photo, and changes one client that was there. Each kill is a process of its own with a copy of the same firm;
the next start sweeps, and what then stands in the store and in the folders is compared with the states before and after.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.config import Settings, read_settings
from core.doctor import examine
from core.imports import apply
from core.imports.run import import_data, sweep
from core.rights import Viewer
from core.store import close_store, open_store, reader
from core.store.duckdb import Connection
from core.store.tables import TABLES

US = Viewer.system("kills")
# What differs from run to run, beside moments.
RANDOM = ("salt", "old_digest", "new_digest", "previous_hash", "hash", "password_hash")
MOVES = ((shutil, "copyfile"), (shutil, "rmtree"), (os, "fsync"), (Path, "replace"), (Path, "unlink"))


@dataclass(frozen=True)
class State:
    """What an installation holds: a digest of every table's rows, without moments and salts, and the files with their sizes."""

    rows: tuple[tuple[str, str], ...]
    files: tuple[str, ...]


# Killed before one of these is the same as killed before what follows.
LOOKS = ("SELECT", "WITH", "FROM", "USE", "SET", "PREPARE", "EXECUTE")


class Counter:
    """Counts changing statements and moves, and kills the process before number ``last`` (0: never)."""

    def __init__(self, last: int) -> None:
        self.last, self.done = last, 0

    def around(self, function: Callable) -> Callable:
        def counted(*args, **kwargs):
            # What the mark beside the database does once a second, in its own thread, comes when it comes.
            looks = threading.current_thread() is not threading.main_thread() or (
                len(args) > 1 and isinstance(args[1], str) and args[1].lstrip().upper().startswith(LOOKS)
            )
            self.done += not looks
            if self.done == self.last and not looks:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*args, **kwargs)

        return counted


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


def bring_in(data: Path, mapping: Path, last: int = 0, *, large: bool = False) -> int:
    """Import, and be killed before step ``last``; returns the number of steps."""
    settings, counter = _settings(data), Counter(last)
    open_store(settings)
    if large:
        apply.LARGE = 0
    Connection.execute = counter.around(Connection.execute)
    for owner, name in MOVES:
        setattr(owner, name, counter.around(getattr(owner, name)))
    said: list[str] = []
    assert import_data(settings, mapping, said.append), said
    close_store()
    return counter.done


def look(data: Path) -> tuple[State, list[str]]:
    """Start again after a kill: what is there, and what does not agree."""
    settings = _settings(data)
    open_store(settings)
    sweep(settings)
    wrong = [code for code, _ in examine(settings) if code != "owner"]
    wrong += [str(path.relative_to(data)) for path in data.glob("import-*")]
    with reader(US) as r:
        columns: dict[str, list[str]] = {}
        for row in r.rows("SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE schema_name = 'data' ORDER BY ALL"):
            if row["data_type"] != "TIMESTAMP" and row["column_name"] not in RANDOM:
                columns.setdefault(row["table_name"], []).append(row["column_name"])
        digest = "concat(count(*), ' rows ', bit_xor(hash({})))"
        rows = tuple((t, r.value(f"SELECT {digest.format(', '.join(columns[t]))} FROM kundenblick.data.{t}")) for t in sorted(TABLES))
    kept = [p for f in (settings.documents, settings.photos) for p in f.rglob("*") if p.is_file()]
    found = tuple(sorted(f"{p.relative_to(data)} {p.stat().st_size}" for p in kept))
    close_store()
    return State(rows, found), wrong


def _settings(data: Path) -> Settings:
    return read_settings({"KUNDENBLICK_DATA": str(data)})


def firm_before(data: Path, mapping: Path) -> None:
    """A firm into which the mapping was brought once, without what it will bring anew."""
    open_store(_settings(data))
    said: list[str] = []
    assert import_data(_settings(data), mapping, said.append), said
    close_store()


def kills(folder: Path, before: Callable[[Path], Path], every: int = 1, last: int = 10**9, *, large: bool = False) -> dict[str, int]:
    """Kill an import before every so manieth of its steps, the ``last`` ones only. ``before`` fills a data folder and returns the mapping.

    Returns how many kills left the state before, and after. Raises AssertionError for anything between.
    """
    report = folder / "report"
    start, mapping = folder / "start", folder / "mapping"
    assert apart(lambda: mapping.write_text(str(before(start)), "utf-8"), report) == 0, report.read_text("utf-8")
    file = Path(mapping.read_text("utf-8"))
    states = {}
    for name, act in (("before", lambda data: 0), ("after", lambda data: bring_in(data, file, large=large))):
        shutil.copytree(start, folder / name)
        assert apart(lambda act=act, name=name: act(folder / name), report) == 0, report.read_text("utf-8")
        total = report.read_text("utf-8")
        assert apart(lambda name=name: look(folder / name), report) == 0, report.read_text("utf-8")
        states[name] = report.read_text("utf-8")
    assert states["before"] != states["after"]
    counts = {"before": 0, "after": 0}
    for place in range(max(1, int(total) - last), int(total) + 1, every):
        data = folder / "killed"
        shutil.copytree(start, data)
        assert apart(lambda data=data, place=place: bring_in(data, file, place, large=large), report) == -signal.SIGKILL, report.read_text(
            "utf-8"
        )
        assert apart(lambda data=data: look(data), report) == 0, report.read_text("utf-8")
        found = [name for name, state in states.items() if state == report.read_text("utf-8")]
        assert found, (
            f"killed before step {place} of {total}: {report.read_text('utf-8')}\nbefore: {states['before']}\nafter: {states['after']}"
        )
        counts[found[0]] += 1
        shutil.rmtree(data)
    return counts


def every_table_and_a_change(source: Path) -> Callable[[Path], Path]:
    """Before: the mapping of every table brought in. Then its files are changed: another document, photo, name, and a second row."""

    def before(data: Path) -> Path:
        from tests.test_import_all import every_table

        source.mkdir(exist_ok=True)
        mapping = every_table(source)
        firm_before(data, mapping)
        (source / "a.txt").write_text("Neuer Inhalt", "utf-8")
        (source / "b.txt").write_text("Zweiter", "utf-8")
        rows = (source / "one.csv").read_text("utf-8").splitlines()
        again = rows[1].replace("1,Eins,eins@", "2,Zwei,zwei@").replace("a.txt", "b.txt")
        (source / "one.csv").write_text("\n".join([rows[0], rows[1].replace("Eins", "Erste"), again]) + "\n", "utf-8")
        _apart_from_single_rows(mapping)
        return mapping

    return before


FEW = """
[files.clients]
path = "clients.csv"
[[tables]]
table = "account"
file = "clients"
key = ["no"]
fields = { number = "no", name = "name" }
[[tables]]
table = "contact"
file = "clients"
key = ["no"]
fields = { name = "name" }
[[tables]]
table = "account_contact"
file = "clients"
fields = { account_id = "no", contact_id = "no" }
[[tables]]
table = "document"
file = "clients"
key = ["no"]
fields = { account_id = "no", name = "name", uploaded_at = { value = "2026-01-31" }, is_from_client = { value = true }, file = "file" }
"""


def few_tables_and_a_change(source: Path) -> Callable[[Path], Path]:
    """Before: one client with a document. Then another name and content of it, and a second client."""

    def before(data: Path) -> Path:
        source.mkdir(exist_ok=True)
        mapping = source / "few.toml"
        mapping.write_text(FEW, "utf-8")
        (source / "a.txt").write_text("Inhalt", "utf-8")
        (source / "clients.csv").write_text("no,name,file\n1,Eins,a.txt\n", "utf-8")
        firm_before(data, mapping)
        (source / "a.txt").write_text("Neuer Inhalt", "utf-8")
        (source / "b.txt").write_text("Zweiter", "utf-8")
        (source / "clients.csv").write_text("no,name,file\n1,Erste,a.txt\n2,Zwei,b.txt\n", "utf-8")
        return mapping

    return before


def _apart_from_single_rows(mapping: Path) -> None:
    """Keys that may occur once are taken from the row."""
    text = mapping.read_text("utf-8")
    for fixed, taken in (('{ value = "tax" }', "concat('tax', id)"), ('{ value = "hobby" }', "concat('hobby', id)")):
        text = text.replace(f"key = {fixed}", f'key = "{taken}"')
        text = text.replace(f'{{ by = "key", value = "{fixed.split(chr(34))[1]}" }}', f'{{ by = "key", from = "{taken}" }}')
    text = text.replace('label = { value = "Hobby" }', "label = \"concat('Hobby ', id)\"")
    mapping.write_text(text, "utf-8")


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--every", type=int, default=1, help="only every so manieth step")
    asked.add_argument("--last", type=int, default=10**9, help="only so many steps, the last ones")
    options = asked.parse_args()
    for large in (False, True):
        with tempfile.TemporaryDirectory() as place:
            began = time.monotonic()
            found = kills(Path(place), every_table_and_a_change(Path(place) / "source"), options.every, options.last, large=large)
            how = "written before its turn" if large else "written in its turn"
            print(f"{how}: {found}, {time.monotonic() - began:.0f} s", flush=True)
