"""Find what a list no longer names, and what came back: rows a run settles, changes or removes beside those of its files.

A table with ``gone`` has a block of no file (``core.imports.gone_rules``); here its rows are made, each with the key of the missing row
behind ``GONE``. That key stays as long as the row is gone: while it stands, nothing happens a second time, so what staff opened again
stays open; when the list names the row again it ends, and what it did is taken back.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time

from core.imports.gone_rules import KEEP, OF_FILE, SETS
from core.imports.last_words import named_by, parts_of, same_names
from core.imports.made_rows import THROUGH as TAKEN_BACK
from core.imports.mapping import Block
from core.imports.meeting import by
from core.imports.plan import Plan
from core.imports.problems import MappingInvalid, Problem
from core.imports.stage import SEPARATOR, UNTOLD
from core.store import now
from core.store.staging import STORE
from core.store.tables import TABLES

GONE = f"gone{SEPARATOR}"
METHOD = "Liste"
# With fewer rows than this open, any number of them may be gone at once.
FEW_ROWS = 6
# Which rows ``t`` of a table are open: those that can be gone.
_OPEN = {
    "invoice": "CASE WHEN t.total < 0 THEN t.paid_amount > t.total ELSE t.paid_amount < t.total END",
    "task": "t.status NOT IN ('completed', 'canceled')", "job": "t.status = 'active'", "account": "t.archived_at IS NULL",
    "organizer": "t.archived_at IS NULL", "custom_field": "t.retired_at IS NULL",
    "email_access": "(t.login OR t.email_sync OR t.notify OR t.signatory)",
}  # fmt: skip
# What a row that came back has again where neither the file nor the record tells.
_BACK = {"task": "planned", "job": "active"}


def day_of(plan: Plan, block: Block) -> date:
    """Return the day of the list a block is fed by, never one ahead."""
    source, today = plan.mapping.sources[block.source], now().replace(tzinfo=UTC)
    if block.as_of != OF_FILE:
        return date.fromisoformat(str(block.as_of))
    return datetime.fromtimestamp(min(source.path.stat().st_mtime, today.timestamp()), source.zone).date()


def states(plan: Plan) -> list[Block]:
    """Return of each table that is a state its first block."""
    found: dict[str, Block] = {}
    for block in plan.mapping.blocks:
        if block.gone != KEEP and block.gone_of is None:
            found.setdefault(block.table, block)
    return list(found.values())


def find_gone(plan: Plan) -> None:
    """Make ``open_<table>`` of the rows that can be gone, and ``r<block>`` of the generated blocks. Raises MappingInvalid for too many."""
    plan.taken_away = {}
    stops = []
    for block in states(plan):
        _open_rows(plan, block)
        stops += _stops(plan, block)
    if stops:
        raise MappingInvalid(stops)
    plan.take_blocks(generated=True)
    for block in plan.mapping.blocks:
        if block.gone_of is None:
            continue
        _make(plan, block)
        if block.table == "payment":
            _owed(plan, block)
        elif block.table in SETS:
            _came_back(plan, block)


def _fed(plan: Plan, block: Block) -> list[Block]:
    """Return the blocks of a table that files feed."""
    return [other for other in plan.by_table[block.table] if other.gone_of is None]


def _known_rows(plan: Plan, block: Block) -> str:
    """Return a SELECT of the rows that came by this mapping and are there: ``source_key`` and the row's own columns."""
    spec = TABLES[block.table]
    keys = f"""SELECT source_key, object_id AS known_id, string_split(source_key, chr(31)) AS parts FROM {STORE}.import_key
        WHERE mapping = '{plan.name}' AND table_name = '{block.table}' AND NOT starts_with(source_key, 'gone' || chr(31))"""
    if spec.is_keyed:
        # A row whose key a list ended is there only when the import that removed it was taken back.
        keys += " AND (ended IS NULL OR ended = 'file')"
        return f"SELECT k.source_key, t.* FROM ({keys}) k JOIN {STORE}.{block.table} t ON t.{spec.key[0]} = k.known_id"
    keys += " AND ended IS NULL"
    rules, joins, same = {rule.column: rule for rule in block.rules}, [], []
    for place, column in enumerate(spec.unique, 1):
        rule = rules.get(column)
        if rule is not None and rule.of:
            source = by(plan, rule.of, rule.by) if rule.by else plan.known(rule.of)
            joins.append(f"JOIN {source} j{place} ON j{place}.source_key = k.parts[{place}]")
            same.append(f"t.{column} = j{place}.object_id")
        else:
            same.append(f"coalesce(CAST(t.{column} AS VARCHAR), '') = k.parts[{place}]")
    return f"SELECT k.source_key, t.* FROM ({keys}) k {' '.join(joins)} JOIN {STORE}.{block.table} t ON {' AND '.join(same)}"


def _open_rows(plan: Plan, block: Block) -> None:
    """Make ``open_<table>``: the open rows of this mapping, one each, with ``is_named`` and ``was_gone``."""
    spec, table = TABLES[block.table], block.table
    fed = _fed(plan, block)
    named = " UNION ALL ".join(f"SELECT source_key FROM r{b.number}" for b in fed)
    if spec.is_keyed:
        same = f"t.{spec.key[0]} IN (SELECT object_id FROM id_{table})"
    else:
        rows = " UNION ALL ".join(f"SELECT {', '.join(plan.own_or_null(b, c) for c in spec.unique)} FROM r{b.number}" for b in fed)
        same = f"EXISTS (SELECT 1 FROM ({rows}) q WHERE {' AND '.join(f'q.{c} IS NOT DISTINCT FROM t.{c}' for c in spec.unique)})"
    where = [_OPEN.get(table, "TRUE")]
    if block.gone_within:
        clients = " UNION ALL ".join(f"SELECT account_id FROM r{b.number} WHERE account_id IS NOT NULL" for b in fed)
        where.append(f"t.account_id IN ({clients})")
    key = ", ".join(spec.key)
    plan.staging.run(
        f"""CREATE OR REPLACE TABLE open_{table} AS
        SELECT t.*, t.source_key IN ({named}) OR t.source_key IN (SELECT source_key FROM bad_key WHERE table_name = '{table}') OR {same} AS is_named,
            EXISTS (SELECT 1 FROM {STORE}.import_key g WHERE g.mapping = '{plan.name}' AND g.table_name = '{_marked(block)}' AND g.ended IS NULL
                AND g.source_key = '{GONE}' || t.source_key){_but_taken_back(plan, block)} AS was_gone
        FROM ({_known_rows(plan, block)}) t WHERE {" AND ".join(where)} QUALIFY row_number() OVER (PARTITION BY {key} ORDER BY is_named DESC) = 1
        ORDER BY {key}"""
    )
    untold = f"SELECT 1 FROM bad_key WHERE table_name = '{table}' AND source_key = '{UNTOLD}' LIMIT 1"
    if plan.had_problems and (not spec.is_keyed or plan.staging.value(untold)):
        _take_none(plan, block)


def _take_none(plan: Plan, block: Block) -> None:
    """Take no row for gone: any of those that are not named may be one that could not be read. Tells how many that are."""
    count = plan.staging.value(f"SELECT count(*) FROM open_{block.table} WHERE NOT is_named AND NOT was_gone")
    if count:
        told = Problem(plan.file_of(block), 0, block.table, "gone_unread", {"table": block.table, "n": count, "count": count})
        plan.noted_here.take([told], 1)
    plan.staging.run(f"UPDATE open_{block.table} SET is_named = TRUE")


def _but_taken_back(plan: Plan, block: Block) -> str:
    """Return the condition that the run that settled the row ``t`` still stands; a payment goes with its own run."""
    if block.table not in SETS:
        return ""
    field, key = SETS[block.table][0], TABLES[block.table].key[0]
    return f""" AND NOT EXISTS (SELECT 1 FROM {STORE}.import_run u WHERE u.mapping = '{plan.name}' AND u.undone_at IS NOT NULL AND u.made_at = (
        SELECT max(e.made_at) FROM {STORE}.audit_entry e WHERE e.entity = '{block.table}' AND e.entity_id = t.{key} AND e.field = '{field}'
        AND e.through = 'import' AND {"e.new_value = 'completed'" if field == "status" else "e.new_value IS NOT NULL"}))"""


def _marked(block: Block) -> str:
    """Return the table of the rows that say that a row is gone."""
    return "payment" if block.gone == "paid" else block.table


def _stops(plan: Plan, block: Block) -> list[Problem]:
    """Return why this file cannot be the whole list: it is empty, or too much is gone at once."""
    file = plan.file_of(block)
    if not any(plan.rows_of_files.get(b.source, 1) for b in _fed(plan, block)):
        return [Problem(file, 0, block.table, "gone_empty")]
    [(there, gone, keys)] = plan.staging.run(
        f"""SELECT count(*), count(*) FILTER (WHERE NOT is_named), list(source_key ORDER BY source_key) FILTER (WHERE NOT is_named)
        FROM open_{block.table} WHERE NOT was_gone"""
    )
    if plan.accepts_gone or there < FEW_ROWS or gone * 100 <= block.gone_at_most * there:
        return []
    some = "; ".join(plan.key_shown(key) for key in keys[:3]) + (" …" if gone > 3 else "")
    values = {"table": block.table, "n": gone, "count": gone, "there": there, "most": block.gone_at_most, "keys": some}
    return [Problem(file, 0, block.table, "gone_many", values)]


def _parent(plan: Plan, block: Block) -> Block:
    assert block.gone_of is not None
    return plan.mapping.blocks[block.gone_of]


def _make(plan: Plan, block: Block) -> None:
    """Make ``r<block>``, a row for each row that is gone for the first time."""
    of = _parent(plan, block)
    day, i = day_of(plan, of), block.number
    begin = f"""SELECT row_number() OVER () AS n, 0::INTEGER AS line, '{GONE}' || t.source_key AS source_key, NULL::INTEGER AS shape,
        NULL::BIGINT AS known_id"""
    rows = f"FROM (SELECT * FROM open_{of.table} WHERE NOT is_named AND NOT was_gone) t"
    if block.table == "payment":
        picked = f"""-({plan.new_ids} + row_number() OVER ()) AS object_id, t.source_key AS k_invoice_id, t.invoice_id, DATE '{day}' AS paid_on,
            (t.total - t.paid_amount)::DECIMAL(14,2) AS amount, '{METHOD}' AS method, t.account_id"""
    elif block.table == "email_access":
        refers, switches = ("account_id", "contact_id", "contact_email_id"), [rule.column for rule in block.rules if not rule.of]
        picked = ", ".join([*(f"t.{c}, NULL::VARCHAR AS k_{c}" for c in refers), *(f"FALSE AS {c}" for c in switches)])
    else:
        sets = {"status": "'completed'"} | dict.fromkeys(("completed_at", "archived_at", "retired_at"), f"TIMESTAMP '{_moment(day)}'")
        own = [f"{sets[c]} AS {c}" for c in SETS[block.table]]
        own += ["t.account_id", "NULL::VARCHAR AS k_account_id"] if any(rule.of for rule in block.rules) else []
        picked = f"t.{TABLES[block.table].key[0]} AS object_id, {', '.join(own)}"
    plan.staging.run(f"CREATE OR REPLACE TABLE r{i} AS {begin}, {picked} {rows} ORDER BY t.source_key")
    if block.table == "payment":
        plan.new_ids += plan.staging.value(f"SELECT count(*) FROM r{i}") or 0


def _moment(day: date) -> str:
    """Return the noon of a day, at most now."""
    return str(min(datetime.combine(day, time(12)), now()))


def _owed(plan: Plan, block: Block) -> None:
    """Pay what is open beside the payments this run brings for the same invoice."""
    brought = [f"SELECT object_id, invoice_id, amount FROM {plan.live(b)} AS q" for b in _fed(plan, block)]
    if not brought:
        return
    union = " UNION ALL ".join(brought)
    plan.staging.run(
        f"""UPDATE r{block.number} r SET amount = (t.total - coalesce(p.paid, 0))::DECIMAL(14,2) FROM {STORE}.invoice t LEFT JOIN (
            SELECT invoice_id, sum(amount) AS paid FROM (SELECT invoice_id, amount FROM ({union}) UNION ALL
                SELECT invoice_id, amount FROM {STORE}.payment WHERE payment_id NOT IN (SELECT object_id FROM ({union}))) GROUP BY 1) p
        ON p.invoice_id = t.invoice_id WHERE t.invoice_id = r.invoice_id"""
    )
    plan.staging.run(f"DELETE FROM r{block.number} WHERE amount = 0")


def _ours(table: str, column: str) -> str:
    """Return SQL for *nobody changed this field of the row ``t`` since an import did*."""
    key = TABLES[table].key[0]
    return f"""coalesce((SELECT arg_max(e.through = 'import', e.audit_entry_id) FROM {STORE}.audit_entry e WHERE e.entity = '{table}'
        AND e.entity_id = t.{key} AND e.field = '{column}'), TRUE)"""


def _came_back(plan: Plan, block: Block) -> None:
    """Add to ``r<block>`` the rows the list names again: open as before, unless somebody changed them since."""
    i, table, key = block.number, block.table, TABLES[block.table].key[0]
    first, *_ = SETS[table]
    named = " UNION ALL ".join(
        f"SELECT source_key, object_id, {'status' if 'status' in plan.written(b) else 'NULL::VARCHAR AS status'} FROM {plan.live(b)} AS q"
        for b in _fed(plan, block)
    )
    before = f"""(SELECT arg_max(e.old_value, e.audit_entry_id) FROM {STORE}.audit_entry e WHERE e.entity = '{table}' AND e.entity_id = t.{key}
        AND e.field = 'status' AND e.new_value = 'completed' AND e.through = 'import')"""
    sets = {
        "status": f"coalesce(q.status, {before}, '{_BACK.get(table)}')",
        "completed_at": "CASE WHEN q.status = 'completed' THEN t.completed_at END", "archived_at": "NULL", "retired_at": "NULL",
    }  # fmt: skip
    own = [f"{sets[c]} AS {c}" for c in SETS[table]]
    own += ["t.account_id", "NULL::VARCHAR AS k_account_id"] if any(rule.of for rule in block.rules) else []
    is_gone = "t.status = 'completed'" if first == "status" else f"t.{first} IS NOT NULL"
    plan.staging.run(
        f"""INSERT INTO r{i} BY NAME SELECT row_number() OVER () + (SELECT count(*) FROM r{i}) AS n, 0 AS line, g.source_key, g.shape,
            g.object_id AS known_id, g.object_id, {", ".join(own)}
        FROM {STORE}.import_key g JOIN ({named}) q ON g.source_key = '{GONE}' || q.source_key
        JOIN {STORE}.{table} t ON t.{key} = g.object_id
        WHERE g.mapping = '{plan.name}' AND g.table_name = '{table}' AND g.ended IS NULL AND {is_gone} AND {_ours(table, first)}"""
    )


def remove_gone(plan: Plan) -> None:
    """Make ``del_<table>``, the rows to remove, and ``end_key``, the keys that end; note in ``plan.moved`` what moved per table."""
    plan.staging.run("CREATE OR REPLACE TABLE end_key (table_name TEXT, source_key TEXT)")
    plan.moved = {}
    for block in states(plan):
        table, marked = block.table, _marked(block)
        live = " UNION ALL ".join(f"SELECT source_key FROM w{b.number}" for b in _fed(plan, block))
        back = f"""SELECT g.* FROM {STORE}.import_key g JOIN (SELECT DISTINCT '{GONE}' || source_key AS source_key FROM ({live})) q USING (source_key)
            WHERE g.mapping = '{plan.name}' AND g.table_name = '{marked}' AND g.ended IS NULL"""
        plan.staging.run(f"CREATE OR REPLACE TABLE back_{table} AS {back}")
        plan.staging.run(f"INSERT INTO end_key SELECT '{marked}', source_key FROM back_{table}")
        if block.gone == "paid":
            untouched = f"""NOT EXISTS (SELECT 1 FROM {STORE}.audit_entry e WHERE e.entity = 'payment' AND e.entity_id = t.payment_id
                AND e.through <> 'import')"""
            _remove(
                plan,
                "payment",
                f"SELECT t.*, g.source_key FROM back_invoice g JOIN {STORE}.payment t ON t.payment_id = g.object_id WHERE {untouched}",
            )
        elif block.gone == "delete" and table != "email_access":
            _delete(plan, block)
        plan.moved[table] = _moved(plan, block)


def _remove(plan: Plan, table: str, rows: str) -> None:
    """Make ``del_<table>`` of these rows of the store."""
    plan.staging.run(f"CREATE OR REPLACE TABLE del_{table} AS {rows}")
    if count := plan.staging.value(f"SELECT count(*) FROM del_{table}"):
        plan.taken_away[table] = count


def _delete(plan: Plan, block: Block) -> None:
    """Remove rows that are gone; their keys end, so that a list that names them again makes them anew."""
    table = block.table
    gone = f"SELECT t.* FROM open_{table} t WHERE NOT is_named"
    touched = _touched(plan, table)
    kept = [key for (key,) in plan.staging.run(f"{gone.replace('t.*', 'source_key')} AND {touched} ORDER BY 1")]
    told = (Problem(plan.file_of(block), 0, table, "gone_touched", {"table": table, "key": plan.key_shown(key)}) for key in kept)
    plan.noted_here.take(told, len(kept))
    plan.kept += len(kept)
    gone += f" AND NOT {touched}"
    _remove(plan, table, gone if table != "account_contact" else _but_the_last(plan, block, gone))
    if table == "account_contact":
        _access_of_links(plan)
    plan.staging.run(f"INSERT INTO end_key SELECT '{table}', source_key FROM del_{table}")


def _touched(plan: Plan, table: str) -> str:
    """Return SQL for *somebody changed the row ``t``, or made it again, since this mapping ran first*: that no list removes."""
    since = plan.staging.value(f"SELECT min(compared_at) FROM {STORE}.import_run WHERE mapping = '{plan.name}'") or 0
    return f"""EXISTS (SELECT 1 FROM (SELECT {parts_of(TABLES[table])} FROM {STORE}.audit_entry WHERE entity = '{table}'
        AND audit_entry_id > {since} AND action IN ('created', 'changed') AND coalesce(through, '') NOT IN ('import', '{TAKEN_BACK}')) e
        WHERE {same_names("e", named_by(plan, table, "t"))})"""


def _but_the_last(plan: Plan, block: Block, gone: str) -> str:
    """Return a SELECT of the links that go: a client keeps a contact, and a contact a client. Those that stay are told."""
    new = "".join(f" UNION ALL SELECT account_id, contact_id FROM w{b.number} WHERE row_state = 'new'" for b in _fed(plan, block))
    left = f"""SELECT account_id, contact_id FROM {STORE}.account_contact t
        WHERE NOT EXISTS (SELECT 1 FROM ({gone}) g WHERE g.account_id = t.account_id AND g.contact_id = t.contact_id){new}"""
    stays = [
        f"{c} NOT IN (SELECT {c} FROM ({left})) AND row_number() OVER (PARTITION BY {c} ORDER BY contact_id, account_id) = 1"
        for c in ("account_id", "contact_id")
    ]
    plan.staging.run(f"CREATE OR REPLACE TABLE last_link AS SELECT *, ({stays[0]}) OR ({stays[1]}) AS stays FROM ({gone})")
    kept = [key for (key,) in plan.staging.run("SELECT source_key FROM last_link WHERE stays ORDER BY 1")]
    told = (Problem(plan.file_of(block), 0, "account_contact", "link_last", {"key": plan.key_shown(key)}) for key in kept)
    plan.noted_here.take(told, len(kept))
    return "SELECT * EXCLUDE (stays) FROM last_link WHERE NOT stays"


def _access_of_links(plan: Plan) -> None:
    """Remove the access of contacts whose link to the client goes, as unlinking does."""
    of = "JOIN del_account_contact d ON d.account_id = t.account_id AND d.contact_id = t.contact_id"
    _remove(plan, "email_access", f"SELECT t.*, d.source_key FROM {STORE}.email_access t {of}")
    for block in plan.by_table.get("email_access", ())[:1]:
        plan.staging.run(f"INSERT INTO end_key SELECT 'email_access', t.source_key FROM ({_known_rows(plan, block)}) t {of}")


def _moved(plan: Plan, block: Block) -> dict[str, object]:
    """Return what moved in a table since the list before, as ``import_feed`` keeps it."""
    table, value = block.table, plan.staging.value
    fed = _fed(plan, block)
    new = sum(value(f"SELECT count(*) FROM w{b.number} WHERE row_state = 'new'") for b in fed)
    numbers = ", ".join(str(b.number) for b in fed)
    unknown = value(f"SELECT count(*) FROM out_row WHERE block IN ({numbers}) AND (told OR lost)")
    unknown += value(f"SELECT count(DISTINCT (file, line)) FROM bad_key WHERE table_name = '{table}'")
    gone_blocks = [b for b in plan.mapping.blocks if b.gone_of == block.number]
    gone = value(f"SELECT count(*) FROM open_{table} WHERE NOT is_named AND NOT was_gone")
    kept = value(f"SELECT count(*) FROM open_{table} WHERE NOT is_named AND was_gone")
    moved: dict[str, object] = {"kind": block.gone, "first": plan.before is None, "new": new, "unknown": unknown}
    if block.gone == "paid":
        [(gone, amount)] = plan.staging.run(f"SELECT count(*), coalesce(sum(amount), 0)::VARCHAR FROM w{gone_blocks[0].number}")
        parts = [f"SELECT invoice_id FROM w{b.number} WHERE row_state <> 'same'" for b in plan.by_table["payment"] if b.gone_of is None]
        part = value(f"SELECT count(DISTINCT invoice_id) FROM ({' UNION ALL '.join(parts)})") if parts else 0
        moved |= {"amount": amount, "part": part}
    elif block.gone == "delete" and not gone_blocks:
        gone = plan.taken_away.get(table, 0)
    plan.kept += kept
    return moved | {"gone": gone, "back": value(f"SELECT count(*) FROM back_{table}"), "kept": kept}


def feeds(plan: Plan) -> dict[str, dict[str, object]]:
    """Return per table that a list feeds, or that has a day, the rest of its row of ``import_feed``."""
    days: dict[str, date] = {}
    for block in plan.mapping.blocks:
        if block.as_of is not None and block.gone_of is None:
            day = day_of(plan, block)
            days[block.table] = max(day, days.get(block.table, day))
    return {table: {"as_of": day, "moved": json.dumps(plan.moved.get(table, {}))} for table, day in days.items()}
