"""Tables whose rows open and whose heads sort: the keys they are drawn under, and what a press in them means."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import streamlit as st

from core.store import Row
from core.ui.state.ui_state import ui_state

# After so many changes of its rows a table has a key again that it had before; by then nothing is on its way to it.
GENERATIONS = 6
# The words of a button stand 8 px further in than other cells' (Streamlit 1.67); these two spaces put its head above them.
INDENT = "\u2002\u200a"
INDENT_PX = 8
# A label that begins so is read as a list of actions or as an icon; behind this letter, which nobody sees, it is only text.
READ_AS_MORE, ONLY_TEXT = ("[", ":"), "\u2060"
# A cell without text would be no button.
NO_WORDS = "–"


def head(label: str, *, sorted_by: bool, descending: bool) -> str:
    """The label of a column, with an arrow where the table is sorted by it."""
    return f"{'↓' if descending else '↑'} {label}" if sorted_by else label


def key_of(table: str, rows: Hashable) -> str:
    """Return the key of a table that shows these rows (their ids).

    It differs from the last one once the rows do: what was pressed on rows that are gone finds no table of that key. Keys come round
    again, because Streamlit keeps what it knows of each for as long as the session lives.
    """
    tables = ui_state().tables
    drawn, generation = tables.get(table, (None, 0))
    if drawn != rows:
        generation = (generation + 1) % GENERATIONS
        tables[table] = (rows, generation)
    return f"{table}-{generation}"


def is_of_now(key: str) -> bool:
    """Return whether a table of this key was drawn last.

    A browser still sends what it held of a table that is gone, and Streamlit hands it on.
    """
    table, _, generation = key.rpartition("-")
    return ui_state().tables.get(table, (None, -1))[1] == int(generation)


def label_of(text: object) -> str:
    """Return the words of a row's button: never empty, and never read as anything but text."""
    label = "" if text is None else str(text)
    if not label.strip():
        return NO_WORDS
    return ONLY_TEXT + label if label.lstrip().startswith(READ_AS_MORE) else label


def opening_column(
    label: str,
    key: str,
    ids: Sequence[Any],
    labels: Sequence[str],
    on_open: Callable[..., None],
    *args: Any,
    width: int | None = None,
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
    """
    return st.column_config.ButtonColumn(
        INDENT + label,
        width=width,
        type="tertiary",
        alignment="left",
        key=pressed_key(key),
        on_click=row_pressed,
        args=(key, tuple(ids), tuple(labels), on_open, args),
    )


def pressed_key(key: str) -> str:
    """Return the key under which Streamlit tells which row of this table was pressed."""
    return f"opens-{key}"


def row_pressed(key: str, ids: Sequence[Any], labels: Sequence[str], on_open: Callable[..., None], args: Sequence[Any]) -> None:
    """Hand on which row was pressed; nothing where the table was drawn anew meanwhile or says something else in that row."""
    press = st.session_state.get(pressed_key(key))
    if press is None or not is_of_now(key):
        return
    if 0 <= press["row"] < len(ids) and press["label"] == labels[press["row"]]:
        on_open(*args, ids[press["row"]])


def head_pressed(key: str, on_column: Callable[..., None], *args: Any) -> None:
    """Hand on which head was pressed; the table is drawn under another key, so that the same head can be pressed again."""
    if not is_of_now(key):
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
