"""*Neuer Kunde*: the account's form with its first contact, linked or created in the same save."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from core.access.verbs import rights_of
from core.base.fields import Field
from core.base.rights import Right, Viewer
from core.clients.accounts import choices, create_account, list_fields, propose_number
from core.clients.contact_search import find_contacts
from core.i18n import language, t
from core.ui.forms import form_dialog as forms
from core.ui.forms.field_inputs import custom_inputs, keep_input, raw_of, show_problem
from core.ui.forms.form_dialog import form, open_form
from core.ui.info.details import account_inputs
from core.ui.parts.navigate import open_account_page
from core.ui.parts.options import named
from core.ui.parts.tag_chips import colored_chips
from core.ui.state.open_form import OpenForm


def new_account_button(viewer: Viewer) -> None:
    """Draw *Neuer Kunde*, for viewers who may manage accounts."""
    if Right.MANAGE_ACCOUNTS in rights_of(viewer):
        st.button(t("accounts.new"), icon=":material/add:", type="primary", key="new-account", on_click=open_form, args=("new_account",))


def _empty(viewer: Viewer, fields: Mapping[int, Field]) -> dict[str, object]:
    empty: dict[str, object] = {"name": "", "kind": "person", "number": propose_number(viewer), "tags": [], "team": []}
    empty |= {"contact_way": "new", "contact_name": "", "contact_email": "", "find": ""}
    return empty | {field.key: raw_of(field, None) for field in fields.values()}


@form("new_account", "accounts.new")
def _new_account(viewer: Viewer, editing: OpenForm) -> None:
    fields, rights = list_fields(viewer), rights_of(viewer)
    tags, members = choices(viewer)
    draft = editing.start(lambda: _empty(viewer, fields))
    editing.labels = {field.key: field.label for field in fields.values()}
    problems, prefix = editing.problems, editing.key("in")
    raw = dict(draft) | account_inputs(draft, prefix, problems, viewer)
    contact_id = _contact(viewer, draft, raw, prefix, problems)
    more = {}
    if Right.MANAGE_TAGS in rights and tags:
        key = keep_input(f"{prefix}-tags", draft["tags"])
        colored_chips(viewer)
        raw["tags"] = more["tags"] = st.multiselect(
            t("accounts.tags"), list(tags), key=key, format_func=named(tags), placeholder=t("form.none")
        )
    if Right.MANAGE_TEAM in rights:
        key = keep_input(f"{prefix}-team", draft["team"])
        raw["team"] = more["team"] = st.multiselect(
            t("accounts.team"), list(members), key=key, format_func=named(members), placeholder=t("form.none")
        )
    custom = custom_inputs(list(fields.values()), draft, prefix, problems, members)
    raw |= custom
    changes = editing.record_input(raw)

    def done(account_id: int) -> None:
        forms.close_form()
        open_account_page(account_id)

    forms.buttons(
        editing,
        changes,
        partial(
            create_account,
            viewer,
            name=raw["name"] or "",
            kind=raw["kind"] or "",
            number=raw["number"] or "",
            contact_id=contact_id,
            contact_name=(raw["contact_name"] or "").strip() or raw["name"] or "",
            contact_email=raw["contact_email"] or "",
            more=custom | more,
            language=language(),
        ),
        done=done,
        quiet=True,
        new=True,
    )


def _contact(viewer: Viewer, draft: Mapping[str, Any], raw: dict[str, Any], prefix: str, problems: Mapping[str, str]) -> int | None:
    """Draw the choice of the first contact; return None for a new one, else the id of the one to link."""
    raw["contact_way"] = way = st.segmented_control(
        t("accounts.contact_way"), ["new", "known"], required=True, key=keep_input(f"{prefix}-way", draft["contact_way"]),
        format_func=lambda code: t(f"accounts.contact_{code}"),
    ) or draft["contact_way"]  # fmt: skip
    if way == "known":
        return _known_contact(viewer, draft, raw, prefix, problems)
    left, right = st.columns(2)
    with left:
        key = keep_input(f"{prefix}-contact", draft["contact_name"])
        raw["contact_name"] = st.text_input(t("accounts.contact_name"), key=key, help=t("accounts.contact_hint"), autocomplete="off")
        show_problem(problems, "contact_name")
    with right:
        key = keep_input(f"{prefix}-email", draft["contact_email"])
        raw["contact_email"] = st.text_input(t("accounts.contact_email"), key=key, autocomplete="off", placeholder=t("form.example_email"))
        show_problem(problems, "contact_email")
    return None


def _known_contact(viewer: Viewer, draft: Mapping[str, Any], raw: dict[str, Any], prefix: str, problems: Mapping[str, str]) -> int | None:
    key = keep_input(f"{prefix}-find", draft["find"])
    raw["find"] = text = st.text_input(t("accounts.contact_find"), key=key, type="search", live="250ms") or ""
    found = {row["contact_id"]: row for row in find_contacts(viewer, text)}
    if not found:
        if text:
            st.caption(t("accounts.contact_not_found"))
        show_problem(problems, "contact_name")
        return None

    def words_of_contact(contact_id: int) -> str:
        return " · ".join(filter(None, (found[contact_id]["name"], found[contact_id]["email"])))

    chosen = st.selectbox(t("accounts.contact_pick"), list(found), format_func=words_of_contact, key=f"{prefix}-pick-{text}")
    show_problem(problems, "contact_name")
    return chosen
