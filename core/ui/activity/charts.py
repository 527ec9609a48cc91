"""Charts of *Auswertung*: bars and week lines whose marks open lists, and the same numbers under them as buttons for the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import pyarrow as pa
import streamlit as st

from core.i18n import t
from core.i18n.formats import locale
from core.ui.activity.words import short_week
from core.ui.parts.escape import esc, md
from core.ui.state.ui_state import ui_state

Tone = Literal["us", "client", "third", "late", "calm"]
# The colours of the theme by their meaning, for light and dark: Streamlit's theme leaves colours alone that a chart names.
_TONES: dict[Tone, tuple[str, str]] = {
    "us": ("#c2620a", "#e0913f"), "client": ("#3b7dd8", "#6aa5ec"), "third": ("#7d8a86", "#9aa8a4"), "late": ("#c93a31", "#f0764a"),
    "calm": ("#1f7a73", "#4fb3a9"),
}  # fmt: skip
ROW_PX, NARROW_ROW_PX, LABEL_PX = 24, 26, 172
WEEKS_PX = 210


@dataclass(frozen=True)
class Series:
    """One kind of marks: its code, words and colour."""

    code: str
    words: str
    tone: Tone


@dataclass(frozen=True)
class Mark:
    """A bar or a point: the row or week it stands in, its series, its number, the list it opens, and the number as people read it."""

    row: str
    series: str
    value: float
    pick: str
    said: str
    is_open: bool = False
    is_before: bool = False


def open_pick(text: str) -> None:
    """Open a list with the next run."""
    state = ui_state().activity
    state.pick, state.sort, state.descending = text, "", False
    state.key_epoch += 1


def block_head(title: str, note: str, series: Sequence[Series] = ()) -> None:
    """Draw a block's title, what it says beside, and its colours as words."""
    words = "".join(
        f'<span class="kb-series"><i style="background: light-dark({_TONES[one.tone][0]}, {_TONES[one.tone][1]})"></i>{esc(one.words)}</span>'
        for one in series
    )
    st.html(f'<div class="kb-head"><h2>{esc(title)}</h2><span class="kb-tile">{esc(note)}</span></div><div class="kb-legend">{words}</div>')


def bars(key: str, marks: Sequence[Mark], series: Sequence[Series], alt_words: str) -> None:
    """Draw rows of stacked bars; a bar opens its list."""
    if not marks:
        st.caption(t("activity.nothing"))
        return
    totals: dict[str, float] = {}
    for mark in marks:
        totals[mark.row] = totals.get(mark.row, 0) + mark.value
    places = {one.code: place for place, one in enumerate(series)}
    frame = pa.Table.from_pylist(
        [
            {"row": mark.row, "series": mark.series, "value": mark.value, "pick": mark.pick, "said": f"{mark.row} · {_of(series, mark)}: {mark.said}",
             "place": places[mark.series]}
            for mark in marks
        ]
    )  # fmt: skip
    axis = alt.Axis(labelLimit=LABEL_PX, labelOverlap=False, ticks=False, domain=False, title=None, description=alt_words)
    chart = (
        alt.Chart(frame)
        .mark_bar(cursor="pointer", height={"band": 0.72})
        .encode(
            y=alt.Y("row:N", sort=list(totals), axis=axis),
            x=alt.X("value:Q", axis=None, stack="zero"),
            color=_colors(series),
            order=alt.Order("place:Q"),
            tooltip=alt.Tooltip("said:N", title=" "),
            description="said:N",
        )
        .add_params(alt.selection_point(name="pressed", fields=["pick"]))
        .properties(height=ROW_PX * len(totals) + 8, padding={"left": 0, "right": 0, "top": 0, "bottom": 0})
    )
    _draw(key, chart, alt_words)
    _numbers(key, marks, series)


def weeks(key: str, marks: Sequence[Mark], series: Sequence[Series], alt_words: str) -> None:
    """Draw a line for each series over the weeks, last year's thin, the present week hollow; a point opens its list."""
    if not marks:
        st.caption(t("activity.nothing"))
        return
    order = list(dict.fromkeys(mark.row for mark in marks))
    frame = pa.Table.from_pylist(
        [
            {"week": mark.row, "series": mark.series, "value": mark.value, "pick": mark.pick, "is_before": mark.is_before, "is_open": mark.is_open,
             "said": f"{_of(series, mark)}: {mark.said}"}
            for mark in marks
        ]
    )  # fmt: skip
    labels = {week: short_week(week) for week in order}
    step = max(1, len(order) // 7)
    shown = [week for place, week in enumerate(order) if place % step == 0]
    labelled = " : ".join(f"datum.value == '{week}' ? '{labels[week]}'" for week in shown) + " : ''"
    x = alt.X(
        "week:O",
        sort=order,
        axis=alt.Axis(title=None, labelExpr=labelled, labelAngle=0, ticks=False, labelOverlap=False, description=alt_words),
    )
    y = alt.Y("value:Q", axis=alt.Axis(title=None, tickCount=4, format=",d", description=alt_words))
    dash = alt.StrokeDash("series:N", scale=alt.Scale(domain=[one.code for one in series], range=[[1, 0], [5, 3]]), legend=None)
    base = alt.Chart(frame).encode(x=x, y=y, color=_colors(series))
    before = base.transform_filter("datum.is_before").mark_line(strokeWidth=1, opacity=0.45).encode(strokeDash=dash)
    lines = base.transform_filter("!datum.is_before").mark_line(strokeWidth=2).encode(strokeDash=dash)
    points = (
        base.transform_filter("!datum.is_before")
        .mark_point(cursor="pointer", size=70, strokeWidth=2, filled=False)
        .encode(
            fill=alt.condition("datum.is_open", alt.value("transparent"), alt.Fill("series:N", scale=_scale(series), legend=None)),
            tooltip=alt.Tooltip("said:N", title=" "),
            description="said:N",
        )
        .add_params(alt.selection_point(name="pressed", fields=["pick"]))
    )
    _draw(key, alt.layer(before, lines, points).properties(height=WEEKS_PX), alt_words)
    _numbers(key, [mark for mark in marks if not mark.is_before], series, short_week)


def _of(series: Sequence[Series], mark: Mark) -> str:
    return next(one.words for one in series if one.code == mark.series)


def _scale(series: Sequence[Series]) -> alt.Scale:
    is_dark = st.context.theme.type == "dark"
    return alt.Scale(domain=[one.code for one in series], range=[_TONES[one.tone][is_dark] for one in series])


def _colors(series: Sequence[Series]) -> alt.Color:
    return alt.Color("series:N", scale=_scale(series), legend=None)


def _sign(name: str) -> str:
    """Return how a person's language parts decimals or thousands."""
    return str(locale().number_symbols["latn"][name])


def _draw(key: str, chart: Any, alt_words: str) -> None:
    chart = chart.configure(
        locale={"number": {"decimal": _sign("decimal"), "thousands": _sign("group"), "grouping": [3], "currency": ["", ""]}}
    )
    epoch = f"chart-{key}-{ui_state().activity.key_epoch}"
    st.altair_chart(chart, key=epoch, on_select=lambda: _pressed(epoch), selection_mode="pressed", alt=alt_words)


def _pressed(key: str) -> None:
    chosen = st.session_state[key].selection.get("pressed") or []
    if chosen and isinstance(text := chosen[0].get("pick"), str):
        open_pick(text)


def _name(row: str) -> str:
    """Return what a row of bars is called, without the total that stands behind it."""
    return row.rpartition(" · ")[0] or row


def _words(mark: Mark, series: Sequence[Series], row_words: Callable[[str], str]) -> str:
    return " · ".join([row_words(mark.row)] + ([_of(series, mark)] if len(series) > 1 else []))


def _reached(key: str) -> None:
    if isinstance(text := st.session_state.get(key), str):
        open_pick(text)


def _numbers(key: str, marks: Sequence[Mark], series: Sequence[Series], row_words: Callable[[str], str] = _name) -> None:
    """Draw the same numbers, by row: in sight once the keyboard reaches them, and behind a line that opens them for everybody else."""
    said = {mark.pick: f"{_words(mark, series, row_words)}: {mark.said}" for mark in marks if mark.value}
    direct = f"direct-{key}-{ui_state().activity.key_epoch}"
    st.pills(
        t("activity.numbers_of", chart=t(f"activity.measure.{key}")), list(said), key=direct, label_visibility="collapsed",
        format_func=lambda pick: md(said.get(pick, "")), on_change=_reached, args=(direct,),
    )  # fmt: skip
    with st.expander(t("activity.numbers"), type="compact", key=f"numbers-{key}", on_change="rerun") as numbers:
        if not numbers.open:
            return
        with st.container(horizontal=True, gap="xsmall", key=f"number-list-{key}"):
            for mark in marks:
                if mark.value:
                    st.button(md(said[mark.pick]), key=f"number-{key}-{mark.pick}", type="tertiary", on_click=open_pick, args=(mark.pick,))
