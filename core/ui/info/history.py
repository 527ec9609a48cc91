"""*Verlauf*: what was done to an account, a line for each act or each entry; the value before a change can be put back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial

import streamlit as st

from core.access.open_account import OpenAccount
from core.access.verbs import rights_of
from core.audit.account_history import HistoryQuery, can_put_back, history_choices, put_back, read_history
from core.base.errors import AppError, ValidationFailed
from core.base.rights import Right
from core.clients.accounts import choices
from core.i18n import sentence, t
from core.i18n.formats import moment
from core.store import Row
from core.ui.info.history_acts import acts_of, sentence_of
from core.ui.info.history_words import change_words, field_word, value_word, what_word, who_word, word
from core.ui.parts.columns import ROW_PX, table_height
from core.ui.parts.empty import empty_state
from core.ui.parts.escape import md
from core.ui.parts.options import named
from core.ui.parts.pagination import offset_of
from core.ui.parts.problems import sentences
from core.ui.parts.table_clicks import choose, chosen_of, key_of, label_of, opening_column
from core.ui.state.ui_state import HistorySince, ui_state

PAGE_ROWS = 50
# So many rows are in sight, with the chosen entry below them.
VISIBLE_ROWS = 18


def history_card(account: OpenAccount) -> None:
    """Draw the changes as a table; viewers who may edit can put the value before a chosen one back."""
    people, fields = history_choices(account)
    _, team = choices(account.viewer)
    with st.container(horizontal=True, vertical_alignment="bottom", key="history-filters"):
        member = st.selectbox(
            t("history.who"),
            list(people),
            index=None,
            format_func=named(people),
            placeholder=t("history.all"),
            key="history-who",
            width=220,
        )
        field = st.selectbox(
            t("history.field_label"), list(fields), index=None, placeholder=t("history.all"), key="history-field", width=260,
            format_func=lambda what: f"{word(f'history.entity.{what[0]}', what[0])}: {field_word(what[0], what[1], fields.get(what))}",
        )  # fmt: skip
    kind, by = member or ("staff", None)
    entity, name, custom_field_id = field or (None, None, None)
    after = _after(account)
    past = HistoryQuery(by, entity, name, custom_field_id, kind, after.since if after else None, after is not None and after.of_details)
    key = f"history-page-{account.account_id}-{member}-{field}-{after}"
    rows = read_history(account, past, offset_of(key, PAGE_ROWS), PAGE_ROWS)
    if not rows:
        empty_state("history", t("history.nothing" if member or field or after else "history.none"))
        return
    # A field's own history is that of its entries.
    if not st.toggle(t("history.details"), key="history-details") and field is None:
        _acts(account, rows, key, team)
    else:
        _entries(account, rows, key, team)
    if rows[0]["total"] > PAGE_ROWS:
        st.pagination(math.ceil(rows[0]["total"] / PAGE_ROWS), key=key)


def _after(account: OpenAccount) -> HistorySince | None:
    """Draw what *Seit Ihrem letzten Blick* asked for as a chip that takes it away; return it, None where there is none."""
    after = ui_state().history_since
    if after is None or after.account_id != account.account_id:
        return None
    words = t("history.since_details" if after.of_details else "history.since", when=moment(after.since))
    st.button(md(words), key="history-since", icon=":material/close:", type="tertiary", help=t("history.since_help"), on_click=_show_all)
    return after


def _show_all() -> None:
    ui_state().history_since = None


def _acts(account: OpenAccount, rows: list[Row], key: str, team: Mapping[int, str]) -> None:
    """Draw a line for each act, and below them the entries of the chosen one."""
    acts, what = acts_of(rows), t("history.did")
    table = [
        {
            t("history.when"): moment(act[0]["made_at"]),
            t("history.who"): who_word(act[0]),
            what: label_of(sentence_of(act)),
            t("history.through"): word(f"history.way.{act[0]['through']}", act[0]["through"]),
        }
        for act in acts
    ]
    if ui_state().is_narrow:
        table = [{name: line[name] for name in (t("history.when"), what)} for line in table]
    ids = tuple(act[-1]["audit_entry_id"] for act in acts)
    drawn = key_of("history-acts", ids)
    opens = opening_column(what, drawn, ids, [line[what] for line in table], choose, "history", key)
    st.dataframe(
        table, hide_index=True, row_height=ROW_PX, height=table_height(len(acts), VISIBLE_ROWS), key=drawn, column_config={what: opens},
        alt=t("info.view_history"),
    )  # fmt: skip
    chosen = chosen_of("history", key, "audit_entry_id", rows)
    act = next((act for act in acts if chosen in act), None)
    if act is None:
        st.caption(t("history.click_act"))
        return
    with st.container(gap="xsmall", key="history-act"):
        for row in act:
            st.markdown(md(change_words(row, team)))
            if can_put_back(row):
                _entry(account, row, team)


def _entries(account: OpenAccount, rows: list[Row], key: str, team: Mapping[int, str]) -> None:
    """Draw a line for each entry, technical ones too; the value before a chosen one can be put back."""
    table = [
        {
            t("history.when"): moment(row["made_at"]),
            t("history.who"): who_word(row),
            t("history.what"): label_of(what_word(row)),
            t("history.field_label"): field_word(row["entity"], row["field"], row["label"])
            or word(f"history.action.{row['action']}", row["action"]),
            t("history.from"): t("history.erased") if row["old_erased"] else value_word(row, row["old_value"], team),
            t("history.to"): t("history.erased") if row["new_erased"] else value_word(row, row["new_value"], team),
            t("history.through"): word(f"history.way.{row['through']}", row["through"]),
        }
        for row in rows
    ]
    ids, what = tuple(row["audit_entry_id"] for row in rows), t("history.what")
    drawn = key_of("history-rows", ids)
    opens = opening_column(what, drawn, ids, [line[what] for line in table], choose, "history", key)
    st.dataframe(
        table, hide_index=True, row_height=ROW_PX, height=table_height(len(rows), VISIBLE_ROWS), key=drawn, column_config={what: opens},
        alt=t("info.view_history"),
    )  # fmt: skip
    if chosen := chosen_of("history", key, "audit_entry_id", rows):
        _entry(account, chosen, team)
    elif Right.MANAGE_ACCOUNTS in rights_of(account.viewer):
        st.caption(t("history.click"))


def _entry(account: OpenAccount, row: Row, team: Mapping[int, str]) -> None:
    if problem := ui_state().take_problem("history"):
        st.error(problem, icon=":material/error:")
    if not can_put_back(row) or Right.MANAGE_ACCOUNTS not in rights_of(account.viewer):
        st.caption(t("history.not_back"))
        return
    name = field_word(row["entity"], row["field"], row["label"])
    label = t("history.put_back", field=name, value=value_word(row, row["old_value"], team) or t("form.none"))
    st.button(
        md(label),
        icon=":material/undo:",
        key=f"put-back-{row['audit_entry_id']}",
        on_click=partial(_put_back, account, row["audit_entry_id"]),
    )


def _put_back(account: OpenAccount, audit_entry_id: int) -> None:
    state = ui_state()
    try:
        put_back(account, audit_entry_id)
    except ValidationFailed as failed:
        state.problems["history"] = next(iter(sentences(failed).values()))
    except AppError as problem:
        state.problems["history"] = sentence(problem)
    else:
        state.chosen.pop("history", None)
        state.is_saved = True
