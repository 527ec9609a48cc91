"""Read what people write into one cell: a telephone number with words beside it, several addresses, a country in words, a postal address."""

from __future__ import annotations

import re
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache

import phonenumbers
from babel import Locale

from core.base.contact_points import HOME, MAX_LIST_CHARS, MAX_TELEPHONE_CHARS, one_address, one_telephone, split_list
from core.base.errors import InvalidValue
from core.base.text_folding import folds
from core.imports.parsing import Noted, as_text
from core.imports.problems import RowRejected

# Names of countries are known in these languages, by CLDR.
LANGUAGES = ("de", "en", "fr", "it")
# A cell that is a number holds no whole telephone number from here on: spreadsheets show it as 4,91512E+12.
MAX_NUMBER_CELL = 10**11
# What stands in older lists, on number plates and in everyday speech beside CLDR's names.
OTHER_NAMES = {
    "D": "DE", "BRD": "DE", "Bundesrepublik Deutschland": "DE", "Federal Republic of Germany": "DE", "A": "AT", "Republik Österreich": "AT",
    "Schweizerische Eidgenossenschaft": "CH", "F": "FR", "I": "IT", "E": "ES", "B": "BE", "L": "LU", "Holland": "NL",
    "England": "GB", "Schottland": "GB", "Wales": "GB", "Großbritannien": "GB", "Great Britain": "GB", "UK": "GB",
    "Tschechische Republik": "CZ", "Tschechei": "CZ", "Slowakische Republik": "SK", "USA": "US", "U.S.A": "US", "Amerika": "US",
    "Vereinigte Staaten von Amerika": "US", "United States of America": "US", "Russische Föderation": "RU", "Türkiye": "TR", "VR China": "CN",
    "Weißrussland": "BY", "FL": "LI", "Makedonien": "MK", "Mazedonien": "MK",
}  # fmt: skip
# A line with a postcode of four or five digits before its place, as in Germany and its neighbours; a letter or two may say the country.
_PLACE = re.compile(r"(?:\b[A-Z]{1,3}\s?-\s?)?\b(\d{4,5})\s+([^\W\d_][^,;\n\d]*)")


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Return the code (ISO 3166) by the folded name of a country, in both foldings of its umlauts."""
    known: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("EU", "EZ", "UN", "ZZ", "XA", "XB", "QO"):
                known |= dict.fromkeys((code.casefold(), *folds(name)), code)
    for name, code in OTHER_NAMES.items():
        known |= dict.fromkeys(folds(name), code)
    return known


def country_code(value: object) -> str | None:
    """Return the code of a country in words or as a code. Raises RowRejected for one that is none."""
    text = (as_text(value) or "").strip().rstrip(".")
    if not text:
        return None
    for form in folds(text):
        if (code := _countries().get(form)) is not None:
            return code
    raise RowRejected("form.country_unknown", value=text)


def telephone(value: object, place: int = 1) -> str | Noted | None:
    """Return the number at a place in a cell, from 1, as it is written there: whose country it is of is decided with its row.

    With words beside it, it is ``Noted``. None where there are fewer. Raises RowRejected for a cell that holds something and no number.
    """
    text = (as_text(value) or "").strip()
    if not text:
        return None
    numbers, rest = _telephones(text)
    if isinstance(value, int | float | Decimal) and value >= MAX_NUMBER_CELL:
        raise RowRejected("form.phone_shortened", value=text[:MAX_TELEPHONE_CHARS])
    if not numbers:
        raise RowRejected("form.phone_form", value=text[:MAX_TELEPHONE_CHARS])
    if not 1 <= place <= len(numbers):
        return None
    return _noted(numbers[place - 1], text, rest if place == 1 else "")


def only_telephone(value: object) -> str | Noted | None:
    """Return the first number of a cell as ``telephone`` does; further ones are told as what is left of the cell."""
    found = telephone(value)
    if found is None:
        return None
    text = (as_text(value) or "").strip()
    numbers, rest = _telephones(text)
    return _noted(numbers[0], text, ", ".join([*numbers[1:], *([rest] if rest else [])]))


def _noted(found: str, text: str, rest: str) -> str | Noted:
    return Noted(found, "beside", value=text, kept=found, rest=rest) if rest else found


def _telephones(text: str) -> tuple[list[str], str]:
    """Return the numbers in a cell and what else stands in it."""
    try:
        one_telephone(text)
        return [text], ""
    except InvalidValue as bad:
        if bad.problem[0] in ("phone_shortened", "phone_tax", "phone_plus"):
            raise RowRejected(f"form.{bad.problem[0]}", value=text[:MAX_TELEPHONE_CHARS]) from None
    numbers, rest, end = [], "", 0
    clipped = text[:MAX_LIST_CHARS]
    for match in phonenumbers.PhoneNumberMatcher(clipped, HOME, leniency=phonenumbers.Leniency.POSSIBLE):
        try:
            one_telephone(match.raw_string)
        except InvalidValue:
            continue
        numbers.append(match.raw_string.strip())
        rest += clipped[end : match.start]
        end = match.end
    return numbers, " ".join((rest + clipped[end:]).strip(" ,;:/|()[]-\n\t").split())


def address(value: object, place: int = 1) -> str | None:
    """Return the email address at a place in a cell, from 1; None where there are fewer. Raises RowRejected for one that is none."""
    text = (as_text(value) or "").strip()
    if not text:
        return None
    found = split_list(text) or [text]
    if not 1 <= place <= len(found):
        return None
    try:
        return one_address(found[place - 1])
    except InvalidValue:
        raise RowRejected("email", value=found[place - 1]) from None


def only_address(value: object) -> str | Noted | None:
    """Return the first email address of a cell as ``address`` does; further ones are told as what is left of the cell."""
    found = address(value)
    others = split_list(as_text(value) or "")[1:]
    return found if found is None else _noted(found, as_text(value) or "", ", ".join(others))


def street(value: object) -> str | None:
    """Return what stands before postcode and place in a postal address in one cell. Raises RowRejected, as do the others."""
    parts = _postal(value)
    return parts and (parts[0] or None)


def postcode(value: object) -> str | None:
    """Return the postcode of a postal address in one cell."""
    parts = _postal(value)
    return parts and parts[1]


def city(value: object) -> str | Noted | None:
    """Return the place of a postal address in one cell; what stands behind it, unless it is a country, is told as left."""
    parts = _postal(value)
    if parts is None:
        return None
    behind = parts[3]
    with suppress(RowRejected):
        behind = "" if country_code(behind) else behind
    return _noted(parts[2], as_text(value) or "", behind)


def _postal(value: object) -> tuple[str, str, str, str] | None:
    text = (as_text(value) or "").strip()
    if not text:
        return None
    found = list(_PLACE.finditer(text))
    if not found:
        raise RowRejected("postal", value=text)
    # The last one: a number of the house stands before it, a country after it.
    last = found[-1]
    before = " ".join(text[: last.start()].replace("\n", ", ").strip(" ,;").split())
    behind = " ".join(text[last.end() :].strip(" ,;\n").split())
    return re.sub(r"(, ?)+", ", ", before), last[1], last[2].strip(), behind


def split(value: object, separator: object = ";") -> list[str]:
    """Return the filled parts of a cell, once each."""
    parts = (as_text(value) or "").split(as_text(separator) or ";")
    return list(dict.fromkeys(part.strip() for part in parts if part.strip()))
