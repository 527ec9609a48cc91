"""Tables whose rows open and whose heads sort: keys to draw them under, and the meaning of a press in them."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import streamlit as st

from core.store import Row
from core.ui.state.ui_state import ui_state

# After so many changes of its rows a table has a key again that it had before; by then nothing is on its way to it.
GENERATIONS = 6
# The text of a button begins 8 px further right than that of other cells (Streamlit 1.67); these two spaces align the head with it.
INDENT = "\u2002\u200a"
INDENT_PX = 8
# Streamlit reads a label that begins so as a list of actions or as an icon; with an invisible letter before it, it is only text.
SPECIAL_STARTS = ("[", ":")
WORD_JOINER = "\u2060"
# The label of a row without a name: a cell without text would be no button.
NO_NAME = "–"


def head(label: str, *, sorted_by: bool, descending: bool) -> str:
    """Return the label of a column, with an arrow where the table is sorted by it."""
    return f"{'↓' if descending else '↑'} {label}" if sorted_by else label


def key_of(table: str, rows: Hashable) -> str:
    """Return the key of a table that shows these rows (their ids).

    The key changes when the rows do, so that a press on rows that are gone finds no table of its key. Keys come round again, because
    Streamlit keeps the state of every key for as long as the session lives.
    """
    tables = ui_state().tables
    drawn, generation = tables.get(table, (None, 0))
    if drawn != rows:
        generation = (generation + 1) % GENERATIONS
        tables[table] = (rows, generation)
    return f"{table}-{generation}"


def is_current(key: str) -> bool:
    """Return whether a table of this key was drawn last.

    A browser still sends what it held of a table that is gone, and Streamlit hands it on.
    """
    table, _, generation = key.rpartition("-")
    return ui_state().tables.get(table, (None, -1))[1] == int(generation)


def label_of(text: object) -> str:
    """Return the words of a row's button: never empty, and never read as anything but text."""
    label = "" if text is None else str(text)
    if not label.strip():
        return NO_NAME
    return WORD_JOINER + label if label.lstrip().startswith(SPECIAL_STARTS) else label


def opening_column(
    label: str,
    key: str,
    ids: Sequence[Any],
    labels: Sequence[str],
    on_open: Callable[..., None],
    *args: Any,
    width: int | None = None,
    act: str = "opens",
) -> Any:
    """Return the column whose words open their row: on click, tap, Enter or Space (``rows.js``), never on focus.

    Args:
        label: The column's head.
        key: The key of the table (``key_of``).
        ids: The id of each row, in the order in which the table was given.
        labels: The words of each row as the table holds them (``label_of``).
        on_open: Called with ``args`` and the id of the row that was pressed.
        *args: What ``on_open`` gets before the id.
        width: In pixels; None: as Streamlit finds it.
        act: What a press does, where a table has a second column of buttons.
    """
    return st.column_config.ButtonColumn(
        INDENT + label,
        width=width,
        type="tertiary",
        alignment="left",
        key=pressed_key(key, act),
        on_click=row_pressed,
        args=(key, tuple(ids), tuple(labels), on_open, args, act),
    )


def pressed_key(key: str, act: str = "opens") -> str:
    """Return the key under which Streamlit tells which row of this table was pressed."""
    return f"{act}-{key}"


def row_pressed(
    key: str, ids: Sequence[Any], labels: Sequence[str], on_open: Callable[..., None], args: Sequence[Any], act: str = "opens"
) -> None:
    """Call ``on_open`` for the row that was pressed, unless the table was drawn anew since or shows another label in that row."""
    press = st.session_state.get(pressed_key(key, act))
    if press is None or not is_current(key):
        return
    if 0 <= press["row"] < len(ids) and press["label"] == labels[press["row"]]:
        on_open(*args, ids[press["row"]])


def head_pressed(key: str, on_column: Callable[..., None], *args: Any) -> None:
    """Call ``on_column`` for the head that was pressed; the table gets another key, so that the same head can be pressed again."""
    if not is_current(key):
        return
    columns = st.session_state[key].selection.columns
    table, _, generation = key.rpartition("-")
    ui_state().tables[table] = (None, int(generation))
    if columns:
        on_column(*args, columns[0])


def choose(table: str, place: str, row_id: int) -> None:
    """Remember which row is shown in full beside its table; ``place`` says of which list."""
    ui_state().chosen[table] = (place, row_id)


def chosen_of(table: str, place: str, id_column: str, rows: Sequence[Row]) -> Row | None:
    """Return the row that ``choose`` remembered, None once the list is another or no longer shows it."""
    chosen = ui_state().chosen
    chosen_place, row_id = chosen.get(table, ("", 0))
    if chosen_place != place:
        chosen.pop(table, None)
        return None
    return next((row for row in rows if row[id_column] == row_id), None)
