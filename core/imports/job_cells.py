"""Lay out what a rehearsal would change as one row per field, to be counted, searched, paged and decided."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.imports.gone import GONE
from core.imports.grants import LEAVABLE, named
from core.imports.last_words import CALLED, settled
from core.imports.mapping import Block
from core.imports.plan import Plan
from core.store.bulk_entries import recorded
from core.store.staging import STORE
from core.store.tables import TABLES

# ``h`` is what the digest is made of; ``is_other`` marks what differs from what was confirmed; ``kind_of`` is the SQL type of the values.
COLUMNS = "kind, block, n, table_name, source_key, client, col, label, kind_of, here, says, last, choice, ruled"
# Before the name of a column in ``o<block>``: outcome, last word, the store's and the file's value.
_LEAVABLE = f"kind IN ('new', 'changed') AND table_name IN {LEAVABLE}"
_BOTH = "('ask', 'first', 'ours', 'theirs')"


def make_cells(plan: Plan) -> None:
    """Make ``cell``: one row for each new row, and for each field that would change or was changed on both sides."""
    parts = [part for block in plan.mapping.blocks for part in _cells_of(plan, block)]
    parts += [_removed(plan, table) for table in plan.taken_away]
    nothing = "NULL::VARCHAR, NULL::INTEGER, NULL::BIGINT" + ", NULL::VARCHAR" * 10 + ", NULL::BOOLEAN"
    union = f"SELECT * FROM (SELECT {nothing} WHERE FALSE) AS c({COLUMNS})"
    plan.staging.run("CREATE TABLE IF NOT EXISTS cell_before (h UBIGINT)")
    plan.staging.run(
        f"CREATE OR REPLACE TABLE cell AS SELECT *, hash(kind, table_name, source_key, col, here, says) AS h, TRUE AS is_other FROM ({union}{''.join(f' UNION ALL {part}' for part in parts)})"
    )
    _add_whose(plan)


def _add_whose(plan: Plan) -> None:
    """Let the digest tell which records a cell is of and refers to, not only by which keys the file names them: a key can come to mean another."""
    for block in plan.mapping.blocks:
        own = ["object_id"] if TABLES[block.table].has_id else []
        own += [rule.column for rule in block.rules if rule.of]
        if "account_id" in {*plan.derived(block), *plan.written(block)}:
            own.append("account_id")
        # New records have no number yet.
        met = ", ".join(f"greatest(coalesce(q.{column}, 0), 0)" for column in dict.fromkeys(own))
        if met:
            plan.staging.run(f"UPDATE cell c SET h = hash(c.h, {met}) FROM w{block.number} q WHERE c.block = {block.number} AND c.n = q.n")


def _cells_of(plan: Plan, block: Block) -> Iterator[str]:
    """Yield a SELECT for each field of a block with anything to show."""
    i, table, own = block.number, block.table, plan.written(block)
    client, joins = _client(plan, block)
    states = dict(plan.staging.run(f"SELECT row_state, count(*) FROM w{i} GROUP BY 1"))
    place = f"{i}, q.n, '{table}', q.source_key, {client}"
    kinds = {"new": "'new'", "changed": "'changed'"}
    if block.gone_of is not None:
        place = f"{i}, q.n, '{table}', {_without_mark('q.source_key')}, {client}"
        back = f"q.source_key IN (SELECT source_key FROM back_{plan.mapping.blocks[block.gone_of].table})"
        kinds = dict.fromkeys(kinds, f"CASE WHEN {back} THEN 'back' ELSE 'gone' END")
    if states.get("new"):
        values = ", ".join(_file_value(plan, block, c) for c in own) or "''"
        yield f"""SELECT {kinds["new"]}, {place}, '', '', '', NULL, concat_ws(' · ', {values}), NULL, '', FALSE
            FROM w{i} q LEFT JOIN {STORE}.{table} t ON FALSE {joins} WHERE q.row_state = 'new'"""
    label, labelled = "'{c}'", ""
    if TABLES[table].one_field:
        label, labelled = "coalesce(d.label, '{c}')", f"LEFT JOIN {STORE}.custom_field d ON d.custom_field_id = q.custom_field_id"
    for c in settled(plan, block):
        kind = plan.columns[table][c][0]
        of = TABLES[table].references.get(c)
        name, kind_of = label.format(c=c), "VARCHAR" if of else kind
        if states.get("changed"):
            both = f" AND q.n NOT IN (SELECT n FROM o{i} WHERE o_{c} IN {_BOTH})" if i in plan.looked_at else ""
            here, called = _here(plan, block, c, f"t.{c}")
            yield f"""SELECT {kinds["changed"]}, {place}, '{c}', {name}, '{kind_of}', {here}, {_file_value(plan, block, c)}, NULL, '', FALSE
                FROM w{i} q JOIN {STORE}.{table} t ON {plan.same_row(block)} {joins} {labelled} {called}
                WHERE q.row_state = 'changed' AND {plan.differs(block, c)}{both}"""
        if i in plan.looked_at:
            here, called = _here(plan, block, c, f"o.s_{c}")
            says = f"q.k_{c}" if _refers(block, c) else recorded(f"o.f_{c}", kind)
            yield f"""SELECT 'both', {place}, '{c}', {name}, '{kind_of}', {here}, {says}, o.l_{c},
                CASE WHEN o.o_{c} IN ('ours', 'theirs') THEN o.o_{c} ELSE '' END, o.o_{c} IN ('ours', 'theirs')
                FROM o{i} o JOIN w{i} q ON q.n = o.n JOIN {STORE}.{table} t ON {plan.same_row(block)} {joins} {labelled} {called}
                WHERE o.o_{c} IN {_BOTH}"""


def _without_mark(key: str) -> str:
    """Return SQL for a key without the mark of rows that are gone."""
    return f"CASE WHEN starts_with({key}, '{GONE}') THEN substr({key}, {len(GONE) + 1}) ELSE {key} END"


def _removed(plan: Plan, table: str) -> str:
    """Return a SELECT of the rows that are removed: gone, or the payments of invoices that came back."""
    columns = {row[0] for row in plan.staging.run(f"DESCRIBE del_{table}")}
    key = _without_mark("d.source_key") if "source_key" in columns else "''"
    client, join = "NULL::VARCHAR", ""
    if of := next((of for of in ("account", "contact") if f"{of}_id" in columns), None):
        client, join = "c.name", f"LEFT JOIN {STORE}.{of} c ON c.{of}_id = d.{of}_id"
    # What is shown of it: the values no other row has.
    shown = [
        c
        for c in plan.columns[table]
        if c in columns and c not in TABLES[table].references and not c.endswith(("_id", "_at")) and c != "version"
    ]
    values = ", ".join(recorded(f"d.{c}", plan.columns[table][c][0]) for c in shown) or "''"
    kind = "back" if table == "payment" else "gone"
    return f"""SELECT '{kind}', -1, row_number() OVER (), '{table}', {key}, {client}, '', '', '', concat_ws(' · ', {values}), NULL, NULL, '', FALSE
        FROM del_{table} d {join}"""


def _refers(block: Block, column: str) -> bool:
    return any(rule.column == column and rule.of for rule in block.rules)


def _file_value(plan: Plan, block: Block, column: str) -> str:
    """Return SQL for what the file says of a field: of a reference the key it names."""
    return (
        f"replace(q.k_{column}, chr(31), ', ')" if _refers(block, column) else recorded(f"q.{column}", plan.columns[block.table][column][0])
    )


def _here(plan: Plan, block: Block, column: str, value: str) -> tuple[str, str]:
    """Return SQL for what stands here, of a reference the name, and the join it needs."""
    shown = recorded(value, plan.columns[block.table][column][0])
    of = TABLES[block.table].references.get(column)
    if of not in CALLED:
        return shown, ""
    return f"coalesce(p.{CALLED[of]}, {shown})", f"LEFT JOIN {STORE}.{of} p ON p.{TABLES[of].key[0]} = {value}"


def _client(plan: Plan, block: Block) -> tuple[str, str]:
    """Return SQL for the name of the client, contact or person a row belongs to, and the joins it needs."""
    own = plan.written(block)
    if column := {"account": "name", "contact": "name", "staff_member": "name"}.get(block.table):
        return (f"coalesce(q.{column}, t.{column})" if column in own else f"t.{column}"), ""
    for of in ("account", "contact", "staff_member"):
        if f"{of}_id" in own:
            names, joins = named(plan, (of,))
            return names[0], joins
    return "NULL::VARCHAR", ""


def apply_decisions(plan: Plan, decisions: Iterable[dict]) -> None:
    """Set the choice of open cells; a later decision counts. Each names ``cells`` (ids), or ``table`` and ``field``, and a ``choice``.

    Rows that give access can be left out: 'ours' for their cells.
    """
    plan.staging.run("UPDATE cell SET choice = '' WHERE NOT ruled")
    for decision in decisions:
        if "choice" not in decision:
            continue
        open_ones, named_by = "UPDATE cell SET choice = $choice WHERE kind = 'both' AND NOT ruled", {"choice": decision["choice"]}
        if "cells" in decision:
            if decision["choice"] != "theirs":
                open_ones = f"UPDATE cell SET choice = $choice WHERE NOT ruled AND (kind = 'both' OR {_LEAVABLE})"
            ids = "concat_ws(':', block, n, col) IN (SELECT unnest($ids::VARCHAR[]))"
            plan.staging.run(f"{open_ones} AND {ids}", named_by | {"ids": decision["cells"]})
        else:
            about = {"table": decision["table"], "field": decision["field"]}
            plan.staging.run(f"{open_ones} AND table_name = $table AND label = $field", named_by | about)


def leave_out(plan: Plan) -> None:
    """Take the rows that were left out from what is taken over; the file is asked about again the next time."""
    left = f"FROM cell WHERE choice = 'ours' AND {_LEAVABLE}"
    for (block,) in plan.staging.run(f"SELECT DISTINCT block {left}"):
        plan.staging.run(f"DELETE FROM w{block} WHERE n IN (SELECT n {left} AND block = {block})")


def keep_choices(plan: Plan) -> bool:
    """Make ``decision`` from the choices of open cells, for the comparison that is taken over; return whether there are any."""
    plan.staging.run(
        "CREATE OR REPLACE TABLE decision AS SELECT block, n, col, choice FROM cell WHERE kind = 'both' AND NOT ruled AND choice <> ''"
    )
    return plan.staging.value("SELECT 1 FROM decision LIMIT 1") is not None


def digest_of(plan: Plan) -> str:
    """Return the digest of all cells with what was chosen; good for as long as this version of the engine."""
    found = plan.staging.run("SELECT count(*), coalesce(sum(hash(h, choice)::HUGEINT), 0) FROM cell")[0]
    return f"{found[0]}-{found[1]:x}"


def remember_cells(plan: Plan) -> None:
    """Keep what is confirmed, so that only what differs from it is shown when the comparison comes out otherwise."""
    plan.staging.run("CREATE OR REPLACE TABLE cell_before AS SELECT DISTINCT h FROM cell")


def mark_others(plan: Plan) -> None:
    """Mark the cells that were not confirmed as they are now."""
    plan.staging.run("UPDATE cell SET is_other = h NOT IN (SELECT h FROM cell_before)")


def counts_of_cells(plan: Plan, *, others: bool = False) -> dict[str, int]:
    """Return how many cells of each kind there are."""
    return dict(plan.staging.run(f"SELECT kind, count(*) FROM cell{' WHERE is_other' if others else ''} GROUP BY 1"))
