"""Finding an account by part of its name, of an address of its contacts, or its number; best match first."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from core.base.contact_points import one_address
from core.base.errors import InvalidValue
from core.base.rights import Viewer
from core.base.text_folding import folds, normalise, spellings, unquoted, words, written_out
from core.store import Reader, Row, cached, reader, sql

LONGEST = 200
LAST_LETTER = chr(0x10FFFF)
AT_MOST = 60
# So many letters of a query are tried as umlauts that addresses write with an e; fewer letters than these begin too many words.
UMLAUTS, ENOUGH = 4, 3
# So many letters typed are answered from memory while nothing of what they were answered from was written.
FIRST_LETTERS, READ = 3, ("search_word", "search_text", "account_contact", "contact_email")
# Of the accounts with a word that begins so, as many are ranked; the others' words are longer.
NEAREST = 40
Token = tuple[str, ...]
EXACT, BEGINS, WORD_BEGINS, INSIDE, EMAIL, TYPO = range(6)


@dataclass(frozen=True)
class Match:
    """An account that matches, and why: by its name, its number, or an address (then ``email`` is that address)."""

    account_id: int
    number: str
    name: str
    archived: bool
    photo_id: int | None
    reason: str
    email: str | None = None


def search(viewer: Viewer, text: str, limit: int = 12, *, quick: bool = False) -> list[Match]:
    """At most ``limit`` accounts the viewer may see, best first; nothing for an empty query.

    ``quick`` is content with fewer when words begin as asked, and leaves the insides of words for a second question.
    """
    query = asked_for(text)
    if quick and len(query) <= FIRST_LETTERS:
        # What everybody types first, all day: the longest to rank, and the same until a name or an address changes.
        return cached(viewer, ("search", query, limit), lambda r: look_up(r, query, limit, quick=True), *READ)
    with reader(viewer) as r:
        return look_up(r, query, limit, quick=quick)


def asked_for(text: str) -> str:
    """What is looked for when this is typed or pasted: „Müller“ and <a@b.example> are meant without what stands around them, and every
    spelling of an address is that address."""
    if "@" in text:
        with suppress(InvalidValue):
            return one_address(text[:LONGEST])
    return unquoted(normalise(text[:LONGEST]))


def look_up(r: Reader, query: str, limit: int, *, quick: bool) -> list[Match]:
    """The same, asked of the database."""
    tokens = [forms_of(token) for token in query.split()][:8]
    tokens = [token for token in tokens if any(words(form) for form in token)]
    if not tokens or r.scope.kind == "contact":
        return []
    ranked = _ranked(_beginnings(r, tokens, query, quick), query, tokens)
    begin = sum(rank <= WORD_BEGINS for rank, _ in ranked)
    if begin < limit and len(query) > 1 and not (quick and ranked):
        known = {row["account_id"] for _, row in ranked}
        more = _inside(r, tokens) - known
        if len(known) + len(more) < limit and len(query) >= ENOUGH:
            more |= _in_addresses(r, query) - known
        ranked = sorted([*ranked, *_ranked(_accounts(r, more), query, tokens)], key=_order)
    if not ranked:
        ranked = _typos(r, tokens)
    ranked = ranked[:limit]
    addresses = _addresses(r, [row["account_id"] for rank, row in ranked if rank == EMAIL])
    return [_match(rank, row, query, tokens, addresses.get(row["account_id"], [])) for rank, row in ranked]


def forms_of(token: str) -> Token:
    """The spellings in which a typed word is looked for: as typed, ü as ue, and ae, oe, ue as an umlaut; an apostrophe either way."""
    forms = spellings(token)
    return (*forms, *(form.replace("'", "’") for form in forms)) if "'" in token else forms


def _beginnings(r: Reader, tokens: list[Token], query: str, quick: bool) -> list[Row]:
    """Accounts in which a word begins with each word of the query, and those whose name or address begins with it as a whole.

    With ``quick`` the others are looked for only where none does as a whole.
    """
    parts = sorted({forms_of(word) for token in tokens for word in words(token[0])}, key=lambda forms: (-len(forms[0]), forms))
    if len(parts) == 1:
        found = _begin_with(r, parts[0])
    else:
        found = _begin_with(r, forms_of(query), least=2)
        if not (quick and found):
            asked = _ranges("word", "other", parts[0]) | _ranges("second", "second_other", parts[1])
            found = _each_once([*found, *r.rows(sql("search_two_beginnings"), **asked, at_most=AT_MOST)])
    if len(parts) > 2 or len(parts) != len(tokens) or any(len(words(token[0])) > 1 or words(token[0])[0] != token[0] for token in tokens):
        every = _with_all(r, {row["account_id"] for row in found}, tokens)
        found = [row for row in found if row["account_id"] in every]
    return found


def _begin_with(r: Reader, forms: Token, least: int = 0) -> list[Row]:
    """The accounts nearest to a beginning in one spelling or the other."""
    rows = [
        row | {"distance": row["distance"] + turn}
        for turn, form in enumerate(forms[:2])
        for row in r.rows(sql("search_beginnings"), **_range("word", form), least=least, at_most=2 * AT_MOST)
    ]
    return _each_once(sorted(rows, key=lambda row: (row["distance"], row["account_id"])))[:NEAREST]


def _each_once(rows: list[Row]) -> list[Row]:
    return list({row["account_id"]: row for row in reversed(rows)}.values())[::-1]


def _ranges(name: str, other: str, forms: Token) -> dict[str, str]:
    """The words that begin so, in two spellings."""
    return _range(name, forms[0]) | _range(other, forms[1] if len(forms) > 1 else "")


def _range(name: str, beginning: str) -> dict[str, str]:
    """The words that begin so; none for ''."""
    return {name: beginning, f"{name}_end": beginning + LAST_LETTER if beginning else ""}


def _inside(r: Reader, tokens: list[Token]) -> set[int]:
    """Accounts with every token anywhere in their name, their number or an address."""
    longest = sorted(tokens, key=lambda token: -len(token[0]))
    found: set[int] = set()
    for turn in range(max(map(len, longest))):
        parts = [token[min(turn, len(token) - 1)] for token in longest[:3]] + ["", ""]
        rows = r.rows(sql("search_inside"), part=parts[0], second=parts[1], third=parts[2], at_most=AT_MOST)
        found |= {row["account_id"] for row in rows}
    return _with_all(r, found, tokens) if len(tokens) > 3 else found


def _in_addresses(r: Reader, query: str) -> set[int]:
    """Accounts with an address that writes an umlaut of the query with an e, where the query has none: muller for mueller@….

    Names are kept in that spelling too; of addresses, which would make the words many more, it is tried here.
    """
    found: set[int] = set()
    for form in written_out(folds(query)[0])[:UMLAUTS]:
        tokens = [(token,) for token in form.split() if words(token)]
        parts = sorted({word for (token,) in tokens for word in words(token)}, key=lambda word: (-len(word), word))
        if len(parts) == 1:
            rows = r.rows(sql("search_beginnings"), **_range("word", parts[0]), least=2, at_most=AT_MOST)
        else:
            asked = _ranges("word", "other", (parts[0],)) | _ranges("second", "second_other", (parts[1],))
            rows = r.rows(sql("search_two_beginnings"), **asked, at_most=AT_MOST)
        ids = {row["account_id"] for row in rows}
        found |= ids if tokens == [(part,) for part in parts[:2]] else _with_all(r, ids, tokens)
    return found


def _with_all(r: Reader, account_ids: set[int], tokens: list[Token]) -> set[int]:
    if not account_ids:
        return set()
    rows = r.rows(sql("search_texts"), account_ids=list(account_ids))
    return {row["account_id"] for row in rows if all(any(form in row["everything"] for form in token) for token in tokens)}


def _typos(r: Reader, tokens: list[Token]) -> list[tuple[int, Row]]:
    """Accounts with a word like each of the two longest tokens, the likest first."""
    parts = sorted((token[0] for token in tokens if len(token[0]) > 2), key=lambda part: -len(part))[:2]
    alike = [_alike(r, part) for part in parts]
    if not parts or not all(alike):
        return []
    asked = {"words": alike[0], "others": alike[1] if len(alike) > 1 else [], "low": min(alike[0]), "high": max(alike[0])}
    order = [row["account_id"] for row in r.rows(sql("search_typos"), **asked, at_most=50)]
    rows = {row["account_id"]: row for row in r.rows(sql("search_accounts"), account_ids=order)} if order else {}
    return [(TYPO, rows[account_id]) for account_id in order]


def _alike(r: Reader, part: str) -> list[str]:
    """Words of names much like this one, with the same first letter if there are any."""
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
    if number.startswith(asked[0]) or any(form.startswith(one) for form in forms for one in asked):
        return BEGINS
    starts = {word for form in (*forms, number) for word in words(form)}
    if all(any(start.startswith(form) for start in starts for form in token) for token in tokens):
        return WORD_BEGINS
    if all(any(form in one for one in (*forms, number) for form in token) for token in tokens):
        return INSIDE
    return EMAIL


def _order(pair: tuple[int, Row]) -> tuple:
    rank, row = pair
    return rank, row["archived_at"] is not None, len(row["name"]), row["name"], row["account_id"]


def _addresses(r: Reader, account_ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    if account_ids:
        for row in r.rows(sql("search_addresses"), account_ids=account_ids):
            found.setdefault(row["account_id"], []).append(row["email"])
    return found


def _match(rank: int, row: Row, query: str, tokens: list[Token], addresses: list[str]) -> Match:
    def fits(address: str) -> int:
        return sum(any(form in one for one in spellings(address) for form in token) for token in tokens)

    number = folds(row["number"])[0]
    email = max(addresses, key=fits) if rank == EMAIL and addresses else None
    by_number = rank < EMAIL and folds(query)[0] in number
    reason = "email" if email else "number" if by_number else "name"
    return Match(row["account_id"], row["number"], row["name"], row["archived_at"] is not None, row["photo_id"], reason, email)
