"""Add, edit and read the work of staff for an account: notes, tasks and time entries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from core.access.open_account import OpenAccount
from core.access.verbs import verb
from core.base.errors import EditConflict, NotAllowed, NotFound, ValidationFailed
from core.base.fields import Field, clean
from core.base.numbers import MAX_TEXT, decimal_of
from core.base.rights import Right
from core.i18n.formats import today
from core.store import Row, Tx, now, reader, sql

PRIORITIES = ("low", "normal", "high", "urgent")
TASK_STATES = ("planned", "in_progress", "waiting", "completed", "canceled")
NOTE = (Field("text", "long_text", required=True), Field("is_pinned", "yes_no"))
TASK = (
    Field("title", "text", required=True, longest=200),
    Field("due_on", "date"),
    Field("priority", "choice", required=True, options=PRIORITIES),
    Field("status", "choice", required=True, options=TASK_STATES),
)
TIME = (
    Field("worked_on", "date", required=True),
    Field("text", "text", longest=500),
    Field("rate", "money"),
)
MAX_MINUTES = 24 * 60
MAX_JOBS_TO_CHOOSE = 100


def _own_row(tx: Tx, account: OpenAccount, table: str, row_id: int, version: int | None) -> Row:
    """Return a row of this account. Raises NotFound, and EditConflict when it was changed since it had this version."""
    row = tx.get(table, {"account_id": account.account_id, f"{table}_id": row_id})
    if row is None:
        raise NotFound()
    if version is not None and version != row["version"]:
        raise EditConflict({key: (None, value) for key, value in row.items()})
    return row


def _may_edit(tx: Tx, row: Row) -> None:
    """Raise NotAllowed unless the row is the viewer's own, or the viewer may manage accounts."""
    if row["staff_member_id"] != tx.viewer.id and not tx.scope.allows(Right.MANAGE_ACCOUNTS):
        raise NotAllowed()


@verb("note.add")
def add_note(tx: Tx, account: OpenAccount, raw: Mapping[str, object]) -> int:
    """Add a note by the viewer; return its id. With ``call_back``, a task as ``add_task`` takes it, that too. Raises ValidationFailed."""
    values = clean(NOTE, raw)
    note_id = tx.insert(
        "note", account_id=account.account_id, text=values["text"], is_pinned=bool(values["is_pinned"]),
        staff_member_id=account.viewer.id, saved_at=now(),
    )  # fmt: skip
    call_back = raw.get("call_back")
    if isinstance(call_back, Mapping):
        _insert_task(tx, account, call_back)
    return note_id


@verb("note.edit")
def edit_note(tx: Tx, account: OpenAccount, note_id: int, version: int | None, raw: Mapping[str, object]) -> None:
    """Change a note's text or pin; another text counts as saved now.

    Raises NotFound, NotAllowed for the note of somebody else, EditConflict, ValidationFailed.
    """
    row = _own_row(tx, account, "note", note_id, version)
    _may_edit(tx, row)
    values = clean(NOTE, raw)
    changed = {"text": values["text"], "is_pinned": bool(values["is_pinned"])}
    saved = {"saved_at": now()} if changed["text"] != row["text"] else {}
    tx.update("note", {"account_id": account.account_id, "note_id": note_id}, **changed, **saved)


@verb("task.add")
def add_task(tx: Tx, account: OpenAccount, raw: Mapping[str, object]) -> int:
    """Add a task; return its id. ``raw`` may name ``assignees``, ids of active members. Raises ValidationFailed."""
    return _insert_task(tx, account, raw)


def _insert_task(tx: Tx, account: OpenAccount, raw: Mapping[str, object]) -> int:
    values = clean(TASK, raw)
    task_id = tx.insert("task", account_id=account.account_id, created_at=now(), **values, **_completed(values["status"], None))
    _set_assignees(tx, account.account_id, task_id, raw)
    return task_id


@verb("task.edit")
def edit_task(tx: Tx, account: OpenAccount, task_id: int, version: int | None, raw: Mapping[str, object]) -> None:
    """Change a task and its assignees. Raises NotFound, EditConflict, ValidationFailed."""
    row = _own_row(tx, account, "task", task_id, version)
    values = clean(TASK, raw)
    key = {"account_id": account.account_id, "task_id": task_id}
    tx.update("task", key, **values, **_completed(values["status"], row["completed_at"]))
    _set_assignees(tx, account.account_id, task_id, raw)


def _completed(status: object, before: object) -> dict[str, object]:
    """Return when the task was completed, now unless it was before, as a value to save."""
    return {"completed_at": (before or now()) if status == "completed" else None}


def _set_assignees(tx: Tx, account_id: int, task_id: int, raw: Mapping[str, Any]) -> None:
    """Assign exactly the members that ``raw`` names. Raises ValidationFailed for one who is not active."""
    asked = {int(member_id) for member_id in raw.get("assignees") or ()}
    has = {row["staff_member_id"] for row in tx.rows("SELECT staff_member_id FROM task_assignee WHERE task_id = $t", t=task_id)}
    for member in sorted(asked - has):
        found = tx.get("staff_member", member)
        if found is None or not found["is_active"]:
            raise ValidationFailed({"assignees": ("choice_unknown", {})})
        tx.insert("task_assignee", account_id=account_id, task_id=task_id, staff_member_id=member)
    for member in sorted(has - asked):
        tx.delete("task_assignee", {"task_id": task_id, "staff_member_id": member})


def minutes_of(text: object) -> int:
    """Return the minutes a person typed as *1:30*, *1,5*, *1.5 h* or *90 min*. Raises ValidationFailed."""
    typed = str(text or "").strip().lower().replace(",", ".")
    try:
        if len(typed) > MAX_TEXT:
            raise ValueError
        if ":" in typed:
            hours, minutes = typed.removesuffix("h").split(":")
            found = int(hours) * 60 + int(minutes)
            if not 0 <= int(minutes) < 60:
                raise ValueError
        elif typed.endswith(("min", "m")):
            found = int(typed.rstrip("min. "))
        else:
            found = int((decimal_of(typed.rstrip("hstd. ")) * 60).to_integral_value(ROUND_HALF_UP))
    except (ValueError, ArithmeticError):
        raise ValidationFailed({"minutes": ("duration_form", {})}) from None
    if not 0 < found <= MAX_MINUTES:
        raise ValidationFailed({"minutes": ("duration_range", {})})
    return found


def _clean_time(tx: Tx, account: OpenAccount, raw: Mapping[str, Any], language: str | None) -> dict[str, Any]:
    """Return what to save of a time entry that was typed; a rate only for who may see rates. Raises ValidationFailed with all problems."""
    problems: dict[str, tuple[str, dict[str, object]]] = {}
    values: dict[str, Any] = {}
    for part in (lambda: clean(TIME, raw, language), lambda: {"minutes": minutes_of(raw.get("minutes"))}):
        try:
            values |= part()
        except ValidationFailed as failed:
            problems |= failed.problems
    if isinstance(values.get("worked_on"), date) and values["worked_on"] > today():
        problems["worked_on"] = ("date_future", {})
    if (values.get("rate") or 0) < 0:
        problems["rate"] = ("rate_negative", {})
    if (job := raw.get("job_id")) is not None and tx.get("job", {"account_id": account.account_id, "job_id": int(job)}) is None:
        problems["job_id"] = ("choice_unknown", {})
    if problems:
        raise ValidationFailed(problems)
    values["job_id"] = job
    if not tx.scope.allows(Right.SEE_RATES):
        values.pop("rate")
    return values


def _amount(values: Mapping[str, Any]) -> dict[str, object]:
    """Return the amount of a time entry, rate times hours rounded to cents, as a value to save; nothing where no rate was typed."""
    if values.get("rate") is None:
        return {"amount": None} if "rate" in values else {}
    exact = Decimal(str(values["rate"])) * int(values["minutes"]) / 60
    return {"amount": exact.quantize(Decimal("0.01"), ROUND_HALF_UP)}


@verb("time_entry.add")
def add_time(tx: Tx, account: OpenAccount, raw: Mapping[str, object], language: str | None = None) -> int:
    """Add time the viewer worked for the account; return the entry's id. A rate is ignored unless the viewer may see rates.

    ``language`` says how numbers in ``raw`` are written; None for plain ones. Raises ValidationFailed.
    """
    values = _clean_time(tx, account, raw, language)
    return tx.insert(
        "time_entry", account_id=account.account_id, staff_member_id=account.viewer.id, created_at=now(), **values, **_amount(values)
    )


@verb("time_entry.edit")
def edit_time(
    tx: Tx, account: OpenAccount, time_entry_id: int, version: int | None, raw: Mapping[str, object], language: str | None = None
) -> None:
    """Change a time entry of the viewer's own that is not billed yet.

    Raises NotFound, NotAllowed for the entry of somebody else or a billed one, EditConflict, ValidationFailed.
    """
    row = _own_row(tx, account, "time_entry", time_entry_id, version)
    if row["staff_member_id"] != tx.viewer.id:
        raise NotFound() if not tx.scope.allows(Right.SEE_ALL_TIME) else NotAllowed()
    if row["is_billed"]:
        raise NotAllowed("time_is_billed")
    values = _clean_time(tx, account, raw, language)
    rate = values.get("rate", row["rate"])
    tx.update(
        "time_entry", {"account_id": account.account_id, "time_entry_id": time_entry_id}, **values, **_amount(values | {"rate": rate})
    )


def read_work(account: OpenAccount, table: str, row_id: int) -> Row:
    """Return a note, task (with ``assignees``, a list of member ids) or time entry as its form shows it. Raises NotFound."""
    with reader(account.viewer) as r:
        row = r.row(sql(f"work_{table}"), account_id=account.account_id, row_id=row_id)
    if row is None:
        raise NotFound()
    return row


def work_choices(account: OpenAccount) -> tuple[dict[int, str], dict[int, str]]:
    """Return the names of active members and of the account's jobs, active ones first, by id. Raises NotAllowed for contacts."""
    with reader(account.viewer) as r:
        if r.scope.kind != "staff":
            raise NotAllowed()
        members = r.rows("SELECT staff_member_id, name FROM staff_member WHERE is_active ORDER BY name")
        jobs = r.rows(
            "SELECT job_id, name FROM job WHERE account_id = $id ORDER BY status, created_at DESC LIMIT $n",
            id=account.account_id,
            n=MAX_JOBS_TO_CHOOSE,
        )
    return {row["staff_member_id"]: row["name"] for row in members}, {row["job_id"]: row["name"] for row in jobs}
