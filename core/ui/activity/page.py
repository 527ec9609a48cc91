"""*Auswertung*: the head with time and filter, six figures, the blocks, and the list that is open."""

from __future__ import annotations

from datetime import date

import streamlit as st

from core.access.verbs import require
from core.activity.picks import MAX_SPAN_DAYS, PERIODS, Period, period_of
from core.base.rights import Right, Viewer
from core.clients.accounts import count_accounts
from core.i18n import t
from core.i18n.formats import day_input_format, moment, today
from core.store import now
from core.ui.activity.blocks import first_blocks, slow_blocks
from core.ui.activity.list_dialog import list_dialog
from core.ui.activity.more import more
from core.ui.activity.scene import OF_ACTIVITY, ActivityScene, activity_scene, list_pick, present_period
from core.ui.activity.tiles import tiles
from core.ui.clients.accounts_filters import filters
from core.ui.clients.list_state import scene, take_address, write_address
from core.ui.clients.views_menu import views_menu
from core.ui.parts.escape import md
from core.ui.state.ui_state import ui_state

# The choice of two days.
OWN = "own"


def activity_page(viewer: Viewer) -> None:
    """Draw the page. Raises NotAllowed without the right *analyse*."""
    require(viewer, Right.ANALYSE)
    drawn = scene(viewer)
    take_address(drawn, OF_ACTIVITY)
    with st.container(horizontal=True, vertical_alignment="center", key="activity-head"):
        st.header(t("activity.title"), anchor=False, width="content")
        st.space("stretch")
        _period()
        views_menu(drawn, OF_ACTIVITY)
    found = activity_scene(drawn)
    pick = list_pick(found)
    filters(drawn, has_table=False)
    write_address(OF_ACTIVITY)
    _over(found)
    fill_tile = tiles(found)
    places = first_blocks(found)
    fill_tile()
    slow_blocks(found, places)
    more(found)
    if pick is not None:
        list_dialog(found, pick)


def _over(found: ActivityScene) -> None:
    """Say over which clients and as of when, and what a missing right hides."""
    counted = count_accounts(found.viewer, found.wanted.query)
    sees_all = Right.VIEW_ALL_ACCOUNTS in found.rights
    parts = [t("activity.over_all" if sees_all else "activity.over_seen", n=counted), t("activity.as_of", when=moment(now()))]
    if Right.SEE_INVOICES not in found.rights:
        parts.append(t("activity.without_invoices"))
    st.caption(md(" · ".join(parts)))


def _period() -> None:
    """Draw the choice of the time, and two days where they are wanted."""
    state = ui_state().activity
    is_own = "_" in state.period
    key = f"activity-period-{state.key_epoch}"
    st.session_state.setdefault(key, OWN if is_own else state.period)
    st.segmented_control(
        t("activity.time"), [*PERIODS, OWN], key=key, required=True, label_visibility="collapsed", help=t("activity.time_help"),
        format_func=lambda code: t(f"activity.period.{code}"), on_change=_take_period, args=(key,),
    )  # fmt: skip
    if is_own:
        period = present_period()
        dates = f"activity-days-{state.key_epoch}"
        st.date_input(
            t("activity.time"), (period.first, period.last), min_value=date(1990, 1, 1), max_value=today(), key=dates, width=230,
            format=day_input_format(), label_visibility="collapsed", on_change=_take_days, args=(dates,),
        )  # fmt: skip


def _take_period(key: str) -> None:
    state, chosen = ui_state().activity, st.session_state.get(key)
    if chosen == OWN:
        period: Period = present_period()
        state.period = f"{period.first.isoformat()}_{period.last.isoformat()}"
    elif chosen in PERIODS:
        state.period = chosen
    state.key_epoch += 1


def _take_days(key: str) -> None:
    chosen = st.session_state.get(key)
    if isinstance(chosen, tuple) and len(chosen) == 2:
        text = f"{chosen[0].isoformat()}_{chosen[1].isoformat()}"
        if period_of(text, today()) is None:
            ui_state().accounts.dropped = t("activity.long_period", years=MAX_SPAN_DAYS // 366)
        else:
            ui_state().activity.period = text
