"""Two hundred people at once over real websockets: each opens a client every twelve seconds and searches in between.

Their pages poll as the app asks them to; server and people share the machine. One asyncio process plays all of them.
"""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from core.base.config import read_settings
from core.base.rights import Viewer
from core.identity.sessions import start_session
from core.operations.installation import open_installation
from core.store import close_store, reader
from tests.bench.frame import Context, Row, at_most, median, p95, told
from tests.bench.served import WholeServer
from tests.bench.start import sample
from tests.bench.wire import Asking, Tab
from tests.conftest import Server

PEOPLE, EVERY = 200, 12.0
WARM, OPENINGS = 400, 4000


@dataclass
class Person:
    """One of the crowd: a session of their own, and what they may open."""

    token: str
    accounts: list[int]
    names: list[str]


@dataclass
class Seen:
    """What the crowd measured, in milliseconds, and the server's memory at marks."""

    opened: list[float] = field(default_factory=list)
    searched: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    polls: int = 0
    memory: dict[int, float] = field(default_factory=dict)


def people(data: Path, count: int, roles: tuple[str, ...] = ("owner", "admin", "employee")) -> list[Person]:
    """Sessions for ``count`` people, as the firm's members of these roles in turn; only members who see a client."""
    open_installation(read_settings({}, data=str(data)))
    try:
        with reader(Viewer.system("benchmark")) as r:
            members = [
                row["staff_member_id"]
                for row in r.rows("SELECT staff_member_id, role FROM staff_member WHERE is_active ORDER BY 1")
                if row["role"] in roles
            ]
        own = {}
        for member in members:
            with reader(Viewer.staff(member)) as r:
                own[member] = r.rows("SELECT account_id, name FROM account ORDER BY hash(account_id) LIMIT 500")
        able = [member for member in members if own[member]]
        return [
            Person(start_session(member, "127.0.0.1", "bench"), [a["account_id"] for a in own[member]], [a["name"] for a in own[member]])
            for member in (able[place % len(able)] for place in range(count))
        ]
    finally:
        close_store()


def memory_of(pid: int) -> float:
    """MiB a process holds in memory."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def computing_of(pid: int) -> float:
    """Seconds a process has computed so far."""
    parts = Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


async def _live(person: Person, dice: random.Random, server: Server, seen: Seen, openings: int, every: float) -> None:
    """One person's day: wait, type three letters, open a client."""
    tab = Tab(server.url, person.token)
    asking = Asking(tab)
    try:
        await tab.enter()
        while len(seen.opened) < openings:
            await asyncio.sleep(dice.expovariate(1 / every))
            place = dice.randrange(len(person.accounts))
            word = person.names[place].split()[0]
            for letters in range(1, 4):
                seen.searched.append((await asking.search(word[:letters]))[0])
                await asyncio.sleep(0.06)
            seen.opened.append(await tab.click("kundenblick_search", person.accounts[place]))
            if f"account={person.accounts[place]}" not in tab.query:
                seen.errors.append(f"opened {person.accounts[place]}, shown {tab.query!r}")
            if len(seen.opened) in (WARM, OPENINGS):
                seen.memory[len(seen.opened)] = memory_of(server.process.pid)
    except Exception as problem:
        seen.errors.append(f"{type(problem).__name__}: {problem}")
    finally:
        seen.polls += tab.polls
        seen.errors += tab.errors
        asking.close()
        await tab.leave()


async def live_together(context: Context, crowd: list[Person], server: Server, openings: int) -> tuple[Seen, float, float]:
    """What a crowd saw, how many seconds it took, and how many of them the server computed."""
    seen, dice, every = Seen(), random.Random(7), 0.2 if context.tiny else EVERY
    began, before = time.perf_counter(), computing_of(server.process.pid)

    async def come(place: int, person: Person) -> None:
        await asyncio.sleep(place * every / len(crowd))
        await _live(person, random.Random(dice.random()), server, seen, openings, every)

    await asyncio.gather(*(come(place, person) for place, person in enumerate(crowd)))
    return seen, time.perf_counter() - began, computing_of(server.process.pid) - before


def rows(context: Context) -> Iterator[Row]:
    crowd = people(sample(context), 3 if context.tiny else PEOPLE)
    server = WholeServer(sample(context))
    openings = 3 if context.tiny else OPENINGS
    try:
        seen, seconds, computed = asyncio.run(live_together(context, crowd, server, openings))
        end = memory_of(server.process.pid)
    finally:
        server.stop()
    # The first openings fill caches and connections; people come in the morning, not all in one second.
    opened = seen.opened[WARM:] or seen.opened or [float("nan")]
    who = f"{len(crowd)} people, {len(opened)} openings, {len(opened) / seconds:.1f} a second"
    yield at_most("crowd: click to last message, median", median(opened), 100, "ms", against=who)
    yield at_most("crowd: click to last message, p95", p95(opened), 250, "ms", against=f"{seen.polls} polls in {seconds:.0f} s")
    yield at_most("crowd: errors", len(seen.errors), 0, "", more="".join(f"; {text}" for text in sorted(set(seen.errors))[:3]))
    searched = seen.searched or [float("nan")]
    yield told("crowd: search, one keystroke", f"{median(searched):.0f} ms, p95 {p95(searched):.0f} ms")
    yield told("crowd: the server's computing", f"{computed / seconds * 100:.0f} % of one core", against="polls and searches included")
    before = seen.memory.get(WARM, end)
    more = f" ({before:.0f} → {end:.0f} MiB)"
    yield at_most(f"crowd: memory after {len(seen.opened)} openings ÷ after {WARM}", end / before, 1.1, "×", more=more)
