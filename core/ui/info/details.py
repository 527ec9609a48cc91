"""The left of *Info*: *Kontodetails* to look at, and the form behind the pencil."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from core.access.open_account import OpenAccount
from core.access.verbs import rights_of
from core.base.fields import Field
from core.base.rights import Right, Role, Viewer
from core.clients.account_record import (
    DETAILS,
    Record,
    archive_account,
    delete_account,
    edit_account,
    read_record,
    restore_account,
    same_name,
)  # fmt: skip
from core.clients.accounts import choices
from core.clients.tags import tag_colors
from core.documents.unused_files import remove_files
from core.i18n import language, t
from core.i18n.formats import day, money, number
from core.store import reader
from core.ui.forms import form_dialog as forms
from core.ui.forms.edit_conflict import start_edit
from core.ui.forms.field_inputs import countries, custom_inputs, keep_input, raw_of, show_problem, shown_as_no
from core.ui.forms.form_dialog import form, open_form
from core.ui.info.photo_form import photo_form
from core.ui.info.who_sees import who_sees_card
from core.ui.parts.escape import esc, md
from core.ui.parts.navigate import PAGES
from core.ui.parts.options import named
from core.ui.parts.tag_chips import colored_chips, tag_chip
from core.ui.state.open_form import OpenForm

# The face over the details, in pixels.
FACE_PX = 64


def field_text(field: Field, value: Any, members: Mapping[int, str] | None = None) -> str:
    """Return a field's value as people read it, without markup; nothing where it is empty."""
    if value is None or value in ("", ()):
        return ""
    if field.type == "yes_no":
        return t("common.yes") if value else t("common.no")
    if field.type == "money" and not isinstance(value, str):
        return money(value)
    if field.type == "number" and not isinstance(value, str):
        return number(value, 0)
    if field.type == "date":
        return day(value) if not isinstance(value, str) else value
    if field.type == "staff_member":
        return (members or {}).get(value, str(value))
    if field.type == "address" and isinstance(value, Mapping):
        place = " ".join(filter(None, (value.get("postcode"), value.get("city"))))
        return ", ".join(
            filter(
                None, (value.get("street"), place, value.get("region"), countries().get(value.get("country") or "", value.get("country")))
            )
        )
    if isinstance(value, tuple | list):
        return ", ".join(str(part) for part in value)
    return str(raw_of(field, value))


def details_card(account: OpenAccount) -> None:
    """Draw the details of the account itself, with the pencil for viewers who may edit."""
    record, rights = read_record(account), rights_of(account.viewer)
    tags, members = choices(account.viewer)
    colors = tag_colors(account.viewer)
    with st.container(gap="small", key="card-details"):
        with st.container(horizontal=True, vertical_alignment="center", key="head-details"):
            st.html(f'<div class="kb-head"><h2>{esc(t("info.details"))}</h2></div>', width="stretch")
            if {Right.MANAGE_ACCOUNTS, Right.MANAGE_TAGS, Right.MANAGE_TEAM} & rights:
                st.button(
                    t("info.edit"), icon=":material/edit:", type="tertiary", key="edit-details", on_click=open_form,
                    args=("details", account.account_id),
                )  # fmt: skip
            _more(account, rights)
        photo_form(account, FACE_PX)
        facts = [(t("accounts.name"), esc(account.name)), (t("accounts.number"), esc(account.number))]
        facts.append((t("accounts.kind"), esc(t(f"frame.kind.{account.kind}"))))
        facts.append((t("accounts.state"), esc(t(f"frame.state.{account.state}"))))
        own = [tag_chip(tags[i], colors.get(i, "gray")) for i in record.values["tags"] if i in tags]
        facts.append((t("accounts.tags"), " ".join(own) or "–"))
        facts.append((t("accounts.team"), esc(", ".join(members.get(i, "?") for i in record.values["team"])) or "–"))
        st.html(_list(facts) + _custom(record, members))
        who_sees_card(account)


def _list(facts: list[tuple[str, str]]) -> str:
    return '<dl class="kb-facts kb-lines">' + "".join(f"<dt>{esc(name)}</dt><dd>{value}</dd>" for name, value in facts) + "</dl>"


def _custom(record: Record, members: Mapping[int, str]) -> str:
    """Return the firm's own fields by group, and below them the names of those without a value, as HTML."""
    custom = record.fields[len(DETAILS) :]
    empty = [field.label for field in custom if not field_text(field, record.values[field.key], members)]
    said = ""
    for group in dict.fromkeys(field.group for field in custom):
        facts = [(field.label, _value_html(field, record.values[field.key], members)) for field in custom if field.group == group]
        if facts := [(label, value) for label, value in facts if value]:
            said += (f'<h3 class="kb-group">{esc(group)}</h3>' if group else "") + _list(facts)
    return said + (f'<p class="kb-unsaid">{esc(t("info.empty_fields", names=", ".join(empty)))}</p>' if empty else "")


def _value_html(field: Field, value: object, members: Mapping[int, str]) -> str:
    text = esc(field_text(field, value, members))
    if field.type == "link" and text and isinstance(value, str) and value.startswith(("http://", "https://")):
        return f'<a href="{esc(value)}" target="_blank" rel="noopener noreferrer">{text}</a>'
    return text.replace("\n", "<br>")


def _more(account: OpenAccount, rights: frozenset[Right]) -> None:
    """Draw the menu that archives, restores or deletes the account."""
    if Right.MANAGE_ACCOUNTS not in rights:
        return
    ways = ["restore" if account.state == "archived" else "archive"]
    with reader(account.viewer) as r:
        if r.scope.role in (Role.OWNER, Role.ADMIN):
            ways.append("delete")
    key = f"more-{account.account_id}"

    def picked() -> None:
        open_form(str(st.session_state[key]), account.account_id)

    st.menu_button(
        t("info.more"), ways, key=key, type="tertiary", icon=":material/more_vert:", help=t("info.more"), on_click=picked,
        format_func=lambda way: t(f"info.{way}"),
    )  # fmt: skip


@form("details", "info.details")
def _details(account: OpenAccount, editing: OpenForm) -> None:
    record = read_record(account)
    rights = rights_of(account.viewer)
    tags, members = choices(account.viewer)
    custom = record.fields[len(DETAILS) :]

    by_key = {field.key: field for field in record.fields}

    def present() -> dict[str, Any]:
        values = {field.key: raw_of(field, record.values[field.key]) for field in record.fields}
        return values | {"tags": list(record.values["tags"]), "team": list(record.values["team"])}

    def display_text(name: str, raw: Any) -> str:
        names = {"tags": tags, "team": members}.get(name)
        if names is not None:
            return ", ".join(names.get(i, "?") for i in raw or ()) or t("form.none")
        if name == "kind":
            return t(f"frame.kind.{raw}")
        return (raw if isinstance(raw, str) else field_text(by_key[name], raw, members)) or t("form.none")

    editing.labels = labels = {field.key: t(f"accounts.{field.key}") for field in DETAILS} | {field.key: field.label for field in custom}
    labels |= {"tags": t("accounts.tags"), "team": t("accounts.team")}
    draft = start_edit(editing, present, record.version, labels, display_text)
    problems, prefix = editing.problems, editing.key("in")
    raw = dict(draft)
    if Right.MANAGE_ACCOUNTS in rights:
        raw |= account_inputs(draft, prefix, problems, account)
        raw |= custom_inputs(custom, draft, prefix, problems, members)
    if Right.MANAGE_TAGS in rights:
        key = keep_input(f"{prefix}-tags", draft["tags"])
        colored_chips(account.viewer)
        raw["tags"] = st.multiselect(labels["tags"], list(tags), key=key, format_func=named(tags), placeholder=t("form.none"))
    if Right.MANAGE_TEAM in rights:
        key = keep_input(f"{prefix}-team", draft["team"])
        raw["team"] = st.multiselect(labels["team"], list(members), key=key, format_func=named(members), placeholder=t("form.none"))
    changes = editing.record_input(raw)
    meant = changes | shown_as_no(custom if Right.MANAGE_ACCOUNTS in rights else (), editing.initial or {}, raw)
    forms.buttons(editing, changes, partial(edit_account, account, editing.version, meant, language()))


def account_inputs(
    draft: Mapping[str, object], prefix: str, problems: Mapping[str, str], subject: OpenAccount | Viewer
) -> dict[str, object]:
    """Draw name, type and number, and say who else has the name; return the raw values by key."""
    name = st.text_input(f"{t('accounts.name')} *", key=keep_input(f"{prefix}-name", draft["name"]), autocomplete="off")
    show_problem(problems, "name")
    own_name = subject.name if isinstance(subject, OpenAccount) else None
    if name and name != own_name and (others := same_name(subject, name)):
        st.caption(md(t("info.same_name", numbers=", ".join(others))))
    left, right = st.columns(2)
    with left:
        kind = st.segmented_control(
            t("accounts.kind"), DETAILS[1].options, required=True, key=keep_input(f"{prefix}-kind", draft["kind"]),
            format_func=lambda code: t(f"frame.kind.{code}"),
        ) or draft["kind"]  # fmt: skip
        show_problem(problems, "kind")
    with right:
        number_ = st.text_input(f"{t('accounts.number')} *", key=keep_input(f"{prefix}-number", draft["number"]), autocomplete="off")
        show_problem(problems, "number")
    return {"name": name, "kind": kind, "number": number_}


@form("archive", "info.archive_title", "question")
def _archive(account: OpenAccount, editing: OpenForm) -> None:
    editing.start(dict)
    st.write(t("info.archive_hint"))
    forms.buttons(editing, {}, partial(archive_account, account), save="info.archive", at_once=True)


@form("restore", "info.restore_title", "question")
def _restore(account: OpenAccount, editing: OpenForm) -> None:
    editing.start(dict)
    st.write(t("info.restore_hint"))
    forms.buttons(editing, {}, partial(restore_account, account), save="info.restore", at_once=True)


@form("delete", "info.delete_title", "question")
def _delete(account: OpenAccount, editing: OpenForm) -> None:
    draft = editing.start(lambda: {"typed_name": ""})
    st.warning(t("info.delete_hint"), icon=":material/warning:")
    st.text(account.name)
    name = st.text_input(t("info.typed_name"), key=keep_input(editing.key("typed"), draft["typed_name"]), autocomplete="off")
    show_problem(editing.problems, "typed_name")
    editing.record_input({"typed_name": name})

    def done(files: list[str]) -> None:
        remove_files(files)
        forms.close_form()
        st.switch_page(PAGES["accounts"])

    forms.buttons(
        editing, {"typed_name": name}, partial(delete_account, account, name), done=done, save="info.delete", confirm="info.delete_confirm"
    )
