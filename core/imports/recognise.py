"""Recognise which column of a list of clients is which field: by the word at its head, and by what stands below it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from core.imports.facts.heads import bare, field_of, fields_by_word, without_what_stands_beside
from core.imports.list_fields import BY_WORD, FIELDS, OWN
from core.imports.list_mapping import mapping_text
from core.imports.values_known import STRONG, WEAK, is_word, share

__all__ = ["FIELDS", "OWN", "WHY", "Guess", "mapping_text", "recognise"]

# Why a column is taken for a field, or for none; ``imports.why`` says them.
WHY = ("word", "alike", "values", "second", "no_place", "unknown", "empty")
ALIKE = 0.88
# Letters more or fewer; a longer head says something else.
MAX_OTHER_CHARS = 2
VALUES_LOOKED_AT = 100
# What another column of the field becomes instead.
SECOND = {"contact.phone": "contact.mobile"}


@dataclass(frozen=True)
class Guess:
    """What a column, counted from 0, is taken for: a key of ``FIELDS``, or None; whether that is sure, and why (``WHY``)."""

    column: int
    field: str | None
    is_sure: bool
    why: str


def recognise(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Guess]:
    """Return a guess for each column, in their order.

    Args:
        columns: The heads; none where the file has no head, then columns are recognised by their values.
        rows: Some rows below the head, ``FileFacts.sample``.
    """
    width = max([len(columns), *map(len, rows[:VALUES_LOOKED_AT])], default=0)
    heads = [*columns, *[""] * (width - len(columns))]
    values = [[row[place].strip() for row in rows[:VALUES_LOOKED_AT] if place < len(row) and row[place].strip()] for place in range(width)]
    guesses = [_guess(place, heads[place], values[place]) for place in range(width)]
    guesses = _last_names(heads, guesses)
    guesses = _once_each(_one_postcode(guesses), values)
    return _beside_each_other(heads, values, guesses)


def _guess(place: int, head: str, values: Sequence[str]) -> Guess:
    """Return the guess for one column by itself."""
    if not values and not head:
        return Guess(place, None, True, "empty")
    strong = next((field for field, fits in STRONG.items() if share(values, fits) >= 0.8), None)
    word = field_of(head) if head else None
    field = BY_WORD.get(word or "")
    if strong and strong != field:
        return Guess(place, strong, share(values, STRONG[strong]) >= 0.95, "values")
    if word is not None and field is None:
        return Guess(place, None, True, "no_place")
    if field == "contact.street" and share(values, WEAK["contact.address"]) >= 0.5:
        return Guess(place, "contact.address", True, "word")
    if field is not None:
        return Guess(place, field, not values or _fits(field, values), "word")
    if (alike := _alike(head)) is not None:
        return Guess(place, alike, False, "alike")
    weak = next((field for field, fits in WEAK.items() if share(values, fits) >= 0.7), None) if not head or len(values) > 2 else None
    return Guess(place, weak, False, "values" if weak else "unknown")


def _fits(field: str, values: Sequence[str]) -> bool:
    """Return whether what stands below a known word does not speak against it."""
    expected: Callable[[str], bool] | None = STRONG.get(field) or {"contact.phone": _has_digits, "contact.mobile": _has_digits}.get(field)
    if field in ("contact.name", "contact.last_name", "contact.first_name", "contact.city", "account.name"):
        expected = is_word
    return expected is None or share(values, expected) >= 0.5


def _has_digits(value: str) -> bool:
    return sum(map(str.isdigit, value)) >= 5


def _alike(head: str) -> str | None:
    """Return the field of the known word a head differs from by little: a letter too few, two in another order."""
    best, found = ALIKE, None
    for word in {bare(head), without_what_stands_beside(bare(head))}:
        if len(word) < 4:
            continue
        for known, group in fields_by_word().items():
            if abs(len(word) - len(known)) > MAX_OTHER_CHARS:
                continue
            matcher = SequenceMatcher(None, word, known, autojunk=False)
            if matcher.real_quick_ratio() >= best and matcher.quick_ratio() >= best and (ratio := matcher.ratio()) >= best:
                best, found = ratio, group
    return BY_WORD.get(found or "")


def _last_names(heads: Sequence[str], guesses: list[Guess]) -> list[Guess]:
    """Take *Name* beside *Vorname* for the last name, where another column names the firm."""
    fields = {guess.field for guess in guesses}
    if "contact.first_name" not in fields or "contact.last_name" in fields:
        return guesses
    names = [guess for guess in guesses if guess.field == "account.name"]
    plain = [guess for guess in names if bare(heads[guess.column]) == "name"]
    return [replace(guess, field="contact.last_name", is_sure=False) if guess in plain else guess for guess in guesses]


def _one_postcode(guesses: list[Guess]) -> list[Guess]:
    """Of columns of five digits without a word take that behind a street for the postcode, else the last: clients' numbers look the same."""
    found = [guess for guess in guesses if guess.field == "contact.postcode" and guess.why == "values"]
    behind = [guess for guess in found if guess.column and guesses[guess.column - 1].field == "contact.street"]
    kept = [*found, *behind][-1:]
    return [Guess(guess.column, None, False, "unknown") if guess in found and guess not in kept else guess for guess in guesses]


def _once_each(guesses: list[Guess], values: Sequence[Sequence[str]]) -> list[Guess]:
    """Give each field to one column: the surest, the fullest, the first; a second one of a kind to what is like it."""
    order = sorted(guesses, key=lambda g: (g.field is None, not g.is_sure, g.why != "word", not values[g.column], g.column))
    taken: set[str] = set()
    found: dict[int, Guess] = {}
    for guess in order:
        field = guess.field
        if field in taken and not FIELDS[field].is_many:
            field = SECOND.get(field)
            free = field is not None and field not in taken and all(other.field != field for other in guesses)
            guess = replace(guess, field=field, is_sure=False) if free else Guess(guess.column, None, False, "second")
        if guess.field:
            taken.add(guess.field)
        found[guess.column] = guess
    return [found[guess.column] for guess in guesses]


def _beside_each_other(heads: Sequence[str], values: Sequence[Sequence[str]], guesses: list[Guess]) -> list[Guess]:
    """Recognise a city by its postcode beside it, a client's number and name by being there in every row."""
    fields = {guess.field for guess in guesses}
    found = list(guesses)

    def give(place: int, field: str) -> None:
        found[place] = Guess(place, field, False, "values")
        fields.add(field)

    for place, guess in enumerate(guesses):
        behind = place + 1
        if guess.field == "contact.postcode" and "contact.city" not in fields and behind < len(found):
            is_city = found[behind].field is None and share(values[behind], is_word) >= 0.8
            if is_city:
                give(behind, "contact.city")
    open_places = [guess.column for guess in found if guess.field is None and guess.why in ("unknown", "second") and values[guess.column]]
    most = max(map(len, values), default=0)
    if "account.number" not in fields:
        for place in (place for place in open_places if not heads[place]):
            own = values[place]
            if (
                len(own) == most
                and len(set(own)) == most
                and share(own, lambda value: bool(re.fullmatch(r"[A-Z]{0,3}-?\d{3,9}", value))) > 0.9
            ):
                give(place, "account.number")
                break
    if "account.name" not in fields:
        places = [
            place for place in open_places if found[place].field is None and not heads[place] and share(values[place], is_word) >= 0.9
        ]
        if places:
            give(places[0], "account.name")
    return found
