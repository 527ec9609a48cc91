"""Amounts and days as conditions of a full list: from and until, each open where nothing is typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import streamlit as st

from core.base.errors import InvalidValue
from core.base.fields import Field, clean_value
from core.i18n import language, t
from core.i18n.formats import day_input_format
from core.overview.listing import RANGED, Range
from core.overview.spec import Column, Widget
from core.ui.parts.escape import md

ENDS = ("from", "until")
FIRST_DAY, LAST_DAY = date(1800, 1, 1), date(2200, 12, 31)


def blank_ranges(widget: Widget) -> dict[str, str | None]:
    """Return the keys of the inputs, each with its value when nothing is wanted."""
    return {_key(widget, column, end): "" if column.kind == "money" else None for column in _ranged(widget.columns) for end in ENDS}


def range_inputs(widget: Widget, columns: Sequence[Column]) -> dict[str, Range]:
    """Draw the inputs behind one button; return what is wanted, by the key of the column. What makes no sense is said and left out."""
    wanted: dict[str, Range] = {}
    ranged = _ranged(columns)
    if not ranged:
        return wanted
    with st.popover(t("widgets.common.ranges"), icon=":material/tune:", key=f"ranges-{widget.key}"):
        for column in ranged:
            label = t(f"widgets.{widget.key}.col.{column.key}")
            for cell, end in zip(st.columns(2), ENDS, strict=True):
                _input(cell, widget, column, end, label)
            try:
                ends = _ends(widget, column)
            except InvalidValue as bad:
                code, filling = bad.problem
                st.caption(f":red[{md(t(f'errors.{code}', **filling))}]")
                continue
            if ends != (None, None):
                wanted[column.key] = ends
    # Another label would be another popover, and close the open one. The rule is drawn always: one that is left out would stay.
    count = f" · {len(wanted)}" if wanted else ""
    st.html(f'<style>.st-key-ranges-{widget.key} [data-testid="stPopoverButton"] p::after {{ content: "{count}"; }}</style>')
    return wanted


def _ranged(columns: Sequence[Column]) -> list[Column]:
    return [column for column in columns if column.kind in RANGED and not column.scoped]


def _key(widget: Widget, column: Column, end: str) -> str:
    return f"{end}-{widget.key}-{column.key}"


def _input(cell: st.delta_generator.DeltaGenerator, widget: Widget, column: Column, end: str, label: str) -> None:
    key = _key(widget, column, end)
    if column.kind == "money":
        cell.text_input(t(f"widgets.common.amount_{end}", what=label), key=key, autocomplete="off")
        return
    cell.date_input(
        t(f"widgets.common.day_{end}", what=label), value=None, key=key, format=day_input_format(), min_value=FIRST_DAY, max_value=LAST_DAY
    )


def _ends(widget: Widget, column: Column) -> Range:
    """Return what was typed for both ends. Raises InvalidValue."""
    first, last = (_end(widget, column, end) for end in ENDS)
    if first is not None and last is not None and last < first:
        if column.kind == "money":
            raise InvalidValue("from_after_until")
        raise InvalidValue("day_from_after_until")
    return first, last


def _end(widget: Widget, column: Column, end: str) -> Any:
    """Return what was typed for one end, an amount or a day; None for nothing. Raises InvalidValue."""
    raw = st.session_state.get(_key(widget, column, end))
    if raw in (None, ""):
        return None
    if column.kind == "money":
        return clean_value(Field("value", "money"), raw, language())
    return raw if isinstance(raw, date) else None
