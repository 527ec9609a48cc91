"""What a widget is: its columns, its tile and who may see it. Labels and help come from its key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from core.base.errors import BadDeclaration
from core.base.rights import Right
from core.store.queries import Query, load_folder

SQL = Path(__file__).parent / "sql"
KINDS = frozenset({"text", "date", "moment", "money", "hours", "choice", "progress", "stage", "flag", "payable", "yes_no"})

# How a tile's number leaves the store.
_TYPES = {"count": "BIGINT", "hours": "BIGINT", "money": "DECIMAL(18, 2)", "moment": "TIMESTAMP"}


@dataclass(frozen=True)
class Column:
    """One column people see. ``kind`` says how it is written; ``of`` names the second number of *x of y*.

    A ``scoped`` column stands only in a full list that shows more than the widget's own rows.
    """

    key: str
    kind: str
    wide: bool = False
    of: str = ""
    right: Right | None = None
    card: bool = True
    scoped: bool = False

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise BadDeclaration(f"column {self.key}: no kind {self.kind!r}")


@dataclass(frozen=True)
class Metric:
    """One number of a tile: an aggregate over the widget's rows, or (``function`` *scalar*) a SELECT of its own.

    ``kind`` says how it is written: count, money, hours or moment.
    """

    name: str
    function: str
    column: str = "*"
    where: str = ""
    kind: str = "count"
    right: Right | None = None

    @property
    def over_all_rows(self) -> str:
        """The number beside each row."""
        if self.function == "scalar":
            return f"CAST(({self.column}) AS {_TYPES[self.kind]})"
        filtered = f" FILTER (WHERE {self.where})" if self.where else ""
        return f"CAST({self.function}({self.column}){filtered} OVER () AS {_TYPES[self.kind]})"


def text(key: str, *, wide: bool = False, card: bool = True) -> Column:
    return Column(key, "text", wide=wide, card=card)


def day(key: str, *, card: bool = True) -> Column:
    return Column(key, "date", card=card)


def moment(key: str, *, card: bool = True) -> Column:
    return Column(key, "moment", card=card)


def money(key: str, *, right: Right | None = None, card: bool = True) -> Column:
    return Column(key, "money", right=right, card=card)


def choice(key: str, *, card: bool = True) -> Column:
    """A code whose word stands in ``widgets.<widget>.<key>.<code>``."""
    return Column(key, "choice", card=card)


def count_where(name: str, flag: str) -> Metric:
    return Metric(name, "count", where=flag)


def count_rows(name: str) -> Metric:
    return Metric(name, "count")


def total(name: str, column: str, kind: str = "money", *, where: str = "", right: Right | None = None) -> Metric:
    return Metric(name, "sum", column, where, kind, right)


def latest(name: str, column: str, where: str) -> Metric:
    return Metric(name, "max", column, where, "moment")


@dataclass(frozen=True)
class Widget:
    """One block of the Overview.

    ``where`` keeps the rows of tile and card; ``scopes`` name what the full list shows instead, as (code, condition).
    ``above`` names the flag of rows that stand
    over the five without counting among them, ``mark`` the flag that stands as a badge, ``opens`` what a click shows.
    ``ages`` names the day after which a row is shown differently though nothing was changed.
    ``rules`` are SQL texts by the names under which the widget's file takes them in, ``{name}``.
    """

    key: str
    columns: tuple[Column, ...]
    tile: tuple[Metric, ...]
    id_column: str
    right: Right | None = None
    where: str = ""
    scopes: tuple[tuple[str, str], ...] = ()
    above: str = ""
    mark: str = ""
    opens: str = ""
    ages: str = ""
    rules: tuple[tuple[str, str], ...] = ()

    @cached_property
    def query(self) -> Query:
        found = load_folder(SQL).get(self.key)
        if found is None:
            raise BadDeclaration(f"core/overview/sql/{self.key}.sql does not exist")
        try:
            return Query(self.key, found.format(**dict(self.rules)))
        except (KeyError, IndexError, ValueError) as problem:
            raise BadDeclaration(f"core/overview/sql/{self.key}.sql: no rule {problem}") from None
