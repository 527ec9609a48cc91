"""Conditions over the columns of Kunden as people read them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from core.clients.list_columns import DAYS, ListColumn
from core.clients.list_conditions import COUNTED_DAYS, WITHOUT_VALUE, Condition
from core.i18n import t
from core.i18n.formats import day, money, number
from core.ui.clients.list_state import ListScene


def condition_words(drawn: ListScene, condition: Condition) -> list[str]:
    """Return what stands on the chips of a condition: one for each code of a choice, else one that names the column."""
    column = drawn.known[condition.column]
    label = drawn.label(column.key)
    if condition.how == "is":
        plain = column.key in ("kind", "state", "tags", "team")
        words = [code_word(drawn, column, code) for code in condition.values]
        return words if plain else [f"{label}: {word}" for word in words]
    how = condition.how
    if how in WITHOUT_VALUE:
        said = t(f"accounts.how.{how}")
    elif how in COUNTED_DAYS:
        said = t(f"accounts.says.{how}", n=int(Decimal(condition.values[0])))
    else:
        ends = [value_word(column, value) for value in condition.values]
        said = t(f"accounts.says.{how}", a=ends[0], b=ends[-1])
    return [f"{label}: {said}"]


def value_word(column: ListColumn, value: str) -> str:
    """Return one value of a condition as people write it."""
    if column.kind in DAYS:
        return day(date.fromisoformat(value)) if value[:1].isdigit() and "-" in value else value
    try:
        return (
            money(Decimal(value)) if column.kind == "money" else number(Decimal(value)) if column.kind not in ("text", "choice") else value
        )
    except ArithmeticError:
        return value


def code_word(drawn: ListScene, column: ListColumn, code: str) -> str:
    """Return what a code of a choice is called."""
    if column.key in ("kind", "state"):
        return t(f"frame.{column.key}.{code}")
    if column.key == "silence":
        return t(f"accounts.silence_is.{code}")
    if column.key == "tags":
        return drawn.tags.get(int(code), "?")
    if column.key == "team" or (column.field and column.field.type == "staff_member"):
        return drawn.members.get(int(code), "?") if code.isdecimal() else "?"
    if column.field and column.field.type == "yes_no":
        return t("common.yes" if code == "true" else "common.no")
    return code
