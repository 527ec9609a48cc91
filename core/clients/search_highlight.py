"""Mark the letters of a text that match a query, in the text's own spelling."""

from __future__ import annotations

import unicodedata

from core.base.text_folding import folds

# (part of a text, whether it matches).
Piece = tuple[str, bool]
_UMLAUT_PAIRS = frozenset({"ae", "oe", "ue"})
# (folded letter, where it begins in the text, where it ends).
_Folded = list[tuple[str, int, int]]


def pieces(text: str, query: str) -> list[Piece]:
    """Cut the text into pieces, which together are the text.

    A word of the query matches at the beginnings of words, else at its first place inside one.
    """
    text = unicodedata.normalize("NFC", text)
    plain, long = ([(letter, place, place + 1) for place, c in enumerate(text) for letter in folds(c)[form]] for form in (0, 1))
    marked = [False] * len(text)
    for token in query.split()[:8]:
        for start, end in _places([plain, long, _short(long)], set(folds(token))):
            marked[start:end] = [True] * (end - start)
    return _cut(text, marked)


def _short(long: _Folded) -> _Folded:
    """Return the spelling in which ae, oe and ue are one letter, that of an umlaut."""
    short: _Folded = []
    for letter, start, end in long:
        if short and short[-1][0] + letter in _UMLAUT_PAIRS and short[-1][2] <= end:
            short[-1] = (short[-1][0], short[-1][1], end)
        else:
            short.append((letter, start, end))
    return short


def _places(spellings: list[_Folded], forms: set[str]) -> list[tuple[int, int]]:
    """Return (begin, end) in the text of every beginning of a word that matches, else of the first match inside one."""
    inside: list[tuple[int, int]] = []
    beginnings: list[tuple[int, int]] = []
    for spelling in spellings:
        folded = "".join(letter for letter, _, _ in spelling)
        for form in filter(None, forms):
            at = folded.find(form)
            while at >= 0:
                span = (spelling[at][1], spelling[at + len(form) - 1][2])
                begins = at == 0 or not folded[at - 1].isalnum()
                (beginnings if begins else inside).append(span)
                at = folded.find(form, at + 1)
    return beginnings or inside[:1]


def _cut(text: str, marked: list[bool]) -> list[Piece]:
    """Join neighbouring letters that are marked alike."""
    parts: list[Piece] = []
    for letter, hit in zip(text, marked, strict=True):
        if parts and parts[-1][1] == hit:
            parts[-1] = (parts[-1][0] + letter, hit)
        else:
            parts.append((letter, hit))
    return parts
