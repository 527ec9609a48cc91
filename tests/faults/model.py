"""Six people do random things at once, and the store is compared with a plain model of what they did: no difference.

python tests/faults/model.py [OPERATIONS] [SEED]

Each has clients of their own, whose rows the model knows exactly, and all share one: what is added to it must all be there, and of two who
change it at the same version one is refused, so that its name is the one saved last.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.access.open_account import OpenAccount, open_account
from core.audit.examination import verify
from core.base.errors import AppError, EditConflict
from core.base.rights import Viewer
from core.clients.account_record import archive_account, delete_account, edit_account, restore_account
from core.clients.accounts import create_account
from core.clients.contacts import create_contact, unlink_contact
from core.operations.doctor import examine
from core.operations.installation import open_installation
from core.overview.work import add_note, add_task, add_time, edit_note, edit_task
from core.store import close_store, reader
from tests.conftest import build_firm
from tests.faults.kill_at_every_statement import SYSTEM, settings_of

PEOPLE = 6
HELD = {
    "account": "SELECT account_id, name, number, archived_at IS NOT NULL AS archived FROM account",
    "note": "SELECT account_id, note_id AS id, text AS what FROM note",
    "task": "SELECT account_id, task_id AS id, title || '/' || status AS what FROM task",
    "time": "SELECT account_id, time_entry_id AS id, minutes::TEXT AS what FROM time_entry",
    "contact": "SELECT account_id, contact_id AS id, c.name AS what FROM account_contact JOIN contact c USING (contact_id)",
}


@dataclass
class Client:
    """What the model knows of one client: its rows by their ids."""

    name: str
    number: str
    archived: bool = False
    rows: dict[str, dict[int, str]] = field(default_factory=lambda: {"note": {}, "task": {}, "time": {}, "contact": {}})


class Person:
    """One who works: does something, and writes into the model what was answered."""

    def __init__(self, who: int, viewer: Viewer, shared: int, seed: int) -> None:
        self.viewer, self.shared, self.who = viewer, shared, who
        self.random, self.clients = Random(seed * 100 + who), dict[int, Client]()
        self.added, self.names = dict[int, str](), dict[int, str]()
        self.contacts, self.did, self.problems, self.turn = 0, Counter[str](), list[str](), 0

    def work(self, operations: int) -> None:
        acts = ("create", "rename", "stale", "note", "change_note", "task", "change_task", "time", "contact", "unlink", "archive", "delete",
                "share", "quarrel")  # fmt: skip
        weights = (6, 10, 4, 14, 10, 8, 8, 10, 5, 5, 6, 2, 8, 8)
        try:
            for self.turn in range(operations):
                act = self.random.choices(acts, weights)[0] if self.clients else "create"
                getattr(self, act)()
                self.did[act] += 1
        except Exception as problem:
            self.problems.append(f"person {self.who}, turn {self.turn}, {act}: {problem!r} {problem.__cause__!r}")

    def _text(self) -> str:
        return f"p{self.who}t{self.turn} {self.random.choice(('Müller', 'Straße', 'Łódź', 'O’Neill'))}"

    def _one(self) -> tuple[Client, OpenAccount]:
        chosen = self.random.choice(list(self.clients))
        return self.clients[chosen], open_account(self.viewer, chosen)

    def _row(self, table: str) -> tuple[Client, OpenAccount, int] | None:
        client, account = self._one()
        return (client, account, self.random.choice(list(client.rows[table]))) if client.rows[table] else None

    def create(self) -> None:
        text = self._text()
        made = create_account(
            self.viewer, name=text, kind="company", number=f"{self.who}-{self.turn}", contact_name=f"K {text}",
            contact_email=f"p{self.who}t{self.turn}@m.example",
        )  # fmt: skip
        with reader(SYSTEM) as r:
            contact = r.value("SELECT contact_id FROM account_contact WHERE account_id = $id", id=made)
        self.clients[made] = Client(text, f"{self.who}-{self.turn}")
        self.clients[made].rows["contact"][contact] = f"K {text}"
        self.contacts += 1

    def rename(self) -> None:
        client, account = self._one()
        client.name = text = self._text()
        edit_account(account, account.version, {"name": text}, partly=True)

    def stale(self) -> None:
        _, account = self._one()
        try:
            edit_account(account, account.version + self.random.choice((-1, 1)), {"name": "vorbei"}, partly=True)
        except EditConflict:
            return
        raise AssertionError("a version that is not the one there was taken")

    def note(self) -> None:
        client, account = self._one()
        text = self._text()
        client.rows["note"][add_note(account, {"text": text})] = text

    def change_note(self) -> None:
        if found := self._row("note"):
            client, account, note = found
            client.rows["note"][note] = text = self._text()
            edit_note(account, note, None, {"text": text, "is_pinned": self.random.random() < 0.2})

    def task(self) -> None:
        client, account = self._one()
        text = self._text()
        made = add_task(account, {"title": text, "priority": "normal", "status": "planned"})
        client.rows["task"][made] = f"{text}/planned"

    def change_task(self) -> None:
        if found := self._row("task"):
            client, account, task = found
            title, status = client.rows["task"][task].rsplit("/", 1)[0], self.random.choice(("in_progress", "waiting", "completed"))
            edit_task(account, task, None, {"title": title, "priority": "high", "status": status})
            client.rows["task"][task] = f"{title}/{status}"

    def time(self) -> None:
        client, account = self._one()
        minutes = self.random.randrange(1, 300)
        made = add_time(account, {"worked_on": date(2026, 1, 31), "minutes": f"{minutes} min", "text": self._text(), "rate": "90"})
        client.rows["time"][made] = str(minutes)

    def contact(self) -> None:
        client, account = self._one()
        text = self._text()
        client.rows["contact"][create_contact(account, {"name": text})] = text
        self.contacts += 1

    def unlink(self) -> None:
        found = self._row("contact")
        client, account, contact = found
        try:
            unlink_contact(account, contact)
        except AppError as problem:
            assert problem.code == "last_contact" and len(client.rows["contact"]) == 1, problem
            return
        assert len(client.rows["contact"]) > 1, "the last contact was unlinked"
        del client.rows["contact"][contact]

    def archive(self) -> None:
        client, account = self._one()
        (restore_account if client.archived else archive_account)(account)
        client.archived = not client.archived

    def delete(self) -> None:
        client, account = self._one()
        delete_account(account, client.name)
        del self.clients[account.account_id]

    def share(self) -> None:
        text = self._text()
        self.added[add_note(open_account(self.viewer, self.shared), {"text": text})] = text

    def quarrel(self) -> None:
        account = open_account(self.viewer, self.shared)
        try:
            edit_account(account, account.version, {"name": f"gemeinsam {self._text()[:8]}-{self.turn}-{self.who}"}, partly=True)
        except EditConflict:
            self.did["refused, another was first"] += 1
        else:
            # Nobody else was let in at this version.
            self.names[account.version] = f"-{self.turn}-{self.who}"


def compare(people: list[Person], shared: int, before: dict[str, list]) -> list[str]:
    """Everything that is not in the store as the model has it."""
    wrong = [problem for one in people for problem in one.problems]
    clients = {account_id: client for one in people for account_id, client in one.clients.items()}
    with reader(SYSTEM) as r:
        held = {table: r.rows(query) for table, query in HELD.items()}
        contacts = r.value("SELECT count(*) FROM contact")
    earlier = {row["account_id"] for row in before["account"]}
    found = {
        row["account_id"]: (row["name"], row["number"], row["archived"]) for row in held["account"] if row["account_id"] not in earlier
    }
    expected = {account_id: (client.name, client.number, client.archived) for account_id, client in clients.items()}
    wrong += [
        f"client {i}: {found.get(i)} instead of {expected.get(i)}"
        for i in found.keys() | expected.keys()
        if found.get(i) != expected.get(i)
    ]
    for table in ("note", "task", "time", "contact"):
        rows = {(row["account_id"], row["id"]): row["what"] for row in held[table]}
        model = {(row["account_id"], row["id"]): row["what"] for row in before[table]}
        model |= {(i, key): what for i, client in clients.items() for key, what in client.rows[table].items()}
        if table == "note":
            model |= {(shared, key): what for one in people for key, what in one.added.items()}
        wrong += [
            f"{table} {k}: {rows.get(k)} instead of {model.get(k)}" for k in rows.keys() | model.keys() if rows.get(k) != model.get(k)
        ]
    if contacts != before["contacts"] + sum(one.contacts for one in people):
        wrong.append(f"{contacts} contacts")
    names = [pair for one in people for pair in one.names.items()]
    if len({version for version, _ in names}) != len(names):
        wrong.append("two were let in at the same version of the shared client")
    last = next(row["name"] for row in held["account"] if row["account_id"] == shared)
    if names and not last.endswith(max(names)[1]):
        wrong.append(f"the shared client is called {last}, the last to save was {max(names)}")
    return wrong


def run(folder: Path, operations: int, seed: int = 1) -> dict[str, object]:
    """Let them work; returns what they did and the differences, of which there must be none."""
    settings = settings_of(folder / "data")
    close_store()
    open_installation(settings)
    try:
        firm = build_firm()
        known = {code for code, _ in examine(settings)}
        with reader(SYSTEM) as r:
            before = {table: r.rows(query) for table, query in HELD.items()} | {"contacts": r.value("SELECT count(*) FROM contact")}
        people = [Person(who, Viewer.staff(firm.owner), firm.foreign, seed) for who in range(PEOPLE)]
        threads = [threading.Thread(target=one.work, args=(-(-operations // PEOPLE),)) for one in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wrong = compare(people, firm.foreign, before)
        close_store()
        open_installation(settings)
        wrong += [problem for problem in compare(people, firm.foreign, before) if problem not in wrong]
        wrong += sorted({code for code, _ in examine(settings)} - known)
        if finding := verify(SYSTEM, settings).finding:
            wrong.append(f"record: {finding}")
    finally:
        close_store()
    did = sum((one.did for one in people), Counter())
    return {"operations": did.total() - did["refused, another was first"], "differences": wrong, "did": dict(did)}


if __name__ == "__main__":
    count, seed = (int(given) for given in (*sys.argv[1:], *("10000", "1")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as place:
        began = time.monotonic()
        found = run(Path(place), count, seed)
        print(f"{json.dumps(found, ensure_ascii=False)}, {time.monotonic() - began:.0f} s", flush=True)
        sys.exit(bool(found["differences"]))
