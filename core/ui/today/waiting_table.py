"""The rows of a card of *Heute* as a table: the client, what waits, since when or until when, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import pyarrow as pa
import streamlit as st

from core.activity.today import Card
from core.i18n import t
from core.i18n.formats import day_input_format, local, money, number, today
from core.store import Row
from core.ui.overview.full_list import open_list
from core.ui.parts.columns import CARD_WIDTH_PX, ROW_PX, room, table_height
from core.ui.parts.navigate import open_account_next
from core.ui.parts.return_to_list import ask_for
from core.ui.parts.table_clicks import key_of, label_of, opening_column

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
# How the width that the short columns leave is shared between the client and what waits.
_CLIENT_SHARE = 0.5


def waiting_table(card: Card, rows: Sequence[Row]) -> None:
    """Draw the rows of a card; the client's name opens the client at the thing that waits."""
    columns = _COLUMNS[card]
    texts = {column: [_text(column, row) for row in rows] for column in columns if column in ("items", "amount", "state")}
    widths = {column: _width(column, texts.get(column, [])) for column in columns}
    spare = CARD_WIDTH_PX - sum(widths.values())
    labels = tuple(label_of(row["client"]) for row in rows)
    places = tuple((row["kind"], row["account_id"], row["item_id"], row["items"]) for row in rows)
    key = key_of(f"today-{card}", places)
    table = {"client": pa.array(labels, pa.string()), "what": pa.array([" ".join(row["title"].split()) for row in rows], pa.string())}
    config: dict[str, Any] = {
        "client": opening_column(t("today.col.client"), key, places, labels, _open, width=int(spare * _CLIENT_SHARE)),
        "what": st.column_config.TextColumn(t(f"today.card.{card}.what"), width=spare - int(spare * _CLIENT_SHARE)),
    }
    for column in columns:
        table[column] = pa.array(texts[column], pa.string()) if column in texts else _days(column, rows)
        config[column] = _shown(column, widths[column])
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


def _open(place: tuple[str, int, int, int]) -> None:
    """Show the client with the next run, and there the thing that was pressed; of several things, their list."""
    kind, account_id, item_id, items = place
    if items == 1:
        ask_for(kind, item_id, account_id=account_id)
    else:
        open_list(_LISTS[kind])
    open_account_next(account_id)


def _text(column: str, row: Row) -> str:
    if column == "items":
        return number(row["items"])
    if column == "amount":
        return money(row["amount"])
    if row["kind"] != "task":
        return t(f"today.state.{row['kind']}_{row['turn']}")
    if row["due_on"] > today():
        return ""
    return t("today.state.overdue" if row["due_on"] < today() else "today.state.today")


def _days(column: str, rows: Sequence[Row]) -> pa.Array:
    if column == "due_on":
        return pa.array([row["due_on"] for row in rows], pa.date32())
    return pa.array([local(row["since_at"]).date() for row in rows], pa.date32())


def _width(column: str, texts: Sequence[str]) -> int:
    """Return the width in pixels in which the head and every cell of a short column can be read."""
    return max(room(text) for text in (t(f"today.col.{column}"), *(texts or ["28.08.2028"])))


def _shown(column: str, width: int) -> Any:
    label = t(f"today.col.{column}")
    if column in ("due_on", "since_at", "newest_at"):
        return st.column_config.DateColumn(label, width=width, format=day_input_format())
    side: Literal["right"] | None = "right" if column in ("items", "amount") else None
    return st.column_config.TextColumn(label, width=width, alignment=side)
