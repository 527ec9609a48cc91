"""The six blocks of *Auswertung*: what waits, what happens, what is owed, what is not billed, jobs, and tasks by member."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal

import streamlit as st

from core.activity.picks import pick
from core.activity.reading import read_list
from core.base.rights import Right
from core.i18n import t
from core.i18n.formats import day, hours, money, number, today
from core.store import Row
from core.ui.activity.charts import Mark, Series, Tone, bars, block_head, open_pick, weeks
from core.ui.activity.list_dialog import list_table
from core.ui.activity.scene import ActivityScene
from core.ui.activity.words import code_words

# How many members are drawn, those with the most first; the list of all is one press away.
MAX_MEMBERS = 12
# Silent clients in their block.
SILENT_ROWS = 6
_TURNS: tuple[Tone, ...] = ("us", "client", "third")
_SIDES: tuple[Tone, ...] = ("client", "us")
_DUE: tuple[tuple[str, Tone], ...] = (("overdue", "late"), ("soon", "us"), ("later", "third"))


def first_blocks(found: ActivityScene) -> dict:
    """Draw the blocks that are quick, and return the places of the others by key."""
    keys = ["turn", "happens", *(["ages"] if found.may("ages") else []), "unbilled", "jobs", "tasks"]
    places = {}
    with st.grid(2, min_column_width=300, gap="medium", key="blocks"):
        for key in keys:
            places[key] = st.container(gap="xsmall", key=f"block-{key}")
    places["silence"] = st.container(gap="xsmall", key="block-silence")
    for key, draw in (("turn", _turn), ("ages", _ages), ("unbilled", _unbilled), ("jobs", _jobs), ("tasks", _tasks), ("silence", _silence)):
        if key in places:
            with places[key]:
                draw(found)
    with places["happens"]:
        places["happens"] = st.empty()
        with places["happens"]:
            st.html(f'<div class="kb-waiting" role="status">{t("activity.reading")}</div>')
    return places


def slow_blocks(found: ActivityScene, places: dict) -> None:
    """Draw the blocks that take longest."""
    with places["happens"].container(gap="xsmall"):
        _happens(found)


def _note() -> str:
    """Return what stands beside the title of what is as of now, whatever time is chosen."""
    return t("activity.today")


def _turn(found: ActivityScene) -> None:
    series = [Series(code, t(f"activity.turn.{code}"), code) for code in _TURNS]
    figures = found.figures("turn")
    counted = _added(figures, ("turn", "kind"), "items")
    block_head(t("activity.measure.turn"), _note(), series)
    by_kind: dict[str, int] = {}
    for (turn, kind), items in counted.items():
        by_kind[kind] = by_kind.get(kind, 0) + (int(items) if turn != "dormant" else 0)
    marks = [
        Mark(f"{t(f'activity.kind.{kind}')} · {number(by_kind[kind])}", turn, float(counted[turn, kind]), pick("turn", turn, kind).text(),
             number(int(counted[turn, kind])))
        for kind in sorted(by_kind, key=lambda one: -by_kind[one])
        for turn in _TURNS
        if counted.get((turn, kind))
    ]  # fmt: skip
    bars("turn", marks, series, t("activity.alt.turn"))
    dormant = sum(int(items) for (turn, _), items in counted.items() if turn == "dormant")
    if dormant:
        _line("dormant", t("activity.dormant", n=dormant), pick("turn", "dormant").text())


def _ages(found: ActivityScene) -> None:
    series = [Series("net", t("activity.left"), "calm"), Series("late", t("activity.late"), "late")]
    figures = found.figures("ages")
    net = _added(figures, ("bucket",), "net")
    block_head(t("activity.measure.ages"), _note(), series)
    codes = [code for code in ("not_due", "d30", "d60", "d90", "older", "held") if (code,) in net]
    marks = [
        Mark(f"{t(f'activity.bucket.{code}')} · {money(Decimal(net[(code,)]))}", "late" if code not in ("not_due", "held") else "net",
             float(net[(code,)]), pick("ages", code).text(), money(Decimal(net[(code,)])))
        for code in codes
    ]  # fmt: skip
    bars("ages", marks, series, t("activity.alt.ages"))
    if codes:
        st.caption(t("activity.ages_sum", amount=money(sum((Decimal(value) for value in net.values()), Decimal(0)))))


def _unbilled(found: ActivityScene) -> None:
    figures = found.figures("unbilled")
    with_rates = Right.SEE_RATES in found.rights
    series = [Series("open", t("activity.amount" if with_rates else "activity.hours"), "calm")]
    title = t("activity.measure.unbilled" if Right.SEE_ALL_TIME in found.rights else "activity.measure.unbilled_own")
    block_head(title, _note(), series)
    minutes, amounts = (_added(figures, ("worked",), name) for name in ("minutes", "amount"))
    marks = []
    for code in ("d30", "d60", "d90", "d180", "older"):
        if (code,) in minutes:
            spent, amount = int(minutes[(code,)]), Decimal(amounts[(code,)])
            said = hours(spent) + (f" · {money(amount)}" if with_rates else "")
            label = f"{t(f'activity.worked.{code}')} · {hours(spent)}"
            marks.append(Mark(label, "open", float(amount) if with_rates else spent / 60, pick("unbilled", code).text(), said))
    bars("unbilled", marks, series, t("activity.alt.unbilled"))
    without = sum(int(row["without_amount"] or 0) for row in figures)
    if with_rates and without:
        st.caption(t("activity.without_amount", n=without))


def _jobs(found: ActivityScene) -> None:
    series = _due_series()
    counted = _added(found.figures("jobs"), ("pipeline", "due"), "items")
    block_head(t("activity.measure.jobs"), _note(), series)
    names = sorted({key[0] for key in counted}, key=lambda one: code_words("pipeline", one, found.names))
    bars("jobs", _due_marks(counted, "jobs", "pipeline", names, found), series, t("activity.alt.jobs"))


def _tasks(found: ActivityScene) -> None:
    series = _due_series()
    counted = _added(found.figures("tasks"), ("member", "due"), "items")
    note = _note() if Right.VIEW_ALL_ACCOUNTS in found.rights else t("activity.only_seen")
    block_head(t("activity.measure.tasks"), note, series)
    totals: dict[str, int] = {}
    for (member, _), items in counted.items():
        totals[member] = totals.get(member, 0) + int(items)
    members = sorted(totals, key=lambda one: -totals[one])[:MAX_MEMBERS]
    bars("tasks", _due_marks(counted, "tasks", "member", members, found), series, t("activity.alt.tasks"))
    if len(totals) > MAX_MEMBERS:
        _line("all-tasks", t("activity.all_members", n=len(totals)), pick("tasks").text())


def _silence(found: ActivityScene) -> None:
    """Draw the clients that are silent the longest against their habit, as a table, and the way to all of them."""
    block_head(t("activity.measure.silence"), _note())
    listed = read_list(found.viewer, pick("silence"), found.wanted, limit=SILENT_ROWS)
    if not listed.total:
        st.caption(t("activity.nobody_silent"))
        return
    list_table(listed, "silence-block", sorts=False)
    _line("all-silent", t("activity.all_silent", n=listed.total), pick("silence").text())


def _due_series() -> list[Series]:
    return [Series(code, t(f"activity.due.{code}"), tone) for code, tone in _DUE]


def _due_marks(counted: dict, measure: str, dimension: str, rows: Iterable[str], found: ActivityScene) -> list[Mark]:
    marks = []
    for row in rows:
        total = sum(int(items) for (own, _), items in counted.items() if own == row)
        label = f"{code_words(dimension, row, found.names)} · {number(total)}"
        for due in ("overdue", "soon", "later"):
            if items := counted.get((row, due)):
                marks.append(Mark(label, due, float(items), pick(measure, row, due).text(), number(int(items))))
    return marks


def _happens(found: ActivityScene) -> None:
    series = [Series(code, t(f"activity.side.{code}"), code) for code in _SIDES]
    period = found.wanted.period
    block_head(t("activity.measure.happens"), t("activity.per_week"), series)
    if period is None:
        return
    span = period.weeks
    before = {(row["week"], row["side"]): row["items"] for row in found.figures("happens", period=span.year_before)}
    present = {(row["week"], row["side"]): row["items"] for row in found.figures("happens", period=span)}
    if not present and not before:
        st.caption(t("activity.nothing"))
        return
    marks = []
    monday = span.first
    while monday <= span.last:
        week, last_year = monday.isoformat(), (monday - timedelta(364)).isoformat()
        for side in ("client", "us"):
            items = present.get((week, side), 0)
            is_open = monday <= today() < monday + timedelta(7)
            said = f"{t('activity.week_of', day=day(monday))}: {number(items)}" + (f" ({t('activity.until_today')})" if is_open else "")
            marks.append(Mark(week, side, items, pick("happens", week, side).text(), said, is_open))
            if before:
                marks.append(Mark(week, side, before.get((last_year, side), 0), "", "", is_before=True))
        monday += timedelta(7)
    weeks("happens", marks, series, t("activity.alt.happens"))
    st.caption(t("activity.happens_note" if before else "activity.happens_note_first"))


def _line(key: str, words: str, text: str) -> None:
    st.button(words, key=f"line-{key}", type="tertiary", on_click=open_pick, args=(text,))


def _added(figures: list[Row], names: tuple[str, ...], value: str) -> dict[tuple, Decimal | int]:
    """Return the sums of a value by these dimensions."""
    found: dict[tuple, Decimal | int] = {}
    for row in figures:
        key = tuple(row[name] for name in names)
        found[key] = found.get(key, 0) + (row[value] or 0)
    return found
