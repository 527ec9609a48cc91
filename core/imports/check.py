"""What a value must be to stand in a field: its type, known codes, lengths, forms."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

from email_validator import EmailNotValidError, validate_email

from core.fold import normalise
from core.forms import TYPES
from core.imports.mapping import Source
from core.imports.problems import Refused
from core.imports.values import as_date, as_decimal, as_moment, as_text, as_yes_no, clean_lines
from core.rights import Right, Role

SIGNING = ("pending", "partially_signed", "signed", "declined")
CODES: dict[tuple[str, str], tuple[str, ...]] = {
    ("staff_member", "role"): tuple(Role),
    ("staff_member", "language"): ("de", "en"),
    ("staff_right", "right_key"): tuple(Right),
    ("account", "kind"): ("person", "company", "other"),
    ("contact", "language"): ("de", "en"),
    ("custom_field", "scope"): ("account", "contact"),
    ("custom_field", "type"): TYPES,
    ("document", "status"): (
        "none", "pending_approval", "approved", "disapproved", "pending_signature", "partially_signed", "signed", "voided",
        "pending_payment",
    ),
    ("task", "status"): ("planned", "in_progress", "waiting", "completed", "canceled"),
    ("task", "priority"): ("low", "normal", "high", "urgent"),
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
LONG = {("note", "text"), ("email", "body"), ("chat_message", "text"), ("saved_view", "definition"), ("custom_field", "options")}
ADDRESS = {("contact_email", "email"), ("staff_member", "email"), ("login", "email")}
LENGTHS = {"name": 200, "number": 40, "first_name": 200, "last_name": 200}
# An address so plain that its form needs no closer look.
_PLAIN = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}")
Convert = Callable[[object], object]


def converter(table: str, column: str, kind: str, source: Source) -> Convert:
    """The function from what the file holds to what the field holds; it raises Refused."""
    if (table, column) in CODES:
        return _one_of(CODES[table, column])
    if (table, column) in ADDRESS:
        return _address
    if kind == "VARCHAR":
        return _text(1_000_000, clean_lines) if (table, column) in LONG else _text(LENGTHS.get(column, 1000), normalise)
    if kind == "BOOLEAN":
        return as_yes_no
    if kind == "DATE":
        return lambda value: as_date(value, source.date)
    if kind == "TIMESTAMP":
        return lambda value: as_moment(value, source.moment, source.zone)
    if kind.startswith("DECIMAL"):
        width, scale = (int(part) for part in kind[8:-1].split(","))
        return _amount(width, scale, source.decimal)
    return _whole(source.decimal)


def _one_of(codes: tuple[str, ...]) -> Convert:
    known = {str(code): str(code) for code in codes}

    def convert(value: object) -> str | None:
        if value is None:
            return None
        if (found := known.get(str(value).strip())) is None:
            raise Refused("code", value=value, known=", ".join(known))
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
            raise Refused("too_long", longest=longest, found=len(text))
        return text or None

    return convert


def _address(value: object) -> str | None:
    text = (as_text(value) or "").strip()
    if not text:
        return None
    if len(text) <= 200 and _PLAIN.fullmatch(text) and text.index("@") <= 64:
        return text.lower()
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError:
        raise Refused("email", value=text) from None


def _amount(width: int, scale: int, mark: str) -> Convert:
    step, limit = Decimal(1).scaleb(-scale), Decimal(10) ** (width - scale)

    def convert(value: object) -> Decimal | None:
        number = as_decimal(value, mark)
        if number is None:
            return None
        if abs(number) >= limit:
            raise Refused("amount_large", value=number)
        exact = number.quantize(step)
        if exact != number:
            raise Refused("decimals", value=number, places=scale)
        return exact

    return convert


def _whole(mark: str) -> Convert:
    def convert(value: object) -> int | None:
        number = as_decimal(value, mark)
        if number is None:
            return None
        if number != number.to_integral_value() or abs(number) >= 2**31:
            raise Refused("whole_number", value=as_text(value))
        return int(number)

    return convert
