"""Six people save, and the process is killed in the middle of it: nothing that was acknowledged is lost, nothing is half done.

python tests/faults/save_kills.py [KILLS] [OF_THE_SERVER] [SEED]

A kill takes a child with the store and six writers, the last ones the whole server, which six people ask at once. The next start must
be open within five seconds, hold what was acknowledged as it was saved, and agree with itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[2]))

from core.access.open_account import open_account
from core.audit.examination import verify
from core.base.config import read_settings
from core.base.rights import Viewer
from core.clients.account_record import edit_account
from core.clients.accounts import create_account
from core.operations import control_socket
from core.operations.doctor import examine
from core.operations.installation import open_installation
from core.overview.work import add_note
from core.store import close_store, reader
from tests.conftest import PASSWORD, Server, build_firm
from tests.faults.kill_at_every_statement import SYSTEM, settings_of

PEOPLE, OPEN_IN = 6, 5.0
SAVED = """SELECT a.number, a.name, a.version, (SELECT count(*) FROM account_contact l WHERE l.account_id = a.account_id) AS contacts,
    (SELECT count(*) FROM account_figure f WHERE f.account_id = a.account_id) AS figures,
    (SELECT count(*) FROM search_text s WHERE s.account_id = a.account_id) AS words,
    (SELECT max(text) FROM note n WHERE n.account_id = a.account_id) AS note FROM account a WHERE a.number LIKE '%-%'"""
Acknowledged = dict[str, list[str]]


def person(viewer: Viewer, who: int, first: int) -> None:
    """Create clients with a contact, write a note, change the name: each is told once it is saved."""
    for turn in range(100_000):
        number = f"{first + turn}-{who}"

        def told(what: str, number: str = number) -> None:
            os.write(1, f"{what} {number}\n".encode())

        made = create_account(
            viewer, name=f"Neu {number}", kind="company", number=number, contact_name=f"Kontakt {number}", contact_email=f"k{number}@k.example"
        )  # fmt: skip
        told("created")
        add_note(open_account(viewer, made), {"text": f"Hinweis {number}"})
        told("noted")
        edit_account(open_account(viewer, made), None, {"name": f"Name {number}"}, partly=True)
        told("renamed")


def work(data: Path, first: int, owner: int, told: int) -> None:
    """The child: open, and let six people save until the end."""
    os.dup2(told, 1)
    open_installation(settings_of(data))
    people = [threading.Thread(target=person, args=(Viewer.staff(owner), who, first)) for who in range(PEOPLE)]
    for one in people:
        one.start()
    for one in people:
        one.join()


def check(data: Path, acknowledged: Acknowledged, members: set[str], known: set[str] | None) -> float:
    """What the next start finds; returns the seconds until it was open. ``known``: look for all that does not agree, but for these codes.

    Raises AssertionError.
    """
    settings, began = settings_of(data), time.monotonic()
    open_installation(settings)
    took = time.monotonic() - began
    try:
        with reader(SYSTEM) as r:
            rows = {row["number"]: row for row in r.rows(SAVED)}
            there = {row["email"] for row in r.rows("SELECT email FROM staff_member")}
        assert members <= there, f"lost: {members - there}"
        for number, what in acknowledged.items():
            row = rows.get(number)
            assert row is not None, f"{number} was created and is lost"
            assert "noted" not in what or row["note"] == f"Hinweis {number}", f"the note of {number} is lost"
            assert "renamed" not in what or row["name"] == f"Name {number}", f"the name of {number} is lost"
        for number, row in rows.items():
            assert (row["contacts"], row["figures"], row["words"]) == (1, 1, 1), f"{number} is half done: {row}"
            assert (row["name"], row["version"]) in ((f"Neu {number}", 1), (f"Name {number}", 2)), f"{number} is half done: {row}"
        if known is not None:
            assert {code for code, _ in examine(settings)} <= known
            assert verify(SYSTEM, settings).finding is None
    finally:
        close_store()
    assert took <= OPEN_IN, f"open after {took:.1f} s"
    return took


def kill_child(data: Path, turn: int, owner: int, random: Random, acknowledged: Acknowledged) -> None:
    """Let six people save for a moment, and kill."""
    here, there = os.pipe()
    child = os.fork()
    if not child:
        try:
            work(data, 100_000 + turn * 1000, owner, there)
        finally:
            os._exit(1)
    os.close(there)
    with os.fdopen(here) as lines:
        for _ in range(random.randrange(1, 14)):
            _hear(lines.readline(), acknowledged)
        time.sleep(random.random() * 0.03)
        os.kill(child, signal.SIGKILL)
        for line in lines:
            _hear(line, acknowledged)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL, "a child ended before it was killed"


def _hear(line: str, acknowledged: Acknowledged) -> None:
    # What was cut off was not acknowledged.
    if line.endswith("\n"):
        what, number = line.split()
        acknowledged.setdefault(number, []).append(what)


def kill_server(data: Path, turn: int, random: Random, members: set[str]) -> None:
    """Six people ask the running server to save, and it is killed; what it answered with *done* is acknowledged."""
    running, settings, ended = Server(data), read_settings({"KUNDENBLICK_DATA": str(data)}), threading.Event()

    def ask(who: int) -> None:
        for number in range(1000):
            if ended.is_set():
                return
            email = f"p{turn}-{who}-{number}@kanzlei.example"
            arguments = {"name": f"P {email}", "email": email, "role": "employee", "password": PASSWORD}
            with contextlib.suppress(OSError, ValueError):
                if control_socket.ask(settings, "user_add", arguments, lambda line: None) == 0:
                    members.add(email)

    people = [threading.Thread(target=ask, args=(who,)) for who in range(PEOPLE)]
    for one in people:
        one.start()
    enough, until = len(members) + random.randrange(3, 15), time.monotonic() + 60
    while len(members) < enough and time.monotonic() < until:
        time.sleep(0.005)
    running.stop(signal.SIGKILL)
    ended.set()
    for one in people:
        one.join()


def kills(folder: Path, children: int, servers: int, seed: int = 1, thoroughly_every: int = 10) -> dict[str, object]:
    """Kill and look; returns what was acknowledged and how long the slowest start took. Raises AssertionError for anything lost."""
    data, random = folder / "data", Random(seed)
    acknowledged: Acknowledged = {}
    members: set[str] = set()
    close_store()
    open_installation(settings_of(data))
    owner = build_firm().owner
    known = {code for code, _ in examine(settings_of(data))}
    close_store()
    slowest = 0.0
    for turn in range(children + servers):
        if turn < children:
            kill_child(data, turn, owner, random, acknowledged)
        else:
            kill_server(data, turn, random, members)
        last = turn >= children - 1
        slowest = max(slowest, check(data, acknowledged, members, known if last or turn % thoroughly_every == 0 else None))
    saved = sum(map(len, acknowledged.values())) + len(members)
    return {"kills": children + servers, "acknowledged": saved, "lost": 0, "half done": 0, "slowest start": f"{slowest:.2f} s"}


if __name__ == "__main__":
    count, of_the_server, seed = (int(given) for given in (*sys.argv[1:], *("200", "3", "1")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as place:
        began = time.monotonic()
        found = kills(Path(place), count - of_the_server, of_the_server, seed)
        print(f"{json.dumps(found)}, {time.monotonic() - began:.0f} s", flush=True)
