"""Lead back to the full list a thing was opened from, as it stood, when the thing is closed."""

from __future__ import annotations

from core.ui.state.open_form import ListState
from core.ui.state.ui_state import OpenRequest, ui_state


def scope_key(widget: str) -> str:
    """Return the key of the input that chooses the scope of a widget's full list."""
    return f"scope-{widget}"


def ask_for(what: str, which: object, back: ListState | None = None, *, account_id: int | None = None) -> None:
    """Remember what to open with the next run, over which account (None: any), and where closing it leads."""
    ui_state().to_open = OpenRequest(what, which, back, back.account_id if back is not None else account_id)


def go_back(back: ListState | None) -> None:
    """Open the list again where the thing that closes was opened from one."""
    if back is not None:
        ask_for("list", back.widget, back)
