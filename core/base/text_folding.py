"""One folding of text for writing the search words and for asking: case, accents, umlauts, ligatures, spaces."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Letters that do not fall apart into a base letter and a mark.
_WHOLE = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "n"})
_UMLAUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
# Not of a word that says ae already, nor the second of two vowels, nor qu.
_PERHAPS = re.compile(r"(?<![aeiouq])[aou](?![aeo])")
_WORD = re.compile(r"[^\W_]+")

_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ´`", "'"))
_AROUND = "\"'„“”‚«»‹›<>()[]{},;:"


def is_kept(c: str) -> bool:
    """Whether a character is one that can be stored: no control or direction mark, no half of a letter, no place that is none."""
    return unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") and ord(c) & 0xFFFE != 0xFFFE and not 0xFDD0 <= ord(c) <= 0xFDEF


def normalise(text: str) -> str:
    """NFC, without control and bidi characters, spaces folded to single ones; what is stored of a name."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(" " if c.isspace() else c for c in text if c.isspace() or is_kept(c))
    return " ".join(text.split())


def _plain(text: str) -> str:
    text = unicodedata.normalize("NFD", text.translate(_WHOLE))
    return "".join(c for c in text if not unicodedata.combining(c))


@lru_cache(maxsize=4_096)
def folds(text: str) -> tuple[str, str]:
    """The two folded forms of a text: ü → u and ü → ue; both lower case, ß → ss."""
    lower = unicodedata.normalize("NFC", text).casefold()
    return _plain(lower), _plain(lower.translate(_UMLAUT))


def spellings(text: str) -> tuple[str, ...]:
    """The folded forms of a stored name: both of ``folds``, and ae, oe, ue read as an umlaut, so that muller finds Mueller."""
    plain, long = folds(text)
    short = long.replace("ae", "a").replace("oe", "o").replace("ue", "u")
    return tuple(dict.fromkeys((plain, long, short)))


def unquoted(text: str) -> str:
    """A normalised text without quotation marks, brackets and commas around its words, and with one kind of apostrophe inside of them."""
    return " ".join(filter(None, (word.strip(_AROUND) for word in text.translate(_APOSTROPHES).split())))


def written_out(text: str) -> list[str]:
    """A folded text with one of its a, o, u as ae, oe, ue, each in turn where that may be an umlaut: muller → mueller."""
    return [f"{text[: place + 1]}e{text[place + 1 :]}" for place in (hit.start() for hit in _PERHAPS.finditer(text))]


def words(text: str) -> list[str]:
    """The words of a folded text, in order: runs of letters and digits."""
    return _WORD.findall(text)
