"""Kunden: the first page sorted by any column and filtered, as owner and as an employee with 200 accounts."""

from __future__ import annotations

from collections.abc import Iterator

from core.base.rights import Viewer
from core.clients.accounts import SORTS, AccountQuery, list_accounts
from tests.bench.data import EMPLOYEE, OTHERS, OWNER, opened
from tests.bench.frame import Context, Row, at_most, cannot, median
from tests.bench.overview import timed

WISHES = {f"by {sort}": AccountQuery(sort=sort, descending=sort.endswith("_at")) for sort in SORTS} | {
    "text": AccountQuery(text="müller"),
    "type": AccountQuery(kinds=["company"]),
    "tag": AccountQuery(tags=[3]),
    "member": AccountQuery(members=[OTHERS[2]]),
    "all filters": AccountQuery(text="berg", kinds=["company"], tags=[3, 4], members=[5, 6], states=["active"], sort="net_due"),
}


def rows(context: Context) -> Iterator[Row]:
    if not opened(context):
        yield cannot("Kunden", "there is no bench firm of this size (make bench-data SIZE=L)")
        return
    for who, viewer in (("owner", Viewer.staff(OWNER)), ("an employee with 200", Viewer.staff(EMPLOYEE))):
        took = {}
        for what, wish in WISHES.items():
            list_accounts(viewer, wish)
            took[what] = median([timed(lambda viewer=viewer, wish=wish: list_accounts(viewer, wish)) for _ in range(context.rounds(7, 1))])
        worst = max(took, key=took.get)
        more = f" ({worst}; median of {len(took)} lists {median(list(took.values())):.0f} ms)"
        yield at_most(f"Kunden, first page, sorted and filtered, as {who}", took[worst], 300, "ms", more=more)
