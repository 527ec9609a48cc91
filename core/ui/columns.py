"""From declared columns to a table people read: words for codes, dates and money in the person's language."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import streamlit as st

from core.i18n import language, t
from core.i18n.formats import hours, local, money
from core.store import Row
from core.ui.table_clicks import head
from core.widgets.spec import Column, Widget

_DAY = {"de": "DD.MM.YYYY", "en": "DD/MM/YYYY"}
# Card columns stand in about 450 px at 1280: what is not the name gets what it needs, the name gives way.
CARD = 450
_NARROW = {"flag": 44, "date": 80, "moment": 80, "money": 84, "payable": 84, "hours": 64, "progress": 72, "yes_no": 76, "choice": 78}
_TEXT, _STAGE, _WIDE_AT_LEAST = 84, 116, 92


def written(widget: Widget, column: Column, row: Row) -> str | None:
    """One cell as text; dates and moments are left to the table itself."""
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
        case _:
            return None if value is None else " ".join(str(value).split())


def table_of(widget: Widget, columns: Sequence[Column], rows: Sequence[Row]) -> pa.Table:
    """The rows as an Arrow table: days and moments typed (so that a click on the head sorts them), all else written out."""
    arrays = []
    for column in columns:
        if column.kind == "date":
            arrays.append(pa.array([row[column.key] for row in rows], pa.date32()))
        elif column.kind == "moment":
            moments = [None if row[column.key] is None else local(row[column.key]).replace(tzinfo=None) for row in rows]
            arrays.append(pa.array(moments, pa.timestamp("ms")))
        else:
            arrays.append(pa.array([written(widget, column, row) for row in rows], pa.string()))
    return pa.Table.from_arrays(arrays, names=[column.key for column in columns])


def config_of(
    widget: Widget, columns: Sequence[Column], *, with_time: bool = False, sort: str | None = None, descending: bool = False
) -> dict[str, object]:
    """How Streamlit shows the columns: label, width, alignment. The wide column gives way first; an arrow says what is sorted by."""
    config: dict[str, object] = {}
    day = _DAY[language()]
    widths = {c.key: c.width or _NARROW.get(c.kind, _STAGE if c.kind == "stage" else _TEXT) for c in columns if not c.wide}
    wide = None if with_time else max(CARD - sum(widths.values()), _WIDE_AT_LEAST)
    for column in columns:
        name = t(f"widgets.{widget.key}.col.{column.key}") or t(f"widgets.{widget.key}.mark")
        label = head(name, sorted_by=column.key == sort, descending=descending)
        width = widths.get(column.key, wide) if not with_time or column.kind == "flag" else None
        if column.kind == "date":
            config[column.key] = st.column_config.DateColumn(label, width=width, format=day)
        elif column.kind == "moment":
            shown = f"{day}, HH:mm" if with_time else day
            config[column.key] = st.column_config.DatetimeColumn(label, width=width, format=shown)
        else:
            side = "right" if column.kind in ("money", "hours", "payable") else None
            config[column.key] = st.column_config.TextColumn(label, width=width, alignment=side)
    return config
