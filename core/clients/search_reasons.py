"""What found clients are known by, read in few simple statements: one over all tables asks a restricted viewer's scope for each of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from core.base.contact_points import TELEPHONES
from core.clients.search_index import IS_CONTACT, IS_EMAIL, IS_FIELD, IS_HOLDER, IS_PHONE
from core.store import Reader, Row

# The accounts that are known by a text, and the text.
Owned = Iterable[tuple[list[int], str]]


def texts_of(r: Reader, account_ids: Iterable[int], kinds: Collection[str]) -> dict[int, list[str]]:
    """Return by account what it is known by, of some kinds, as texts of ``search_index.known_of``; nothing for one that has none."""
    if not (accounts := _listed(account_ids)):
        return {}
    found: dict[int, list[str]] = {}
    accounts_of: dict[int, list[int]] = {}
    for row in r.rows(f"SELECT account_id, contact_id FROM account_contact WHERE account_id IN ({accounts})"):
        accounts_of.setdefault(row["contact_id"], []).append(row["account_id"])
    for owners, text in _texts(r, accounts, accounts_of, kinds):
        for account_id in owners:
            found.setdefault(account_id, []).append(text)
    return found


def _texts(r: Reader, accounts: str, accounts_of: dict[int, list[int]], kinds: Collection[str]) -> Owned:
    """Yield (accounts, text) of every kind that is asked for."""
    columns = {
        "contact": {"name": IS_CONTACT, **dict.fromkeys(TELEPHONES, IS_PHONE)},
        "contact_email": {"email": IS_EMAIL, "holder_name": IS_HOLDER},
    }
    for table, kind_of in columns.items() if accounts_of else ():
        wanted = {column: kind for column, kind in kind_of.items() if kind in kinds}
        if not wanted:
            continue
        for row in r.rows(f"SELECT contact_id, {', '.join(wanted)} FROM {table} WHERE contact_id IN ({_listed(accounts_of)})"):
            for column, kind in wanted.items():
                if row[column] is not None:
                    yield accounts_of[row["contact_id"]], f"{kind}{row[column]}"
    if IS_FIELD in kinds:
        yield from _fields(r, accounts, accounts_of)


def _fields(r: Reader, accounts: str, accounts_of: dict[int, list[int]]) -> Owned:
    types = {
        row["custom_field_id"]: row["type"]
        for row in r.rows("SELECT custom_field_id, type FROM custom_field WHERE is_searched AND retired_at IS NULL")
    }
    if not types:
        return
    fields, value = _listed(types), "custom_field_id, value"
    for row in r.rows(
        f"SELECT account_id, {value} FROM account_field_value WHERE account_id IN ({accounts}) AND custom_field_id IN ({fields})"
    ):
        yield [row["account_id"]], _field(row, types)
    if not accounts_of:
        return
    listed = _listed(accounts_of)
    for row in r.rows(
        f"SELECT contact_id, {value} FROM contact_field_value WHERE contact_id IN ({listed}) AND custom_field_id IN ({fields})"
    ):
        yield accounts_of[row["contact_id"]], _field(row, types)


def _field(row: Row, types: dict[int, str]) -> str:
    return f"{IS_FIELD}{row['custom_field_id']}:{types[row['custom_field_id']]}:{row['value']}"


def _listed(ids: Iterable[int]) -> str:
    return ", ".join(str(int(number)) for number in ids)
