"""Kunden as a table, a page at a time, and its export."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

from core.access.verbs import rights_of
from core.base.rights import Right, Viewer
from core.clients.accounts import SORTS, AccountPage, AccountQuery, choices, list_accounts
from core.clients.custom_field_columns import OfContacts
from core.clients.custom_fields import id_of
from core.clients.tags import tags_named
from core.documents.spreadsheets import CSV_TYPE, XLSX_TYPE, to_csv, to_xlsx
from core.i18n import language, speaking, t
from core.i18n.formats import day_input_format, local, money
from core.ui.clients.accounts_filters import change_wanted
from core.ui.clients.bulk_edit import many_button
from core.ui.info.details import field_text
from core.ui.parts.columns import ROW_PX, table_height
from core.ui.parts.list_neighbours import remember_list
from core.ui.parts.navigate import open_account_next
from core.ui.parts.pagination import PAGE_ROWS, offset_of, page_read, pages_of, stay_at
from core.ui.parts.table_clicks import head, head_pressed, key_of, label_of, opening_column
from core.ui.state.ui_state import ui_state
from core.web.export_downloads import offer

# The first click on the heads of these columns puts the greatest, or the latest, on top.
DESCENDING_FIRST = frozenset({"open_amount", "net_due", "unread_count", "last_login_at", "last_activity_at"})


def accounts_table(viewer: Viewer, query: AccountQuery, columns: tuple[str, ...]) -> None:
    """Draw a page of the list with these columns; a name opens its client."""
    query = replace(query, shown=_fields_in(columns))
    page_key = f"accounts-page-{hash(repr(query))}"
    stay_at(page_key, "accounts")
    page = _with_columns(page_read(page_key, partial(list_accounts, viewer, query)), columns)
    if not page.total:
        _nothing_found(viewer, query)
        return
    ids = tuple(row["account_id"] for row in page.rows)
    remember_list(query, ids, offset_of(page_key, PAGE_ROWS), page.total)
    key = key_of("accounts-rows", ids)
    config = _config(page, query, viewer)
    name = config["name"]
    labels = [label_of(row["name"]) for row in page.rows]
    config["name"] = opening_column(name["label"], key, ids, labels, _open, width=name["width"])
    st.dataframe(
        _table(page, choices(viewer)[1] if page.fields else {}),
        column_config=config,
        hide_index=True,
        row_height=ROW_PX,
        height=table_height(len(page.rows)),
        placeholder="",
        key=key,
        on_select=partial(head_pressed, key, _sort),
        selection_mode="single-column",
        alt=t("frame.clients"),
    )
    with st.container(horizontal=True, vertical_alignment="center", key="accounts-foot"):
        st.caption(t("accounts.found", n=page.total), width="content")
        if not query.states:
            st.caption(t("accounts.not_archived"), width="content")
        if (pages := pages_of(page.total)) > 1:
            st.pagination(pages, key=page_key)
        st.space("stretch")
        many_button(viewer, query)
        _exports(viewer, query, columns)


def _nothing_found(viewer: Viewer, query: AccountQuery) -> None:
    """Say that no client fits what is wanted, or that there is none yet and how the first one comes."""
    if replace(query, sort=AccountQuery.sort, descending=False, shown=()) != AccountQuery():
        st.info(t("accounts.nothing"), icon=":material/search_off:")
        return
    rights = rights_of(viewer)
    if list_accounts(viewer, AccountQuery(states=("archived",)), 0, 1).total:
        words = t("accounts.only_archived")
    elif Right.VIEW_ALL_ACCOUNTS not in rights:
        words = t("accounts.nobody_assigned")
    else:
        words = t("accounts.nobody_yet") + (" " + t("accounts.nobody_yet_how") if Right.MANAGE_ACCOUNTS in rights else "")
    st.info(words, icon=":material/groups:")


def _fields_in(columns: tuple[str, ...]) -> tuple[int, ...]:
    return tuple(number for number in map(id_of, columns) if number)


def _with_columns(page: AccountPage, columns: tuple[str, ...]) -> AccountPage:
    """Return the page with those of its columns that are wanted."""
    return replace(page, columns=tuple(key for key in page.columns if key in columns))


def _open(account_id: int) -> None:
    open_account_next(account_id)


def _sort(column: str) -> None:
    """Sort by this column, or the other way round when it is sorted by already."""
    if column in SORTS or id_of(column):
        wanted = ui_state().accounts
        again = (wanted.sort or "name") == column
        change_wanted(sort=column, descending=not wanted.descending if again else column in DESCENDING_FIRST)


def _word(key: str, value: object) -> str | None:
    if value is None:
        return None
    return t(f"frame.{key}.{value}") if key in ("kind", "state") else str(value)


def _table(page: AccountPage, members: dict[int, str]) -> pa.Table:
    arrays = []
    for key in page.columns:
        values = [row[key] for row in page.rows]
        if key in page.fields:
            arrays.append(pa.array([_field(page, key, v, members) for v in values], pa.string()))
        elif key == "name":
            arrays.append(pa.array([label_of(v) for v in values], pa.string()))
        elif key.endswith("_at"):
            arrays.append(pa.array([None if v is None else local(v).replace(tzinfo=None) for v in values], pa.timestamp("ms")))
        elif key == "tags":
            arrays.append(pa.array([v or [] for v in values], pa.list_(pa.string())))
        elif key == "unread_count":
            arrays.append(pa.array([v or None for v in values], pa.int64()))
        elif key in ("open_amount", "net_due"):
            arrays.append(pa.array([money(v) if v else "" for v in values], pa.string()))
        else:
            arrays.append(pa.array([_word(key, v) for v in values], pa.string()))
    return pa.Table.from_arrays(arrays, names=list(page.columns))


def _field(page: AccountPage, key: str, value: object, members: dict[int, str]) -> str:
    """Return a custom field's value as people read it; the values of several contacts beside each other."""
    parts = value if isinstance(value, OfContacts) else (value,)
    return "; ".join(field_text(page.fields[key], part, members) for part in parts)


def _config(page: AccountPage, query: AccountQuery, viewer: Viewer) -> dict[str, Any]:
    config: dict[str, Any] = {}
    colors = {row["name"]: row["color"] for row in tags_named(viewer)} if "tags" in page.columns else {}
    widths = {
        "number": 56, "name": 158, "kind": 86, "state": 80, "tags": 84, "team": 100, "open_amount": 84, "net_due": 86, "unread_count": 76,
    }  # fmt: skip
    for key in page.columns:
        name = page.fields[key].label if key in page.fields else t(f"accounts.head.{key}" if key.endswith("_at") else f"accounts.{key}")
        label = head(name, sorted_by=key == query.sort, descending=query.descending)
        if key.endswith("_at"):
            config[key] = st.column_config.DatetimeColumn(label, format=day_input_format(), width=84, help=t(f"accounts.{key}"))
        elif key == "tags":
            options = sorted({name for row in page.rows for name in row[key] or ()})
            config[key] = st.column_config.MultiselectColumn(
                label, width=widths[key], options=options, color=[colors.get(name, "gray") for name in options]
            )
        elif key in ("open_amount", "net_due"):
            config[key] = st.column_config.TextColumn(label, width=widths[key], alignment="right")
        else:
            config[key] = st.column_config.Column(label, width=widths.get(key))
    return config


def _exports(viewer: Viewer, query: AccountQuery, columns: tuple[str, ...]) -> None:
    if Right.EXPORT_DATA not in rights_of(viewer):
        return
    for kind, media_type, make in (("csv", CSV_TYPE, to_csv), ("xlsx", XLSX_TYPE, to_xlsx)):
        export_id = offer(viewer, f"{t('frame.clients')}.{kind}", media_type, partial(_bytes, viewer, query, columns, make, language()))
        st.link_button(t(f"widgets.common.{kind}"), f"/export/{export_id}", icon=":material/download:", key=f"export-accounts-{kind}")


def _cell(page: AccountPage, key: str, value: Any, members: dict[int, str]) -> object:
    """Return a cell of an export: numbers and days as such, the rest as people read it."""
    if key in page.fields:
        alone = value[0] if isinstance(value, OfContacts) and len(value) == 1 else value
        return alone if alone is None or isinstance(alone, Decimal | date) else _field(page, key, alone, members)
    if key == "tags":
        return ", ".join(value or ()) or None
    return _word(key, value) if key in ("kind", "state") else value


def _bytes(viewer: Viewer, query: AccountQuery, columns: tuple[str, ...], make, code: str) -> bytes:
    page = _with_columns(list_accounts(viewer, query, limit=None), columns)
    members = choices(viewer)[1] if page.fields else {}
    with speaking(code):
        return make(
            [page.fields[key].label if key in page.fields else t(f"accounts.{key}") for key in page.columns],
            [[_cell(page, key, row[key], members) for key in page.columns] for row in page.rows],
            [place for place, key in enumerate(page.columns) if _is_money(page, key)],
        )


def _is_money(page: AccountPage, key: str) -> bool:
    return page.fields[key].type == "money" if key in page.fields else key in ("open_amount", "net_due")
