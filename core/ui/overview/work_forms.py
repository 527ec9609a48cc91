"""Where staff work: the forms for a note, a task and a time entry, opened from their widgets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from core.access.open_account import OpenAccount
from core.access.verbs import rights_of
from core.base.rights import Right
from core.i18n import language, t
from core.i18n.formats import day_input_format, hours, number, today
from core.overview.work import (
    PRIORITIES,
    TASK_STATES,
    add_note,
    add_task,
    add_time,
    edit_note,
    edit_task,
    edit_time,
    read_work,
    work_choices,
)  # fmt: skip
from core.store import Row
from core.ui.forms import form_dialog as forms
from core.ui.forms.field_inputs import keep_input, show_problem
from core.ui.forms.form_dialog import form, open_form
from core.ui.parts.return_to_list import ListState

# Widget → the form its plus opens.
ADDS = {"documents": "document", "notes": "note", "tasks": "task", "time_entries": "time_entry"}


def add_button(account: OpenAccount, widget: str) -> None:
    """The plus in the head of a widget staff add to."""
    name = ADDS[widget]
    st.button(
        t(f"work.add_{name}"), icon=":material/add:", type="tertiary", key=f"add-{name}", on_click=open_form, args=(name, account.account_id),
    )  # fmt: skip


def open_work(account: OpenAccount, name: str, row_id: int, back: ListState | None = None) -> None:
    """Open the form of a row that is there. Raises NotFound."""
    read_work(account, name, row_id)
    open_form(name, account.account_id, back, row_id=row_id)


def _present(account: OpenAccount, editing: dict[str, Any], name: str, empty: dict[str, object], of: Callable[[Row], dict[str, object]]):
    """(what the inputs begin with, the row or None); differences with what somebody saved meanwhile are settled first."""
    row_id = editing["about"].get("row_id")
    row = read_work(account, name, row_id) if row_id else None
    draft = forms.start(editing, lambda: of(row) if row else empty)
    if row is not None:
        editing.setdefault("version", row["version"])
        if editing.get("conflict"):
            labels = {key: t(f"work.{key}") for key in empty}
            forms.settle(
                editing, of(row), row["version"], labels, lambda _, value: str(value) if value not in (None, "") else t("form.none")
            )
            draft = editing["draft"] or editing["begun"]
    return draft, row


@form("note", "work.note", "small")
def _note(account: OpenAccount, editing: dict[str, Any]) -> None:
    keys = ("text", "is_pinned")
    draft, row = _present(account, editing, "note", {"text": "", "is_pinned": False}, lambda row: {key: row[key] for key in keys})
    prefix, problems = forms.key(editing, "in"), forms.problems_of(editing)
    raw = {"text": st.text_area(t("work.text"), key=keep_input(f"{prefix}-text", draft["text"]), height=180)}
    show_problem(problems, "text")
    raw["is_pinned"] = st.toggle(t("work.is_pinned"), key=keep_input(f"{prefix}-pinned", draft["is_pinned"]))
    changes = forms.typed(editing, raw)
    if row is None:
        forms.buttons(editing, changes, add_note, account, raw, quiet=True, new=True)
    else:
        forms.buttons(editing, changes, edit_note, account, row["note_id"], editing["version"], raw, quiet=True)


@form("task", "work.task", "small")
def _task(account: OpenAccount, editing: dict[str, Any]) -> None:
    members, _ = work_choices(account)
    own = [account.viewer.id] if account.viewer.id in members else []
    empty = {"title": "", "due_on": None, "priority": "normal", "status": "planned", "assignees": own}
    draft, row = _present(
        account, editing, "task", empty, lambda row: {key: row[key] for key in empty} | {"assignees": list(row["assignees"] or ())}
    )
    prefix, problems = forms.key(editing, "in"), forms.problems_of(editing)
    raw: dict[str, Any] = {
        "title": st.text_input(f"{t('work.title')} *", key=keep_input(f"{prefix}-title", draft["title"]), autocomplete="off")
    }
    show_problem(problems, "title")
    left, right = st.columns(2)
    with left:
        key = keep_input(f"{prefix}-due", draft["due_on"])
        raw["due_on"] = st.date_input(t("work.due_on"), value=None, key=key, format=day_input_format())
        show_problem(problems, "due_on")
    with right:
        key = keep_input(f"{prefix}-priority", draft["priority"])
        raw["priority"] = st.selectbox(
            t("work.priority"), PRIORITIES, key=key, format_func=lambda code: t(f"widgets.tasks.priority.{code}")
        )
    key = keep_input(f"{prefix}-status", draft["status"])
    raw["status"] = st.selectbox(t("work.status"), TASK_STATES, key=key, format_func=lambda code: t(f"work.state.{code}"))
    gone = [member for member in draft["assignees"] if member not in members]
    key = keep_input(f"{prefix}-assignees", [member for member in draft["assignees"] if member in members])
    raw["assignees"] = (
        st.multiselect(t("work.assignees"), list(members), key=key, format_func=members.get, placeholder=t("form.none")) + gone
    )
    show_problem(problems, "assignees")
    changes = forms.typed(editing, raw)
    if row is None:
        forms.buttons(editing, changes, add_task, account, raw, quiet=True, new=True)
    else:
        forms.buttons(editing, changes, edit_task, account, row["task_id"], editing["version"], raw, quiet=True)


@form("time_entry", "work.time_entry", "small")
def _time_entry(account: OpenAccount, editing: dict[str, Any]) -> None:
    _, jobs = work_choices(account)
    sees_rates = Right.SEE_RATES in rights_of(account.viewer)
    empty = {"worked_on": today(), "minutes": "", "job_id": None, "text": "", "rate": ""}

    def of(row: Row) -> dict[str, object]:
        rate = number(row["rate"]) if row["rate"] is not None else ""
        return {"worked_on": row["worked_on"], "minutes": hours(row["minutes"]).removesuffix(" h"), "job_id": row["job_id"],
                "text": row["text"] or "", "rate": rate}  # fmt: skip

    draft, row = _present(account, editing, "time_entry", empty, of)
    prefix, problems = forms.key(editing, "in"), forms.problems_of(editing)
    raw: dict[str, Any] = dict(draft)
    left, right = st.columns(2)
    with left:
        key = keep_input(f"{prefix}-day", draft["worked_on"])
        raw["worked_on"] = st.date_input(f"{t('work.worked_on')} *", value=None, key=key, format=day_input_format())
        show_problem(problems, "worked_on")
    with right:
        key = keep_input(f"{prefix}-minutes", draft["minutes"])
        raw["minutes"] = st.text_input(f"{t('work.minutes')} *", key=key, placeholder="1:30", autocomplete="off")
        show_problem(problems, "minutes")
    options = list(jobs) + ([draft["job_id"]] if draft["job_id"] is not None and draft["job_id"] not in jobs else [])
    raw["job_id"] = st.selectbox(
        t("work.job_id"), options, index=None, key=keep_input(f"{prefix}-job", draft["job_id"]), placeholder=t("form.none"),
        format_func=lambda job: jobs.get(job, str(job)),
    )  # fmt: skip
    show_problem(problems, "job_id")
    raw["text"] = st.text_input(t("work.what"), key=keep_input(f"{prefix}-text", draft["text"]), autocomplete="off")
    show_problem(problems, "text")
    if sees_rates:
        raw["rate"] = st.text_input(t("work.rate"), key=keep_input(f"{prefix}-rate", draft["rate"]), autocomplete="off")
        show_problem(problems, "rate")
    changes = forms.typed(editing, raw)
    if row is None:
        forms.buttons(editing, changes, add_time, account, raw, language(), quiet=True, new=True)
    else:
        forms.buttons(editing, changes, edit_time, account, row["time_entry_id"], editing["version"], raw, language(), quiet=True)
