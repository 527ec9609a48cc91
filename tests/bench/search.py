"""The search on the server's side: what people type, per kind, as owner and as an employee with 200 accounts."""

from __future__ import annotations

import random
from collections.abc import Iterator

from core.base.rights import Viewer
from core.clients.search import look_up
from core.clients.search_terms import Query
from core.store import reader
from tests.bench import postgres
from tests.bench.data import EMPLOYEE, OWNER, opened
from tests.bench.frame import Context, Row, at_most, cannot, median, p95
from tests.bench.overview import timed

BEGINNINGS = (
    "1 letter",
    "2 letters",
    "3 letters",
    "5 letters",
    "whole word",
    "two words, turned",
    "whole name",
    "number",
    "address",
    "contact",
    "phone",
    "last five digits",
)
INSIDE = ("inside a word", "inside an address")


def search(viewer: Viewer, text: str, *, quick: bool) -> list:
    """One question as it is asked for the first time: what memory holds of the first letters is left out."""
    with reader(viewer) as r:
        return look_up(r, Query.of(text), 12, quick=quick)


def _typo(word: str, dice: random.Random) -> str:
    place = dice.randrange(1, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def questions(viewer: Viewer, count: int) -> dict[str, list[str]]:
    """What people type, per kind of query, made from accounts the viewer sees."""
    dice = random.Random(3)
    query = """SELECT a.account_id, a.number, a.name, min(e.email) AS email, min(c.name) AS contact, min(c.phone) AS phone FROM account a JOIN account_contact USING (account_id)
               JOIN contact_email e USING (contact_id) JOIN contact c USING (contact_id) WHERE a.account_id IN (SELECT account_id FROM account ORDER BY hash(account_id) LIMIT 400)
               GROUP BY ALL ORDER BY a.account_id"""
    with reader(viewer) as r:
        known = r.rows(query)
    two = [row["name"].replace("& ", "").split() for row in known]
    long = [name for name in two if max(map(len, name)) > 6]
    return {
        "1 letter": [dice.choice(two)[0][:1] for _ in range(count)],
        "2 letters": [dice.choice(two)[-1][:2] for _ in range(count)],
        "3 letters": [dice.choice(two)[-1][:3] for _ in range(count)],
        "5 letters": [dice.choice(two)[0][:5] for _ in range(count)],
        "whole word": [dice.choice(two)[-1] for _ in range(count)],
        "two words, turned": [f"{words[-1][:4]} {words[0][:3]}" for words in (dice.choice(two) for _ in range(count))],
        "whole name": [dice.choice(known)["name"] for _ in range(count)],
        "number": [dice.choice(known)["number"] for _ in range(count)],
        "address": [dice.choice(known)["email"][:14] for _ in range(count)],
        "contact": [dice.choice(known)["contact"] for _ in range(count)],
        "phone": [dice.choice(known)["phone"].replace("+49 ", "0")[:9] for _ in range(count)],
        "last five digits": [dice.choice(known)["phone"][-5:] for _ in range(count)],
        "inside a word": [max(dice.choice(long), key=len)[2:7] for _ in range(count)],
        "inside an address": [dice.choice(("nzlei-netz", "irma-nord", "ost.example", "mail.ex")) for _ in range(count)],
        "typo": [_typo(max(dice.choice(long), key=len), dice) + "qx"[: dice.randrange(2)] for _ in range(count)],
    }


def rows(context: Context) -> Iterator[Row]:
    if not opened(context):
        yield cannot("search", "there is no bench firm of this size (make bench-data SIZE=L)")
        return
    with postgres.beside(context) as peer:
        for who, viewer in (("owner", Viewer.staff(OWNER)), ("an employee with 200", Viewer.staff(EMPLOYEE))):
            took: dict[str, list[float]] = {}
            theirs: dict[str, list[float]] = {}
            for kind, asked in questions(viewer, context.rounds(25)).items():
                for text in asked[:2]:
                    search(viewer, text, quick=True)
                # What one sees as one types: the first answer; the page asks for the insides of words after it.
                quick = kind in BEGINNINGS
                took[kind] = [timed(lambda text=text, viewer=viewer, quick=quick: search(viewer, text, quick=quick)) for text in asked]
                if not isinstance(peer, str) and who == "owner":
                    theirs[kind] = [timed(lambda text=text: postgres.search(peer, text)) for text in asked[: context.rounds(8, 1)]]
            yield from _told(who, took, theirs, "" if not isinstance(peer, str) else f"pg_trgm: {peer}")


def _told(who: str, took: dict[str, list[float]], theirs: dict[str, list[float]], why: str) -> Iterator[Row]:
    for what, kinds, limit, slowest in (
        ("beginnings of words", BEGINNINGS, 8, 25), ("inside a word or address", INSIDE, 80, 200), ("typo pass", ("typo",), 120, None),
    ):  # fmt: skip
        times = [value for kind in kinds for value in took[kind]]
        other = [value for kind in kinds for value in theirs.get(kind, ())]
        against = f"pg_trgm: {median(other):.1f} / {p95(other):.1f} ms" if other else why
        each = ", ".join(f"{kind} {median(took[kind]):.0f}" for kind in kinds) if len(kinds) > 1 else ""
        more = f" (p95 {p95(times):.0f}{'; ' + each if each else ''})"
        yield at_most(f"search, {what}, as {who}: median", median(times), limit, "ms", against=against, more=more)
        if slowest:
            yield at_most(f"search, {what}, as {who}: p95", p95(times), slowest, "ms", against=against)
