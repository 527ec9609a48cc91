"""Turn declared columns into a table people read: words for codes, dates and money in the person's language, how a row stands as pills.

A list has days typed, so that they sort, and names in full; a card says both shortly and keeps the whole for the pointer.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import pyarrow as pa
import streamlit as st

from core.i18n import language, t
from core.i18n.devices import device
from core.i18n.formats import currency, day_input_format, hours, local, money, today, zone
from core.overview.spec import Column, Widget
from core.store import Row
from core.ui.parts.pills import Pill, is_pill, pill_array, pill_column, pill_key, pills_of
from core.ui.parts.short_words import in_full, short_day, short_moment, short_name, short_names, short_sender, whole_attribute
from core.ui.parts.table_clicks import INDENT_PX, head, label_of

# The width of a card's table in a window of 1280 px, beside the widest scroll bar a browser has: it begins left of the card (overview.css).
CARD_WIDTH_PX = 482
# The same on a phone of 360 px.
PHONE_WIDTH_PX = 352
# On a card the name gets no less; what stands beside it gives way first, then goes.
NAME_LEAST_PX = 150
MIN_WIDTH_PX = 58
MAX_TEXT_PX = 132
CELL_PADDING_PX = 16
# So wide is the column of pills at least, so that pills stand under each other from card to card; and what a pill needs beside its word.
PILLS_LEAST_PX = 96
PILL_GAP_PX = 5
# What leaves a card that has no room for it, in this order.
LEAVING = ("network_address", "member", "device", "amount", "payable")
# The last letter, an invisible one, of a head that ellipsis.js writes at the right, over figures.
OVER_FIGURES = "\u200b"
# Columns of people's names, which a card says shortly.
PEOPLE = frozenset({"uploaded_by", "last_by_name", "saved_by", "member"})
# Who did something: a phone leaves it out.
WHO = PEOPLE | {"assignees", "partner"}
# The height of a row as every table here asks for it, of the head that Streamlit draws with it, and of the frame around both.
ROW_PX = 28
HEAD_PX = 33
FRAME_PX = 2
# The place of a kind of column on a card, behind the name: who, how far, when, how much, and how the row stands.
_PLACES = {"date": 1, "moment": 1, "hours": 2, "money": 2, "payable": 2}
_RIGHT = frozenset({"money", "hours", "payable"})
# Letters by their width in pixels in the tables' font, as Chromium measures them and a little more.
_LETTERS_BY_WIDTH = {
    2.8: " ", 3.45: ".,;:'|!ijlI·", 4.65: "frt/-()", 6.25: "csvxyzY–", 6.85: "0123456789aäegkFJLVX€+", 8.7: "BCDGHKNOQUÖÜ&", 9.65: "wM", 11.05: "mW@",
}  # fmt: skip
# Of every other letter.
DEFAULT_LETTER_PX = 7.4
_WORDS = re.compile(r"[^\W\d_]{4,}")
_LETTER_PX = {letter: width for width, letters in _LETTERS_BY_WIDTH.items() for letter in letters}


class CardTable(NamedTuple):
    """The rows of a card as a table.

    Attributes:
        table: what Streamlit draws.
        config: how it shows the columns.
        labels: the words that open each row.
        whole: what cells that are said shortly say in full, as the attribute of the card's head (``whole_attribute``).
    """

    table: pa.Table
    config: dict[str, Any]
    labels: tuple[str, ...]
    whole: str


def table_height(rows: int, most: int | None = None) -> int:
    """Return the height in pixels that shows so many rows, at most ``most``: with a pixel less the browser draws a scroll bar."""
    return HEAD_PX + ROW_PX * (rows if most is None else min(rows, most)) + FRAME_PX


def figure_head(label: str) -> str:
    """Return the label of a column of figures; it stands at the right, over them."""
    return label + OVER_FIGURES


def cell_text(widget: Widget, column: Column, row: Row) -> str | None:
    """Return a cell as text; dates and moments are left to the table itself."""
    value = row[column.key]
    key = f"widgets.{widget.key}"
    match column.kind:
        case "flag":
            return t(f"{key}.mark") if value else ""
        case "choice":
            if column.key == "status" and row.get("is_overdue") and widget.key == "unpaid_invoices":
                return f"{t(f'{key}.status.overdue')} · {t(f'{key}.status.{value}')}"
            return None if value is None else t(f"{key}.{column.key}.{value}")
        case "money":
            return money(value)
        case "hours":
            return hours(value)
        case "progress":
            return t("widgets.common.of", x=value, y=row[column.of])
        case "stage":
            return t("widgets.common.stage", x=row["place"], y=row["places"], name=value)
        case "payable":
            if not value:
                return t(f"{key}.payable.no")
            return t(f"{key}.payable.full") if value >= row["open_amount"] else money(value)
        case "yes_no":
            return t("common.yes" if value else "common.no")
        case "device":
            return device(value)
        case _:
            return None if value is None else " ".join(str(value).split())


def opener(widget: Widget, columns: Sequence[Column]) -> Column | None:
    """Return the column whose words open the row: the one that names it; None where rows do not open."""
    return next((column for column in columns if column.wide), None) if widget.opens else None


def labels_of(widget: Widget, columns: Sequence[Column], rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the words that open each row, as ``table_of`` writes them; nothing where rows do not open."""
    column = opener(widget, columns)
    return tuple(label_of(cell_text(widget, column, row)) for row in rows) if column else ()


def table_of(widget: Widget, columns: Sequence[Column], rows: Sequence[Row]) -> pa.Table:
    """Return the rows of a list: days and moments typed (so that a click on the head sorts them), pills at the end, the rest as text."""
    arrays: dict[str, pa.Array] = {}
    opens = opener(widget, columns)
    for column in _beside_pills(widget, columns):
        if column is opens:
            arrays[column.key] = pa.array(labels_of(widget, columns, rows), pa.string())
        elif column.kind == "date":
            arrays[column.key] = pa.array([row[column.key] for row in rows], pa.date32())
        elif column.kind == "moment":
            moments = [None if row[column.key] is None else local(row[column.key]).replace(tzinfo=None) for row in rows]
            arrays[column.key] = pa.array(moments, pa.timestamp("ms"))
        else:
            arrays[column.key] = pa.array([_shown(widget, column, row) for row in rows], pa.string())
    if has_pills(widget, columns):
        arrays[pill_key(widget, columns)] = pill_array([pills_of(widget, columns, row) for row in rows])
    return pa.table(arrays)


def has_pills(widget: Widget, columns: Sequence[Column]) -> bool:
    """Return whether a list of the widget has a column of pills."""
    return widget.mark == "is_overdue" or any(is_pill(widget, column) for column in columns)


def _beside_pills(widget: Widget, columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if not is_pill(widget, column)]


def _shown(widget: Widget, column: Column, row: Row) -> str | None:
    """Return a cell as it is drawn: nothing is not written, and whom something was sent to is told from whom it came."""
    text = cell_text(widget, column, row)
    if (widget.key, column.key) == ("emails", "partner") and text and not row["status"].startswith("received"):
        return t("widgets.emails.to", who=text)
    return "" if column.kind == "payable" and not row[column.key] else text


def card_text(widget: Widget, column: Column, row: Row) -> str:
    """Return a cell as a card says it: names, days and addresses shortly, what belongs to a name beside it."""
    value = row[column.key]
    match widget.key, column.key:
        case "chats", "subject":
            return " — ".join(" ".join(part.split()) for part in (value, row["last_message"]) if part)
        case "jobs", "name" if value and row["pipeline"] and not _is_said_in(row["pipeline"], value):
            return f"{cell_text(widget, column, row)} · {row['pipeline']}"
        case "emails", "partner":
            sender = short_sender(value)
            return sender if row["status"].startswith("received") or not sender else t("widgets.emails.to", who=sender)
        case "tasks", "assignees":
            return short_names(value)
        case _, key if key in PEOPLE:
            return short_name(value)
    match column.kind:
        case "date":
            return short_day(value)
        case "moment":
            return short_moment(value, with_time=widget.key == "login_activity")
        case "stage" if value is not None:
            return t("widgets.common.stage_short", x=row["place"], y=row["places"], name=value)
        case _:
            return _shown(widget, column, row) or ""


def _is_said_in(pipeline: str, name: str) -> bool:
    """Return whether a name holds one of the longer words of its pipeline."""
    own = {word.casefold() for word in _WORDS.findall(name)}
    return any(word.casefold() in own for word in _WORDS.findall(pipeline))


def card_table(widget: Widget, columns: Sequence[Column], rows: Sequence[Row], *, is_phone: bool = False) -> CardTable:
    """Return the rows of a card, from memory for a client who is opened again unchanged; on a phone without who, and with one pill each."""
    names = tuple(rows[0])
    values = tuple(tuple(row[name] for name in names) for row in rows)
    return _card_table(is_phone, widget, tuple(columns), names, values, language(), str(zone()), currency(), today().isoformat())


@lru_cache(maxsize=600)
def _card_table(
    is_phone: bool, widget: Widget, columns: tuple[Column, ...], names: tuple[str, ...], values: tuple[tuple, ...], *_: str
) -> CardTable:
    rows = [dict(zip(names, row, strict=True)) for row in values]
    beside = sorted(_beside_pills(widget, columns), key=lambda column: -1 if column.wide else _PLACES.get(column.kind, 0))
    pills = [pills_of(widget, columns, row, is_card=True) for row in rows]
    if is_phone:
        beside, pills = [column for column in beside if column.key not in WHO], [row[:1] for row in pills]
    texts = {column.key: [card_text(widget, column, row) for row in rows] for column in beside}
    opens = opener(widget, columns)
    if opens:
        texts[opens.key] = [label_of(text) for text in texts[opens.key]]
    pills_px = _pills_px(_pills_label(widget, columns), pills) if any(pills) else 0
    widths = _widths(widget, beside, texts, (PHONE_WIDTH_PX if is_phone else CARD_WIDTH_PX) - pills_px)
    shown = [column for column in beside if column.key in widths]
    arrays = {column.key: pa.array(texts[column.key], pa.string()) for column in shown}
    config = {
        column.key: st.column_config.TextColumn(
            figure_head(_label(widget, column)) if column.kind in _RIGHT else _label(widget, column),
            width=widths[column.key],
            alignment="right" if column.kind in _RIGHT else None,
        )
        for column in shown
    }
    if pills_px:
        key = pill_key(widget, columns)
        arrays[key], config[key] = pill_array(pills), pill_column(_pills_label(widget, columns), pills, pills_px)
    whole = {place: [_in_full(widget, column, row) for row in rows] for place, column in enumerate(shown) if not column.wide}
    whole = {place: full for place, full in whole.items() if full != texts[shown[place].key]}
    return CardTable(pa.table(arrays), config, tuple(texts[opens.key]) if opens else (), whole_attribute(whole))


def _in_full(widget: Widget, column: Column, row: Row) -> str:
    """Return a cell of a card as the list says it."""
    if column.kind in ("date", "moment"):
        return in_full(row[column.key])
    return _shown(widget, column, row) or ""


def room(text: str) -> int:
    """Return the width in pixels of a cell in which this text can be read."""
    return math.ceil(CELL_PADDING_PX + sum(_LETTER_PX.get(letter, DEFAULT_LETTER_PX) for letter in text))


def _need(texts: Sequence[str | None], least: int = MIN_WIDTH_PX) -> int:
    return max([least, *(room(text) for text in texts if text)])


def _label(widget: Widget, column: Column) -> str:
    return t(f"widgets.{widget.key}.col.{column.key}")


def _pills_label(widget: Widget, columns: Sequence[Column]) -> str:
    """Return the head over the pills: the word of the column they say, where it is one of codes."""
    key = pill_key(widget, columns)
    is_code = any(column.key == key and column.kind == "choice" for column in columns)
    return t(f"widgets.{widget.key}.col.{key}") if is_code else t("widgets.common.status")


def _pills_px(label: str, pills: Sequence[Sequence[Pill]]) -> int:
    """Return the width in pixels in which the head and all pills of every row can be read."""
    rows = [CELL_PADDING_PX + sum(room(pill.word) for pill in row) + PILL_GAP_PX * (len(row) - 1) for row in pills if row]
    return max(PILLS_LEAST_PX, room(label), *rows)


def _widths(widget: Widget, columns: Sequence[Column], texts: Mapping[str, Sequence[str]], width: int) -> dict[str, int]:
    """Return widths in pixels that fill a card, by the keys of the columns that have room in it.

    Days and figures get what they need, the name the rest; where that is too little, other texts give way, and some columns leave.
    """
    named = next((column for column in columns if column.wide), columns[0])
    needs = {c.key: _need([_label(widget, c), *texts[c.key]], 0) for c in columns if c is not named}
    own = _need([_label(widget, named), *texts[named.key]]) + (INDENT_PX if widget.opens else 0)
    giving = [column.key for column in columns if column is not named and column.kind not in _PLACES]
    _give_way(needs, giving, width - own, MAX_TEXT_PX)
    least = min(own, NAME_LEAST_PX)
    for key in LEAVING:
        if sum(needs.values()) + least > width:
            needs.pop(key, None)
    _give_way(needs, giving, width - least, MIN_WIDTH_PX)
    spare = max(MIN_WIDTH_PX, width - sum(needs.values()))
    return {c.key: spare if c is named else needs[c.key] for c in columns if c is named or c.key in needs}


def _give_way(needs: dict[str, int], giving: Sequence[str], width: int, least: int) -> None:
    """Take from these columns what all need beyond a width in pixels, the widest first, down to ``least`` each."""
    for key in sorted((key for key in giving if key in needs), key=needs.__getitem__, reverse=True):
        needs[key] -= min(max(0, sum(needs.values()) - width), max(0, needs[key] - least))


def config_of(
    widget: Widget, columns: Sequence[Column], rows: Sequence[Row], *, sort: str | None = None, descending: bool = False
) -> dict[str, Any]:
    """Return how Streamlit shows the columns of a list: label with an arrow where it is sorted, alignment."""
    config: dict[str, Any] = {}
    for column in _beside_pills(widget, columns):
        label = head(_label(widget, column), sorted_by=column.key == sort, descending=descending)
        if column.kind == "date":
            config[column.key] = st.column_config.DateColumn(label, format=day_input_format())
        elif column.kind == "moment":
            config[column.key] = st.column_config.DatetimeColumn(label, format=f"{day_input_format()}, HH:mm")
        else:
            is_figure = column.kind in _RIGHT
            config[column.key] = st.column_config.TextColumn(
                figure_head(label) if is_figure else label, alignment="right" if is_figure else None
            )
    if has_pills(widget, columns):
        key, label = pill_key(widget, columns), _pills_label(widget, columns)
        pills = [pills_of(widget, columns, row) for row in rows]
        config[key] = pill_column(head(label, sorted_by=key == sort, descending=descending), pills, _pills_px(label, pills))
    return config
