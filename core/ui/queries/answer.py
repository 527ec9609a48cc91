"""The answer of a query: its table, its chart, the file, the cohort, and the name the query is kept under."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from weakref import ref

import pyarrow as pa
import streamlit as st

from core.access.verbs import rights_of
from core.activity.answer_clients import ACCOUNT_ID, clients_of, names_clients, needs_of
from core.activity.cohorts import keep_cohort
from core.activity.own_queries import MAX_BYTES, MAX_ROWS, Answer, is_still_theirs
from core.base.errors import AppError, NotFound
from core.base.rights import Right, Viewer
from core.base.sizes import MIB
from core.documents.spreadsheets import CSV_TYPE, XLSX_TYPE, to_csv, to_xlsx
from core.i18n import language, speaking, t
from core.i18n.formats import ago, number
from core.ui.clients.cohort_form import cohort_form
from core.ui.parts.columns import ROW_PX, figure_head, room, table_height
from core.ui.parts.navigate import open_account_next
from core.ui.parts.pagination import PAGE_ROWS, pages_of
from core.ui.parts.table_clicks import WORD_JOINER, head, head_pressed, key_of, label_of, opening_column
from core.ui.queries.answer_chart import NUMBERS, answer_chart
from core.ui.queries.cells import cell_text, file_value, written_as
from core.ui.state.ui_state import ui_state
from core.web.export_downloads import offer

ROWS_HIGH = 16
MOST_WIDE_PX = 340


def answer_part(viewer: Viewer, answer: Answer) -> None:
    """Draw an answer and what can be done with it."""
    with st.container(horizontal=True, vertical_alignment="center", key="query-found"):
        st.caption(t("queries.found", n=len(answer.rows)), width="content")
        st.caption(t("queries.data_of", moment=ago(answer.data_of)), width="content")
        st.button(
            t("queries.renew"), icon=":material/refresh:", type="tertiary", key="query-renew", on_click=_renew, help=t("queries.renew_help")
        )
    if answer.cut:
        st.warning(
            t(f"queries.cut.{answer.cut}", n=number(len(answer.rows)), most=number(MAX_ROWS), mib=MAX_BYTES // MIB),
            icon=":material/content_cut:",
        )
    if not answer.rows:
        st.info(t("queries.nothing"), icon=":material/search_off:")
        return
    answer_chart(answer)
    rows = _sorted(answer, ui_state().queries.sort)
    page_key = f"query-page-{hash((ui_state().queries.epoch, answer.data_of, len(rows)))}"
    page = min(st.session_state.get(page_key, 1), pages_of(len(rows)))
    _table(answer, rows[(page - 1) * PAGE_ROWS : page * PAGE_ROWS])
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="query-foot"):
        if (pages := pages_of(len(rows))) > 1:
            st.pagination(pages, key=page_key)
        st.space("stretch")
        if names_clients(answer):
            _cohort(viewer, answer)
        if Right.EXPORT_DATA in rights_of(viewer):
            _exports(viewer, answer)


def _renew() -> None:
    state = ui_state().queries
    state.is_asked = state.is_renewed = True


def _table(answer: Answer, rows: Sequence[tuple[Any, ...]]) -> None:
    state = ui_state().queries
    key = key_of("query-rows", (state.epoch, answer.data_of, state.sort, tuple(map(hash, map(repr, rows)))))
    table: dict[str, pa.Array] = {}
    config: dict[str, Any] = {}
    for place, (name, kind) in enumerate(answer.columns):
        texts = [" ".join(cell_text(row[place], written_as(name, kind)).split()) for row in rows]
        label = head(
            _head_text(name), sorted_by=state.sort is not None and state.sort[0] == place, descending=bool(state.sort and state.sort[1])
        )
        width = min(MOST_WIDE_PX, max(map(room, (label, *texts))))
        column = f"c{place}"
        if (
            name == ACCOUNT_ID
            and kind == "integer"
            and f"c{place}" not in config
            and ACCOUNT_ID not in [n for n, _ in answer.columns[:place]]
        ):
            texts = [str(row[place]) if row[place] is not None else "" for row in rows]
            labels = [label_of(text) for text in texts]
            config[column] = opening_column(label, key, [row[place] for row in rows], labels, _open, width=max(width, 96))
            texts = labels
        else:
            is_figure = kind in NUMBERS
            config[column] = st.column_config.TextColumn(
                figure_head(label) if is_figure else label, width=width, alignment="right" if is_figure else None
            )
        table[column] = pa.array(texts, pa.string())
    st.dataframe(
        pa.table(table), column_config=config, hide_index=True, row_height=ROW_PX, height=table_height(len(rows), ROWS_HIGH), placeholder="",
        key=key, on_select=partial(head_pressed, key, _sort), selection_mode="single-column", alt=t("queries.answer"),
    )  # fmt: skip


def _head_text(name: str) -> str:
    """Return a column's name as the table's head: text, whatever it begins with."""
    plain = " ".join(name.split())[:80] or t("queries.no_name")
    return WORD_JOINER + plain if plain.startswith(("[", ":")) else plain


def _open(account_id: int | None) -> None:
    if account_id is not None:
        open_account_next(account_id)


def _sort(column: str) -> None:
    """Sort by this column, the other way round when it is, then as the query says."""
    state, place = ui_state().queries, int(column.removeprefix("c"))
    before = state.sort if state.sort is not None and state.sort[0] == place else None
    state.sort = (place, False) if before is None else (place, True) if not before[1] else None


def _sorted(answer: Answer, sort: tuple[int, bool] | None) -> list[tuple[Any, ...]]:
    if sort is None or sort[0] >= len(answer.columns):
        return answer.rows
    place, falls = sort
    known = [row for row in answer.rows if row[place] is not None]
    try:
        known.sort(key=lambda row: row[place], reverse=falls)
    except TypeError:
        known.sort(key=lambda row: str(row[place]), reverse=falls)
    return known + [row for row in answer.rows if row[place] is None]


def _exports(viewer: Viewer, answer: Answer) -> None:
    for kind, media_type, make in (("csv", CSV_TYPE, to_csv), ("xlsx", XLSX_TYPE, to_xlsx)):
        name = f"{ui_state().queries.saved or t('queries.file')}.{kind}".replace("/", "-")
        export_id = offer(viewer, name, media_type, partial(_bytes, viewer, ref(answer), ui_state().queries.sort, make, language()))
        st.link_button(t(f"widgets.common.{kind}"), f"/export/{export_id}", icon=":material/download:", key=f"query-export-{kind}")


def _bytes(viewer: Viewer, held: ref[Answer], sort: tuple[int, bool] | None, make: Callable[..., bytes], code: str) -> bytes:
    """Make a file of an answer, which the page holds and not the offer of the file: it may be large.

    Raises NotFound when the page has another one by now, AppError once its reader may see less, or other things, than when it was found.
    """
    answer = held()
    if answer is None:
        raise NotFound()
    if not is_still_theirs(viewer, answer):
        raise AppError("query_sight_changed")
    kinds = [kind for _, kind in answer.columns]
    with speaking(code):
        cells = [[file_value(value, kind) for value, kind in zip(row, kinds, strict=True)] for row in _sorted(answer, sort)]
        return make([name for name, _ in answer.columns], cells)


def _cohort(viewer: Viewer, answer: Answer) -> None:
    """Draw the form that keeps the answer's clients as a cohort, as they were found."""
    text = ui_state().queries.answered

    def keep(name: str, shared: bool) -> None:
        if not is_still_theirs(viewer, answer):
            raise AppError("query_sight_changed")
        keep_cohort(viewer, name, clients_of(viewer, answer), needs_of(viewer, answer), shared, definition=text)

    if viewer.by is None:
        cohort_form("query-cohort", needs_of(viewer, answer), keep, lambda: t("queries.cohort_of", n=len(clients_of(viewer, answer))))
