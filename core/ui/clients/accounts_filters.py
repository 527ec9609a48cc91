"""What of Kunden is wanted: the search text, the filters, the order and the columns.

What is wanted stands in ``ui_state().accounts``, beside its inputs: those of a closed popover are not drawn, and what the browser still
holds of them must not come back. It is called by the names of ``AccountFilters``, and a custom field by its key (``field:12``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import streamlit as st

from core.access.verbs import rights_of
from core.base.fields import Field
from core.base.rights import Right, Viewer
from core.clients.account_record import KINDS
from core.clients.accounts import COLUMNS, MONEY, SORTS, STATES, AccountQuery, choices
from core.clients.custom_field_columns import WHOLE_VALUE_TYPES, column_fields
from core.clients.custom_fields import id_of, key_of
from core.i18n import t
from core.ui.parts.escape import md
from core.ui.parts.tag_chips import colored_chips
from core.ui.state.ui_state import ui_state

# The key of the input of the search text, which keeps it itself.
TEXT_KEY = "only-text"
# Custom fields whose values are chosen from a list; the others are searched by a part of their text.
CHOSEN = (*WHOLE_VALUE_TYPES, "choices")


def allowed_columns(viewer: Viewer, columns: Iterable[str]) -> list[str]:
    """Return those of the columns that the viewer may see."""
    money = Right.SEE_INVOICES in rights_of(viewer)
    return [key for key in columns if money or key not in MONEY]


def filters(viewer: Viewer) -> AccountQuery:
    """Draw the search field, the filters behind a button, and a chip for each that is on; return what is wanted."""
    tags, members = choices(viewer)
    fields = {key_of(number): field for number, field in column_fields(viewer).items()}
    words: dict[str, Callable[[Any], str]] = {
        "kinds": _kind_word,
        "states": _state_word,
        "tags": lambda tag: tags.get(tag, ""),
        "members": lambda member: members.get(member, ""),
    }
    words |= {name: _chip_word(field, members) for name, field in fields.items()}
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filters"):
        text = st.text_input(
            t("accounts.text"),
            key=TEXT_KEY,
            type="search",
            live="250ms",
            placeholder=t("accounts.text"),
            width=300,
            label_visibility="collapsed",
            persist_state="session",
        )
        on = [(name, value) for name in words for value in wanted_values(name)]
        with st.popover(t("accounts.filters"), icon=":material/filter_list:", key="filters-more", on_change="rerun") as more:
            if more.open:
                _filter_inputs(viewer, words, tags, members, fields)
        if on:
            _chips(on, words)
    only = {name: tuple(wanted_values(name)) for name in words}
    wanted = ui_state().accounts
    return AccountQuery(
        text or "",
        only["kinds"],
        only["states"],
        only["tags"],
        only["members"],
        wanted.sort or "name",
        wanted.descending,
        {number: only[name] for name in fields if only[name] and (number := id_of(name))},
    )


def _kind_word(code: str) -> str:
    return t(f"frame.kind.{code}")


def _state_word(code: str) -> str:
    return t(f"frame.state.{code}")


def _filter_inputs(
    viewer: Viewer,
    words: Mapping[str, Callable[[Any], str]],
    tags: Mapping[int, str],
    members: Mapping[int, str],
    fields: Mapping[str, Field],
) -> None:
    st.pills(t("accounts.kind"), KINDS, selection_mode="multi", format_func=_kind_word, **_input("kinds"))
    st.pills(t("accounts.state"), STATES, selection_mode="multi", format_func=_state_word, **_input("states"))
    colored_chips(viewer)
    anything = t("accounts.any")
    st.multiselect(t("accounts.tags"), list(tags), format_func=words["tags"], placeholder=anything, **_input("tags"))
    st.multiselect(t("accounts.team"), list(members), format_func=words["members"], placeholder=anything, **_input("members"))
    if fields:
        with st.expander(t("accounts.fields")):
            for name, field in fields.items():
                _field_filter(name, field, members)
    _order(viewer)


def _chips(on: list[tuple[str, Any]], words: Mapping[str, Callable[[Any], str]]) -> None:
    """Draw how many filters are on beside their button, and a chip for each that turns it off."""
    # Another label would be another popover, and close the open one.
    st.html(f'<style>.st-key-filters-more [data-testid="stPopoverButton"] p::after {{ content: " · {len(on)}"; }}</style>')
    with st.container(horizontal=True, gap="small", width="content", key="filters-on"):
        for name, value in on:
            chip = md(words[name](value))
            st.button(
                chip,
                key=f"off-{name}-{value}",
                type="tertiary",
                icon=":material/close:",
                icon_position="right",
                help=t("accounts.filter_off", what=chip),
                on_click=_turn_off,
                args=(name, value),
            )


def _wanted(name: str) -> Any:
    """Return what is wanted under a name; None for a custom field that is not filtered."""
    wanted, number = ui_state().accounts, id_of(name)
    return wanted.custom.get(number) if number else getattr(wanted, name)


def _want(name: str, value: Any) -> None:
    wanted, number = ui_state().accounts, id_of(name)
    if number:
        wanted.custom[number] = value
    else:
        setattr(wanted, name, value)


def wanted_values(name: str) -> list[Any]:
    """Return the values a filter asks for, none when it is off."""
    value = _wanted(name)
    return ([value] if value else []) if isinstance(value, str) else list(value or ())


def change_wanted(**wanted: Any) -> None:
    """Change what is wanted by anything but its own input, and have the inputs drawn anew."""
    for name, value in wanted.items():
        _want(name, value)
    ui_state().accounts.key_epoch += 1


def _chip_word(field: Field, members: Mapping[int, str]) -> Callable[[Any], str]:
    """Return how a filtered value of a custom field is written on its chip."""
    return lambda value: f"{field.label}: {_value_word(field, value, members)}"


def _value_word(field: Field, value: str, members: Mapping[int, str]) -> str:
    if field.type == "yes_no":
        return t("common.yes" if value == "true" else "common.no")
    return members.get(int(value), value) if field.type == "staff_member" else value


def _field_filter(name: str, field: Field, members: Mapping[int, str]) -> None:
    options = {"yes_no": ["true", "false"], "staff_member": [str(member) for member in members]}.get(field.type, list(field.options))
    if field.type in CHOSEN:
        st.multiselect(
            md(field.label),
            options,
            format_func=lambda value: _value_word(field, value, members),
            placeholder=t("accounts.any"),
            **_input(name),
        )
    else:
        st.text_input(md(field.label), **_input(name))


def _input(name: str) -> dict[str, Any]:
    """Return key and callback of an input that shows what is wanted under a name, and changes it."""
    key, value = _key(name), _wanted(name)
    if key not in st.session_state and value is not None:
        st.session_state[key] = value
    return {"key": key, "on_change": _take, "args": (name, key)}


def _key(name: str) -> str:
    return f"only-{name}@{ui_state().accounts.key_epoch}"


def _take(name: str, key: str) -> None:
    # The browser may still send what it held of an input that is gone since a chip was pressed, and Streamlit hands it on as a change.
    if key == _key(name):
        _want(name, st.session_state[key])


def _order(viewer: Viewer) -> None:
    """Draw the order, for people who do not click the heads of the table."""
    fields = {field.key: field.label for field in column_fields(viewer).values()}
    sorts = sorted(allowed_columns(viewer, SORTS), key=lambda key: key != "name") + list(fields)
    wanted = ui_state().accounts
    if wanted.sort not in sorts:
        wanted.sort = "name"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            t("accounts.sort"), sorts, format_func=lambda key: fields.get(key) or t(f"accounts.{key}"), width=190, **_input("sort")
        )
        st.toggle(t("accounts.descending"), **_input("descending"))


def _turn_off(name: str, value: object) -> None:
    others = "" if isinstance(_wanted(name), str) else [other for other in wanted_values(name) if other != value]
    change_wanted(**{name: others})


def chosen_columns(viewer: Viewer) -> tuple[str, ...]:
    """Draw the choice of columns; return the chosen ones in the list's own order, at first all but custom fields, the name always."""
    fields = {field.key: field.label for field in column_fields(viewer).values()}
    options = [*allowed_columns(viewer, COLUMNS), *fields]
    with st.popover(t("accounts.columns"), icon=":material/view_column:", key="columns-more", on_change="rerun") as more:
        if more.open:
            st.multiselect(
                t("accounts.columns"),
                options,
                placeholder=t("accounts.any"),
                format_func=lambda key: fields.get(key) or t(f"accounts.{key}"),
                label_visibility="collapsed",
                **_input("columns"),
            )
    chosen = ui_state().accounts.columns
    return tuple(key for key in options if (key not in fields if not chosen else key in chosen) or key == "name")
