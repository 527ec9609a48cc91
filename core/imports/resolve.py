"""Resolve staged rows: identify them by key, resolve references, check them, and compare them with the store."""

from __future__ import annotations

from graphlib import TopologicalSorter

from core.imports import last_words
from core.imports.checks.amounts import check_amounts
from core.imports.checks.completeness import check_complete
from core.imports.checks.custom_values import check_values
from core.imports.checks.mail_filter import leave_aside
from core.imports.checks.uniqueness import check_combinations, check_unique
from core.imports.dependents import check_access, drop_dependents, refuse_missing
from core.imports.gone import find_gone, remove_gone
from core.imports.kept_otherwise import note_kept_otherwise
from core.imports.mapping import Block
from core.imports.meeting import by, give_numbers, matches
from core.imports.own_views import translate_views
from core.imports.plan import Plan, differs
from core.imports.removed_rows import is_from_before, leave_removed
from core.imports.stage import BAD_KEY, SEPARATOR
from core.store.staging import STORE
from core.store.tables import TABLES

# The checks of rows whose references are known, in this order; each refuses rows, leaves them out or changes them.
CHECKS = (
    leave_removed, check_values, translate_views, last_words.settle_all, check_combinations, check_unique, check_complete, check_amounts, check_access,
    leave_aside, drop_dependents,
)  # fmt: skip


def resolve(plan: Plan, had_problems: bool) -> None:
    """Make the tables ``w<block>`` with a state per row (new, changed, same); ``plan.problems`` holds the refusals."""
    plan.begin(had_problems)
    plan.before = last_words.last_run(plan)
    plan.with_words = last_words.tables_with_words(plan)
    plan.staging.take_in("bad_key", BAD_KEY, "bad_key.parquet")
    plan.staging.run("CREATE OR REPLACE TABLE out_row (block INTEGER, n BIGINT, told BOOLEAN, lost BOOLEAN)")
    for table in plan.by_table:
        if TABLES[table].is_keyed:
            _identify(plan, table)
    plan.order = _parents_first(plan)
    for table in plan.order:
        for block in plan.by_table[table]:
            _refer(plan, block)
    for check in CHECKS:
        check(plan)
    find_gone(plan)
    for block in plan.mapping.blocks:
        _compare(plan, block)
    remove_gone(plan)
    note_kept_otherwise(plan)


def _parents_first(plan: Plan) -> list[str]:
    """Return the tables of the mapping, each after those its rows refer to."""
    referred = {table: {rule.of for block in blocks for rule in block.rules if rule.of} for table, blocks in plan.by_table.items()}
    order = {table: {of for of in parents if of in plan.by_table and of != table} for table, parents in referred.items()}
    return list(TopologicalSorter(order).static_order())


def _identify(plan: Plan, table: str) -> None:
    """Make ``id_<table>``, an object per source key: known from an earlier run, matched by its fields, or new (a negative id)."""
    spec, blocks = TABLES[table], plan.by_table[table]
    union = " UNION ALL ".join(f"SELECT {b.number} AS block, n, line, source_key FROM b{b.number}" for b in blocks)
    plan.staging.run(
        f"""CREATE OR REPLACE TABLE first_{table} AS
        SELECT *, row_number() OVER (PARTITION BY source_key ORDER BY block, n) AS turn,
               first(line) OVER (PARTITION BY source_key ORDER BY block, n) AS first_line FROM ({union})"""
    )
    for block in blocks:
        again = f"SELECT n, line, source_key, first_line FROM first_{table} WHERE block = {block.number} AND turn > 1"
        if block.distinct:
            plan.drop(block, [n for n, *_ in plan.staging.run(again)], told=False)
        else:
            plan.refuse(block, again, ", ".join(block.key), "key_twice", "value", "line")
    known = f"""SELECT source_key, object_id, shape FROM {STORE}.import_key WHERE mapping = '{plan.name}' AND table_name = '{table}'
                AND (ended IS NULL OR ended = 'file') AND object_id IN (SELECT {spec.key[0]} FROM {STORE}.{table})"""
    matched = (
        " UNION ALL ".join(select for block in blocks for select in matches(plan, block))
        or "SELECT NULL::VARCHAR AS source_key, NULL::BIGINT AS object_id WHERE FALSE"
    )
    plan.staging.run(
        f"""CREATE OR REPLACE TABLE id_{table} AS
        SELECT f.block, f.n, f.line, f.source_key, k.object_id AS known_id, k.shape,
               coalesce(k.object_id, m.object_id, -({plan.new_ids} + row_number() OVER (ORDER BY f.block, f.n))) AS object_id
        FROM first_{table} f LEFT JOIN ({known}) k USING (source_key)
        LEFT JOIN (SELECT source_key, min(object_id) AS object_id FROM ({matched}) GROUP BY 1) m USING (source_key)
        WHERE f.turn = 1 ORDER BY f.block, f.n"""
    )
    plan.new_ids += plan.staging.value(f"SELECT count(*) FROM id_{table}") or 0
    between = f"SELECT source_key FROM ({matched}) AS m GROUP BY 1 HAVING count(DISTINCT object_id) > 1"
    for block in blocks:
        if len(block.match_by) > 1:
            names = ", ".join(what for what, _ in block.match_by)
            torn = f"SELECT n, line, source_key FROM id_{table} WHERE block = {block.number} AND known_id IS NULL AND source_key IN ({between})"
            plan.refuse(block, torn, names, "matched_two", "value")
        same = f"""SELECT n, line, source_key FROM (SELECT *, row_number() OVER (PARTITION BY object_id ORDER BY block, n) AS turn
                   FROM id_{table}) AS q WHERE turn > 1 AND block = {block.number}"""
        plan.refuse(block, same, ", ".join([*block.match, *(what for what, _ in block.match_by)]), "matched_twice", "value")
    plan.staging.run(
        f"""CREATE OR REPLACE TABLE ref_{table} AS SELECT source_key, object_id FROM id_{table}
        UNION ALL SELECT source_key, object_id FROM ({known}) AS k WHERE source_key NOT IN (SELECT source_key FROM id_{table})"""
    )


def _refer(plan: Plan, block: Block) -> None:
    """Make ``r<block>``: the staged rows with their object, every reference as an id, and the account where a parent row tells it."""
    i, spec = block.number, TABLES[block.table]
    select, joins = ["b.*"], []
    if spec.is_keyed:
        select.append("i.object_id, i.known_id, i.shape")
        joins.append(f"JOIN id_{block.table} i ON i.block = {i} AND i.n = b.n")
    else:
        key = _own_key(block)
        select = [f"b.* REPLACE ({key} AS source_key), k.object_id AS known_id, k.shape"]
        joins.append(
            f"""LEFT JOIN {STORE}.import_key k ON k.mapping = '{plan.name}' AND k.table_name = '{block.table}' AND k.ended IS NULL
            AND k.source_key = {key}"""
        )
    if plan.has_file(block):
        select.append("FALSE AS file_stays, NULL::VARCHAR AS file_here")
    for place, (rule, of) in enumerate(block.references):
        source = by(plan, of, rule.by) if rule.by else plan.known(of)
        select.append(f"j{place}.object_id AS {rule.column}")
        joins.append(f"LEFT JOIN {source} j{place} ON j{place}.source_key = b.k_{rule.column}")
    plan.staging.run(f"CREATE OR REPLACE TABLE r{i} AS SELECT {', '.join(select)} FROM b{i} b {' '.join(joins)}")
    for rule in block.rules:
        if rule.next:
            give_numbers(plan, block, rule)
    if is_from_before(plan, block.table):
        _note_met(plan, block)
    for rule, of in block.references:
        refuse_missing(plan, block, rule, of)
    _find_account(plan, block)


def _find_account(plan: Plan, block: Block) -> None:
    """Give rows the account of the row they refer to; refuse those that name another one, or end up without the one they need."""
    i = block.number
    told = "account_id" in {rule.column for rule in block.rules}
    parents = [(rule, of) for rule, of in block.references if "account_id" in plan.columns[of] and of != "account"]
    for rule, table in parents:
        staged = " UNION ALL ".join(
            f"SELECT object_id, account_id FROM r{b.number}" for b in plan.by_table.get(table, ())
        ) or "SELECT NULL::BIGINT AS object_id, NULL::BIGINT AS account_id WHERE FALSE"  # fmt: skip
        of = f"""LEFT JOIN ({staged}) s ON s.object_id = r.{rule.column}
                 LEFT JOIN {STORE}.{table} t ON t.{TABLES[table].key[0]} = r.{rule.column}"""
        account = "coalesce(s.account_id, t.account_id)"
        if told:
            other = f"SELECT r.n, r.line FROM r{i} r {of} WHERE r.{rule.column} IS NOT NULL AND {account} IS DISTINCT FROM r.account_id"
            plan.refuse(block, other, rule.column, "other_account")
        else:
            plan.staging.run(f"CREATE OR REPLACE TABLE r{i} AS SELECT r.*, {account} AS account_id FROM r{i} r {of}")
            told = True
    if told and plan.columns[block.table].get("account_id", ("", False))[1]:
        plan.refuse(block, f"SELECT n, line FROM r{i} WHERE account_id IS NULL", "account_id", "account_unknown")


def _note_met(plan: Plan, block: Block) -> None:
    """Mark rows that came by a run before their keys were stored: their entries say that an import made them."""
    named = last_words.naming(TABLES[block.table], {*plan.written(block)})
    if TABLES[block.table].natural:
        plan.staging.run(f"UPDATE r{block.number} SET known_id = 0")
        return
    same = " AND ".join(f"e.{part} IS NOT DISTINCT FROM r.{column}" for part, column in named.items())
    plan.staging.run(
        f"""UPDATE r{block.number} r SET known_id = 0 WHERE EXISTS (SELECT 1 FROM {STORE}.audit_entry e WHERE e.entity = '{block.table}'
        AND e.through = 'import' AND (e.action = 'created' OR e.old_value IS NULL) AND {same})"""
    )


def _own_key(block: Block) -> str:
    """Return SQL for the key of a row that has none in the files: the texts of its unique columns."""
    refers = {rule.column: f"k_{rule.column}" if rule.of else rule.column for rule in block.rules}
    parts = [f"coalesce(CAST(b.{refers[c]} AS VARCHAR), '')" if c in refers else "''" for c in TABLES[block.table].unique]
    return f"concat_ws('{SEPARATOR}', {', '.join(parts)})"


def _compare(plan: Plan, block: Block) -> None:
    """Make ``w<block>``: the rows that stay, with ``row_state`` new, changed or same; rows of natural tables get an id too."""
    i, spec = block.number, TABLES[block.table]
    changeable = [differs(block.table, c) for c in plan.written(block) if c not in {*spec.key, *spec.unique}]
    number = ""
    if spec.natural:
        new = f"row_number() OVER (PARTITION BY t.rowid IS NULL ORDER BY q.n) + {plan.new_ids}"
        number = f", CASE WHEN t.rowid IS NULL THEN -({new}) ELSE t.{spec.key[0]} END AS object_id"
    plan.staging.run(
        f"""CREATE OR REPLACE TABLE w{i} AS SELECT q.*{number}, CASE WHEN t.rowid IS NULL THEN 'new'
        WHEN {" OR ".join(changeable) or "FALSE"} THEN 'changed' ELSE 'same' END AS row_state
        FROM {plan.live(block)} AS q LEFT JOIN {STORE}.{block.table} t ON {plan.same_row(block)}"""
    )
    if spec.natural:
        plan.new_ids += plan.staging.value(f"SELECT count(*) FROM w{i} WHERE row_state = 'new'") or 0
