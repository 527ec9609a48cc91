"""Conditions over the columns of *Kunden* by what a column is: which there are, whether one makes sense, and its SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Literal

from core.base.errors import InvalidValue
from core.base.fields import Field, clean_value
from core.base.text_folding import normalise, spellings
from core.clients.custom_field_columns import READ_FORMS, typed_forms
from core.clients.list_columns import DAYS, NUMBERS, ListColumn
from core.i18n.formats import day_pattern, today, zone

How = Literal["is", "has", "more", "less", "between", "before", "after", "older", "last", "next", "empty", "filled"]
HOWS_OF_TEXT: tuple[How, ...] = ("has", "empty", "filled")
HOWS_OF_NUMBERS: tuple[How, ...] = ("more", "less", "between", "empty", "filled")
HOWS_OF_DAYS: tuple[How, ...] = ("before", "after", "between", "older", "last", "next", "empty", "filled")
HOWS_OF_CHOICES: tuple[How, ...] = ("is", "empty", "filled")
# Conditions that count days from today, and those that need no value.
COUNTED_DAYS = frozenset({"older", "last", "next"})
WITHOUT_VALUE = frozenset({"empty", "filled"})
MAX_DAYS = 36_500
MAX_TEXT_CHARS, MAX_VALUES = 200, 200


@dataclass(frozen=True)
class Condition:
    """What is wanted of a column, by its key.

    ``values`` are written plainly: numbers as 1234.5 (hours as such), days as 2026-12-31, codes and ids of choices as they are stored.
    """

    column: str
    how: How
    values: tuple[str, ...] = ()


def hows_of(column: ListColumn) -> tuple[How, ...]:
    """Return the conditions a column has."""
    hows = (
        HOWS_OF_CHOICES if column.kind == "choice"
        else HOWS_OF_NUMBERS if column.kind in NUMBERS
        else HOWS_OF_DAYS if column.kind in DAYS
        else HOWS_OF_TEXT
    )  # fmt: skip
    return hows if column.may_be_empty else tuple(how for how in hows if how not in WITHOUT_VALUE)


def clean_condition(column: ListColumn, how: str, raw: Sequence[object], language: str | None = None) -> Condition:
    """Return a condition that makes sense; ``language`` says how numbers are typed, None for plainly. Raises InvalidValue."""
    # A part of what is read of a number or a day was looked for in views of earlier times.
    if how not in hows_of(column) and not (how == "has" and column.field is not None and column.kind != "choice"):
        raise InvalidValue("condition_unknown")
    if how in WITHOUT_VALUE:
        return Condition(column.key, how)  # type: ignore[arg-type]
    if how == "is":
        values = tuple(dict.fromkeys(str(value)[:MAX_TEXT_CHARS] for value in raw))[:MAX_VALUES]
    elif how == "has":
        values = (normalise(str(raw[0] if raw else "")[:MAX_TEXT_CHARS]),)
    else:
        ends: list[Any] = [_end(column, how, value, language) for value in (*raw, None)[: 2 if how == "between" else 1]]
        if how == "between" and ends[0] > ends[-1]:
            raise InvalidValue("from_after_until")
        values = tuple(str(end) if not isinstance(end, date) else end.isoformat() for end in ends)
    if not any(values):
        raise InvalidValue("condition_value")
    return Condition(column.key, how, values)  # type: ignore[arg-type]


def _end(column: ListColumn, how: str, raw: object, language: str | None) -> Decimal | date:
    """Return one end of a condition over numbers or days. Raises InvalidValue."""
    counted = how in COUNTED_DAYS
    if column.kind in DAYS and not counted:
        return clean_value(Field("value", "date", required=True), raw, None)  # type: ignore[return-value]
    number: Decimal = clean_value(Field("value", "number", required=True), raw, language)  # type: ignore[assignment]
    if counted and not (number == number.to_integral_value() and 0 <= number <= MAX_DAYS):
        raise InvalidValue("days_range", most=MAX_DAYS)
    return Decimal(format(number, "f"))


def condition_sql(column: ListColumn, condition: Condition, name: str) -> tuple[str, dict[str, object]]:
    """Return SQL that is true for accounts ``a`` that meet the condition, and its parameters, whose names begin with ``name``."""
    how = condition.how
    if how in WITHOUT_VALUE:
        return _without_value(column, is_empty=how == "empty"), {}
    value = column.value or "value"
    given: dict[str, object]
    if how == "is":
        test, given = _is_one_of(column, value, name), {name: [_code(column, code) for code in condition.values]}
    elif how == "has":
        test, given = _holds(column, value, condition.values[0], name)
    elif column.kind in NUMBERS:
        test, given = _compares_numbers(column, value, condition, name)
    else:
        test, given = _compares_days(column, value, condition, name)
    return (f"a.account_id IN (SELECT account_id FROM ({column.values}) WHERE {test})" if column.values else test), given


def _without_value(column: ListColumn, *, is_empty: bool) -> str:
    if column.values:
        return f"a.account_id {'NOT ' if is_empty else ''}IN (SELECT account_id FROM ({column.values}))"
    if column.kind in NUMBERS:
        return f"coalesce({column.value}, 0) {'=' if is_empty else '<>'} 0"
    return f"{column.value} IS {'' if is_empty else 'NOT '}NULL"


def _code(column: ListColumn, code: str) -> object:
    """Return a code as the column holds it: ids of tags and members are numbers."""
    return (
        int(code)
        if column.key in ("tags", "team") and code.isdecimal() and len(code) < 19
        else -1
        if column.key in ("tags", "team")
        else code
    )


def _is_one_of(column: ListColumn, value: str, name: str) -> str:
    if column.field is not None and column.field.type == "choices":
        return f"list_has_any(from_json({value}, '[\"VARCHAR\"]'), ${name})"
    return f"{value} IN (SELECT unnest(${name}))"


def _holds(column: ListColumn, value: str, text: str, name: str) -> tuple[str, dict[str, object]]:
    """Return that the text people read of a value holds a part; the names of clients are kept folded already."""
    if column.field is None:
        if column.key == "name":
            forms = tuple(filter(None, spellings(text)))
            return "(" + " OR ".join(["FALSE", *(f"contains({value}, ${name}_{n})" for n in range(len(forms)))]) + ")", {
                f"{name}_{n}": form for n, form in enumerate(forms)
            }
        return f"contains(lower({value}), ${name})", {name: text.lower()}
    type_ = column.field.type
    as_day = f"strftime(try_cast({value} AS DATE), '{day_pattern()}')"
    read = as_day if type_ == "date" else READ_FORMS.get(type_, value)
    test = f"list_bool_or([contains({_folded(read)}, {_folded('part')}) FOR part IN ${name}])"
    return test, {name: typed_forms(type_, text)}


def _folded(text: str) -> str:
    return f"strip_accents(lower(replace({text}, 'ß', 'ss')))"


def _compares_numbers(column: ListColumn, value: str, condition: Condition, name: str) -> tuple[str, dict[str, object]]:
    number = f"try_cast({value} AS DECIMAL(18, 6))" if column.field is not None else f"coalesce({value}, 0)"
    ends = [Decimal(end) * (60 if column.kind == "hours" else 1) for end in condition.values]
    given: dict[str, object] = {f"{name}_{n}": end for n, end in enumerate(ends)}
    if condition.how == "between":
        return f"{number} BETWEEN ${name}_0 AND ${name}_1", given
    return f"{number} {'>' if condition.how == 'more' else '<'} ${name}_0", given


def _compares_days(column: ListColumn, value: str, condition: Condition, name: str) -> tuple[str, dict[str, object]]:
    """Compare by the firm's days: a moment belongs to the day that it is where the firm is."""
    first, last = _first_and_last(condition)
    as_day = column.kind == "day"
    shown = f"try_cast({value} AS DATE)" if as_day else value
    terms: list[str] = []
    given: dict[str, object] = {}
    if first is not None:
        terms.append(f"{shown} >= ${name}_from")
        given[f"{name}_from"] = first if as_day else _begins(first)
    if last is not None:
        terms.append(f"{shown} < ${name}_until")
        given[f"{name}_until"] = last + timedelta(1) if as_day else _begins(last + timedelta(1))
    return f"({' AND '.join(terms)})", given


def _begins(day: date) -> datetime:
    """Return the moment, as it is stored, at which a day begins where the firm is."""
    return datetime.combine(day, time(), zone()).astimezone(UTC).replace(tzinfo=None)


def _first_and_last(condition: Condition) -> tuple[date | None, date | None]:
    """Return the days from which and until which a condition holds, both included; None for no bound."""
    if condition.how in COUNTED_DAYS:
        days, here = timedelta(int(Decimal(condition.values[0]))), today()
        if condition.how == "older":
            return None, here - days - timedelta(1)
        return (here - days, here) if condition.how == "last" else (here, here + days)
    ends = [date.fromisoformat(end) for end in condition.values]
    if condition.how == "between":
        return ends[0], ends[1]
    return (None, ends[0] - timedelta(1)) if condition.how == "before" else (ends[0] + timedelta(1), None)
