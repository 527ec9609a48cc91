"""Declare a widget: its columns, its tile and the right to see it. Labels and help come from its key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from core.base.errors import BadDeclaration
from core.base.rights import Right
from core.store.queries import Query, load_folder

SQL = Path(__file__).parent / "sql"
KINDS = frozenset({"text", "date", "moment", "money", "hours", "choice", "progress", "stage", "flag", "payable", "yes_no", "device"})

# SQL type of a tile's number, by kind.
_TYPES = {"count": "BIGINT", "hours": "BIGINT", "money": "DECIMAL(18, 2)", "moment": "TIMESTAMP"}


@dataclass(frozen=True)
class Column:
    """One column of a widget.

    Args:
        key: name in the widget's SQL and in the words.
        kind: how a value is shown, one of ``KINDS``.
        wide: takes the room that is left.
        of: key of the second number of *x of y*.
        right: without it the column is left out.
        card: False to show it in the full list only.
        scoped: shown only in a full list of more than the widget's own rows.
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

    Args:
        name: names the number in the result and in the words.
        function: SQL aggregate, or *scalar*.
        column: what is aggregated, or the SELECT.
        where: condition on the rows that count.
        kind: how the number is shown: count, money, hours (in minutes) or moment.
        right: without it the number is left out.
    """

    name: str
    function: str
    column: str = "*"
    where: str = ""
    kind: str = "count"
    right: Right | None = None

    @property
    def over_all_rows(self) -> str:
        """Return SQL for the number, computed over all rows, as a column of each row."""
        if self.function == "scalar":
            return f"CAST(({self.column}) AS {_TYPES[self.kind]})"
        filtered = f" FILTER (WHERE {self.where})" if self.where else ""
        return f"CAST({self.function}({self.column}){filtered} OVER () AS {_TYPES[self.kind]})"


def text(key: str, *, wide: bool = False, card: bool = True) -> Column:
    """Return a column of text."""
    return Column(key, "text", wide=wide, card=card)


def day(key: str, *, card: bool = True) -> Column:
    """Return a column of days."""
    return Column(key, "date", card=card)


def moment(key: str, *, card: bool = True) -> Column:
    """Return a column of moments, stored in UTC, shown in the firm's time zone."""
    return Column(key, "moment", card=card)


def money(key: str, *, right: Right | None = None, card: bool = True) -> Column:
    """Return a column of amounts."""
    return Column(key, "money", right=right, card=card)


def choice(key: str, *, card: bool = True) -> Column:
    """Return a column of codes; the word of a code is ``widgets.<widget>.<key>.<code>``."""
    return Column(key, "choice", card=card)


def count_where(name: str, flag: str) -> Metric:
    """Return the number of rows whose flag is true."""
    return Metric(name, "count", where=flag)


def count_rows(name: str) -> Metric:
    """Return the number of all rows."""
    return Metric(name, "count")


def total(name: str, column: str, kind: str = "money", *, where: str = "", right: Right | None = None) -> Metric:
    """Return the sum of a column."""
    return Metric(name, "sum", column, where, kind, right)


def latest(name: str, column: str, where: str) -> Metric:
    """Return the newest moment of a column, among rows where a flag is true."""
    return Metric(name, "max", column, where, "moment")


@dataclass(frozen=True)
class Scope:
    """Which rows a full list shows; its word is ``widgets.<widget>.scope.<code>``.

    Args:
        code: names the scope; empty for the widget's own rows, those of tile and card.
        where: condition on the rows; empty for every row.
        order: order of the rows where it is not the widget's own.
    """

    code: str
    where: str = ""
    order: str = ""


@dataclass(frozen=True)
class Widget:
    """One block of the Overview.

    Args:
        key: name of the SQL file and of the words.
        columns: in the order they are shown.
        tile: the numbers of the tile.
        id_column: names the row.
        right: without it the widget is left out.
        where: condition on the rows of tile and card.
        scopes: what the full list can show instead of the widget's own rows, the widest last.
        above: flag of rows that stand above the newest ones without counting among them.
        mark: flag shown as a badge.
        opens: what a click on a row opens.
        changes_after: column of days; after its day a row is shown differently though nothing was changed. ``good_until`` in
            sql_composition.py counts on the comparison being *after*, not *from* the day.
        rules: SQL texts by the names under which the widget's file takes them in, ``{name}``.
        kept_rows: how many rows its card keeps; None for as many as a card shows, and one more.
        file: name of the SQL file where it is not the key.
    """

    key: str
    columns: tuple[Column, ...]
    tile: tuple[Metric, ...]
    id_column: str
    right: Right | None = None
    where: str = ""
    scopes: tuple[Scope, ...] = ()
    above: str = ""
    mark: str = ""
    opens: str = ""
    changes_after: str = ""
    rules: tuple[tuple[str, str], ...] = ()
    kept_rows: int | None = None
    file: str = ""

    @cached_property
    def all_scopes(self) -> tuple[Scope, ...]:
        """Every scope in the order it is offered: the widget's own rows first, but last where they are all there are; none without a choice."""
        own = Scope("", self.where)
        if not self.scopes:
            return ()
        return (own, *self.scopes) if self.where else (*self.scopes, own)

    @property
    def table(self) -> str:
        """The table whose rows these are."""
        return self.id_column.removesuffix("_id")

    def scope(self, code: str) -> Scope:
        """Return the scope of this code, the widget's own rows for one that it does not have."""
        return next((scope for scope in self.scopes if scope.code == code), Scope("", self.where))

    @cached_property
    def query(self) -> Query:
        """The text of ``sql/<key>.sql`` with its rules. Raises BadDeclaration when there is no such file or rule."""
        name = self.file or self.key
        found = load_folder(SQL).get(name)
        if found is None:
            raise BadDeclaration(f"core/overview/sql/{name}.sql does not exist")
        try:
            return Query(self.key, found.format(**dict(self.rules)))
        except (KeyError, IndexError, ValueError) as problem:
            raise BadDeclaration(f"core/overview/sql/{name}.sql: no rule {problem}") from None
