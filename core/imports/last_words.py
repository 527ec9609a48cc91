"""Decide per field whether the file or the store is right, from the file's *last word*: what it said of the field at the last run.

The last word is what stands in the record, except where others changed the field after this mapping's last run: then it is what the
field held before their first change, as the record of changes tells, or what ``import_word`` kept of it. Where the file still says it,
the field here is *kept*; where both moved, or nothing is known of the last word and both say something, there is a *conflict*.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from core.base.errors import AppError
from core.imports.mapping import Block
from core.imports.plan import LastRun, Plan
from core.imports.problems import Problem
from core.store.bulk_entries import recorded
from core.store.staging import STORE
from core.store.tables import TABLES, Table

# Outcomes for a field where file and store differ: NULL takes the file's value; ``keep`` is a file that did not change, ``silent`` an
# empty cell that says nothing; the others are conflicts, open (``ask``, and ``first`` when no last word is known) or decided by the mapping's rule. These leave the store's value:
STAYS = "('keep', 'ours', 'ask', 'first', 'silent')"
OPEN = "('ask', 'first')"
# Per outcome the code of its sentence and the list of the plan it goes to.
_TOLD = {"theirs": ("conflict_theirs", "decided"), "first": ("conflict_first", "met")}
NAMING = ("entity_id", "account_id", "contact_id")
# Per table the column that names a record in sentences.
CALLED = {
    "account": "name",
    "contact": "name",
    "contact_email": "email",
    "staff_member": "name",
    "tag": "name",
    "custom_field": "label",
    "task": "title",
}


def last_run(plan: Plan) -> LastRun | None:
    """Return the newest run of the mapping that was not taken back; None when it never ran.

    Raises AppError while that run is being taken back: its rows are there in part.
    """
    found = plan.staging.run(
        f"""SELECT coalesce(compared_at, 0), made_at, undo_began_at FROM {STORE}.import_run WHERE mapping = $mapping AND undone_at IS NULL
        ORDER BY import_run_id DESC LIMIT 1""",
        {"mapping": plan.mapping.name},
    )
    if found and found[0][2] is not None:
        raise AppError("run_half_back", mapping=plan.mapping.name)
    return LastRun(*found[0][:2]) if found else None


def naming(spec: Table, columns: set[str]) -> dict[str, str]:
    """Return which column of a row each naming part of its entries in the record holds."""
    if spec.has_id:
        return {"entity_id": spec.key[0]}
    named = {"entity_id": spec.names} if spec.names else {}
    return named | {part: part for part in ("account_id", "contact_id") if part in columns}


def named_by(plan: Plan, table: str, row: str) -> list[str]:
    """Return SQL for the naming parts of a row of the store; NULL for parts its entries do not have."""
    spec = TABLES[table]
    named = naming(spec, set(plan.columns[table]))
    return [f"{row}.{named[part]}" if part in named else "NULL::BIGINT" for part in NAMING]


def parts_of(spec: Table) -> str:
    """Return SQL for the naming parts of an entry: of a row with an id the id alone, for its account may have changed."""
    return "entity_id, NULL::BIGINT AS account_id, NULL::BIGINT AS contact_id" if spec.has_id else ", ".join(NAMING)


def same_names(row: str, names: Sequence[str]) -> str:
    """Return SQL for *the naming parts of this row are these*."""
    return " AND ".join(f"{row}.{part} IS NOT DISTINCT FROM {name}" for part, name in zip(NAMING, names, strict=True))


def tables_with_words(plan: Plan) -> set[str]:
    """Return the tables with entries since the last run, or with last words stored in ``import_word``."""
    if plan.before is None:
        return set()
    found = plan.staging.run(
        f"""SELECT DISTINCT entity FROM {STORE}.audit_entry WHERE audit_entry_id > $since AND action IN ('changed', 'deleted', 'created')
        AND NOT (through = 'import' AND made_at IS NOT DISTINCT FROM $made)
        UNION SELECT DISTINCT table_name FROM {STORE}.import_word WHERE mapping = $mapping""",
        {"mapping": plan.mapping.name, "since": plan.before.compared_at, "made": plan.before.made_at},
    )
    return {table for (table,) in found}


def find_changes(plan: Plan, table: str) -> set[str]:
    """Make ``here_<table>``, per row lists of its fields with a last word of their own and the words; return these fields."""
    before = plan.before
    if before is None or table not in plan.with_words:
        return set()
    if table in plan.here:
        return plan.here[table]
    spec = TABLES[table]
    parts = parts_of(spec)
    made = "" if spec.has_id or spec.one_field else " OR action = 'created'"
    plan.staging.run(
        f"""CREATE OR REPLACE TABLE here_{table} AS
        WITH told AS (
            SELECT {parts}, field, said, is_known, is_open, offered, since, FALSE AS was_removed, -1 AS age
            FROM {STORE}.import_word WHERE mapping = $mapping AND table_name = '{table}'
            UNION ALL
            SELECT {parts}, CASE WHEN action = 'created' THEN '' ELSE field END, CASE WHEN action <> 'created' THEN old_value END,
                   old_value IS NOT NULL OR old_digest IS NULL, FALSE, NULL, NULL, action = 'deleted', audit_entry_id
            FROM {STORE}.audit_entry WHERE audit_entry_id > $since AND entity = '{table}'
            AND (action IN ('changed', 'deleted') AND field IS NOT NULL{made}) AND NOT (through = 'import' AND made_at IS NOT DISTINCT FROM $made)),
        first AS (
            SELECT entity_id, account_id, contact_id, field, arg_min_null(said, age) AS said, arg_min(is_known, age) AS is_known,
                   arg_min(is_open, age) AS is_open, arg_min_null(offered, age) AS offered, arg_min_null(since, age) AS since,
                   arg_min(was_removed, age) AS was_removed
            FROM told GROUP BY ALL)
        SELECT {", ".join(NAMING)}, list(field ORDER BY field) AS fields, list(said ORDER BY field) AS said,
               list(is_known ORDER BY field) AS known, list(is_open ORDER BY field) AS open, list(offered ORDER BY field) AS offered,
               list(since ORDER BY field) AS since, list(was_removed ORDER BY field) AS removed
        FROM first GROUP BY ALL""",
        {"mapping": plan.mapping.name, "since": before.compared_at, "made": before.made_at},
    )
    plan.here[table] = {field for (field,) in plan.staging.run(f"SELECT DISTINCT unnest(fields) FROM here_{table}")}
    return plan.here[table]


def joined(plan: Plan, table: str, row: str = "t") -> str:
    """Return SQL that joins ``here_<table>`` as ``h`` to a row of the store."""
    return f"LEFT JOIN here_{table} h ON {same_names('h', named_by(plan, table, row))}"


def word_of(name: str, column: str) -> str:
    """Return SQL for the item of a list of ``here_<table>`` that belongs to a field."""
    return f"h.{name}[list_position(h.fields, '{column}')]"


def is_told(column: str) -> str:
    """Return SQL for whether the field has a last word of its own."""
    return f"coalesce(list_contains(h.fields, '{column}'), FALSE)"


def settle_all(plan: Plan) -> None:
    """Settle the fields of every block of the mapping."""
    for block in plan.mapping.blocks:
        if block.gone_of is None:
            settle(plan, block)
            _say_nothing(plan, block)


def _silent(block: Block, column: str, is_remembered: str) -> str:
    """Return the part of a CASE for a field whose empty cell says nothing: what the file said last stays its last word."""
    if not any(rule.column == column and rule.is_silent for rule in block.rules):
        return ""
    return f" WHEN q.{column} IS NULL THEN CASE WHEN {is_remembered} THEN 'silent' END"


def _say_nothing(plan: Plan, block: Block) -> None:
    """Give fields whose empty cell says nothing what the record has; a new record gets the default, or is refused without it."""
    silent = [rule.column for rule in block.rules if rule.is_silent]
    if not silent:
        return
    i = block.number
    sets = ", ".join(f"{c} = coalesce(q.{c}, t.{c})" for c in silent)
    plan.staging.run(f"UPDATE r{i} q SET {sets} FROM {STORE}.{block.table} t WHERE {plan.same_row(block)}")
    plan.staging.fill_in(f"r{i}", block.table, silent)
    for c in silent:
        if plan.columns[block.table][c][1]:
            plan.refuse(block, f"SELECT n, line, '{c}' FROM {plan.live(block)} AS q WHERE {c} IS NULL", c, "value_missing", "field")


def settle(plan: Plan, block: Block) -> None:
    """Put the store's value into ``r<block>`` where it stays, note the conflicts, and make ``o<block>`` with the outcome per field."""
    spec, table, i = TABLES[block.table], block.table, block.number
    columns = settled(plan, block)
    told = find_changes(plan, table)
    first_of = {c: _is_first(plan, block, c) for c in columns}
    candidates = [] if not told else ["h.fields IS NOT NULL"]
    candidates += sorted({sql for sql in first_of.values() if sql != "FALSE"})
    if not columns or not candidates:
        return
    picked = []
    for c in columns:
        first, has = first_of[c], f"({is_told(c)} OR {is_told('')})" if told else "FALSE"
        said = f"CASE WHEN {is_told(c)} THEN {word_of('said', c)} END" if told else "NULL::VARCHAR"
        unknown = f"({is_told(c)} AND NOT {word_of('known', c)})" if told else "FALSE"
        file, here = (recorded(f"{row}.{c}", plan.columns[table][c][0]) for row in "qt")
        rule = block.rule_for(c)
        picked.append(
            f"""CASE WHEN NOT coalesce(({plan.differs(block, c)}), FALSE) THEN NULL{_silent(block, c, f"{first} OR {has}")}
                WHEN {first} OR {unknown} THEN CASE WHEN t.{c} IS NULL THEN NULL WHEN q.{c} IS NULL THEN 'keep'
                    ELSE '{"first" if rule == "ask" else rule}' END
                WHEN NOT {has} THEN NULL WHEN {said} IS NOT DISTINCT FROM {file} THEN 'keep'
                WHEN {said} IS NOT DISTINCT FROM {here} THEN NULL ELSE '{rule}' END AS o_{c}, {said} AS l_{c}, t.{c} AS s_{c}, q.{c} AS f_{c}"""
        )
    parts = ", ".join(f"{value} AS {part}" for part, value in zip(NAMING, named_by(plan, table, "t"), strict=True))
    file_here = "t.file AS file_here, " if plan.has_file(block) else ""
    plan.staging.run(
        f"""CREATE OR REPLACE TABLE o{i} AS SELECT * FROM (SELECT q.n, q.line, {parts}, {file_here}{", ".join(picked)}
        FROM {plan.live(block)} AS q JOIN {STORE}.{table} t ON {plan.same_row(block)} {joined(plan, table) if told else ""}
        WHERE {" OR ".join(candidates)}) WHERE {" OR ".join(f"o_{c} IS NOT NULL" for c in columns)}"""
    )
    if not plan.staging.value(f"SELECT count(*) FROM o{i}"):
        return
    plan.looked_at.add(i)
    if plan.has_decisions:
        for c in columns:
            plan.staging.run(
                f"UPDATE o{i} o SET o_{c} = d.choice FROM decision d WHERE d.block = {i} AND d.n = o.n AND d.col = '{c}' AND o.o_{c} IN {OPEN}"
            )
    sets = [f"{c} = CASE WHEN o.o_{c} IN {STAYS} THEN o.s_{c} ELSE q.{c} END" for c in columns]
    if spec.one_field:
        sets.append(f"member = CASE WHEN o.o_value IN {STAYS} THEN NULL ELSE q.member END")
    plan.staging.run(f"UPDATE r{i} q SET {', '.join(sets)} FROM o{i} o WHERE o.n = q.n")
    if file_here:
        rest = [c for c in plan.written(block) if c in ("size_bytes", "media_type") and c not in columns]
        stays = ", ".join([*(f"{c} = (SELECT t.{c} FROM {STORE}.{table} t WHERE t.{spec.key[0]} = q.object_id)" for c in rest)])
        plan.staging.run(
            f"""UPDATE r{i} q SET file_stays = TRUE, file_here = o.file_here, source_path = NULL{", " + stays if stays else ""}
            FROM o{i} o WHERE o.n = q.n AND o.o_sha256 IN {STAYS}"""
        )
    for c in columns:
        _tell(plan, block, c)


def settled(plan: Plan, block: Block) -> list[str]:
    """Return the columns that are settled one by one; those computed from an attached file follow its checksum."""
    spec = TABLES[block.table]
    found = {"size_bytes", "media_type"} - {rule.column for rule in block.rules} if plan.has_file(block) else set()
    return [c for c in plan.written(block) if c not in {*spec.unique, *spec.key, *found}]


def _is_first(plan: Plan, block: Block, column: str) -> str:
    """Return SQL for whether no earlier run of the mapping brought this field of the row."""
    if plan.before is None:
        return "TRUE"
    lacking = [str(number) for number, fields in plan.shapes.get(block.table, {}).items() if column not in fields]
    spec = TABLES[block.table]
    # A row made again here by hand is another one; 0 stands for a row from before its table had ids.
    other = f" OR q.known_id NOT IN (0, t.{spec.key[0]})" if spec.natural else ""
    anew = f" OR q.shape IN ({', '.join(lacking)})" if lacking else ""
    return f"(q.known_id IS NULL{other}{anew})"


def _tell(plan: Plan, block: Block, c: str) -> None:
    i, kind = block.number, plan.columns[block.table][c][0]
    of = TABLES[block.table].references.get(c)
    file, here = recorded(f"o.f_{c}", kind), recorded(f"o.s_{c}", kind)
    more, label = "", f"'{c}'"
    if TABLES[block.table].one_field:
        more, label = "LEFT JOIN field_def d ON d.custom_field_id = q.custom_field_id", f"coalesce(d.label, '{c}')"
    if of:
        file = f"q.k_{c}" if any(rule.column == c and rule.of for rule in block.rules) else file
        if of in CALLED:
            here, more = f"coalesce(p.{CALLED[of]}, {here})", f"LEFT JOIN {STORE}.{of} p ON p.{TABLES[of].key[0]} = o.s_{c}"
    counts = dict(plan.staging.run(f"SELECT o_{c}, count(*) FROM o{i} WHERE o_{c} IS NOT NULL GROUP BY 1"))
    plan.kept += counts.pop("keep", 0)
    counts.pop("silent", 0)
    for outcome, count in sorted(counts.items()):
        code, told = _TOLD.get(outcome, ("conflict", "conflicts"))
        into = getattr(plan, told)
        rows = plan.staging.run(
            f"""SELECT o.line, {file}, {here}, q.source_key, {label} FROM o{i} o JOIN r{i} q USING (n) {more} WHERE o.o_{c} = '{outcome}'
            ORDER BY o.n LIMIT {into.room}"""
        )
        place = plan.file_of(block)
        conflicts = []
        for line, said, stands, key, name in rows:
            values = {
                "table": block.table,
                "key": plan.key_shown(key),
                "value": str(said or ""),
                "here": str(stands or ""),
                "kind": "" if of else kind,
            }
            conflicts.append(Problem(place, line, name, code, values))
        into.take(conflicts, count)


def next_words(plan: Plan, moment: datetime, base: int) -> bool:
    """Make ``word_next``, the next ``import_word`` of this mapping; return whether it differs. New objects get ids above ``base``."""
    parts = [
        """SELECT NULL::VARCHAR AS table_name, NULL::BIGINT AS entity_id, NULL::BIGINT AS account_id, NULL::BIGINT AS contact_id,
        NULL::VARCHAR AS field, NULL::VARCHAR AS said, NULL::BOOLEAN AS is_known, NULL::BOOLEAN AS is_open, NULL::VARCHAR AS offered WHERE FALSE"""
    ]
    for block in plan.mapping.blocks:
        if block.number not in plan.looked_at:
            continue
        for c in settled(plan, block):
            refers = any(rule.column == c and rule.of for rule in block.rules)
            value = f"CASE WHEN f_{c} < 0 THEN {base} - f_{c} ELSE f_{c} END" if refers else f"f_{c}"
            file = recorded(value, plan.columns[block.table][c][0])
            parts.append(
                f"""SELECT '{block.table}', {", ".join(NAMING)}, '{c}', CASE WHEN o_{c} IN ('keep', 'ours') THEN {file} ELSE l_{c} END,
                o_{c} <> 'first', o_{c} IN {OPEN}, CASE WHEN o_{c} IN {OPEN} THEN {file} END
                FROM o{block.number} WHERE o_{c} IN {STAYS} AND n IN (SELECT n FROM w{block.number})"""
            )
    for table in plan.by_table:
        if plan.here.get(table):
            parts.append(_carried(plan, table))
    now_there = f"FROM {STORE}.import_word WHERE mapping = $mapping"
    told = "table_name, entity_id, account_id, contact_id, field, said, is_known, is_open, offered"
    plan.staging.run(
        f"""CREATE OR REPLACE TABLE word_next AS SELECT w.*, coalesce(p.since, $moment) AS since FROM ({" UNION ALL ".join(parts)}) AS w
        LEFT JOIN (SELECT * {now_there}) p ON {" AND ".join(f"p.{c.strip()} IS NOT DISTINCT FROM w.{c.strip()}" for c in told.split(","))}""",
        {"mapping": plan.mapping.name, "moment": moment},
    )
    moved = [
        f"(SELECT {told} FROM word_next EXCEPT SELECT {told} {now_there})", f"(SELECT {told} {now_there} EXCEPT SELECT {told} FROM word_next)",
    ]  # fmt: skip
    # Where the store's value is the last word now, the entries tell another one until this run is stored.
    words = ", ".join(("table_name", *NAMING, "field", "said"))
    moved += [
        f"""SELECT * FROM (SELECT '{table}', {", ".join(NAMING)}, unnest(fields), unnest(said) FROM here_{table} h WHERE {_of_mapping(plan, table)})
        EXCEPT SELECT {words} FROM word_next"""
        for table, fields in plan.here.items() if fields
    ]  # fmt: skip
    return any(
        plan.staging.value(f"SELECT count(*) FROM ({query})", {"mapping": plan.mapping.name} if "$mapping" in query else None)
        for query in moved
    )


def _of_mapping(plan: Plan, table: str) -> str:
    """Return SQL for *the row ``h`` came by this mapping*; TRUE for tables without ids, whose rows no key tells."""
    if not TABLES[table].has_id:
        return "TRUE"
    return f"h.entity_id IN (SELECT object_id FROM {STORE}.import_key WHERE mapping = '{plan.name}' AND table_name = '{table}')"


def _carried(plan: Plan, table: str) -> str:
    """Return SQL for the words of rows this file does not name: without them, naming a row again would take back a change made here."""
    stands = " AND ".join(
        f"{value} IS NOT DISTINCT FROM h.{part}" for part, value in zip(NAMING, named_by(plan, table, "t"), strict=True)
        if not value.startswith("NULL")
    )  # fmt: skip
    named = [
        f"""SELECT {", ".join(named_by(plan, table, "t"))} FROM w{block.number} q
        JOIN {STORE}.{table} t ON {plan.same_row(block)} WHERE q.row_state <> 'new'"""
        for block in plan.by_table[table]
    ]
    unnamed = " AND ".join(f"g.{part} IS NOT DISTINCT FROM h.{part}" for part in NAMING)
    return f"""SELECT '{table}', {", ".join(NAMING)}, field, said, is_known, is_open, offered FROM (
        SELECT {", ".join(f"h.{part}" for part in NAMING)}, unnest(h.fields) AS field, unnest(h.said) AS said, unnest(h.known) AS is_known,
            unnest(h.open) AS is_open, unnest(h.offered) AS offered, unnest(h.removed) AS was_removed,
            EXISTS (SELECT 1 FROM {STORE}.{table} t WHERE {stands}) AS is_there
        FROM here_{table} h WHERE {_of_mapping(plan, table)}
        AND NOT EXISTS (SELECT 1 FROM ({" UNION ALL ".join(named)}) AS g({", ".join(NAMING)}) WHERE {unnamed})
    ) WHERE is_there OR NOT was_removed"""
