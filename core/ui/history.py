"""Verlauf: the record of an account's changes, filtered; a single field taken back."""

from __future__ import annotations

import math
from datetime import datetime
from functools import partial

import streamlit as st

from core.access import OpenAccount, rights_of
from core.errors import AppError, ValidationFailed
from core.history import Past, can_put_back, history_choices, put_back, read_history
from core.i18n import language, sentence, t, words_of
from core.i18n.formats import moment
from core.rights import Right
from core.store import Row
from core.ui.escape import md

PAGE = 50
# Rows seen at once: what is chosen stands below them.
SHOWN = 18


def word(key: str, fallback: str) -> str:
    """The word for a key, or the fallback where there is none."""
    return t(key) if key in words_of(language()) else fallback


def field_word(entity: str, field: str | None, label: str | None = None) -> str:
    """What a field is called: the custom field's own label, else the word for entity and field."""
    if entity.endswith("_field_value"):
        return label or t("history.entity.custom_field")
    return word(f"history.field.{field}", field or "") if field else ""


def value_word(row: Row, value: str | None) -> str:
    """A recorded value as people read it."""
    if value is None:
        return ""
    if value in ("true", "false"):
        return t("common.yes") if value == "true" else t("common.no")
    if (row["field"] or "").endswith(("_at", "_since")):
        try:
            return moment(datetime.fromisoformat(value))
        except ValueError:
            return value
    if row["action"].startswith("mail_"):
        return word(f"mail.news_{value}", value)
    if row["entity"] == "account" and row["field"] in ("kind", "state"):
        return t(f"frame.{row['field']}.{value}")
    return value


def what_word(row: Row) -> str:
    """What an entry is about: the kind of thing, and which."""
    entity = word(f"history.entity.{row['entity']}", row["entity"])
    about = row["contact"] if row["entity"] == "contact" else row["label"] if not row["entity"].endswith("_field_value") else None
    return f"{entity} {about}" if about else entity


def history_card(account: OpenAccount) -> None:
    """The changes as a table; a chosen one can be taken back by who may edit."""
    members, fields = history_choices(account)
    with st.container(horizontal=True, vertical_alignment="bottom", key="history-filters"):
        member = st.selectbox(
            t("history.who"), list(members), index=None, format_func=members.get, placeholder=t("history.all"), key="history-who", width=220
        )
        field = st.selectbox(
            t("history.field_label"), fields, index=None, placeholder=t("history.all"), key="history-field", width=260,
            format_func=lambda pair: f"{word(f'history.entity.{pair[0]}', pair[0])}: {field_word(*pair)}",
        )  # fmt: skip
    past = Past(member, *(field or (None, None)))
    key = f"history-page-{account.account_id}-{member}-{field}"
    rows = read_history(account, past, (st.session_state.get(key, 1) - 1) * PAGE, PAGE)
    if not rows:
        st.info(t("history.nothing"), icon=":material/history:")
        return
    table = [
        {
            t("history.when"): moment(row["made_at"]),
            t("history.who"): row["who"] or t(f"history.kind.{row['actor_kind']}"),
            t("history.what"): what_word(row),
            t("history.field_label"): field_word(row["entity"], row["field"], row["label"])
            or word(f"history.action.{row['action']}", row["action"]),
            t("history.from"): t("history.erased") if row["old_erased"] else value_word(row, row["old_value"]),
            t("history.to"): t("history.erased") if row["new_erased"] else value_word(row, row["new_value"]),
            t("history.through"): word(f"history.way.{row['through']}", row["through"]),
        }
        for row in rows
    ]
    turn = st.session_state.get("turn", 0)
    chosen = st.dataframe(
        table, hide_index=True, row_height=28, height=32 + 28 * min(len(rows), SHOWN), key=f"history-rows-{turn}-{key}-{rows[0]['audit_entry_id']}",
        on_select="rerun", selection_mode="single-cell", alt=t("info.view_history"),
    ).selection.cells  # fmt: skip
    if chosen and chosen[0][0] < len(rows):
        _entry(account, rows[chosen[0][0]])
    if rows[0]["total"] > PAGE:
        st.pagination(math.ceil(rows[0]["total"] / PAGE), key=key)


def _entry(account: OpenAccount, row: Row) -> None:
    if problem := st.session_state.pop("put-back-problem", None):
        st.error(problem, icon=":material/error:")
    if not can_put_back(row) or Right.MANAGE_ACCOUNTS not in rights_of(account.viewer):
        st.caption(t("history.not_back"))
        return
    name = field_word(row["entity"], row["field"], row["label"])
    label = t("history.put_back", field=name, value=value_word(row, row["old_value"]) or t("form.none"))
    st.button(
        md(label),
        icon=":material/undo:",
        key=f"put-back-{row['audit_entry_id']}",
        on_click=partial(_put_back, account, row["audit_entry_id"]),
    )


def _put_back(account: OpenAccount, audit_entry_id: int) -> None:
    try:
        put_back(account, audit_entry_id)
    except ValidationFailed as failed:
        code, filled = next(iter(failed.problems.values()))
        st.session_state["put-back-problem"] = t(f"errors.{code}", **filled)
    except AppError as problem:
        st.session_state["put-back-problem"] = sentence(problem)
    else:
        st.session_state["saved"] = True
