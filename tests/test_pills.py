"""How a row stands, in pills: every status has its colour or is the usual one, the worst is said first, and nothing ordinary is said."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.i18n import LANGUAGES, speaking
from core.i18n.formats import today
from core.overview.catalogue import CATALOGUE, WIDGETS
from core.overview.row_search import codes_of
from core.ui.parts.pills import COLORS, KINDS, PLAIN, pills_of

# What is as usual, and what the row says elsewhere.
USUAL = {
    "documents.status.none", "tasks.priority.normal", "tasks.status.planned", "emails.status.received_read", "jobs.status.active", "login_activity.outcome.success", "unpaid_invoices.status.overdue",
}  # fmt: skip


def test_every_code_has_its_colour_or_is_the_usual_one():
    codes = {
        f"{widget.key}.{column.key}.{code}"
        for widget in CATALOGUE
        for column in widget.columns
        if column.kind == "choice" and (widget.key, column.key) not in PLAIN
        for code in codes_of(widget, column)
    }
    signs = {f"{widget}.{sign}" for widget, colors in COLORS.items() for sign in colors if "." in sign}
    assert signs | USUAL == codes and not signs & USUAL
    assert {color for colors in COLORS.values() for color in colors.values()} <= {"orange", "blue", "red", "gray"}
    flags = {f"{w.key}.{c.key}" for w in CATALOGUE for c in w.columns if c.kind in KINDS - {"choice"}}
    assert flags <= {f"{widget}.{sign}" for widget, colors in COLORS.items() for sign in colors}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"status": "planned", "priority": "normal", "due_in": 3}, []),
        ({"status": "planned", "priority": "high", "due_in": 0}, [("heute fällig", "orange"), ("hoch", "orange")]),
        ({"status": "in_progress", "priority": "urgent", "due_in": -1, "is_overdue": True}, [("überfällig", "red"), ("dringend", "orange")]),
        ({"status": "in_progress", "priority": "low", "due_in": None}, [("niedrig", "gray")]),
        ({"status": "in_progress", "priority": "normal", "due_in": None}, [("in Arbeit", "gray")]),
        ({"status": "completed", "priority": "normal", "due_in": 0}, [("erledigt", "gray")]),
    ],
)  # fmt: skip
def test_a_task_says_the_worst_first_and_nothing_ordinary(row, said):
    due = row.pop("due_in") if "due_in" in row else None
    # Midnight may come while it runs: then it is asked again.
    for day in (today(), today() + timedelta(1)):
        row |= {"due_on": None if due is None else day + timedelta(due)}
        with speaking("de"):
            found = pills_of(WIDGETS["tasks"], WIDGETS["tasks"].columns, {"is_overdue": False} | row)
        if day == today():
            break
    assert found == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_pill_has_its_word(language):
    with speaking(language):
        for widget in CATALOGUE:
            for sign in COLORS[widget.key]:
                column, _, code = sign.partition(".")
                row = {c.key: None for c in widget.columns} | {"is_overdue": False, "due_in": None}
                row |= (
                    {"is_overdue": True}
                    if sign == "overdue"
                    else {"due_on": today(), "status": "planned"}
                    if sign == "today"
                    else {column: code or True}
                )
                words = [pill.word for pill in pills_of(widget, widget.columns, row)]
                assert len(words) == 1 and words[0] not in ("", "–"), sign
