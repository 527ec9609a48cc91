"""*Beiseitelegen*: ask for how long, say that it was done, take it back."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import streamlit as st

from core.access.open_account import OpenAccount, open_account
from core.activity.set_aside import set_aside, take_back
from core.base.errors import AppError, ValidationFailed
from core.base.rights import Viewer
from core.i18n import sentence, t
from core.i18n.formats import day_input_format, today
from core.ui.parts.escape import md
from core.ui.state.ui_state import Aside, ui_state

# How long a page says what was set aside last, with the way back.
SAID_S = 600.0
# The day that is proposed, from today on.
PROPOSED_DAYS = 7
_HOW, _UNTIL = "aside-how", "aside-until"


def ask_aside(account_id: int, kind: str, item_id: int, title: str) -> None:
    """Ask with the next run for how long a thing is set aside."""
    ui_state().aside = Aside(account_id, kind, item_id, " ".join(title.split()))
    st.session_state.update({_HOW: "gone", _UNTIL: today() + timedelta(days=PROPOSED_DAYS)})


def aside_form(account: OpenAccount) -> None:
    """Draw the question, where it is asked about this client."""
    state = ui_state()
    asked = state.aside
    if asked is None or asked.account_id != account.account_id:
        return
    with st.container(border=True, gap="small", key="aside"):
        st.markdown(t("turn.aside_ask", what=md(asked.title[:120])))
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.segmented_control(
                t("turn.how"), ["gone", "until"], format_func=lambda how: t(f"turn.{how}"), key=_HOW, required=True,
                label_visibility="collapsed",
            )  # fmt: skip
            if st.session_state[_HOW] == "until":
                st.date_input(
                    t("turn.until_on"), key=_UNTIL, min_value=today() + timedelta(days=1), format=day_input_format(), width=190,
                    label_visibility="collapsed",
                )  # fmt: skip
            st.button(t("turn.aside_do"), key="aside-do", type="primary", on_click=_put, args=(account, asked))
            st.button(t("common.cancel"), key="aside-cancel", type="tertiary", on_click=_forget)
        if problem := state.take_problem("aside"):
            st.error(problem, icon=":material/error:")


def aside_dialog(viewer: Viewer) -> None:
    """Draw the question in a dialog, on a page that is about no client."""
    state = ui_state()
    if state.aside is None:
        return
    try:
        account = open_account(viewer, state.aside.account_id)
    except AppError as problem:
        state.aside = None
        st.toast(sentence(problem))
        return
    state.is_dialog_open = True

    @st.dialog(t("turn.aside_head"), width="medium", on_dismiss=_forget)
    def show() -> None:
        if ui_state().aside is None:
            st.rerun()
        aside_form(account)

    show()


def aside_done(viewer: Viewer) -> None:
    """Say what was set aside last, with the way back, for a while."""
    done = ui_state().aside_done
    if done is None or time.monotonic() - done.at > SAID_S:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="aside-done"):
        st.markdown(t("turn.done", what=md(done.title[:120])), width="content")
        st.button(t("turn.undo"), key="aside-undo", type="tertiary", icon=":material/undo:", on_click=_undo, args=(viewer, done))


def bring_back(account: OpenAccount, aside_id: int) -> None:
    """Put a thing back into the ledger; what cannot be is said."""
    ui_state().aside_done = None
    try:
        take_back(account, aside_id)
    except AppError as problem:
        st.toast(sentence(problem))


def _put(account: OpenAccount, asked: Aside) -> None:
    state = ui_state()
    until = st.session_state[_UNTIL] if st.session_state[_HOW] == "until" else None
    try:
        aside_id = set_aside(account, asked.kind, asked.item_id, until)
    except ValidationFailed as failed:
        code, values = failed.problems["until_on"]
        state.problems["aside"] = t(f"errors.{code}", **values)
        return
    except AppError as problem:
        state.aside = None
        st.toast(sentence(problem))
        return
    state.aside, state.aside_done = None, replace(asked, aside_id=aside_id, at=time.monotonic())


def _undo(viewer: Viewer, done: Aside) -> None:
    try:
        account = open_account(viewer, done.account_id)
    except AppError as problem:
        st.toast(sentence(problem))
        return
    bring_back(account, done.aside_id)


def _forget() -> None:
    ui_state().aside = None
