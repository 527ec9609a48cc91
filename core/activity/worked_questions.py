"""Questions to begin with: queries that run as they are, and show how the tables hang together."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta

from core.base.rights import Right
from core.i18n.formats import today
from core.overview.net_due import IS_OVERDUE
from core.store import sql

# How many are offered.
OFFERED = 3


@dataclass(frozen=True)
class Question:
    """A question: its query's name in ``core/activity/sql``, how its answer is drawn, the days ``$since`` goes back, and the right it takes.

    Its words are ``queries.question.<key>``.
    """

    key: str
    chart: dict[str, str] = field(default_factory=lambda: {"kind": "none"})
    days: int = 90
    right: Right | None = None

    @property
    def text(self) -> str:
        """Return the query."""
        return sql(f"question_{self.key}").replace("{is_overdue}", IS_OVERDUE)

    @property
    def parameters(self) -> dict[str, object]:
        """Return its parameters as of today."""
        known = {"today": today(), "since": today() - timedelta(days=self.days)}
        return {name: value for name, value in known.items() if f"${name}" in self.text}


QUESTIONS = (
    Question("owed", {"kind": "bars", "x": "name", "y": "open_amount"}, right=Right.SEE_INVOICES),
    Question("uploads", {"kind": "lines", "x": "month", "y": "documents", "by": "sent_by"}, days=365),
    Question("tasks", {"kind": "bars", "x": "member", "y": "tasks", "by": "due"}),
    Question("nothing_sent"),
)


def questions_for(rights: Collection[Right]) -> list[Question]:
    """Return the questions offered to somebody with these rights."""
    return [one for one in QUESTIONS if one.right is None or one.right in rights][:OFFERED]
