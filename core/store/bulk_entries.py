"""Record many rows at once: one entry of the hash chain for every 50,000 of them, held by the last."""

from __future__ import annotations

import secrets

from core.base.errors import StoreError
from core.base.rights import Viewer
from core.store.audit import hash_chain
from core.store.staging import Staging
from core.store.transactions import Tx

PIECE_ENTRIES = 50_000
# Numbers left free for what others record while an import writes beside them.
FREE_NUMBERS = 50_000
_SHOWN = ", ".join(hash_chain.IN_BATCH)
_TEXT = " || chr(31) || ".join(f"coalesce(CAST({column} AS VARCHAR), '')" for column in hash_chain.IN_BATCH)


def recorded(expression: str, kind: str) -> str:
    """Return SQL for how a value of this type is recorded, equal to ``hash_chain.as_text``."""
    return f"strftime({expression}, '%Y-%m-%d %H:%M:%S.%f')" if kind == "TIMESTAMP" else f"CAST({expression} AS VARCHAR)"


class NumbersTaken(StoreError):
    """Others recorded more, while an import wrote beside them, than numbers were left free."""


class Entries:
    """The entries of one import, written before its place in the hash chain is known.

    They are numbered from a number the record will not have reached when the import is committed. The numbers between stay
    unused: the hash of the first piece covers both its first number and the entry before it, so nothing can hide there.
    """

    def __init__(self, staging: Staging, entries: str, viewer: Viewer) -> None:
        """Make table ``audit`` from the SELECT ``entries``: action, entity, entity_id, account_id, contact_id, field, old_value, new_value."""
        self.staging, self.viewer = staging, viewer
        seed = secrets.token_hex(32)
        staging.run(
            f"""CREATE OR REPLACE TABLE audit AS
            SELECT rn, action, entity, entity_id, account_id, contact_id, field, old_value, new_value,
                   CASE WHEN old_value IS NOT NULL OR new_value IS NOT NULL THEN salt END AS salt,
                   CASE WHEN old_value IS NOT NULL THEN sha256(salt || ':' || old_value) END AS old_digest,
                   CASE WHEN new_value IS NOT NULL THEN sha256(salt || ':' || new_value) END AS new_digest
            FROM (SELECT *, left(sha256('{seed}' || rn), 32) AS salt FROM (SELECT row_number() OVER () AS rn, * FROM ({entries})))"""
        )
        self.pieces: list[tuple[int, int, str]] = staging.run(
            f"""SELECT min(rn), max(rn), sha256(string_agg({_TEXT}, chr(30) ORDER BY rn)) FROM audit
            GROUP BY (rn - 1) // {PIECE_ENTRIES} ORDER BY 1"""
        )
        self.total = self.pieces[-1][1] if self.pieces else 0
        self.end = f"least(((rn - 1) // {PIECE_ENTRIES} + 1) * {PIECE_ENTRIES}, {self.total})"
        # What is written while others wait stands in a small table.
        staging.run(f"CREATE OR REPLACE TABLE audit_end AS FROM audit WHERE rn = {self.end}")
        self.base = 0

    def write_rows(self, tx: Tx, base: int) -> None:
        """Write all entries, numbered above ``base``, but the last of each piece, which waits for its hash."""
        self.base = base
        self._insert(tx, "audit", f"rn <> {self.end}", "NULL AS previous_hash, NULL AS hash")

    def write_hashes(self, tx: Tx) -> None:
        """Write the last entry of each piece and move the chain's head, under the writer's lock. Raises NumbersTaken."""
        number, previous = tx.head
        if number > self.base:
            raise NumbersTaken()
        who, links = (self.viewer.kind, self.viewer.id, self.viewer.through), []
        for first, last, digest in self.pieces:
            entry_hash = hash_chain.link_batch(previous, self.base + first, self.base + last, digest, tx.moment, *who)
            links.append(f"({last}, '{previous}', '{entry_hash}')")
            previous = entry_hash
        if links:
            linked = f"audit_end JOIN (VALUES {', '.join(links)}) AS e(rn, previous_hash, hash) USING (rn)"
            self._insert(tx, linked, "TRUE", "e.previous_hash, e.hash")
            tx.head = (self.base + self.total, previous)

    def _insert(self, tx: Tx, source: str, where: str, hashes: str) -> None:
        tx.execute(
            f"""INSERT INTO audit_entry BY NAME
            SELECT {self.base} + rn AS audit_entry_id, $moment AS made_at, $kind AS actor_kind, $actor AS actor_id, $through AS through,
                   {_SHOWN}, old_value, new_value, salt, {self.base} + {self.end} AS batch_id, {hashes}
            FROM {self.staging.name}.main.{source} WHERE {where} ORDER BY rn""",
            {"moment": tx.moment, "kind": self.viewer.kind, "actor": self.viewer.id, "through": self.viewer.through},
        )
