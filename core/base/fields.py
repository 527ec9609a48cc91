"""Fields that people fill in, and ``clean()``, which checks their values for pages, imports and the portal.

A value has a Python shape by its field's type (``str``, ``Decimal``, ``date``, ``bool``, ``tuple``, ``dict``, ``int``) and one text that is
stored. Numbers with a checksum are checked by python-stdnum, phonenumbers and email-validator.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from urllib.parse import urlsplit

from babel import Locale
from babel.numbers import NumberFormatError, parse_decimal
from stdnum import iban as stdnum_iban
from stdnum.ch import vat as swiss_vat
from stdnum.eu import vat as european_vat
from stdnum.exceptions import ValidationError as NumberProblem
from stdnum.gb import vat as british_vat

from core.base.contact_points import one_address, one_telephone
from core.base.errors import InvalidValue, Problem, ValidationFailed
from core.base.numbers import MAX_TEXT, bounded, decimal_of

TYPES = (
    "text", "long_text", "number", "money", "date", "yes_no", "choice", "choices", "email", "phone", "link", "address", "iban",
    "vat_id", "staff_member",
)  # fmt: skip
# Characters of a text, and of one of several lines, unless the field says otherwise.
MAX_TEXT_CHARS = 500
MAX_LONG_TEXT_CHARS = 10_000
MAX_LINK_CHARS = 2_000
MAX_ADDRESS_PART_CHARS = 200
ADDRESS_PARTS = ("street", "postcode", "city", "region", "country")
# First and last day that a date may be.
EARLIEST = date(1800, 1, 1)
LATEST = date(2200, 12, 31)
# Marks of the Unicode Bidirectional Algorithm (UAX #9), which reorder the text around them; phones put them around copied text.
# Signs that cannot be seen and only part a word: marks of direction, soft hyphens, spaces and joiners without width, a file's first mark.
_UNSEEN = "\u00ad\u034f\u180e\u200b\u2060\ufeff"
_BIDI = dict.fromkeys(map(ord, _UNSEEN + "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
_TERRITORIES = {code for code in map(str, Locale("en").territories) if len(code) == 2 and code.isalpha()}
# Country → (pattern of its postcodes, an example).
_POSTCODES = {"DE": (r"\d{5}", "10115"), "AT": (r"\d{4}", "1010"), "CH": (r"\d{4}", "8001")}

# Type → code of the problem of an empty required field: its sentence has an example where the type has a form.
_NEEDED = {type_: f"needed_{type_}" for type_ in ("date", "email", "phone", "link", "address", "iban", "vat_id")} | {
    "number": "needed_number", "money": "needed_number", "choice": "needed_choice", "choices": "needed_choice", "staff_member": "needed_choice",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field of a form.

    Args:
        type: One of ``TYPES``.
        options: Allowed codes or words of a choice.
        group: Heading it is shown under.
        longest: Most characters of a text; 0: as the type says.
        members: Allowed ids of a ``staff_member`` field.
    """

    key: str
    type: str = "text"
    label: str = ""
    required: bool = False
    options: tuple[str, ...] = ()
    group: str = ""
    longest: int = 0
    # A day that cannot lie ahead, a birthday.
    past: bool = False
    members: frozenset[int] = field(default_factory=frozenset)


def clean(fields: Iterable[Field], raw: Mapping[str, object], language: str | None = None) -> dict[str, object]:
    """Return the values of all fields by key, None where nothing was typed.

    - ``language``: How numbers are written that come as text; None: plain, ``1234.5``.

    Raises ValidationFailed with every problem at once.
    """
    found: dict[str, object] = {}
    problems: dict[str, Problem] = {}
    for each in fields:
        try:
            found[each.key] = clean_value(each, raw.get(each.key), language)
        except InvalidValue as bad:
            problems[each.key] = bad.problem
    if problems:
        raise ValidationFailed(problems)
    return found


def clean_value(field_: Field, raw: object, language: str | None = None) -> object:
    """Return one value in its Python shape, or None for an empty one. Raises InvalidValue."""
    if isinstance(raw, list | tuple | Mapping) and field_.type not in ("choices", "address"):
        raise InvalidValue("needed")
    if isinstance(raw, str):
        raw = raw.translate(_BIDI)
    value = _CLEAN[field_.type](field_, raw, language) if not _is_nothing(raw) else None
    if value is None and field_.required:
        raise InvalidValue(_NEEDED.get(field_.type, "needed"))
    return value


def _is_nothing(raw: object) -> bool:
    if isinstance(raw, str):
        return not raw.strip()
    if isinstance(raw, Mapping):
        return not any(str(part or "").strip() for key, part in raw.items() if key != "country")
    return raw is None or (isinstance(raw, list | tuple) and not raw)


def clean_text(text: str, longest: int = MAX_TEXT_CHARS, *, lines: bool = False) -> str:
    """Return a trimmed text in NFC without marks of direction.

    - ``longest``: Most characters.
    - ``lines``: Whether it may have several lines.

    Raises InvalidValue for control characters and for too long a text.
    """
    if len(text) > 100 * longest:
        raise InvalidValue("too_long", longest=longest, found=len(text))
    text = unicodedata.normalize("NFC", text.translate(_BIDI).replace("\r\n", "\n").replace("\r", "\n")).strip()
    for c in text:
        if (c in "\n\t" and lines) or c == "\xa0":
            continue
        if unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn"):
            raise InvalidValue("characters")
    if not lines:
        text = " ".join(text.split())
    if len(text) > longest:
        raise InvalidValue("too_long", longest=longest, found=len(text))
    return text


def _text(field_: Field, raw: object, _: str | None) -> str | None:
    return clean_text(str(raw), field_.longest or MAX_TEXT_CHARS) or None


def _long_text(field_: Field, raw: object, _: str | None) -> str | None:
    return clean_text(str(raw), field_.longest or MAX_LONG_TEXT_CHARS, lines=True) or None


def _decimal(raw: object, language: str | None) -> Decimal:
    if isinstance(raw, bool):
        raise InvalidValue("number_form")
    try:
        if isinstance(raw, int | float | Decimal):
            value = bounded(Decimal(raw) if isinstance(raw, int | Decimal) else Decimal(str(raw)))
        elif len(str(raw)) > MAX_TEXT:
            raise InvalidValue("number_size")
        else:
            text = re.sub(r"[\s\u00a0\u202f€]", "", str(raw)).replace("−", "-")
            value = decimal_of(text) if language is None else bounded(Decimal(str(parse_decimal(text, locale=language, strict=True))))
    except (InvalidOperation, NumberFormatError, ValueError):
        raise InvalidValue("number_form") from None
    if abs(value) >= Decimal(10) ** 12:
        raise InvalidValue("number_size")
    return value


def _number(_: Field, raw: object, language: str | None) -> Decimal:
    value = _decimal(raw, language)
    if value != round(value, 6):
        raise InvalidValue("number_places", places=6)
    return value.normalize() if value else Decimal(0)


def _money(_: Field, raw: object, language: str | None) -> Decimal:
    value = _decimal(raw, language)
    if value != round(value, 2):
        raise InvalidValue("number_places", places=2)
    return value.quantize(Decimal("0.01"))


def is_future(day: date) -> bool:
    """Return whether a day has begun nowhere on earth yet."""
    return day > datetime.now(UTC).date() + timedelta(days=1)


def _date(field: Field, raw: object, __: str | None) -> date:
    if isinstance(raw, date):
        value = raw
    else:
        found = re.fullmatch(r"(\d{4})-(\d\d?)-(\d\d?)", str(raw).strip())
        parts = found.groups() if found else None
        if parts is None and (found := re.fullmatch(r"(\d\d?)[./](\d\d?)[./](\d{4})", str(raw).strip())):
            parts = found.groups()[::-1]
        try:
            value = date(*(int(part) for part in parts or ()))
        except (TypeError, ValueError):
            raise InvalidValue("date_form") from None
    if not EARLIEST <= value <= LATEST:
        raise InvalidValue("date_range")
    if field.past and is_future(value):
        raise InvalidValue("date_ahead")
    return value


# Words for yes and no, as people and spreadsheets write them.
_YES = frozenset({"true", "ja", "yes", "1", "wahr", "x"})
_NO = frozenset({"false", "nein", "no", "0", "falsch"})


def _yes_no(_: Field, raw: object, __: str | None) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word not in _YES | _NO:
        raise InvalidValue("yes_no_form")
    return word in _YES


def _choice(field_: Field, raw: object, _: str | None) -> str:
    if str(raw) not in field_.options:
        raise InvalidValue("choice_unknown")
    return str(raw)


def _choices(field_: Field, raw: object, _: str | None) -> tuple[str, ...]:
    if isinstance(raw, str):
        try:
            raw = json.loads(raw) if raw.lstrip().startswith("[") else [part.strip() for part in raw.split(";") if part.strip()]
        except ValueError:
            raise InvalidValue("choice_unknown") from None
    if not isinstance(raw, list | tuple):
        raise InvalidValue("choice_unknown")
    chosen = {str(part) for part in raw}
    if not chosen <= set(field_.options):
        raise InvalidValue("choice_unknown")
    return tuple(option for option in field_.options if option in chosen) or None  # type: ignore[return-value]


def _email(_: Field, raw: object, __: str | None) -> str:
    return one_address(raw)


def _phone(_: Field, raw: object, __: str | None) -> str:
    return one_telephone(raw)


def _link(_: Field, raw: object, __: str | None) -> str:
    text = clean_text(str(raw), MAX_LINK_CHARS)
    if "://" not in text and not re.match(r"[a-z][a-z0-9+.-]*:(?!\d)", text, re.IGNORECASE):
        text = f"https://{text}"
    try:
        parts = urlsplit(text)
        host = (parts.hostname or "").encode("idna").decode()
        parts.port  # noqa: B018 - raises for a port that is no number
    except (ValueError, UnicodeError):
        raise InvalidValue("link_form") from None
    if parts.scheme not in ("http", "https") or "." not in host.strip(".") or " " in text or parts.username:
        raise InvalidValue("link_form")
    return text


def _address(_: Field, raw: object, __: str | None) -> dict[str, str]:
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            raise InvalidValue("address_form") from None
    if not isinstance(raw, Mapping):
        raise InvalidValue("address_form")
    parts = {key: clean_text(str(raw.get(key) or ""), MAX_ADDRESS_PART_CHARS) for key in ADDRESS_PARTS}
    check_place(parts)
    return {key: value for key, value in parts.items() if value}


def check_place(parts: Mapping[str, str | None]) -> None:
    """Check the country's code and the form of its postcode. Raises InvalidValue."""
    country = (parts.get("country") or "").upper()
    if country and country not in _TERRITORIES:
        raise InvalidValue("country_unknown")
    form, example = _POSTCODES.get(country, ("", ""))
    if form and parts.get("postcode") and not re.fullmatch(form, parts["postcode"] or ""):
        raise InvalidValue("postcode_form", country=country, example=example)


def _iban(_: Field, raw: object, __: str | None) -> str:
    try:
        return stdnum_iban.validate(str(raw)[:100])
    except NumberProblem:
        raise InvalidValue("iban_form") from None


def _vat_id(_: Field, raw: object, __: str | None) -> str:
    text = str(raw)[:100].strip()
    head = text[:3].upper()
    module, prefix = (swiss_vat, "") if head == "CHE" else (british_vat, "GB") if head[:2] == "GB" else (european_vat, "")
    try:
        return prefix + str(module.validate(text))
    except NumberProblem:
        raise InvalidValue("vat_id_form") from None


def _staff_member(field_: Field, raw: object, _: str | None) -> int:
    try:
        member = int(str(raw))
    except ValueError:
        raise InvalidValue("choice_unknown") from None
    if member not in field_.members:
        raise InvalidValue("choice_unknown")
    return member


_CLEAN = {
    "text": _text, "long_text": _long_text, "number": _number, "money": _money, "date": _date, "yes_no": _yes_no, "choice": _choice,
    "choices": _choices, "email": _email, "phone": _phone, "link": _link, "address": _address, "iban": _iban, "vat_id": _vat_id,
    "staff_member": _staff_member,
}  # fmt: skip
assert set(_CLEAN) == set(TYPES)


def as_stored(value: object) -> str | None:
    """Return the text a value is stored as: dates in ISO 8601, numbers with a point, lists and addresses as JSON."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return json.dumps(list(value), ensure_ascii=False)
    if isinstance(value, Mapping):
        return json.dumps(dict(value), ensure_ascii=False, sort_keys=True)
    return str(value)


def from_stored(type_: str, text: str | None) -> object:
    """Return the value of a stored text; the text itself where it no longer has the form of its type."""
    if text is None:
        return None
    try:
        if type_ in ("number", "money"):
            return Decimal(text)
        if type_ == "date":
            return date.fromisoformat(text)
        if type_ == "yes_no":
            return text == "true"
        if type_ == "choices":
            return tuple(json.loads(text))
        if type_ == "address":
            found = json.loads(text)
            return found if isinstance(found, dict) else text
        if type_ == "staff_member":
            return int(text)
    except (ValueError, InvalidOperation, TypeError):
        return text
    return text
