"""The figures on top of *Auswertung*; each opens the list that it counts."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import streamlit as st

from core.activity.picks import pick
from core.base.rights import Right
from core.i18n import t
from core.i18n.formats import hours, money, number
from core.ui.activity.charts import open_pick
from core.ui.activity.scene import ActivityScene
from core.ui.parts.escape import md


def tiles(found: ActivityScene) -> Callable[[], None]:
    """Draw the tiles the viewer has; returns what draws the last one, which takes longest."""
    keys = [
        "us",
        "client",
        *(["overdue"] if found.may("ages") else []),
        "unbilled",
        *([] if found.may("ages") else ["jobs"]),
        "silence",
        "answer",
    ]
    places = {}
    with st.grid(6, min_column_width=112, gap=None, key="tiles"):
        for key in keys:
            places[key] = st.container(gap=None, key=f"tile-{key}")
    _turns(found, places)
    if "overdue" in places:
        late = _total(found.figures("ages"), due="overdue")
        clients = pick("ages", None, "overdue")
        _tile(places["overdue"], "overdue", md(money(late["net"])), bool(late["items"]), "red", clients.text(), late["items"])
        _second(places["overdue"], "overdue", t("activity.tile.invoices", n=late["items"]), clients.text(), late["items"])
    figures = found.figures("unbilled")
    whole, old = _total(figures), _total(figures, aged="old")
    words = md(hours(int(whole["minutes"]))) if Right.SEE_RATES not in found.rights else md(money(whole["amount"]))
    name = "unbilled" if Right.SEE_ALL_TIME in found.rights else "unbilled_own"
    _tile(places["unbilled"], name, words, bool(whole["items"]), "", pick("unbilled").text(), whole["items"])
    of_old = pick("unbilled", None, "old").text()
    _second(places["unbilled"], "unbilled", t("activity.tile.old_time", hours=hours(int(old["minutes"]))), of_old, old["items"])
    if "jobs" in places:
        _jobs(found, places["jobs"])
    silent = found.figures("silence")
    items, longest = _total(silent)["items"], _total(silent, silence="never_so_long")["items"]
    _tile(places["silence"], "silence", number(items), bool(items), "orange", pick("silence").text(), items)
    _second(places["silence"], "silence", t("activity.tile.never_so_long", n=longest), pick("silence", "never_so_long").text(), longest)
    return lambda: _answer(found, places["answer"])


def _jobs(found: ActivityScene, place) -> None:
    jobs = found.figures("jobs")
    late, long = _total(jobs, due="overdue")["items"], _total(jobs, pace="long")["items"]
    _tile(place, "jobs", number(late), bool(late), "red", pick("jobs", None, "overdue").text(), late)
    _second(place, "jobs", t("activity.tile.long", n=long), pick("jobs", None, None, "long").text(), long)


def _turns(found: ActivityScene, places: dict) -> None:
    figures = found.figures("turn")
    for turn, color in (("us", "orange"), ("client", "blue")):
        items, old = (_total(figures, turn=turn, **more)["items"] for more in ({}, {"age": "old"}))
        _tile(places[turn], turn, number(items), bool(items), color, pick("turn", turn).text(), items)
        _second(places[turn], turn, t("activity.tile.old", n=old), pick("turn", turn, None, "old").text(), old)


def _answer(found: ActivityScene, place) -> None:
    """Draw how long answers take: the middle one of all, in office time."""
    figures = {row["answer"]: row for row in found.figures("response", ["answer"])}
    answered = figures.get("answered")
    median = None if answered is None else answered["median"]
    words = f":gray[{t('activity.none')}]" if median is None else md(hours(int(median)))
    _tile(place, "answer", words, median is not None, "", pick("response", "answered").text(), answered["items"] if answered else 0)
    never = figures["never"]["items"] if "never" in figures else 0
    _second(place, "answer", t("activity.tile.never", n=never), pick("response", "never").text(), never)


def _tile(place, key: str, words: str, is_some: bool, color: str, text: str, items: int) -> None:
    with place:
        label = t(f"activity.tile.{key}")
        shown = words if not color and is_some else f":{color if is_some else 'gray'}[{words}]" if not words.startswith(":") else words
        st.metric(label, shown, label_visibility="collapsed")
        st.button(label, key=f"tile-open-{key}", type="tertiary", on_click=open_pick, args=(text,), disabled=not items)


def _second(place, key: str, words: str, text: str, items: int) -> None:
    """Draw a second figure of a tile, where there is something to count."""
    if not items:
        return
    with place:
        st.button(words, key=f"second-{key}", type="tertiary", on_click=open_pick, args=(text,))


def _total(figures: list, **only: str) -> dict:
    """Return the sums of the figures that have these values."""
    rows = [row for row in figures if all(row[name] == value for name, value in only.items())]
    names = {name for row in figures for name in ("items", "net", "minutes", "amount", "open_amount") if name in row}
    return {"items": 0, "net": Decimal(0), "minutes": 0, "amount": Decimal(0)} | {
        name: sum((row[name] for row in rows if row[name] is not None), Decimal(0) if name in ("net", "amount", "open_amount") else 0)
        for name in names
    }
