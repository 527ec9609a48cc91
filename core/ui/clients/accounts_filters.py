"""What of Kunden is wanted: the search text, the filters behind one button, a chip for each that is on, the order and the columns."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.activity.cohorts import Cohort, forget_cohort
from core.activity.picks import timed_pick_of
from core.base.errors import AppError
from core.base.rights import Viewer
from core.clients.account_record import KINDS
from core.clients.list_columns import STATES
from core.clients.list_conditions import Condition
from core.i18n import sentence, t
from core.i18n.formats import moment, today
from core.ui.activity.words import names_of, timed_words
from core.ui.clients.condition_inputs import condition_inputs
from core.ui.clients.condition_words import code_word, condition_words
from core.ui.clients.list_state import TEXT_KEY, ListScene, shown_columns, usual_columns, want_cohort, want_condition
from core.ui.parts.escape import md
from core.ui.parts.tag_chips import colored_chips
from core.ui.state.ui_state import ui_state


def filters(drawn: ListScene, *, has_table: bool = True) -> None:
    """Draw the search field, the filters behind a button, and a chip for each that is on.

    ``has_table``: with the order and the choice of columns.
    """
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filters"):
        st.text_input(
            t("accounts.text"),
            key=TEXT_KEY,
            type="search",
            live="250ms",
            placeholder=t("accounts.text"),
            width=300,
            label_visibility="collapsed",
            persist_state="session",
            on_change=_first_page,
        )
        with st.popover(t("accounts.filters"), icon=":material/filter_list:", key="filters-more", on_change="rerun") as more:
            if more.open:
                _filter_inputs(drawn, has_table=has_table)
        if has_table:
            _columns_choice(drawn)
        _chips(drawn)
    if dropped := ui_state().accounts.dropped:
        ui_state().accounts.dropped = ""
        st.caption(md(dropped))


def _first_page() -> None:
    wanted = ui_state().accounts
    wanted.page = wanted.page_asked = 1


def _filter_inputs(drawn: ListScene, *, has_table: bool) -> None:
    st.pills(t("accounts.kind"), KINDS, selection_mode="multi", format_func=lambda code: t(f"frame.kind.{code}"), **_choice("kind"))
    st.pills(t("accounts.state"), STATES, selection_mode="multi", format_func=lambda code: t(f"frame.state.{code}"), **_choice("state"))
    colored_chips(drawn.viewer)
    for name in ("tags", "team"):
        st.multiselect(
            t(f"accounts.{name}"), list(drawn.codes(drawn.known[name])), placeholder=t("accounts.any"),
            format_func=partial(code_word, drawn, drawn.known[name]), **_choice(name),
        )  # fmt: skip
    condition_inputs(drawn)
    if drawn.cohorts:
        _cohort_input(drawn)
    if has_table:
        _order(drawn)


def _chips(drawn: ListScene) -> None:
    """Draw how many filters are on beside their button, and a chip for each that turns it off."""
    conditions = [one for key, one in ui_state().accounts.conditions.items() if key in drawn.known]
    chips = [(one, place, word) for one in conditions for place, word in enumerate(condition_words(drawn, one))]
    sets = _set_words(drawn)
    if not chips and not sets:
        return
    # Another label would be another popover, and close the open one.
    st.html(f'<style>.st-key-filters-more [data-testid="stPopoverButton"] p::after {{ content: " · {len(chips) + len(sets)}"; }}</style>')
    with st.container(horizontal=True, gap="small", width="content", key="filters-on"):
        for condition, place, word in chips:
            chip = md(word)
            st.button(
                chip,
                key=f"off-{condition.column}-{condition.values[place] if condition.how == 'is' else condition.how}",
                type="tertiary",
                icon=":material/close:",
                icon_position="right",
                help=t("accounts.filter_off", what=chip),
                on_click=_turn_off,
                args=(condition, place),
            )
        for name, word in sets.items():
            st.button(
                md(word), key=f"off-{name}", type="tertiary", icon=":material/close:", icon_position="right",
                help=t("accounts.filter_off", what=md(word)), on_click=_leave, args=(name,),
            )  # fmt: skip


def _set_words(drawn: ListScene) -> dict[str, str]:
    """Return what stands on the chips of the cohort and of the list of *Auswertung* whose clients are wanted, by part of the address."""
    wanted, words = ui_state().accounts, {}
    if cohort := drawn.cohorts.get(wanted.cohort or 0):
        words["cohort"] = t("accounts.in_cohort", name=cohort.name)
        if cohort.found_at is not None:
            words["cohort"] += f" ({moment(cohort.found_at)})"
    elif wanted.cohort:
        words["cohort"] = t("accounts.cohort_gone")
    if wanted.among and ui_state().page != "activity" and (found := timed_pick_of(wanted.among, today())):
        words["among"] = timed_words(found, names_of(drawn))
    return words


def _leave(name: str) -> None:
    wanted = ui_state().accounts
    want_cohort(None if name == "cohort" else wanted.cohort, "" if name == "among" else wanted.among)


def _cohort_input(drawn: ListScene) -> None:
    """Draw the choice of a cohort, and for one's own how it is deleted."""
    key, wanted = _key("cohort"), ui_state().accounts
    st.session_state.setdefault(key, wanted.cohort if wanted.cohort in drawn.cohorts else None)
    chosen = st.selectbox(
        t("accounts.cohort"), [None, *drawn.cohorts], key=key, on_change=_take_cohort, args=(key,),
        format_func=lambda one: t("accounts.any") if one is None else _cohort_words(drawn.cohorts[one]),
    )  # fmt: skip
    if chosen is not None and chosen in drawn.cohorts and drawn.cohorts[chosen].mine:
        st.button(
            t("accounts.cohort_delete"), key="cohort-delete", type="tertiary", icon=":material/delete:", on_click=_forget,
            args=(drawn.viewer, chosen),
        )  # fmt: skip


def _cohort_words(cohort: Cohort) -> str:
    return cohort.name if cohort.mine else t("accounts.view_by", name=cohort.name, by=cohort.by)


def _take_cohort(key: str) -> None:
    if key == _key("cohort"):
        want_cohort(st.session_state[key], ui_state().accounts.among, anew=False)


def _forget(viewer: Viewer, cohort_id: int) -> None:
    try:
        forget_cohort(viewer, cohort_id)
    except AppError as problem:
        ui_state().accounts.dropped = sentence(problem)
    else:
        want_cohort(None, ui_state().accounts.among)


def _turn_off(condition: Condition, place: int) -> None:
    """Take one filter away: of a choice the one code, else the condition."""
    present = ui_state().accounts.conditions.get(condition.column)
    others = tuple(value for value in present.values if value != condition.values[place]) if present and present.how == "is" else ()
    want_condition(condition.column, Condition(condition.column, "is", others) if others else None)


def _choice(name: str) -> dict[str, Any]:
    """Return key and callback of an input that shows which codes are wanted of a column, and changes them."""
    key, present = _key(name), ui_state().accounts.conditions.get(name)
    if key not in st.session_state and present and present.how == "is":
        st.session_state[key] = list(present.values)
    return {"key": key, "on_change": _take, "args": (name, key)}


def _key(name: str) -> str:
    return f"only-{name}@{ui_state().accounts.key_epoch}"


def _take(name: str, key: str) -> None:
    # The browser may still send what it held of an input that is gone since a chip was pressed, and Streamlit hands it on as a change.
    if key == _key(name):
        values = tuple(st.session_state[key] or ())
        want_condition(name, Condition(name, "is", values) if values else None, anew=False)


def _order(drawn: ListScene) -> None:
    """Draw the order, for people who do not click the heads of the table."""
    wanted = ui_state().accounts
    sorts = sorted(drawn.known, key=lambda key: key != "name")
    for name, value in (("sort", wanted.sort if wanted.sort in sorts else "name"), ("descending", wanted.descending)):
        if _key(name) not in st.session_state:
            st.session_state[_key(name)] = value
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            t("accounts.sort"), sorts, format_func=drawn.label, width=190, key=_key("sort"), on_change=_take_order, args=(_key("sort"),)
        )
        st.toggle(t("accounts.descending"), key=_key("descending"), on_change=_take_order, args=(_key("descending"),))


def _take_order(key: str) -> None:
    wanted = ui_state().accounts
    if key == _key("sort"):
        wanted.sort = st.session_state[key]
    elif key == _key("descending"):
        wanted.descending = st.session_state[key]


def _columns_choice(drawn: ListScene) -> None:
    """Draw a tick for each column, beginning with what is shown; the name is always shown."""
    with st.popover(t("accounts.columns"), icon=":material/view_column:", key="columns-more", on_change="rerun") as more:
        if not more.open:
            return
        shown = shown_columns(drawn)
        left, right = st.columns(2)
        others = [key for key in drawn.known if key != "name"]
        for place, key in enumerate(others):
            tick = f"column-{key}@{ui_state().accounts.key_epoch}"
            with left if place < (len(others) + 1) // 2 else right:
                # Its first value goes with it: one set beside it comes to the browser a moment later, and a press in between sends the other.
                st.checkbox(md(drawn.label(key)), value=key in shown, key=tick, on_change=_take_column, args=(drawn, key, tick))
        st.button(t("accounts.columns_usual"), type="tertiary", icon=":material/restart_alt:", key="columns-usual", on_click=_usual_columns)


def _take_column(drawn: ListScene, key: str, tick: str) -> None:
    if tick != f"column-{key}@{ui_state().accounts.key_epoch}":
        return
    shown = set(shown_columns(drawn)) ^ ({key} if st.session_state[tick] != (key in shown_columns(drawn)) else set())
    chosen = tuple(one for one in drawn.known if one in shown)
    ui_state().accounts.columns = () if set(chosen) == {*usual_columns()} & set(drawn.known) else chosen


def _usual_columns() -> None:
    wanted = ui_state().accounts
    wanted.columns = ()
    wanted.key_epoch += 1
