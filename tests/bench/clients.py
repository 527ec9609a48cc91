"""Kunden: the first page sorted by any column and filtered, as owner and as an employee with 200 accounts."""

from __future__ import annotations

from collections.abc import Iterator

from core.base.rights import Viewer
from core.clients.accounts import AccountQuery, list_accounts
from core.clients.list_columns import COLUMNS
from core.clients.list_conditions import Condition
from tests.bench.data import EMPLOYEE, OTHERS, OWNER, opened
from tests.bench.frame import Context, Row, at_most, cannot, median
from tests.bench.overview import timed

COMPANY, TAGS = Condition("kind", "is", ("company",)), Condition("tags", "is", ("3", "4"))
USUAL = {"columns": ("number", "name", "state", "tags", "team", "net_due", "overdue_amount", "unread_count"), "sums": True}
WISHES = {f"by {sort}": AccountQuery(sort=sort, descending=sort.endswith("_at"), **USUAL) for sort in COLUMNS} | {
    "text": AccountQuery(text="müller", **USUAL),
    "type": AccountQuery(conditions=[COMPANY], **USUAL),
    "tag": AccountQuery(conditions=[TAGS], **USUAL),
    "member": AccountQuery(conditions=[Condition("team", "is", (str(OTHERS[2]),))], **USUAL),
    "more than": AccountQuery(conditions=[Condition("net_due", "more", ("500",))], sort="net_due", **USUAL),
    "overdue": AccountQuery(conditions=[Condition("overdue_amount", "more", ("0",))], sort="overdue_amount", descending=True, **USUAL),
    "late tasks": AccountQuery(conditions=[Condition("overdue_task_count", "between", ("2", "9"))], sort="overdue_task_count", **USUAL),
    "silent": AccountQuery(conditions=[Condition("last_activity_at", "older", ("30",))], sort="last_activity_at", **USUAL),
    "never in": AccountQuery(conditions=[Condition("last_login_at", "empty")], **USUAL),
    "all filters": AccountQuery(
        "berg", [COMPANY, TAGS, Condition("team", "is", ("5", "6")), Condition("state", "is", ("active",))], "net_due", **USUAL
    ),
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
