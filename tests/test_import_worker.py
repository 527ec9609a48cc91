"""While an import works others go on: nobody waits for it, nothing of theirs is overrun, and the record stays whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import astuple, replace
from pathlib import Path

import pytest

from core.audit.examination import verify
from core.base.errors import AppError
from core.base.rights import Viewer
from core.clients.search import search
from core.i18n import speaking
from core.imports import reading, takeover, worker
from core.imports import run as running
from core.imports.checks import custom_values
from core.imports.run import import_data
from core.store import bulk_entries, now, reader, writer

SYSTEM = Viewer.system("tests")
MAPPING = """
[files.clients]
path = "clients.csv"
[[tables]]
table = "account"
file = "clients"
key = ["no"]
match = ["number"]
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
table = "credit"
file = "clients"
key = ["no"]
fields = { account_id = "no", booked_on = { value = "2026-01-31" }, amount = { value = 5 } }
"""


@pytest.fixture
def folder(firm, tmp_path) -> Path:
    """Thirty new clients and one that is there already, each with a credit."""
    (tmp_path / "m.toml").write_text(MAPPING, "utf-8")
    rows = ["no,name", "10001,Müller/Weber GbR", *(f"{number},Neuling {number} GmbH" for number in range(20001, 20031))]
    (tmp_path / "clients.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return tmp_path


@pytest.fixture
def early(monkeypatch):
    """Every import is large: its rows are written before its turn. ``early(act)`` has ``act(turn)`` done between the two."""
    monkeypatch.setattr(takeover, "LARGE_ENTRIES", 0)
    monkeypatch.setattr(bulk_entries, "PIECE_ENTRIES", 7)
    turns = []

    def between(act):
        write_new = takeover.Takeover.write_new

        def then(takeover, tx, number):
            write_new(takeover, tx, number)
            turns.append(number)
            if len(turns) < running.MAX_ATTEMPTS:
                act(len(turns))

        monkeypatch.setattr(takeover.Takeover, "write_new", then)
        return turns

    return between


def run(settings, folder: Path) -> tuple[bool, list[str]]:
    said: list[str] = []
    with speaking("en"):
        return import_data(settings, folder / "m.toml", said.append), said


def add_note(firm, account: int) -> None:
    with writer(firm.viewer("owner")) as tx:
        tx.insert("note", account_id=account, text="Meanwhile", staff_member_id=firm.owner, saved_at=now())


def check_record(settings) -> int:
    """The record is whole, as its examination finds it; returns how many entries are in batches."""
    outcome = verify(SYSTEM, settings)
    assert outcome.finding is None, outcome
    return count("audit_entry", "batch_id IS NOT NULL")


def count(table: str, where: str = "TRUE") -> int:
    with reader(SYSTEM) as r:
        return r.value(f"SELECT count(*) FROM {table} WHERE {where}")


def test_others_save_while_rows_are_written_and_the_record_is_whole(firm, settings, folder, early, monkeypatch):
    monkeypatch.setattr(running, "FREE_NUMBERS", 5)
    turns = early(lambda turn: [add_note(firm, firm.foreign) for _ in range(3)])
    good, said = run(settings, folder)
    assert good, said
    assert len(turns) == 1
    assert count("note", "text = 'Meanwhile'") == 3
    assert check_record(settings) == count("audit_entry", "through = 'import' AND action <> 'imported'") == 30 + 31 + 31 + 31
    assert len(search(SYSTEM, "neuling")) == 12
    assert count("account_figure f JOIN account USING (account_id)", "f.net_due < 0 OR f.open_amount > 0") == 1


def test_more_saved_meanwhile_than_numbers_were_free_begins_again(firm, settings, folder, early, monkeypatch):
    monkeypatch.setattr(running, "FREE_NUMBERS", 2)
    turns = early(lambda turn: [add_note(firm, firm.foreign) for _ in range(3 if turn == 1 else 0)])
    assert run(settings, folder)[0]
    assert len(turns) == 2
    check_record(settings)
    assert count("account", "name LIKE 'Neuling%'") == 30


def test_a_change_of_the_same_client_meanwhile_is_kept_and_counted(firm, settings, folder, early):
    turns = early(lambda turn: add_note(firm, firm.own) if turn == 1 else None)
    assert run(settings, folder)[0]
    assert len(turns) == 2, "figures of the client were written by both"
    check_record(settings)
    with reader(SYSTEM) as r:
        last = r.value("SELECT last_activity_at FROM account_figure WHERE account_id = $id", id=firm.own)
        assert last == r.value("SELECT max(saved_at) FROM note WHERE account_id = $id", id=firm.own)
        assert r.value("SELECT count(*) FROM credit WHERE account_id = $id", id=firm.own) == 2


def test_the_same_number_taken_meanwhile_is_told_and_nothing_is_written(firm, settings, folder, early):
    def take(turn: int) -> None:
        with writer(SYSTEM) as tx:
            tx.insert("account", number="20001", name="Schneller AG", created_at=now())

    mapping = folder / "m.toml"
    mapping.write_text(mapping.read_text("utf-8").replace('match = ["number"]\n', ""), "utf-8")
    (folder / "clients.csv").write_text("no,name\n20001,Neuling\n20002,Neuling\n", "utf-8")
    early(take)
    good, said = run(settings, folder)
    assert not good
    assert 'clients.csv, line 2, number: Another record already has "20001": ' in "\n".join(said)
    assert count("contact", "name = 'Neuling'") == 0 and not list(settings.data.glob("import-*"))


def test_in_a_child_process_the_same_comes_of_it(firm, settings, folder, in_children, monkeypatch):
    for module, name in ((reading, "LARGE_FILES_BYTES"), (takeover, "MANY_WORDED_ACCOUNTS"), (custom_values, "LARGE_ROWS")):
        monkeypatch.setattr(module, name, -1)
    mapping = folder / "m.toml"
    field = """[[tables]]
table = "custom_field"
file = "clients"
key = ["'x'"]
distinct = true
fields = { scope = { value = "account" }, key = { value = "art" }, label = { value = "Art" }, type = { value = "choice" }, options = { value = "A;B" } }
[[tables]]
table = "account_field_value"
file = "clients"
fields = { account_id = "no", custom_field_id = { by = "key", value = "art" }, value = { value = "B" } }
"""
    mapping.write_text(mapping.read_text("utf-8") + field, "utf-8")
    rows = (folder / "clients.csv").read_text("utf-8")
    (folder / "clients.csv").write_text(rows + "20099,\n", "utf-8")
    good, said = run(settings, folder)
    assert not good and "clients.csv, line 33, name: A value for name is missing." in said
    (folder / "clients.csv").write_text(rows, "utf-8")
    good, said = run(settings, folder)
    assert good, said
    assert "Search words: 62 of 62 clients and contacts …" in said
    assert count("account_field_value", "value = 'B'") == 31
    assert [match.number for match in search(SYSTEM, "neuling 20030")] == ["20030"]
    mapping.write_text(mapping.read_text("utf-8").replace('"name" }', '"nam" }', 1), "utf-8")
    assert [line for line in run(settings, folder)[1] if '"nam"' in line]
    assert not list(settings.data.glob("import-*"))


@pytest.fixture
def tiny(monkeypatch, in_children):
    """``tiny(written_bytes=1)``: files are read within these limits."""

    def limit(**limits: int) -> None:
        for name in ("SMALL", "LARGE"):
            monkeypatch.setattr(worker, name, replace(getattr(worker, name), **limits))

    return limit


def test_the_server_itself_reads_no_file_however_small(firm, settings, folder, in_children, monkeypatch):
    def read_here(*_: object, **__: object) -> dict:
        raise AssertionError("the server reads what somebody else wrote")

    monkeypatch.setattr(worker, "TASKS", worker.TASKS | dict.fromkeys(worker.FOREIGN, read_here))
    assert run(settings, folder)[0]
    assert count("account", "name LIKE 'Neuling%'") == 30


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"memory_bytes": 8 * worker.MIB}, ("no answer", "MemoryError")),
        ({"written_bytes": 1}, ("OSError", "no answer")),
        ({"answer_bytes": 40}, ("too long an answer",)),
        ({"cpu_s": 1}, ("no answer",)),
    ],
)
def test_a_file_that_takes_too_much_is_refused_and_nothing_is_written(firm, settings, folder, tiny, limits, reason):
    if "cpu_s" in limits:
        (folder / "clients.csv").write_text("no,name\n" + "\n".join(f"{n},Neuling" for n in range(150_000)) + "\n", "utf-8")
    tiny(**limits)
    with pytest.raises(AppError) as broke:
        run(settings, folder)
    assert broke.value.code == "import_broke" and broke.value.values["reason"].startswith(reason)
    assert count("account", "name LIKE 'Neuling%'") == 0 and not list(settings.data.glob("import-*"))


PARENT = """
import os, sys
from core.imports.worker import in_child
os.set_inheritable(os.open(sys.argv[2], os.O_RDONLY), True)
in_child(sys.argv[1], print, 100)
"""


def test_a_child_has_neither_the_servers_files_nor_its_secrets_and_ends_with_it(tmp_path):
    held = tmp_path / "held"
    held.touch()
    # A mapping that is never written: the child waits for it.
    os.mkfifo(tmp_path / "m.toml")
    arguments = {"mapping": str(tmp_path / "m.toml"), "columns": {}}
    asked = json.dumps({"task": "stage", "folder": str(tmp_path), "limits": astuple(worker.SMALL), "arguments": arguments})
    command = [sys.executable, "-c", PARENT, asked, str(held)]
    parent = subprocess.Popen(command, env=os.environ | {"KUNDENBLICK_SECRET": "geheim"})
    try:
        seen(lambda: children_of(parent.pid))
        child = children_of(parent.pid)[0]
        seen(lambda: b"core.imports.worker" in (child / "cmdline").read_bytes())
        assert str(held) not in targets_of(child / "fd")
        assert b"geheim" in Path(f"/proc/{parent.pid}/environ").read_bytes()
        assert b"geheim" not in (child / "environ").read_bytes()
    finally:
        parent.kill()
        parent.wait(20)
    seen(lambda: not child.exists() or (child / "stat").read_text().rpartition(")")[2].split()[0] == "Z")


def targets_of(folder: Path) -> list[str]:
    """What the files a process holds are; one that it closes meanwhile is none."""
    found = []
    for one in folder.iterdir():
        with suppress(FileNotFoundError):
            found.append(os.readlink(one))
    return found


def children_of(pid: int) -> list[Path]:
    """Where /proc tells of the children of a process."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (one / "stat").read_text().rpartition(")")[2].split()[1] == str(pid):
                found.append(one)
    return found


def seen(what: Callable[[], object]) -> None:
    """Wait until it is so."""
    until = time.monotonic() + 20
    while not what():
        assert time.monotonic() < until
        time.sleep(0.02)
