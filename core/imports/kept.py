"""What people did here stays: fields they changed and rows they removed are not taken from a file again.

The record of changes tells both. What the file said last of a field is what the field held before people first changed it after
the last import; where the file still says it, the change is *kept* without a word, and where the file moved too it is a *conflict*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.imports.mapping import Block
from core.imports.problems import Problem
from core.store.bulk import recorded
from core.store.staging import STORE
from core.store.tables import TABLES, Table

if TYPE_CHECKING:
    from core.imports.resolve import Resolver

NAMING = ("entity_id", "account_id", "contact_id")
BY_PEOPLE = "through IS DISTINCT FROM 'import'"


def _named(spec: Table, columns: set[str]) -> dict[str, str]:
    """Return which column of a row each naming part of its entries in the record holds."""
    if spec.has_id:
        return {"entity_id": spec.key[0]}
    named = {"entity_id": spec.names} if spec.names else {}
    return named | {part: part for part in ("account_id", "contact_id") if part in columns}


def find_changes(resolver: Resolver, table: str) -> list[str]:
    """Make ``here_<table>``: per row the fields people changed since the last import, and what each held before. Returns the fields."""
    resolver.staging.run(
        f"""CREATE OR REPLACE TABLE here_{table} AS
        WITH entry AS (SELECT {", ".join(NAMING)}, action, field, old_value, through, audit_entry_id AS number
                       FROM {STORE}.audit_entry WHERE entity = '{table}' AND action IN ('created', 'changed')),
        people AS (SELECT * FROM entry WHERE action = 'changed' AND field IS NOT NULL AND {BY_PEOPLE}),
        taken AS (SELECT p.{", p.".join(NAMING)}, p.field, max(e.number) AS number
                  FROM (SELECT DISTINCT {", ".join(NAMING)}, field FROM people) p
                  JOIN entry e ON {" AND ".join(f"e.{part} IS NOT DISTINCT FROM p.{part}" for part in NAMING)}
                  WHERE e.through = 'import' AND (e.action = 'created' OR e.field = p.field) GROUP BY ALL),
        first AS (SELECT p.{", p.".join(NAMING)}, p.field, arg_min_null(p.old_value, p.number) AS said
                  FROM people p LEFT JOIN taken t ON t.field = p.field
                  AND {" AND ".join(f"t.{part} IS NOT DISTINCT FROM p.{part}" for part in NAMING)}
                  WHERE p.number > coalesce(t.number, 0) GROUP BY ALL)
        SELECT {", ".join(NAMING)}, list(field ORDER BY field) AS fields, list(said ORDER BY field) AS said FROM first GROUP BY ALL"""
    )
    return [field for (field,) in resolver.staging.run(f"SELECT DISTINCT unnest(fields) FROM here_{table} ORDER BY 1")]


def join_changes(resolver: Resolver, block: Block) -> str:
    """SQL that joins ``here_<table>`` as ``h`` to the row ``t`` of the store."""
    named = _named(TABLES[block.table], set(resolver.columns[block.table]) | set(TABLES[block.table].key))
    on = " AND ".join(f"h.{part} IS NOT DISTINCT FROM t.{column}" for part, column in named.items())
    return f"LEFT JOIN here_{block.table} h ON {on}"


def last_word(column: str) -> str:
    """SQL for what the file last said of this field."""
    return f"h.said[list_position(h.fields, '{column}')]"


def is_ours(resolver: Resolver, table: str, column: str, different: str) -> str:
    """SQL for whether the field differs because people changed it here. One they changed back is free to take."""
    stands = recorded(f"t.{column}", resolver.columns[table][column][0])
    return f"(({different}) AND coalesce(list_contains(h.fields, '{column}'), FALSE) AND {last_word(column)} IS DISTINCT FROM {stands})"


def list_conflicts(resolver: Resolver, block: Block, column: str, ours: str, source: str) -> int:
    """Note each field both the file and people changed among ``conflicts``; returns how many changes of people were kept."""
    says, stands = (recorded(f"{row}.{column}", resolver.columns[block.table][column][0]) for row in "qt")
    rows = resolver.staging.run(
        f"""SELECT q.line, {says}, {stands}, {last_word(column)} IS NOT DISTINCT FROM {says} {source} WHERE {ours} ORDER BY q.line"""
    )
    for line, said, here, unmoved in rows:
        if not unmoved:
            values = {"table": block.table, "value": str(said or ""), "here": str(here or "")}
            resolver.conflicts.append(Problem(resolver.file_of(block), line, column, "conflict", values))
    return sum(1 for *_, unmoved in rows if unmoved)


def leave_removed(resolver: Resolver, order: list[str]) -> None:
    """Drop rows that people removed here, and what stands on them; each is noted among ``away``."""
    resolver.staging.run("CREATE OR REPLACE TABLE removed_here (table_name TEXT, object_id BIGINT)")
    for table in order:
        for block in resolver.by_table[table]:
            if TABLES[table].has_id:
                known = f"""SELECT source_key FROM {STORE}.import_key WHERE mapping = '{resolver.name}' AND table_name = '{table}'"""
                _leave(resolver, block, f"q.object_id < 0 AND q.source_key IN ({known})")
            else:
                _leave_unnumbered(resolver, block)
            for rule in block.rules:
                if rule.of:
                    gone = f"SELECT object_id FROM removed_here WHERE table_name = '{rule.of}'"
                    _leave(resolver, block, f"q.{rule.column} IN ({gone})")
    for block in resolver.by_table.get("email_access", ()):
        for links in resolver.by_table.get("account_contact", ()):
            gone = f"SELECT account_id, contact_id FROM r{links.number} WHERE n IN (SELECT n FROM out_row WHERE block = {links.number})"
            _leave(resolver, block, f"EXISTS (FROM ({gone}) g WHERE g.account_id = q.account_id AND g.contact_id = q.contact_id)")


def _leave_unnumbered(resolver: Resolver, block: Block) -> None:
    """Rows without an id: the record names them by their whole key when they are removed."""
    spec, table = TABLES[block.table], block.table
    columns = {*resolver.written(block)}
    named = {part: column for part, column in _named(spec, columns).items() if column in columns}
    keys = [column for column in spec.key if column in columns]
    if spec.one_field:
        removed = f"""SELECT {", ".join(NAMING)}, []::VARCHAR[] AS parts FROM {STORE}.audit_entry
            WHERE entity = '{table}' AND action = 'changed' AND {BY_PEOPLE} GROUP BY ALL
            HAVING arg_max_null(new_value, audit_entry_id) IS NULL"""
    else:
        removed = f"""SELECT {", ".join(NAMING)}, list(field || '=' || old_value) AS parts FROM {STORE}.audit_entry
            WHERE entity = '{table}' AND action = 'deleted' AND {BY_PEOPLE} GROUP BY {", ".join(NAMING)}, made_at"""
    same = [f"d.{part} IS NOT DISTINCT FROM q.{column}" for part, column in named.items()]
    rest = [] if spec.one_field else [column for column in keys if column not in named.values()]
    same += [f"(q.{c} IS NULL OR list_contains(d.parts, '{c}=' || CAST(q.{c} AS VARCHAR)))" for c in rest]
    there = " AND ".join(f"t.{c} IS NOT DISTINCT FROM q.{c}" for c in keys)
    _leave(
        resolver, block,
        f"""NOT EXISTS (SELECT 1 FROM {STORE}.{table} t WHERE {there})
            AND EXISTS (SELECT 1 FROM ({removed}) d WHERE {" AND ".join(same)})""",
    )  # fmt: skip


def _leave(resolver: Resolver, block: Block, where: str) -> None:
    rows = resolver.staging.run(f"SELECT q.n, q.line FROM {resolver.live(block)} AS q WHERE {where} ORDER BY q.n")
    if not rows:
        return
    numbers = [n for n, _ in rows]
    if TABLES[block.table].has_id:
        resolver.staging.run(
            f"INSERT INTO removed_here SELECT '{block.table}', object_id FROM r{block.number} WHERE object_id < 0 AND n IN (SELECT unnest($n))",
            {"n": numbers},
        )
    resolver.drop(block, numbers, told=False)
    resolver.away += [Problem(resolver.file_of(block), line, "", "away", {"table": block.table}) for _, line in rows]
