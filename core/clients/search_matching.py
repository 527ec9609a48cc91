"""How well a client answers a search, and by what: decided from what the search keeps of it, without asking the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core.base.text_folding import folds, spellings, unquoted, words
from core.clients.search_index import (
    CONTACT_LINE,
    EMAIL_LINE,
    FIELD_LINE,
    IS_CONTACT,
    IS_EMAIL,
    IS_FIELD,
    IS_HOLDER,
    IS_PHONE,
    PHONE_LINE,
    compact,
    joined_words,
)  # fmt: skip
from core.clients.search_terms import Query, Token, phone_words

# Best first. A guess (TYPO) stands below every match.
EXACT, BEGINS, WORD_BEGINS, BY_CONTACT, BY_PHONE, BY_FIELD, INSIDE, BY_EMAIL, TYPO = range(9)
REASONS = {IS_CONTACT: "contact", IS_HOLDER: "holder", IS_PHONE: "phone", IS_FIELD: "field", IS_EMAIL: "email"}
_KIND_OF_RANK = {BY_CONTACT: (IS_CONTACT, IS_HOLDER), BY_PHONE: (IS_PHONE, IS_FIELD), BY_FIELD: (IS_FIELD,), BY_EMAIL: (IS_EMAIL,)}


def rank_of(name: str, number: str, everything: str, query: Query) -> int | None:
    """Return how a client answers the query, EXACT the best; None when it does not.

    ``everything`` is the text of ``search_rows``: a line for each spelling of the name, for the number, each contact and so on.
    """
    forms, asked, number = spellings(unquoted(name)), spellings(query.text), folds(number)[0]
    if number == asked[0] or any(form in asked for form in forms):
        return EXACT
    if number.startswith(asked[0]) or any(form.startswith(text) for form in forms for text in asked):
        return BEGINS
    own = _starts((*forms, *(word for form in forms for word in joined_words(form)), number))
    if _all_begin(query.tokens, own):
        return WORD_BEGINS
    lines = _by_sign(everything)
    contacts = lines[CONTACT_LINE]
    if any(_all_begin(query.tokens, own | _starts([line])) for line in contacts):
        return BY_CONTACT
    if any(query.rings(f"+{line}") for line in lines[PHONE_LINE]):
        return BY_PHONE
    fields = lines[FIELD_LINE]
    if (plain := compact(query.text)) and any(line.startswith((asked[0], plain)) for line in fields):
        return BY_FIELD
    if _all_inside(query.tokens, [*forms, number, *contacts, *fields, *(f"+{line}" for line in lines[PHONE_LINE])]):
        return INSIDE
    return BY_EMAIL if _all_inside(query.tokens, [everything]) else None


def kinds_needed(rank: int, name: str, number: str, query: Query) -> tuple[str, ...]:
    """Return the kinds of texts ``reason_of`` chooses from; none where it is the name or the number that answers."""
    if rank <= WORD_BEGINS or rank == TYPO:
        return ()
    if rank == INSIDE and _all_inside(query.tokens, [*spellings(unquoted(name)), folds(number)[0]]):
        return ()
    return _KIND_OF_RANK.get(rank, tuple(REASONS))


def reason_of(rank: int, name: str, number: str, known: Iterable[str], query: Query) -> tuple[str, str]:
    """Return why a client was found, as (reason, text): ``name``, ``number``, or what of ``known`` answers best, as it is stored.

    The reasons of ``known`` are ``contact``, ``holder``, ``phone``, ``field`` (the text is ``id:type:value``) and ``email``.
    """
    if not (kinds := kinds_needed(rank, name, number, query)):
        return ("number" if folds(query.text)[0] in folds(number)[0] else "name"), ""
    best = max((text for text in known if text[0] in kinds), key=lambda text: _fit(text, query), default="")
    return (REASONS[best[0]], best[1:]) if best else ("name", "")


def _fit(text: str, query: Query) -> tuple[bool, int, int, int]:
    """Return how well a stored text answers the query, to be compared: as a number, by beginnings of words, by parts; shorter is better."""
    kind, value = text[0], text[1:]
    if kind == IS_FIELD:
        _, type_, value = value.split(":", 2)
        kind = IS_PHONE if type_ == "phone" else kind
    forms = spellings(unquoted(value))
    if kind == IS_PHONE:
        forms = (*forms, *phone_words(value))
    whole = (kind == IS_PHONE and any(query.rings(number) for number in phone_words(value))) or (
        kind == IS_FIELD and compact(value).startswith(compact(query.text))
    )
    starts = _starts(forms)
    begin = sum(any(start.startswith(form) for start in starts for form in token) for token in query.tokens)
    inside = sum(any(form in text for text in forms for form in token) for token in query.tokens)
    return whole, begin, inside, -len(value)


def _by_sign(everything: str) -> dict[str, list[str]]:
    """Return the lines of what is kept of a client, without their sign, by sign."""
    lines: dict[str, list[str]] = {CONTACT_LINE: [], PHONE_LINE: [], FIELD_LINE: [], EMAIL_LINE: []}
    for line in everything.split("\n"):
        if line[:1] in lines:
            lines[line[0]].append(line[1:])
    return lines


def _starts(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in (*words(text), text)}


def _all_begin(tokens: Sequence[Token], starts: Iterable[str]) -> bool:
    return bool(tokens) and all(any(start.startswith(form) for start in starts for form in token) for token in tokens)


def _all_inside(tokens: Sequence[Token], texts: Sequence[str]) -> bool:
    return bool(tokens) and all(any(form in text for text in texts for form in token) for token in tokens)
