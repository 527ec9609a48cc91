"""Leave out rows that people removed here, with the rows that refer to them; list a conflict where the file changed since."""

from __future__ import annotations

from core.imports.last_words import NAMING, find_changes, is_told, named_by, naming, parts_of, same_names, settled, word_of
from core.imports.mapping import Block
from core.imports.plan import Plan
from core.imports.problems import Problem
from core.imports.stage import SEPARATOR
from core.store.bulk_entries import recorded
from core.store.staging import STORE
from core.store.tables import TABLES


def leave_removed(plan: Plan) -> None:
    """Leave out rows that people removed here and rows that refer to them, noted in ``plan.away``; rows in ``plan.again`` stay."""
    run = plan.staging.run
    run("CREATE OR REPLACE TABLE removed_here (table_name TEXT, object_id BIGINT)")
    run("CREATE OR REPLACE TABLE away_key (block INTEGER, source_key TEXT)")
    run("CREATE OR REPLACE TABLE again_row (block INTEGER, n BIGINT)")
    run("CREATE OR REPLACE TABLE again_object (table_name TEXT, object_id BIGINT)")
    for table in plan.order:
        for block in plan.by_table[table]:
            _note_again(plan, block)
            gone = (
                "q.object_id < 0"
                if TABLES[table].is_keyed
                else f"NOT EXISTS (SELECT 1 FROM {STORE}.{table} t WHERE {plan.same_row(block)})"
            )
            if is_from_before(plan, table):
                numbers = _leave(plan, block, f"{gone} AND {_removed_before(plan, block)}")
                # Store the key: from now on it tells that the files named the row.
                keys = (
                    f"INSERT INTO away_key SELECT {block.number}, source_key FROM r{block.number} WHERE n IN (SELECT unnest($n::BIGINT[]))"
                )
                run(keys, {"n": numbers})
            else:
                _leave(plan, block, f"{gone} AND {was_known(plan, table)}", may_have_moved=True)
            for rule in block.rules:
                if rule.of:
                    gone = f"SELECT object_id FROM removed_here WHERE table_name = '{rule.of}'"
                    _leave(plan, block, f"q.{rule.column} IN ({gone})")
    for block in plan.by_table.get("email_access", ()):
        for links in plan.by_table.get("account_contact", ()):
            gone = f"SELECT account_id, contact_id FROM r{links.number} WHERE n IN (SELECT n FROM out_row WHERE block = {links.number})"
            _leave(plan, block, f"EXISTS (FROM ({gone}) g WHERE g.account_id = q.account_id AND g.contact_id = q.contact_id)")


def is_from_before(plan: Plan, table: str) -> bool:
    """Return whether the mapping last ran before keys of this table, which has none of its own in the files, were stored."""
    return plan.before is not None and not TABLES[table].is_keyed and not plan.has_keys(table)


def was_known(plan: Plan, table: str, key: str = "q.source_key") -> str:
    """Return SQL for *this mapping named the key before*, also where the record was erased and only a digest of the key is left."""
    ours = f"mapping = '{plan.name}' AND table_name = '{table}'"
    known = f"{key} IN (SELECT source_key FROM {STORE}.import_key WHERE {ours} AND ended IS NULL)"
    salts = plan.staging.run(
        f"SELECT DISTINCT split_part(source_key, ':', 1) FROM {STORE}.import_key WHERE {ours} AND ended = 'erased' ORDER BY 1"
    )
    erased = f"(SELECT source_key FROM {STORE}.import_key WHERE {ours} AND ended = 'erased')"
    digests = [f"'{salt}:' || sha256('{salt}' || {key}) IN {erased}" for (salt,) in salts]
    return f"({' OR '.join([known, *digests])})"


def _removed_before(plan: Plan, block: Block) -> str:
    """Return SQL for rows that were removed here after a run that stored no keys: their entries name them by their whole key."""
    spec, table = TABLES[block.table], block.table
    columns = {*plan.written(block)}
    named = {part: column for part, column in naming(spec, columns).items() if column in columns}
    keys = [column for column in spec.unique if column in columns]
    compared_at = plan.before.compared_at if plan.before else 0
    others = f"audit_entry_id > {compared_at} AND through IS DISTINCT FROM 'import'"
    if spec.one_field:
        removed = f"""SELECT {", ".join(NAMING)}, []::VARCHAR[] AS parts FROM {STORE}.audit_entry
            WHERE entity = '{table}' AND action = 'changed' AND {others} GROUP BY ALL
            HAVING arg_max_null(new_value, audit_entry_id) IS NULL"""
    else:
        # Entries of the two tables whose rows had no id then name a row by its parts.
        parts = ", ".join(NAMING if not spec.natural else ("NULL::BIGINT AS entity_id", *NAMING[1:]))
        removed = f"""SELECT {parts}, list(field || '=' || old_value) AS parts FROM {STORE}.audit_entry
            WHERE entity = '{table}' AND action = 'deleted' AND {others} GROUP BY {", ".join(NAMING)}, made_at"""
    same = [f"d.{part} IS NOT DISTINCT FROM q.{column}" for part, column in named.items()]
    rest = [] if spec.one_field else [column for column in keys if column not in named.values()]
    same += [f"(q.{c} IS NULL OR list_contains(d.parts, '{c}=' || CAST(q.{c} AS VARCHAR)))" for c in rest]
    return f"EXISTS (SELECT 1 FROM ({removed}) d WHERE {' AND '.join(same)})"


def _note_again(plan: Plan, block: Block) -> None:
    """Add to ``again_row`` the rows asked for again and those that refer to them."""
    if not plan.again:
        return
    wanted = [key for table, key in plan.again if table == block.table]
    terms = [f"(replace(q.source_key, '{SEPARATOR}', ',') IN (SELECT unnest($wanted)) OR q.source_key IN (SELECT unnest($wanted)))"]
    terms += [f"q.{rule.column} IN (SELECT object_id FROM again_object WHERE table_name = '{rule.of}')" for rule in block.rules if rule.of]
    rows = plan.staging.run(
        f"SELECT q.n, replace(q.source_key, '{SEPARATOR}', ',') FROM {plan.live(block)} AS q WHERE {' OR '.join(terms)}",
        {"wanted": wanted},
    )
    plan.made_again |= {(block.table, key) for _, key in rows}
    plan.staging.run(f"INSERT INTO again_row SELECT {block.number}, unnest($n::BIGINT[])", {"n": [n for n, _ in rows]})
    if TABLES[block.table].is_keyed:
        plan.staging.run(
            f"""INSERT INTO again_object SELECT '{block.table}', object_id FROM r{block.number}
            WHERE object_id < 0 AND n IN (SELECT n FROM again_row WHERE block = {block.number})"""
        )


def _leave(plan: Plan, block: Block, where: str, *, may_have_moved: bool = False) -> list[int]:
    """Leave these rows out and note them; return their numbers."""
    again = f" AND q.n NOT IN (SELECT n FROM again_row WHERE block = {block.number})" if plan.again else ""
    rows = plan.staging.run(f"SELECT q.n, q.line, q.source_key FROM {plan.live(block)} AS q WHERE {where}{again} ORDER BY q.n")
    if not rows:
        return []
    numbers = [n for n, *_ in rows]
    if TABLES[block.table].is_keyed:
        plan.staging.run(
            f"INSERT INTO removed_here SELECT '{block.table}', object_id FROM r{block.number} WHERE object_id < 0 AND n IN (SELECT unnest($n))",
            {"n": numbers},
        )
    if may_have_moved:
        _moved(plan, block, numbers)
    plan.drop(block, numbers, told=False)
    file, key = plan.file_of(block), plan.key_shown
    away = (Problem(file, line, "", "away", {"table": block.table, "key": key(named)}) for _, line, named in rows)
    plan.away.take(away, len(rows))
    return numbers


def _moved(plan: Plan, block: Block, numbers: list[int]) -> None:
    """Note the fields the file changed since the row was removed here."""
    spec, table = TABLES[block.table], block.table
    # A record it refers to may have been made again: that alone is no change of the file.
    columns = [] if spec.one_field else [c for c in settled(plan, block) if c not in spec.references]
    if not columns:
        return
    told = find_changes(plan, table)
    ours = f"mapping = '{plan.name}' AND table_name = '{table}'"
    source = f"FROM r{block.number} q"
    if spec.has_id:
        source += f" JOIN (SELECT source_key, object_id FROM {STORE}.import_key WHERE {ours}) k ON k.source_key = q.source_key"
        names = ["k.object_id", "NULL::BIGINT", "NULL::BIGINT"]
    else:
        names = named_by(plan, table, "q")
    source += f""" JOIN (SELECT {parts_of(spec)},
            list(field) AS fields, list(old_value) AS said, list(old_value IS NOT NULL OR old_digest IS NULL) AS known
        FROM (SELECT *, max(made_at) OVER (PARTITION BY {"entity_id" if spec.has_id else ", ".join(NAMING)}) AS last FROM {STORE}.audit_entry
              WHERE entity = '{table}' AND action = 'deleted' AND field IS NOT NULL) WHERE made_at = last GROUP BY 1, 2, 3) d
        ON {same_names("d", names)}"""
    if told:
        source += f" LEFT JOIN here_{table} h ON {same_names('h', names)}"
    for c in columns:
        kind = plan.columns[table][c][0]
        says = recorded(f"q.{c}", kind)
        last, known = f"d.said[list_position(d.fields, '{c}')]", f"coalesce(d.known[list_position(d.fields, '{c}')], TRUE)"
        if told:
            last = f"CASE WHEN {is_told(c)} THEN {word_of('said', c)} ELSE {last} END"
            known = f"CASE WHEN {is_told(c)} THEN {word_of('known', c)} ELSE {known} END"
        rows = plan.staging.run(
            f"SELECT q.line, {says}, {last} {source} WHERE q.n IN (SELECT unnest($n)) AND {known} AND {last} IS DISTINCT FROM {says} ORDER BY q.n",
            {"n": numbers},
        )
        place = plan.file_of(block)
        moved = (
            Problem(place, line, c, "conflict_removed", {"table": table, "value": str(said or ""), "here": str(was or ""), "kind": kind})
            for line, said, was in rows
        )
        plan.conflicts.take(moved, len(rows))
