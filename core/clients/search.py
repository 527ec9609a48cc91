"""Find accounts by parts of their name, their number or an address of their contacts, best match first."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from core.base.contact_points import one_address
from core.base.errors import InvalidValue
from core.base.rights import Viewer
from core.base.text_folding import folds, normalise, spellings, unquoted, words, written_out
from core.store import Reader, Row, cached, reader, sql

MAX_QUERY_CHARS = 200
MAX_QUERY_WORDS = 8
# The last code point: every word with a beginning is below that beginning and this.
LAST_LETTER = chr(0x10FFFF)
# Rows that a question may yield before they are ranked.
MAX_CANDIDATES = 60
# Vowels of a query that are tried as umlauts which addresses write with an e.
MAX_UMLAUTS = 4
# Letters a query needs for that; fewer begin too many words.
MIN_UMLAUT_QUERY_CHARS = 3
# Queries of at most so many letters are answered from the cache, until one of the tables behind the answer is written to.
MAX_CACHED_CHARS = 3
ANSWERED_FROM = ("search_word", "search_text", "account_contact", "contact_email")
# Accounts with a word that begins as asked that are ranked; the words of the others are longer.
MAX_RANKED = 40
# Accounts that are offered where only words like the typed ones are found.
MAX_TYPO_MATCHES = 50
# The spellings of one typed word.
Token = tuple[str, ...]
# Ranks of a match, best first.
EXACT, BEGINS, WORD_BEGINS, INSIDE, EMAIL, TYPO = range(6)


@dataclass(frozen=True)
class Match:
    """A matching account; ``reason`` is name, number or email, and ``email`` then the address that matches."""

    account_id: int
    number: str
    name: str
    archived: bool
    photo_id: int | None
    reason: str
    email: str | None = None


def search(viewer: Viewer, text: str, limit: int = 12, *, quick: bool = False) -> list[Match]:
    """Return at most ``limit`` visible accounts, best first; none for an empty query.

    With ``quick`` beginnings of words are enough, and matches inside words are left for a second question.
    """
    query = asked_for(text)
    if quick and len(query) <= MAX_CACHED_CHARS:
        # Short queries are typed most, take longest to rank, and have the same answer until a name or an address changes.
        return cached(viewer, ("search", query, limit), lambda r: look_up(r, query, limit, quick=True), *ANSWERED_FROM)
    with reader(viewer) as r:
        return look_up(r, query, limit, quick=quick)


def asked_for(text: str) -> str:
    """Return the query that a typed or pasted text means: without quotes and angle brackets, an address in its plain spelling."""
    if "@" in text:
        with suppress(InvalidValue):
            return one_address(text[:MAX_QUERY_CHARS])
    return unquoted(normalise(text[:MAX_QUERY_CHARS]))


def look_up(r: Reader, query: str, limit: int, *, quick: bool) -> list[Match]:
    """Return what ``search`` returns, read from the store."""
    tokens = [forms_of(token) for token in query.split()][:MAX_QUERY_WORDS]
    tokens = [token for token in tokens if any(words(form) for form in token)]
    if not tokens or r.scope.kind == "contact":
        return []
    ranked = _ranked(_beginnings(r, tokens, query, quick), query, tokens)
    beginning = sum(rank <= WORD_BEGINS for rank, _ in ranked)
    if beginning < limit and len(query) > 1 and not (quick and ranked):
        known = {row["account_id"] for _, row in ranked}
        more = _inside(r, tokens) - known
        if len(known) + len(more) < limit and len(query) >= MIN_UMLAUT_QUERY_CHARS:
            more |= _in_addresses(r, query) - known
        ranked = sorted([*ranked, *_ranked(_accounts(r, more), query, tokens)], key=_order)
    if not ranked:
        ranked = _typos(r, tokens)
    ranked = ranked[:limit]
    addresses = _addresses(r, [row["account_id"] for rank, row in ranked if rank == EMAIL])
    return [_match(rank, row, query, tokens, addresses.get(row["account_id"], [])) for rank, row in ranked]


def forms_of(token: str) -> Token:
    """Return the spellings in which a word is looked for: as typed, ü as ue, and ae, oe, ue as an umlaut; both kinds of apostrophe."""
    forms = spellings(token)
    return (*forms, *(form.replace("'", "’") for form in forms)) if "'" in token else forms


def _beginnings(r: Reader, tokens: list[Token], query: str, quick: bool) -> list[Row]:
    """Return accounts where some word begins with each word of the query, and those where name or address begins with all of it.

    With ``quick`` the former are looked for only where there are none of the latter.
    """
    parts = sorted({forms_of(word) for token in tokens for word in words(token[0])}, key=lambda forms: (-len(forms[0]), forms))
    if len(parts) == 1:
        found = _begin_with(r, parts[0])
    else:
        found = _begin_with(r, forms_of(query), least=2)
        if not (quick and found):
            asked = _ranges("word", "other", parts[0]) | _ranges("second", "second_other", parts[1])
            found = _each_once([*found, *r.rows(sql("search_two_beginnings"), **asked, at_most=MAX_CANDIDATES)])
    if len(parts) > 2 or len(parts) != len(tokens) or any(len(words(token[0])) > 1 or words(token[0])[0] != token[0] for token in tokens):
        every = _with_all(r, {row["account_id"] for row in found}, tokens)
        found = [row for row in found if row["account_id"] in every]
    return found


def _begin_with(r: Reader, forms: Token, least: int = 0) -> list[Row]:
    """Return the accounts with a word that begins so in one of two spellings, those with the fewest letters more first."""
    rows = [
        row | {"distance": row["distance"] + number}
        for number, form in enumerate(forms[:2])
        for row in r.rows(sql("search_beginnings"), **_range("word", form), least=least, at_most=2 * MAX_CANDIDATES)
    ]
    return _each_once(sorted(rows, key=lambda row: (row["distance"], row["account_id"])))[:MAX_RANKED]


def _each_once(rows: list[Row]) -> list[Row]:
    """Return the first row of each account, in their order."""
    return list({row["account_id"]: row for row in reversed(rows)}.values())[::-1]


def _ranges(name: str, other: str, forms: Token) -> dict[str, str]:
    """Return the parameters of two ranges of words, those that begin in one spelling and in the other."""
    return _range(name, forms[0]) | _range(other, forms[1] if len(forms) > 1 else "")


def _range(name: str, beginning: str) -> dict[str, str]:
    """Return the parameters of the range of words that begin so; an empty one for ''."""
    return {name: beginning, f"{name}_end": beginning + LAST_LETTER if beginning else ""}


def _inside(r: Reader, tokens: list[Token]) -> set[int]:
    """Return accounts with every token anywhere in their name, their number or an address."""
    longest = sorted(tokens, key=lambda token: -len(token[0]))
    found: set[int] = set()
    for number in range(max(map(len, longest))):
        parts = [token[min(number, len(token) - 1)] for token in longest[:3]] + ["", ""]
        rows = r.rows(sql("search_inside"), part=parts[0], second=parts[1], third=parts[2], at_most=MAX_CANDIDATES)
        found |= {row["account_id"] for row in rows}
    return _with_all(r, found, tokens) if len(tokens) > 3 else found


def _in_addresses(r: Reader, query: str) -> set[int]:
    """Return accounts with an address that writes an umlaut with an e where the query has neither: muller for mueller@….

    The index holds names in that spelling too; for addresses it would grow much, so the spellings are tried here.
    """
    found: set[int] = set()
    for form in written_out(folds(query)[0])[:MAX_UMLAUTS]:
        tokens: list[Token] = [(token,) for token in form.split() if words(token)]
        parts = sorted({word for (token,) in tokens for word in words(token)}, key=lambda word: (-len(word), word))
        if len(parts) == 1:
            rows = r.rows(sql("search_beginnings"), **_range("word", parts[0]), least=2, at_most=MAX_CANDIDATES)
        else:
            asked = _ranges("word", "other", (parts[0],)) | _ranges("second", "second_other", (parts[1],))
            rows = r.rows(sql("search_two_beginnings"), **asked, at_most=MAX_CANDIDATES)
        ids = {row["account_id"] for row in rows}
        found |= ids if tokens == [(part,) for part in parts[:2]] else _with_all(r, ids, tokens)
    return found


def _with_all(r: Reader, account_ids: set[int], tokens: list[Token]) -> set[int]:
    """Return those of the accounts that hold every token, in one of its spellings, anywhere."""
    if not account_ids:
        return set()
    rows = r.rows(sql("search_texts"), account_ids=list(account_ids))
    return {row["account_id"] for row in rows if all(any(form in row["everything"] for form in token) for token in tokens)}


def _typos(r: Reader, tokens: list[Token]) -> list[tuple[int, Row]]:
    """Return (rank, account) of accounts with a word like each of the two longest tokens, the most similar first."""
    parts = sorted((token[0] for token in tokens if len(token[0]) > 2), key=lambda part: -len(part))[:2]
    alike = [_alike(r, part) for part in parts]
    if not parts or not all(alike):
        return []
    asked = {"words": alike[0], "others": alike[1] if len(alike) > 1 else [], "low": min(alike[0]), "high": max(alike[0])}
    order = [row["account_id"] for row in r.rows(sql("search_typos"), **asked, at_most=MAX_TYPO_MATCHES)]
    rows = {row["account_id"]: row for row in r.rows(sql("search_accounts"), account_ids=order)} if order else {}
    return [(TYPO, rows[account_id]) for account_id in order]


def _alike(r: Reader, part: str) -> list[str]:
    """Return words of names that are similar to this one, those with the same first letter if there are any."""
    same = r.rows(sql("search_alike"), word=part, low=part[0], high=part[0] + LAST_LETTER)
    return [row["word"] for row in same or r.rows(sql("search_alike"), word=part, low="", high=LAST_LETTER)]


def _accounts(r: Reader, account_ids: set[int]) -> list[Row]:
    return r.rows(sql("search_accounts"), account_ids=list(account_ids)) if account_ids else []


def _ranked(rows: list[Row], query: str, tokens: list[Token]) -> list[tuple[int, Row]]:
    return sorted(((_rank(row, query, tokens), row) for row in rows), key=_order)


def _rank(row: Row, query: str, tokens: list[Token]) -> int:
    forms, asked = forms_of(unquoted(row["name"])), forms_of(query)
    number = folds(row["number"])[0]
    if number == asked[0] or any(form in asked for form in forms):
        return EXACT
    if number.startswith(asked[0]) or any(form.startswith(beginning) for form in forms for beginning in asked):
        return BEGINS
    starts = {word for form in (*forms, number) for word in words(form)}
    if all(any(start.startswith(form) for start in starts for form in token) for token in tokens):
        return WORD_BEGINS
    if all(any(form in text for text in (*forms, number) for form in token) for token in tokens):
        return INSIDE
    return EMAIL


def _order(pair: tuple[int, Row]) -> tuple[int, bool, int, str, int]:
    """Return the sort key of (rank, account)."""
    rank, row = pair
    return rank, row["archived_at"] is not None, len(row["name"]), row["name"], row["account_id"]


def _addresses(r: Reader, account_ids: list[int]) -> dict[int, list[str]]:
    """Return {account_id: addresses of its contacts}."""
    found: dict[int, list[str]] = {}
    if account_ids:
        for row in r.rows(sql("search_addresses"), account_ids=account_ids):
            found.setdefault(row["account_id"], []).append(row["email"])
    return found


def _match(rank: int, row: Row, query: str, tokens: list[Token], addresses: list[str]) -> Match:
    def fits(address: str) -> int:
        return sum(any(form in text for text in spellings(address) for form in token) for token in tokens)

    number = folds(row["number"])[0]
    email = max(addresses, key=fits) if rank == EMAIL and addresses else None
    by_number = rank < EMAIL and folds(query)[0] in number
    reason = "email" if email else "number" if by_number else "name"
    return Match(row["account_id"], row["number"], row["name"], row["archived_at"] is not None, row["photo_id"], reason, email)
