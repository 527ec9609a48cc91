"""*Wer ist am Zug*: one line above the cards that says how much waits with whom, and the lists behind its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

from core.access.open_account import OpenAccount
from core.activity.ledger import ledger_of
from core.activity.set_aside import set_aside_of
from core.base.errors import AppError
from core.i18n import sentence, t
from core.i18n.formats import day, day_input_format, local, number
from core.overview.read import WidgetResult
from core.overview.turn import TURN
from core.store import Row, cached
from core.ui.overview.set_aside_form import aside_done, aside_form, ask_aside, bring_back
from core.ui.parts.columns import ROW_PX, room, table_height
from core.ui.parts.escape import md
from core.ui.parts.return_to_list import ask_for
from core.ui.parts.table_clicks import key_of, label_of, opening_column
from core.ui.state.open_form import ListState
from core.ui.state.ui_state import ui_state

# The list's name among the full lists of the Overview, and the keys of its inputs.
TURN_LIST = "turn"
_PART, _KIND = "turn-part", "turn-kind"
# The parts of the line, in its order: whose turn it is, and what is told apart.
PARTS = ("us", "client", "third", "dormant", "aside")
MAX_ROWS_HIGH = 16
_TITLE_PX = 300


def part_of(row: Mapping[str, Any]) -> str:
    """Return in which part of the line a row of the ledger, or of its numbers, is counted."""
    if row.get("is_aside") or row.get("aside_id"):
        return "aside"
    return "dormant" if row["is_dormant"] else str(row["turn"])


def turn_line(results: Mapping[str, WidgetResult]) -> None:
    """Draw how much waits with whom and since when, from the numbers kept like a card; nothing where nothing waits."""
    rows = [row for widget in TURN if (result := results.get(widget.key)) and not result.failed for row in result.rows]
    if not rows:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="turn-line"):
        st.caption(t("turn.title"), width="content")
        for part in PARTS:
            if own := [row for row in rows if part_of(row) == part]:
                _part(part, own)


def _part(part: str, rows: list[Row]) -> None:
    """Draw one part as a button that opens the list it counts; the kinds stand in its help."""
    label = md(t(f"turn.part.{part}", n=number(sum(row["items"] for row in rows))))
    if part in ("us", "client", "third"):
        oldest: datetime = min(row["oldest"] for row in rows)
        label = t("turn.since", part=f"**{label}**" if part == "us" else label, day=md(day(local(oldest).date())))
    by_kind: dict[str, int] = {}
    for row in rows:
        by_kind[row["kind"]] = by_kind.get(row["kind"], 0) + row["items"]
    kinds = ", ".join(_kind_words(kind, n) for kind, n in sorted(by_kind.items(), key=lambda found: -found[1]))
    st.button(label, key=f"turn-{part}", type="tertiary", help=md(t("turn.help", kinds=kinds)), on_click=open_turn_list, args=(part,))


def _kind_words(kind: str, n: int) -> str:
    return t(f"turn.kinds.{kind}", n=number(n) if n != 1 else 1)


def open_turn_list(part: str, kind: str | None = None) -> None:
    """Ask for the list of a part of the line with the next run, of one kind or of all."""
    st.session_state.update({_PART: part, _KIND: kind})
    ask_for("list", TURN_LIST)


def turn_list(account: OpenAccount) -> None:
    """Open the dialog with everything that waits of the client, by part and kind; each row opens, and can be set aside and brought back."""

    @st.dialog(t("turn.title"), width="large", on_dismiss="rerun")
    def show() -> None:
        try:
            rows = [*ledger_of(account.viewer, account.account_id), *set_aside_of(account)]
        except AppError as problem:
            st.error(sentence(problem))
            return
        part = _chosen_part(rows)
        own = [row for row in rows if part_of(row) == part]
        kind = _chosen_kind(own)
        aside_form(account)
        aside_done(account.viewer)
        shown = [row for row in own if kind in (None, row["kind"])]
        if not shown:
            st.info(t("turn.empty"))
            return
        if part in ("dormant", "aside"):
            st.caption(t(f"turn.{part}_note"))
        _table(account, part, shown)
        state = ui_state()
        if state.is_list_left:
            state.is_list_left = False
            st.rerun()

    show()


def _chosen_part(rows: list[Row]) -> str:
    counts = {part: sum(part_of(row) == part for row in rows) for part in PARTS}
    chosen = st.session_state.setdefault(_PART, "us")
    offered = [part for part in PARTS if counts[part] or part == chosen]
    st.segmented_control(
        t("turn.title"),
        offered,
        format_func=lambda part: md(t(f"turn.part.{part}", n=number(counts[part]))),
        key=_PART,
        required=True,
        label_visibility="collapsed",
    )
    return str(st.session_state[_PART] or chosen)


def _chosen_kind(rows: list[Row]) -> str | None:
    counts: dict[str, int] = {}
    for row in rows:
        counts[row["kind"]] = counts.get(row["kind"], 0) + 1
    if st.session_state.get(_KIND) not in counts:
        st.session_state[_KIND] = None
    if len(counts) > 1:
        st.pills(
            t("turn.col.kind"),
            list(counts),
            format_func=lambda kind: md(_kind_words(kind, counts[kind])),
            key=_KIND,
            label_visibility="collapsed",
        )
    return st.session_state[_KIND]


def _table(account: OpenAccount, part: str, rows: list[Row]) -> None:
    """Draw the rows; the name of a thing opens it, the last column sets it aside or brings it back."""
    names = cached(
        account.viewer, ("members' names",), lambda r: _names(r.rows("SELECT staff_member_id, name FROM staff_member")), "staff_member"
    )
    labels = tuple(label_of(" ".join(str(row["title"]).split())) for row in rows)
    act = t("turn.back_button" if part == "aside" else "turn.aside_button")
    acts = (act,) * len(rows)
    places = tuple((row["kind"], row["item_id"]) for row in rows)
    key = key_of("turn-list", (account.account_id, part, places))
    since = [row["since_on"] or local(row["since_at"]).date() for row in rows]
    if part == "aside":
        third = {"until": [day(row["aside_until"]) or t("turn.for_good") for row in rows], "by": [row["aside_by"] or "" for row in rows]}
    else:
        third = {"who": [", ".join(names.get(one, "") for one in row["owners"] or ()) or t("turn.nobody") for row in rows]}
    table = {
        "what": pa.array(labels, pa.string()), "kind": pa.array([t(f"history.entity.{row['kind']}") for row in rows], pa.string()),
        "since": pa.array(since, pa.date32()), "due": pa.array([row["due_on"] for row in rows], pa.date32()),
        **{name: pa.array(texts, pa.string()) for name, texts in third.items()}, "aside": pa.array(acts, pa.string()),
    }  # fmt: skip
    date_column = partial(st.column_config.DateColumn, format=day_input_format())
    config: dict[str, Any] = {
        "what": opening_column(t("turn.col.what"), key, places, labels, _open, account.account_id, width=_TITLE_PX),
        "kind": st.column_config.TextColumn(t("turn.col.kind")),
        "since": date_column(t("turn.col.since")),
        "due": date_column(t("turn.col.due")),
        **{name: st.column_config.TextColumn(t(f"turn.col.{name}")) for name in third},
        "aside": opening_column(t("turn.col.aside"), key, rows, acts, _act, account, part, width=room(act) + 16, act="sets-aside"),
    }
    if not any(row["due_on"] for row in rows):
        del table["due"], config["due"]
    st.dataframe(
        pa.table(table), column_config=config, hide_index=True, row_height=ROW_PX, height=table_height(len(rows), MAX_ROWS_HIGH),
        placeholder="", alt=t("turn.title"), key=key,
    )  # fmt: skip


def _names(rows: list[Row]) -> dict[int, str]:
    return {row["staff_member_id"]: row["name"] for row in rows}


def _open(account_id: int, place: tuple[str, int]) -> None:
    """Open a thing with the next run; closing it leads back to the list as it stands."""
    kind, item_id = place
    held = {key: st.session_state.get(key) for key in (_PART, _KIND)}
    ask_for(kind, item_id, ListState(account_id, TURN_LIST, held))
    ui_state().is_list_left = True


def _act(account: OpenAccount, part: str, row: Row) -> None:
    if part == "aside":
        bring_back(account, row["aside_id"])
    else:
        ask_aside(account.account_id, row["kind"], row["item_id"], row["title"])
