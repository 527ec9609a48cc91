"""What the pages of one browser session remember between two runs; only keys of Streamlit's own inputs stand beside it."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from core.ui.state.open_form import ListState, OpenForm
from core.ui.state.query_state import QueryState
from core.ui.state.sign_in_state import PasswordState, SignInState
from core.web.change_poll import State

if TYPE_CHECKING:
    from core.audit.last_look import News
    from core.clients.list_address import Address
    from core.clients.list_conditions import Condition
    from core.store import Row
    from core.ui.parts.list_neighbours import ShownList

KEY = "ui"
# Where on the pages a sentence is shown that a button's callback left.
Place = Literal[
    "activity",
    "aside",
    "backups",
    "contacts",
    "fields",
    "first_steps",
    "history",
    "imports",
    "logo",
    "profile",
    "queries",
    "team",
    "views",
]


@dataclass(slots=True)
class AccountFilters:
    """What is wanted of Kunden besides the text: conditions by column, order, columns (none: the usual ones), page.

    Attributes:
        conditions: By the key of their column.
        sort: The key of the column it is sorted by.
        descending: Whether the order is the other way round.
        columns: The keys of the columns that were chosen.
        cohort: The id of the cohort whose clients are wanted.
        among: The list of *Auswertung* whose clients are wanted, by its address.
        page: The page that is shown, from 1 on.
        page_asked: The page to go to with the next drawing; None for where the list is.
        ticked: Ids of the clients that are ticked.
        edited: The column whose condition is being put together.
        problem: The column whose condition makes no sense as it was typed, and why.
        dropped: What of an address could not be followed, said once.
        address: The address as it was written or followed last; None when another page was shown since.
        replaced: Those that were replaced lately, each with when (``time.monotonic()``, seconds).
        key_epoch: Stands in the keys of the inputs: a change by anything but an input has them drawn anew.
    """

    conditions: dict[str, Condition] = field(default_factory=dict)
    sort: str = "name"
    descending: bool = False
    columns: tuple[str, ...] = ()
    cohort: int | None = None
    among: str = ""
    page: int = 1
    page_asked: int | None = None
    ticked: set[int] = field(default_factory=set)
    edited: str | None = None
    problem: tuple[str, str] | None = None
    dropped: str = ""
    address: Address | None = None
    replaced: list[tuple[float, Address]] = field(default_factory=list)
    key_epoch: int = 0


@dataclass(slots=True)
class ActivityState:
    """What is looked at in *Auswertung* besides the clients.

    Attributes:
        period: By how the address names it.
        pick: The list that is open, by its address; '' for none.
        sort: The column its list is sorted by, '' for its own order, and ``descending`` whether the other way round.
        descending: See ``sort``.
        has_more: Whether the further blocks are drawn.
        key_epoch: Stands in the keys of charts and inputs, so that a mark that was pressed is not pressed for ever.
    """

    period: str = "90"
    pick: str = ""
    sort: str = ""
    descending: bool = False
    has_more: bool = False
    key_epoch: int = 0


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """What a click asked to open with the next run, a full list or one of its things, over which account (None: any)."""

    what: str
    which: Any
    back: ListState | None
    account_id: int | None


@dataclass(frozen=True, slots=True)
class Aside:
    """A thing of the ledger that is being set aside; once it was, ``aside_id`` takes it back, and ``at`` says when (``time.monotonic()``)."""

    account_id: int
    kind: str
    item_id: int
    title: str
    aside_id: int = 0
    at: float = 0.0


@dataclass(frozen=True, slots=True)
class HistorySince:
    """What *Verlauf* of a client shows: what others did after a moment, ``of_details`` without the things that widgets list."""

    account_id: int
    since: datetime
    of_details: bool


@dataclass(slots=True)
class UiState:
    """What the pages remember, by the part of the page it belongs to."""

    # The frame and its shell.
    language: str = "de"
    page: str = ""
    watched: State = (None, None)
    last_opened: str | None = None
    last_look: dict[int, datetime | None] = field(default_factory=dict)
    news: tuple[Hashable, News, list[Row]] | None = None
    history_since: HistorySince | None = None
    silence: tuple[Hashable, Row | None] | None = None
    next_account: int | None = None
    next_account_page: str = "overview"
    drawn_again: int | None = None
    text_left: str = ""
    is_narrow: bool = False
    # Dialogs, and sentences that are shown once.
    is_dialog_open: bool = False
    is_saved: bool = False
    problems: dict[Place, str] = field(default_factory=dict)
    known_list: int = 0
    form: OpenForm | None = None
    form_epoch: int = 0
    to_open: OpenRequest | None = None
    is_list_left: bool = False
    aside: Aside | None = None
    aside_done: Aside | None = None
    # Tables: the rows shown last and the number in the table's key; the row shown in full (of which list, its id); the page left at.
    tables: dict[str, tuple[Hashable, int]] = field(default_factory=dict)
    chosen: dict[str, tuple[str, int]] = field(default_factory=dict)
    pages_left: dict[str, tuple[str, int]] = field(default_factory=dict)
    # Single pages. Of the record: what was read last and when (``time.monotonic()``, seconds); the ids a list is shown before and after.
    # Of Heute: for whom (None: not chosen), and the cards that are shown whole.
    accounts: AccountFilters = field(default_factory=AccountFilters)
    activity: ActivityState = field(default_factory=ActivityState)
    queries: QueryState = field(default_factory=QueryState)
    shown_list: ShownList | None = None
    next_member: int | None = None
    section: str = ""
    today_of_everybody: bool | None = None
    today_whole: set[str] = field(default_factory=set)
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
