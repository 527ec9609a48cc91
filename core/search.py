"""Finding an account by part of its name, of an address of its contacts, or its number; best match first."""

from __future__ import annotations

from dataclasses import dataclass

from core.access import OpenAccount, verb
from core.fold import folds, normalise, words
from core.rights import Viewer
from core.store import Reader, Row, Tx, now, reader, sql

LONGEST = 200
LAST_LETTER = chr(0x10FFFF)
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


def search(viewer: Viewer, text: str, limit: int = 12) -> list[Match]:
    """At most ``limit`` accounts the viewer may see, best first; nothing for an empty query."""
    query = normalise(text[:LONGEST])
    tokens = [tuple(dict.fromkeys(folds(token))) for token in query.split()][:8]
    tokens = [token for token in tokens if any(words(form) for form in token)]
    if not tokens:
        return []
    with reader(viewer) as r:
        found = _candidates(r, tokens, limit)
        ranked = sorted(((_rank(row, query, tokens), row) for row in found.values()), key=_order)
        if not ranked:
            ranked = [(TYPO, row) for row in _typos(r, tokens, limit)]
        ranked = ranked[:limit]
        addresses = _addresses(r, [row["account_id"] for rank, row in ranked if rank == EMAIL])
    return [_match(rank, row, tokens, addresses.get(row["account_id"], [])) for rank, row in ranked]


def _candidates(r: Reader, tokens: list[tuple[str, ...]], limit: int) -> dict[int, Row]:
    """Accounts with every token: by the beginning of the longest word first, inside of words when those are few."""
    longest = max(tokens, key=lambda token: len(token[0]))
    found: dict[int, Row] = {}
    for form in longest:
        for row in r.rows(sql("search_beginnings"), word=form, end=form + LAST_LETTER, tokens=_alternatives(tokens)):
            found.setdefault(row["account_id"], row)
    if len(found) < limit and len(longest[0]) > 1:
        for row in r.rows(sql("search_inside"), tokens=_alternatives(tokens)):
            found.setdefault(row["account_id"], row)
    return found


def _alternatives(tokens: list[tuple[str, ...]]) -> list[list[str]]:
    return [list(token) for token in tokens]


def _typos(r: Reader, tokens: list[tuple[str, ...]], limit: int) -> list[Row]:
    """Accounts with a word like each token, the likeliest first."""
    scored: dict[int, tuple[float, Row]] = {}
    for place, token in enumerate(tokens):
        rows = {row["account_id"]: row for row in r.rows(sql("search_typos"), word=token[0], letter=token[0][0])}
        if place == 0:
            scored = {account_id: (row["likeness"], row) for account_id, row in rows.items()}
        else:
            scored = {i: (s + rows[i]["likeness"], row) for i, (s, row) in scored.items() if i in rows}
    return [row for _, row in sorted(scored.values(), key=lambda pair: (-pair[0], pair[1]["name"]))[:limit]]


def _rank(row: Row, query: str, tokens: list[tuple[str, ...]]) -> int:
    forms, asked = row["folded"].split("\n"), folds(query)
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


def _match(rank: int, row: Row, tokens: list[tuple[str, ...]], addresses: list[str]) -> Match:
    def fits(address: str) -> int:
        return sum(any(form in one for one in folds(address) for form in token) for token in tokens)

    email = max(addresses, key=fits) if rank == EMAIL and addresses else None
    reason = "email" if email else "number" if folds(row["number"])[0].startswith(tokens[0][0]) else "name"
    return Match(row["account_id"], row["number"], row["name"], row["archived_at"] is not None, row["photo_id"], reason, email)


def recent(viewer: Viewer, limit: int = 8) -> list[Match]:
    """The accounts this person opened last."""
    with reader(viewer) as r:
        rows = r.rows(sql("recent_accounts"), limit=limit)
    return [Match(row["account_id"], row["number"], row["name"], row["archived_at"] is not None, row["photo_id"], "name") for row in rows]


@verb
def remember_opened(tx: Tx, account: OpenAccount) -> None:
    """This person has opened this account now."""
    if account.viewer.kind != "staff":
        return
    key = {"member": account.viewer.id, "account": account.account_id}
    tx.execute("DELETE FROM recent_account WHERE staff_member_id = $member AND account_id = $account", key)
    tx.insert("recent_account", staff_member_id=account.viewer.id, account_id=account.account_id, opened_at=now())
