"""Read one widget's full list (*Alle anzeigen*): sorted, filtered, searched, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.access.open_account import OpenAccount
from core.i18n.formats import today
from core.overview.read import visible_widget
from core.overview.row_search import holds
from core.overview.spec import Column, Widget
from core.store import Row, account_reader

# Words of a search beyond these are not looked for.
MAX_SEARCH_WORDS = 8


@dataclass(frozen=True)
class ListQuery:
    """Which rows of a list, and their order.

    Args:
        find: words that a row must hold, each in some cell.
        codes: the code wanted in a column, by column key.
        sort: key of the column to sort by; None for the widget's own order.
        descending: sort the other way round.
        scope: code of one of the widget's ``scopes``; empty for the widget's own rows.
    """

    find: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    sort: str | None = None
    descending: bool = False
    scope: str = ""


@dataclass(frozen=True)
class Listing:
    """One page of a full list: the columns the viewer may see, the rows, and the number of all rows that match."""

    widget: Widget
    columns: tuple[Column, ...]
    rows: list[Row]
    total: int


def read_list(account: OpenAccount, key: str, query: ListQuery, offset: int = 0, limit: int | None = 50) -> Listing:
    """Return the rows of a widget that match; ``limit=None`` for all of them (an export).

    Raises:
        NotFound: the viewer does not have this widget.
        AccountNotFound: the viewer may no longer see the account.
    """
    with account_reader(account.viewer, account.account_id) as r:
        widget = visible_widget(r, key)
        condition = dict(widget.scopes).get(query.scope, widget.where)
        is_wider = condition != widget.where
        columns = tuple(c for c in widget.columns if (c.right is None or r.scope.allows(c.right)) and (is_wider or not c.scoped))
        parameters: dict[str, object] = {"account_id": account.account_id}
        if "today" in widget.query.parameters:
            parameters["today"] = today()
        where = [f"({condition})"] if condition else []
        known = {c.key: c for c in columns}
        for place, (column, code) in enumerate(query.codes.items()):
            if column in known:
                term = _condition(known[column], code, f"code_{place}")
                where.append(term)
                if "$" in term:
                    parameters[f"code_{place}"] = code
        for place, word in enumerate(query.find.split()[:MAX_SEARCH_WORDS]):
            term, given = holds(widget, columns, word, f"word_{place}")
            where.append(term)
            parameters |= given
        order = ""
        if query.sort in known:
            collate = " COLLATE NOACCENT.NOCASE" if known[query.sort].kind == "text" else ""
            order = f" ORDER BY {query.sort}{collate} {'DESC' if query.descending else 'ASC'} NULLS LAST, {widget.id_column} DESC"
        matching = f"FROM ({widget.query}) AS q" + (f" WHERE {' AND '.join(where)}" if where else "")
        count = r.value(f"SELECT count(*) {matching}", **parameters)
        page = "" if limit is None else f" LIMIT {int(limit)} OFFSET {int(offset)}"
        rows = r.rows(f"SELECT * {matching}{order}{page}", **parameters)
    return Listing(widget, columns, rows, count)


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
