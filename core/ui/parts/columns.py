"""Turn declared columns into a table people read: words for codes, dates and money in the person's language."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Literal

import pyarrow as pa
import streamlit as st

from core.i18n import language, t
from core.i18n.devices import device
from core.i18n.formats import currency, day_input_format, hours, local, money, zone
from core.overview.spec import Column, Widget
from core.store import Row
from core.ui.parts.table_clicks import INDENT_PX, head, label_of

# The width of a card's table in a window of 1280 px, beside the widest scroll bar a browser has.
CARD_WIDTH_PX = 466
# A column of long text gets no less.
MIN_WIDTH_PX = 58
# How much more than another long text the name gets.
NAME_SHARE = 1.6
CELL_PADDING_PX = 16
# The height of a row as every table here asks for it, of the head that Streamlit draws with it, and of the frame around both.
ROW_PX = 28
HEAD_PX = 33
FRAME_PX = 2
# Kinds of columns that get the width they need; the others share what is left.
_SHORT = frozenset({"flag", "date", "moment", "money", "payable", "hours", "progress", "yes_no"})
# Letters by their width in pixels in the tables' font, as Chromium measures them and a little more.
_LETTERS_BY_WIDTH = {
    2.8: " ", 3.45: ".,;:'|!ijlI·", 4.65: "frt/-()", 6.25: "csvxyzY–", 6.85: "0123456789aäegkFJLVX€+", 8.7: "BCDGHKNOQUÖÜ&", 9.65: "wM", 11.05: "mW@",
}  # fmt: skip
# Of every other letter.
DEFAULT_LETTER_PX = 7.4
_LETTER_PX = {letter: width for width, letters in _LETTERS_BY_WIDTH.items() for letter in letters}


# The rows of a card as a table, how Streamlit shows its columns, and the words that open each row.
CardTable = tuple[pa.Table, dict[str, Any], tuple[str, ...]]


def table_height(rows: int, most: int | None = None) -> int:
    """Return the height in pixels that shows so many rows, at most ``most``: with a pixel less the browser draws a scroll bar."""
    return HEAD_PX + ROW_PX * (rows if most is None else min(rows, most)) + FRAME_PX


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
    """Return the rows as an Arrow table: days and moments typed (so that a click on the head sorts them), the rest as text."""
    arrays = []
    opens = opener(widget, columns)
    for column in columns:
        if column is opens:
            arrays.append(pa.array(labels_of(widget, columns, rows), pa.string()))
            continue
        if column.kind == "date":
            arrays.append(pa.array([row[column.key] for row in rows], pa.date32()))
        elif column.kind == "moment":
            moments = [None if row[column.key] is None else local(row[column.key]).replace(tzinfo=None) for row in rows]
            arrays.append(pa.array(moments, pa.timestamp("ms")))
        else:
            arrays.append(pa.array([cell_text(widget, column, row) for row in rows], pa.string()))
    return pa.Table.from_arrays(arrays, names=[column.key for column in columns])


def card_table(widget: Widget, columns: Sequence[Column], rows: Sequence[Row]) -> CardTable:
    """Return ``table_of``, ``config_of`` and ``labels_of`` of a card, from memory for a client who is opened again unchanged."""
    names = tuple(rows[0])
    values = tuple(tuple(row[name] for name in names) for row in rows)
    return _card_table(widget, tuple(columns), names, values, language(), str(zone()), currency())


@lru_cache(maxsize=600)
def _card_table(widget: Widget, columns: tuple[Column, ...], names: tuple[str, ...], values: tuple[tuple, ...], *_: str) -> CardTable:
    rows = [dict(zip(names, row, strict=True)) for row in values]
    return table_of(widget, columns, rows), config_of(widget, columns, rows), labels_of(widget, columns, rows)


def room(text: str) -> int:
    """Return the width in pixels of a cell in which this text can be read."""
    return math.ceil(CELL_PADDING_PX + sum(_LETTER_PX.get(letter, DEFAULT_LETTER_PX) for letter in text))


def _need(texts: Sequence[str | None], least: int = MIN_WIDTH_PX) -> int:
    return max([least, *(room(text) for text in texts if text)])


def _label(widget: Widget, column: Column) -> str:
    return t(f"widgets.{widget.key}.col.{column.key}") or t(f"widgets.{widget.key}.mark")


def _widths(widget: Widget, columns: Sequence[Column], rows: Sequence[Row]) -> dict[str, int]:
    """Return widths in pixels that fill a card: short columns get what they need, long texts the rest, the name more than the others."""
    needs: dict[str, int] = {}
    opens = opener(widget, columns)
    for column in columns:
        dated = column.kind in ("date", "moment")
        texts = ["28.08.2028"] if dated else [cell_text(widget, column, row) for row in rows]
        needs[column.key] = _need([_label(widget, column), *texts], 0 if column.kind in _SHORT else MIN_WIDTH_PX)
        if column is opens:
            needs[column.key] += INDENT_PX
    long = [column for column in columns if column.kind not in _SHORT]
    spare = CARD_WIDTH_PX - sum(needs.values())
    if spare >= 0:
        first = next((column for column in long if column.wide), long[-1])
        return needs | {first.key: needs[first.key] + spare}
    # There is too little room: words of codes stay whole; every long text gets the same share at most, the name more, and what a column
    # does not need is left to the others.
    share = {column.key: NAME_SHARE if column.wide else 1.0 for column in long if column.kind != "choice"}
    rest = CARD_WIDTH_PX - sum(need for key, need in needs.items() if key not in share)
    if rest < MIN_WIDTH_PX * len(share) and (words := [column.key for column in long if column.kind == "choice"]):
        widest = max(words, key=needs.__getitem__)
        needs[widest], rest = needs[widest] - (MIN_WIDTH_PX * len(share) - rest), MIN_WIDTH_PX * len(share)
    for key in sorted(share, key=lambda key: needs[key] / share[key]):
        fair = min(int(rest * share[key] / sum(share.values())), rest - MIN_WIDTH_PX * (len(share) - 1))
        needs[key] = max(MIN_WIDTH_PX, min(needs[key], fair))
        rest -= needs[key]
        del share[key]
    return needs


def config_of(
    widget: Widget,
    columns: Sequence[Column],
    rows: Sequence[Row] = (),
    *,
    with_time: bool = False,
    sort: str | None = None,
    descending: bool = False,
) -> dict[str, Any]:
    """Return how Streamlit shows the columns: label with an arrow where it is sorted, width (on cards by what the rows hold), alignment."""
    config: dict[str, Any] = {}
    day = day_input_format()
    widths = {} if with_time else _widths(widget, columns, rows)
    for column in columns:
        name = _label(widget, column)
        label = head(name, sorted_by=column.key == sort, descending=descending)
        width = _need([name], 0) if with_time and column.kind == "flag" else widths.get(column.key)
        if column.kind == "date":
            config[column.key] = st.column_config.DateColumn(label, width=width, format=day)
        elif column.kind == "moment":
            shown = f"{day}, HH:mm" if with_time else day
            config[column.key] = st.column_config.DatetimeColumn(label, width=width, format=shown)
        else:
            side: Literal["right"] | None = "right" if column.kind in ("money", "hours", "payable") else None
            config[column.key] = st.column_config.TextColumn(label, width=width, alignment=side)
    return config
