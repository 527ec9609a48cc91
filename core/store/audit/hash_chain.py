"""Link the record of changes as a hash chain over salted digests: a value can be erased and the chain still verifies."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from decimal import Decimal

COLUMNS = (
    "audit_entry_id", "made_at", "actor_kind", "actor_id", "through", "action", "entity", "entity_id", "account_id",
    "contact_id", "field", "old_value", "new_value", "salt", "old_digest", "new_digest", "batch_id", "previous_hash", "hash",
)  # fmt: skip
# Columns of each row in the digest of its batch.
IN_BATCH = ("action", "entity", "entity_id", "account_id", "contact_id", "field", "old_digest", "new_digest")
CHAINED = tuple(c for c in COLUMNS if c not in ("old_value", "new_value", "salt", "hash"))


def as_text(value: object) -> str | None:
    """Return a value as it is recorded: dates in ISO 8601, money with its decimals, yes/no as true/false."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def digest(salt: str | None, value: str | None) -> str | None:
    """Return sha256 over salt and value, hexadecimal; None for no value."""
    return None if value is None else hashlib.sha256(f"{salt}:{value}".encode()).hexdigest()


def link(entry: dict[str, object]) -> str:
    """Return the hash of an entry: sha256 over its chained columns, the previous entry's hash among them."""
    parts = "\x1f".join(as_text(entry.get(column)) or "" for column in CHAINED)
    return hashlib.sha256(parts.encode()).hexdigest()


def link_batch(
    previous_hash: str, first: int, last: int, digest_of_rows: str, made_at: object, actor_kind: object, actor_id: object, through: object
) -> str:  # fmt: skip
    """Return the hash of a batch of entries, held by its last one: over the previous hash, its bounds, when and by whom, its rows' digest."""
    parts = (previous_hash, first, last, *(as_text(value) or "" for value in (made_at, actor_kind, actor_id, through)), digest_of_rows)
    return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


def link_older_batch(previous_hash: str, first: int, last: int, digest_of_rows: str) -> str:
    """Return the hash of a batch in its older form, without when and by whom."""
    return hashlib.sha256(f"{previous_hash}\x1f{first}\x1f{last}\x1f{digest_of_rows}".encode()).hexdigest()
