"""Know what a value is by its form alone: an IBAN, an address, a telephone number, a birthday."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from stdnum import iban
from stdnum.de import idnr
from stdnum.eu import vat

from core.base.contact_points import one_address, one_telephone
from core.base.errors import InvalidValue
from core.imports import cells
from core.imports.problems import RowRejected

Fits = Callable[[str], bool]
_TAX_NUMBER = re.compile(r"\d{2,3}\s?/\s?\d{3,4}\s?/\s?\d{4,5}")
_STREET = re.compile(r"[^\W\d].*[^\W\d.]\.?\s\d{1,4}\s?[a-zA-Z]?(?:\s?[-/]\s?\d{1,4}\s?[a-zA-Z]?)?")
_POSTCODE = re.compile(r"(?:[A-Z]{1,2}-)?\d{5}")
_COMPANY = re.compile(
    r"\b(?:GmbH|AG|KG|OHG|GbR|UG|e\.\s?K\.|e\.\s?V\.|mbH|Ltd|Inc|S\.A\.|B\.V\.|eG)\b|& (?:Co|Söhne|Partner)", re.IGNORECASE
)
_DAYS = ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%y")
BIRTH_YEARS = (1900, 2010)


def share(values: Sequence[str], fits: Fits) -> float:
    """Return which share of the values fits; 0 of none."""
    return sum(map(fits, values)) / len(values) if values else 0.0


def is_word(value: str) -> bool:
    """Return whether a value is made of words: names and places, no numbers or addresses."""
    letters = sum(map(str.isalpha, value))
    return letters >= 2 and letters > sum(map(str.isdigit, value)) and "@" not in value


def _is_address(value: str) -> bool:
    with suppress(InvalidValue):
        return "@" in value and all(one_address(part) for part in re.split(r"[;,]\s*", value.strip(" ;,")))
    return False


def _is_vat_id(value: str) -> bool:
    return value[:2].isalpha() and bool(vat.is_valid(value))


def _is_iban(value: str) -> bool:
    return value[:2].isalpha() and bool(iban.is_valid(value))


def _is_telephone(value: str) -> bool:
    """Return whether a value is a telephone number by its form: with a + or a leading zero."""
    if not re.match(r"[+(0]", value) or re.search(r"[A-Za-z@]", value) or _is_day(value) or sum(map(str.isdigit, value)) < 7:
        return False
    with suppress(InvalidValue):
        return bool(one_telephone(value))
    return False


def _day(value: str) -> datetime | None:
    for form in _DAYS:
        with suppress(ValueError):
            return datetime.strptime(value, form)  # noqa: DTZ007 - a form is looked at, no moment
    return None


def _is_day(value: str) -> bool:
    return _day(value) is not None


def _is_birthday(value: str) -> bool:
    day = _day(value)
    return day is not None and BIRTH_YEARS[0] <= day.year <= BIRTH_YEARS[1]


def _is_country(value: str) -> bool:
    if len(value) < 2 or value.isdigit():
        return False
    with suppress(RowRejected):
        return cells.country_code(value) is not None
    return False


def _is_postal(value: str) -> bool:
    with suppress(RowRejected):
        return cells.street(value) is not None and cells.postcode(value) is not None
    return False


# What decides even against the word at the head.
STRONG: dict[str, Fits] = {"contact_email.email": _is_address, "field.iban": _is_iban, "field.ust_idnr": _is_vat_id}
# What is a guess where no word tells: the first that fits.
WEAK: dict[str, Fits] = {
    "field.steuernummer": lambda value: bool(_TAX_NUMBER.fullmatch(value)),
    "field.steuer_idnr": lambda value: bool(idnr.is_valid(value)),
    "contact.address": _is_postal,
    "contact.born_on": _is_birthday,
    "contact.phone": _is_telephone,
    "contact.postcode": lambda value: bool(_POSTCODE.fullmatch(value)),
    "contact.street": lambda value: bool(_STREET.fullmatch(value)),
    "contact.country": _is_country,
    "account.name": lambda value: bool(_COMPANY.search(value)),
}
