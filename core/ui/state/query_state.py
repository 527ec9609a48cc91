"""What *Abfragen* remembers between two runs: the query, its parameters as they were typed, and its last answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.activity.own_queries import Answer


@dataclass(slots=True)
class QueryState:
    """The query that is worked on.

    Attributes:
        text: What stands in the editor.
        given: Its parameters by name, as they were typed.
        answered: The query that was run last.
        answer: What it found when it was run last; None before, and when it found nothing but a problem.
        problem: Why there is no answer, and DuckDB's own words.
        chart: How the answer is drawn (``core.activity.saved_queries``).
        saved: The name it was kept under.
        sort: The column the answer's table is sorted by, None for the query's own order; and whether the other way round.
        is_asked: Whether it is to be run with the next drawing.
        is_renewed: Whether it is to be run on rows of this moment.
        from_address: The saved query the address named last.
        before: The query that was in the editor before this one, and its parameters; None when there is none.
        epoch: Stands in the keys of the inputs: a query that comes from elsewhere has them drawn anew.
    """

    text: str = ""
    given: dict[str, str] = field(default_factory=dict)
    answered: str = ""
    answer: Answer | None = None
    problem: tuple[str, str] | None = None
    chart: dict[str, str] = field(default_factory=lambda: {"kind": "none"})
    saved: str = ""
    sort: tuple[int, bool] | None = None
    is_asked: bool = False
    is_renewed: bool = False
    from_address: str = ""
    before: tuple[str, dict[str, str]] | None = None
    epoch: int = 0

    def take(self, text: str, given: dict[str, str], chart: dict[str, str] | None = None, saved: str = "") -> None:
        """Put another query into the editor; the last answer goes, the last query can be brought back."""
        if self.text.strip() and self.text != text:
            self.before = self.text, self.given
        self.text, self.given, self.chart, self.saved = text, given, chart or {"kind": "none"}, saved
        self.answer, self.problem, self.sort = None, None, None
        self.is_asked = self.is_renewed = False
        self.epoch += 1
