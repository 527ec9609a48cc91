"""An import killed before every statement that changes something and every file it moves: before or after, never between.

``python tests/faults/import_kills.py [--every N] [--last N] [--way in|before]`` prints what was found. The mapping brings one row into every table, a
document and a photo, and changes one client that was there. Each kill is a process of its own with a copy of the same firm;
the next start sweeps, and what then stands in the store and in the folders is compared with the states before and after.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pandas  # noqa: F401 - read once here, not in every process that is killed

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.imports import takeover
from core.imports.run import import_data
from core.operations.installation import open_installation
from core.store import close_store
from tests.faults import kill_at_every_statement
from tests.faults.kill_at_every_statement import Counter, settings_of


def bring_in(data: Path, mapping: Path, last: int = 0, *, large: bool = False) -> int:
    """Import, and be killed before step ``last``; returns the number of steps."""
    settings, counter = settings_of(data), Counter(last)
    open_installation(settings)
    if large:
        takeover.LARGE = 0
    counter.begin()
    said: list[str] = []
    assert import_data(settings, mapping, said.append), said
    close_store()
    return counter.done


def firm_before(data: Path, mapping: Path) -> None:
    """A firm into which the mapping was brought once, without what it will bring anew."""
    open_installation(settings_of(data))
    said: list[str] = []
    assert import_data(settings_of(data), mapping, said.append), said
    close_store()


def kills(folder: Path, before: Callable[[Path], Path], every: int = 1, last: int = 10**9, *, large: bool = False) -> dict[str, int]:
    """``kill_at_every_statement.kills`` of an import; ``before`` fills a data folder and returns the mapping."""
    file = folder / "mapping"

    def start(data: Path) -> None:
        file.write_text(str(before(data)), "utf-8")

    def act(data: Path, step: int) -> int:
        return bring_in(data, Path(file.read_text("utf-8")), step, large=large)

    return kill_at_every_statement.kills(folder, start, act, every=every, last=last)


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
        changed = rows[1].replace("Eins", "Erste")
        (source / "one.csv").write_text("\n".join([rows[0], changed, again]) + "\n", "utf-8")
        (source / "firm.csv").write_text("\n".join([rows[0], changed]) + "\n", "utf-8")
        _apart_from_single_rows(mapping)
        return mapping

    return before


# Clients with a contact of the same name each, out of one file.
CLIENTS = """
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
"""
FEW = f"""{CLIENTS}[[tables]]
table = "document"
file = "clients"
key = ["no"]
fields = {{ account_id = "no", name = "name", uploaded_at = {{ value = "2026-01-31" }}, is_from_client = {{ value = true }}, file = "file" }}
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
    """Keys that may occur once are taken from the row; the one firm has a file to itself."""
    text = (
        mapping.read_text("utf-8").replace('table = "firm"\nfile = "one"', 'table = "firm"\nfile = "firm"')
        + '[files.firm]\npath = "firm.csv"\n'
    )
    for fixed, taken in (('{ value = "tax" }', "concat('tax', id)"), ('{ value = "hobby" }', "concat('hobby', id)")):
        text = text.replace(f"key = {fixed}", f'key = "{taken}"')
        text = text.replace(f'{{ by = "key", value = "{fixed.split(chr(34))[1]}" }}', f'{{ by = "key", from = "{taken}" }}')
    text = text.replace('label = { value = "Hobby" }', "label = \"concat('Hobby ', id)\"")
    mapping.write_text(text, "utf-8")


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--every", type=int, default=1, help="only every so manieth step")
    asked.add_argument("--last", type=int, default=10**9, help="only so many steps, the last ones")
    asked.add_argument("--way", choices=("in", "before"), help="only this way; else both")
    options = asked.parse_args()
    for large in {"in": (False,), "before": (True,), None: (False, True)}[options.way]:
        with tempfile.TemporaryDirectory() as place:
            began = time.monotonic()
            found = kills(Path(place), every_table_and_a_change(Path(place) / "source"), options.every, options.last, large=large)
            how = "written before its turn" if large else "written in its turn"
            print(f"{how}: {found}, {time.monotonic() - began:.0f} s", flush=True)
