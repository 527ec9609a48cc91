"""Check custom values by the definition of their field, of the store or of the same import."""

from __future__ import annotations

from core.imports.custom_value_cleaning import CLEANED
from core.imports.mapping import Block
from core.imports.plan import Plan
from core.imports.problems import Problem
from core.imports.worker import beside
from core.store.staging import STORE

TABLES = {"account_field_value": "account", "contact_field_value": "contact"}
# From so many values on, they are checked with the limits of a large import.
LARGE_ROWS = 5_000


def check_values(plan: Plan) -> None:
    """Refuse values that do not fit their field, and put the others into ``r<block>`` as the form stores them."""
    blocks = [block for table in TABLES for block in plan.by_table.get(table, ())]
    _gather(plan)
    for block in plan.by_table.get("custom_field", ()):
        fixed = f"""SELECT q.n, q.line, t.type FROM {plan.live(block)} AS q JOIN {STORE}.custom_field t ON t.custom_field_id = q.object_id
            WHERE (t.type <> q.type OR t.scope <> q.scope) AND (
                q.object_id IN (SELECT custom_field_id FROM {STORE}.account_field_value UNION ALL SELECT custom_field_id
                FROM {STORE}.contact_field_value UNION ALL SELECT custom_field_id FROM {STORE}.contact_email WHERE custom_field_id IS NOT NULL))"""
        plan.refuse(block, fixed, "type", "field_type_fixed", "type")
    for block in plan.by_table.get("contact_email", ()):
        if "custom_field_id" in {rule.column for rule in block.rules}:
            other = f"""SELECT q.n, q.line, d.label FROM {plan.live(block)} AS q JOIN field_def d USING (custom_field_id)
                        WHERE d.scope <> 'contact' OR d.type <> 'email'"""
            plan.refuse(block, other, "custom_field_id", "field_no_address", "label")
    members = _members(plan, any(map(plan.mapping.is_own, blocks))) if blocks else {}
    fields = {str(i): rest for i, *rest in plan.staging.run("SELECT custom_field_id, type, options, label FROM field_def")}
    for block in blocks:
        scope = TABLES[block.table]
        wrong = (
            f"SELECT q.n, q.line, d.label FROM {plan.own(block)} AS q JOIN field_def d USING (custom_field_id) WHERE d.scope <> '{scope}'"
        )
        plan.refuse(block, wrong, "custom_field_id", f"field_not_of_{scope}", "label", even_lost=True)
        if scope == "contact":
            address = (
                f"SELECT q.n, q.line, d.label FROM {plan.own(block)} AS q JOIN field_def d USING (custom_field_id) WHERE d.type = 'email'"
            )
            plan.refuse(block, address, "custom_field_id", "field_is_address", "label", even_lost=True)
        retired = f"SELECT q.n, q.line, d.label FROM {plan.own(block)} AS q JOIN field_def d USING (custom_field_id) WHERE d.retired_at IS NOT NULL"
        if not plan.mapping.is_own(block):
            plan.refuse(block, retired, "custom_field_id", "field_retired", "label", even_lost=True)
        _clean(plan, block, fields, members)


def _gather(plan: Plan) -> None:
    """Make ``field_def``, every field as it will be: custom_field_id, scope, type, options, label, is_required, retired_at."""

    def own(block: Block, column: str) -> str:
        return f"{column if _brings(block, column) else 'NULL'} AS {column}"

    staged = [
        f"""SELECT object_id AS custom_field_id, scope, type, {own(b, "options")}, label, {own(b, "is_required")}, {own(b, "retired_at")},
            0 AS age FROM r{b.number}"""
        for b in plan.by_table.get("custom_field", ())
    ]
    staged.append(f"SELECT custom_field_id, scope, type, options, label, is_required, retired_at, 1 AS age FROM {STORE}.custom_field")
    plan.staging.run(
        f"""CREATE OR REPLACE TABLE field_def AS SELECT custom_field_id, arg_min(scope, age) AS scope, arg_min(type, age) AS type,
        arg_min(options, age) AS options, arg_min(label, age) AS label,
        coalesce(arg_min(is_required, age), FALSE) AS is_required, arg_min(retired_at, age) AS retired_at FROM ({" UNION ALL ".join(staged)}) GROUP BY 1"""
    )


def _brings(block: Block, column: str) -> bool:
    return column in {rule.column for rule in block.rules}


def _members(plan: Plan, former: bool) -> dict[str, int]:
    """Return the ids of active team members, with those that are no more where ``former``, by their key in this mapping and by their address."""
    is_active = f"({former} OR is_active)"
    parts = [f"SELECT email, staff_member_id FROM {STORE}.staff_member WHERE {is_active} AND email IS NOT NULL"]
    keyed = plan.known("staff_member")
    parts.append(
        f"SELECT k.source_key, k.object_id FROM {keyed} k JOIN {STORE}.staff_member t ON t.staff_member_id = k.object_id WHERE {is_active}"
    )
    for block in plan.by_table.get("staff_member", ()):
        active = "coalesce(q.is_active, TRUE)" if _brings(block, "is_active") and not former else "TRUE"
        parts.append(f"SELECT q.source_key, q.object_id FROM {plan.live(block)} AS q WHERE {active}")
        if _brings(block, "email"):
            parts.append(f"SELECT q.email, q.object_id FROM {plan.live(block)} AS q WHERE {active} AND q.email IS NOT NULL")
    return dict(plan.staging.run(" UNION ".join(parts)))


def _clean(plan: Plan, block: Block, fields: dict[str, list], members: dict[str, int]) -> None:
    number, source = block.number, plan.mapping.sources[block.source]
    staging = plan.staging
    live = f"SELECT n, line, custom_field_id, value FROM {plan.own(block)} AS q WHERE custom_field_id IS NOT NULL ORDER BY n"
    staging.give_out(live, f"values{number}.parquet")
    large = staging.value(f"SELECT count(*) FROM r{number}") > LARGE_ROWS
    answer = beside(
        "values", staging.folder, plan.say, large=large, number=number, fields=fields, members=members, decimal=source.decimal,
        date=source.date, own=source.own,
    )  # fmt: skip
    rule = next(rule for rule in block.rules if rule.column == "value")
    place = rule.expression or rule.column
    told = [
        Problem(plan.file_of(block), line, f"{values['field']} ← {place}", code if rule.on_bad == "refuse" else f"left.{code}", values)
        for _, line, code, values in answer["refused"]
    ]
    if rule.on_bad == "refuse":
        plan.problems += told
    else:
        plan.noted_here.take(told, len(told))
    plan.drop(block, [n for n, *_ in answer["refused"]])
    staging.take_in(f"cleaned{number}", CLEANED, f"cleaned{number}.parquet")
    staging.run(
        f"CREATE OR REPLACE TABLE r{number} AS SELECT r.* EXCLUDE (value), c.value, c.member FROM r{number} r LEFT JOIN cleaned{number} c USING (n) ORDER BY n"
    )
