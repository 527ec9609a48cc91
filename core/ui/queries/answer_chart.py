"""Draw an answer as bars or lines, by the columns somebody chose."""

from __future__ import annotations

from math import isfinite
from typing import Any

import altair as alt
import pyarrow as pa
import streamlit as st

from core.activity.own_queries import Answer
from core.activity.saved_queries import CHART_KINDS
from core.i18n import t
from core.i18n.formats import number
from core.ui.parts.escape import esc
from core.ui.queries.cells import cell_text, written_as
from core.ui.state.ui_state import ui_state

NUMBERS = ("integer", "decimal", "float")
# More bars cannot be read, and more points cost the browser more than they show.
MAX_BARS, MAX_POINTS = 60, 1000
MAX_COLORS = 8
BAR_PX, LINES_PX, LABEL_PX = 24, 260, 160
MAX_LABEL_CHARS = 60
# Light and dark, told apart by who does not see colours too: the first eight that are used.
COLORS = (
    ("#1f7a73", "#c2620a", "#3b7dd8", "#7d8a86", "#c93a31", "#8a5cd0", "#7a6a00", "#2b4a6f"),
    ("#4fb3a9", "#e0913f", "#6aa5ec", "#9aa8a4", "#f0764a", "#b08ae8", "#c9a400", "#8fb4dd"),
)
NOTHING = ""


def answer_chart(answer: Answer) -> None:
    """Draw the choice of a chart, and the chart."""
    state = ui_state().queries
    numbers = [name for name, kind in answer.columns if kind in NUMBERS]
    names = [name for name, _ in answer.columns]
    if not numbers or len(names) < 2 or not answer.rows:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="query-chart"):
        chart = dict(state.chart)
        chart["kind"] = _choice("kind", list(CHART_KINDS), chart["kind"], lambda code: t(f"queries.chart.{code}"))
        if chart["kind"] != "none":
            first = next((name for name in names if name not in numbers), names[0])
            chart["x"] = _choice("x", names, chart.get("x", first), str)
            chart["y"] = _choice("y", numbers, chart.get("y", numbers[-1]), str)
            chart["by"] = _choice("by", [NOTHING, *names], chart.get("by", NOTHING), lambda name: name or t("queries.chart.no_by"))
    state.chart = chart
    if chart["kind"] != "none":
        _draw(answer, chart)


def _choice(key: str, options: list[str], chosen: str, say: Any) -> str:
    """Draw one choice, with what was chosen before when it is still there."""
    options = list(dict.fromkeys(options))
    found: str = st.selectbox(
        t(f"queries.chart.{key}"), options, index=options.index(chosen) if chosen in options else 0,
        format_func=lambda name: say(name)[:MAX_LABEL_CHARS], key=f"query-chart-{key}-{ui_state().queries.epoch}-{hash(tuple(options))}", width=170,
    )  # fmt: skip
    return found


def _draw(answer: Answer, chart: dict[str, str]) -> None:
    places = {name: place for place, (name, _) in reversed(list(enumerate(answer.columns)))}
    x, y, by = places[chart["x"]], places[chart["y"]], places.get(chart["by"]) if chart["by"] else None
    most = MAX_BARS if chart["kind"] == "bars" else MAX_POINTS
    rows = [row for row in answer.rows if row[y] is not None and isfinite(row[y])][:most]
    label = [cell_text(row[x], written_as(*answer.columns[x]), MAX_LABEL_CHARS) or t("queries.empty_cell") for row in rows]
    part = [
        chart["y"] if by is None else cell_text(row[by], written_as(*answer.columns[by]), MAX_LABEL_CHARS) or t("queries.empty_cell")
        for row in rows
    ]
    parts = list(dict.fromkeys(part))
    if len(parts) > MAX_COLORS:
        st.caption(t("queries.chart.many_colors", most=MAX_COLORS))
        return
    frame = pa.table(
        {
            "x": label, "part": part, "y": [float(row[y]) for row in rows],
            "said": [f"{a}{'' if by is None else f' · {b}'}: {cell_text(row[y], answer.columns[y][1])}" for row, a, b in zip(rows, label, part, strict=True)],
        }
    )  # fmt: skip
    words = t("queries.chart.alt", x=chart["x"], y=chart["y"])
    color = alt.Color(
        "part:N", scale=alt.Scale(domain=parts, range=list(COLORS[st.context.theme.type == "dark"][: len(parts)])), legend=None
    )
    base = alt.Chart(frame).encode(color=color, tooltip=alt.Tooltip("said:N", title=" "), description="said:N")
    order = list(dict.fromkeys(label))
    if by is not None:
        st.html(_legend(parts))
    if chart["kind"] == "bars":
        axis = alt.Axis(title=None, labelLimit=LABEL_PX, labelOverlap=False, ticks=False, domain=False, description=words)
        drawn = base.mark_bar(height={"band": 0.72}).encode(
            y=alt.Y("x:N", sort=order, axis=axis), x=alt.X("y:Q", title=None, stack="zero", axis=_numbers(words))
        )
        drawn = drawn.properties(height=BAR_PX * len(order) + 30)
    else:
        axis = alt.Axis(title=None, labelOverlap=True, labelAngle=0, labelLimit=90, description=words)
        drawn = base.mark_line(point=True, strokeWidth=2).encode(
            x=alt.X("x:O", sort=order, axis=axis), y=alt.Y("y:Q", title=None, axis=_numbers(words))
        )
        drawn = drawn.encode(strokeDash=alt.StrokeDash("part:N", legend=None)).properties(height=LINES_PX)
    st.altair_chart(drawn.configure(locale={"number": _locale()}), key=f"query-drawn-{ui_state().queries.epoch}", alt=words)
    if len(answer.rows) > len(rows) and len(rows) == most:
        st.caption(t("queries.chart.cut", n=most))


def _numbers(words: str) -> alt.Axis:
    return alt.Axis(title=None, tickCount=5, format=",~f", description=words)


def _locale() -> dict[str, object]:
    """Return how Vega writes numbers, in the person's language."""
    sample = number(1234.5)
    return {"decimal": sample[-2], "thousands": sample[1], "grouping": [3], "currency": ["", ""]}


def _legend(parts: list[str]) -> str:
    """Return the colours as words."""
    light, dark = COLORS
    marks = "".join(
        f'<span class="kb-part"><i style="background: light-dark({light[place]}, {dark[place]})"></i>{esc(part)}</span>'
        for place, part in enumerate(parts)
    )
    return f'<div class="kb-parts">{marks}</div>'
