"""The list behind a figure: its rows, to search, sort and page; from there to the client, to *Kunden*, to a cohort, a file, and its SQL."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

from core.access.verbs import rights_of
from core.activity.cohorts import keep_cohort
from core.activity.measures import Column
from core.activity.picks import Pick, TimedPick
from core.activity.reading import Listed, read_list
from core.base.rights import Right
from core.clients.list_address import AMONG
from core.documents.spreadsheets import CSV_TYPE, XLSX_TYPE, to_csv, to_xlsx
from core.i18n import language, speaking, t
from core.i18n.formats import day_input_format, hours, local, money, number
from core.store import Row
from core.ui.activity.scene import ActivityScene, filter_address
from core.ui.activity.words import pick_words
from core.ui.clients.cohort_form import cohort_form
from core.ui.parts.columns import ROW_PX, figure_head, table_height
from core.ui.parts.escape import md
from core.ui.parts.navigate import PAGES, open_account_next
from core.ui.parts.pagination import page_read, pages_of
from core.ui.parts.return_to_list import ask_for
from core.ui.parts.table_clicks import head, head_pressed, key_of, label_of, opening_column
from core.ui.queries.open_sql import sql_popover
from core.ui.state.ui_state import ui_state
from core.web.export_downloads import offer

MAX_HIGH = 14
WIDE_PX = 220


def list_dialog(found: ActivityScene, pick: Pick) -> None:
    """Open the dialog with the rows of a list."""
    ui_state().is_dialog_open = True

    @st.dialog(md(pick_words(pick, found.names)), width="large", on_dismiss=_close)
    def show() -> None:
        _list(found, pick)

    show()


def _close() -> None:
    ui_state().activity.pick = ""


def _list(found: ActivityScene, pick: Pick) -> None:
    state, text = ui_state().activity, pick.text()
    find = st.text_input(
        t("widgets.common.find"), key=f"find-{text}", type="search", live="250ms", placeholder=t("widgets.common.find"), width=260,
        label_visibility="collapsed",
    )  # fmt: skip
    wanted = found.wanted_of(pick)
    read = partial(read_list, found.viewer, pick, wanted, find=find or "", sort=state.sort, descending=state.descending)
    page_key = f"page-{text}-{hash((find, state.sort, state.descending))}"
    listed = page_read(page_key, lambda offset, limit: read(offset=offset, limit=limit))
    list_table(listed, text)
    with st.container(horizontal=True, vertical_alignment="center", key="list-foot"):
        st.caption(md(_found_words(listed)), width="content")
        if (pages := pages_of(listed.total)) > 1:
            st.pagination(pages, key=page_key)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="list-ways"):
        if st.button(t("activity.to_clients"), icon=":material/groups:", key="to-clients"):
            state.pick = ""
            address = filter_address() | {AMONG: [TimedPick(pick, state.period).text()]}
            st.switch_page(PAGES["accounts"], query_params=address)
        _cohort(found, pick)
        _sql(found, listed)
        _exports(found, pick, find or "")


def _found_words(listed: Listed) -> str:
    parts = [t("activity.rows", n=listed.total), t("activity.of_clients", n=listed.clients)]
    for name, value in listed.sums.items():
        if value is not None:
            parts.append(t(f"activity.sum.{name}", value=hours(int(value)) if name == "minutes" else money(value)))
    return " · ".join(parts)


def list_table(listed: Listed, text: str, *, sorts: bool = True) -> None:
    """Draw rows of a list; the client's name opens the client. ``sorts``: a press on a head sorts."""
    if not listed.rows:
        st.info(t("widgets.common.nothing"))
        return
    state = ui_state().activity
    places = tuple((row["kind"], row["account_id"], row["item_id"]) for row in listed.rows)
    labels = tuple(label_of(row["client"]) for row in listed.rows)
    key = key_of(f"activity-{text}", (places, tuple(row["number"] for row in listed.rows)))
    table: dict[str, pa.Array] = {"client": pa.array(labels, pa.string())}
    title = head(t("activity.col.client"), sorted_by=sorts and state.sort == "client", descending=state.descending)
    config: dict[str, Any] = {"client": opening_column(title, key, places, labels, _open, width=WIDE_PX)}
    for column in listed.columns:
        label = head(t(f"activity.col.{column.key}"), sorted_by=sorts and state.sort == column.key, descending=state.descending)
        table[column.key], config[column.key] = _shown(column, label, listed.rows)
    st.dataframe(
        pa.table(table), column_config=config, hide_index=True, row_height=ROW_PX, height=table_height(len(listed.rows), MAX_HIGH),
        placeholder="", alt=t("activity.list"), key=key, on_select=partial(head_pressed, key, _sort) if sorts else "ignore",
        selection_mode="single-column",
    )  # fmt: skip
    # A press runs the dialog alone; the frame shows the client.
    if ui_state().next_account is not None:
        st.rerun()


def _open(place: tuple[str, int, int]) -> None:
    """Show the client with the next run, and there the thing itself; the address keeps this list, so that *back* leads to it."""
    kind, account_id, item_id = place
    if kind != "account":
        ask_for(kind, item_id, account_id=account_id)
    open_account_next(account_id)


def _sort(key: str) -> None:
    """Sort by a column, then the other way round, then in the list's own order again."""
    state = ui_state().activity
    if state.sort != key:
        state.sort, state.descending = key, False
    elif not state.descending:
        state.descending = True
    else:
        state.sort, state.descending = "", False


def _value(column: Column, row: Row) -> Any:
    """Return a cell as it is: a day, a moment, a number, or a text."""
    if column.kind == "since":
        return row["since_on"] if row["since_at"] is None else local(row["since_at"]).date()
    value = row[column.key]
    return t(f"activity.{column.key}.{value}") if column.kind == "word" and value is not None else value


def _said(column: Column, row: Row) -> str:
    """Return a cell as people read it."""
    value = _value(column, row)
    if value is None:
        return ""
    match column.kind:
        case "money":
            return money(value)
        case "hours" | "minutes":
            return hours(int(value))
        case "number":
            return number(value)
        case _:
            return " ".join(str(value).split())


def _shown(column: Column, label: str, rows: Any) -> tuple[pa.Array, Any]:
    if column.kind in ("day", "since"):
        return pa.array([_value(column, row) for row in rows], pa.date32()), st.column_config.DateColumn(label, format=day_input_format())
    if column.kind == "moment":
        moments = [None if row[column.key] is None else local(row[column.key]).replace(tzinfo=None) for row in rows]
        return pa.array(moments, pa.timestamp("ms")), st.column_config.DatetimeColumn(label, format=f"{day_input_format()}, HH:mm")
    texts = pa.array([_said(column, row) for row in rows], pa.string())
    is_number = column.kind in ("money", "hours", "minutes", "number")
    return texts, st.column_config.TextColumn(
        figure_head(label) if is_number else label,
        alignment="right" if is_number else None,
        width=WIDE_PX if column.key == "title" else None,
    )


# Tables a list may read for its filter that queries have no copy of.
NOT_IN_COPIES = ("search_text", "cohort_account")


def _cohort(found: ActivityScene, pick: Pick) -> None:
    """Draw the form that keeps the list's clients as a cohort; it is evaluated at each use."""
    if found.viewer.by is not None:
        return

    def keep(name: str, shared: bool) -> None:
        needs = found.needs(pick)
        if found.cohort is None:
            keep_cohort(found.viewer, name, (), needs, shared, kind="measure", definition=found.definition(pick))
        else:
            ids = {row["account_id"] for row in read_list(found.viewer, pick, found.wanted_of(pick), limit=None).rows}
            keep_cohort(found.viewer, name, ids, needs, shared)

    cohort_form("cohort", found.needs(pick), keep)


def _sql(found: ActivityScene, listed: Listed) -> None:
    """Show the very query of the list and its parameters, over how many clients it went, and the way to change it."""
    text = listed.asked.text
    runs_there = not any(table in text for table in NOT_IN_COPIES)
    sql_popover(found.viewer, text, listed.asked.parameters, "list-sql", runs_there=runs_there, over=listed.clients)


def _exports(found: ActivityScene, pick: Pick, find: str) -> None:
    if Right.EXPORT_DATA not in rights_of(found.viewer):
        return
    for kind, media_type, make in (("csv", CSV_TYPE, to_csv), ("xlsx", XLSX_TYPE, to_xlsx)):
        name = f"{pick_words(pick, found.names).replace(':', '').replace('/', '-')}.{kind}"
        export_id = offer(found.viewer, name, media_type, partial(_bytes, found, pick, find, make, language()))
        st.link_button(t(f"widgets.common.{kind}"), f"/export/{export_id}", icon=":material/download:", key=f"export-{kind}")


def _bytes(found: ActivityScene, pick: Pick, find: str, make: Any, code: str) -> bytes:
    listed = read_list(found.viewer, pick, found.wanted_of(pick), find=find, limit=None)
    with speaking(code):
        labels = [t("activity.col.number"), t("activity.col.client"), *(t(f"activity.col.{column.key}") for column in listed.columns)]
        rows = [[row["number"], row["client"], *(_exported(column, row) for column in listed.columns)] for row in listed.rows]
        return make(labels, rows, [place + 2 for place, column in enumerate(listed.columns) if column.kind == "money"])


def _exported(column: Column, row: Mapping[str, Any]) -> object:
    value = _value(column, dict(row))
    return timedelta(minutes=int(value)) if column.kind in ("hours", "minutes") and value is not None else value
