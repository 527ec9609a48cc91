"""Tell the clients in the answer of a query, to keep them as a cohort."""

from __future__ import annotations

from core.activity.cohorts import NEEDABLE
from core.activity.own_queries import Answer
from core.base.rights import Right, Viewer
from core.store import reader, seen_of

# Columns that say which client a row is about: the first that is there counts.
ACCOUNT_ID, NUMBER = "account_id", "number"


def names_clients(answer: Answer) -> bool:
    """Return whether an answer says which clients its rows are about."""
    return _column(answer) is not None


def clients_of(viewer: Viewer, answer: Answer) -> list[int]:
    """Return the ids of the clients in an answer that the viewer sees."""
    found = _column(answer)
    if found is None:
        return []
    values = {row[found] for row in answer.rows if row[found] is not None}
    with reader(viewer) as r:
        if answer.columns[found][0] == ACCOUNT_ID:
            return sorted(seen_of(r, [value for value in values if isinstance(value, int)]))
        asked = "SELECT account_id FROM account WHERE number IN (SELECT unnest($numbers)) ORDER BY account_id"
        return [row["account_id"] for row in r.rows(asked, numbers=[str(value) for value in values])] if values else []


def needs_of(viewer: Viewer, answer: Answer) -> frozenset[Right]:
    """Return the rights without which somebody else could not know which clients these are.

    What its author has no right to was not in the tables it was found in, so it tells nothing of that.
    """
    with reader(viewer) as r:
        return frozenset(right for right in answer.needs & NEEDABLE if r.scope.allows(right))


def _column(answer: Answer) -> int | None:
    names = [name for name, _ in answer.columns]
    return next((names.index(name) for name in (ACCOUNT_ID, NUMBER) if name in names), None)
