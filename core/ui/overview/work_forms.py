"""The forms for a note, a task and a time entry, opened from their widgets."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

from core.access.open_account import OpenAccount
from core.access.verbs import rights_of
from core.base.rights import Right
from core.clients.contacts import contacts_of
from core.i18n import language, t
from core.i18n.formats import day_input_format, hours, moment, number, today
from core.overview.details import task_history
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
from core.ui.forms.edit_conflict import start_edit
from core.ui.forms.field_inputs import keep_input, show_problem
from core.ui.forms.form_dialog import form, open_form
from core.ui.info.history import field_word, value_word
from core.ui.parts.escape import md
from core.ui.parts.options import named
from core.ui.state.open_form import ListState, OpenForm

# The statuses of a task that can be opened again.
ENDED = ("completed", "canceled")
# Widget → the form its plus opens.
ADDS = {"documents": "document", "notes": "note", "tasks": "task", "time_entries": "time_entry"}


def add_button(account: OpenAccount, widget: str) -> None:
    """Draw the plus in the head of a widget staff add to."""
    name = ADDS[widget]
    st.button(
        t(f"work.add_{name}"), icon=":material/add:", type="tertiary", key=f"add-{name}", on_click=open_form, args=(name, account.account_id),
    )  # fmt: skip


def open_work(account: OpenAccount, name: str, row_id: int, back: ListState | None = None) -> None:
    """Open the form of a row that is there. Raises NotFound."""
    read_work(account, name, row_id)
    open_form(name, account.account_id, back, row_id=row_id)


def _start(
    account: OpenAccount, editing: OpenForm, name: str, empty: dict[str, Any], raw_values: Callable[[Row], dict[str, Any]]
) -> tuple[dict[str, Any], Row | None]:
    """Return what the inputs begin with, ``raw_values`` of the row or ``empty`` for a new one, and the row."""
    row_id = editing.about.get("row_id")
    if not row_id:
        return editing.start(lambda: empty), None
    row = read_work(account, name, row_id)
    labels = {key: t(f"work.{key}") for key in empty}
    draft = start_edit(
        editing, lambda: raw_values(row), row["version"], labels,
        lambda _, value: t("form.none") if value in (None, "") else str(value),
    )  # fmt: skip
    return draft, row


@form("note", "work.note")
def _note(account: OpenAccount, editing: OpenForm) -> None:
    keys = ("text", "is_pinned")
    draft, row = _start(account, editing, "note", {"text": "", "is_pinned": False}, lambda row: {key: row[key] for key in keys})
    prefix, problems = editing.key("in"), editing.problems
    raw: dict[str, Any] = {"text": st.text_area(t("work.text"), key=keep_input(f"{prefix}-text", draft["text"]), height=180)}
    show_problem(problems, "text")
    raw["is_pinned"] = st.toggle(t("work.is_pinned"), key=keep_input(f"{prefix}-pinned", draft["is_pinned"]))
    called = {} if row else _call(account, prefix, draft)
    changes = editing.record_input(raw | called)
    values = _with_call(raw, called)
    save: partial[Any] = partial(edit_note, account, row["note_id"], editing.version, raw) if row else partial(add_note, account, values)
    forms.buttons(editing, changes, save, quiet=True, new=row is None)


def _call(account: OpenAccount, prefix: str, draft: dict[str, Any]) -> dict[str, Any]:
    """Draw what makes a new note one of a telephone call: with whom, and whether somebody calls back; return what was chosen."""
    names = list(dict.fromkeys(str(contact.values["name"]) for contact in contacts_of(account)))
    if not names:
        return {}
    if not st.toggle(t("work.is_call"), key=keep_input(f"{prefix}-call", draft.get("caller") is not None)):
        return {}
    key = keep_input(f"{prefix}-caller", draft.get("caller", names[0]))
    called: dict[str, Any] = {"caller": st.selectbox(t("work.caller"), names, index=None, key=key, placeholder=t("work.caller_none"))}
    if called["caller"]:
        called["calls_back"] = st.toggle(t("work.calls_back"), key=keep_input(f"{prefix}-calls-back", draft.get("calls_back", False)))
    if called.get("calls_back"):
        members, _ = work_choices(account)
        key = keep_input(f"{prefix}-who", draft.get("who", account.viewer.id if account.viewer.id in members else None))
        called["who"] = st.selectbox(
            t("work.who_calls_back"), list(members), index=None, key=key, format_func=named(members), placeholder=t("form.none")
        )
    return called


def _with_call(raw: dict[str, Any], called: dict[str, Any]) -> dict[str, Any]:
    """Return the note as it is saved: it begins with whom one spoke to, and brings the task to call back along."""
    if not called.get("caller"):
        return raw
    text = t("work.call_text", name=called["caller"], text=raw["text"]) if str(raw["text"]).strip() else raw["text"]
    if not called.get("calls_back"):
        return raw | {"text": text}
    task = {
        "title": t("work.call_back_title", name=called["caller"])[:200], "due_on": today(), "priority": "normal", "status": "planned",
        "assignees": [called["who"]] if called.get("who") else [],
    }  # fmt: skip
    return raw | {"text": text, "call_back": task}


@form("task", "work.task")
def _task(account: OpenAccount, editing: OpenForm) -> None:
    members, _ = work_choices(account)
    own = [account.viewer.id] if account.viewer.id in members else []
    empty: dict[str, Any] = {"title": "", "due_on": None, "priority": "normal", "status": "planned", "assignees": own}
    draft, row = _start(
        account, editing, "task", empty, lambda row: {key: row[key] for key in empty} | {"assignees": list(row["assignees"] or ())}
    )
    prefix, problems = editing.key("in"), editing.problems
    if row and row["status"] in ENDED and st.button(t("work.reopen"), icon=":material/undo:", key=editing.key("reopen")):
        again = {key: row[key] for key in empty} | {"status": "planned", "assignees": list(row["assignees"] or ())}
        forms.save_at_once(editing, partial(edit_task, account, row["task_id"], editing.version, again))
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
        st.multiselect(t("work.assignees"), list(members), key=key, format_func=named(members), placeholder=t("form.none")) + gone
    )
    show_problem(problems, "assignees")
    changes = editing.record_input(raw)
    save: partial[Any] = partial(edit_task, account, row["task_id"], editing.version, raw) if row else partial(add_task, account, raw)
    forms.buttons(editing, changes, save, quiet=True, new=row is None)
    if row:
        _task_history(account, row["task_id"])


def _task_history(account: OpenAccount, task_id: int) -> None:
    """Draw what the record says of a task, newest first, folded."""
    entries = task_history(account, task_id)
    with st.expander(t("work.history"), icon=":material/history:"):
        if not entries:
            st.caption(t("work.no_history"))
        for entry in entries:
            who = entry["who"] or t(f"history.kind.{entry['actor_kind']}")
            st.caption(f"{moment(entry['made_at'])} · {md(who)}: {md(_change_word(entry))}")


def _change_word(entry: Row) -> str:
    """Return what an entry of a task's record says was done."""
    done = t(f"history.action.{entry['action']}")
    if entry["action"] != "changed" or not entry["field"]:
        return done
    old, new = (value_word(entry, entry[key]) or "–" for key in ("old_value", "new_value"))
    return t("work.changed", what=field_word("task", entry["field"]), old=old, new=new)


@form("time_entry", "work.time_entry")
def _time_entry(account: OpenAccount, editing: OpenForm) -> None:
    _, jobs = work_choices(account)
    sees_rates = Right.SEE_RATES in rights_of(account.viewer)
    empty: dict[str, Any] = {"worked_on": today(), "minutes": "", "job_id": None, "text": "", "rate": ""}

    def raw_values(row: Row) -> dict[str, Any]:
        return {
            "worked_on": row["worked_on"],
            "minutes": hours(row["minutes"]).removesuffix(" h"),
            "job_id": row["job_id"],
            "text": row["text"] or "",
            "rate": number(row["rate"]) if row["rate"] is not None else "",
        }

    draft, row = _start(account, editing, "time_entry", empty, raw_values)
    prefix, problems = editing.key("in"), editing.problems
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
    changes = editing.record_input(raw)
    save: partial[Any] = (
        partial(edit_time, account, row["time_entry_id"], editing.version, raw, language())
        if row
        else partial(add_time, account, raw, language())
    )
    forms.buttons(editing, changes, save, quiet=True, new=row is None)
