"""Note values of new and changed rows that the store keeps in another form than the file has them."""

from __future__ import annotations

from core.imports.mapping import Block
from core.imports.plan import Plan
from core.imports.problems import Problem, Told
from core.overview.invoice_status import HELD, status_from
from core.store.staging import STORE
from core.store.tables import TABLES


def note_kept_otherwise(plan: Plan) -> None:
    """Add a problem to ``plan.noted_here`` for each value that is not kept as the file says it; none of them refuses its row."""
    found = plan.noted_here
    for block in plan.mapping.blocks:
        if block.table == "invoice" and "status" in plan.written(block):
            _status(plan, block, found)
        if block.table == "photo":
            _second_photo(plan, block, found)
        if block.distinct:
            _repeated(plan, block, found)


def _status(plan: Plan, block: Block, found: Told) -> None:
    """Note a status that does not follow from the payments, those of the files and those of the store."""
    staged = [f"SELECT object_id, invoice_id, amount FROM w{b.number}" for b in plan.by_table.get("payment", ())]
    union = (
        " UNION ALL ".join(staged)
        or "SELECT NULL::BIGINT AS object_id, NULL::BIGINT AS invoice_id, NULL::DECIMAL(14,2) AS amount WHERE FALSE"
    )
    total = "q.total" if "total" in plan.written(block) else "t.total"
    rows = plan.staging.run(
        f"""WITH paid AS (
            SELECT invoice_id, sum(amount) AS paid FROM (SELECT invoice_id, amount FROM ({union}) UNION ALL
                SELECT invoice_id, amount FROM {STORE}.payment WHERE payment_id NOT IN (SELECT object_id FROM ({union})))
            GROUP BY 1),
        judged AS (
            SELECT q.n, q.line, q.status, {status_from("coalesce(p.paid, 0)", total)} AS follows,
                coalesce(p.paid, 0) AS paid, {total} AS total
            FROM w{block.number} q LEFT JOIN paid p ON p.invoice_id = q.object_id LEFT JOIN {STORE}.invoice t ON t.invoice_id = q.object_id
            WHERE q.row_state <> 'same' AND q.status NOT IN {HELD})
        SELECT line, status, follows, paid, total FROM judged WHERE status <> follows ORDER BY n"""
    )
    file = plan.file_of(block)
    told = (
        Problem(file, line, "status", "status_follows", {"value": status, "kept": follows, "paid": str(paid), "total": str(total)})
        for line, status, follows, paid, total in rows
    )
    found.take(told, len(rows))


def _second_photo(plan: Plan, block: Block, found: Told) -> None:
    """Note all but the last of several new photos of a client, who has one."""
    rows = plan.staging.run(
        f"""SELECT line, last_line FROM (SELECT n, line, row_number() OVER (PARTITION BY account_id ORDER BY n DESC) AS turn,
            first(line) OVER (PARTITION BY account_id ORDER BY n DESC) AS last_line FROM w{block.number} WHERE row_state = 'new')
        WHERE turn > 1 ORDER BY n"""
    )
    found.take((Problem(plan.file_of(block), line, "", "photo_second", {"line": last}) for line, last in rows), len(rows))


def _repeated(plan: Plan, block: Block, found: Told) -> None:
    """Note what later rows with the same key say otherwise: the first one counts."""
    columns = [rule.column for rule in block.rules if not rule.is_file]
    shown = [f"k_{rule.column}" if rule.of else rule.column for rule in block.rules if not rule.is_file]
    source = f"{'b' if TABLES[block.table].is_keyed else 'r'}{block.number}"
    for column, own in zip(columns, shown, strict=True):
        rows = plan.staging.run(
            f"""SELECT line, said, first_said, first_line FROM (
                SELECT n, line, CAST({own} AS VARCHAR) AS said, first(CAST({own} AS VARCHAR)) OVER w AS first_said, first(line) OVER w AS first_line
                FROM {source} WINDOW w AS (PARTITION BY source_key ORDER BY n))
            WHERE said IS DISTINCT FROM first_said ORDER BY n"""
        )
        file = plan.file_of(block)
        told = (
            Problem(file, line, column, "repeated_otherwise", {"value": said or "", "kept": first_said or "", "line": first_line})
            for line, said, first_said, first_line in rows
        )
        found.take(told, len(rows))
