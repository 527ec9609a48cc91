"""*Alle anzeigen*: the full list of a widget in a dialog: found within, filtered, sorted, paged, exported."""

from __future__ import annotations

import math
from functools import partial

import streamlit as st

from core.access import OpenAccount, rights_of
from core.documents import mark_all_seen
from core.export import CSV_TYPE, XLSX_TYPE, to_csv, to_xlsx
from core.i18n import language, speaking, t, words_of
from core.rights import Right
from core.ui.columns import config_of, table_of, written
from core.ui.opened import ask_for
from core.web.exports import offer
from core.widgets.catalogue import WIDGETS
from core.widgets.listing import Listing, Wish, read_list
from core.widgets.spec import Column, Widget

PAGE = 50


def full_list(account: OpenAccount, key: str) -> None:
    """Open the dialog with every row of the widget."""

    @st.dialog(t(f"widgets.{key}.title"), width="large", on_dismiss="rerun")
    def show() -> None:
        wish = _wishes(WIDGETS[key])
        page_key = f"page-{key}-{hash((wish.find, tuple(wish.codes.items()), wish.sort, wish.descending, wish.everything))}"
        listing = read_list(account, key, wish, (st.session_state.get(page_key, 1) - 1) * PAGE, PAGE)
        pages = max(1, math.ceil(listing.total / PAGE))
        _table(account, listing)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(t("widgets.common.found", n=listing.total), width="content")
            if pages > 1:
                st.pagination(pages, key=page_key)
            st.space("stretch")
            _actions(account, listing, wish)

    show()


def _choices(widget: Widget, column: Column) -> list[str]:
    prefix = f"widgets.{widget.key}.{column.key}."
    return [word.removeprefix(prefix) for word in words_of(language()) if word.startswith(prefix)]


def _wishes(widget: Widget) -> Wish:
    def code(column: Column):
        return lambda value: t("widgets.common.any") if value is None else t(f"widgets.{widget.key}.{column.key}.{value}")

    def label(key: str | None) -> str:
        return t("widgets.common.order_default") if key is None else t(f"widgets.{widget.key}.col.{key}")

    codes: dict[str, str] = {}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        find = st.text_input(
            t("widgets.common.find"), key=f"find-{widget.key}", type="search", live="250ms", placeholder=t("accounts.find"), width=240
        )
        for column in widget.columns:
            if column.kind == "choice" and widget.key != "unpaid_invoices":
                picked = st.selectbox(
                    label(column.key),
                    [None, *_choices(widget, column)],
                    format_func=code(column),
                    key=f"only-{widget.key}-{column.key}",
                    width=170,
                )
                if picked:
                    codes[column.key] = picked
        sortable = [c.key for c in widget.columns if c.kind != "flag"]
        sort = st.selectbox(t("widgets.common.sort"), [None, *sortable], format_func=label, key=f"sort-{widget.key}", width=200)
        descending = st.toggle(t("widgets.common.descending"), key=f"descending-{widget.key}", disabled=sort is None)
        everything = bool(widget.where) and st.toggle(t("widgets.common.with_shared"), key=f"everything-{widget.key}")
    return Wish(find or "", codes, sort, descending, everything)


def _table(account: OpenAccount, listing: Listing) -> None:
    widget = listing.widget
    if not listing.rows:
        st.info(t("widgets.common.nothing"))
        return
    select: dict[str, object] = {}
    if widget.opens:
        key = f"listed-{widget.key}-{st.session_state.get('turn', 0)}"
        ids = tuple(row[widget.id_column] for row in listing.rows)
        select = {"on_select": partial(_pick, key, widget.opens, ids), "selection_mode": "single-cell", "key": key}
    st.dataframe(
        table_of(widget, listing.columns, listing.rows),
        column_config=config_of(widget, listing.columns, with_time=True),
        hide_index=True,
        row_height=28,
        height=min(32 + 28 * len(listing.rows), 480),
        placeholder="",
        alt=t(f"widgets.{widget.key}.title"),
        **select,
    )
    if st.session_state.pop("leave-list", False):
        st.rerun()


def _pick(key: str, opens: str, ids: tuple[int, ...]) -> None:
    cells = st.session_state[key].selection.cells
    if cells and cells[0][0] < len(ids):
        ask_for(opens, ids[cells[0][0]])
        st.session_state["leave-list"] = True


def _actions(account: OpenAccount, listing: Listing, wish: Wish) -> None:
    key = listing.widget.key
    if key == "documents" and any(row["is_new"] for row in listing.rows):
        st.button(t("widgets.common.mark_all_read"), key="mark-all", on_click=mark_all_seen, args=(account,), icon=":material/done_all:")
    if listing.total and Right.EXPORT_DATA in rights_of(account.viewer):
        for kind, media_type, make in (("csv", CSV_TYPE, to_csv), ("xlsx", XLSX_TYPE, to_xlsx)):
            name = f"{t(f'widgets.{key}.title')} {account.number}.{kind}"
            export_id = offer(account.viewer, name, media_type, partial(_bytes, account, key, wish, make, language()))
            st.link_button(t(f"widgets.common.{kind}"), f"/export/{export_id}", icon=":material/download:", key=f"export-{key}-{kind}")


def _bytes(account: OpenAccount, key: str, wish: Wish, make, code: str) -> bytes:
    listing = read_list(account, key, wish, limit=None)
    as_value = ("text", "date", "moment", "money")
    with speaking(code):
        labels = [t(f"widgets.{key}.col.{c.key}") or t(f"widgets.{key}.mark") for c in listing.columns]
        rows = [[row[c.key] if c.kind in as_value else written(listing.widget, c, row) for c in listing.columns] for row in listing.rows]
        return make(labels, rows)
