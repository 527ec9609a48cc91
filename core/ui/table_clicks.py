"""A table whose heads sort and whose rows open: what a click on it means."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

MODES = ("single-cell", "single-column")
# After so many clicks and clients a key comes again; by then nothing is on its way to the table that had it.
TURNS = 6


def head(label: str, *, sorted_by: bool, descending: bool) -> str:
    """The label of a column, with an arrow where the table is sorted by it."""
    return f"{'↓' if descending else '↑'} {label}" if sorted_by else label


def key_of(table: str) -> str:
    """The key of a table; another one after each click, so that the same place can be clicked again."""
    return f"{table}-{turn()}"


def turn() -> int:
    """What tells this turn's tables from those of the last clicks and clients."""
    return st.session_state.get("turn", 0)


def next_turn() -> None:
    """Other keys from here on. They go round: Streamlit keeps what it knows of each key for as long as the session lives."""
    st.session_state["turn"] = (turn() + 1) % TURNS


def turn_at(account_id: int) -> None:
    """Other keys where the tables are no longer of the client they were of."""
    if st.session_state.get("turn_at") != account_id:
        st.session_state["turn_at"] = account_id
        next_turn()


def is_of_now(key: str) -> bool:
    """Whether a table of this key is drawn: a browser still sends what it held of one that is gone, and Streamlit still hands it on."""
    return key.endswith(f"-{turn()}")


def clicked(key: str, on_row: Callable[[int], None] | None, on_column: Callable[[str], None]) -> None:
    """Hand on what was clicked in the table of this key: a row by its place or a column by its name."""
    if not is_of_now(key):
        return
    selection = st.session_state[key].selection
    next_turn()
    if selection.cells and on_row is not None:
        on_row(selection.cells[0][0])
    elif selection.columns:
        on_column(selection.columns[0])
