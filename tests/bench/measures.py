"""*Auswertung*: every measure, the first screen, the ledger and the habits, as who sees all and as an employee with 200 clients.

Each is the very statement the page puts, its planning included and nothing remembered; PostgreSQL gets the same text over the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import psycopg

from core.access.verbs import rights_of
from core.activity.habit import habits_query, make_habits
from core.activity.ledger import moments, over_ledger
from core.activity.measures import MEASURES
from core.activity.picks import USUAL_PERIOD, period_of
from core.activity.reading import Wanted, figures_query
from core.base.rights import Viewer
from core.clients.accounts import AccountQuery
from core.i18n.formats import today
from core.store import reader
from tests.bench.data import EMPLOYEE, OWNER, opened
from tests.bench.frame import Context, Row, at_least, at_most, cannot, median, told
from tests.bench.overview import timed
from tests.bench.postgres import MORE, beside, load

# A statement with its parameters.
Statement = tuple[str, Mapping[str, object]]
# What the first screen of the page asks; the week curve twice, beside the year before.
FIRST_SCREEN = ("turn", "ages", "unbilled", "jobs", "tasks", "silence", "response", "happens", "happens before")
# Milliseconds a measure may take.
MOST_MS = 700
_NAME = re.compile(r"\$(\w+)")


def statements(viewer: Viewer) -> dict[str, list[Statement]]:
    """Everything that is measured for a viewer, by name, in the order of the table."""
    wanted = Wanted(AccountQuery(), period_of(USUAL_PERIOD, today()))
    asked: dict[str, list[Statement]] = {}
    with reader(viewer) as r:
        rights = rights_of(viewer)
        for measure in MEASURES.values():
            if measure.right is not None and measure.right not in rights:
                continue
            names = [dimension.key for dimension in measure.dimensions]
            for name, period in ((measure.key, wanted.period), ("happens before", wanted.period.weeks.year_before)):
                if measure.key in (name, "happens"):
                    query = figures_query(r, measure, replace(wanted, period=period), names)
                    asked[name] = [(query.text, query.parameters)]
        last = r.value("SELECT max(account_id) FROM account")
    asked["first screen"] = [asked[key][0] for key in FIRST_SCREEN if key in asked]
    asked["ledger, counts"] = [(over_ledger("ledger_counts"), moments())]
    asked["habits of all clients, read"] = [habits_query(0, last)]
    return asked


def _ours(viewer: Viewer, asked: Sequence[Statement], rounds: int) -> float:
    def ask() -> None:
        with reader(viewer) as r:
            for text, given in asked:
                r.rows(text, **given)

    ask()
    return median([timed(ask) for _ in range(rounds)])


def _theirs(connection: psycopg.Connection, asked: Sequence[Statement], rounds: int) -> float | str:
    """Milliseconds, or why it was not to be asked."""
    translated = [(_NAME.sub(r"%(\1)s", re.sub(r"--[^\n]*", "", text).replace("%", "%%")), dict(given)) for text, given in asked]

    def ask() -> None:
        for text, given in translated:
            connection.execute(text, given).fetchall()

    try:
        ask()
    except psycopg.Error as problem:
        return " ".join(str(problem).split())[:120]
    return median([timed(ask) for _ in range(rounds)])


def rows(context: Context) -> Iterator[Row]:
    if not opened(context):
        yield cannot("Auswertung", "there is no bench firm of this size (make bench-data SIZE=L)")
        return
    context.say("making habits")
    took = timed(make_habits)
    yield told("Auswertung: habits of all clients, made and written", f"{took:.0f} ms")
    rounds = context.rounds(5, 1)
    with beside(context) as peer:
        if not isinstance(peer, str):
            load(peer, context.say, MORE)
        yield from _beside(peer, rounds)
    # PostgreSQL has no views of ours, so that it is not asked for what one person may see.
    for name, asked in statements(few := Viewer.staff(EMPLOYEE)).items():
        if not name.startswith("habits"):
            yield _row(f"Auswertung, an employee with 200 clients: {name}", _ours(few, asked, rounds))


def _row(what: str, took: float, against: str = "") -> Row:
    """A measure has its figure; habits are made at night, and the first screen is nine questions."""
    if what.endswith(("first screen", "read")):
        return told(what, f"{took:.0f} ms", against=against)
    return at_most(what, took, MOST_MS, "ms", against=against)


def _beside(peer: psycopg.Connection | str, rounds: int) -> Iterator[Row]:
    """Who sees all, beside PostgreSQL, in turns."""
    ratios = []
    for name, asked in statements(owner := Viewer.staff(OWNER)).items():
        ours = _ours(owner, asked, rounds)
        theirs = peer if isinstance(peer, str) else _theirs(peer, asked, rounds)
        against = f"PostgreSQL 15: {theirs}"
        if isinstance(theirs, float):
            against = f"PostgreSQL 15: {theirs:.0f} ms, {theirs / ours:.1f} ×"
            ratios.append(theirs / ours)
        yield _row(f"Auswertung, who sees all: {name}", ours, against)
    if ratios:
        yield at_least("Auswertung: PostgreSQL's time ÷ ours, median", median(ratios), 10, "×", more=f" of {len(ratios)}")
    else:
        yield cannot("Auswertung: PostgreSQL's time ÷ ours", str(peer))
