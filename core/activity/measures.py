"""The measures of *Auswertung*: what each counts, by what, and the columns of its list.

A measure is one query of rows in ``core/activity/sql/measure_<key>.sql``. Its figures count these rows and its lists show them, so that a
figure and its list cannot differ. Words stand under ``activity``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from core.activity.ledger import LEDGER_TABLES
from core.base.rights import Right

# ``since`` is a stored moment or a day; ``minutes`` are of office time, ``word`` a code with words of its own.
ColumnKind = Literal["text", "day", "moment", "since", "money", "hours", "minutes", "number", "word"]


@dataclass(frozen=True)
class Column:
    """A column of a measure's list, behind the client; a column one has no right to see is left out.

    Args:
        key: As the measure's query calls it.
        kind: How it is written.
        right: Who lacks it does not have the column.
    """

    key: str
    kind: ColumnKind = "text"
    right: Right | None = None


@dataclass(frozen=True)
class Dimension:
    """What a measure is counted by.

    Args:
        key: A column of the measure's query, of texts.
        codes: Its values, in the order they are shown in; none for ids and weeks.
    """

    key: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Measure:
    """A measure.

    Args:
        key: Its name, and that of its query.
        dimensions: What it is counted by; a list names a value of each, or any.
        columns: Those of its list.
        sums: Columns whose sum a figure has besides the number of rows.
        order: SQL terms the list is sorted by.
        tables: What it is read from.
        right: Without it the measure is not there.
        needs: The rights without which one could not know who is in a list of it.
        has_period: Whether it is of a time that is chosen; else it is how things stand now.
        statistics: Further figures as SQL terms over the rows ``x``, by name.
    """

    key: str
    dimensions: tuple[Dimension, ...]
    columns: tuple[Column, ...]
    order: str
    tables: tuple[str, ...]
    sums: tuple[str, ...] = ()
    right: Right | None = None
    needs: frozenset[Right] = frozenset()
    has_period: bool = False
    statistics: tuple[tuple[str, str], ...] = ()


_MONEY, _TIME, _RATES = Right.SEE_INVOICES, Right.SEE_ALL_TIME, Right.SEE_RATES
KINDS = ("task", "document", "email", "chat", "organizer", "approval", "signature", "contract", "invoice")
_DUE = ("overdue", "soon", "later")
_YES_NO = ("yes", "no")
_ACTS = (
    "email", "document", "chat", "chat_message", "login", "approval", "signatory", "signature", "contract", "organizer", "note", "task", "invoice",
    "time_entry",
)  # fmt: skip
MEASURES = {
    measure.key: measure
    for measure in (
        Measure(
            "turn",
            (Dimension("turn", ("us", "client", "third", "dormant")), Dimension("kind", KINDS), Dimension("age", ("old", "new"))),
            (Column("kind", "word"), Column("title"), Column("turn", "word"), Column("since", "since"), Column("due_on", "day"),
             Column("amount", "money", _MONEY)),
            "x.since, x.kind, x.item_id",
            LEDGER_TABLES,
        ),
        Measure(
            "ages",
            (Dimension("bucket", ("not_due", "d30", "d60", "d90", "older", "held")), Dimension("due", ("overdue", "other"))),
            (Column("title"), Column("issued_on", "day"), Column("due_on", "day"), Column("open_amount", "money"), Column("net", "money")),
            "x.due_on, x.item_id",
            ("invoice", "credit", "payment"),
            sums=("net", "open_amount"),
            right=_MONEY,
            needs=frozenset({_MONEY}),
        ),
        Measure(
            "unbilled",
            (Dimension("worked", ("d30", "d60", "d90", "d180", "older")), Dimension("aged", ("old", "new"))),
            (Column("worked_on", "day"), Column("member"), Column("title"), Column("minutes", "hours"), Column("amount", "money", _RATES)),
            "x.worked_on, x.item_id",
            ("time_entry", "staff_member"),
            sums=("minutes", "amount"),
            needs=frozenset({_TIME}),
            statistics=(("without_amount", "sum(CASE WHEN x.amount IS NULL THEN 1 ELSE 0 END)"),),
        ),
        Measure(
            "jobs",
            (Dimension("pipeline"), Dimension("due", _DUE), Dimension("pace", ("long", "usual"))),
            (Column("title"), Column("pipeline_name"), Column("stage"), Column("days", "number"), Column("due_on", "day")),
            "x.due_on NULLS LAST, x.item_id",
            ("job", "pipeline", "stage"),
        ),
        Measure(
            "tasks",
            (Dimension("member"), Dimension("due", _DUE)),
            (Column("title"), Column("member_name"), Column("due_on", "day"), Column("status", "word")),
            "x.due_on NULLS LAST, x.item_id, x.member",
            ("task", "task_assignee", "staff_member"),
        ),
        Measure(
            "silence",
            (Dimension("silence", ("never_so_long", "silent")),),
            (Column("days_silent", "number"), Column("usual_days", "number"), Column("longest_days", "number"), Column("silence", "word"),
             Column("last_client_at", "moment")),
            "x.days_silent * 1.0 / greatest(x.usual_days, 7) DESC, x.account_id",
            ("account_figure", "account_habit"),
        ),
        Measure(
            "happens",
            (Dimension("week"), Dimension("side", ("client", "us"))),
            (Column("kind", "word"), Column("title"), Column("side", "word"), Column("since", "since")),
            "x.since DESC, x.kind, x.item_id",
            _ACTS,
            has_period=True,
        ),
        Measure(
            "response",
            (Dimension("answer", ("answered", "open", "never")), Dimension("pace", ("day", "later", "none")), Dimension("week")),
            (Column("kind", "word"), Column("title"), Column("since", "since"), Column("answered_at", "moment"), Column("minutes", "minutes")),
            "x.minutes DESC NULLS LAST, x.since, x.item_id",
            ("email", "chat", "chat_message", "firm"),
            has_period=True,
            statistics=(
                ("median", "percentile_cont(0.5) WITHIN GROUP (ORDER BY x.minutes)"),
                ("nine_tenths", "percentile_cont(0.9) WITHIN GROUP (ORDER BY x.minutes)"),
            ),
        ),
        Measure(
            "takes",
            (Dimension("kind", ("signature", "contract", "approval", "organizer")), Dimension("outcome", ("done", "open")),
             Dimension("speed", ("week", "longer", "young"))),
            (Column("kind", "word"), Column("title"), Column("since", "since"), Column("done_at", "moment"), Column("took_days", "number")),
            "x.since, x.kind, x.item_id",
            ("signature", "contract", "signatory", "approval", "organizer"),
            has_period=True,
            statistics=(("median", "percentile_cont(0.5) WITHIN GROUP (ORDER BY x.took_days)"),),
        ),
        Measure(
            "seen",
            (Dimension("seen", ("day", "later", "unseen")),),
            (Column("title"), Column("since", "since"), Column("seen_at", "moment"), Column("minutes", "minutes")),
            "x.since, x.item_id",
            ("document", "firm"),
            has_period=True,
        ),
        Measure(
            "portal",
            (Dimension("allowed", _YES_NO), Dimension("ever", _YES_NO), Dimension("quarter", _YES_NO), Dimension("month", _YES_NO)),
            (Column("last_login_at", "moment"),),
            "x.last_login_at DESC NULLS LAST, x.account_id",
            ("email_access", "login"),
        ),
        Measure(
            "share",
            (Dimension("first", _YES_NO), Dimension("five", _YES_NO), Dimension("ten", _YES_NO)),
            (Column("place", "number"), Column("billed", "money"), Column("percent", "number"), Column("invoices", "number")),
            "x.place",
            ("invoice",),
            sums=("billed",),
            right=_MONEY,
            needs=frozenset({_MONEY}),
        ),
    )
}  # fmt: skip
