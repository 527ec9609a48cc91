"""The record of changes for many rows at once: entries chained piece by piece, by the last row of each piece."""

from __future__ import annotations

import secrets

from core.rights import Viewer
from core.store import chain
from core.store.doors import Tx
from core.store.staging import Staging

PIECE = 50_000
_SHOWN = ", ".join(chain.IN_BATCH)


def recorded(expression: str, kind: str) -> str:
    """SQL for how a value of this type is recorded, equal to ``chain.as_text``."""
    return f"strftime({expression}, '%Y-%m-%d %H:%M:%S.%f')" if kind == "TIMESTAMP" else f"CAST({expression} AS VARCHAR)"


def number_entries(staging: Staging, entries: str) -> list[str]:
    """Write table ``audit`` from the SELECT ``entries``; returns the digest of each piece.

    ``entries`` yields action, entity, entity_id, account_id, contact_id, field, old_value, new_value.
    """
    seed = secrets.token_hex(32)
    staging.run("DROP TABLE IF EXISTS audit")
    staging.run(
        f"""CREATE TABLE audit AS
        SELECT rn, action, entity, entity_id, account_id, contact_id, field, old_value, new_value,
               CASE WHEN old_value IS NOT NULL OR new_value IS NOT NULL THEN salt END AS salt,
               CASE WHEN old_value IS NOT NULL THEN sha256(salt || ':' || old_value) END AS old_digest,
               CASE WHEN new_value IS NOT NULL THEN sha256(salt || ':' || new_value) END AS new_digest
        FROM (SELECT *, left(sha256('{seed}' || rn), 32) AS salt FROM (SELECT row_number() OVER () AS rn, * FROM ({entries})))"""
    )
    text = " || chr(31) || ".join(f"coalesce(CAST({column} AS VARCHAR), '')" for column in _SHOWN.split(", "))
    found = staging.run(
        f"SELECT sha256(string_agg({text}, chr(30) ORDER BY rn)) FROM audit GROUP BY (rn - 1) // {PIECE} ORDER BY (rn - 1) // {PIECE}"
    )
    return [digest for (digest,) in found]


def take_entries(tx: Tx, staging: Staging, digests: list[str], viewer: Viewer) -> None:
    """Append the numbered entries to the record and move the chain's head."""
    total = tx.value(f"SELECT count(*) FROM {staging.name}.main.audit")
    first, previous = tx.head
    ends: list[tuple[int, str, str]] = []
    for place, digest in enumerate(digests):
        last = first + min((place + 1) * PIECE, total)
        whole = chain.link_batch(previous, first + place * PIECE + 1, last, digest, tx.moment, viewer.kind, viewer.id, viewer.through)
        ends.append((last, previous, whole))
        previous = whole
    if not ends:
        return
    values = ", ".join(f"({number}, '{before}', '{after}')" for number, before, after in ends)
    tx.execute(
        f"""INSERT INTO audit_entry BY NAME
        SELECT {first} + rn AS audit_entry_id, $moment AS made_at, $kind AS actor_kind, $actor AS actor_id, $through AS through,
               {_SHOWN}, old_value, new_value, salt, {first} + least(((rn - 1) // {PIECE} + 1) * {PIECE}, {total}) AS batch_id,
               e.previous_hash, e.hash
        FROM {staging.name}.main.audit
        LEFT JOIN (VALUES {values}) AS e(number, previous_hash, hash) ON e.number = {first} + rn
        ORDER BY rn""",
        {"moment": tx.moment, "kind": viewer.kind, "actor": viewer.id, "through": viewer.through},
    )
    tx.head = (first + total, previous)
