"""Convert values of a file to values of a field, checked by type, codes, length and form."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import list_currencies
from email_validator import SPECIAL_USE_DOMAIN_NAMES

from core.base.contact_points import one_address
from core.base.errors import InvalidValue
from core.base.fields import EARLIEST, LATEST, TYPES, Field, clean_value, is_future
from core.base.rights import Right, Role
from core.base.text_folding import normalise
from core.clients import account_record, contacts
from core.clients.tags import COLORS
from core.imports.mapping import Source
from core.imports.parsing import Noted, as_decimal, as_text, as_yes_no, clean_lines, kept_date, kept_moment
from core.imports.problems import RowRejected
from core.overview import work

SIGNING = ("pending", "partially_signed", "signed", "declined")
CODES: dict[tuple[str, str], tuple[str, ...]] = {
    ("staff_member", "role"): tuple(Role),
    ("staff_member", "language"): ("de", "en"),
    ("staff_right", "right_key"): tuple(Right),
    ("account", "kind"): account_record.KINDS,
    ("contact", "language"): contacts.LANGUAGES,
    ("tag", "color"): COLORS,
    ("custom_field", "scope"): ("account", "contact"),
    ("custom_field", "type"): TYPES,
    ("document", "status"): (
        "none", "pending_approval", "approved", "disapproved", "pending_signature", "partially_signed", "signed", "voided",
        "pending_payment",
    ),
    ("task", "status"): work.TASK_STATES,
    ("task", "priority"): work.PRIORITIES,
    ("email", "direction"): ("received", "sent"),
    ("job", "status"): ("active", "completed", "archived"),
    ("invoice", "status"): ("unpaid", "partially_paid", "in_progress", "scheduled", "paid"),
    ("approval", "status"): ("pending", "approved", "disapproved"),
    ("signature", "status"): (*SIGNING, "voided"),
    ("signature", "needs"): ("all", "one"),
    ("contract", "status"): SIGNING,
    ("contract", "needs"): ("all", "one"),
    ("organizer", "status"): ("pending", "submitted", "sealed"),
    ("login", "outcome"): ("success", "failed"),
}  # fmt: skip
LONG = {("email", "body"), ("chat_message", "text"), ("saved_view", "definition"), ("custom_field", "options")}
ADDRESS = {("contact_email", "email"), ("staff_member", "email"), ("login", "email")}
# Required columns whose value may be empty: some mail has no subject.
MAY_BE_EMPTY = {("email", "subject")}
# Checked later, when their custom field is known (custom_value_cleaning.py).
VALUES = {("account_field_value", "value"), ("contact_field_value", "value")}
# Texts that people type in a form: what the form refuses is refused here. Phone numbers need the contact's country (row_rules.py).
TYPED: dict[tuple[str, str], Field] = {
    **{("contact", field.key): field for field in contacts.DETAILS if field.type == "text" and field.key != "country"},
    **{("account", field.key): field for field in account_record.DETAILS if field.type == "text"},
    **{(table, field.key): field for table, fields in (("note", work.NOTE), ("task", work.TASK), ("time_entry", work.TIME))
       for field in fields if field.type in ("text", "long_text")},
    ("account_contact", "relation"): contacts.RELATION,
    ("contact_email", "label"): Field("label", longest=80), ("contact_email", "holder_name"): Field("holder_name", longest=200),
    ("contact_email", "holder_relation"): Field("holder_relation", longest=80),
    ("tag", "name"): Field("name", longest=60), ("saved_view", "name"): Field("name", longest=80),
    ("custom_field", "label"): Field("label", longest=80), ("custom_field", "field_group"): Field("field_group", longest=80),
    **{(table, "name"): Field("name", longest=200) for table in
       ("firm", "staff_member", "document", "pipeline", "stage", "job", "contract", "organizer")},
}  # fmt: skip
# An address so plain that its form needs no closer look.
_PLAIN = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
_RESERVED = {name.rsplit(".", 1)[-1] for name in SPECIAL_USE_DOMAIN_NAMES}
Convert = Callable[[object], Any]


def converter(table: str, column: str, kind: str, source: Source) -> Convert:
    """Return the function that makes a field's value of a file's value. The function raises RowRejected."""
    # A text that stood in a store is kept as it stood there; what the program goes by is asked again.
    if source.own and kind == "VARCHAR" and (table, column) not in CODES and table != "firm":
        return as_text
    return _checking(table, column, kind, source)


def _checking(table: str, column: str, kind: str, source: Source) -> Convert:
    if (table, column) in VALUES:
        return lambda value: _raw(value, source.decimal)
    if (table, column) in CODES:
        return _one_of(CODES[table, column])
    if (table, column) in ADDRESS:
        return _address
    if table == "firm" and column in ("time_zone", "currency"):
        return _time_zone if column == "time_zone" else _currency
    if kind == "VARCHAR":
        if (table, column) in TYPED:
            return _typed(TYPED[table, column])
        text = _text(1_000_000, clean_lines) if (table, column) in LONG else _text(1000, normalise)
        return (lambda value: text(value) or "") if (table, column) in MAY_BE_EMPTY else text
    if kind == "BOOLEAN":
        return as_yes_no
    if kind == "DATE":
        if (table, column) == ("contact", "born_on"):
            short = "%y" in (source.date or "")
            return lambda value: _not_future(_born(kept_date(value, source.date, source.zone), short))
        return lambda value: _in_range(kept_date(value, source.date, source.zone))
    if kind == "TIMESTAMP":
        return lambda value: kept_moment(value, source.moment, source.zone)
    if kind.startswith("DECIMAL"):
        width, scale = (int(part) for part in kind[8:-1].split(","))
        amount = _amount(width, scale, source.decimal)
        return _not_negative(amount) if (table, column) == ("time_entry", "rate") else amount
    return _minutes(source.decimal) if (table, column) == ("time_entry", "minutes") else _whole(source.decimal)


def _raw(value: object, mark: str) -> str | None:
    """Return a value as the file would write it as text."""
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    text = as_text(value)
    if text is not None and isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        text = text.replace(".", mark)
    return text if text and text.strip() else None


def _typed(field: Field) -> Convert:
    def convert(value: object) -> str | None:
        text = value if isinstance(value, str) else as_text(value)
        # A plain short text without doubled spaces is its own normal form.
        if text and len(text) <= (field.longest or 40) and text.isascii() and text.isprintable() and "  " not in text:
            return text.strip() or None
        try:
            cleaned = clean_value(Field(field.key, field.type, longest=field.longest), text)
        except InvalidValue as bad:
            raise refusal(bad, text) from None
        return None if cleaned is None else str(cleaned)

    return convert


def refusal(bad: InvalidValue, value: object) -> RowRejected:
    """Return the error of a form as the refusal of a row."""
    code, values = bad.problem
    if code == "too_long":
        return RowRejected(code, **values)
    return RowRejected(f"form.{code}", **(values | {"value": as_text(value)}))


def _in_range(day: date | Noted | None) -> date | Noted | None:
    plain: date | None = day.value if isinstance(day, Noted) else day
    if plain is not None and not EARLIEST <= plain <= LATEST:
        raise RowRejected("form.date_range", value=plain.isoformat())
    return day


def _born(day: date | Noted | None, short: bool) -> date | Noted | None:
    """Return a birthday whose year was written with two digits in the century it can have been in: nobody is born ahead."""
    if short and type(day) is date and is_future(day):
        with suppress(ValueError):  # a 29 February of 2000 has none in 1900
            return day.replace(year=day.year - 100)
    return day


def _not_future(day: date | Noted | None) -> date | Noted | None:
    plain: date | None = day.value if isinstance(day, Noted) else day
    if plain is not None and is_future(plain):
        raise RowRejected("form.date_ahead", value=plain.isoformat())
    return _in_range(day)


def _not_negative(amount: Convert) -> Convert:
    def convert(value: object) -> object:
        number = amount(value)
        if number is not None and number < 0:
            raise RowRejected("form.rate_negative", value=str(number))
        return number

    return convert


def _minutes(mark: str) -> Convert:
    whole = _whole(mark)

    def convert(value: object) -> int | None:
        minutes = whole(value)
        if minutes is not None and not 1 <= minutes <= work.MAX_MINUTES:
            raise RowRejected("minutes", value=minutes, most=work.MAX_MINUTES)
        return minutes

    return convert


def _one_of(codes: tuple[str, ...]) -> Convert:
    known = {str(code): str(code) for code in codes}

    def convert(value: object) -> str | None:
        if value is None:
            return None
        if (found := known.get(str(value).strip())) is None:
            raise RowRejected("code", value=value, known=", ".join(known))
        return found

    return convert


def _text(longest: int, clean: Callable[[str], str]) -> Convert:
    def convert(value: object) -> str | None:
        text = value if isinstance(value, str) else as_text(value)
        if text is None:
            return None
        # A plain text without doubled spaces is its own normal form.
        if not (text.isascii() and text.isprintable() and "  " not in text):
            text = clean(text)
        text = text.strip()
        if len(text) > longest:
            raise RowRejected("too_long", longest=longest, found=len(text))
        return text or None

    return convert


def is_plain(text: str) -> bool:
    """Return whether lower case is all an address needs to be normal. ``--`` may begin an encoded domain, which needs more."""
    plain = len(text) <= 100 and "--" not in text and _PLAIN.fullmatch(text) and text.index("@") <= 64
    return bool(plain) and text.rsplit(".", 1)[1].lower() not in _RESERVED


def _address(value: object) -> str | None:
    text = (as_text(value) or "").strip()
    if not text:
        return None
    if is_plain(text):
        return text.lower()
    try:
        return one_address(text)
    except InvalidValue:
        raise RowRejected("email", value=text) from None


def _time_zone(value: object) -> str | None:
    text = (as_text(value) or "").strip()
    try:
        return ZoneInfo(text).key if text else None
    except (OSError, ValueError, LookupError):
        raise RowRejected("time_zone", value=text) from None


def _currency(value: object) -> str | None:
    text = (as_text(value) or "").strip()
    if text and text not in list_currencies():
        raise RowRejected("currency", value=text)
    return text or None


def _amount(width: int, scale: int, mark: str) -> Convert:
    step, limit = Decimal(1).scaleb(-scale), Decimal(10) ** (width - scale)

    def convert(value: object) -> Decimal | None:
        number = as_decimal(value, mark)
        if number is None:
            return None
        if abs(number) >= limit:
            raise RowRejected("amount_large", value=number)
        exact = number.quantize(step)
        if exact != number:
            raise RowRejected("decimals", value=number, places=scale)
        return exact

    return convert


def _whole(mark: str) -> Convert:
    def convert(value: object) -> int | None:
        number = as_decimal(value, mark)
        if number is None:
            return None
        if number != number.to_integral_value() or abs(number) >= 2**31:
            raise RowRejected("whole_number", value=as_text(value))
        return int(number)

    return convert
