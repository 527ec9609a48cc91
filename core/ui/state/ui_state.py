"""What the pages of one browser session remember between two runs; only keys of Streamlit's own inputs stand beside it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from core.ui.state.open_form import ListState, OpenForm
from core.ui.state.sign_in_state import PasswordState, SignInState
from core.web.change_poll import State

if TYPE_CHECKING:
    from core.ui.parts.list_neighbours import ShownList

KEY = "ui"
# Where on the pages a sentence is shown that a button's callback left.
Place = Literal["backups", "contacts", "fields", "first_steps", "history", "logo", "profile", "team", "views"]


@dataclass(slots=True)
class AccountFilters:
    """What is wanted of Kunden besides the text: filters, order (None: by name), columns (none: the usual ones).

    ``custom`` holds the wanted values of a custom field under its id: a list where they are chosen, else a part of their text.
    ``key_epoch`` stands in the keys of the inputs: a change by anything but an input has them drawn anew.
    """

    kinds: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    tags: list[int] = field(default_factory=list)
    members: list[int] = field(default_factory=list)
    sort: str | None = None
    descending: bool = False
    columns: list[str] = field(default_factory=list)
    custom: dict[int, list[str] | str] = field(default_factory=dict)
    key_epoch: int = 0


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """What a click asked to open with the next run, a full list or one of its things, over which account (None: any)."""

    what: str
    which: Any
    back: ListState | None
    account_id: int | None


@dataclass(slots=True)
class UiState:
    """What the pages remember, by the part of the page it belongs to."""

    # The frame and its shell.
    language: str = "de"
    page: str = ""
    watched: State = (None, None)
    last_opened: str | None = None
    next_account: int | None = None
    next_account_page: str = "overview"
    drawn_again: int | None = None
    text_left: str = ""
    # Dialogs, and sentences that are shown once.
    is_dialog_open: bool = False
    is_saved: bool = False
    problems: dict[Place, str] = field(default_factory=dict)
    form: OpenForm | None = None
    form_epoch: int = 0
    to_open: OpenRequest | None = None
    is_list_left: bool = False
    # Tables: the rows shown last and the number in the table's key; the row shown in full (of which list, its id); the page left at.
    tables: dict[str, tuple[Hashable, int]] = field(default_factory=dict)
    chosen: dict[str, tuple[str, int]] = field(default_factory=dict)
    pages_left: dict[str, tuple[str, int]] = field(default_factory=dict)
    # Single pages. Of the record: what was read last and when (``time.monotonic()``, seconds); the ids a list is shown before and after.
    accounts: AccountFilters = field(default_factory=AccountFilters)
    shown_list: ShownList | None = None
    next_member: int | None = None
    section: str = ""
    audit_read: tuple[str, float] = ("", 0.0)
    audit_bounds: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    sign_in: SignInState = field(default_factory=SignInState)
    password: PasswordState = field(default_factory=PasswordState)

    def next_form_epoch(self) -> int:
        """Return a number that no form's inputs had in their keys before."""
        self.form_epoch += 1
        return self.form_epoch

    def take_problem(self, place: Place) -> str | None:
        """Return the sentence that is to be shown there, this once."""
        return self.problems.pop(place, None)


def ui_state() -> UiState:
    """Return what this browser session's pages remember, made at first use."""
    if KEY not in st.session_state:
        st.session_state[KEY] = UiState()
    state: UiState = st.session_state[KEY]
    return state
