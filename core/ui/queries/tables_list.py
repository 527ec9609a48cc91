"""What can be asked for: every table and column with its word in the person's language, and an example."""

from __future__ import annotations

import streamlit as st

from core.base.rights import Viewer
from core.i18n import language, t, words_of
from core.i18n.formats import today
from core.imports.value_rules import CODES
from core.store import cached
from core.store.scope_columns import SCOPE_COLUMNS
from core.ui.info.history_words import field_word, value_word
from core.ui.parts.columns import ROW_PX, table_height
from core.ui.state.ui_state import ui_state

STATES = ("active", "pending", "offline", "archived")
ROWS_HIGH = 15
MAX_CODES_CHARS = 90


def tables_list(viewer: Viewer) -> None:
    """Draw the choice of a table and what is in it."""
    tables = list(SCOPE_COLUMNS)
    table = st.selectbox(
        t("queries.tables"), tables, format_func=lambda name: f"{name} – {table_word(name)}", key="query-table",
        help=t("queries.tables_help", n=len(tables)),
    )  # fmt: skip
    rows = _described(viewer, table)
    st.dataframe(
        [dict(zip(("column", "word", "example"), row, strict=True)) for row in rows],
        column_config={
            "column": st.column_config.TextColumn(t("queries.col.column"), width=118),
            "word": st.column_config.TextColumn(t("queries.col.word"), width=112),
            "example": st.column_config.TextColumn(t("queries.col.example"), width=126),
        },
        hide_index=True, row_height=ROW_PX, height=table_height(len(rows), ROWS_HIGH), alt=table_word(table), key=f"query-columns-{table}",
    )  # fmt: skip
    if note := _optional(f"queries.note.{table}"):
        st.caption(note)
    st.button(t("queries.look_into", table=table), icon=":material/table_rows:", on_click=_look_into, args=(table,), key="query-look")


def _look_into(table: str) -> None:
    state = ui_state().queries
    state.take(f"SELECT {', '.join(SCOPE_COLUMNS[table])}\nFROM {table}\nLIMIT 100", {})
    state.is_asked = True


def table_word(table: str) -> str:
    """Return what a table is called."""
    return _optional(f"queries.table.{table}") or t(f"history.entity.{table}")


def column_word(table: str, column: str) -> str:
    """Return what a column is called."""
    own = f"{table}_id"
    if column == own:
        return t("queries.own_id")
    return _optional(f"queries.column.{table}.{column}") or _optional(f"queries.column.{column}") or field_word("", column)


def _described(viewer: Viewer, table: str) -> list[tuple[str, str, str]]:
    """Return (column, word, example) of each column."""
    columns = SCOPE_COLUMNS[table]
    kinds = cached(viewer, ("types", table), lambda r: r.types(f"SELECT {', '.join(columns)} FROM {table}"))  # noqa: S608 - from the code
    return [(column, column_word(table, column), example(table, column, kinds[column])) for column in columns]


def example(table: str, column: str, kind: str) -> str:
    """Return an example of what a column holds: its codes with their words, or a value as it is written in a query."""
    codes = STATES if (table, column) == ("account", "state") else CODES.get((table, column))
    if codes:
        words = {code: value_word({"entity": table, "field": column, "action": ""}, code) for code in map(str, codes)}
        whole = ", ".join(code if word == code else f"{code} ({word})" for code, word in words.items())
        return whole if len(whole) <= MAX_CODES_CHARS else ", ".join(words)
    if given := _optional(f"queries.example.{column}"):
        return given
    match kind:
        case "BOOLEAN":
            return "true, false"
        case "DATE":
            return f"'{today():%Y-%m-%d}'"
        case "TIMESTAMP":
            return f"'{today():%Y-%m-%d} 09:30' (UTC)"
    if kind.startswith("DECIMAL"):
        return "119.00"
    if kind in ("BIGINT", "INTEGER"):
        return "10042" if column.endswith("_id") else "12"
    return kind.lower() if kind.endswith("[]") else t("queries.free_text")


def _optional(key: str) -> str:
    return t(key) if key in words_of(language()) else ""
