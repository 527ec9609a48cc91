"""*Alle anzeigen*: the full list of a widget in a dialog, to search, filter, sort, page through and export."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import streamlit as st

from core.access.open_account import OpenAccount
from core.access.verbs import rights_of
from core.base.rights import Right
from core.documents.documents import mark_all_seen
from core.documents.spreadsheets import CSV_TYPE, XLSX_TYPE, to_csv, to_xlsx
from core.i18n import language, speaking, t
from core.i18n.formats import day, money, number
from core.overview.catalogue import WIDGETS
from core.overview.details import credits
from core.overview.listing import Listing, ListQuery, codes_in_scope, read_list
from core.overview.row_search import codes_of
from core.overview.spec import Column, Widget
from core.store import Row
from core.ui.forms.form_dialog import WIDTHS
from core.ui.overview.detail_dialog import plain_table
from core.ui.overview.range_inputs import blank_ranges, range_inputs
from core.ui.parts.columns import ROW_PX, WHO, cell_text, config_of, labels_of, opener, table_height, table_of
from core.ui.parts.empty import empty_state
from core.ui.parts.escape import md
from core.ui.parts.pagination import page_read, pages_of
from core.ui.parts.return_to_list import ask_for, scope_key
from core.ui.parts.table_clicks import head_pressed, key_of, opening_column
from core.ui.queries.open_sql import sql_popover
from core.ui.state.open_form import ListState
from core.ui.state.ui_state import ui_state
from core.web.export_downloads import offer

# Widgets whose rows hold what people's own queries do not read (core/store/scope_columns.py).
NOT_IN_QUERIES = frozenset({"chats", "login_activity", "notes"})
# Columns a phone has no room for, besides who.
OF_A_DESK = ("total", "payable")
# The widget's own order: no column, and not descending.
OWN_ORDER = ("", False)


def full_list(account: OpenAccount, key: str) -> None:
    """Open the dialog with every row of the widget."""

    @st.dialog(t(f"widgets.{key}.title"), width=WIDTHS["list"], on_dismiss="rerun")
    def show() -> None:
        scope_place = st.container(key="list-scopes")
        query = _query_inputs(account, WIDGETS[key])
        page_key = _page_key(key, query)
        listing = page_read(page_key, partial(read_list, account, key, query))
        with scope_place:
            _scopes(listing)
        _table(account, listing, query, page_key)
        if key == "unpaid_invoices":
            _credits(account)
        with st.container(horizontal=True, vertical_alignment="center", key="list-foot"):
            with st.container(key="list-found", width="content"):
                st.caption(t(f"widgets.{key}.found", n=listing.total), width="content")
            if (pages := pages_of(listing.total)) > 1:
                st.pagination(pages, key=page_key)
            st.space("stretch")
            _actions(account, listing, query)

    show()


def open_list(key: str, scope: str = "") -> None:
    """Ask for the list of this widget with the next run, with nothing searched or filtered, whatever it held when it was last open."""
    widget = WIDGETS[key]
    held = _blank(widget) | {_order_key(widget): OWN_ORDER, _page_key(key, ListQuery(scope=scope)): 1}
    st.session_state.update(held | ({scope_key(key): scope} if widget.scopes else {}))
    ask_for("list", key)


def choices_of(widget: Widget, column: Column) -> dict[str, str]:
    """Return {code: word} of what a column can be filtered by; nothing for a column without choices or one that follows the scope."""
    match column.kind if not column.scoped else None:
        case "choice":
            words = codes_of(widget, column)
            return words | ({"none": t("widgets.common.without")} if "none" in words else {})
        case "payable":
            return {code: t(f"widgets.{widget.key}.payable_is.{code}") for code in ("full", "part", "no")}
        case "yes_no":
            return {code: t(f"common.{code}") for code in ("yes", "no")}
        case _:
            return {}


def _query_inputs(account: OpenAccount, widget: Widget) -> ListQuery:
    def label(key: str) -> str:
        return t(f"widgets.{widget.key}.col.{key}")

    def order(way: tuple[str, bool]) -> str:
        if way == _marked_first(widget):
            return t(f"widgets.{widget.key}.mark_first")
        return f"{'↓' if way[1] else '↑'} {label(way[0])}" if way[0] else t("widgets.common.order_default")

    columns = [column for column in widget.columns if column.right is None or column.right in rights_of(account.viewer)]
    codes: dict[str, str] = {}
    scope = st.session_state.get(scope_key(widget.key)) or ""
    held = codes_in_scope(account, widget.key, scope)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="list-wishes"):
        find = st.text_input(
            t("widgets.common.find"), key=_find_key(widget), type="search", live="250ms", placeholder=t("widgets.common.find"),
            width=230, label_visibility="collapsed",
        )  # fmt: skip
        for column in columns:
            if words := choices_of(widget, column):
                if column.key in held:
                    words = {code: word for code, word in words.items() if code in held[column.key]}
                if len(words) < 2:
                    continue
                if st.session_state.get(_only_key(widget, column)) not in (None, *words):
                    st.session_state[_only_key(widget, column)] = ""
                words = {"": t("widgets.common.any_of", what=label(column.key))} | words
                if picked := _select(label(column.key), list(words), words.get, _only_key(widget, column)):
                    codes[column.key] = picked
        ranges = range_inputs(widget, columns)
        ways = [
            OWN_ORDER,
            *([_marked_first(widget)] if widget.mark and not widget.above else []),
            *((column.key, falls) for column in columns if column.kind != "flag" and not column.scoped for falls in (False, True)),
        ]
        sort, descending = _select(t("widgets.common.sort"), ways, order, _order_key(widget))
    return ListQuery(find or "", codes, ranges, sort or None, descending, scope)


def _credits(account: OpenAccount) -> None:
    """Draw what was booked as the client's credit, folded, where anything was."""
    if rows := credits(account):
        with st.expander(t("widgets.open.credits", n=len(rows)), icon=":material/savings:"):
            plain_table(rows, booked_on=day, booking_text=str, amount=money)


def _marked_first(widget: Widget) -> tuple[str, bool]:
    """Return the order that begins with the marked rows: what is new, unread or overdue."""
    return (widget.mark, True)


def _scopes(listing: Listing) -> None:
    """Draw the choice between the scopes of the widget, where it has any, each with the number of rows that it would show."""
    widget = listing.widget
    if not widget.scopes:
        return
    words = {scope.code: t(f"widgets.{widget.key}.scope.{scope.code or 'own'}") for scope in widget.all_scopes}
    st.session_state.setdefault(scope_key(widget.key), "")
    st.segmented_control(
        t("widgets.common.scope"),
        list(words),
        format_func=lambda code: md(f"{words[code]} ({number(listing.in_scope[code])})"),
        key=scope_key(widget.key),
        required=True,
        label_visibility="collapsed",
    )


def _select(label: str, options: list, words, key: str):
    return st.selectbox(label, options, format_func=words, key=key, width=190, label_visibility="collapsed")


def _page_key(key: str, query: ListQuery) -> str:
    wanted = (query.find, *query.codes.items(), *query.ranges.items(), query.sort, query.descending, query.scope)
    return f"page-{key}-{hash(wanted)}"


def _find_key(widget: Widget) -> str:
    return f"find-{widget.key}"


def _only_key(widget: Widget, column: Column) -> str:
    return f"only-{widget.key}-{column.key}"


def _order_key(widget: Widget) -> str:
    return f"order-{widget.key}"


def _table(account: OpenAccount, listing: Listing, query: ListQuery, page_key: str) -> None:
    widget = listing.widget
    if not listing.rows:
        _nothing(widget, query)
        return
    ids = tuple(row[widget.id_column] for row in listing.rows)
    key = key_of(f"listed-{widget.key}", (account.account_id, ids))
    columns = [column for column in listing.columns if not column.scoped or any(row[column.key] is not None for row in listing.rows)]
    if ui_state().is_narrow:
        columns = [column for column in columns if column.key not in (*WHO, *OF_A_DESK)]
    config = config_of(widget, columns, listing.rows, sort=query.sort, descending=query.descending)
    if opens := opener(widget, columns):
        labels, named = labels_of(widget, columns, listing.rows), config[opens.key]["label"]
        config[opens.key] = opening_column(named, key, ids, labels, _open, account.account_id, widget, page_key)
    st.dataframe(
        table_of(widget, columns, listing.rows),
        column_config=config,
        hide_index=True,
        row_height=ROW_PX,
        height=table_height(len(listing.rows)),
        placeholder="",
        alt=t(f"widgets.{widget.key}.title"),
        key=key,
        on_select=partial(head_pressed, key, _sort, widget),
        selection_mode="single-column",
    )
    state = ui_state()
    if state.is_list_left:
        state.is_list_left = False
        st.rerun()


def _nothing(widget: Widget, query: ListQuery) -> None:
    """Say that no row is shown; where search or filters are why, with the way back."""
    if not query.find.strip() and not query.codes and not query.ranges:
        empty_state("inbox", t("widgets.common.nothing_here"))
        return
    empty_state("search_off", t("widgets.common.nothing"))
    with st.container(horizontal_alignment="center"):
        st.button(t("widgets.common.reset"), key=f"reset-{widget.key}", on_click=_reset, args=(widget,))


def _reset(widget: Widget) -> None:
    st.session_state.update(_blank(widget))


def _blank(widget: Widget) -> dict[str, str | None]:
    """Return the keys of the inputs that search and filter, each with its value when nothing is wanted."""
    only = (_only_key(widget, column) for column in widget.columns if choices_of(widget, column))
    return dict.fromkeys([_find_key(widget), *only], "") | blank_ranges(widget)


def _open(account_id: int, widget: Widget, page_key: str, which: int) -> None:
    inputs = [
        _find_key(widget),
        scope_key(widget.key),
        _order_key(widget),
        *blank_ranges(widget),
        *(_only_key(widget, column) for column in widget.columns),
    ]
    held = {key: st.session_state[key] for key in (*inputs, page_key) if key in st.session_state}
    ask_for(widget.opens, which, ListState(account_id, widget.key, held))
    ui_state().is_list_left = True


def _sort(widget: Widget, key: str) -> None:
    """Sort by a column: first in its usual direction, then in the other, then in the widget's own order again."""
    column = next((c for c in widget.columns if c.key == key and c.kind != "flag" and not c.scoped), None)
    if column is None:
        return
    falls = column.kind in ("moment", "money", "payable", "hours", "progress")
    ways = [(key, falls), (key, not falls), OWN_ORDER]
    now = st.session_state.get(_order_key(widget))
    st.session_state[_order_key(widget)] = ways[(ways.index(now) + 1) % 3 if now in ways[:2] else 0]


def _actions(account: OpenAccount, listing: Listing, query: ListQuery) -> None:
    key = listing.widget.key
    if key == "documents" and (new := read_list(account, key, _new_of(query), limit=0).total):
        narrowed = query.find.strip() or query.codes or query.ranges
        words = t("widgets.common.mark_found_read", n=number(new)) if narrowed else t("widgets.common.mark_all_read")
        st.button(words, key="mark-all", on_click=_mark_found, args=(account, query), icon=":material/done_all:")
    sql_popover(account.viewer, listing.text, listing.parameters, f"sql-{key}", runs_there=key not in NOT_IN_QUERIES)
    if listing.total and Right.EXPORT_DATA in rights_of(account.viewer):
        for kind, media_type, make in (("csv", CSV_TYPE, to_csv), ("xlsx", XLSX_TYPE, to_xlsx)):
            name = f"{t(f'widgets.{key}.title')} {account.number}.{kind}"
            export_id = offer(account.viewer, name, media_type, partial(_bytes, account, key, query, make, language()))
            st.link_button(t(f"widgets.common.{kind}"), f"/export/{export_id}", icon=":material/download:", key=f"export-{key}-{kind}")


def _new_of(query: ListQuery) -> ListQuery:
    return replace(query, codes={**query.codes, "is_new": "yes"}, sort=None)


def _mark_found(account: OpenAccount, query: ListQuery) -> None:
    """Mark everything new that the list finds as read, on all its pages."""
    found = read_list(account, "documents", _new_of(query), limit=None)
    mark_all_seen(account, [row[found.widget.id_column] for row in found.rows])


def _bytes(account: OpenAccount, key: str, query: ListQuery, make, code: str) -> bytes:
    listing = read_list(account, key, query, limit=None)
    with speaking(code):
        rows = [[_exported(listing.widget, column, row) for column in listing.columns] for row in listing.rows]
        amounts = [place for place, column in enumerate(listing.columns) if column.kind in ("money", "payable")]
        return make([_head(key, column) for column in listing.columns], rows, amounts)


def _head(key: str, column: Column) -> str:
    label = t(f"widgets.{key}.col.{column.key}") or t(f"widgets.{key}.mark")
    return t("widgets.common.in_hours", what=label) if column.kind == "hours" else label


def _exported(widget: Widget, column: Column, row: Row) -> object:
    """Return a cell of an export: numbers, days and lengths of time as such, the rest as people read it."""
    value = row[column.key]
    match column.kind:
        case "text" | "date" | "moment" | "money" | "payable":
            return value
        case "hours":
            return None if value is None else timedelta(minutes=value)
        case _:
            return cell_text(widget, column, row)
