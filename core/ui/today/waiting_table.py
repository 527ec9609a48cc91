"""The rows of a card of *Heute* as a table: the client, what waits, since when or until when, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import streamlit as st

from core.activity.today import Card
from core.i18n import t
from core.i18n.formats import money, number, today
from core.store import Row
from core.ui.overview.full_list import open_list
from core.ui.overview.set_aside_form import ask_aside
from core.ui.overview.turn_line import open_turn_list
from core.ui.parts.columns import CARD_WIDTH_PX, CELL_PADDING_PX, PHONE_WIDTH_PX, PILLS_LEAST_PX, ROW_PX, figure_head, room, table_height
from core.ui.parts.navigate import open_account_next
from core.ui.parts.pills import Pill, pill_array, pill_column
from core.ui.parts.return_to_list import ask_for
from core.ui.parts.short_words import in_full, short_day, short_moment
from core.ui.parts.table_clicks import key_of, label_of, opening_column
from core.ui.state.ui_state import ui_state

# The rows of a card that is shown whole before it scrolls.
MAX_ROWS_HIGH = 15
# The widget that lists several things of a client.
_LISTS = {"document": "documents", "email": "emails"}
# The columns of a card behind the client and what waits.
_COLUMNS: dict[Card, tuple[str, ...]] = {
    "tasks": ("due_on", "state"),
    "chats": ("since_at",),
    "documents": ("newest_at", "items"),
    "emails": ("newest_at", "items"),
    "signing": ("since_at", "state"),
    "organizers": ("newest_at",),
    "invoices": ("due_on", "amount"),
}
# On a phone one column stands there, so that the client and what waits can be read.
_ON_A_PHONE: dict[Card, tuple[str, ...]] = {
    **{card: columns[:1] for card, columns in _COLUMNS.items()}, "documents": ("items",), "emails": ("items",), "signing": ("state",), "invoices": ("amount",),
}  # fmt: skip
# Columns that are said as pills.
PILLS = frozenset({"state", "items"})
# The button at the end of a row, and its width in pixels.
ASIDE, ASIDE_PX = "⋯", 38
# How the width that the short columns leave is shared between the client and what waits.
_CLIENT_SHARE = 0.5


def waiting_table(card: Card, rows: Sequence[Row]) -> None:
    """Draw the rows of a card; the client's name opens the client at the thing that waits."""
    columns = _columns_of(card)
    texts = {column: [_text(column, row) for row in rows] for column in columns}
    widths = {column: _width(column, texts[column]) for column in columns}
    spare = (PHONE_WIDTH_PX if ui_state().is_narrow else CARD_WIDTH_PX) - sum(widths.values()) - ASIDE_PX
    labels = tuple(label_of(row["client"]) for row in rows)
    places = tuple((row["kind"], row["account_id"], row["item_id"], row["items"]) for row in rows)
    key = key_of(f"today-{card}", places)
    table = {"client": pa.array(labels, pa.string()), "what": pa.array([" ".join(row["title"].split()) for row in rows], pa.string())}
    config: dict[str, Any] = {
        "client": opening_column(t("today.col.client"), key, places, labels, _open, width=int(spare * _CLIENT_SHARE)),
        "what": st.column_config.TextColumn(t(f"today.card.{card}.what"), width=spare - int(spare * _CLIENT_SHARE)),
    }
    for column in columns:
        pills = (
            [[Pill(text, _color(row))] if text else [] for text, row in zip(texts[column], rows, strict=True)] if column in PILLS else []
        )
        table[column] = pill_array(pills) if pills else pa.array(texts[column], pa.string())
        config[column] = pill_column(t(f"today.col.{column}"), pills, widths[column]) if pills else _shown(column, widths[column])
    acts = (ASIDE,) * len(rows)
    table["aside"] = pa.array(acts, pa.string())
    config["aside"] = opening_column(ASIDE, key, rows, acts, _set_aside, width=ASIDE_PX, act="sets-aside")
    st.dataframe(
        pa.table(table),
        column_config=config,
        hide_index=True,
        row_height=ROW_PX,
        height=table_height(len(rows), MAX_ROWS_HIGH),
        placeholder="",
        alt=t(f"today.card.{card}.title"),
        key=key,
    )


def _columns_of(card: Card) -> tuple[str, ...]:
    return (_ON_A_PHONE if ui_state().is_narrow else _COLUMNS)[card]


def whole_of(card: Card, rows: Sequence[Row]) -> dict[int, list[str]]:
    """Return what the days of a card say in full, by the place of their column."""
    days = {"due_on": "due_on", "since_at": "since_at", "newest_at": "since_at"}
    return {2 + place: [in_full(row[days[column]]) for row in rows] for place, column in enumerate(_columns_of(card)) if column in days}


def _open(place: tuple[str, int, int, int]) -> None:
    """Show the client with the next run, and there the thing that was pressed; of several things, their list."""
    kind, account_id, item_id, items = place
    if items == 1:
        ask_for(kind, item_id, account_id=account_id)
    else:
        open_list(_LISTS[kind])
    open_account_next(account_id)


def _set_aside(row: Row) -> None:
    """Ask for how long the thing is set aside; of several things of a client, show them with the next run, to choose from."""
    if row["items"] == 1:
        ask_aside(row["account_id"], row["kind"], row["item_id"], row["title"])
    else:
        open_turn_list(row["turn"], row["kind"])
        open_account_next(row["account_id"])


def _text(column: str, row: Row) -> str:
    if column == "items":
        return number(row["items"])
    if column == "amount":
        return money(row["amount"])
    if column == "due_on":
        return short_day(row["due_on"])
    if column in ("since_at", "newest_at"):
        return short_moment(row["since_at"])
    if row["kind"] != "task":
        return t(f"today.state.{row['kind']}_{row['turn']}")
    if row["due_on"] > today():
        return ""
    return t("today.state.overdue" if row["due_on"] < today() else "today.state.today")


def _color(row: Row) -> str:
    """Return the colour of what a row says of itself: late is a problem, what is on the client blue, the rest ours to do."""
    if row["kind"] == "task":
        return "red" if row["due_on"] < today() else "orange"
    return {"client": "blue", "us": "red"}.get(row["turn"], "orange") if row["kind"] in ("approval", "signature", "contract") else "orange"


def _width(column: str, texts: Sequence[str]) -> int:
    """Return the width in pixels in which the head and every cell of a short column can be read."""
    need = max(room(text) for text in (t(f"today.col.{column}"), *texts))
    return max(PILLS_LEAST_PX, need + CELL_PADDING_PX) if column in PILLS else need


def _shown(column: str, width: int) -> Any:
    label = t(f"today.col.{column}")
    if column == "amount":
        return st.column_config.TextColumn(figure_head(label), width=width, alignment="right")
    return st.column_config.TextColumn(label, width=width)
