"""Which letters of a text answer a query, in the text's own spelling."""

from __future__ import annotations

import unicodedata

from core.base.text_folding import folds
from core.clients.search_terms import Query

Piece = tuple[str, bool]
_UMLAUTS = frozenset({"ae", "oe", "ue"})
_Folded = list[tuple[str, int, int]]


def pieces(text: str, query: str) -> list[Piece]:
    """The text cut into (part, whether it answers the query); the parts together are the text.

    A word of the query counts at the beginnings of words, else at its first place inside.
    """
    text = unicodedata.normalize("NFC", text)
    plain, long = ([(letter, place, place + 1) for place, c in enumerate(text) for letter in folds(c)[form]] for form in (0, 1))
    marked = [False] * len(text)
    for token in query.split()[:8]:
        for start, end in _places([plain, long, _short(long)], set(folds(token))):
            marked[start:end] = [True] * (end - start)
    return _cut(text, marked)


def _short(long: _Folded) -> _Folded:
    """ae, oe, ue read as an umlaut: one letter that stands for both."""
    short: _Folded = []
    for letter, start, end in long:
        if short and short[-1][0] + letter in _UMLAUTS and short[-1][2] <= end:
            short[-1] = (short[-1][0], short[-1][1], end)
        else:
            short.append((letter, start, end))
    return short


def _places(spellings: list[_Folded], forms: set[str]) -> list[tuple[int, int]]:
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
    parts: list[Piece] = []
    for letter, hit in zip(text, marked, strict=True):
        if parts and parts[-1][1] == hit:
            parts[-1] = (parts[-1][0] + letter, hit)
        else:
            parts.append((letter, hit))
    return parts


def phone_pieces(text: str, query: str) -> list[Piece]:
    """Return a telephone number cut into (part, whether it answers the query): its first digits with the country's prefix, or its last."""
    asked = Query.of(query)
    places = [place for place, letter in enumerate(text) if letter.isdecimal()]
    digits = "".join(text[place] for place in places)
    marked = [False] * len(text)
    for start in asked.beginnings:
        if digits.startswith(start[1:]):
            _mark(marked, places[: len(start) - 1])
    last = asked.last_digits
    if last and not any(marked) and (at := digits.rfind(last)) >= 0:
        _mark(marked, places[at : at + len(last)])
    return _cut(text, marked) if any(marked) else pieces(text, query)


def _mark(marked: list[bool], places: list[int]) -> None:
    """Mark the digits at these places, and what stands between them."""
    if places:
        marked[places[0] : places[-1] + 1] = [True] * (places[-1] + 1 - places[0])
