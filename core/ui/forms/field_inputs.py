"""Inputs for fields: what fits each type, what was typed kept, each problem at its field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import streamlit as st
from babel import Locale

from core.base.fields import ADDRESS_PARTS, EARLIEST, LATEST, Field
from core.i18n import t
from core.i18n.formats import day_input_format, locale, number
from core.ui.parts.escape import md


def raw_of(one: Field, value: object) -> object:
    """A value as its input holds it: what is typed for text, numbers as the language writes them."""
    if one.type == "yes_no":
        return bool(value)
    if one.type == "choices":
        return list(value) if isinstance(value, tuple) else []
    if one.type == "address":
        return {key: (value.get(key) or "") if isinstance(value, dict) else "" for key in ADDRESS_PARTS}
    if value is None:
        return None if one.type in ("date", "choice", "staff_member") else ""
    if one.type in ("number", "money"):
        return number(value, 2 if one.type == "money" else 0) if not isinstance(value, str) else value
    if one.type == "date":
        return value if isinstance(value, date) else None
    if one.type == "iban" and isinstance(value, str):
        return " ".join(value[i : i + 4] for i in range(0, len(value), 4))
    return value


def countries() -> dict[str, str]:
    """Every country by its code, in the person's language and its order."""
    territories = Locale.parse(str(locale())).territories
    named = {
        code: name
        for code, name in territories.items()
        if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "ZZ", "XA", "XB", "QO")
    }
    return dict(sorted(named.items(), key=lambda item: (item[0] not in ("DE", "AT", "CH"), item[1])))


def show_problem(problems: Mapping[str, str], key: str, label: str = "") -> None:
    """The problem of a field, under it; with the field's label where several stand above."""
    if problem := problems.get(key):
        st.caption(f":red[{md(f'{label}: {problem}' if label else problem)}]")


def keep_input(key: str, value: object) -> str:
    """The key of an input that begins with this value and keeps what is typed."""
    if key not in st.session_state:
        st.session_state[key] = value
    return key


def field_input(one: Field, label: str, key: str, members: Mapping[int, str] | None = None, help: str | None = None) -> object:
    """The input that fits the field's type; its raw value."""
    shown = md(label) + (" *" if one.required else "")
    if one.type == "long_text":
        return st.text_area(shown, key=key, height=110, help=help)
    if one.type == "date":
        return st.date_input(shown, value=None, key=key, min_value=EARLIEST, max_value=LATEST, format=day_input_format(), help=help)
    if one.type == "yes_no":
        return st.toggle(shown, key=key, help=help)
    if one.type == "choice":
        options = list(one.options)
        if (kept := st.session_state.get(key)) is not None and kept not in options:
            options.append(kept)
        return st.selectbox(shown, options, index=None, key=key, placeholder=t("form.none"), help=help)
    if one.type == "choices":
        return st.multiselect(shown, one.options, key=key, placeholder=t("form.none"), help=help)
    if one.type == "staff_member":
        options = [member for member in members or {} if member in one.members]
        if (kept := st.session_state.get(key)) is not None and kept not in options:
            options.append(kept)
        return st.selectbox(shown, options, index=None, key=key, format_func=(members or {}).get, placeholder=t("form.none"), help=help)
    if one.type == "address":
        return _address(shown, key)
    # No kind of its own: the browser would keep what it thinks wrong to itself, and our sentence would never be said.
    example = t(f"form.example_{one.type}") if one.type in ("email", "phone", "link") else None
    return st.text_input(shown, key=key, autocomplete="off", help=help, placeholder=example)


def _address(label: str, key: str) -> dict[str, object]:
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
    """A country by its code."""
    known = countries()
    options = list(known)
    if (kept := st.session_state.get(key)) and kept not in options:
        options.append(kept)
    return st.selectbox(label, options, index=None, key=key, format_func=lambda code: known.get(code, code), placeholder=t("form.none"))


def shown_as_no(fields: Iterable[Field], begun: Mapping[str, object], raw: Mapping[str, object]) -> dict[str, object]:
    """Of those that must not stay empty each yes/no that nobody touched: it is seen as *no*, and is saved as that with the rest."""
    return {one.key: False for one in fields if one.type == "yes_no" and one.required and not begun.get(one.key) and not raw.get(one.key)}


def custom_inputs(
    fields: Iterable[Field], draft: Mapping[str, object], prefix: str, problems: Mapping[str, str], members: Mapping[int, str]
) -> dict[str, object]:
    """The custom fields under their groups, two beside each other; raw values by key."""
    found: dict[str, object] = {}
    groups: dict[str, list[Field]] = {}
    for one in fields:
        groups.setdefault(one.group, []).append(one)
    for group, inside in groups.items():
        if group:
            st.caption(f"**{md(group)}**")
        for start in range(0, len(inside), 2):
            for place, one in zip(st.columns(2), inside[start : start + 2], strict=False):
                with place:
                    key = keep_input(f"{prefix}-{one.key}", draft[one.key])
                    found[one.key] = field_input(one, one.label, key, members)
                    show_problem(problems, one.key)
    return found
