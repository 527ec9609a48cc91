"""Passwords: accept, hash and verify them."""

from __future__ import annotations

import base64
import re
import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.base.errors import ValidationFailed

# OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


def _unmatched_hash() -> str:
    """Return an Argon2 hash that no password matches.

    Verifying it takes as long as a real one, so that timing does not reveal unknown names; making it takes no time at a start.
    """
    salt, digest = (base64.b64encode(secrets.token_bytes(length)).decode().rstrip("=") for length in (HASHER.salt_len, HASHER.hash_len))
    return f"$argon2id$v=19$m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}${salt}${digest}"


_DUMMY = _unmatched_hash()
MIN_CHARS = 12
MAX_CHARS = 256
# Characters around a known word that do not make it rarer: a year, some digits, a mark.
MAX_DECORATION_CHARS = 6
# Rows of keys, and of letters and digits.
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "qwertzuiopü",
    "qwertyuiop",
    "asdfghjklöä",
    "yxcvbnm",
    "zxcvbnm",
    "1q2w3e4r5t6z7u8i9o0p",
)
# Words that passwords here begin with; the library's list has thirty thousand others.
WORDS = frozenset(
    [
        "passwort",
        "kennwort",
        "geheim",
        "geheimnis",
        "hallo",
        "willkommen",
        "schatz",
        "schatzi",
        "liebling",
        "ichliebedich",
        "ichliebdich",
        "sommer",
        "winter",
        "herbst",
        "frühling",
        "januar",
        "februar",
        "märz",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "dezember",
        "montag",
        "dienstag",
        "mittwoch",
        "donnerstag",
        "freitag",
        "samstag",
        "sonntag",
        "fussball",
        "fußball",
        "bayern",
        "schalke",
        "dortmund",
        "borussia",
        "werder",
        "deutschland",
        "berlin",
        "hamburg",
        "münchen",
        "muenchen",
        "köln",
        "koeln",
        "frankfurt",
        "stuttgart",
        "kanzlei",
        "steuer",
        "steuern",
        "steuerberater",
        "steuerberatung",
        "steuerkanzlei",
        "buchhaltung",
        "lohnbuchhaltung",
        "datev",
        "elster",
        "mandant",
        "mandanten",
        "finanzamt",
        "kundenblick",
        "verwaltung",
        "sekretariat",
        "empfang",
        "chef",
        "chefin",
        "büro",
        "buero",
        "computer",
        "internet",
        "zugang",
        "anmeldung",
        "welcome",
        "welcomeback",
        "letmein",
        "changeme",
        "administrator",
        "admin",
        "default",
        "secret",
        "password",
        "passphrase",
        "iloveyou",
        "mustermann",
        "test",
        "testtest",
    ]
)
_PLAIN = str.maketrans("@4301!5$7", "aaeoiisst")


def clean_password(password: str, *about: str | None) -> str:
    """Return the hash of an acceptable password: 12 to 256 characters, not a common one.

    - ``about``: Names and addresses of the person and the firm; they count as common words.

    Raises ValidationFailed.
    """
    if not MIN_CHARS <= len(password) <= MAX_CHARS:
        raise ValidationFailed({"password": ("password_length", {})})
    if is_common(password, *about):
        raise ValidationFailed({"password": ("password_common", {})})
    return HASHER.hash(_bytes(password))


def fits(password: str, stored: str | None) -> bool:
    """Return whether a password matches the stored hash; None takes the same time and never matches."""
    try:
        HASHER.verify(stored or _DUMMY, _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def is_common(password: str, *about: str | None) -> bool:
    """Return whether a password is among the first to be guessed: listed, a known word with a year, a row of keys, one piece repeated."""
    typed = unicodedata.normalize("NFC", password).casefold()
    own = {part for text in about if text for part in re.split(r"[\W_]+", text.casefold()) if len(part) > 2}
    own |= {"".join(re.findall(r"\w", text.casefold())) for text in about if text}
    return _known(typed, own)


def _known(text: str, own: set[str]) -> bool:
    """Return whether a folded password is common; ``own`` are words about the person."""
    if len(set(text)) < 3 or text in _listed():
        return True
    piece = _repeated(text)
    if piece is not None and (len(piece) < 5 or _known_word(piece, own)):
        return True
    if any(_in_row(text, row) for row in ROWS):
        return True
    word = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", text)
    if not word or len(text) - len(word) > MAX_DECORATION_CHARS:
        return False
    forms = [re.sub(r"[\W_]+", "", form) for form in (word, word.translate(_PLAIN))]
    return any(_known_word(form, own) or any(_in_row(form, row) for row in ROWS) for form in forms)


def _known_word(word: str, own: set[str]) -> bool:
    return word in WORDS or word in own or word in _listed() or (_repeated(word) or "") in WORDS


def _in_row(text: str, row: str) -> bool:
    return any(text in way * (len(text) // len(way) + 2) for way in (row, row[::-1]))


def _repeated(text: str) -> str | None:
    """Return the piece that repeated makes up the text, or None."""
    place = (text + text).find(text, 1)
    return text[:place] if place < len(text) else None


@cache
def _listed() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


def _bytes(password: str) -> bytes:
    """Return the bytes to hash: NFC, so that every keyboard gives the same, and cut one character after the maximum."""
    return unicodedata.normalize("NFC", password[: 4 * MAX_CHARS])[: MAX_CHARS + 1].encode("utf-8", "replace")
