"""One folding of text for writing the search words and for asking: case, accents, umlauts, ligatures, spaces."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Letters that do not fall apart into a base letter and a mark.
_WHOLE = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "n"})
_UMLAUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
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
    """A normalised text without quotation marks, brackets and commas around its words, and with one kind of apostrophe inside of them."""
    return " ".join(filter(None, (word.strip(_AROUND) for word in text.translate(_APOSTROPHES).split())))


def words(text: str) -> list[str]:
    """The words of a folded text, in order: runs of letters and digits."""
    return _WORD.findall(text)
