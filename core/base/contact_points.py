"""One address and one telephone number of every spelling that people, phones and programs use; forms, imports, mail, search and sign-in ask here.

Addresses are kept as email-validator normalises them, in lower case with the domain in its own letters; numbers as phonenumbers writes them.
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

HOME = "DE"
LONGEST_ADDRESS, LONGEST_LIST = 1_000, 100_000
# What keeps an address in a label from becoming a link; it comes along when somebody copies it from the page.
JOINER = "\u2060"
# At signs and brackets of full width, and curly apostrophes, as phones and word processors write them.
_AS_TYPED = {0xFF20: "@", 0xFF1C: "<", 0xFF1E: ">", 0x2019: "'", 0x201C: '"', 0x201D: '"', 0x201E: '"', 0x00A0: " "}
_SCHEME = re.compile(r"^(mailto|smtp):", re.IGNORECASE)
_EXTENSION = re.compile(r"\s*(ext\.?|x)\s*\d{1,7}$", re.IGNORECASE)
# A German tax number (AO § 139a; the forms of the Länder) stands in many a column of telephone numbers.
_TAX_NUMBER = re.compile(r"\d{2,3}/\d{3,4}/\d{4,5}")
# What a spreadsheet makes of a long number: the digits are lost.
_SHORTENED = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)
FEWEST_DIGITS = 6


def one_address(raw: object) -> str:
    """The one address a text stands for, in its one spelling. Raises InvalidValue: ``email_several``, ``email_form``."""
    text = _plain(str(raw)[:LONGEST_ADDRESS])
    found = split_list(text) if any(sign in text for sign in '<>"(,;') else [text]
    text = found[0] if found else text
    # Between two addresses that something else separates there is the end of a domain; a doubled @ is a slip.
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
    """The address a text stands for, or the text itself in lower case where it stands for none: to look somebody up by."""
    try:
        return one_address(raw)
    except InvalidValue:
        return _plain(raw[:LONGEST_ADDRESS]).lower()[:320]


def base_of(address: str) -> str:
    """The address without its ``+…``: for the question whether an address is switched off, never for whose it is."""
    local, at, domain = address.partition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def _plain(text: str) -> str:
    """Composed, without signs that cannot be seen, with the at sign everybody means; encoded words of a mail's head in letters."""
    if "=?" in text:
        with suppress(HeaderParseError, LookupError, ValueError):
            text = str(make_header(decode_header(text)))
    text = unicodedata.normalize("NFC", text).replace(JOINER, "").translate(_AS_TYPED)
    return "".join(c for c in text if c in "\n\t" or is_kept(c)).strip()


def split_list(text: str) -> list[str]:
    """The addresses of a pasted list or of a mail's line, as they stand there, in order, once each.

    ``Erika <a@b.de>; c@d.de`` gives ``a@b.de`` and ``c@d.de``; what a name in quotes or a comment in brackets says is no address.
    """
    found: list[str] = []
    for part in _parts(_plain(text[:LONGEST_LIST])):
        found += part
    return list(dict.fromkeys(found))


def _parts(text: str) -> list[list[str]]:
    """Per part between separators its addresses: what stands in <…>, else what stands free, else what stands in quotes."""
    parts, free, quoted, pointed = list[list[str]](), list[str](), list[str](), list[str]()
    inside, depth, place, has_at = "", 0, 0, False

    def flush() -> None:
        nonlocal has_at
        has_at = False
        for text_of in ("".join(pointed), "".join(free), "".join(quoted)):
            words = [_SCHEME.sub("", word.strip("'\"<>()[]."), count=1) for word in text_of.split()]
            if words := [word for word in words if "@" in word[1:-1]]:
                parts.append(words)
                break
        for letters in (free, quoted, pointed):
            letters.clear()

    while place < len(text):
        c = text[place]
        place += 1
        if c == "\n" or (not inside and c in ",;\t"):
            flush()
            inside, depth = "", 0
        elif inside == '"':
            if c == "\\" and place < len(text):
                quoted.append(text[place])
                place += 1
            elif c == '"':
                inside = ""
                quoted.append(" ")
            else:
                quoted.append(c)
        elif inside == "(":
            depth += {"(": 1, ")": -1}.get(c, 0)
            inside = "(" if depth else ""
        elif inside == "<":
            if c == ">":
                inside = ""
                pointed.append(" ")
            elif c in ",;":  # a bracket that never closes
                flush()
                inside = ""
            else:
                pointed.append(c)
        elif c == '"' and text.find('"', place, place + LONGEST_ADDRESS) > 0:
            inside = '"'
        elif c == "(" and text.find(")", place, place + LONGEST_ADDRESS) > 0:
            inside, depth = "(", 1
        elif c == "<":
            inside = "<"
        elif c == ":" and not has_at and "".join(free[-7:]).lower().split()[-1:] not in (["mailto"], ["smtp"]):
            free.clear()  # the name of a group
        else:
            has_at = has_at or c == "@"
            free.append(c)
    flush()
    return parts


def one_telephone(raw: object, region: str = HOME) -> str:
    """A number as the world writes it; one without a country's prefix is one of ``region``. Raises InvalidValue.

    Words are refused, since phonenumbers reads their letters as keys of a telephone: *privat* would become 774828.
    """
    text = str(raw)[:100].strip()
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
    if len(phonenumbers.normalize_digits_only(_EXTENSION.sub("", text))) < FEWEST_DIGITS:
        raise InvalidValue("phone_form")
    if _lost_its_plus(text, number, region):
        raise InvalidValue("phone_plus")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    if phonenumbers.parse(written, HOME) != number:
        raise InvalidValue("phone_form")
    return written


def _holds_several(text: str, region: str) -> bool:
    """Whether several numbers stand in a text, between slashes, commas or blanks."""
    found = phonenumbers.PhoneNumberMatcher(text, region, leniency=phonenumbers.Leniency.POSSIBLE)
    return sum(1 for _ in found) > 1


def _lost_its_plus(text: str, number: phonenumbers.PhoneNumber, region: str) -> bool:
    """Whether digits without + and without a leading 0 are also a number with its country's prefix: spreadsheets drop the +."""
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
