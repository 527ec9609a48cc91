"""The Overview's data and *show all*: through the page's own functions, as an employee who may see 200 accounts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from core.access.open_account import OpenAccount, open_account
from core.base.rights import Viewer
from core.overview.card_cache import cards_from_tables, fill
from core.overview.catalogue import CATALOGUE
from core.overview.listing import ListQuery, read_list
from core.overview.read import read_overview
from core.store import account_reader, close_store, reader
from tests.bench.data import EMPLOYEE, busiest, opened
from tests.bench.frame import Context, Row, at_most, cannot, median, p95, told
from tests.bench.postgres import Overview, beside

VIEWER = Viewer.staff(EMPLOYEE)


def timed(call: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def _accounts(rounds: int) -> list[int]:
    with reader(VIEWER) as r:
        return [row["account_id"] for row in r.rows("SELECT account_id FROM account ORDER BY hash(account_id) LIMIT $n", n=rounds)]


def rows(context: Context) -> Iterator[Row]:
    if not opened(context):
        yield cannot("overview data", "there is no bench firm of this size (make bench-data SIZE=L)")
        return
    # A firm built by an older program, or on another day, has cards to be made first, as a server makes them.
    fill(max_s=3)
    ids = _accounts(context.rounds(150, 3))
    accounts = [open_account(VIEWER, number) for number in ids]
    with beside(context) as peer:
        theirs = None if isinstance(peer, str) else Overview(peer)
        for account in accounts[:5]:
            read_overview(account)
            if theirs:
                theirs.read(account.account_id)
        ours_took, theirs_took = [], []
        for account in accounts:
            ours_took.append(timed(lambda account=account: read_overview(account)))
            if theirs:
                theirs_took.append(timed(lambda account=account: theirs.read(account.account_id)))
        against = f"PostgreSQL 15: {median(theirs_took):.1f} / {p95(theirs_took):.1f} ms" if theirs else f"PostgreSQL: {peer}"
        yield at_most("overview data, one account, warm: median", median(ours_took), 8, "ms", against=against)
        yield at_most("overview data: p95", p95(ours_took), 20, "ms", against=against)
        most = open_account(VIEWER, busiest(context.accounts))
        ours_took = [timed(lambda: read_overview(most)) for _ in range(context.rounds(20))]
        theirs_took = [timed(lambda: theirs.read(most.account_id)) for _ in range(context.rounds(20))] if theirs else []
        yield _from_tables(accounts)
        yield told(
            "overview data, the busiest account: median",
            f"{median(ours_took):.1f} ms",
            against=f"PostgreSQL 15: {median(theirs_took):.1f} ms" if theirs else "",
        )
    yield from _show_all(context)
    if context.size == "L":
        yield from _growth(context)


def _from_tables(accounts: list[OpenAccount]) -> Row:
    """The same without the cards that are kept ready, as it is for moments after a change."""
    widgets = read_overview(accounts[0])

    def read(account: OpenAccount) -> None:
        with account_reader(account.viewer, account.account_id) as r:
            cards_from_tables(r, account.account_id, tuple(result.widget for result in widgets.values()))

    read(accounts[0])
    took = [timed(lambda account=account: read(account)) for account in accounts[:60]]
    return told("overview data, where no card is kept: median", f"{median(took):.1f} ms (p95 {p95(took):.0f})")


def _show_all(context: Context) -> Iterator[Row]:
    account = open_account(VIEWER, busiest(context.accounts))
    took: dict[str, float] = {}
    for widget in CATALOGUE:
        for column in widget.columns:
            for descending in (False, True):
                wish = ListQuery(sort=column.key, descending=descending)
                read_list(account, widget.key, wish)
                times = [timed(lambda key=widget.key, wish=wish: read_list(account, key, wish)) for _ in range(context.rounds(5, 1))]
                took[f"{widget.key} by {column.key}"] = max(median(times), took.get(f"{widget.key} by {column.key}", 0))
    worst = max(took, key=took.get)
    more = f" ({worst}; median of {len(took)} orders {median(list(took.values())):.0f} ms)"
    yield at_most("show all, first page of the busiest account, by any column", took[worst], 50, "ms", more=more)


def _growth(context: Context) -> Iterator[Row]:
    """The same medians in a hundredth of the firm, in the same run, each size twice by turns; warm, and read for the first time."""
    small = replace(context, size="S", data=context.data.parent / "S")
    first: dict[str, list[float]] = {"S": [], "L": []}
    warm: dict[str, list[float]] = {"S": [], "L": []}
    for each in (small, context, small, context):
        close_store()
        if not opened(each):
            yield cannot("overview data, L ÷ S", "there is no small firm")
            return
        fill(max_s=3)
        accounts = [open_account(VIEWER, number) for number in _accounts(60)]
        for account in accounts[:5]:
            read_overview(account)
        for took in (first, warm):
            took[each.size] += [timed(lambda account=account: read_overview(account)) for account in accounts]
    yield at_most("overview data, L ÷ S", median(warm["L"]) / median(warm["S"]), 1.5, "×")
    more = f"{median(first['L']) / median(first['S']):.2f}× ({median(first['L']):.1f} ÷ {median(first['S']):.1f} ms)"
    yield told("overview data, L ÷ S, each client read for the first time since the start", more)
