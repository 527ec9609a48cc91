"""Kunden as a table, a page at a time, and its export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

from core.access.verbs import rights_of
from core.activity.cohorts import keep_cohort, needs_of
from core.activity.picks import timed_pick_of
from core.base.rights import Right, Viewer
from core.clients.accounts import AccountPage, AccountQuery, choices, list_accounts
from core.clients.custom_field_columns import OfContacts
from core.clients.list_columns import NUMBERS
from core.clients.tags import tags_named
from core.documents.spreadsheets import CSV_TYPE, XLSX_TYPE, to_csv, to_xlsx
from core.i18n import language, speaking, t
from core.i18n.formats import day_input_format, hours, local, money, number, today
from core.ui.clients.access_for_many import access_button
from core.ui.clients.bulk_edit import MANY, many_buttons
from core.ui.clients.cohort_form import cohort_form
from core.ui.clients.list_state import ListScene, exported_columns, present_wish, query_of, want_order, write_address
from core.ui.clients.nothing_found import nothing_found
from core.ui.info.details import field_text
from core.ui.parts.columns import CELL_PADDING_PX, ROW_PX, figure_head, room, table_height
from core.ui.parts.escape import md
from core.ui.parts.faces import FACE, face, face_column
from core.ui.parts.fitting import GAP_PX, PILL_PX, fitting
from core.ui.parts.list_neighbours import remember_list
from core.ui.parts.navigate import open_account_next
from core.ui.parts.pagination import PAGE_ROWS, offset_of, page_read, pages_of, stay_at
from core.ui.parts.short_words import short_name
from core.ui.parts.table_clicks import head, head_pressed, is_current, key_of, label_of, opening_column
from core.ui.state.ui_state import ui_state
from core.web.export_downloads import offer

# The first click on the heads of these columns puts the greatest, or the latest, on top.
DESCENDING_FIRST = frozenset(
    {
        "open_amount", "net_due", "overdue_amount", "unread_count", "new_count", "open_task_count", "overdue_task_count", "to_sign_count",
        "unbilled_minutes", "unbilled_amount", "last_login_at", "last_activity_at", "last_client_at",
    }
)  # fmt: skip
WIDTHS_PX = {
    "number": 64, "name": 184, "kind": 86, "state": 134, "tags": 158, "team": 124, "open_amount": 92, "net_due": 92, "overdue_amount": 92,
    "unread_count": 72, "new_count": 56, "open_task_count": 76, "overdue_task_count": 84, "to_sign_count": 90, "unbilled_minutes": 84,
    "unbilled_amount": 92,
}  # fmt: skip
NARROW_NAME_PX = 156
# Columns of pills, by what they mean: orange waits for the firm.
PILLS = {"state": {"pending": "orange", "offline": "gray", "archived": "gray"}, "unread_count": {}}
# Columns whose head is shorter than their name; the name is told under the pointer.
SHORT_HEADS = frozenset({"overdue_task_count", "to_sign_count", "last_login_at", "last_activity_at", "silence"})


def accounts_table(drawn: ListScene) -> None:
    """Draw a page of the list that is wanted, and sums under its columns of numbers; a name opens its client."""
    viewer, wanted = drawn.viewer, ui_state().accounts
    wish = present_wish()
    query = query_of(drawn, wish)
    page_key = f"accounts-page-{hash(repr(replace(query, columns=())))}"
    if wanted.page_asked is not None:
        st.session_state[page_key], wanted.page_asked = wanted.page_asked, None
    stay_at(page_key, "accounts")
    page = page_read(page_key, partial(list_accounts, viewer, query))
    wanted.page = st.session_state.get(page_key, 1)
    write_address()
    if not page.total:
        nothing_found(drawn, query)
        return
    ids = tuple(row["account_id"] for row in page.rows)
    remember_list(query, ids, offset_of(page_key, PAGE_ROWS), page.total)
    rights = rights_of(viewer)
    ticks = bool(rights & MANY)
    key = key_of("accounts-rows", ids)
    config = _config(page, query, viewer)
    name = config["name"]
    labels = [label_of(row["name"]) for row in page.rows]
    config["name"] = opening_column(name["label"], key, ids, labels, _open, width=name["width"])
    st.dataframe(
        _table(page, drawn.members),
        column_config=config,
        hide_index=True,
        row_height=ROW_PX,
        height=table_height(len(page.rows) + bool(page.sums)),
        placeholder="",
        key=key,
        on_select=partial(_pressed, key, ids),
        selection_mode=("multi-row", "single-column") if ticks else "single-column",
        selection_default={"selection": {"rows": [place for place, one in enumerate(ids) if one in wanted.ticked]}} if ticks else None,
        alt=t("frame.clients"),
    )
    with st.container(horizontal=True, vertical_alignment="center", key="accounts-foot"):
        st.caption(t("accounts.found", n=page.total), width="content")
        if "state" not in wish.conditions:
            st.caption(t("accounts.not_archived"), width="content")
        if (pages := pages_of(page.total)) > 1:
            st.pagination(pages, key=page_key)
        st.space("stretch")
        many_buttons(viewer, query)
        access_button(viewer, query)
        _cohort(drawn, query)
        _exports(viewer, drawn, query)


def _cohort(drawn: ListScene, query: AccountQuery) -> None:
    """Draw the form that keeps the ticked clients, or all that the list shows, as a cohort, for who may analyse."""
    viewer, wanted = drawn.viewer, ui_state().accounts
    if Right.ANALYSE not in rights_of(viewer) or viewer.by is not None:
        return
    found = timed_pick_of(wanted.among, today()) if wanted.among else None
    needs = needs_of(viewer, found, query, drawn.cohorts.get(wanted.cohort or 0))
    ticked = set(wanted.ticked)

    def keep(name: str, shared: bool) -> None:
        asked = replace(query, columns=("name",), sums=False, sort="name")
        ids = ticked or {row["account_id"] for row in list_accounts(viewer, asked, limit=None).rows}
        keep_cohort(viewer, name, ids, needs, shared)

    cohort_form(
        "accounts-cohort", needs, keep, lambda: t("accounts.cohort_ticked", n=len(ticked)) if ticked else t("accounts.cohort_shown")
    )


def _pressed(key: str, ids: tuple[int, ...]) -> None:
    """Take the ticks of the rows that are shown, and a press on a head."""
    if not is_current(key):
        return
    selection = st.session_state[key].selection
    if not selection.columns:
        ticked = {ids[place] for place in selection.rows if place < len(ids)}
        ui_state().accounts.ticked = (ui_state().accounts.ticked - set(ids)) | ticked
        return
    head_pressed(key, _sort)


def _open(account_id: int) -> None:
    open_account_next(account_id)


def _sort(column: str) -> None:
    """Sort by this column, or the other way round when it is sorted by already."""
    if column == FACE:
        return
    wanted = ui_state().accounts
    again = wanted.sort == column
    want_order(column, not wanted.descending if again else column in DESCENDING_FIRST)


def _word(key: str, value: object) -> str | None:
    if value is None:
        return None
    if key == "silence":
        return t(f"accounts.silence_is.{value}")
    return t(f"frame.{key}.{value}") if key in ("kind", "state") else str(value)


def _table(page: AccountPage, members: Mapping[int, str]) -> pa.Table:
    """Return the rows, faces first unless the window is narrow, then the names; and under them the sums of all that match."""
    arrays = {}
    if not ui_state().is_narrow:
        faces = [face(row["photo_id"], row["name"]) for row in page.rows]
        arrays[FACE] = pa.array(faces + [None] * bool(page.sums), pa.string())
    for key in ("name", *(key for key in page.columns if key != "name")):
        column = page.known[key]
        values = [row[key] for row in page.rows]
        if page.sums:
            values.append(page.sums.get(key))
        if column.field is not None:
            arrays[key] = pa.array([_field(page, key, v, members) for v in values], pa.string())
        elif key == "name":
            names = [label_of(v) for v in values[: len(page.rows)]]
            arrays[key] = pa.array(names + [t("accounts.sum", n=page.total)] * bool(page.sums), pa.string())
        elif column.kind == "moment":
            arrays[key] = pa.array([None if v is None else local(v).replace(tzinfo=None) for v in values], pa.timestamp("ms"))
        elif key == "tags" or key in PILLS:
            arrays[key] = pa.array([_pills(key, v) for v in values], pa.list_(pa.string()))
        elif key == "team":
            arrays[key] = pa.array([_team(v) for v in values], pa.string())
        elif column.kind == "count":
            arrays[key] = pa.array([v or None for v in values], pa.int64())
        elif column.kind in NUMBERS:
            written = hours if column.kind == "hours" else money
            arrays[key] = pa.array([written(v) if v else "" for v in values], pa.string())
        else:
            arrays[key] = pa.array([_word(key, v) for v in values], pa.string())
    return pa.table(arrays)


def _pills(key: str, value: Any) -> list[str]:
    """Return the pills of a cell: of tags as many as there is room for; nothing for what is as usual."""
    if key == "tags":
        return fitting(value or (), WIDTHS_PX["tags"], PILL_PX + GAP_PX)
    if key == "state":
        return [] if value in (None, "active") else [t(f"frame.state.{value}")]
    return [number(value)] if value else []


def _color(colors: Mapping[str, str], shown: str) -> str:
    """Return the colour of a tag as it is shown, whole or cut; gray for how many there are besides."""
    whole = (name for name in colors if shown.endswith("…") and name.startswith(shown.removesuffix("…")))
    return colors.get(shown) or colors.get(next(whole, ""), "gray")


def _team(value: str | None) -> str | None:
    """Return the short names of as many members as there is room for."""
    if not value:
        return None
    shown = fitting([short_name(name) for name in value.split(", ")], WIDTHS_PX["team"], room(", ") - CELL_PADDING_PX)
    return " ".join([", ".join(name for name in shown if name[0] != "+"), *(name for name in shown if name[0] == "+")])


def _field(page: AccountPage, key: str, value: object, members: Mapping[int, str]) -> str:
    """Return a custom field's value as people read it; the values of several contacts beside each other."""
    parts = value if isinstance(value, OfContacts) else (value,)
    return "; ".join(field_text(page.fields[key], part, members) for part in parts)


def _config(page: AccountPage, query: AccountQuery, viewer: Viewer) -> dict[str, Any]:
    config: dict[str, Any] = {FACE: face_column()}
    colors = {row["name"]: row["color"] for row in tags_named(viewer)} if "tags" in page.columns else {}
    for key in page.columns:
        column = page.known[key]
        name = column.field.label if column.field else t(f"accounts.head.{key}" if key in SHORT_HEADS else f"accounts.{key}")
        label = head(name, sorted_by=key == query.sort, descending=query.descending)
        width = NARROW_NAME_PX if key == "name" and ui_state().is_narrow else WIDTHS_PX.get(key)
        told = name if column.field else t(f"accounts.{key}")
        if column.kind == "moment":
            config[key] = st.column_config.DatetimeColumn(label, format=day_input_format(), width=84, help=md(told))
        elif key == "tags":
            options = sorted({name for row in page.rows for name in _pills(key, row[key])})
            config[key] = st.column_config.MultiselectColumn(
                label, width=width, options=options, color=[_color(colors, name) for name in options]
            )
        elif key in PILLS:
            values = [*(row[key] for row in page.rows), page.sums.get(key)]
            pills = {word: PILLS[key].get(value, "orange") for value in values for word in _pills(key, value)}
            config[key] = st.column_config.MultiselectColumn(
                label, width=width, options=list(pills), color=list(pills.values()), help=md(told)
            )
        elif column.kind in ("money", "hours"):
            config[key] = st.column_config.TextColumn(figure_head(label), width=width, alignment="right", help=md(told))
        elif column.kind == "count":
            config[key] = st.column_config.NumberColumn(figure_head(label), width=width, help=md(told))
        else:
            config[key] = st.column_config.Column(label, width=width)
    return config


def _exports(viewer: Viewer, drawn: ListScene, query: AccountQuery) -> None:
    if Right.EXPORT_DATA not in rights_of(viewer):
        return
    for kind, media_type, make in (("csv", CSV_TYPE, to_csv), ("xlsx", XLSX_TYPE, to_xlsx)):
        whole = replace(query, columns=exported_columns(drawn))
        export_id = offer(viewer, f"{t('frame.clients')}.{kind}", media_type, partial(_bytes, viewer, whole, make, language()))
        st.link_button(t(f"widgets.common.{kind}"), f"/export/{export_id}", icon=":material/download:", key=f"export-accounts-{kind}")


def _cell(page: AccountPage, key: str, value: Any, members: Mapping[int, str]) -> object:
    """Return a cell of an export: numbers and days as such, the rest as people read it."""
    if key in page.fields:
        alone = value[0] if isinstance(value, OfContacts) and len(value) == 1 else value
        return alone if alone is None or isinstance(alone, Decimal | date) else _field(page, key, alone, members)
    if key == "tags":
        return ", ".join(value or ()) or None
    if page.known[key].kind == "hours":
        return None if value is None else Decimal(value) / 60
    return _word(key, value) if key in ("kind", "state", "silence") else value


def _bytes(viewer: Viewer, query: AccountQuery, make: Callable[..., bytes], code: str) -> bytes:
    page = list_accounts(viewer, replace(query, sums=False), limit=None)
    members = choices(viewer)[1] if page.fields else {}
    with speaking(code):
        return make(
            [page.fields[key].label if key in page.fields else t(f"accounts.{key}") for key in page.columns],
            [[_cell(page, key, row[key], members) for key in page.columns] for row in page.rows],
            [place for place, key in enumerate(page.columns) if page.known[key].kind == "money"],
        )
