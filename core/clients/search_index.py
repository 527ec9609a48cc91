"""What the search keeps of each client and each contact: folded words, and everything they can be found by as one text."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from core.base.contact_points import TELEPHONES
from core.base.rights import Viewer
from core.base.text_folding import folds, spellings, unquoted, words
from core.clients.search_terms import phone_words, reversed_phone
from core.store import Projection, Row, Tx, reader, writer

# Where a word stands, in the order in which matches are shown; WHOLE is a whole name.
FIRST_WORD, WORD, CONTACT, PHONE, FIELD, EMAIL, WHOLE = range(7)
# What a line of the text begins with that is not the client's own name or number. No word that somebody types begins so.
CONTACT_LINE, PHONE_LINE, FIELD_LINE, EMAIL_LINE = "§", "+", "=", "@"
# What a text of ``known_of`` begins with: a contact's name, the holder of an address, a telephone number, a field, an address.
IS_CONTACT, IS_HOLDER, IS_PHONE, IS_FIELD, IS_EMAIL = "c", "h", "p", "f", "e"
ACCOUNTS_AT_ONCE = 2_000
# Rows made anew in one transaction when all of them are.
FILLED_AT_ONCE = 20_000
SYSTEM = Viewer.system("search words")
log = logging.getLogger("kundenblick")

# Rows and columns an account is found by; a change of one of a contact's makes the words of all its accounts out of date.
OF_ACCOUNT = {"account": ("name", "number"), "account_contact": (), "account_field_value": ("value",)}
OF_CONTACT = {
    "contact": ("name", *TELEPHONES),
    "contact_email": ("email", "holder_name", "contact_id"),
    "contact_field_value": ("value",),
}
Words = set[tuple[str, int, int]]


def known_of(accounts: str, table: Callable[[str], str] = str) -> str:
    """Return a SELECT of (account_id, name, number, known) for the accounts that ``accounts`` selects, a SELECT of account_id.

    ``known`` is a list of texts, each after the sign of its kind: ``cAylin Yıldız``, ``p+49 421 4711``, ``eaylin@…``; of a field
    ``f``, its id and type, ``f1042:text:A-17``. ``table`` names the relation to read instead of a table of the store.
    """
    contacts = f"(SELECT account_id, contact_id FROM {table('account_contact')} WHERE account_id IN ({accounts}))"
    fields = f"(SELECT custom_field_id, type FROM {table('custom_field')} WHERE is_searched AND retired_at IS NULL)"
    value = f"'{IS_FIELD}' || f.custom_field_id || ':' || f.type || ':' || v.value"
    parts = [
        f"SELECT l.account_id, '{kind}' || c.{column} AS text FROM {contacts} AS l JOIN {table('contact')} c ON c.contact_id = l.contact_id"
        for kind, column in ((IS_CONTACT, "name"), *((IS_PHONE, column) for column in TELEPHONES))
    ]
    parts += [
        f"SELECT l.account_id, '{kind}' || e.{column} FROM {contacts} AS l JOIN {table('contact_email')} e ON e.contact_id = l.contact_id"
        for kind, column in ((IS_EMAIL, "email"), (IS_HOLDER, "holder_name"))
    ]
    parts += [
        f"""SELECT v.account_id, {value} FROM {table("account_field_value")} v JOIN {fields} AS f ON f.custom_field_id = v.custom_field_id
            WHERE v.account_id IN ({accounts})""",
        f"""SELECT l.account_id, {value} FROM {contacts} AS l JOIN {table("contact_field_value")} v ON v.contact_id = l.contact_id
            JOIN {fields} AS f ON f.custom_field_id = v.custom_field_id""",
    ]
    return f"""SELECT a.account_id, a.name, a.number, k.known FROM {table("account")} a
        LEFT JOIN (SELECT account_id, array_agg(text) AS known FROM ({" UNION ALL ".join(parts)}) AS p
                   WHERE text IS NOT NULL GROUP BY account_id) AS k ON k.account_id = a.account_id
        WHERE a.account_id IN ({accounts})"""


def contacts_known_of(contacts: str, table: Callable[[str], str] = str) -> str:
    """Return a SELECT of (contact_id, name, known) for the contacts that ``contacts`` selects; ``known`` as in ``known_of``."""
    fields = f"(SELECT custom_field_id, type FROM {table('custom_field')} WHERE is_searched AND retired_at IS NULL)"
    parts = [
        f"SELECT contact_id, '{IS_PHONE}' || {column} AS text FROM {table('contact')} WHERE contact_id IN ({contacts})"
        for column in TELEPHONES
    ]
    parts += [
        f"SELECT contact_id, '{kind}' || {column} FROM {table('contact_email')} WHERE contact_id IN ({contacts})"
        for kind, column in ((IS_EMAIL, "email"), (IS_HOLDER, "holder_name"))
    ]
    parts.append(
        f"""SELECT v.contact_id, '{IS_FIELD}' || f.custom_field_id || ':' || f.type || ':' || v.value
            FROM {table("contact_field_value")} v JOIN {fields} AS f ON f.custom_field_id = v.custom_field_id WHERE v.contact_id IN ({contacts})"""
    )
    return f"""SELECT c.contact_id, c.name, k.known FROM {table("contact")} c
        LEFT JOIN (SELECT contact_id, array_agg(text) AS known FROM ({" UNION ALL ".join(parts)}) AS p
                   WHERE text IS NOT NULL GROUP BY contact_id) AS k ON k.contact_id = c.contact_id
        WHERE c.contact_id IN ({contacts})"""


def search_rows(account_id: int, name: str, number: str, known: Iterable[str]) -> tuple[Words, tuple[int, str, str]]:
    """Return what the search keeps of an account: {(word, account_id, rank)} and (account_id, name, everything), folded.

    ``known`` are texts of ``known_of``. ``everything`` has a line for each spelling of the name, the number, and after the sign of
    their kind each contact, telephone number, field and address.
    """
    rank_of: dict[str, int] = {}

    def keep(word: str, rank: int) -> None:
        rank_of[word] = min(rank, rank_of.get(word, rank))

    forms = spellings(unquoted(name))
    for form in forms:
        for place, word in enumerate(words(form)):
            keep(word, FIRST_WORD if place == 0 else WORD)
        for word in joined_words(form):
            keep(word, WORD)
    for form in folds(number):
        keep(form, FIRST_WORD)
        for word in words(form):
            keep(word, WORD)
    lines = _lines_of(known)
    for line in lines:
        sign, text = line[0], line[1:]
        if sign == PHONE_LINE:
            keep(line, PHONE)
            keep(reversed_phone(line), PHONE)
            continue
        rank = {CONTACT_LINE: CONTACT, FIELD_LINE: FIELD, EMAIL_LINE: EMAIL}[sign]
        if sign != CONTACT_LINE:
            keep(text, rank)
        for word in (*words(text), *(joined_words(text) if sign == CONTACT_LINE else ())):
            keep(word, rank)
    everything = "\n".join([*_with_joined(forms), folds(number)[0], *lines])
    kept = {(word, account_id, rank) for word, rank in rank_of.items()} | {(form, account_id, WHOLE) for form in forms}
    return kept, (account_id, "\n".join(forms), everything)


def contact_row(contact_id: int, name: str, known: Iterable[str]) -> tuple[int, str, str]:
    """Return what the search keeps of a contact: (contact_id, the spellings of the name, everything), as of an account."""
    forms = spellings(unquoted(name))
    return contact_id, "\n".join(forms), "\n".join([*_with_joined(forms), *_lines_of(known)])


def _with_joined(forms: Iterable[str]) -> list[str]:
    """Return the spellings of a name, and those of its words joined that something else parts."""
    return list(dict.fromkeys([*forms, *(word for form in forms for word in joined_words(form))]))


def _lines_of(known: Iterable[str]) -> list[str]:
    """Return the folded lines of what is known of a client or contact, each once, sorted."""
    lines: set[str] = set()
    for text in known:
        kind, text = text[0], text[1:]
        if kind == IS_FIELD:
            _, type_, text = text.split(":", 2)
            kind = IS_PHONE if type_ == "phone" else kind
        if kind == IS_PHONE:
            lines.update(phone_words(text))
        elif kind in (IS_CONTACT, IS_HOLDER):
            lines.update(f"{CONTACT_LINE}{form}" for form in _with_joined(spellings(unquoted(text))))
        elif kind == IS_EMAIL:
            lines.update(f"{EMAIL_LINE}{form}" for form in spellings(text))
        else:
            # A tax number is typed with its slashes and without.
            lines.update(f"{FIELD_LINE}{form}" for form in spellings(text))
            lines.add(f"{FIELD_LINE}{compact(text)}")
    lines.discard(FIELD_LINE)
    return sorted(lines)


def joined_words(text: str) -> list[str]:
    """Return what stands between blanks with something else inside, without it: *jeanluc* of jean-luc, *dog* of d.o.g."""
    return [joined for part in text.split() if (joined := compact(part)) != part and len(words(part)) > 1]


def compact(text: str) -> str:
    """Return a folded text without anything but its letters and digits."""
    return re.sub(r"[\W_]+", "", folds(text)[0])


def _differ(before: Row | None, after: Row | None, columns: Sequence[str]) -> bool:
    """Return whether a row was added, was removed, or changed in one of these columns."""
    return before is None or after is None or any(before.get(column) != after.get(column) for column in columns)


def refresh_words(tx: Tx, account_ids: Iterable[int]) -> None:
    """Write the search words of these accounts anew."""
    for ids in _some_of(account_ids):
        tx.execute(f"DELETE FROM search_word WHERE account_id IN ({ids})")
        tx.execute(f"DELETE FROM search_text WHERE account_id IN ({ids})")
        word_rows: list[tuple[str, int, int]] = []
        text_rows: list[tuple[int, str, str]] = []
        for row in tx.rows(known_of(ids)):
            found, text = search_rows(row["account_id"], row["name"], row["number"], row["known"] or ())
            word_rows += sorted(found)
            text_rows.append(text)
        tx.insert_many("search_word", ("word", "account_id", "rank"), word_rows)
        tx.insert_many("search_text", ("account_id", "name", "everything"), text_rows)


def refresh_contacts(tx: Tx, contact_ids: Iterable[int]) -> None:
    """Write what the search keeps of these contacts anew."""
    for ids in _some_of(contact_ids):
        tx.execute(f"DELETE FROM search_contact WHERE contact_id IN ({ids})")
        found = [contact_row(row["contact_id"], row["name"], row["known"] or ()) for row in tx.rows(contacts_known_of(ids))]
        tx.insert_many("search_contact", ("contact_id", "name", "everything"), found)


def _some_of(ids: Iterable[int]) -> Iterator[str]:
    """Yield the ids as lists for a statement, a bounded number at a time."""
    listed = sorted(ids)
    for start in range(0, len(listed), ACCOUNTS_AT_ONCE):
        yield ", ".join(str(int(i)) for i in listed[start : start + ACCOUNTS_AT_ONCE])


def fill_missing() -> int:
    """Make the words of accounts and contacts that have none, after a change of the schema emptied them; return of how many.

    Interrupted, it goes on where it was when the installation is opened the next time.
    """
    done = 0
    for table, refresh, kept in (("account", refresh_words, "search_text"), ("contact", refresh_contacts, "search_contact")):
        with reader(SYSTEM) as r:
            missing = [
                row["id"]
                for row in r.rows(
                    f"SELECT {table}_id AS id FROM {table} WHERE {table}_id NOT IN (SELECT {table}_id FROM {kept}) ORDER BY 1"
                )
            ]
        for start in range(0, len(missing), FILLED_AT_ONCE):
            with writer(SYSTEM) as tx:
                refresh(tx, missing[start : start + FILLED_AT_ONCE])
            done += len(missing[start : start + FILLED_AT_ONCE])
            log.info("search words made: %s of %s (%s)", start + FILLED_AT_ONCE, len(missing), table)
    return done


class SearchIndex(Projection):
    """Write the words of accounts and contacts anew with every transaction that changes what they can be found by."""

    def __init__(self) -> None:
        self.outdated: set[int] = set()
        self.contacts: set[int] = set()
        self.fields: set[int] = set()

    def touched(self, tx: Tx, table: str, before: Row | None, after: Row | None) -> None:
        """Note whose words the row is part of."""
        rows = [row for row in (before, after) if row is not None]
        if table in OF_ACCOUNT and _differ(before, after, OF_ACCOUNT[table]):
            self.outdated |= {row["account_id"] for row in rows}
        if table in OF_CONTACT and _differ(before, after, OF_CONTACT[table]):
            for contact_id in {row["contact_id"] for row in rows if row.get("contact_id") is not None}:
                self._note_contact(tx, contact_id)
        if table == "custom_field" and before is not None and any(row["is_searched"] for row in rows):
            self.fields |= {row["custom_field_id"] for row in rows}

    def _note_contact(self, tx: Tx, contact_id: int) -> None:
        self.contacts.add(contact_id)
        linked = tx.rows("SELECT account_id FROM account_contact WHERE contact_id = $contact_id", contact_id=contact_id)
        self.outdated |= {row["account_id"] for row in linked}

    def before_commit(self, tx: Tx) -> None:
        """Write the words anew, in the same transaction."""
        for field_id in self.fields:
            own = tx.rows("SELECT account_id FROM account_field_value WHERE custom_field_id = $id", id=field_id)
            self.outdated |= {row["account_id"] for row in own}
            for row in tx.rows("SELECT contact_id FROM contact_field_value WHERE custom_field_id = $id", id=field_id):
                self._note_contact(tx, row["contact_id"])
        if self.outdated:
            refresh_words(tx, self.outdated)
        if self.contacts:
            refresh_contacts(tx, self.contacts)
