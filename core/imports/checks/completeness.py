"""Check that new records have their required fields, contacts one primary address, and that there is one firm."""

from __future__ import annotations

from core.imports.plan import Plan
from core.store.staging import STORE


def check_complete(plan: Plan) -> None:
    """Refuse new records that a form would not save, a second primary address and a second firm. Needs ``field_def``."""
    for scope in ("account", "contact"):
        _check_required(plan, scope)
    _check_primary(plan)
    _check_firm(plan)


def _check_required(plan: Plan, scope: str) -> None:
    """Refuse new records without a required field; a value that was refused itself is not called missing as well."""
    given = [
        f"""SELECT {scope}_id AS owner, custom_field_id FROM r{block.number}
            WHERE value IS NOT NULL OR n IN (SELECT n FROM out_row WHERE block = {block.number})"""
        for block in plan.by_table.get(f"{scope}_field_value", ())
    ]
    if scope == "contact":
        given += [
            f"SELECT contact_id AS owner, custom_field_id FROM r{block.number} WHERE email IS NOT NULL"
            for block in plan.by_table.get("contact_email", ())
            if "custom_field_id" in {rule.column for rule in block.rules}
        ]
    there = " UNION ALL ".join(given) or "SELECT NULL::BIGINT AS owner, NULL::BIGINT AS custom_field_id WHERE FALSE"
    for block in plan.by_table.get(scope, ()):
        if plan.mapping.is_own(block):
            continue
        without = f"""SELECT q.n, q.line, string_agg(d.label, ', ' ORDER BY d.label) AS labels
            FROM {plan.live(block)} AS q JOIN field_def d ON d.scope = '{scope}' AND d.is_required AND d.retired_at IS NULL
            ANTI JOIN ({there}) AS g ON g.owner = q.object_id AND g.custom_field_id = d.custom_field_id
            WHERE q.object_id < 0 GROUP BY q.n, q.line"""
        plan.refuse(block, without, "", "field_needed", "labels")


def _check_primary(plan: Plan) -> None:
    blocks = [b for b in plan.by_table.get("contact_email", ()) if "is_primary" in {rule.column for rule in b.rules}]
    if not blocks:
        return
    staged = " UNION ALL ".join(
        f"SELECT {b.number} AS block, n, line, object_id, contact_id, email, is_primary FROM {plan.live(b)} AS q{b.number}" for b in blocks
    )
    for block in blocks:
        second = f"""SELECT n, line, email FROM (
                SELECT s.*, row_number() OVER (PARTITION BY contact_id ORDER BY block, n) AS turn FROM ({staged}) AS s WHERE is_primary
            ) AS p WHERE block = {block.number} AND (turn > 1 OR EXISTS (
                SELECT 1 FROM {STORE}.contact_email t WHERE t.contact_id = p.contact_id AND t.is_primary
                AND t.contact_email_id NOT IN (SELECT object_id FROM ({staged}) AS o)))"""
        plan.refuse(block, second, "is_primary", "primary_twice", "value")


def _check_firm(plan: Plan) -> None:
    """Refuse a second firm, beside the one of the store or in the files: an installation is one firm's."""
    blocks = plan.by_table.get("firm", ())
    staged = " UNION ALL ".join(f"SELECT {b.number} AS block, n, line, object_id FROM {plan.live(b)} AS q{b.number}" for b in blocks)
    for block in blocks:
        beside = f"""SELECT n, line, (SELECT min(name) FROM {STORE}.firm) AS name FROM {plan.live(block)} AS q
            WHERE object_id < 0 AND (SELECT count(*) FROM {STORE}.firm) > 0"""
        plan.refuse(block, beside, "", "firm_there", "name")
        second = f"""SELECT n, line, first_line FROM (SELECT *, row_number() OVER w AS turn, first(line) OVER w AS first_line
            FROM ({staged}) AS s WINDOW w AS (ORDER BY block, n)) AS f WHERE turn > 1 AND block = {block.number}"""
        plan.refuse(block, second, "", "firm_twice", "line")
