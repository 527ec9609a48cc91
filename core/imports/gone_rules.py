"""Read what a mapping says of rows that a list no longer names: ``gone``, ``gone_at_most``, ``gone_within``, ``as_of``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Protocol

from core.imports.mapping import GRANTS, Block, Rule

GONE_KEYS = ("gone", "gone_at_most", "gone_within", "as_of")
# What may become of the rows of a table, and no other pair.
PAIRS = {
    "paid": ("invoice",),
    "completed": ("task", "job"),
    "archive": ("account", "organizer", "custom_field"),
    "delete": (
        "assignment", "account_tag", "account_contact", "task_assignee", "email_access", "credit", "note", "account_field_value",
        "contact_field_value",
    ),
}  # fmt: skip
KEEP = "keep"
# How many percent of what is open may be gone at once where the mapping does not say.
AT_MOST_PERCENT = 25
# The day of the list is that of its file.
OF_FILE = "file"
# Columns that are set in a row that is gone; those of ``email_access`` are the switches the mapping brings.
SETS = {
    "task": ("status", "completed_at"), "job": ("status",), "account": ("archived_at",), "organizer": ("archived_at",),
    "custom_field": ("retired_at",),
}  # fmt: skip


class Reading(Protocol):
    """What collects the problems of a mapping."""

    def wrong(self, key: str, code: str, **values: object) -> None:
        """Add a problem of a key."""

    def text(self, where: str, values: dict[str, Any], key: str, default: str, among: tuple[str, ...] = ()) -> str:
        """Return a text of the mapping."""


def gone_of(reading: Reading, where: str, table: str, values: dict[str, Any], rules: Iterable[Rule]) -> dict[str, Any]:
    """Return the fields of a block that say what becomes of rows its file no longer names."""
    known = tuple(word for word, tables in PAIRS.items() if table in tables)
    gone = reading.text(where, values, "gone", KEEP, (KEEP, *known))
    at_most = values.get("gone_at_most", AT_MOST_PERCENT)
    if type(at_most) is not int or not 0 <= at_most <= 100:
        reading.wrong(f"{where}.gone_at_most", "expected", value=at_most, expected="0 … 100")
        at_most = AT_MOST_PERCENT
    within = values.get("gone_within")
    if within is not None and (within != "account" or not any(rule.column == "account_id" and rule.of for rule in rules)):
        reading.wrong(f"{where}.gone_within", "expected", value=within, expected='"account", account_id = "…"')
    as_of = values.get("as_of")
    if as_of is not None and not _is_day(as_of):
        reading.wrong(f"{where}.as_of", "expected", value=as_of, expected='"2026-11-27" | "file"')
        as_of = None
    for key in ("gone_at_most", "gone_within"):
        if key in values and gone == KEEP:
            reading.wrong(f"{where}.{key}", "gone_missing")
    day = None if as_of is None else str(as_of)
    return {"gone": gone, "gone_at_most": at_most, "gone_within": within == "account", "as_of": day or (OF_FILE if gone != KEEP else None)}


def _is_day(value: object) -> bool:
    if type(value) is date or value == OF_FILE:
        return True
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def gone_blocks(reading: Reading, blocks: list[Block], columns: dict[str, dict[str, bool]]) -> list[Block]:
    """Return a block of no file for each table whose missing rows are changed, or settled by a payment."""
    found: list[Block] = []
    for block in blocks:
        same = [other for other in blocks if other.table == block.table and other.notes_of is None]
        if len({other.gone for other in same}) > 1 and block is same[0]:
            # A key does not tell which of two files named its row.
            reading.wrong(f"tables[{block.number + 1}] ({block.table}).gone", "gone_differs")
        if block.gone == KEEP or block is not same[0]:
            continue
        if block.gone == "paid":
            rules: tuple[Rule, ...] = (Rule("invoice_id", of="invoice"), Rule("paid_on"), Rule("amount"), Rule("method"))
            found.append(_block(len(blocks) + len(found), "payment", block, rules))
        elif block.table == "email_access":
            switches = sorted(GRANTS["email_access"] & {rule.column for rule in block.rules})
            rules = (*(Rule(c, of=c.removesuffix("_id")) for c in ("account_id", "contact_id", "contact_email_id")), *map(Rule, switches))
            found.append(_block(len(blocks) + len(found), block.table, block, rules))
        elif block.table in SETS:
            of = (Rule("account_id", of="account"),) if block.table != "account" and "account_id" in columns[block.table] else ()
            found.append(_block(len(blocks) + len(found), block.table, block, (*map(Rule, SETS[block.table]), *of)))
    return found


def _block(number: int, table: str, of: Block, rules: tuple[Rule, ...]) -> Block:
    return Block(number, table, of.source, rules, of.key, gone_of=of.number)
