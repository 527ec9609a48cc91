"""The right of *Info*: the contacts of the account, their addresses, and what each address may."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.access.contact_access import SWITCHES, invite_again, set_access
from core.access.open_account import OpenAccount
from core.access.verbs import rights_of
from core.base.config import read_settings
from core.base.contact_points import split_list
from core.base.errors import AppError, NotFound
from core.base.rights import Right
from core.clients import contact_emails
from core.clients.contact_emails import orphans_of
from core.clients.contacts import Contact, contacts_of
from core.i18n import sentence, t
from core.mail.smtp import can_send
from core.store import Row
from core.ui.forms import form_dialog as forms
from core.ui.forms.edit_conflict import start_edit
from core.ui.forms.field_inputs import keep_input, show_problem
from core.ui.forms.form_dialog import form, open_form
from core.ui.forms.shown_link import deliver, show_link
from core.ui.info.contact_lines import access_head, address_html, contact_facts, contact_name, email_html, state_of
from core.ui.parts.escape import esc, md, plain_paragraph
from core.ui.parts.navigate import open_account_page
from core.ui.parts.options import named
from core.ui.state.open_form import MadeLink, OpenForm
from core.ui.state.ui_state import ui_state


def contacts_card(account: OpenAccount) -> None:
    """Draw every contact of the account, with its addresses and their access."""
    may = Right.MANAGE_ACCOUNTS in rights_of(account.viewer)
    with st.container(gap=None, key="card-contacts"):
        with st.container(horizontal=True, vertical_alignment="center", key="head-contacts"):
            st.html(f'<div class="kb-head"><h2>{esc(t("info.contacts"))}</h2></div>', width="stretch")
            if may:
                for name, icon in (("link", ":material/link:"), ("create", ":material/person_add:")):
                    st.button(
                        t(f"info.contact_{name}"), icon=icon, type="tertiary", key=f"contact-{name}", on_click=open_form,
                        args=(f"contact_{name}", account.account_id),
                    )  # fmt: skip
        found = contacts_of(account)
        if problem := ui_state().take_problem("contacts"):
            st.error(problem, icon=":material/error:")
        if not found:
            st.caption(t("info.contacts_none"))
        elif any(contact.emails for contact in found):
            st.html(access_head())
        for contact in found:
            _contact(account, contact, may, alone=len(found) == 1)


def _contact(account: OpenAccount, contact: Contact, may: bool, *, alone: bool) -> None:
    with st.container(gap=None, key=f"contact-{contact.contact_id}"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"head-contact-{contact.contact_id}"):
            st.html(contact_name(contact), width="stretch")
            if may:
                _contact_menu(account, contact, alone)
        st.html(contact_facts(contact))
        for other in contact.others:
            label = f"{md(other['name'])} · {md(other['number'])}"
            if st.button(label, key=f"other-{contact.contact_id}-{other['account_id']}", type="tertiary", icon=":material/open_in_new:"):
                open_account_page(other["account_id"], "info")
        if contact.unseen:
            st.caption(t("info.unseen", n=contact.unseen))
        if not contact.emails:
            st.caption(t("info.no_email"))
        for email in contact.emails:
            _address(account, contact, email, may)


def _contact_menu(account: OpenAccount, contact: Contact, alone: bool) -> None:
    ways = [*(("contact_edit", "email_add") if contact.editable else ("relation_edit",)), *(() if alone else ("contact_unlink",))]
    key = f"menu-contact-{contact.contact_id}"

    def picked() -> None:
        open_form(str(st.session_state[key]), account.account_id, contact_id=contact.contact_id)

    words = md(t("info.contact_more", name=contact.values["name"]))
    st.menu_button(
        words, ways, key=key, type="tertiary", icon=":material/more_horiz:", on_click=picked, format_func=lambda way: t(f"info.{way}"),
        help=words,
    )  # fmt: skip


def _address(account: OpenAccount, contact: Contact, email: Row, may: bool) -> None:
    """Draw an address and its four switches in one row, under the heads of ``access_head``."""
    with st.container(horizontal=True, vertical_alignment="center", gap=None, key=f"address-{email['contact_email_id']}"):
        st.html(address_html(contact, email), width="stretch")
        for switch in SWITCHES:
            _switch(account, email, switch, may)
        if may:
            _address_menu(account, contact, email)


def _switch(account: OpenAccount, email: Row, switch: str, may: bool) -> None:
    state = state_of(email, switch)
    key = f"switch-{switch}-{email['contact_email_id']}-{email['access_version']}-{ui_state().form_epoch}"
    if switch == "notify" and state == "active" and not can_send(read_settings()):
        state = "no_mail"
    label = t(f"info.{switch}") + (f" · {t(f'info.state_{state}')}" if state in ("pending", "suspended", "no_mail") else "")

    def turned() -> None:
        if switch == "login" or not st.session_state[key]:
            open_form(
                "access", account.account_id, contact_email_id=email["contact_email_id"], switch=switch, value=bool(st.session_state[key])
            )
            return
        try:
            set_access(account, email["contact_email_id"], email["access_version"], **{switch: True})
        except AppError as problem:
            ui_state().problems["contacts"] = sentence(problem)

    st.toggle(label, value=bool(email[switch]), key=key, disabled=not may, on_change=turned)


def _address_menu(account: OpenAccount, contact: Contact, email: Row) -> None:
    number = email["contact_email_id"]
    ways = []
    if contact.editable:
        ways += ["email_change", *(() if email["is_primary"] else ("email_primary",)), "email_remove"]
    if email["login"] and email["first_login_at"] is None and not email["suspended_at"] and not email["has_password"]:
        ways.insert(0, "invite")
    if not ways:
        return
    key = f"menu-address-{number}"

    def picked() -> None:
        way = st.session_state[key]
        if way == "email_primary":
            try:
                contact_emails.make_primary(account, number)
            except AppError as problem:
                ui_state().problems["contacts"] = sentence(problem)
            return
        open_form(str(way), account.account_id, contact_id=contact.contact_id, contact_email_id=number)

    words = md(t("info.email_more", email=email["email"]))
    st.menu_button(
        words, ways, key=key, type="tertiary", icon=":material/more_horiz:", on_click=picked, format_func=lambda way: t(f"info.{way}"),
        help=words,
    )  # fmt: skip


def _email_of(account: OpenAccount, contact_email_id: int) -> Row:
    for contact in contacts_of(account):
        for email in contact.emails:
            if email["contact_email_id"] == contact_email_id:
                return email | {"who": email["holder_name"] or contact.values["name"]}
    raise NotFound()


@form("access", "info.access", "question")
def _access(account: OpenAccount, editing: OpenForm) -> None:
    """Draw what turning a switch causes, then the link when a login was given."""
    if editing.link:
        show_link(editing, editing.link, "invitation")
        return
    about = editing.about
    email = _email_of(account, about["contact_email_id"])
    editing.start(dict)
    st.html(
        plain_paragraph(t(f"info.{'grant' if about['value'] else 'withdraw'}", what=t(f"info.{about['switch']}"), email=email["email"]))
    )
    if editing.has_conflict:
        editing.has_conflict, editing.problem = False, t("info.access_changed")
    forms.buttons(
        editing,
        {},
        partial(set_access, account, about["contact_email_id"], email["access_version"], **{about["switch"]: about["value"]}),
        at_once=True,
        save="info.access_on" if about["value"] else "info.access_off",
        done=partial(_deliver, account, editing, email),
    )


def _deliver(account: OpenAccount, editing: OpenForm, email: Row, token: str | None) -> None:
    """Send and show the invitation that a login caused; the form closes where there is none."""
    if token is None:
        forms.close_form()
        ui_state().is_saved = True
        return
    deliver(account.viewer, editing, "invitation", "invitation", MadeLink(token, email["email"], email["who"]))


@form("invite", "info.invite", "question")
def _invite(account: OpenAccount, editing: OpenForm) -> None:
    if editing.link:
        show_link(editing, editing.link, "invitation")
        return
    email = _email_of(account, editing.about["contact_email_id"])
    editing.start(dict)
    st.html(plain_paragraph(t("info.invite_hint", email=email["email"])))
    forms.buttons(
        editing,
        {},
        partial(invite_again, account, email["contact_email_id"]),
        at_once=True,
        save="info.invite_go",
        done=partial(_deliver, account, editing, email),
    )


@form("email_add", "info.email_add")
def _email_add(account: OpenAccount, editing: OpenForm) -> None:
    _email_inputs(account, editing, {"email": "", "label": "", "holder_name": "", "holder_relation": ""}, None)


@form("email_change", "info.email_change")
def _email_change(account: OpenAccount, editing: OpenForm) -> None:
    email = _email_of(account, editing.about["contact_email_id"])
    _email_inputs(account, editing, {key: email[key] or "" for key in ("email", "label", "holder_name", "holder_relation")}, email)


def _email_inputs(account: OpenAccount, editing: OpenForm, present: dict[str, str], email: Row | None) -> None:
    labels = {key: t(f"info.{key}") for key in present}
    if email is None:
        draft = editing.start(lambda: present)
    else:
        draft = start_edit(editing, lambda: present, email["email_version"], labels, lambda _, value: str(value) or t("form.none"))
    problems, prefix = editing.problems, editing.key("in")
    raw: dict[str, Any] = {}
    raw["email"] = st.text_input(
        f"{labels['email']} *", key=keep_input(f"{prefix}-email", draft["email"]), autocomplete="off", placeholder=t("form.example_email")
    )
    show_problem(problems, "email")
    several = split_list(str(raw["email"]))
    fixed = email is not None and email["custom_field_id"] is not None
    raw["label"] = st.text_input(
        labels["label"], key=keep_input(f"{prefix}-label", draft["label"]), disabled=fixed, help=t("info.label_help"), autocomplete="off"
    )
    show_problem(problems, "label")
    left, right = st.columns(2)
    with left:
        key = keep_input(f"{prefix}-holder_name", draft["holder_name"])
        raw["holder_name"] = st.text_input(labels["holder_name"], key=key, help=t("info.holder_help"), autocomplete="off")
        show_problem(problems, "holder_name")
    with right:
        key = keep_input(f"{prefix}-holder_relation", draft["holder_relation"])
        raw["holder_relation"] = st.text_input(labels["holder_relation"], key=key, autocomplete="off")
        show_problem(problems, "holder_relation")
    changes = editing.record_input(raw)
    contact_id = editing.about["contact_id"]
    if email is None and len(several) > 1:
        st.info(md(t("info.several_emails", n=len(several), emails=", ".join(several))), icon=":material/call_split:")
        forms.buttons(
            editing,
            changes,
            partial(contact_emails.add_emails, account, contact_id, several),
            save="info.add_all",
            confirm="info.add_all_confirm",
        )
    elif email is None:
        forms.buttons(editing, changes, partial(contact_emails.add_email, account, contact_id, **raw), new=True)
    else:
        forms.buttons(editing, changes, partial(contact_emails.change_email, account, email["contact_email_id"], editing.version, **raw))


@form("email_remove", "info.email_remove", "question")
def _email_remove(account: OpenAccount, editing: OpenForm) -> None:
    email = _email_of(account, editing.about["contact_email_id"])
    editing.start(dict)
    granted = any(email[switch] for switch in SWITCHES)
    st.html(plain_paragraph(t("info.email_remove_access" if granted else "info.email_remove_hint", email=email["email"])))
    forms.buttons(
        editing, {}, partial(contact_emails.remove_email, account, email["contact_email_id"]), at_once=True, save="info.email_remove"
    )


def orphans_card(account: OpenAccount) -> None:
    """Draw the addresses without a contact, with the three ways out."""
    orphans = orphans_of(account)
    if not orphans:
        return
    may = Right.MANAGE_ACCOUNTS in rights_of(account.viewer)
    with st.container(gap="small", key="card-orphans"):
        st.html(f'<div class="kb-head"><h2>{esc(t("info.orphans"))}</h2></div>')
        st.caption(t("info.orphans_hint"))
        for row in orphans:
            with st.container(gap=None, key=f"orphan-{row['contact_email_id']}"):
                was = ", ".join(t(f"info.{switch}") for switch in SWITCHES if row[switch])
                before = t("info.orphan_before", name=row["contact_before"] or "–", what=was or t("info.orphan_nothing"))
                st.html(f'{email_html(row["email"])} <span class="kb-line">{esc(before)}</span>')
                if may:
                    _ways_out(account, row["contact_email_id"], ("delete", *(("switch_off",) if was else ()), "give"))


def _ways_out(account: OpenAccount, contact_email_id: int, ways: tuple[str, ...]) -> None:
    with st.container(horizontal=True, gap="medium"):
        for way in ways:
            st.button(
                t(f"info.orphan_{way}"), key=f"orphan-{way}-{contact_email_id}", type="tertiary", on_click=open_form,
                args=(f"orphan_{way}", account.account_id), kwargs={"contact_email_id": contact_email_id},
            )  # fmt: skip


def _orphan(account: OpenAccount, editing: OpenForm) -> str:
    """Return the address the form is about. Raises NotFound when it has a contact by now, or is gone."""
    for row in orphans_of(account):
        if row["contact_email_id"] == editing.about["contact_email_id"]:
            return row["email"]
    raise NotFound()


def _orphan_form(verb, way: str):
    @form(f"orphan_{way}", f"info.orphan_{way}", "question")
    def draw(account: OpenAccount, editing: OpenForm) -> None:
        editing.start(dict)
        st.html(plain_paragraph(t(f"info.orphan_{way}_hint", email=_orphan(account, editing))))
        forms.buttons(editing, {}, partial(verb, account, editing.about["contact_email_id"]), at_once=True, save=f"info.orphan_{way}")

    return draw


_orphan_form(contact_emails.delete_orphan, "delete")
_orphan_form(contact_emails.switch_off_orphan, "switch_off")


@form("orphan_give", "info.orphan_give", "question")
def _orphan_give(account: OpenAccount, editing: OpenForm) -> None:
    draft = editing.start(lambda: {"contact_id": None})
    names = {contact.contact_id: str(contact.values["name"]) for contact in contacts_of(account) if contact.editable}
    st.html(plain_paragraph(t("info.orphan_give_hint", email=_orphan(account, editing))))
    key = keep_input(editing.key("heir"), draft["contact_id"])
    heir = st.selectbox(t("info.orphan_heir"), list(names), index=None, key=key, format_func=named(names), placeholder=t("form.none"))
    changes = editing.record_input({"contact_id": heir})
    if heir is None:
        changes = {}
    forms.buttons(
        editing,
        changes,
        partial(contact_emails.give_orphan, account, editing.about["contact_email_id"], heir or 0),
        save="info.orphan_give",
        confirm="info.orphan_give_confirm",
    )
