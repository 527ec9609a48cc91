"""Find the record a row means where no key of the files names it: by a field, an own field, an address; and number clients that come without one."""

from __future__ import annotations

import re

from core.imports.mapping import FIELD, NOW, RUNNING, Block, Rule
from core.imports.plan import Plan
from core.imports.problems import MappingInvalid, Problem
from core.store import now
from core.store.staging import STORE
from core.store.tables import TABLES


def by(plan: Plan, table: str, what: str) -> str:
    """Return a sub-select of (source_key, object_id): rows of a table by one of their fields, staged ones first, or by an own field.

    Raises MappingInvalid for an own field that there is not.
    """
    if what.startswith(FIELD):
        return f"({_by_own_field(plan, table, what)})"
    key, parts = TABLES[table].key[0], []
    for block in plan.by_table.get(table, ()):
        if what in {rule.column for rule in block.rules if not rule.of}:
            parts.append(
                f"""SELECT CAST(b.{what} AS VARCHAR) AS source_key, i.object_id FROM b{block.number} b
                JOIN id_{table} i ON i.block = {block.number} AND i.n = b.n"""
            )
    parts.append(f"SELECT CAST({what} AS VARCHAR) AS source_key, {key} AS object_id FROM {STORE}.{table}")
    return f"(SELECT source_key, min(object_id) AS object_id FROM ({' UNION '.join(parts)}) AS u WHERE source_key IS NOT NULL GROUP BY 1)"


def _by_own_field(plan: Plan, table: str, what: str) -> str:
    """Return a SELECT of (source_key, object_id) by the values of an own field; a value that two records have names neither."""
    asked = f"SELECT string_agg('{FIELD}' || key, ', ' ORDER BY key), count(*) FILTER (WHERE key = $key) FROM {STORE}.custom_field WHERE scope = '{table}'"
    [(known, there)] = plan.staging.run(asked, {"key": what.removeprefix(FIELD)})
    if not there and not plan.by_table.get("custom_field"):
        raise MappingInvalid([Problem(plan.mapping.file.name, 0, what, "field_unknown", {"known": known or "–"})])
    name, key = what.removeprefix(FIELD).replace("'", "''"), TABLES[table].key[0]
    return f"""SELECT v.value AS source_key, min(v.{key}) AS object_id FROM {STORE}.{table}_field_value v
        JOIN {STORE}.custom_field d USING (custom_field_id) WHERE d.scope = '{table}' AND d.key = '{name}'
        GROUP BY 1 HAVING count(DISTINCT v.{key}) = 1"""


def matches(plan: Plan, block: Block) -> list[str]:
    """Return SELECTs of (source_key, object_id): the records that a block's rows meet, though they did not come by this mapping.

    Raises MappingInvalid for an own field that there is not.
    """
    table, key, found = block.table, TABLES[block.table].key[0], []
    if block.match:
        same = " AND ".join(f"t.{column} = b.{column}" for column in block.match)
        found.append(f"SELECT b.source_key, min(t.{key}) AS object_id FROM b{block.number} b JOIN {STORE}.{table} t ON {same} GROUP BY 1")
    for place, (what, _) in enumerate(block.match_by):
        others = (
            f"SELECT email AS source_key, contact_id AS object_id FROM {STORE}.contact_email"
            if what == "email"
            else _by_own_field(plan, table, what)
        )
        found.append(f"SELECT b.source_key, o.object_id FROM b{block.number} b JOIN ({others}) o ON o.source_key = b.m_{place}")
    return found


def running(pattern: str) -> tuple[str, int, str] | None:
    """Return the text before, the least number of digits, and the text behind of a pattern like ``K{:05}``; None for what is none."""
    found = RUNNING.fullmatch(pattern)
    return (found[1], int(found[2] or 1), found[3]) if found else None


def give_numbers(plan: Plan, block: Block, rule: Rule) -> None:
    """Give new rows of ``r<block>`` the next free numbers in the order of the file, or the moment; rows that are known keep what they have."""
    if rule.next == NOW:
        _give_moment(plan, block, rule.column)
        return
    before, digits, behind = running(rule.next or "") or ("", 1, "")
    table, key, column = block.table, TABLES[block.table].key[0], rule.column
    shape = f"^{re.escape(before)}(\\d{{{digits},15}}){re.escape(behind)}$"
    # What the store has, what other blocks of the files bring, and what earlier ones were given just now.
    places = [f"{STORE}.{table}"]
    for other in plan.by_table[table]:
        if column in plan.written(other):
            if plan.by_table[table].index(other) < plan.by_table[table].index(block):
                places.append(f"r{other.number}")
            elif other is not block:
                places.append(f"b{other.number}")
    taken = " UNION ALL ".join(f"SELECT CAST({column} AS VARCHAR) FROM {place}" for place in places)
    highest = f"SELECT coalesce(max(TRY_CAST(regexp_extract(number, $shape, 1) AS BIGINT)), 0) FROM ({taken}) AS n(number)"
    known = plan.staging.value(highest, {"shape": shape}) or 0
    # Rows that are known keep what they have, so nothing of theirs ever differs.
    plan.staging.run(
        f"""UPDATE r{block.number} r SET {column} = g.number FROM (
            SELECT n, $before || CASE WHEN length(digits) < {digits} THEN lpad(digits, {digits}, '0') ELSE digits END || $behind AS number
            FROM (SELECT n, CAST({known} + row_number() OVER (ORDER BY n) AS VARCHAR) AS digits FROM r{block.number} WHERE object_id < 0) q
            UNION ALL SELECT o.n, t.{column} FROM r{block.number} o JOIN {STORE}.{table} t ON t.{key} = o.object_id) g
        WHERE g.n = r.n""",
        {"before": before, "behind": behind},
    )


def _give_moment(plan: Plan, block: Block, column: str) -> None:
    table, key = block.table, TABLES[block.table].key[0]
    plan.staging.run(f"UPDATE r{block.number} SET {column} = $moment", {"moment": now()})
    plan.staging.run(f"UPDATE r{block.number} r SET {column} = t.{column} FROM {STORE}.{table} t WHERE t.{key} = r.object_id")
