"""What of Kunden is wanted: the filters, the columns, and views kept under a name."""

from __future__ import annotations

import streamlit as st

from core.access.verbs import rights_of
from core.base.errors import AppError, ValidationFailed
from core.base.fields import Field
from core.base.rights import Right, Viewer
from core.clients.account_record import KINDS
from core.clients.accounts import COLUMNS, MONEY, SORTS, STATES, AccountQuery, choices
from core.clients.custom_field_columns import EXACT, column_fields
from core.clients.custom_fields import id_of, key_of
from core.clients.saved_views import SavedView, clean_definition, delete_view, save_view, saved_views
from core.i18n import sentence, t
from core.ui.parts.escape import md
from core.ui.parts.tag_chips import colored_chips

# Input of the page → what a view calls it.
KEYS = {
    "only-text": "text", "only-kinds": "kinds", "only-tags": "tags", "only-members": "members", "only-states": "states",
    "by": "sort", "by-descending": "descending", "columns": "columns",
}  # fmt: skip

# Custom fields whose values are chosen from a list; the others are searched by a part of their text.
CHOSEN = (*EXACT, "choices")


def _allowed(viewer: Viewer, columns: tuple[str, ...]) -> list[str]:
    money = Right.SEE_INVOICES in rights_of(viewer)
    return [key for key in columns if money or key not in MONEY]


def filters(viewer: Viewer) -> AccountQuery:
    """The search field, the filters behind a button, and a chip for each that is on; they stay while one visits a client.

    What is wanted is kept beside the inputs: those of a closed popover are not drawn, and what the browser still holds of
    them must not come back.
    """
    tags, members = choices(viewer)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="filters"):
        text = st.text_input(
            t("accounts.text"),
            key="only-text",
            type="search",
            live="250ms",
            placeholder=t("accounts.text"),
            width=300,
            label_visibility="collapsed",
            persist_state="session",
        )
        written = {
            "only-kinds": lambda code: t(f"frame.kind.{code}"),
            "only-states": lambda code: t(f"frame.state.{code}"),
            "only-tags": lambda tag: tags.get(tag, ""),
            "only-members": lambda member: members.get(member, ""),
        }
        fields = {f"only-{key_of(number)}": one for number, one in column_fields(viewer).items()}
        for kept, one in fields.items():
            written[kept] = _of_field(one, members)
        on = [(key, value) for key in written for value in _wanted(key)]
        with st.popover(t("accounts.filters"), icon=":material/filter_list:", key="filters-more", on_change="rerun") as more:
            if more.open:
                _several(st.pills, "kind", "only-kinds", KINDS, written, selection_mode="multi")
                _several(st.pills, "state", "only-states", STATES, written, selection_mode="multi")
                colored_chips(viewer)
                _several(st.multiselect, "tags", "only-tags", tags, written, placeholder=t("accounts.any"))
                _several(st.multiselect, "team", "only-members", members, written, placeholder=t("accounts.any"))
                if fields:
                    with st.expander(t("accounts.fields")):
                        for kept, one in fields.items():
                            _field_filter(kept, one, members)
                _order(viewer)
        if on:
            # Another label would be another popover, and close the open one.
            st.html(f'<style>.st-key-filters-more [data-testid="stPopoverButton"] p::after {{ content: " · {len(on)}"; }}</style>')
            with st.container(horizontal=True, gap="small", width="content", key="filters-on"):
                for key, value in on:
                    chip = md(written[key](value))
                    st.button(
                        chip,
                        key=f"off-{key}-{value}",
                        type="tertiary",
                        icon=":material/close:",
                        icon_position="right",
                        help=t("accounts.filter_off", what=chip),
                        on_click=_turn_off,
                        args=(key, value),
                    )
    only = {key: tuple(_wanted(key)) for key in written}
    return AccountQuery(
        text or "",
        only["only-kinds"],
        only["only-states"],
        only["only-tags"],
        only["only-members"],
        st.session_state.get("by") or "name",
        bool(st.session_state.get("by-descending")),
        {id_of(fields[key].key): only[key] for key in fields if only[key]},
    )


def _wanted(kept: str) -> list:
    value = st.session_state.get(kept)
    return ([value] if value else []) if isinstance(value, str) else list(value or ())


def _of_field(one: Field, members: dict[int, str]):
    """How a filtered value of a custom field is written on its chip."""
    return lambda value: f"{one.label}: {_value_word(one, value, members)}"


def _value_word(one: Field, value: str, members: dict[int, str]) -> str:
    if one.type == "yes_no":
        return t("common.yes" if value == "true" else "common.no")
    return members.get(int(value), value) if one.type == "staff_member" else value


def _field_filter(kept: str, one: Field, members: dict[int, str]) -> None:
    options = {"yes_no": ["true", "false"], "staff_member": [str(member) for member in members]}.get(one.type, list(one.options))
    if one.type in CHOSEN:
        st.multiselect(
            md(one.label),
            options,
            format_func=lambda value: _value_word(one, value, members),
            placeholder=t("accounts.any"),
            **_input(kept),
        )
    else:
        st.text_input(md(one.label), **_input(kept))


def _input(kept: str) -> dict[str, object]:
    """Key and callback of an input that shows what is kept under ``kept`` and changes it; another key after each change by ourselves."""
    key = _key(kept)
    if key not in st.session_state and kept in st.session_state:
        st.session_state[key] = st.session_state[kept]
    return {"key": key, "on_change": _take, "args": (kept, key)}


def _key(kept: str) -> str:
    return f"{kept}@{st.session_state.get('wish-turn', 0)}"


def _take(kept: str, key: str) -> None:
    # The browser may still send what it held of an input that is gone since a chip was pressed, and Streamlit hands it on as a change.
    if key == _key(kept):
        st.session_state[kept] = st.session_state[key]


def keep(wanted: dict[str, object]) -> None:
    """Change what is wanted, and have its inputs drawn anew."""
    for kept, value in wanted.items():
        st.session_state[kept] = value
    st.session_state["wish-turn"] = st.session_state.get("wish-turn", 0) + 1


def _several(draw, what: str, kept: str, options, written, **more) -> None:
    draw(t(f"accounts.{what}"), list(options), format_func=written[kept], **_input(kept), **more)


def _order(viewer: Viewer) -> None:
    """The sorting, for who does not click the heads of the table."""
    fields = {one.key: one.label for one in column_fields(viewer).values()}
    sorts = sorted(_allowed(viewer, tuple(SORTS)), key=lambda key: key != "name") + list(fields)
    if st.session_state.get("by") not in sorts:
        st.session_state["by"] = "name"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(t("accounts.sort"), sorts, format_func=lambda key: fields.get(key) or t(f"accounts.{key}"), width=190, **_input("by"))
        st.toggle(t("accounts.descending"), **_input("by-descending"))


def _turn_off(kept: str, value: object) -> None:
    keep({kept: "" if isinstance(st.session_state.get(kept), str) else [other for other in _wanted(kept) if other != value]})


def chosen_columns(viewer: Viewer) -> tuple[str, ...]:
    """The columns this person wants to see, in the list's own order; all but custom fields at first, the name always."""
    fields = {one.key: one.label for one in column_fields(viewer).values()}
    options = [*_allowed(viewer, COLUMNS), *fields]
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
    chosen = st.session_state.get("columns")
    return tuple(key for key in options if (key not in fields if not chosen else key in chosen) or key == "name")


def views_menu(viewer: Viewer) -> None:
    """Views kept under a name: take one, keep the present one, throw one's own away."""
    with st.popover(t("accounts.views"), icon=":material/bookmark:"):
        kept = saved_views(viewer)
        if not kept:
            st.caption(t("accounts.view_none"))
        for view in kept:
            _view(viewer, view)
        if kept:
            st.button(t("accounts.view_reset"), type="tertiary", icon=":material/restart_alt:", on_click=_apply, args=(viewer, {}))
        with st.container(key="view-save"):
            name = st.text_input(t("accounts.view_name"), key="view-name", max_chars=80)
            st.toggle(t("accounts.view_shared"), key="view-shared")
            st.button(t("accounts.view_save"), key="view-keep", on_click=_keep, args=(viewer,), disabled=not name)
            if problem := st.session_state.pop("view-problem", None):
                st.caption(f":red[{md(problem)}]")


def _view(viewer: Viewer, view: SavedView) -> None:
    name = view.name if view.mine else t("accounts.view_by", name=view.name, by=view.by)
    with st.container(horizontal=True, gap=None, vertical_alignment="center"):
        icon = ":material/group:" if view.shared else ":material/bookmark:"
        st.button(md(name), key=f"view-{view.saved_view_id}", type="tertiary", icon=icon, on_click=_apply, args=(viewer, view.definition))
        if view.mine:
            st.space("stretch")
            st.button(
                md(t("accounts.view_delete", name=view.name)),
                key=f"view-away-{view.saved_view_id}",
                type="tertiary",
                icon=":material/delete:",
                help=md(t("accounts.view_delete", name=view.name)),
                on_click=_throw_away,
                args=(viewer, view.saved_view_id),
            )


def _apply(viewer: Viewer, definition: dict[str, object]) -> None:
    """Set the inputs to what the view says, without what is gone or not for this person."""
    wanted = clean_definition(definition)
    tags, members = choices(viewer)
    wanted["tags"] = [tag for tag in wanted["tags"] if tag in tags]
    wanted["members"] = [member for member in wanted["members"] if member in members]
    fields = {one.key: one for one in column_fields(viewer).values()}
    own = [key for key in wanted["columns"] if key in fields]
    wanted["columns"] = _allowed(viewer, tuple(key for key in wanted["columns"] if key not in own and not id_of(key))) + own
    if wanted["sort"] not in (*_allowed(viewer, tuple(SORTS)), *fields):
        wanted["sort"] = "name"
    kept = {key: wanted[what] for key, what in KEYS.items()}
    for key, one in fields.items():
        values = wanted["fields"].get(str(id_of(key)), [])
        kept[f"only-{key}"] = values if one.type in CHOSEN else "".join(values[:1])
    keep(kept)


def _keep(viewer: Viewer) -> None:
    definition = {what: st.session_state.get(key) for key, what in KEYS.items()}
    definition["fields"] = {str(number): _wanted(f"only-{key_of(number)}") for number in column_fields(viewer)}
    try:
        save_view(viewer, name=st.session_state["view-name"], definition=definition, shared=st.session_state["view-shared"])
    except ValidationFailed as failed:
        code, values = failed.problems["name"]
        st.session_state["view-problem"] = t(f"errors.{code}", **values)
    except AppError as problem:
        st.session_state["view-problem"] = sentence(problem)
    else:
        st.session_state["view-name"] = ""


def _throw_away(viewer: Viewer, saved_view_id: int) -> None:
    try:
        delete_view(viewer, saved_view_id)
    except AppError as problem:
        st.session_state["view-problem"] = sentence(problem)
