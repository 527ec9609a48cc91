"""Finding an account by its name or number, its contacts, their telephone numbers and addresses, or an own field; best match first."""

from __future__ import annotations

from dataclasses import dataclass

from core.base.rights import Viewer
from core.base.text_folding import spellings, words
from core.clients.search_index import FIELD
from core.clients.search_matching import TYPO, WORD_BEGINS, kinds_needed, rank_of, reason_of
from core.clients.search_reasons import texts_of
from core.clients.search_terms import Query, Token, forms_of, reversed_phone
from core.store import Reader, Row, cached, reader, sql

LAST_LETTER = chr(0x10FFFF)
MAX_FOUND = 60
# Fewer letters than these stand inside too many words, and are no guess of anything.
MIN_GUESS_CHARS = 3
# How long an extension is, and how short a firm's own number with + and the country's prefix.
MAX_EXTENSION_DIGITS, MIN_CENTRAL_CHARS = 3, 9
# As many letters are answered from memory while nothing of what they were answered from was written.
FIRST_LETTERS, READ = 3, ("search_word", "search_text", "account", "custom_field")
# Of the accounts with a word that begins so, as many are ranked; the others' words are longer.
MAX_RANKED = 40


@dataclass(frozen=True)
class Match:
    """An account that was found, and why.

    ``reason`` is name, number, contact, holder (of an address), phone, email or field; ``detail`` is the text that answered, as
    stored, where it is neither the name nor the number; ``label`` names the field. A guess only resembles what was typed.
    """

    account_id: int
    number: str
    name: str
    archived: bool
    photo_id: int | None
    reason: str
    detail: str = ""
    label: str = ""
    is_guess: bool = False


def search(viewer: Viewer, text: str, limit: int = 12, *, quick: bool = False) -> list[Match]:
    """Return at most ``limit`` accounts the viewer may see, best first; none for an empty query.

    With ``quick`` the insides of words are left for a second question where words begin as asked.
    """
    query = Query.of(text)
    if quick and len(query.text) <= FIRST_LETTERS:
        # What everybody types first, all day: the longest to rank, and the same until a name or an address changes.
        return cached(viewer, ("search", query.text, limit), lambda r: look_up(r, query, limit, quick=True), *READ)
    with reader(viewer) as r:
        return look_up(r, query, limit, quick=quick)


def look_up(r: Reader, query: Query, limit: int, *, quick: bool) -> list[Match]:
    """Answer ``search`` through an open reader."""
    if not query.tokens or r.scope.kind == "contact":
        return []
    ranked = _ranked(r, _beginnings(r, query, quick), query)
    begin = sum(rank <= WORD_BEGINS for rank, _ in ranked)
    if begin < limit and len(query.text) > 1 and not (quick and ranked):
        more = _inside(r, query) - {row["account_id"] for _, row in ranked}
        ranked = sorted([*ranked, *_ranked(r, _accounts(r, more), query)], key=_order)
    if not ranked:
        ranked = _guesses(r, query)
    return _matches(r, ranked[:limit], query)


def _beginnings(r: Reader, query: Query, quick: bool) -> list[Row]:
    """Return accounts in which a word begins with each word of the query, or whose name, number or address begins with all of it.

    With ``quick`` the former are looked for only where there are none of the latter.
    """
    tokens = query.tokens
    rows = _ringing(r, query)
    parts = sorted({forms_of(word) for token in tokens for word in words(token[0])}, key=lambda forms: (-len(forms[0]), forms))
    if len(parts) == 1:
        return _each_once([*rows, *_begin_with(r, parts[0])])
    rows += _begin_with(r, spellings(query.text), least=FIELD)
    if not (quick and rows):
        asked = _ranges("word", "other", parts[0]) | _ranges("second", "second_other", parts[1])
        rows += r.rows(sql("search_two_beginnings"), **asked, at_most=MAX_FOUND)
    return _each_once(rows)


def _ringing(r: Reader, query: Query) -> list[Row]:
    """Return accounts with a telephone number that begins or ends as asked."""
    asked = [*query.beginnings, *([reversed_phone(query.last_digits)] if query.last_digits else [])]
    return [row for word in asked for row in r.rows(sql("search_beginnings"), **_range("word", word), least=0, at_most=MAX_FOUND)]


def _begin_with(r: Reader, forms: Token, least: int = 0) -> list[Row]:
    """Return the accounts nearest to a beginning in one spelling or another, of words of a rank from ``least`` on."""
    rows = [
        row | {"distance": row["distance"] + place}
        for place, form in enumerate(dict.fromkeys(forms[:3]))
        for row in r.rows(sql("search_beginnings"), **_range("word", form), least=least, at_most=2 * MAX_FOUND)
    ]
    return _each_once(sorted(rows, key=lambda row: (row["distance"], row["account_id"])))[:MAX_RANKED]


def _each_once(rows: list[Row]) -> list[Row]:
    return list({row["account_id"]: row for row in reversed(rows)}.values())[::-1]


def _ranges(name: str, other: str, forms: Token) -> dict[str, str]:
    """Return the bounds of the words that begin so, in two spellings."""
    return _range(name, forms[0]) | _range(other, forms[1] if len(forms) > 1 else "")


def _range(name: str, beginning: str) -> dict[str, str]:
    """Return the bounds of the words that begin so; none for ''."""
    return {name: beginning, f"{name}_end": beginning + LAST_LETTER if beginning else ""}


def _inside(r: Reader, query: Query) -> set[int]:
    """Return accounts with every word anywhere in what they are found by, in one spelling or another; parts of the name first."""
    longest = sorted(query.tokens, key=lambda token: -len(token[0]))[:3]
    parts = {f"part_{place}_{nth}": form for place, token in enumerate(longest) for nth, form in enumerate(token)}

    def all_in(column: str) -> str:
        each = ([f"contains({column}, ${name})" for name in parts if name.startswith(f"part_{place}_")] for place in range(len(longest)))
        return " AND ".join(f"({' OR '.join(either)})" for either in each)

    nearest = "length(name), account_id LIMIT $at_most"
    if query.text.isalpha():
        # Names are a sixth of what is kept, and where they fill the answer they are all of it.
        rows = r.rows(f"SELECT account_id FROM search_text WHERE {all_in('name')} ORDER BY {nearest}", **parts, at_most=MAX_FOUND)
        if len(rows) == MAX_FOUND:
            return {row["account_id"] for row in rows}
    asked = f"SELECT account_id FROM search_text WHERE {all_in('everything')} ORDER BY {all_in('name')} DESC, {nearest}"
    return {row["account_id"] for row in r.rows(asked, **parts, at_most=MAX_FOUND)}


def _guesses(r: Reader, query: Query) -> list[tuple[int, Row]]:
    """Return accounts that only resemble the query: with the telephone number among its words, else with words much like its own."""
    digits = Query.of("".join(c for c in query.text if c.isdecimal() or c == "+"))
    if not query.is_phone and digits.last_digits and (rows := _each_once(_ringing(r, digits))):
        return [(TYPO, row) for row in rows]
    if rows := _each_once(_without_extension(r, query)):
        return [(TYPO, row) for row in rows]
    parts = sorted((token[0] for token in query.tokens if len(token[0]) >= MIN_GUESS_CHARS), key=lambda part: -len(part))[:2]
    alike = [_alike(r, part) for part in parts]
    if not parts or not all(alike):
        return []
    asked = {"words": alike[0], "others": alike[1] if len(alike) > 1 else [], "low": min(alike[0]), "high": max(alike[0])}
    order = [row["account_id"] for row in r.rows(sql("search_typos"), **asked, at_most=50)]
    rows_by_id = {row["account_id"]: row for row in _accounts(r, set(order))}
    return [(TYPO, rows_by_id[account_id]) for account_id in order]


def _without_extension(r: Reader, query: Query) -> list[Row]:
    """Return accounts with a number that the query is an extension of: a call from *-12* of a firm whose *-0* or plain number is kept."""
    for start in query.beginnings:
        for cut in range(1, MAX_EXTENSION_DIGITS + 1):
            if len(start) - cut < MIN_CENTRAL_CHARS:
                break
            rows = r.rows(sql("search_beginnings"), **_range("word", start[:-cut]), least=0, at_most=MAX_FOUND)
            if rows:
                return rows
    return []


def _alike(r: Reader, part: str) -> list[str]:
    """Return words of names much like this one, with the same first letter if there are any."""
    same = r.rows(sql("search_alike"), word=part, low=part[0], high=part[0] + LAST_LETTER)
    return [row["word"] for row in same or r.rows(sql("search_alike"), word=part, low="", high=LAST_LETTER)]


def _accounts(r: Reader, account_ids: set[int]) -> list[Row]:
    return r.rows(sql("search_accounts"), account_ids=list(account_ids)) if account_ids else []


def _ranked(r: Reader, rows: list[Row], query: Query) -> list[tuple[int, Row]]:
    """Return the rows that answer the query with how well, best first."""
    if not rows:
        return []
    texts = {row["account_id"]: row["everything"] for row in r.rows(sql("search_texts"), account_ids=[row["account_id"] for row in rows])}
    ranks = ((rank_of(row["name"], row["number"], texts.get(row["account_id"], ""), query), row) for row in rows)
    return sorted(((rank, row) for rank, row in ranks if rank is not None), key=_order)


def _order(pair: tuple[int, Row]) -> tuple[int, bool, int, str, int]:
    rank, row = pair
    return rank, row["archived_at"] is not None, len(row["name"]), row["name"], row["account_id"]


def _matches(r: Reader, ranked: list[tuple[int, Row]], query: Query) -> list[Match]:
    """Return what people see of each, with why it was found."""
    needed = {row["account_id"]: kinds for rank, row in ranked if (kinds := kinds_needed(rank, row["name"], row["number"], query))}
    known = texts_of(r, needed, set().union(*needed.values()))
    found, fields = [], set()
    for rank, row in ranked:
        is_guess = rank == TYPO
        reason, detail = reason_of(rank, row["name"], row["number"], known.get(row["account_id"], ()), query)
        label = ""
        if reason == "field":
            label, _, detail = detail.split(":", 2)
            fields.add(int(label))
        found.append((row, reason, detail, label, is_guess))
    labels = {str(row["custom_field_id"]): row["label"] for row in r.rows(sql("search_labels"), ids=list(fields))} if fields else {}
    return [
        Match(
            row["account_id"], row["number"], row["name"], row["archived_at"] is not None, row["photo_id"], reason, detail,
            labels.get(label, ""), is_guess,
        )
        for row, reason, detail, label, is_guess in found
    ]  # fmt: skip
