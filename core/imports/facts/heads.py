"""Know the words that heads of columns use, in German and English: ``words/de.toml``, ``words/en.toml``."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path

from core.base.text_folding import folds

WORDS = Path(__file__).parent / "words"
_IN_BRACKETS = re.compile(r"\([^)]*\)")
_SIGNS = re.compile(r"[\W_]+")
# What stands before or behind the word proper: Telefon geschäftlich 1, Kunden-Nr.
_BESIDE = re.compile(r"geschaeftlich|geschaftlich|privat|business|home|work|kunden|mandanten|mandant|\d+$")


def bare(head: str) -> str:
    """Return a head in one spelling: case, umlauts, blanks and signs make no difference."""
    return _SIGNS.sub("", folds(head)[1])


@lru_cache(maxsize=1)
def fields_by_word() -> dict[str, str]:
    """Return the field each known head stands for."""
    return {
        bare(word): field
        for file in sorted(WORDS.glob("*.toml"))
        for field, words in tomllib.loads(file.read_text("utf-8")).items()
        for word in words
    }


def knows(head: str) -> bool:
    """Return whether a head is one of the known words, with or without what stands beside it."""
    return field_of(head) is not None


def field_of(head: str) -> str | None:
    """Return the field a head stands for, None for one that is not known."""
    word = bare(head)
    known = fields_by_word()
    return known.get(word) or known.get(without_what_stands_beside(word)) or known.get(bare(_IN_BRACKETS.sub("", head)))


def without_what_stands_beside(word: str) -> str:
    """Return a bare head without what stands beside the word proper; a head of nothing else as it is."""
    return _BESIDE.sub("", word) or word
