"""Long lists a page at a time."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol, TypeVar

import streamlit as st

PAGE = 50


class Part(Protocol):
    rows: list
    total: int


P = TypeVar("P", bound=Part)


def pages_of(total: int) -> int:
    """How many pages so many rows fill, at least one."""
    return max(1, math.ceil(total / PAGE))


def page_read(key: str, read: Callable[[int, int], P]) -> P:
    """The page that the pagination of this key is at, from ``read(offset, limit)``; the last one where so many are no longer there."""
    page = st.session_state.get(key, 1)
    part = read((page - 1) * PAGE, PAGE)
    if page > pages_of(part.total):
        st.session_state[key] = page = pages_of(part.total)
        part = read((page - 1) * PAGE, PAGE)
    return part


def stay_at(key: str, kept: str) -> None:
    """Be at the page this pagination was left at, though another page of the app was drawn between; another list's is forgotten."""
    if key not in st.session_state and st.session_state.get(kept, ("", 1))[0] == key:
        st.session_state[key] = st.session_state[kept][1]
    st.session_state[kept] = (key, st.session_state.get(key, 1))
