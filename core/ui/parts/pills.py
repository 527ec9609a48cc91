"""Say how a row stands as pills: words in the colour of their meaning, the worst first; what is ordinary is not said.

Orange is our turn, blue the client's, red a problem, grey what is done or only for the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pyarrow as pa
import streamlit as st

from core.i18n import t
from core.i18n.formats import today
from core.overview.spec import Column, Widget
from core.store import Row

# The kinds of columns that are said as pills.
KINDS = frozenset({"choice", "flag", "yes_no"})
# Columns of codes that stay words in a cell of their own: they say what a row is, not how it stands.
PLAIN = frozenset({("documents", "origin")})
# As many as a row shows.
MAX_PILLS = 2
# What is said of a task only where nothing else is.
ONLY_ALONE = ("status.in_progress", "priority.low")
# What a card leaves to the list: an address there says already that something was sent.
NOT_ON_CARDS = frozenset({("emails", "status.sent_unread"), ("emails", "status.sent_read")})
# Nothing is said of these: a status that is the usual one, and what another column says.
COLORS: dict[str, dict[str, str]] = {
    "documents": {
        "is_new": "orange", "status.disapproved": "red", "status.pending_approval": "blue", "status.pending_signature": "blue",
        "status.partially_signed": "blue", "status.pending_payment": "blue", "status.approved": "gray", "status.signed": "gray",
        "status.voided": "gray",
    },
    "tasks": {
        "overdue": "red", "today": "orange", "priority.urgent": "orange", "priority.high": "orange", "status.waiting": "blue",
        "status.completed": "gray", "status.canceled": "gray", "priority.low": "gray", "status.in_progress": "gray",
    },
    "emails": {"status.failed": "red", "status.received_unread": "orange", "status.sent_unread": "blue", "status.sent_read": "gray"},
    "jobs": {"overdue": "red", "status.completed": "gray", "status.archived": "gray"},
    "chats": {"turn.us": "orange", "turn.client": "blue", "turn.closed": "gray"},
    "unpaid_invoices": {
        "overdue": "red", "status.unpaid": "blue", "status.partially_paid": "gray", "status.in_progress": "gray", "status.scheduled": "gray",
        "status.credit_note": "gray", "status.paid": "gray",
    },
    "approvals": {"status.disapproved": "red", "status.pending": "blue", "status.approved": "gray"},
    "signatures": {
        "status.nobody": "red", "status.declined": "red", "status.pending": "blue", "status.partially_signed": "blue", "status.signed": "gray",
        "status.voided": "gray",
    },
    "organizers": {"status.submitted": "orange", "status.pending": "blue", "status.sealed": "gray"},
    "login_activity": {"outcome.failed": "red"},
    "notes": {"is_pinned": "gray"},
    "time_entries": {"is_billed": "gray"},
    "contracts": {
        "status.nobody": "red", "status.declined": "red", "status.pending": "blue", "status.partially_signed": "blue", "status.signed": "gray",
    },
}  # fmt: skip


class Pill(NamedTuple):
    """A word and the colour of its meaning, as Streamlit names it."""

    word: str
    color: str


def is_pill(widget: Widget, column: Column) -> bool:
    """Return whether a column is said as pills."""
    return column.kind in KINDS and (widget.key, column.key) not in PLAIN


def pill_key(widget: Widget, columns: Sequence[Column]) -> str:
    """Return the name of the table's column of pills: the last of these columns that is said so, the one its head sorts by."""
    return next((column.key for column in reversed(columns) if is_pill(widget, column)), "pills")


def pills_of(widget: Widget, columns: Sequence[Column], row: Row, *, is_card: bool = False) -> list[Pill]:
    """Return what a row has to say of itself, the worst first; only what these columns say, and whether it is late."""
    colors, known = COLORS[widget.key], {column.key for column in columns}
    said = [sign for sign in colors if _is_said(sign, row, known) and not (is_card and (widget.key, sign) in NOT_ON_CARDS)]
    if widget.key == "tasks" and len(said) > 1:
        said = [sign for sign in said if sign not in ONLY_ALONE] or said[:1]
    elif "overdue" in said:
        said = [sign for sign in said if sign != "status.unpaid"]
    return [Pill(_word(widget, sign), colors[sign]) for sign in said[:MAX_PILLS]]


def pill_array(pills: Sequence[Sequence[Pill]]) -> pa.Array:
    """Return the words of each row's pills for a table."""
    return pa.array([[pill.word for pill in row] for row in pills], pa.list_(pa.string()))


def pill_column(label: str, pills: Sequence[Sequence[Pill]], width: int | None) -> Any:
    """Return how Streamlit shows a column of pills: each word in its colour."""
    colors = {pill.word: pill.color for row in pills for pill in row}
    return st.column_config.MultiselectColumn(label, width=width, options=list(colors), color=list(colors.values()) or None)


def _is_said(sign: str, row: Row, known: set[str]) -> bool:
    if sign == "overdue":
        return bool(row.get("is_overdue"))
    if sign == "today":
        return row.get("due_on") == today() and row.get("status") in ("planned", "in_progress", "waiting")
    column, _, code = sign.partition(".")
    return column in known and (row[column] == code if code else bool(row[column]))


def _word(widget: Widget, sign: str) -> str:
    match sign:
        case "overdue" | "is_new" | "is_pinned":
            return t(f"widgets.{widget.key}.mark")
        case "is_billed":
            return t("widgets.time_entries.billed")
        case "today":
            return t("widgets.tasks.due_today")
        case "status.received_unread":
            return t("widgets.emails.mark")
        case _:
            return t(f"widgets.{widget.key}.{sign}")
