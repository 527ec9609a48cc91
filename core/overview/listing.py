"""Read one widget's full list (*Alle anzeigen*): sorted, filtered, searched, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from core.access.open_account import OpenAccount
from core.i18n.formats import today, zone
from core.overview.read import visible_widget
from core.overview.row_search import holds
from core.overview.spec import Column, Scope, Widget
from core.store import Reader, Row, account_reader

# Both ends belong to it.
Range = tuple[Decimal | date | None, Decimal | date | None]
# Kinds of columns that take one.
RANGED = frozenset({"money", "date", "moment"})
# Words of a search beyond these are not looked for.
MAX_SEARCH_WORDS = 8


@dataclass(frozen=True)
class ListQuery:
    """Which rows of a list, and their order.

    Args:
        find: words that a row must hold, each in some cell.
        codes: the code wanted in a column, by column key.
        ranges: the least and the greatest amount, or the first and the last day, wanted in a column, by its key; None for no end.
        sort: key of the column to sort by, or the widget's ``mark``, falling, for marked rows first; None for the scope's own order.
        descending: sort the other way round.
        scope: code of one of the widget's ``scopes``; empty for the widget's own rows.
    """

    find: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    ranges: Mapping[str, Range] = field(default_factory=dict)
    sort: str | None = None
    descending: bool = False
    scope: str = ""


@dataclass(frozen=True)
class Listing:
    """One page of a full list: the columns the viewer may see, the rows, and the number of all rows that match, in each scope too.

    ``text`` is the query of all its rows as it was put, ``parameters`` what was given for its ``$names``.
    """

    widget: Widget
    columns: tuple[Column, ...]
    rows: list[Row]
    total: int
    in_scope: Mapping[str, int] = field(default_factory=dict)
    text: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)


def read_list(account: OpenAccount, key: str, query: ListQuery, offset: int = 0, limit: int | None = 50) -> Listing:
    """Return the rows of a widget that match; ``limit=None`` for all of them (an export).

    Raises:
        NotFound: the viewer does not have this widget.
        AccountNotFound: the viewer may no longer see the account.
    """
    with account_reader(account.viewer, account.account_id) as r:
        widget = visible_widget(r, key)
        scope = widget.scope(query.scope)
        is_wider = scope.where != widget.where
        columns = tuple(c for c in widget.columns if (c.right is None or r.scope.allows(c.right)) and (is_wider or not c.scoped))
        parameters: dict[str, object] = {"account_id": account.account_id}
        if "today" in widget.query.parameters:
            parameters["today"] = today()
        where: list[str] = []
        known = {c.key: c for c in columns}
        for place, (column, code) in enumerate(query.codes.items()):
            if column in known:
                term = _condition(known[column], code, f"code_{place}")
                where.append(term)
                if "$" in term:
                    parameters[f"code_{place}"] = code
        for place, (column, ends) in enumerate(query.ranges.items()):
            if column in known:
                term, given = _within(known[column], ends, f"range_{place}")
                where.append(term)
                parameters |= given
        for place, word in enumerate(query.find.split()[:MAX_SEARCH_WORDS]):
            term, given = holds(widget, columns, word, f"word_{place}")
            where.append(term)
            parameters |= given
        matching = f"FROM ({widget.query}) AS q WHERE {' AND '.join(where) or 'TRUE'}"
        in_scope = _counts(r, widget.all_scopes or (scope,), matching, parameters)
        page = "" if limit is None else f" LIMIT {int(limit)} OFFSET {int(offset)}"
        text = f"SELECT * {matching} AND ({scope.where or 'TRUE'}){_order(query, widget, scope, known)}"
        rows = r.rows(f"{text}{page}", **parameters)
    return Listing(widget, columns, rows, in_scope[scope.code], in_scope, text, parameters)


def _counts(r: Reader, scopes: Sequence[Scope], matching: str, parameters: Mapping[str, object]) -> dict[str, int]:
    """Return how many of the rows that match each scope shows, by its code."""
    counts = ", ".join(f"count(*) FILTER (WHERE {scope.where or 'TRUE'}) AS n_{place}" for place, scope in enumerate(scopes))
    found = r.row(f"SELECT {counts} {matching}", **parameters) or {}
    return {scope.code: found[f"n_{place}"] for place, scope in enumerate(scopes)}


def _order(query: ListQuery, widget: Widget, scope: Scope, known: Mapping[str, Column]) -> str:
    """Return the ORDER BY clause: what was asked for, else the scope's own."""
    own = scope.order or widget.query.rsplit("\nORDER BY ", 1)[1]
    if query.sort and query.sort == widget.mark and query.descending:
        return f" ORDER BY {widget.mark} DESC, {own}"
    if query.sort is not None and query.sort in known:
        collate = " COLLATE NOACCENT.NOCASE" if known[query.sort].kind == "text" else ""
        return f" ORDER BY {query.sort}{collate} {'DESC' if query.descending else 'ASC'} NULLS LAST, {widget.id_column} DESC"
    return f" ORDER BY {own}"


def _within(column: Column, ends: Range, name: str) -> tuple[str, dict[str, object]]:
    """Return the condition that a value lies between two ends, and its parameters; a moment counts as its day in the firm's time zone."""
    value = column.key
    given: dict[str, object] = {}
    if column.kind == "moment":
        value, given = f"CAST(timezone(${name}_zone, timezone('UTC', {column.key})) AS DATE)", {f"{name}_zone": str(zone())}
    terms = []
    for sign, end, which in ((">=", ends[0], "from"), ("<=", ends[1], "until")):
        if end is not None:
            terms.append(f"{value} {sign} ${name}_{which}")
            given[f"{name}_{which}"] = end
    return " AND ".join(terms) or "TRUE", given


def codes_in_scope(account: OpenAccount, key: str, scope_code: str) -> dict[str, frozenset[str]]:
    """Return the codes that rows of a scope have, by the key of each column of codes; *overdue* among them where a row is.

    Raises NotFound, AccountNotFound as ``read_list``.
    """
    with account_reader(account.viewer, account.account_id) as r:
        widget = visible_widget(r, key)
        columns = [column.key for column in widget.columns if column.kind == "choice"]
        if not columns:
            return {}
        late = ", coalesce(bool_or(is_overdue), FALSE) AS late" if "is_overdue" in widget.query else ", FALSE AS late"
        given: dict[str, object] = {"today": today()} if "today" in widget.query.parameters else {}
        held = ", ".join(f"array_agg(DISTINCT {column}) AS {column}" for column in columns)
        where = widget.scope(scope_code).where or "TRUE"
        row = r.only_row(f"SELECT {held}{late} FROM ({widget.query}) AS q WHERE TRUE AND ({where})", account_id=account.account_id, **given)
    overdue = {"overdue"} if row["late"] else set()
    return {column: frozenset(code for code in row[column] or () if code is not None) | overdue for column in columns}


def _condition(column: Column, code: str, parameter: str) -> str:
    """Return the condition that a column has a code; *overdue* and what credit covers are computed, not stored."""
    match column.kind, code:
        case "payable", "full":
            return f"{column.key} >= open_amount"
        case "payable", "part":
            return f"{column.key} > 0 AND {column.key} < open_amount"
        case "payable", "no":
            return f"coalesce({column.key}, 0) = 0"
        case "yes_no" | "flag", _:
            return column.key if code == "yes" else f"NOT {column.key}"
        case _, "overdue":
            return "is_overdue"
        case _:
            return f"{column.key} = ${parameter}"
