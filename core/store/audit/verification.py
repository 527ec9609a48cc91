"""Examine the record of changes from its first entry to its last, and find what was edited, removed, swapped, cut or put back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from core.store.audit import hash_chain
from core.store.audit.high_water_mark import Head

PIECE_ENTRIES = 50_000
TABLE = "kundenblick.data.audit_entry"
Row = dict[str, Any]
Ask = Callable[..., list[Row]]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Finding:
    """The first wrong entry: a code, its number, and the last number it can have where only a range is known."""

    code: str
    number: int
    last: int


@dataclass(frozen=True)
class AuditReport:
    """The result of an examination: entries examined, erased values among them, the newest entry, the first wrong one if any.

    ``also`` is an earlier entry whose value is gone, or back, against what is recorded: perhaps because ``finding`` recorded it.
    """

    entries: int = 0
    erased: int = 0
    older_batches: int = 0
    head: Head = (0, "")
    mark: Head | None = None
    finding: Finding | None = None
    also: Finding | None = None


def _text(column: str) -> str:
    if column == "made_at":
        return "strftime(made_at, '%Y-%m-%d %H:%M:%S.%f')"
    return f"coalesce(CAST({column} AS VARCHAR), '')"


def _joined(columns: tuple[str, ...]) -> str:
    return " || chr(31) || ".join(map(_text, columns))


def _value_is_wrong(which: str) -> str:
    value, digest = f"{which}_value", f"{which}_digest"
    return f"""CASE WHEN {value} IS NULL THEN {digest} IS NOT NULL AND NOT is_erased
                    ELSE {digest} IS DISTINCT FROM sha256(salt || ':' || {value}) OR strlen(salt) <> 32 END"""


# SQL for texts that are empty or hold a separator: another row could have the same hash.
_UNCLEAR = " OR ".join(
    f"{column} = '' OR contains({column}, chr(30)) OR contains({column}, chr(31))"
    for column in ("actor_kind", "through", "action", "entity", "field", "old_digest", "new_digest")
)
# Judges each row by itself and by the hash before it; the first cause that fits is reported. Numbers may be unused before a
# batch only: its hash covers its first number and the entry before it.
_QUERY = f"""
WITH erasure AS (SELECT audit_entry_id AS erased_by, entity, entity_id, account_id, contact_id, field FROM {TABLE} WHERE action = 'erased'),
piece AS (
    SELECT *, coalesce(lag(audit_entry_id) OVER own + 1, $due) AS due, lag(batch_id) OVER own IS DISTINCT FROM batch_id AS is_first,
           coalesce(last_value(hash IGNORE NULLS) OVER (own ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), $before) AS before,
           old_digest IS NOT NULL OR new_digest IS NOT NULL AS has_values,
           salt IS NULL AND old_value IS NULL AND new_value IS NULL AS is_erased,
           EXISTS (FROM erasure e WHERE e.erased_by > a.audit_entry_id AND e.entity = a.entity
                   AND (e.entity_id IS NULL OR e.entity_id = a.entity_id) AND (e.account_id IS NULL OR e.account_id = a.account_id)
                   AND (e.contact_id IS NULL OR e.contact_id = a.contact_id) AND (e.field IS NULL OR e.field = a.field)) AS is_covered
    FROM {TABLE} a WHERE audit_entry_id BETWEEN $first AND $last WINDOW own AS (ORDER BY audit_entry_id)),
judged AS (
    SELECT *, CASE
        WHEN audit_entry_id > due AND (batch_id IS NULL OR NOT is_first) THEN 'missing'
        WHEN audit_entry_id < due THEN 'twice'
        WHEN {_UNCLEAR} THEN 'edited'
        WHEN batch_id IS NULL AND hash IS DISTINCT FROM sha256({_joined(hash_chain.CHAINED)}) THEN 'edited'
        WHEN batch_id <> audit_entry_id AND (hash IS NOT NULL OR previous_hash IS NOT NULL) THEN 'edited'
        WHEN batch_id NOT BETWEEN audit_entry_id AND audit_entry_id + {PIECE_ENTRIES} THEN 'edited'
        WHEN (batch_id IS NULL OR batch_id = audit_entry_id) AND previous_hash IS DISTINCT FROM before THEN 'rewritten'
        WHEN NOT has_values THEN CASE WHEN salt IS NOT NULL OR old_value IS NOT NULL OR new_value IS NOT NULL THEN 'value' END
        WHEN is_covered AND NOT is_erased THEN 'returned'
        WHEN is_erased AND NOT is_covered THEN 'blanked'
        WHEN {_value_is_wrong("old")} OR {_value_is_wrong("new")} THEN 'value'
    END AS wrong FROM piece)
SELECT batch_id, min(due) AS due, min(audit_entry_id) AS first, max(audit_entry_id) AS last, count(*) AS entries,
       count(*) FILTER (has_values AND is_erased) AS erased, arg_max(hash, audit_entry_id) AS hash, arg_max(before, audit_entry_id) AS before,
       arg_min({{'wrong': wrong, 'due': due, 'number': audit_entry_id, 'previous_hash': previous_hash}},
               due + CASE WHEN wrong IN ('blanked', 'returned') THEN {2**60} ELSE 0 END) FILTER (wrong IS NOT NULL) AS found,
       min(made_at) AS made_at, min(actor_kind) AS actor_kind, min(actor_id) AS actor_id, min(through) AS through,
       min(made_at) = max(made_at) AND min(actor_kind) = max(actor_kind) AND min(through) = max(through)
           AND (count(actor_id) = 0 OR count(actor_id) = count(*) AND min(actor_id) = max(actor_id)) AS is_one,
       CASE WHEN batch_id IS NOT NULL THEN sha256(string_agg({_joined(hash_chain.IN_BATCH)}, chr(30) ORDER BY audit_entry_id)) END AS digest
FROM judged GROUP BY batch_id ORDER BY first"""
_OF_ERASURES = ("blanked", "returned")
# The next entry, for numbers may be unused; and the end of its batch, for a batch is examined whole.
_NEXT = f"SELECT min(audit_entry_id) AS first FROM {TABLE} WHERE audit_entry_id >= $due"
_END = f"""SELECT max(batch_id) AS last FROM {TABLE}
           WHERE audit_entry_id BETWEEN $first AND $last AND batch_id BETWEEN audit_entry_id AND audit_entry_id + {PIECE_ENTRIES}"""
_HASH = f"SELECT hash FROM {TABLE} WHERE audit_entry_id = $number"
_WHERE_FROM = f"SELECT audit_entry_id + 1 AS number FROM {TABLE} WHERE hash = $hash"


def examine_record(
    ask: Ask, head: Head, mark: Head | None, kept: Head | None = None, progress: Progress = lambda _done, _of: None
) -> AuditReport:
    """Examine the record up to ``head``, piece by piece; ``ask(query, **parameters)`` answers each from a snapshot of its own.

    ``mark`` is what stands beside the database, ``kept`` what somebody kept elsewhere: (number, hash) the record must hold.
    """
    outcome = AuditReport(head=head, mark=mark)
    if ask(f"SELECT 1 AS found FROM {TABLE} WHERE audit_entry_id < 1 LIMIT 1"):
        return replace(outcome, finding=Finding("inserted", 0, 0))
    due, before = 1, ""
    for known in filter(None, (mark, kept)):
        if known[0] > head[0]:
            outcome = replace(outcome, finding=Finding("cut", head[0] + 1, known[0]))
    walked = replace(outcome, finding=None)
    while due <= head[0]:
        first = ask(_NEXT, due=due)[0]["first"] or due
        last = min(first + PIECE_ENTRIES - 1, head[0])
        last = min(max(last, ask(_END, first=first, last=last)[0]["last"] or 0), head[0])
        groups = ask(_QUERY, first=first, last=last, due=due, before=before)
        found = _first_wrong(ask, groups) if groups else Finding("missing", due, due)
        walked = replace(
            walked,
            entries=walked.entries + sum(group["entries"] for group in groups),
            erased=walked.erased + sum(group["erased"] for group in groups),
            older_batches=walked.older_batches + sum(_is_older(group) for group in groups),
        )
        if found and found.code not in _OF_ERASURES:
            # The last batch may be right but for the entries that were cut off.
            cut = outcome.finding if found.code == "batch" and found.last >= head[0] else None
            return replace(walked, finding=cut or found)
        # The entry of an erasure comes later: if that one is wrong, it is the one to report.
        walked = replace(walked, also=walked.also or found)
        newest = max(groups, key=lambda group: group["last"])
        due, before = newest["last"] + 1, str(newest["hash"])
        progress(newest["last"], head[0])
    if before != head[1]:
        return replace(walked, finding=Finding("replaced", head[0], head[0]))
    if outcome.finding:
        return replace(walked, finding=outcome.finding)
    if walked.also:
        return replace(walked, finding=walked.also, also=None)
    for known in filter(None, (mark, kept)):
        there = ask(_HASH, number=known[0])
        if known[0] and (not there or there[0]["hash"] != known[1]):
            return replace(walked, finding=Finding("replaced", known[0], known[0]))
    return walked


def _first_wrong(ask: Ask, groups: list[Row]) -> Finding | None:
    """Return the first wrong entry of a piece, or None."""
    exact = [_named(ask, group) for group in groups if group["found"]]
    # A batch whose hash is wrong because of an entry already found is not reported as well.
    batches = [
        batch
        for group in groups
        if group["batch_id"] is not None and (group["found"] or {}).get("wrong") in (None, *_OF_ERASURES) and (batch := _wrong_batch(group))
        if not any(group["first"] <= finding.number <= group["batch_id"] for finding in exact if finding.code in ("missing", "twice"))
    ]
    return min(exact + batches, key=lambda finding: (finding.code in _OF_ERASURES, finding.number), default=None)


def _named(ask: Ask, group: Row) -> Finding:
    found = group["found"]
    code, number = found["wrong"], found["number"]
    if code == "missing":
        return Finding(code, found["due"], found["due"])
    if code == "rewritten":
        # The hash of this entry or batch is right, but it was made after another entry than the one before it now.
        if group["batch_id"] is not None and not _is_whole(group | {"before": found["previous_hash"]}):
            return Finding("batch", group["due"], group["last"])
        following = number if group["batch_id"] is None else group["first"]
        return Finding(code, max((found["due"] if group["batch_id"] is None else group["due"]) - 1, 1), max(following - 1, 1))
    if code == "edited" and (moved := _moved(ask, number)):
        return Finding("moved", number, moved)
    return Finding(code, number, number)


def _moved(ask: Ask, number: int) -> int | None:
    """Return the number an entry once had, if its hash is right under that one."""
    row = ask(f"SELECT * FROM {TABLE} WHERE audit_entry_id = $number LIMIT 1", number=number)[0]
    for other in ask(_WHERE_FROM, hash=row["previous_hash"]):
        once: int = other["number"]
        if once != number and hash_chain.link(row | {"audit_entry_id": once}) == row["hash"]:
            return once
    return None


def _bounds(group: Row) -> tuple[str, int, int, str]:
    return group["before"], group["first"], group["last"], group["digest"]


def _is_whole(group: Row) -> bool:
    by_whom = (group[name] for name in ("made_at", "actor_kind", "actor_id", "through"))
    return bool(group["is_one"]) and bool(group["hash"] == hash_chain.link_batch(*_bounds(group), *by_whom))


def _is_older(group: Row) -> bool:
    return group["batch_id"] is not None and not _is_whole(group) and bool(group["hash"] == hash_chain.link_older_batch(*_bounds(group)))


def _wrong_batch(group: Row) -> Finding | None:
    """Return a finding for a batch whose rows do not make the hash of its last one; which row is wrong cannot be told."""
    together = group["last"] == group["batch_id"] and group["entries"] == group["last"] - group["first"] + 1
    if together and (_is_whole(group) or _is_older(group)):
        return None
    return Finding("batch", group["due"], max(group["last"], min(group["batch_id"], group["first"] + PIECE_ENTRIES)))
