"""Backups while several threads write, restored elsewhere and compared with a plain model; backups and restores killed at every step.

``python tests/faults/backups.py [--rounds N] [--every N] [--random N]`` prints what was found. The model is the list of what the threads
did, in the order of the record's numbers, replayed up to the number the backup names.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.base.config import ROOT, Settings, read_settings
from core.base.rights import Viewer
from core.documents import stored_files
from core.imports.attachments import Copies
from core.operations import control_socket
from core.operations.backup import archive, verify
from core.operations.backup.encryption import Sealing, read_key, write_key
from core.operations.backup.make import make_backup
from core.operations.backup.restore import examine, restore
from core.operations.backup.retention import kept_in
from core.operations.installation import open_installation
from core.store import close_store, now, reader, writer
from core.store.connection import Connection
from core.store.snapshot import look_into
from tests.faults.kill_at_every_statement import Counter, apart, look

SYSTEM = Viewer.system("backup faults")
WRITERS, ACCOUNTS = 4, 12
Model = dict[str, dict[int, tuple]]


def settings_of(data: Path, **others: str) -> Settings:
    return replace(read_settings({"KUNDENBLICK_DATA": str(data)}), **others)


def firm(settings: Settings) -> tuple[int, list[int]]:
    """A firm in which everything agrees: an owner, clients with a contact, notes and documents; returns the owner's id and the clients'."""
    open_installation(settings)
    moment, accounts = now(), []
    with writer(SYSTEM) as tx:
        tx.insert("firm", name="Sicherungskanzlei", created_at=moment)
        owner = tx.insert("staff_member", name="Olga", email="olga@kanzlei.example", role="owner", created_at=moment)
        for number in range(ACCOUNTS):
            accounts.append(tx.insert("account", number=str(number + 1), name=f"Kunde {number}", created_at=moment))
            contact = tx.insert("contact", name=f"Kontakt {number}", created_at=moment)
            tx.insert("account_contact", account_id=accounts[-1], contact_id=contact, created_at=moment)
            tx.insert("note", account_id=accounts[-1], text="Anfang", staff_member_id=owner, saved_at=moment)
    for account in accounts[:4]:
        _file(settings, account, b"Inhalt")
    return owner, accounts


def _file(settings: Settings, account: int, content: bytes) -> tuple[int, int, str]:
    name = f"{secrets.token_hex(8)}.txt"
    with stored_files.written("document", settings.documents, {name: content}), writer(SYSTEM) as tx:
        number = tx.insert(
            "document", account_id=account, name=name, uploaded_at=tx.moment, is_from_client=False, file=name, media_type="text/plain"
        )
    return tx.head[0], number, name


class People:
    """Threads that save, each on what it made itself, and remember what they did under the number of the record's entry."""

    def __init__(self, settings: Settings, owner: int, accounts: list[int], seed: int) -> None:
        self._settings, self._owner, self._accounts, self._end = settings, owner, accounts, threading.Event()
        self.done: list[tuple[int, Callable[[Model], None]]] = []
        self.problems: list[BaseException] = []
        self._threads = [threading.Thread(target=self._work, args=(Random(seed * 100 + n),)) for n in range(WRITERS)]

    def __enter__(self) -> People:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()

    def model(self, upto: int) -> Model:
        """What there is after the entry of this number."""
        found: Model = {"account": {}, "note": {}, "document": {}}
        for number, what in sorted(self.done, key=lambda one: one[0]):
            if number <= upto:
                what(found)
        return found

    def _work(self, random: Random) -> None:
        notes: list[int] = []
        documents: list[tuple[int, str]] = []
        try:
            while not self._end.is_set():
                self._step(random, notes, documents)
                time.sleep(random.random() / 500)
        except BaseException as problem:
            self.problems.append(problem)

    def _step(self, random: Random, notes: list[int], documents: list[tuple[int, str]]) -> None:
        account, kind, text = random.choice(self._accounts), random.randrange(6), f"{random.random()}"
        if kind == 0:
            with writer(SYSTEM) as tx:
                tx.update("account", account, name=text)
            self.done.append((tx.head[0], lambda m: m["account"].update({account: (text,)})))
        elif kind in (1, 2) or not notes:
            with writer(SYSTEM) as tx:
                number = tx.insert("note", account_id=account, text=text, staff_member_id=self._owner, saved_at=tx.moment)
            notes.append(number)
            self.done.append((tx.head[0], lambda m: m["note"].update({number: (account, text)})))
        elif kind == 3:
            number = notes.pop(random.randrange(len(notes)))
            with writer(SYSTEM) as tx:
                tx.delete("note", number)
            self.done.append((tx.head[0], lambda m: m["note"].pop(number)))
        elif kind == 4 or not documents:
            content = text.encode() * random.choice([1, 100, 50_000])
            head, number, name = _file(self._settings, account, content)
            documents.append((number, name))
            self.done.append((head, lambda m: m["document"].update({number: (account, name, content)})))
        else:
            number, name = documents.pop(random.randrange(len(documents)))
            with writer(SYSTEM) as tx:
                tx.delete("document", {"account_id": tx.get("document", number)["account_id"], "document_id": number})
            self.done.append((tx.head[0], lambda m: m["document"].pop(number)))
            stored_files.remove(self._settings.documents, [name])


def identical(folder: Path, rounds: int, seed: int = 1, *, thoroughly: bool = True) -> list[str]:
    """So many backups while people write, each restored elsewhere; returns every difference from the model."""
    settings, wrong = settings_of(folder / "data"), []
    owner, accounts = firm(settings)
    write_key(folder / "key")
    (folder / "out").mkdir()
    before = held(settings)
    with People(settings, owner, accounts, seed) as people:
        for turn in range(rounds):
            time.sleep(0.2)
            known = replace(settings, backup_key_file=str(folder / "key")) if turn % 2 else settings
            backup, contents = make_backup(known, folder / "out")
            other = settings_of(folder / f"restored-{turn}")
            restore(other, backup, read_key(known.backup_key_file), lambda done, of: None, lambda step: None)
            upto = contents.facts.head[0]
            wrong += [f"{turn}: {one}" for one in differences(other, before, people.model(upto))]
            wrong += [f"{turn}: {contents.missing} missing"] if contents.missing else []
            wrong += [f"{turn}: {one}" for one in what_the_doctor_says(other)] if thoroughly else []
            backup.unlink()
            shutil.rmtree(other.data)
            time.sleep(1.0 if turn + 1 < rounds else 0)
    close_store()
    wrong += [repr(problem) for problem in people.problems]
    assert len(people.done) > rounds * 10, f"only {len(people.done)} saved"
    print(f"{rounds} backups while {WRITERS} threads saved {len(people.done)} times", flush=True)
    return wrong


def what_the_doctor_says(other: Settings) -> list[str]:
    """A start of its own on the restored firm, and what does not agree in it."""
    asked = subprocess.run(
        [sys.executable, "-m", "core", "doctor"], cwd=ROOT, env=os.environ | {"KUNDENBLICK_DATA": str(other.data)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return [asked.stdout + asked.stderr] if asked.returncode else []


def held(settings: Settings) -> Model:
    """What the firm holds before anybody writes: the model begins with it."""
    with reader(SYSTEM) as r:
        documents = r.rows("SELECT document_id, account_id, file FROM document")
        return {
            "account": {row["account_id"]: (row["name"],) for row in r.rows("SELECT account_id, name FROM account")},
            "note": {row["note_id"]: (row["account_id"], row["text"]) for row in r.rows("SELECT note_id, account_id, text FROM note")},
            "document": {row["document_id"]: (row["account_id"], row["file"], b"Inhalt") for row in documents},
        }


def differences(other: Settings, before: Model, done: Model) -> list[str]:
    """What a restored firm holds otherwise than the model says: rows, files and their content."""
    wrong = []
    with look_into(other.database) as (ask, _):
        found = {
            "account": {row["account_id"]: (row["name"],) for row in ask("SELECT account_id, name FROM kundenblick.data.account")},
            "note": {
                row["note_id"]: (row["account_id"], row["text"])
                for row in ask("SELECT note_id, account_id, text FROM kundenblick.data.note")
            },
            "document": {
                row["document_id"]: (row["account_id"], row["file"], (other.documents / row["file"]).read_bytes())
                for row in ask("SELECT document_id, account_id, file FROM kundenblick.data.document")
            },
        }
    # The model of what was done knows nothing of what was there before: a note of then is only ever read.
    for table, rows in found.items():
        expected = before[table] | done[table]
        if rows != expected:
            wrong.append(f"{table}: {len(rows.items() ^ expected.items())} rows differ")
    files = {path.name for path in other.documents.iterdir()}
    if files != {row[1] for row in found["document"].values()}:
        wrong.append("files of no row, or rows without a file")
    return wrong


STEPS = (
    (Connection, "execute"), (os, "rename"), (os, "replace"), (os, "fsync"), (os, "mkdir"), (os, "unlink"), (os, "rmdir"), (os, "sync"),
    (archive, "_add"), (Sealing, "_give"), (verify, "_take_out"), (verify, "_compared"), (Copies, "done"),
)  # fmt: skip


def _counting(act: Callable[[], object], last: int) -> int:
    """Do it, and be killed before step ``last``; returns the number of steps."""
    counter = Counter(last)
    for owner, name in STEPS:
        setattr(owner, name, counter.around(getattr(owner, name)))
    act()
    return counter.done


def back_up(data: Path, target: Path) -> None:
    settings = settings_of(data, backup_key_file=str(data.parent / "key"))
    open_installation(settings)
    make_backup(settings, target)
    close_store()


def put_back(data: Path, backup: Path) -> None:
    restore(settings_of(data), backup, read_key(data.parent / "key"), lambda done, of: None, lambda step: None)


def next_start(data: Path, target: Path) -> tuple[object, list[str], list[str]]:
    """Start again: what is there, what does not agree, what was said; nothing half is left, and every backup is whole."""
    settings = settings_of(data, backup_folder=str(target))
    said: list[str] = []
    left = [p.name for p in data.glob("*-work-*")]
    assert control_socket.run(settings, "status", {}, said.append) == 0, said
    state, wrong = look(data)
    wrong += [f"{p.name} left" for p in (*data.glob("*-work-*"), *data.glob("*.swap*"), *target.glob(".*.part"))]
    key = read_key(data.parent / "key")
    for one in kept_in(target):
        assert examine(one.path, key, data.parent).finding is None
    if any(name.startswith("restore-work") for name in left) and not list(data.glob("before-restore-*")):
        wrong += [] if "restore" in said[0] else ["nothing said about the interrupted restore"]
    # Of the record only how long it is: a backup's entry names its moment.
    rows = [f"{name} {digest.split(' rows')[0] if name == 'audit_entry' else digest}" for name, digest in state.rows if name != "session"]
    return state.files, wrong, rows


class Place:
    """A folder with a firm as it was before, from which each kill gets a copy of its own."""

    def __init__(self, folder: Path, what: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        write_key(folder / "key")
        self.what, self.report = what, folder / "report"
        self.start, self.out, self.data, self.target = (folder / name for name in ("start", "out", "data", "target"))
        self.out.mkdir()
        self.in_a_child(self._prepare)
        self.fresh()
        self.states = {"before": self.in_a_child(self.next_start)}
        self.fresh()
        began = time.monotonic()
        self.total = int(self.in_a_child(lambda: _counting(self.act, 0)))
        self.lasts = time.monotonic() - began
        self.states["after"] = self.in_a_child(self.next_start)
        assert self.states["before"] != self.states["after"]

    def _prepare(self) -> None:
        _, accounts = firm(settings_of(self.start))
        close_store()
        if self.what == "restore":
            back_up(self.start, self.out)
            open_installation(settings_of(self.start))
            with writer(SYSTEM) as tx:
                tx.update("account", accounts[0], name="Nach der Sicherung")
            _file(settings_of(self.start), accounts[1], b"Nach der Sicherung")
            close_store()

    def act(self) -> None:
        if self.what == "restore":
            put_back(self.data, kept_in(self.out)[0].path)
        else:
            back_up(self.data, self.target)

    def next_start(self) -> object:
        return next_start(self.data, self.target)

    def in_a_child(self, act: Callable[[], object]) -> str:
        assert apart(act, self.report) == 0, self.report.read_text("utf-8")
        return self.report.read_text("utf-8")

    def fresh(self) -> None:
        for place in (self.data, self.target):
            shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(self.start, self.data)
        self.target.mkdir()

    def killed_before(self, step: int) -> str:
        self.fresh()
        assert apart(lambda: _counting(self.act, step), self.report) == -signal.SIGKILL, self.report.read_text("utf-8")
        return self.judge(f"before step {step} of {self.total}")

    def killed_after(self, seconds: float) -> str:
        self.fresh()
        child = os.fork()
        if not child:
            try:
                self.act()
            finally:
                os._exit(0)
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return self.judge(f"after {seconds:.3f} s")

    def judge(self, when: str) -> str:
        """Which state it is, of a backup whether there is one."""
        whole = bool(kept_in(self.target))
        found = self.in_a_child(self.next_start)
        names = [name for name, state in self.states.items() if state == found]
        assert names, f"killed {when}: {found}\nbefore: {self.states['before']}\nafter: {self.states['after']}"
        return ("after" if whole else "before") if self.what == "backup" else names[0]


def kills(folder: Path, what: str, every: int, at_random: int = 0, first: int = 1, seed: int = 1) -> dict[str, int]:
    """Kill a backup or a restore before every so manieth of its steps, and at so many moments between.

    Returns how many kills left the state before and after. Raises AssertionError for anything between.
    """
    place, random = Place(folder, what), Random(seed)
    found = [place.killed_before(step) for step in range(first, place.total + 1, every)]
    found += [place.killed_after(random.random() * place.lasts) for _ in range(at_random)]
    return {name: found.count(name) for name in ("before", "after")}


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--rounds", type=int, default=20, help="so many backups while people write")
    asked.add_argument("--every", type=int, default=1, help="kill before every so manieth step")
    asked.add_argument("--random", type=int, default=100, help="and at so many moments between")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as place:
        for what in ("backup", "restore"):
            began = time.monotonic()
            found = kills(Path(place) / what, what, options.every, options.random)
            print(f"{what} killed: {found}, {time.monotonic() - began:.0f} s", flush=True)
        began = time.monotonic()
        missed = identical(Path(place), options.rounds)
        print("\n".join(missed) or f"all identical, {time.monotonic() - began:.0f} s", flush=True)
    raise SystemExit(1 if missed else 0)
