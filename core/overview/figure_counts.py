"""The counts among the figures of each client: NEU, open tasks, what is to sign, unbilled time, and what is due on which day.

The widgets show the same numbers of one client. What is overdue hangs on the day, so the days are kept, and compared with today when
they are read: a list in which nothing was written is right tomorrow too.
"""

from __future__ import annotations

from core.overview.net_due import IS_HELD, OWED


def _to_sign(table: str, of: str) -> str:
    """Return a SELECT of account_id, one row for each document of a table that is still to be signed by somebody who may."""
    return f"""SELECT p.account_id FROM {table} p LEFT JOIN (
            SELECT g.{table}_id, count(*) FILTER (WHERE g.signed_at IS NOT NULL OR a.signatory) AS asked
            FROM signatory g LEFT JOIN email_access a ON a.account_id = g.account_id AND a.contact_email_id = g.contact_email_id
            WHERE g.account_id IN ({of}) AND g.{table}_id IS NOT NULL GROUP BY g.{table}_id) x USING ({table}_id)
        WHERE p.account_id IN ({of}) AND p.status IN ('pending', 'partially_signed') AND x.asked IS DISTINCT FROM 0"""


def count_tables(of: str) -> str:
    """Return the parts of the WITH clause of ``figures_select`` that count, for the account ids the SQL text ``of`` yields."""
    return f"""
    uploaded AS (SELECT account_id, count(*) AS new_count FROM document
                 WHERE account_id IN ({of}) AND is_from_client AND seen_at IS NULL GROUP BY account_id),
    planned AS (SELECT account_id, count(*) AS open_task_count,
                       list(due_on ORDER BY due_on) FILTER (WHERE due_on IS NOT NULL) AS task_dues
                FROM task WHERE account_id IN ({of}) AND status IN ('planned', 'in_progress') GROUP BY account_id),
    to_sign AS (SELECT account_id, count(*) AS to_sign_count FROM (
        {_to_sign("signature", of)} UNION ALL {_to_sign("contract", of)}) AS paper GROUP BY account_id),
    unbilled AS (SELECT account_id, sum(minutes) AS unbilled_minutes, sum(amount) AS unbilled_amount
                 FROM time_entry WHERE account_id IN ({of}) AND NOT is_billed GROUP BY account_id),
    due AS (SELECT account_id, list({{'due_on': due_on, 'amount': owed}} ORDER BY due_on, owed) AS invoice_dues FROM (
                SELECT account_id, due_on, ({OWED})::DECIMAL(18, 2) AS owed FROM invoice
                WHERE account_id IN ({of}) AND total > paid_amount AND due_on IS NOT NULL AND NOT ({IS_HELD})) AS balance GROUP BY account_id)"""


COUNT_COLUMNS = """coalesce(new_count, 0)::INTEGER AS new_count, coalesce(open_task_count, 0)::INTEGER AS open_task_count,
           coalesce(to_sign_count, 0)::INTEGER AS to_sign_count, coalesce(unbilled_minutes, 0)::BIGINT AS unbilled_minutes,
           coalesce(unbilled_amount, 0)::DECIMAL(18, 2) AS unbilled_amount, invoice_dues, task_dues"""
COUNT_JOINS = "".join(f"\n    LEFT JOIN {name} USING (account_id)" for name in ("uploaded", "planned", "to_sign", "unbilled", "due"))
