"""A section of the settings: the firm's name, logo, time zone and currency, and whether mail can be sent."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache, partial
from typing import Any
from zoneinfo import available_timezones

import streamlit as st
from babel.core import get_global
from babel.numbers import get_territory_currencies

from core.base.errors import AppError, NotFound, ValidationFailed
from core.base.rights import Viewer
from core.documents.logo import remove_logo, set_logo
from core.i18n import sentence, t
from core.i18n.formats import ago, locale, money, today
from core.identity.firm import DETAILS, send_test_mail, set_firm_details
from core.imports.mail_in.mailboxes import states
from core.mail.smtp import can_send, reason_of
from core.store import Row, reader
from core.ui.forms import form_dialog as forms
from core.ui.forms.edit_conflict import start_edit
from core.ui.forms.field_inputs import keep_input, show_problem
from core.ui.forms.form_dialog import close_form, form, open_form
from core.ui.info.photo_crop import source
from core.ui.parts.escape import esc, md, plain_paragraph
from core.ui.parts.firm_brand import firm_logo
from core.ui.parts.options import named
from core.ui.parts.viewer import SETTINGS
from core.ui.settings.first_steps import show_again_button
from core.ui.settings.office_hours import office_hours
from core.ui.state.open_form import OpenForm
from core.ui.state.ui_state import ui_state

# Shown first among the choices.
NEAR_CURRENCIES = ("EUR", "CHF", "GBP", "USD")
NEAR_ZONES = ("Europe/Berlin", "Europe/Vienna", "Europe/Zurich")
LOGO_PX = 64
# An amount that shows how a currency is written.
EXAMPLE = Decimal("1234.56")


def firm_settings(viewer: Viewer) -> None:
    """Draw the section."""
    firm = _firm_of(viewer)
    if firm is None:
        st.info(t("settings.no_firm"), icon=":material/info:")
        return
    _details(firm)
    office_hours(viewer)
    _logo(viewer, firm)
    _mail(viewer)
    _mailboxes(viewer)
    show_again_button(viewer, firm)


def _firm_of(viewer: Viewer) -> Row | None:
    with reader(viewer) as r:
        return r.row(DETAILS)


def _details(firm: Row) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="firm-head"):
        st.header(t("settings.firm"), anchor=False, width="stretch")
        st.button(t("settings.firm_edit"), icon=":material/edit:", key="firm-edit", on_click=open_form, args=("firm",))
    facts = (
        (t("settings.firm_name"), firm["name"]),
        (t("settings.time_zone"), _zone_word(firm["time_zone"])),
        (t("settings.currency"), f"{_currencies().get(firm['currency'], firm['currency'])} · {money(EXAMPLE, firm['currency'])}"),
    )
    lines = "".join(f"<dt>{esc(name)}</dt><dd>{esc(value)}</dd>" for name, value in facts)
    st.html(f'<dl class="kb-facts">{lines}</dl>', width=560)


def _logo(viewer: Viewer, firm: Row) -> None:
    st.subheader(t("settings.logo"), anchor=False)
    st.caption(t("settings.logo_hint"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="firm-logo"):
        if firm["has_logo"]:
            st.html(firm_logo(firm["version"], LOGO_PX), width="content")
        label = t("settings.logo_change" if firm["has_logo"] else "settings.logo_choose")
        st.button(label, icon=":material/image:", key="logo-choose", on_click=open_form, args=("firm_logo",))
        if firm["has_logo"]:
            st.button(
                t("settings.logo_remove"), icon=":material/delete:", type="tertiary", key="logo-remove", on_click=_drop, args=(viewer,)
            )
    if problem := ui_state().take_problem("logo"):
        st.error(problem, icon=":material/error:")


def _drop(viewer: Viewer) -> None:
    try:
        remove_logo(viewer)
    except AppError as problem:
        ui_state().problems["logo"] = sentence(problem)
    else:
        ui_state().is_saved = True


def _mailboxes(viewer: Viewer) -> None:
    """Draw when each mailbox was last looked into, and what keeps it from being read."""
    st.subheader(t("settings.mailboxes"), anchor=False)
    known = states(viewer)
    if not SETTINGS.mailboxes_file:
        st.html(plain_paragraph(t("settings.mailboxes_none")))
        return
    if not known:
        st.html(plain_paragraph(t("settings.mailboxes_soon")))
    for each in known:
        if each.problem:
            st.warning(f"**{md(each.name)}** · {t(f'errors.mailbox_{each.problem}')}", icon=":material/sync_problem:")
        else:
            st.html(plain_paragraph(t("settings.mailbox_is", name=each.name, when=ago(each.fetched_at))))


def _mail(viewer: Viewer) -> None:
    st.subheader(t("settings.mail"), anchor=False)
    if not can_send(SETTINGS):
        st.html(plain_paragraph(t("settings.mail_none")))
        return
    secured = t(f"settings.mail_{'unsecured' if SETTINGS.smtp_security == 'none' else SETTINGS.smtp_security}")
    st.html(
        plain_paragraph(
            t("settings.mail_is", host=SETTINGS.smtp_host, port=SETTINGS.smtp_port, secured=secured, sender=SETTINGS.smtp_sender)
        )
    )
    st.caption(t("settings.mail_hint"))
    if st.button(t("settings.mail_test"), icon=":material/outgoing_mail:", key="mail-test"):
        try:
            with st.spinner(t("settings.mail_testing")):
                address = send_test_mail(viewer, SETTINGS)
        except AppError as problem:
            is_mail = problem.code in ("mail_failed", "mail_unsure")
            why = (
                t(f"settings.mail_why_{reason_of(problem)}", host=SETTINGS.smtp_host, port=SETTINGS.smtp_port)
                if is_mail
                else sentence(problem)
            )
            st.error(md(why), icon=":material/error:")
        else:
            st.success(md(t("settings.mail_sent", address=address)), icon=":material/mark_email_read:")


@cache
def _tenders() -> tuple[str, ...]:
    """Return every currency that is money somewhere today."""
    day = today()
    found = {code for place in get_global("territory_currencies") for code in get_territory_currencies(place, day, day)}
    return (*NEAR_CURRENCIES, *sorted(found - set(NEAR_CURRENCIES)))


def _currencies() -> dict[str, str]:
    """Return the currencies to choose from by code, with their names in the person's language."""
    names = locale().currencies
    return {code: f"{names.get(code, code)} ({code})" for code in _tenders()}


def _zone_word(zone: str) -> str:
    return zone.replace("_", " ")


@cache
def _zones() -> tuple[str, ...]:
    """Return the time zones to choose from: those of places."""
    places = (
        zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "US/", "posix/", "right/"))
    )
    return (*NEAR_ZONES, *sorted(set(places) - set(NEAR_ZONES)), "UTC")


def _with(present: str, options: tuple[str, ...]) -> tuple[str, ...]:
    return options if present in options else (present, *options)


@form("firm", "settings.firm")
def _form(viewer: Viewer, editing: OpenForm) -> None:
    firm = _firm_of(viewer)
    if firm is None:
        raise NotFound()
    names = _currencies()
    labels = {"name": t("settings.firm_name"), "time_zone": t("settings.time_zone"), "currency": t("settings.currency")}
    draft = start_edit(
        editing, lambda: {key: firm[key] for key in labels}, firm["version"], labels,
        lambda key, value: names.get(value, str(value)) if key == "currency" else str(value),
    )  # fmt: skip
    prefix, problems = editing.key("in"), editing.problems
    raw: dict[str, Any] = {}
    raw["name"] = st.text_input(f"{labels['name']} *", key=keep_input(f"{prefix}-name", draft["name"]), autocomplete="organization")
    show_problem(problems, "name")
    raw["time_zone"] = st.selectbox(
        labels["time_zone"], _with(draft["time_zone"], _zones()), key=keep_input(f"{prefix}-zone", draft["time_zone"]), format_func=_zone_word,
    )  # fmt: skip
    st.caption(t("settings.time_zone_hint"))
    show_problem(problems, "time_zone")
    raw["currency"] = st.selectbox(
        labels["currency"], _with(draft["currency"], tuple(names)), key=keep_input(f"{prefix}-currency", draft["currency"]),
        format_func=named(names),
    )  # fmt: skip
    st.caption(md(t("settings.currency_hint", example=money(EXAMPLE, raw["currency"]))))
    show_problem(problems, "currency")
    forms.buttons(editing, editing.record_input(raw), partial(set_firm_details, viewer, editing.version, **raw), quiet=True)


@dataclass
class _Chosen:
    """How often a file was chosen: each choice has an input of its own."""

    attempt: int = 0


@form("firm_logo", "settings.logo")
def _logo_form(viewer: Viewer, editing: OpenForm) -> None:
    """Take a file, and save it as the logo: there is nothing to cut."""
    chosen = editing.own(_Chosen)
    if editing.problem:
        st.error(editing.problem, icon=":material/error:")
    place = editing.key(f"source-{chosen.attempt}")
    with st.container(key=place):
        file = st.file_uploader(t("photo.file"), key=editing.key(f"file-{chosen.attempt}"))
    source(place, editing.key(f"words-{chosen.attempt}"))
    if file is not None:
        chosen.attempt += 1
        try:
            set_logo(viewer, file.getvalue())
        except ValidationFailed as failed:
            editing.problem = " ".join(md(t(f"errors.{code}", **values)) for code, values in failed.problems.values())
        except AppError as problem:
            editing.problem = sentence(problem)
        else:
            ui_state().is_saved = True
            close_form()
            st.rerun()
        st.rerun(scope="fragment")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(t("common.cancel"), key=editing.key("cancel")):
            close_form()
            st.rerun()
