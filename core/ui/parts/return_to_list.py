"""The full list a thing was opened from, as it stood: closing the thing leads back to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class ListState:
    """A widget's full list over an account, and what its inputs held: what was searched, filtered, sorted, and the page."""

    account_id: int
    widget: str
    inputs: Mapping[str, object]


def scope_key(widget: str) -> str:
    """Return the key of the session's state under which the chosen scope of a widget's full list is kept."""
    return f"scope-{widget}"


def ask_for(what: str, which: object, back: ListState | None = None, *, account_id: int | None = None) -> None:
    """Remember what to open with the next run, over which account (None: any), and where closing it leads."""
    st.session_state["opened"] = (what, which, back, back.account_id if back is not None else account_id)


def go_back(back: ListState | None) -> None:
    """Open the list again where the thing that closes was opened from one."""
    if back is not None:
        ask_for("list", back.widget, back)
