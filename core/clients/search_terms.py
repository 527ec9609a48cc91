"""What a search asks for, read from what somebody typed or pasted: words in their spellings, or a telephone number."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import phonenumbers

from core.base.contact_points import HOME, one_address
from core.base.errors import InvalidValue
from core.base.text_folding import folds, normalise, spellings, unquoted, words

MAX_QUERY_CHARS = 200
MAX_TOKENS = 8
# From so many digits on the last ones of a telephone number find it; fewer end too many numbers.
MIN_LAST_DIGITS = 5
# The longest telephone number there is (ITU-T E.164) with an extension.
MAX_PHONE_DIGITS = 20
MIN_PHONE_DIGITS = 3
Token = tuple[str, ...]

_PHONE = re.compile(r"[+＋]?[\d\s()\[\]/.\-–—‐‑]+")
_PHONE_LABEL = re.compile(r"^(tel|telefon|telefonnummer|festnetz|phone|fax|telefax|mobil|mobile|handy|fon)\b[.:]*\s*", re.IGNORECASE)
_EXTENSION = re.compile(r"[\s,;]*(ext\.?|x|app\.?|dw\.?|durchwahl|extension)\s*(\d{1,7})$", re.IGNORECASE)
# A run like a telephone number inside of other text.
_MOSTLY_DIGITS = re.compile(r"\+?\d[\d /()\-.]{4,}\d")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_HOME_CODE = str(phonenumbers.country_code_for_region(HOME))


def asked_for(text: str) -> str:
    """Return what is looked for when this is typed or pasted: „Müller“ and <a@b.example> without what stands around them.

    Every spelling of an address becomes that address.
    """
    if "@" in text:
        with suppress(InvalidValue):
            return one_address(text[:MAX_QUERY_CHARS])
    return unquoted(normalise(text[:MAX_QUERY_CHARS]))


def forms_of(token: str) -> Token:
    """Return the spellings in which a typed word is looked for: as typed, ü as ue, ae as an umlaut; digits with a country's prefix."""
    forms = spellings(token)
    if token.isascii() and token.isdecimal() and token[0] == "0" and len(token.lstrip("0")) >= MIN_PHONE_DIGITS - 1:
        forms = (*forms, *phone_beginnings(token))
    if any(c.isdecimal() for c in token) and "@" not in token:
        # A tax number is typed with other separators than it was kept with.
        forms = (*forms, re.sub(r"[\W_]+", "", forms[0]))
    return tuple(dict.fromkeys(form for form in forms if form))


def parts_of(token: str) -> list[str]:
    """Return the words that a typed word is made of: *Müller-Weber* is two, as *Müller/Weber* is; addresses and numbers stay whole."""
    if "@" in token or any(c.isdecimal() for c in token):
        return [token]
    return (re.findall(r"[\w']+", folds(token)[0]) and re.findall(r"[^\W_](?:[\w'’‘ʼ´`]*[^\W_])?", token)) or [token]


@dataclass(frozen=True)
class Query:
    """A search as it is understood: the text, its words with their spellings, and the telephone number it may be."""

    text: str
    # With the brackets that stand around the zero of +49 (0) 421.
    typed: str

    @staticmethod
    def of(typed: str) -> Query:
        """Read what somebody typed."""
        return Query(asked_for(typed), normalise(typed[:MAX_QUERY_CHARS]))

    @cached_property
    def tokens(self) -> list[Token]:
        """The words with a letter or digit in them, each in its spellings; at most eight."""
        found = [forms_of(token) for typed in self.text.split() for token in parts_of(typed)][:MAX_TOKENS]
        return [token for token in found if any(words(form) for form in token)]

    @cached_property
    def beginnings(self) -> tuple[str, ...]:
        """What a kept telephone number begins with, +49… for 0…; empty where this is no telephone number."""
        return phone_beginnings(self.typed)

    @cached_property
    def last_digits(self) -> str:
        """The last digits of a telephone number, five or more of them; '' where this is none."""
        digits = phone_digits(self.typed).lstrip("+0")
        return digits if MIN_LAST_DIGITS <= len(digits) <= MAX_PHONE_DIGITS else ""

    @property
    def is_phone(self) -> bool:
        """Whether this may be a telephone number, of any length."""
        return bool(self.beginnings or self.last_digits)

    def rings(self, number: str) -> bool:
        """Return whether this asks for a kept telephone number, as ``phone_words`` keeps it (+494214711)."""
        return any(number.startswith(start) for start in self.beginnings) or bool(self.last_digits and number.endswith(self.last_digits))


def phone_digits(text: str) -> str:
    """Return the digits of a text that reads like a telephone number, with + where it says a country's prefix; '' for any other text.

    *0421/47 11*, *+49 (0) 421 4711*, *0049421 4711* and *Tel.: 0421-4711 App. 3* are such; the extension is left out.
    """
    text = _PHONE_LABEL.sub("", text.strip())
    text = _EXTENSION.sub("", text)
    if not _PHONE.fullmatch(text):
        return ""
    is_abroad = text.lstrip("([ ")[:1] in ("+", "＋")
    digits = phonenumbers.normalize_digits_only(_TRUNK_ZERO.sub("", text) if is_abroad or text.startswith("00") else text)
    if len(digits) < MIN_PHONE_DIGITS or len(digits) > MAX_PHONE_DIGITS:
        return ""
    return f"+{digits}" if is_abroad else digits


def phone_beginnings(text: str) -> tuple[str, ...]:
    """Return how a kept telephone number may begin that begins with this text; numbers without a prefix are of the firm's country."""
    digits = phone_digits(text)
    if digits.startswith("00") and len(digits) > MIN_PHONE_DIGITS:
        digits = f"+{digits[2:]}"
    if digits.startswith("+"):
        # The zero of the area's code is often left standing behind the country's prefix.
        return (f"+{_HOME_CODE}{digits.removeprefix(f'+{_HOME_CODE}').lstrip('0')}",) if digits.startswith(f"+{_HOME_CODE}0") else (digits,)
    return (f"+{_HOME_CODE}{digits[1:]}",) if digits.startswith("0") else ()


def phone_words(number: str) -> list[str]:
    """Return a stored number (*+49 421 4711 ext. 12*) as the search keeps it: +494214711, and +49421471112 with its extension.

    A number that was stored without a country's prefix is one of the firm's country, as it is when it is asked for.
    """
    extension = _EXTENSION.search(number)
    plain = _EXTENSION.sub("", number).strip()
    digits = phonenumbers.normalize_digits_only(plain)
    if not digits:
        return []
    base = next(iter(phone_beginnings(plain)), f"+{digits}")
    return [base, *([f"{base}{extension[2]}"] if extension else [])]


def reversed_phone(word: str) -> str:
    """Return a kept number from its last digit on: what begins so ends with these digits."""
    return f"-{word.lstrip('+')[::-1]}"


def phone_trouble(text: str) -> str:
    """Return why this cannot be found as a telephone number: ``short``, ``long``, ``letters``; '' where it can, or is meant as none."""
    text = normalise(text[:MAX_QUERY_CHARS])
    digits = sum(c.isdecimal() for c in text)
    if _PHONE.fullmatch(text):
        if digits > MAX_PHONE_DIGITS:
            return "long"
        return "short" if digits < MIN_LAST_DIGITS else ""
    return "letters" if digits >= MIN_LAST_DIGITS and any(c.isalpha() for c in text) and _MOSTLY_DIGITS.search(text) else ""
