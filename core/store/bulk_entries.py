"""The record of changes for many rows at once: entries chained piece by piece, by the last row of each piece."""

from __future__ import annotations

import secrets

from core.base.errors import StoreError
from core.base.rights import Viewer
from core.store.audit import hash_chain
from core.store.staging import Staging
from core.store.transactions import Tx

PIECE = 50_000
_SHOWN = ", ".join(hash_chain.IN_BATCH)
_TEXT = " || chr(31) || ".join(f"coalesce(CAST({column} AS VARCHAR), '')" for column in hash_chain.IN_BATCH)


def recorded(expression: str, kind: str) -> str:
    """SQL for how a value of this type is recorded, equal to ``hash_chain.as_text``."""
    return f"strftime({expression}, '%Y-%m-%d %H:%M:%S.%f')" if kind == "TIMESTAMP" else f"CAST({expression} AS VARCHAR)"


class TooManyBeside(StoreError):
    """Others recorded more, while the entries were written, than numbers were left for them."""


class Entries:
    """The entries of one import, most of which can be written before the numbers others take meanwhile are known.

    The first ``held`` entries are kept back. The others get the numbers they would have behind these. Whatever numbers
    others took of those kept free, so many of the entries kept back go to the end: the record has no gap and no number twice.
    """

    def __init__(self, staging: Staging, entries: str, viewer: Viewer, held: int) -> None:
        """Write table ``audit`` from the SELECT ``entries``, which yields action, entity, entity_id, account_id, contact_id, field, old_value, new_value."""
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
        self.total = staging.value("SELECT count(*) FROM audit") or 0
        self.held = min(held, self.total)
        found = staging.run(
            f"""SELECT sha256(string_agg({_TEXT}, chr(30) ORDER BY rn)) FROM audit WHERE rn > {self.held}
            GROUP BY (rn - {self.held} - 1) // {PIECE} ORDER BY (rn - {self.held} - 1) // {PIECE}"""
        )
        self.digests = [digest for (digest,) in found]
        self.ends = [min(self.held + (place + 1) * PIECE, self.total) for place in range(len(self.digests))]
        last = ", ".join(map(str, self.ends)) or "0"
        # What is written while others wait stands in small tables.
        staging.run(f"CREATE OR REPLACE TABLE audit_end AS FROM audit WHERE rn IN ({last}) ORDER BY rn")
        staging.run(f"CREATE OR REPLACE TABLE audit_held AS FROM audit WHERE rn <= {self.held} ORDER BY rn")
        self.base = 0

    def write_most(self, tx: Tx, number: int) -> None:
        """All entries that are not kept back, as if the record ended at ``number``; the last of each piece waits for its hash."""
        self.base = number
        end = f"least({self.held} + ((rn - {self.held} - 1) // {PIECE} + 1) * {PIECE}, {self.total})"
        self._insert(tx, "audit", number, f"{number} + {end}", f"rn > {self.held} AND rn <> {end}")

    def write_rest(self, tx: Tx) -> None:
        """What was kept back, and the hashes; moves the chain's head. Nobody else writes any more. Raises TooManyBeside."""
        number, previous = tx.head
        others = number - self.base
        if others > self.held:
            raise TooManyBeside()
        first = self.held - others
        previous = self._piece(tx, previous, 1, first, self.base + others)
        links = []
        for start, end, digest in zip([self.held, *self.ends], self.ends, self.digests, strict=False):
            whole = self._whole(tx, previous, self.base + start + 1, self.base + end, digest)
            links.append((end, previous, whole))
            previous = whole
        self._link(tx, "audit_end", self.base, links)
        previous = self._piece(tx, previous, first + 1, self.held, self.base + self.total - first)
        if self.total:
            tx.head = (self.base + self.total + others, previous)

    def _piece(self, tx: Tx, previous: str, first: int, last: int, shift: int) -> str:
        """Entries that were kept back, in pieces, with ``shift`` added to their place; returns the newest hash."""
        for start in range(first, last + 1, PIECE):
            end = min(start + PIECE - 1, last)
            where, held = f"rn BETWEEN {start} AND {end}", f"{self.staging.name}.main.audit_held"
            digest = tx.value(f"SELECT sha256(string_agg({_TEXT}, chr(30) ORDER BY rn)) FROM {held} WHERE {where}")
            self._insert(tx, "audit_held", shift, str(shift + end), f"{where} AND rn <> {end}")
            whole = self._whole(tx, previous, shift + start, shift + end, digest)
            self._link(tx, "audit_held", shift, [(end, previous, whole)])
            previous = whole
        return previous

    def _whole(self, tx: Tx, previous: str, first: int, last: int, digest: str) -> str:
        return hash_chain.link_batch(previous, first, last, digest, tx.moment, self.viewer.kind, self.viewer.id, self.viewer.through)

    def _link(self, tx: Tx, table: str, shift: int, links: list[tuple[int, str, str]]) -> None:
        """The last entries of pieces, with the hashes of all of each."""
        if links:
            values = ", ".join(f"({rn}, '{before}', '{after}')" for rn, before, after in links)
            linked = f"{table} JOIN (VALUES {values}) AS e(rn, previous_hash, hash) USING (rn)"
            self._insert(tx, linked, shift, f"{shift} + rn", "TRUE", "e.previous_hash, e.hash")

    def _insert(self, tx: Tx, source: str, shift: int, batch: str, where: str, hashes: str = "NULL AS previous_hash, NULL AS hash") -> None:
        tx.execute(
            f"""INSERT INTO audit_entry BY NAME
            SELECT {shift} + rn AS audit_entry_id, $moment AS made_at, $kind AS actor_kind, $actor AS actor_id, $through AS through,
                   {_SHOWN}, old_value, new_value, salt, {batch} AS batch_id, {hashes}
            FROM {self.staging.name}.main.{source} WHERE {where} ORDER BY rn""",
            {"moment": tx.moment, "kind": self.viewer.kind, "actor": self.viewer.id, "through": self.viewer.through},
        )
