"""The further blocks of *Auswertung*, read when they are asked for: answers week by week, what clients take, uploads, portal, concentration."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from statistics import median

import streamlit as st

from core.activity.picks import pick
from core.base.rights import Viewer
from core.i18n import t
from core.i18n.formats import day, hours, money, number
from core.identity.opening_hours import office_of
from core.store import Row, reader
from core.ui.activity.charts import Mark, Series, bars, block_head, weeks
from core.ui.activity.scene import ActivityScene
from core.ui.activity.words import period_words
from core.ui.parts.escape import md
from core.ui.settings.office_hours import office_words
from core.ui.state.ui_state import ui_state


def more(found: ActivityScene) -> None:
    """Draw the line that opens the further blocks, and the blocks once it was pressed."""
    state = ui_state().activity
    label, icon = ("less", "unfold_less") if state.has_more else ("more", "unfold_more")
    st.button(t(f"activity.{label}"), key="activity-more", type="tertiary", icon=f":material/{icon}:", on_click=_turn)
    if not state.has_more:
        return
    blocks: list[tuple[str, Callable[[ActivityScene], None]]] = [
        ("response", _response),
        ("takes", _takes),
        ("seen", _seen),
        ("portal", _portal),
    ]
    if found.may("share"):
        blocks.append(("share", _share))
    with st.grid(2, min_column_width=300, gap="medium", key="further-blocks"):
        for key, draw in blocks:
            with st.container(gap="xsmall", key=f"block-{key}"):
                draw(found)


def _turn() -> None:
    state = ui_state().activity
    state.has_more = not state.has_more


def _period() -> str:
    return period_words(ui_state().activity.period)


def _response(found: ActivityScene) -> None:
    series = [Series("answered", t("activity.tile.answer"), "calm")]
    block_head(t("activity.measure.response"), t("activity.response_note", period=_period()))
    by_week = {row["week"]: row for row in found.figures("response", ["week", "answer"]) if row["answer"] == "answered"}
    period = found.wanted.period
    marks = []
    if period is not None and by_week:
        monday = period.weeks.first
        while monday <= period.last:
            row = by_week.get(monday.isoformat())
            if row is not None and row["median"] is not None:
                said = f"{t('activity.week_of', day=day(monday))}: {hours(int(row['median']))} · {number(row['items'])}"
                text = pick("response", "answered", None, monday.isoformat()).text()
                marks.append(
                    Mark(monday.isoformat(), "answered", round(row["median"] / 60, 2), text, said, period.last < monday + timedelta(7))
                )
            monday += timedelta(7)
    weeks("response", marks, series, t("activity.alt.response"))
    _how_quick(found)
    with reader(found.viewer) as r:
        st.caption(md(t("activity.office_is", hours=office_words(office_of(r)))))


def _how_quick(found: ActivityScene) -> None:
    """Say the middle answer, over answers and over clients, and the client that makes more than half of the questions, if one does."""
    figures = [row for row in found.figures("response", ["answer"]) if row["answer"] == "answered"]
    if not figures or figures[0]["median"] is None:
        return
    whole = figures[0]
    by_client = found.figures("response", ["account_id", "answer"])
    of_clients = [row["median"] for row in by_client if row["answer"] == "answered" and row["median"] is not None]
    quick = sum(row["items"] for row in found.figures("response", ["pace"]) if row["pace"] == "day")
    said = t(
        "activity.answers", median=hours(int(whole["median"])), clients=hours(int(median(of_clients))), most=hours(int(whole["nine_tenths"])),
        share=number(round(100 * quick / whole["items"])),
    )  # fmt: skip
    st.caption(md(said))
    asked: dict[int, int] = {}
    for row in by_client:
        asked[row["account_id"]] = asked.get(row["account_id"], 0) + row["items"]
    account_id = max(asked, key=asked.__getitem__)
    if len(asked) > 1 and 2 * asked[account_id] > sum(asked.values()) and (name := _name(found.viewer, account_id)):
        st.caption(md(t("activity.one_client", name=name)))


def _name(viewer: Viewer, account_id: int) -> str | None:
    with reader(viewer) as r:
        name: str | None = r.value("SELECT name FROM account WHERE account_id = $account_id", account_id=account_id)
    return name


def _takes(found: ActivityScene) -> None:
    series = [Series("done", t("activity.outcome.done"), "calm"), Series("open", t("activity.outcome.open"), "client")]
    block_head(t("activity.measure.takes"), t("activity.period_note", period=_period()), series)
    figures = {(row["kind"], row["outcome"]): row for row in found.figures("takes", ["kind", "outcome"])}
    marks = []
    for kind in ("signature", "contract", "approval", "organizer"):
        done = figures.get((kind, "done"))
        took = t("activity.without_days") if done is None else t("activity.in_days", days=number(round(Decimal(str(done["median"])), 1)))
        for outcome in ("done", "open"):
            if (kind, outcome) in figures:
                items = figures[kind, outcome]["items"]
                text = pick("takes", kind, outcome).text()
                marks.append(Mark(f"{t(f'activity.kind.{kind}')} · {took}", outcome, items, text, number(items)))
    bars("takes", marks, series, t("activity.alt.takes"))


def _seen(found: ActivityScene) -> None:
    block_head(t("activity.measure.seen"), t("activity.response_note", period=_period()))
    figures = {row["seen"]: row["items"] for row in found.figures("seen")}
    series = [Series("uploads", t("activity.uploads"), "calm")]
    marks = [
        Mark(
            f"{t(f'activity.seen.{code}')} · {number(figures[code])}",
            "uploads",
            figures[code],
            pick("seen", code).text(),
            number(figures[code]),
        )
        for code in ("day", "later", "unseen")
        if code in figures
    ]
    bars("seen", marks, series, t("activity.alt.seen"))


def _portal(found: ActivityScene) -> None:
    block_head(t("activity.measure.portal"), t("activity.today"))
    figures = found.figures("portal")
    series = [Series("clients", t("activity.clients"), "calm")]
    marks = []
    for place, name in enumerate(("allowed", "ever", "quarter", "month")):
        items = _items(figures, name)
        text = pick("portal", *[None] * place, "yes").text()
        if items:
            marks.append(Mark(f"{t(f'activity.{name}.yes')} · {number(items)}", "clients", items, text, number(items)))
    bars("portal", marks, series, t("activity.alt.portal"))


def _share(found: ActivityScene) -> None:
    block_head(t("activity.measure.share"), t("activity.twelve_months"))
    figures = found.figures("share")
    whole = sum((row["billed"] for row in figures), Decimal(0))
    series = [Series("billed", t("activity.amount"), "calm")]
    marks = []
    for place, name in enumerate(("first", "five", "ten")):
        billed = sum((row["billed"] for row in figures if row[name] == "yes"), Decimal(0))
        text = pick("share", *[None] * place, "yes").text()
        if whole:
            share = f"{number(round(100 * billed / whole))} %"
            marks.append(Mark(f"{t(f'activity.{name}.yes')} · {share}", "billed", float(billed), text, f"{share} · {money(billed)}"))
    if whole:
        marks.append(Mark(t("activity.all_billed"), "billed", float(whole), pick("share").text(), money(whole)))
    bars("share", marks, series, t("activity.alt.share"))


def _items(figures: list[Row], name: str) -> int:
    return sum(row["items"] for row in figures if row[name] == "yes")
