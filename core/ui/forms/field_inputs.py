"""Inputs for declared fields: the widget that fits each type, and each problem under its field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import streamlit as st
from babel import Locale

from core.base.fields import ADDRESS_PARTS, EARLIEST, LATEST, Field
from core.i18n import t
from core.i18n.formats import day_input_format, locale, number
from core.ui.parts.escape import md
from core.ui.parts.options import named


def raw_of(field: Field, value: Any) -> Any:
    """Return a value as its input holds it: what is typed for text, numbers as the language writes them."""
    if field.type == "yes_no":
        return bool(value)
    if field.type == "choices":
        return list(value) if isinstance(value, tuple) else []
    if field.type == "address":
        return {key: (value.get(key) or "") if isinstance(value, dict) else "" for key in ADDRESS_PARTS}
    if value is None:
        return None if field.type in ("date", "choice", "staff_member") else ""
    if field.type in ("number", "money"):
        return number(value, 2 if field.type == "money" else 0) if not isinstance(value, str) else value
    if field.type == "date":
        return value if isinstance(value, date) else None
    if field.type == "iban" and isinstance(value, str):
        return " ".join(value[i : i + 4] for i in range(0, len(value), 4))
    return value


def countries() -> dict[str, str]:
    """Return every country by its code, in the person's language and its order; neighbours first."""
    territories = Locale.parse(str(locale())).territories
    names = {
        code: name
        for code, name in territories.items()
        if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "ZZ", "XA", "XB", "QO")
    }
    return dict(sorted(names.items(), key=lambda item: (item[0] not in ("DE", "AT", "CH"), item[1])))


def show_problem(problems: Mapping[str, str], key: str, label: str = "") -> None:
    """Show the problem of a field under it; with the field's label where several inputs stand above."""
    if problem := problems.get(key):
        st.caption(f":red[{md(f'{label}: {problem}' if label else problem)}]")


def keep_input(key: str, value: object) -> str:
    """Return the key of an input that begins with this value and keeps what is typed."""
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def field_input(field: Field, label: str, key: str, members: Mapping[int, str] | None = None, help: str | None = None) -> Any:
    """Draw the input that fits the field's type; return its raw value."""
    shown = md(label) + (" *" if field.required else "")
    if field.type == "long_text":
        return st.text_area(shown, key=key, height=110, help=help)
    if field.type == "date":
        return st.date_input(shown, value=None, key=key, min_value=EARLIEST, max_value=LATEST, format=day_input_format(), help=help)
    if field.type == "yes_no":
        return st.toggle(shown, key=key, help=help)
    if field.type == "choice":
        return st.selectbox(shown, _with_present(field.options, key), index=None, key=key, placeholder=t("form.none"), help=help)
    if field.type == "choices":
        return st.multiselect(shown, field.options, key=key, placeholder=t("form.none"), help=help)
    if field.type == "staff_member":
        ids = _with_present([member for member in members or {} if member in field.members], key)
        return st.selectbox(shown, ids, index=None, key=key, format_func=named(members or {}), placeholder=t("form.none"), help=help)
    if field.type == "address":
        return _address(shown, key)
    # Always of the type *text*: for another the browser would not send what it takes for wrong, and our sentence would not be shown.
    example = t(f"form.example_{field.type}") if field.type in ("email", "phone", "link") else None
    return st.text_input(shown, key=key, autocomplete="off", help=help, placeholder=example)


def _with_present(options: Iterable[Any], key: str) -> list[Any]:
    """Return the options, and what the input of this key holds even if it is no option any more."""
    found, present = list(options), st.session_state.get(key)
    return found if present is None or present in found else [*found, present]


def _address(label: str, key: str) -> dict[str, Any]:
    st.caption(label)
    parts = dict(st.session_state.get(key) or {})
    parts["street"] = st.text_input(t("form.street"), key=keep_input(f"{key}-street", parts.get("street", "")))
    left, right = st.columns([1, 2])
    parts["postcode"] = left.text_input(t("form.postcode"), key=keep_input(f"{key}-postcode", parts.get("postcode", "")))
    parts["city"] = right.text_input(t("form.city"), key=keep_input(f"{key}-city", parts.get("city", "")))
    parts["country"] = country_input(t("form.country"), keep_input(f"{key}-country", parts.get("country") or None)) or ""
    parts.setdefault("region", "")
    return parts


def country_input(label: str, key: str) -> str | None:
    """Draw the choice of a country; return its code."""
    names = countries()
    return st.selectbox(
        label, _with_present(names, key), index=None, key=key, format_func=lambda code: names.get(code, code), placeholder=t("form.none")
    )


def shown_as_no(fields: Iterable[Field], initial: Mapping[str, Any], raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return {key: False} for required yes/no fields the person left untouched: the toggle shows *no*, so *no* is saved."""
    required = (field.key for field in fields if field.type == "yes_no" and field.required)
    return {key: False for key in required if not initial.get(key) and not raw.get(key)}


def custom_inputs(
    fields: Iterable[Field], draft: Mapping[str, Any], prefix: str, problems: Mapping[str, str], members: Mapping[int, str]
) -> dict[str, Any]:
    """Draw the custom fields under their groups, two beside each other; return their raw values by key."""
    found: dict[str, Any] = {}
    groups: dict[str, list[Field]] = {}
    for field in fields:
        groups.setdefault(field.group, []).append(field)
    for group, inside in groups.items():
        if group:
            st.caption(f"**{md(group)}**")
        for start in range(0, len(inside), 2):
            for place, field in zip(st.columns(2), inside[start : start + 2], strict=False):
                with place:
                    key = keep_input(f"{prefix}-{field.key}", draft[field.key])
                    found[field.key] = field_input(field, field.label, key, members)
                    show_problem(problems, field.key)
    return found
