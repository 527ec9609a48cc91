"""A hundred people at once, with ten more on Auswertung and with none: a click on a client must hardly be slower."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.bench.crowd import EVERY, PEOPLE, Person, Seen, live_together, people
from tests.bench.frame import Context, Row, at_most, median, p95, told
from tests.bench.served import WholeServer
from tests.bench.start import sample
from tests.bench.wire import Tab
from tests.conftest import Server

ANALYSTS = 10
# Openings of clients in each of the four parts; the first ones of each fill caches and connections.
OPENINGS, WARM = 400, 50
# What an analyst looks at, one after the other.
LOOKS = ("days=30", "days=365", "list=turn.us", "list=ages.older", "days=year", "list=silence", "q=gmbh", "list=response.never")


@dataclass
class Looked:
    """What the analysts measured, in milliseconds."""

    drawn: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


async def _analyse(person: Person, dice: random.Random, server: Server, looked: Looked, every: float) -> None:
    """One analyst's day: look at the page, wait, look at another part of it; until cancelled."""
    for place in range(1_000_000):
        tab = Tab(server.url, person.token)
        try:
            looked.drawn.append(await tab.enter(LOOKS[place % len(LOOKS)], "activity"))
            await asyncio.sleep(dice.expovariate(1 / every))
        except Exception as problem:
            looked.errors.append(f"{type(problem).__name__}: {problem}")
        finally:
            looked.errors += tab.errors
            await tab.leave()


async def _part(context: Context, crowd: list[Person], analysts: list[Person], server: Server, openings: int) -> tuple[Seen, Looked]:
    looked, every = Looked(), 0.2 if context.tiny else EVERY
    working = [asyncio.create_task(_analyse(one, random.Random(place), server, looked, every)) for place, one in enumerate(analysts)]
    began = time.perf_counter()
    seen, _, _ = await live_together(context, crowd, server, openings)
    context.say(f"{len(analysts)} on Auswertung: {openings} openings in {time.perf_counter() - began:.0f} s")
    for task in working:
        task.cancel()
    await asyncio.gather(*working, return_exceptions=True)
    return seen, looked


def rows(context: Context) -> Iterator[Row]:
    data = sample(context)
    crowd, analysts = people(data, 3 if context.tiny else PEOPLE), people(data, 1 if context.tiny else ANALYSTS, ("owner", "admin"))
    openings, warm = (3, 0) if context.tiny else (OPENINGS, WARM)
    server = WholeServer(data)
    opened: dict[bool, list[float]] = {True: [], False: []}
    drawn: list[float] = []
    errors: list[str] = []
    try:
        # By turns, so that what else the machine does falls on both.
        for with_them in (False, True, False, True):
            seen, looked = asyncio.run(_part(context, crowd, analysts if with_them else [], server, openings))
            opened[with_them] += seen.opened[warm:]
            drawn += looked.drawn
            errors += seen.errors + looked.errors
    finally:
        server.stop()
    who = f"{len(crowd)} people, {len(analysts)} of {len(crowd) + len(analysts)} on Auswertung"
    for what, of in (("median", median), ("p95", p95)):
        with_them, without = of(opened[True]), of(opened[False])
        yield at_most(
            f"click on a client beside Auswertung ÷ without: {what}", with_them / without, 1.2, "×", against=f"{without:.0f} ms; {who}"
        )
    yield told(
        "Auswertung, drawn among a hundred people", f"{median(drawn):.0f} ms, p95 {p95(drawn):.0f} ms", against=f"{len(drawn)} times"
    )
    yield at_most(
        "click on a client beside Auswertung: errors", len(errors), 0, "", more="".join(f"; {text}" for text in sorted(set(errors))[:3])
    )
