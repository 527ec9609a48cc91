"""Show long lists a page at a time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

import streamlit as st

from core.ui.state.ui_state import ui_state

PAGE_ROWS = 50


class Part(Protocol):
    """A page of a list."""

    @property
    def rows(self) -> Sequence[Any]:
        """Its rows."""

    @property
    def total(self) -> int:
        """How many rows the whole list has."""


P = TypeVar("P", bound=Part)


def pages_of(total: int) -> int:
    """Return how many pages so many rows fill, at least one."""
    return max(1, math.ceil(total / PAGE_ROWS))


def offset_of(key: str, page_rows: int) -> int:
    """Return how many rows come before the page that the pagination of this key is at."""
    page: int = st.session_state.get(key, 1)
    return (page - 1) * page_rows


def page_read(key: str, read: Callable[[int, int], P]) -> P:
    """Return the page that the pagination of this key is at, from ``read(offset, limit)``; the last page where the list became shorter."""
    part = read(offset_of(key, PAGE_ROWS), PAGE_ROWS)
    if st.session_state.get(key, 1) > pages_of(part.total):
        st.session_state[key] = pages_of(part.total)
        part = read(offset_of(key, PAGE_ROWS), PAGE_ROWS)
    return part


def stay_at(key: str, table: str) -> None:
    """Put a pagination to the page it was left at, though another page of the app was drawn between.

    Args:
        key: The key of the pagination; it differs for another list in the same table, whose page is forgotten.
        table: The table that it belongs to.
    """
    left = ui_state().pages_left
    left_key, left_at = left.get(table, ("", 1))
    if key not in st.session_state and left_key == key:
        st.session_state[key] = left_at
    left[table] = (key, st.session_state.get(key, 1))
