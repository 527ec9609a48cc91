"""*Show all*: one widget's rows in full: sorted, filtered, found within, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.access.open_account import OpenAccount
from core.base.errors import NotFound
from core.i18n.formats import today
from core.overview.read import visible_to
from core.overview.row_search import holds
from core.overview.spec import Column, Widget
from core.store import Row, account_reader

MOST_WORDS = 8


@dataclass(frozen=True)
class ListQuery:
    """What of the list is wanted: words to find, a code per column, a sort column (else the widget's own order), a scope
    (else the widget's own rows)."""

    find: str = ""
    codes: Mapping[str, str] = field(default_factory=dict)
    sort: str | None = None
    descending: bool = False
    scope: str = ""


@dataclass(frozen=True)
class Listing:
    """One page of a full list, with the number of all rows that match."""

    widget: Widget
    columns: tuple[Column, ...]
    rows: list[Row]
    total: int


def read_list(account: OpenAccount, key: str, wish: ListQuery, offset: int = 0, limit: int | None = 50) -> Listing:
    """The rows of a widget that match the wish; ``limit=None`` for all of them (an export).

    Raises NotFound for a widget the viewer does not have, AccountNotFound.
    """
    with account_reader(account.viewer, account.account_id) as r:
        widget = next((w for w in visible_to(r.scope.rights) if w.key == key), None)
        if widget is None:
            raise NotFound()
        kept = dict(widget.scopes).get(wish.scope, widget.where)
        wider = kept != widget.where
        columns = tuple(c for c in widget.columns if (c.right is None or r.scope.allows(c.right)) and (wider or not c.scoped))
        parameters: dict[str, object] = {"account_id": account.account_id}
        if "today" in widget.query.parameters:
            parameters["today"] = today()
        where = [f"({kept})"] if kept else []
        known = {c.key: c for c in columns}
        for place, (column, code) in enumerate(wish.codes.items()):
            if column in known:
                term = _condition(known[column], code, f"code_{place}")
                where.append(term)
                if "$" in term:
                    parameters[f"code_{place}"] = code
        for place, word in enumerate(wish.find.split()[:MOST_WORDS]):
            term, given = holds(widget, columns, word, f"word_{place}")
            where.append(term)
            parameters |= given
        order = ""
        if wish.sort in known:
            collate = " COLLATE NOACCENT.NOCASE" if known[wish.sort].kind == "text" else ""
            order = f" ORDER BY {wish.sort}{collate} {'DESC' if wish.descending else 'ASC'} NULLS LAST, {widget.id_column} DESC"
        matching = f"FROM ({widget.query}) AS q" + (f" WHERE {' AND '.join(where)}" if where else "")
        count = r.value(f"SELECT count(*) {matching}", **parameters)
        page = "" if limit is None else f" LIMIT {int(limit)} OFFSET {int(offset)}"
        rows = r.rows(f"SELECT * {matching}{order}{page}", **parameters)
    return Listing(widget, columns, rows, count)


def _condition(column: Column, code: str, parameter: str) -> str:
    """The rows whose column has a code. What is derived from other columns (overdue, covered by credit) is no code in the store."""
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
