"""Keep the search index of accounts: their folded words (search_word), and all they are found by as one text (search_text)."""

from __future__ import annotations

from collections.abc import Iterable

from core.base.text_folding import folds, spellings, words
from core.store import Projection, Row, Tx

# Tables whose rows enter the index of their account; a contact_email enters that of all its contact's accounts.
WORDS_FROM = frozenset({"account", "account_contact"})
# Ranks of a word.
FIRST_WORD, WORD, EMAIL, WHOLE = range(4)


def search_rows(account_id: int, name: str, number: str, emails: Iterable[str]) -> tuple[set[tuple[str, int, int]], tuple[int, str, str]]:
    """Return the rows of one account: {(word, account_id, rank)} and (account_id, name, everything), all folded.

    Rank 0 is the first word of the name or the number, 1 a later word of the name or a part of the number, 2 an address or a part
    of one, 3 the whole name.
    """
    forms = spellings(name)
    ranks: dict[str, int] = {}

    def add(word: str, rank: int) -> None:
        ranks[word] = min(rank, ranks.get(word, rank))

    for form in forms:
        for place, word in enumerate(words(form)):
            add(word, FIRST_WORD if place == 0 else WORD)
    for form in folds(number):
        add(form, FIRST_WORD)
        for word in words(form):
            add(word, WORD)
    addresses = sorted({form for email in emails for form in folds(email)})
    for address in addresses:
        add(address, EMAIL)
        for word in words(address):
            add(word, EMAIL)
    everything = "\n".join([*forms, folds(number)[0], *addresses])
    rows = {(word, account_id, rank) for word, rank in ranks.items()} | {(form, account_id, WHOLE) for form in forms}
    return rows, (account_id, "\n".join(forms), everything)


def refresh_words(tx: Tx, account_ids: Iterable[int]) -> None:
    """Write the index of these accounts anew."""
    ids = ", ".join(str(int(i)) for i in sorted(account_ids))
    tx.execute(f"DELETE FROM search_word WHERE account_id IN ({ids})")
    tx.execute(f"DELETE FROM search_text WHERE account_id IN ({ids})")
    emails: dict[int, list[str]] = {}
    for row in tx.rows(
        f"""SELECT account_id, email FROM account_contact JOIN contact_email USING (contact_id) WHERE account_id IN ({ids})"""
    ):
        emails.setdefault(row["account_id"], []).append(row["email"])
    word_rows: list[tuple[str, int, int]] = []
    text_rows: list[tuple[int, str, str]] = []
    for row in tx.rows(f"SELECT account_id, name, number FROM account WHERE account_id IN ({ids})"):
        found, text = search_rows(row["account_id"], row["name"], row["number"], emails.get(row["account_id"], ()))
        word_rows += sorted(found)
        text_rows.append(text)
    tx.insert_many("search_word", ("word", "account_id", "rank"), word_rows)
    tx.insert_many("search_text", ("account_id", "name", "everything"), text_rows)


class SearchIndex(Projection):
    """Keep the search index in step with accounts, their contacts and addresses."""

    def __init__(self) -> None:
        self.outdated: set[int] = set()

    def touched(self, tx: Tx, table: str, before: Row | None, after: Row | None) -> None:
        """Note the accounts whose index the changed row enters."""
        rows = [row for row in (before, after) if row is not None]
        if table in WORDS_FROM:
            self.outdated |= {row["account_id"] for row in rows}
        elif table == "contact_email":
            for contact_id in {row["contact_id"] for row in rows if row.get("contact_id") is not None}:
                linked = tx.rows("SELECT account_id FROM account_contact WHERE contact_id = $contact_id", contact_id=contact_id)
                self.outdated |= {row["account_id"] for row in linked}

    def before_commit(self, tx: Tx) -> None:
        """Write the index of the accounts noted."""
        if self.outdated:
            refresh_words(tx, self.outdated)
