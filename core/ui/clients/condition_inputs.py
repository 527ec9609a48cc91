"""One more condition over any column: the column, what is asked of it, and the values; what makes no sense is said under them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import streamlit as st

from core.base.errors import InvalidValue
from core.clients.list_columns import DAYS, NUMBERS, ListColumn
from core.clients.list_conditions import COUNTED_DAYS, WITHOUT_VALUE, Condition, clean_condition, hows_of
from core.i18n import language, t
from core.i18n.formats import day_input_format, number
from core.ui.clients.condition_words import code_word
from core.ui.clients.list_state import ListScene, want_condition
from core.ui.parts.escape import md
from core.ui.state.ui_state import ui_state

# Columns with inputs of their own for what they may be; here they are asked only whether they are empty.
OWN_INPUTS = frozenset({"kind", "state", "tags", "team"})


def condition_inputs(drawn: ListScene) -> None:
    """Draw the inputs of a condition; it counts as soon as it makes sense."""
    wanted = ui_state().accounts
    columns = {key: hows for key, column in drawn.known.items() if (hows := _hows(column))}
    key = st.selectbox(
        t("accounts.condition"), list(columns), index=None, format_func=drawn.label,
        placeholder=t("accounts.condition_column"), **_input("edited", "column", wanted.edited), on_change=_edit,
    )  # fmt: skip
    if key is None or key not in columns:
        return
    column, present = drawn.known[key], wanted.conditions.get(key)
    hows = columns[key]
    how_input = _input(f"how-{key}", "how", present.how if present and present.how in hows else hows[0])
    how = st.selectbox(
        t("accounts.condition_how"), hows, format_func=lambda how: t(f"accounts.how.{how}"), label_visibility="collapsed", **how_input,
        on_change=_take_plain, args=(column, how_input["key"]),
    )  # fmt: skip
    if how not in WITHOUT_VALUE:
        _values(drawn, column, how, present if present and present.how == how else None)
    if wanted.problem and wanted.problem[0] == key:
        st.caption(f":red[{md(wanted.problem[1])}]")


def _hows(column: ListColumn) -> Sequence[str]:
    return tuple(how for how in hows_of(column) if not (how == "is" and column.key in OWN_INPUTS))


def _key(name: str) -> str:
    return f"condition-{name}@{ui_state().accounts.key_epoch}"


def _input(name: str, _what: str, value: Any) -> dict[str, Any]:
    """Return the key of an input that begins with a value."""
    key = _key(name)
    if key not in st.session_state and value is not None:
        st.session_state[key] = value
    return {"key": key}


def _edit() -> None:
    state = ui_state().accounts
    state.edited, state.problem = st.session_state.get(_key("edited")), None


def _values(drawn: ListScene, column: ListColumn, how: str, present: Condition | None) -> None:
    """Draw the inputs of the values: two for a range."""
    labels = ("accounts.condition_from", "accounts.condition_until") if how == "between" else ("accounts.condition_value",)
    keys = [_key(f"{column.key}-{how}-{place}") for place in range(len(labels))]
    asks: dict[str, Any] = {"on_change": _take, "args": (column, how, tuple(keys))}
    if how == "is":
        _begin(keys[0], list(present.values) if present else None)
        st.multiselect(
            t("accounts.condition_value"), list(drawn.codes(column)), format_func=lambda code: code_word(drawn, column, code), key=keys[0],
            placeholder=t("accounts.any"), **asks,
        )  # fmt: skip
        return
    for place, (cell, label, key) in enumerate(zip(st.columns(len(labels)), labels, keys, strict=True)):
        value = present.values[place] if present and place < len(present.values) else None
        with cell:
            if column.kind in DAYS and how not in COUNTED_DAYS and how != "has":
                _begin(key, date.fromisoformat(value) if value else None)
                st.date_input(
                    t(label),
                    value=None,
                    key=key,
                    format=day_input_format(),
                    min_value=date(1800, 1, 1),
                    max_value=date(2200, 12, 31),
                    **asks,
                )
            else:
                as_number = column.kind in NUMBERS or how in COUNTED_DAYS
                _begin(key, _typed(value) if value and as_number else value)
                st.text_input(t("accounts.condition_days") if how in COUNTED_DAYS else t(label), key=key, **asks)


def _typed(value: str) -> str:
    return number(Decimal(value))


def _begin(key: str, value: Any) -> None:
    if key not in st.session_state and value is not None:
        st.session_state[key] = value


def _take_plain(column: ListColumn, key: str) -> None:
    """Want a condition that needs no value as soon as it is chosen."""
    how = st.session_state.get(key)
    ui_state().accounts.problem = None
    if key == _key(f"how-{column.key}") and how in WITHOUT_VALUE:
        want_condition(column.key, Condition(column.key, how), anew=False)


def _take(column: ListColumn, how: str, keys: tuple[str, ...]) -> None:
    """Want what was typed once it makes sense; say why where it does not, and want nothing of this column then."""
    # The browser may still send what it held of an input that is gone.
    if keys[0] != _key(f"{column.key}-{how}-0"):
        return
    wanted = ui_state().accounts
    values = [st.session_state.get(key) for key in keys]
    raw = list(values[0] or ()) if how == "is" else values
    wanted.problem = None
    if not any(value not in (None, "") for value in raw):
        want_condition(column.key, None, anew=False)
        return
    if len(raw) > 1 and any(value in (None, "") for value in raw) and how == "between":
        return
    try:
        want_condition(column.key, clean_condition(column, how, raw, language()), anew=False)
    except InvalidValue as bad:
        code, filling = bad.problem
        want_condition(column.key, None, anew=False)
        wanted.problem = (column.key, t(f"errors.{code}", **filling))
