"""Forms about a contact: create, edit, link to the account, unlink."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from core.access.open_account import OpenAccount
from core.base.contact_points import split_list
from core.base.errors import NotFound
from core.base.fields import Field
from core.clients import contacts as people
from core.clients.accounts import choices
from core.clients.contact_search import find_contacts, likely_duplicates
from core.clients.contacts import Contact, contacts_of
from core.i18n import SPOKEN, language, t
from core.store import Row
from core.ui.forms import form_dialog as forms
from core.ui.forms.edit_conflict import start_edit
from core.ui.forms.field_inputs import country_input, custom_inputs, field_input, keep_input, raw_of, show_problem, shown_as_no
from core.ui.forms.form_dialog import form
from core.ui.info.details import field_text
from core.ui.parts.escape import md, plain_paragraph
from core.ui.parts.options import named
from core.ui.state.open_form import OpenForm

# The parts of an address, in one row.
PLACE = ("street", "postcode", "city", "region", "country")
# The rows of inputs above it: how wide their columns are, and their keys.
ROWS: tuple[tuple[int | tuple[int, ...], tuple[str, ...]], ...] = (
    (2, ("name", "relation")),
    ((1, 2, 2), ("salutation", "first_name", "last_name")),
    (3, ("company", "phone", "mobile")),
)


@form("contact_create", "info.contact_create")
def _create(account: OpenAccount, editing: OpenForm) -> None:
    _contact_inputs(account, editing, None)


@form("contact_edit", "info.contact_edit")
def _edit(account: OpenAccount, editing: OpenForm) -> None:
    _contact_inputs(account, editing, _contact_of(account, editing.about["contact_id"]))


def _contact_of(account: OpenAccount, contact_id: int) -> Contact:
    for contact in contacts_of(account):
        if contact.contact_id == contact_id:
            return contact
    raise NotFound()


def _contact_inputs(account: OpenAccount, editing: OpenForm, contact: Contact | None) -> None:
    fields = contact.fields if contact else people.contact_fields(account.viewer)
    by_key = {field.key: field for field in fields}
    _, members = choices(account.viewer)

    def present() -> dict[str, Any]:
        values = {field.key: raw_of(field, contact.values[field.key] if contact else None) for field in fields}
        return values | ({} if contact else {"emails": ""})

    def display_text(name: str, raw: Any) -> str:
        return (raw if isinstance(raw, str) else field_text(by_key[name], raw, members)) or t("form.none")

    editing.labels = labels = {field.key: field.label or t(f"info.{field.key}") for field in fields}
    if contact is None:
        draft = editing.start(present)
    else:
        draft = start_edit(editing, present, contact.version, labels, display_text)
        _also_linked(contact)
    raw = dict(draft) | _detail_inputs(account, editing, by_key, labels, draft)
    problems, prefix = editing.problems, editing.key("in")
    raw |= custom_inputs([field for field in fields if field.key.startswith("field:")], draft, prefix, problems, members)
    changes = editing.record_input(raw)
    if contact is not None:
        meant = changes | shown_as_no(fields, editing.initial or {}, raw)
        forms.buttons(editing, changes, partial(people.edit_contact, account, contact.contact_id, editing.version, meant, language()))
        return
    values = {key: value for key, value in raw.items() if key != "emails"}
    asked = str(raw["emails"]).strip()
    emails = tuple(split_list(asked) or ([asked] if asked else []))
    if len(emails) > 1:
        st.info(md(t("info.several_emails", n=len(emails), emails=", ".join(emails))), icon=":material/call_split:")
    forms.buttons(editing, changes, partial(people.create_contact, account, values, emails, language()), new=True)


def _also_linked(contact: Contact) -> None:
    if contact.others or contact.unseen:
        names = [other["name"] for other in contact.others] + ([t("info.unseen", n=contact.unseen)] if contact.unseen else [])
        st.info(md(t("info.also_linked", names=", ".join(names))), icon=":material/link:")


def _detail_inputs(
    account: OpenAccount, editing: OpenForm, by_key: Mapping[str, Field], labels: Mapping[str, str], draft: Mapping[str, object]
) -> dict[str, object]:
    """Draw the details in rows, with ``emails`` in the draft also the addresses of a new contact; return their raw values by key."""
    problems, prefix, raw = editing.problems, editing.key("in"), {}
    is_new = "emails" in draft

    def one_input(key: str) -> None:
        raw[key] = field_input(by_key[key], labels[key], keep_input(f"{prefix}-{key}", draft[key]))
        show_problem(problems, key)

    for widths, keys in ROWS:
        for place, key in zip(st.columns(widths), keys, strict=True):
            with place:
                one_input(key)
                if key == "name" and is_new and raw[key] and (same := likely_duplicates(account.viewer, str(raw[key]))):
                    names = "; ".join(f"{row['name']} {row['email'] or ''}".strip() for row in same)
                    st.warning(md(t("info.duplicate", names=names)), icon=":material/group:")
    for place, key in zip(st.columns([3, 1, 2, 2, 2]), PLACE, strict=True):
        with place:
            if key == "country":
                raw[key] = country_input(labels[key], keep_input(f"{prefix}-country", draft[key] or None)) or ""
            else:
                raw[key] = field_input(by_key[key], labels[key], keep_input(f"{prefix}-{key}", draft[key]))
    # Below the row: in the width of a postcode's input a sentence would be a column of single words.
    for key in PLACE:
        show_problem(problems, key, labels[key])
    left, right, rest = st.columns(3)
    with left:
        one_input("born_on")
    with right:
        key, words = keep_input(f"{prefix}-language", draft["language"]), SPOKEN
        raw["language"] = st.selectbox(
            labels["language"], list(words), index=None, key=key, format_func=named(words), placeholder=t("form.none")
        )
    if is_new:
        with rest:
            key = keep_input(f"{prefix}-emails", draft["emails"])
            raw["emails"] = st.text_input(t("info.emails"), key=key, help=t("info.emails_help"), autocomplete="off")
            show_problem(problems, "email")
    return raw


@form("relation_edit", "info.relation_edit")
def _relation(account: OpenAccount, editing: OpenForm) -> None:
    contact = _contact_of(account, editing.about["contact_id"])
    draft = editing.start(lambda: {"relation": contact.relation or ""})
    key = keep_input(editing.key("relation"), draft["relation"])
    raw = {"relation": st.text_input(t("info.relation"), key=key, help=t("info.relation_help"), autocomplete="off")}
    show_problem(editing.problems, "relation")
    changes = editing.record_input(raw)
    forms.buttons(editing, changes, partial(people.edit_contact, account, contact.contact_id, None, changes))


@form("contact_unlink", "info.contact_unlink_title", "question")
def _unlink(account: OpenAccount, editing: OpenForm) -> None:
    contact = _contact_of(account, editing.about["contact_id"])
    editing.start(dict)
    st.html(plain_paragraph(t("info.contact_unlink_hint", name=contact.values["name"])))
    forms.buttons(editing, {}, partial(people.unlink_contact, account, contact.contact_id), at_once=True, save="info.contact_unlink")


def _named_alike(account: OpenAccount, chosen: Row, linked: set[int]) -> None:
    """Say which other contacts have the name of the chosen one: it may be the same person, entered twice."""
    same = [row for row in likely_duplicates(account.viewer, chosen["name"]) if row["contact_id"] != chosen["contact_id"]]
    if same:
        names = [
            " · ".join(filter(None, (row["name"], row["email"], t("info.linked_here") if row["contact_id"] in linked else "")))
            for row in same
        ]
        st.warning(md(t("info.duplicate_link", names="; ".join(names))), icon=":material/group:")


@form("contact_link", "info.contact_link_title")
def _link(account: OpenAccount, editing: OpenForm) -> None:
    draft = editing.start(lambda: {"find": "", "contact_id": None, "relation": ""})
    prefix = editing.key("in")
    text = st.text_input(t("accounts.contact_find"), key=keep_input(f"{prefix}-find", draft["find"]), type="search", live="250ms")
    linked = {contact.contact_id for contact in contacts_of(account)}
    fitting = find_contacts(account.viewer, text or "")
    found = {row["contact_id"]: row for row in fitting if row["contact_id"] not in linked}
    here = [row["name"] for row in fitting if row["contact_id"] in linked]
    chosen = None
    if found:
        chosen = st.radio(
            t("accounts.contact_pick"), list(found), index=None, key=f"{prefix}-pick-{text}",
            format_func=lambda i: md(" · ".join(filter(None, (found[i]["name"], found[i]["email"])))),
        )  # fmt: skip
    elif text and not here:
        st.caption(t("accounts.contact_not_found"))
    if here:
        st.caption(md(t("info.already_here", names=", ".join(here))))
    if chosen is not None:
        _named_alike(account, found[chosen], linked)
    relation = st.text_input(
        t("info.relation"), key=keep_input(f"{prefix}-relation", draft["relation"]), help=t("info.relation_help"), autocomplete="off"
    )
    show_problem(editing.problems, "relation")
    changes = editing.record_input({"find": text or "", "contact_id": chosen, "relation": relation})
    if chosen is None:
        st.caption(t("info.link_choose"))
    forms.buttons(
        editing,
        changes if chosen is not None else {},
        partial(people.link_contact, account, chosen or 0, relation),
        save="info.contact_link",
        confirm="info.contact_link_confirm",
    )
