"""A section of the settings: define, order, change, retire and restore custom fields."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from core.access.verbs import require
from core.base.errors import AppError, NotFound
from core.base.fields import TYPES, Field, from_stored
from core.base.rights import Right, Viewer
from core.clients.accounts import choices
from core.clients.custom_fields import (
    SCOPES,
    SEARCHABLE,
    WITH_OPTIONS,
    add_starter_fields,
    change_field,
    define_field,
    definitions,
    field_effect,
    order_fields,
    restore_field,
    retire_field,
    starter_left,
)  # fmt: skip
from core.i18n import language, sentence, t
from core.store import Row, reader
from core.ui.forms import form_dialog as forms
from core.ui.forms.edit_conflict import start_edit
from core.ui.forms.field_inputs import keep_input, show_problem
from core.ui.forms.form_dialog import form, open_form
from core.ui.info.details import field_text
from core.ui.parts.empty import empty_state
from core.ui.parts.escape import md
from core.ui.parts.section import section
from core.ui.state.open_form import OpenForm
from core.ui.state.ui_state import ui_state


def field_settings(viewer: Viewer) -> None:
    """Draw the fields of one scope, with what can be done to each. Raises NotAllowed."""
    require(viewer, Right.MANAGE_CUSTOM_FIELDS)
    st.header(t("fields.title"), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center", key="fields-head"):
        scope = st.segmented_control(
            t("fields.scope"), SCOPES, default="account", required=True, key="fields-scope", label_visibility="collapsed",
            format_func=lambda code: t(f"fields.scope_{code}"),
        )  # fmt: skip
        st.space("stretch")
        if scope == "account" and starter_left(viewer):
            st.button(t("fields.starter"), icon=":material/playlist_add:", key="fields-starter", on_click=open_form, args=("starter",))
        st.button(
            t("fields.new"),
            icon=":material/add:",
            type="primary",
            key="fields-new",
            on_click=open_form,
            args=("field",),
            kwargs={"scope": scope},
        )
    if problem := ui_state().take_problem("fields"):
        st.error(problem, icon=":material/error:")
    with reader(viewer) as r:
        rows = definitions(r, scope, retired=True)
    present = [row for row in rows if row["retired_at"] is None]
    if not present:
        empty_state("format_list_bulleted", t(f"fields.none_{scope}"))
    with st.container(gap=None, key="fields-rows"):
        for place, row in enumerate(present):
            _row(viewer, scope, present, place, row)
    retired = [row for row in rows if row["retired_at"] is not None]
    if retired:
        with st.expander(t("fields.retired", n=len(retired))):
            for row in retired:
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(md(row["label"]), width="content")
                    st.caption(t(f"fields.type_{row['type']}"), width="stretch")
                    key = f"field-back-{row['custom_field_id']}"
                    st.button(
                        t("fields.restore"), key=key, type="tertiary", on_click=_do, args=(restore_field, viewer, row["custom_field_id"])
                    )


def _row(viewer: Viewer, scope: str, rows: list[Row], place: int, row: Row) -> None:
    number = row["custom_field_id"]
    ids = [field["custom_field_id"] for field in rows]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"row-field-{number}"):
        st.markdown(f"**{md(row['label'])}**", width="content")
        words = [t(f"fields.type_{row['type']}"), row["field_group"], t("fields.required") if row["is_required"] else None]
        words.append(", ".join(row["options"][:6]) + (" …" if len(row["options"]) > 6 else ""))
        st.caption(md(" · ".join(filter(None, words))), width="stretch")
        for way, step in (("up", -1), ("down", 1)):
            other = place + step
            order = ids.copy()
            if 0 <= other < len(ids):
                order[place], order[other] = order[other], order[place]
            _icon(row, way, f"arrow_{way}ward", _do, order_fields, viewer, scope, order, disabled=order == ids)
        _icon(row, "edit", "edit", open_form, "field", scope=scope, custom_field_id=number)
        _icon(row, "retire", "archive", _do, retire_field, viewer, number)


def _icon(row: Row, way: str, icon: str, act: Callable, *args: object, disabled: bool = False, **kwargs: object) -> None:
    """Draw a button that shows an icon; its accessible name says the field as well."""
    words = t(f"fields.{way}")
    st.button(
        md(f"{row['label']}: {words}"), icon=f":material/{icon}:", key=f"field-{way}-{row['custom_field_id']}", type="tertiary",
        disabled=disabled, help=words, on_click=act, args=args, kwargs=kwargs,
    )  # fmt: skip


def _do(verb, viewer: Viewer, *arguments: object) -> None:
    try:
        verb(viewer, *arguments)
    except AppError as problem:
        ui_state().problems["fields"] = sentence(problem)


@form("field", "fields.form")
def _field(viewer: Viewer, editing: OpenForm) -> None:
    scope, number = editing.about["scope"], editing.about.get("custom_field_id")
    row = _definition(viewer, scope, number) if number else None

    def present() -> dict[str, Any]:
        if row is None:
            return {"label": "", "type": "text", "options": "", "group": "", "required": False, "searched": False}
        return {
            "label": row["label"],
            "type": row["type"],
            "options": "\n".join(row["options"]),
            "group": row["field_group"] or "",
            "required": row["is_required"],
            "searched": bool(row["is_searched"]),
        }

    if row is None:
        draft = editing.start(present)
    else:
        labels = {key: t(f"fields.{key}") for key in present()}
        draft = start_edit(editing, present, row["version"], labels, lambda _, value: str(value) or t("form.none"))
    problems, prefix = editing.problems, editing.key("in")
    raw: dict[str, Any] = {}
    raw["label"] = st.text_input(f"{t('fields.label')} *", key=keep_input(f"{prefix}-label", draft["label"]), autocomplete="off")
    show_problem(problems, "label")
    raw["type"] = st.selectbox(
        t("fields.type"), TYPES, key=keep_input(f"{prefix}-type", draft["type"]), format_func=lambda code: t(f"fields.type_{code}")
    )
    show_problem(problems, "type")
    raw["options"] = draft["options"]
    if raw["type"] in WITH_OPTIONS:
        raw["options"] = st.text_area(
            t("fields.options"), key=keep_input(f"{prefix}-options", draft["options"]), help=t("fields.options_help")
        )
        show_problem(problems, "options")
    raw["group"] = st.text_input(
        t("fields.group"), key=keep_input(f"{prefix}-group", draft["group"]), help=t("fields.group_help"), autocomplete="off"
    )
    show_problem(problems, "group")
    raw["required"] = st.toggle(t("fields.required"), key=keep_input(f"{prefix}-required", draft["required"]))
    raw["searched"] = draft["searched"]
    if raw["type"] in SEARCHABLE:
        raw["searched"] = st.toggle(
            t("fields.searched"), key=keep_input(f"{prefix}-searched", draft["searched"]), help=t("fields.searched_help")
        )
    changes = editing.record_input(raw)
    options = [line.strip() for line in str(raw["options"]).splitlines() if line.strip()] if raw["type"] in WITH_OPTIONS else []
    values = {"label": raw["label"], "type": raw["type"], "options": options, "group": raw["group"], "required": raw["required"]}
    values["searched"] = raw["searched"]
    if row is None:
        forms.buttons(editing, changes, partial(define_field, viewer, scope=scope, **values), quiet=True, new=True)
        return
    lost = 0
    if {"type", "options"} & changes.keys():
        lost = _effect(viewer, row, str(raw["type"]), options)
    forms.buttons(
        editing,
        changes,
        partial(change_field, viewer, row["custom_field_id"], editing.version, expected_lost=lost, language=language(), **values),
        quiet=True,
    )


def _definition(viewer: Viewer, scope: str, custom_field_id: int) -> Row:
    with reader(viewer) as r:
        for row in definitions(r, scope, retired=True):
            if row["custom_field_id"] == custom_field_id:
                return row
    raise NotFound()


def _effect(viewer: Viewer, row: Row, type_: str, options: list[str]) -> int:
    """Draw what the change does to the values there are; return how many would be lost."""
    effect = field_effect(viewer, row["custom_field_id"], type_, options, language())
    if not effect.rewritten and not effect.lost:
        st.caption(t("fields.effect_none", n=effect.kept))
        return 0
    with section("field-effect", t("consequences.title")):
        if effect.kept:
            st.markdown(t("fields.effect_kept", n=effect.kept))
        if effect.rewritten:
            examples = [
                f"{_read_out(viewer, row['type'], old)} → {_read_out(viewer, type_, new)}" for old, new in effect.rewritten_examples
            ]
            st.markdown(md(_with_examples("rewritten", effect.rewritten, examples)))
        if effect.lost:
            examples = [_read_out(viewer, row["type"], old) for old in effect.lost_examples]
            st.warning(md(_with_examples("lost", effect.lost, examples)), icon=":material/warning:")
    return effect.lost


def _with_examples(what: str, n: int, examples: list[str]) -> str:
    """Return the sentence with examples; without any where all are of clients the viewer does not see."""
    if not examples:
        return t(f"fields.effect_{what}_unseen", n=n)
    return t(f"fields.effect_{what}", n=n, examples="; ".join(examples))


def _read_out(viewer: Viewer, type_: str, stored: str) -> str:
    """Return a stored value as people read it."""
    members = choices(viewer)[1] if type_ == "staff_member" else {}
    return field_text(Field("value", type_), from_stored(type_, stored), members)


@form("starter", "fields.starter")
def _starter(viewer: Viewer, editing: OpenForm) -> None:
    left = starter_left(viewer)
    draft = editing.start(lambda: {"keys": [key for key, _, _ in left]})
    st.caption(t("fields.starter_hint"))
    chosen = []
    for key, label, type_ in left:
        if st.checkbox(f"{md(label)} · {t(f'fields.type_{type_}')}", key=keep_input(editing.key(key), key in draft["keys"])):
            chosen.append(key)
    editing.record_input({"keys": chosen})
    forms.buttons(editing, {"keys": chosen} if chosen else {}, partial(add_starter_fields, viewer, chosen), quiet=True, save="fields.add")
