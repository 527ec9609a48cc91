"""*Verlauf*: the changes of an account, filtered; the value before a change can be put back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import partial

import streamlit as st

from core.access.open_account import OpenAccount
from core.access.verbs import rights_of
from core.audit.account_history import HistoryQuery, can_put_back, history_choices, put_back, read_history
from core.base.errors import AppError, ValidationFailed
from core.base.fields import Field, from_stored
from core.base.rights import Right
from core.clients.accounts import choices
from core.i18n import SPOKEN, language, sentence, t, words_of
from core.i18n.devices import device
from core.i18n.formats import day, hours, moment, money
from core.store import Row
from core.ui.forms.field_inputs import countries
from core.ui.info.details import field_text
from core.ui.parts.columns import ROW_PX, table_height
from core.ui.parts.escape import md
from core.ui.parts.options import named
from core.ui.parts.pagination import offset_of
from core.ui.parts.problems import sentences
from core.ui.parts.table_clicks import choose, chosen_of, key_of, label_of, opening_column
from core.ui.state.ui_state import ui_state

PAGE_ROWS = 50
# So many rows are in sight, with the chosen entry below them.
VISIBLE_ROWS = 18
# Columns that hold money.
AMOUNTS = frozenset({"rate", "amount", "total", "paid_amount", "unit_price"})
# The widget among whose words the codes of an entity's columns are found.
WIDGETS = {
    "document": "documents", "task": "tasks", "invoice": "unpaid_invoices", "approval": "approvals", "signature": "signatures",
    "organizer": "organizers", "contract": "contracts",
}  # fmt: skip
# The column of an entity that links two others: its value is an id, the entry's label says whose.
LINKS = {"account_tag": "tag_id", "assignment": "staff_member_id", "account_contact": "contact_id"}

# The key of the word for a code, by entity and field.
CODES = {
    ("account", "kind"): "frame.kind.{}",
    ("account", "state"): "frame.state.{}",
    ("staff_member", "role"): "team.roles.{}",
    ("staff_right", "right_key"): "team.right.{}.name",
}


def word(key: str, fallback: str) -> str:
    """Return the word for a key, or the fallback where there is none."""
    return t(key) if key in words_of(language()) else fallback


def field_word(entity: str, field: str | None, label: str | None = None) -> str:
    """Return what a field is called: the custom field's own label, else the word for entity and field."""
    if entity.endswith("_field_value"):
        return label or t("history.entity.custom_field")
    return word(f"history.field.{field}", field or "") if field else ""


def value_word(row: Row, value: str | None, members: Mapping[int, str] | None = None) -> str:
    """Return a recorded value as people read it: words for codes, dates, amounts and names as the language writes them."""
    if value is None:
        return ""
    field = row["field"] or ""
    try:
        text = _typed_text(row, field, value, members)
    except (ValueError, ArithmeticError):
        return value
    return _code_word(row, field, value) if text is None else text


def _typed_text(row: Row, field: str, value: str, members: Mapping[int, str] | None) -> str | None:
    """Return a value whose field says its type as text, None for any other. Raises ValueError or ArithmeticError where it is none."""
    if row["entity"].endswith("_field_value"):
        type_ = row.get("type") or "text"
        return field_text(Field("value", type_), from_stored(type_, value), members)
    if field.endswith(("_at", "_since")):
        return moment(datetime.fromisoformat(value))
    if field.endswith("_on"):
        return day(date.fromisoformat(value))
    if field in AMOUNTS:
        return money(Decimal(value))
    if field in ("device", "user_agent"):
        return device(value)
    if field == "minutes":
        return hours(int(value))
    if field in ("staff_member_id", "seen_by") and members:
        return members.get(int(value), value)
    return None


def _code_word(row: Row, field: str, value: str) -> str:
    """Return the word for a code, the value itself where it is none."""
    entity = row["entity"]
    if value in ("true", "false"):
        return t("common.yes" if value == "true" else "common.no")
    if row["action"].startswith("mail_"):
        return word(f"mail.news_{value}", value)
    if key := CODES.get((entity, field)):
        return word(key.format(value), value)
    if (entity, field) == ("firm", "second_factor_roles"):
        return ", ".join(word(f"team.roles.{role}", role) for role in value.split(",") if role) or t("form.none")
    if entity == "contact" and field in ("language", "country"):
        return (SPOKEN if field == "language" else countries()).get(value, value)
    if entity in LINKS and field == LINKS[entity]:
        return row.get("label") or row.get("contact") or value
    return word(f"widgets.{WIDGETS[entity]}.{field}.{value}", value) if entity in WIDGETS else value


def what_word(row: Row) -> str:
    """Return what an entry is about: the kind of thing, and which."""
    entity = word(f"history.entity.{row['entity']}", row["entity"])
    about = row["contact"] if row["entity"] == "contact" else row["label"] if not row["entity"].endswith("_field_value") else None
    return f"{entity} {about}" if about else entity


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
    past = HistoryQuery(by, entity, name, custom_field_id, kind)
    key = f"history-page-{account.account_id}-{member}-{field}"
    rows = read_history(account, past, offset_of(key, PAGE_ROWS), PAGE_ROWS)
    if not rows:
        st.info(t("history.nothing" if member or field else "history.none"), icon=":material/history:")
        return
    table = [
        {
            t("history.when"): moment(row["made_at"]),
            t("history.who"): row["who"] or t(f"history.kind.{row['actor_kind']}"),
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
    if rows[0]["total"] > PAGE_ROWS:
        st.pagination(math.ceil(rows[0]["total"] / PAGE_ROWS), key=key)


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
