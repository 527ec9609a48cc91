"""A part of the settings of the firm: when it is open, and whose public holidays it keeps."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from core.base.errors import NotFound
from core.base.rights import Viewer
from core.i18n import t
from core.identity.opening_hours import LAENDER, WEEKDAYS, Office, office_of, set_opening_hours, span_text
from core.store import reader
from core.ui.forms import form_dialog as forms
from core.ui.forms.edit_conflict import start_edit
from core.ui.forms.field_inputs import keep_input, show_problem
from core.ui.forms.form_dialog import form, open_form
from core.ui.parts.escape import esc
from core.ui.state.open_form import OpenForm


def office_words(office: Office) -> str:
    """Return when the firm is open, in a line: *Mo–Fr 08:00–17:00, ohne Feiertage in Bayern*."""
    parts: list[str] = []
    place = 0
    while place < len(WEEKDAYS):
        span, last = office.hours[place], place
        while last + 1 < len(WEEKDAYS) and office.hours[last + 1] == span:
            last += 1
        if span is not None:
            days = t(f"settings.short_day.{WEEKDAYS[place]}") + (f"–{t(f'settings.short_day.{WEEKDAYS[last]}')}" if last > place else "")
            parts.append(f"{days} {span_text(span)}")
        place = last + 1
    parts.append(t("settings.without_holidays", land=t(f"settings.land.{office.land}")) if office.land else t("settings.with_holidays"))
    return ", ".join(parts)


def office_hours(viewer: Viewer) -> None:
    """Draw when the firm is open, and the way to change it."""
    with reader(viewer) as r:
        office = office_of(r)
    with st.container(horizontal=True, vertical_alignment="center", key="hours-head"):
        st.subheader(t("settings.hours"), anchor=False, width="stretch")
        st.button(t("settings.hours_edit"), icon=":material/edit:", key="hours-edit", on_click=open_form, args=("opening_hours",))
    st.caption(t("settings.hours_hint"))
    st.html(f'<p class="kb-text">{esc(office_words(office))}</p>')


@form("opening_hours", "settings.hours")
def _form(viewer: Viewer, editing: OpenForm) -> None:
    with reader(viewer) as r:
        office = office_of(r)
        version = r.value("SELECT version FROM firm LIMIT 1")
    if version is None:
        raise NotFound()
    labels = {day: t(f"settings.day.{day}") for day in WEEKDAYS} | {"land": t("settings.holidays")}
    names = {"": t("settings.no_holidays")} | {code: t(f"settings.land.{code}") for code in LAENDER}
    begun: dict[str, Any] = {day: span_text(span) for day, span in zip(WEEKDAYS, office.hours, strict=True)} | {"land": office.land}
    draft = start_edit(
        editing, lambda: begun, version, labels, lambda key, value: names.get(value, str(value)) if key == "land" else str(value)
    )
    prefix, problems = editing.key("in"), editing.problems
    st.caption(t("settings.hours_how"))
    raw: dict[str, Any] = {}
    with st.grid(2, min_column_width=150, gap="small"):
        for day in WEEKDAYS:
            with st.container(gap=None):
                raw[day] = st.text_input(labels[day], key=keep_input(f"{prefix}-{day}", draft[day]), placeholder=t("settings.shut"))
                show_problem(problems, day)
    raw["land"] = st.selectbox(labels["land"], list(names), key=keep_input(f"{prefix}-land", draft["land"]), format_func=names.__getitem__)
    show_problem(problems, "land")
    hours = {day: raw[day] or "" for day in WEEKDAYS}
    save = partial(set_opening_hours, viewer, editing.version, hours=hours, land=raw["land"])
    forms.buttons(editing, editing.record_input(raw), save, quiet=True)
