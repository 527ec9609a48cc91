"""Normalise email addresses and telephone numbers from every spelling that people, phones and programs use.

Forms, imports, mail, search and sign-in ask here. Addresses are stored as email-validator normalises them, in lower case with the
domain in its own letters; numbers as phonenumbers writes them internationally.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from email.errors import HeaderParseError
from email.header import decode_header, make_header

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from core.base.errors import InvalidValue
from core.base.text_folding import is_kept

# Region (ISO 3166) of numbers without a country's prefix.
# The columns of a contact that hold a telephone number: what is typed, brought in, and found by the search.
TELEPHONES = ("phone", "mobile")
HOME = "DE"
# Longer texts are cut before they are parsed.
MAX_ADDRESS_CHARS = 1_000
MAX_LIST_CHARS = 100_000
MAX_TELEPHONE_CHARS = 100
# Fewer digits are no telephone number.
MIN_DIGITS = 6
# Keeps an address in a label from becoming a link (WORD JOINER); it is copied along from the page.
JOINER = "\u2060"
# Full-width at signs and brackets, curly quotes, as phones and word processors write them.
_AS_TYPED = {0xFF20: "@", 0xFF1C: "<", 0xFF1E: ">", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x201E: '"', 0x00A0: " "}
_SCHEME = re.compile(r"^(mailto|smtp):", re.IGNORECASE)
_EXTENSION = re.compile(r"\s*(ext\.?|x)\s*\d{1,7}$", re.IGNORECASE)
# A German tax number (Steuernummer, in the forms of the Länder), which columns of telephone numbers often hold.
_TAX_NUMBER = re.compile(r"\d{2,3}/\d{3,4}/\d{4,5}")
# A long number as a spreadsheet writes it: the digits are lost.
_SHORTENED = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)


def one_address(raw: object) -> str:
    """Return the address in a text, normalised. Raises InvalidValue ``email_form``, or ``email_several`` for more than one."""
    text = _plain(str(raw)[:MAX_ADDRESS_CHARS])
    found = split_list(text) if any(sign in text for sign in '<>"(,;') else [text]
    text = found[0] if found else text
    # A dot between two at signs is the end of a domain: two addresses. Without one, the doubled @ is a slip.
    if len(found) > 1 or (text.count("@") > 1 and "." in text.split("@")[1]):
        raise InvalidValue("email_several")
    for around in ("<>", '""', "''"):
        if len(text) > 2 and text[0] == around[0] and text[-1] == around[1]:
            text = text[1:-1].strip()
    if scheme := _SCHEME.match(text):
        text = text[scheme.end() :].partition("?")[0]
    try:
        return validate_email(text.removesuffix("."), check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        raise InvalidValue("email_form") from None


def same_address(raw: str) -> str:
    """Return the address in a text, or the text itself in lower case where there is none: to look somebody up by."""
    try:
        return one_address(raw)
    except InvalidValue:
        return _plain(raw[:MAX_ADDRESS_CHARS]).lower()[:320]


def base_of(address: str) -> str:
    """Return an address without its ``+…``: to ask whether it is switched off, never whose it is."""
    local, at, domain = address.partition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def _plain(text: str) -> str:
    """Return a text in NFC without invisible characters, with plain signs, and with encoded words (RFC 2047) decoded."""
    if "=?" in text:
        with suppress(HeaderParseError, LookupError, ValueError):
            text = str(make_header(decode_header(text)))
    text = unicodedata.normalize("NFC", text).replace(JOINER, "").translate(_AS_TYPED)
    return "".join(c for c in text if c in "\n\t" or is_kept(c)).strip()


def split_list(text: str) -> list[str]:
    """Return the addresses of a pasted list or a mail header as written, in order, once each.

    ``Erika <a@b.de>; c@d.de`` gives ``a@b.de`` and ``c@d.de``; quoted names and comments in brackets are not addresses.
    """
    found: list[str] = []
    for part in _ListReader(_plain(text[:MAX_LIST_CHARS])).read():
        found += part
    return list(dict.fromkeys(found))


class _ListReader:
    """Split a list of addresses into parts, one character at a time, in the spirit of RFC 5322 but forgiving."""

    def __init__(self, text: str) -> None:
        self._text, self._place = text, 0
        self._parts: list[list[str]] = []
        # Letters of the part under way: in <…>, outside of everything, in quotes.
        self._pointed: list[str] = []
        self._free: list[str] = []
        self._quoted: list[str] = []
        # The sign that opened what is being read: a quote or a bracket; empty outside.
        self._inside = ""
        self._depth = 0
        self._has_at = False

    def read(self) -> list[list[str]]:
        """Return the addresses of each part between separators: those in <…>, else those outside, else those in quotes."""
        steps = {"": self._read_free, '"': self._read_quoted, "(": self._read_comment, "<": self._read_pointed}
        while self._place < len(self._text):
            c = self._next()
            if c == "\n" or (not self._inside and c in ",;\t"):
                self._end_part()
                self._inside, self._depth = "", 0
            else:
                steps[self._inside](c)
        self._end_part()
        return self._parts

    def _next(self) -> str:
        self._place += 1
        return self._text[self._place - 1]

    def _end_part(self) -> None:
        self._has_at = False
        for letters in (self._pointed, self._free, self._quoted):
            words = [_SCHEME.sub("", word.strip("'\"<>()[]."), count=1) for word in "".join(letters).split()]
            if words := [word for word in words if "@" in word[1:-1]]:
                self._parts.append(words)
                break
        for letters in (self._pointed, self._free, self._quoted):
            letters.clear()

    def _read_free(self, c: str) -> None:
        if c == '"' and self._closes('"'):
            self._inside = '"'
        elif c == "(" and self._closes(")"):
            self._inside, self._depth = "(", 1
        elif c == "<":
            self._inside = "<"
        elif c == ":" and not self._has_at and "".join(self._free[-7:]).lower().split()[-1:] not in (["mailto"], ["smtp"]):
            self._free.clear()  # the name of a group
        else:
            self._has_at = self._has_at or c == "@"
            self._free.append(c)

    def _read_quoted(self, c: str) -> None:
        if c == "\\" and self._place < len(self._text):
            self._quoted.append(self._next())
        elif c == '"':
            self._inside = ""
            self._quoted.append(" ")
        else:
            self._quoted.append(c)

    def _read_comment(self, c: str) -> None:
        self._depth += {"(": 1, ")": -1}.get(c, 0)
        self._inside = "(" if self._depth else ""

    def _read_pointed(self, c: str) -> None:
        if c == ">":
            self._inside = ""
            self._pointed.append(" ")
        elif c in ",;":  # a bracket that never closes
            self._end_part()
            self._inside = ""
        else:
            self._pointed.append(c)

    def _closes(self, sign: str) -> bool:
        """Return whether the sign follows soon; else the one that opens is a plain character."""
        return self._text.find(sign, self._place, self._place + MAX_ADDRESS_CHARS) > 0


def one_telephone(raw: object, region: str = HOME) -> str:
    """Return a number in international spelling; without a country's prefix it is one of ``region``. Raises InvalidValue.

    Words are refused, since phonenumbers reads their letters as keys of a telephone: *privat* would become 774828.
    """
    text = str(raw)[:MAX_TELEPHONE_CHARS].strip()
    region = region or HOME
    if _SHORTENED.search(text):
        raise InvalidValue("phone_shortened")
    if any(c.isalpha() for c in _EXTENSION.sub("", re.sub(r"^tel:", "", text, flags=re.IGNORECASE))):
        raise InvalidValue("phone_words") if any(c.isdigit() for c in text) else InvalidValue("phone_form")
    if _TAX_NUMBER.fullmatch(text):
        raise InvalidValue("phone_tax")
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise InvalidValue("phone_several" if _holds_several(text, region) else "phone_form") from None
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        raise InvalidValue("phone_several" if _holds_several(text, region) else "phone_form")
    if len(phonenumbers.normalize_digits_only(_EXTENSION.sub("", text))) < MIN_DIGITS:
        raise InvalidValue("phone_form")
    if _lost_its_plus(text, number, region):
        raise InvalidValue("phone_plus")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    if phonenumbers.parse(written, HOME) != number:
        raise InvalidValue("phone_form")
    return written


def _holds_several(text: str, region: str) -> bool:
    """Return whether a text holds several numbers, between slashes, commas or spaces."""
    found = phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.POSSIBLE)
    return sum(1 for _ in found) > 1


def _lost_its_plus(text: str, number: phonenumbers.PhoneNumber, region: str) -> bool:
    """Return whether digits without + and leading 0 are also a number with its country's prefix: spreadsheets drop the +."""
    digits = phonenumbers.normalize_digits_only(_EXTENSION.sub("", text))
    if "+" in text or "\uff0b" in text or digits.startswith("0"):
        return False
    try:
        abroad = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return False
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if phonenumbers.is_valid_number(number) and not (metadata and metadata.national_prefix == "0"):
        return False
    at_home = abroad.country_code == number.country_code and phonenumbers.is_possible_number(abroad)
    return at_home or phonenumbers.is_valid_number(abroad)
