"""Fold text for search, alike when words are stored and when they are asked for: case, accents, umlauts, ligatures, spaces."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Letters that Unicode does not decompose into a base letter and a mark.
_WHOLE = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "n"})
_UMLAUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
_WORD = re.compile(r"[^\W_]+")

# Signs that people type for an apostrophe, and signs around words.
# Apostrophes and dashes of every kind are one: files written by Word or read from a PDF have others than a keyboard.
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ´`", "'") | dict.fromkeys("‐‑‒–—―−", "-"))
_UNSEEN = ("Mn", "Me", "Cf", "Cc")
_AROUND = "\"'„“”‚«»‹›<>()[]{},;:"


def is_kept(c: str) -> bool:
    """Return whether a character can be stored: no control or direction mark, surrogate, private or non-character."""
    return unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") and ord(c) & 0xFFFE != 0xFFFE and not 0xFDD0 <= ord(c) <= 0xFDEF


def normalise(text: str) -> str:
    """Return a name as stored: NFC, without control and bidi characters, with single spaces."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if c.isspace() else c for c in text if c.isspace() or is_kept(c))
    return " ".join(text.split())


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFD", text.translate(_WHOLE))
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) not in _UNSEEN)


@lru_cache(maxsize=4_096)
def folds(text: str) -> tuple[str, str]:
    """Return the two folded forms of a text, with ü → u and with ü → ue; both in lower case, ß → ss."""
    lower = unicodedata.normalize("NFC", text).translate(_APOSTROPHES).casefold()
    return _plain(lower), _plain(lower.translate(_UMLAUT))


@lru_cache(maxsize=4_096)
def spellings(text: str) -> tuple[str, ...]:
    """Return the folded forms of a text: both of ``folds``, ae, oe, ue read as an umlaut, and without apostrophes.

    So muller finds Mueller, and obrien O’Brien.
    """
    plain, long = folds(text)
    short = long.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    forms: tuple[str, ...] = (plain, long, short)
    if "'" in plain:
        forms += tuple(form.replace("'", "") for form in (plain, long, short))
    return tuple(dict.fromkeys(forms))


def unquoted(text: str) -> str:
    """Return a normalised text without quotes, brackets and commas around its words, and with one kind of apostrophe in them."""
    return " ".join(filter(None, (word.strip(_AROUND) for word in text.translate(_APOSTROPHES).split())))


def words(text: str) -> list[str]:
    """Return the words of a folded text, in order: runs of letters and digits."""
    return _WORD.findall(text)
