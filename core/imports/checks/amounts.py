"""Check that amounts are not too large together: one of them is then a number of another kind, a client's perhaps or an account's."""

from __future__ import annotations

from core.imports.plan import Plan
from core.store.staging import STORE
from core.store.tables import TABLES

# The largest sum of a client's invoices or credits, and of an invoice's payments, signs left aside.
MAX_TOGETHER = "999999999999.99"
# Table: column of the amount, column of whose sum it is part.
AMOUNTS = {"invoice": ("total", "account_id"), "credit": ("amount", "account_id"), "payment": ("amount", "invoice_id")}


def check_amounts(plan: Plan) -> None:
    """Refuse the rows with which the amounts of a client or an invoice come to more than ``MAX_TOGETHER``."""
    for table, (amount, of) in AMOUNTS.items():
        blocks = [block for block in plan.by_table.get(table, ()) if {amount, of} <= set(plan.written(block))]
        if not blocks:
            continue
        key = TABLES[table].key[0]
        staged = " UNION ALL ".join(
            f"SELECT {block.number} AS block, n, line, object_id, {of} AS owner, {amount} AS amount FROM {plan.live(block)} AS q{block.number}"
            for block in blocks
        )
        there = f"""SELECT {of} AS owner, sum(abs({amount})::DECIMAL(38, 2)) AS amount FROM {STORE}.{table}
            WHERE {of} IN (SELECT owner FROM ({staged}) AS s) AND {key} NOT IN (SELECT object_id FROM ({staged}) AS s) GROUP BY {of}"""
        summed = f"""SELECT s.block, s.n, s.line, s.amount, coalesce(t.amount, 0)
                + sum(abs(s.amount)::DECIMAL(38, 2)) OVER (PARTITION BY s.owner ORDER BY s.block, s.n) AS together
            FROM ({staged}) AS s LEFT JOIN ({there}) AS t ON t.owner = s.owner WHERE s.amount IS NOT NULL"""
        for block in blocks:
            over = (
                f"SELECT n, line, amount::VARCHAR AS amount FROM ({summed}) AS x WHERE block = {block.number} AND together > {MAX_TOGETHER}"
            )
            plan.refuse(block, over, amount, f"amounts_{of.removesuffix('_id')}", "value")
