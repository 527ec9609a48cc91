"""Check values that must be unique in files and store together: numbers, addresses, names of tags, keys and labels of fields."""

from __future__ import annotations

from core.imports.plan import Plan
from core.store.staging import STORE
from core.store.tables import TABLES

# Per table the combinations that name one row; (column, whether case counts).
UNIQUE: dict[str, tuple[tuple[tuple[str, bool], ...], ...]] = {
    "account": ((("number", True),),),
    "contact_email": ((("email", True),),),
    "staff_member": ((("email", True),),),
    "tag": ((("name", False),),),
    "custom_field": ((("scope", True), ("key", True)), (("scope", True), ("label", False))),
    "saved_view": ((("staff_member_id", True), ("name", True)),),
}
# SQL for the name of the record that has the value already.
_WHOSE = {"contact_email": "(SELECT c.name FROM {store}.contact c WHERE c.contact_id = t.contact_id)", "custom_field": "t.label"}
# An address belongs to a contact or to somebody of the team, never to both.
CROSSING = {"contact_email": "staff_member", "staff_member": "contact_email"}


def _sql(column: tuple[str, bool], of: str) -> str:
    name, case = column
    return f"{of}.{name}" if case else f"lower({of}.{name})"


def equal(columns: tuple[tuple[str, bool], ...], one: str, other: str) -> str:
    """Return SQL for whether two rows have the same values in these columns."""
    return " AND ".join(f"{_sql(column, one)} = {_sql(column, other)}" for column in columns)


def check_combinations(plan: Plan) -> None:
    """Refuse rows of tables without ids whose key another row has."""
    for table in plan.by_table:
        if not TABLES[table].is_keyed:
            _check_combinations(plan, table)


def _check_combinations(plan: Plan, table: str) -> None:
    """Refuse rows of one table that repeat the key of an earlier row."""
    unique = TABLES[table].unique
    present = [b for b in plan.by_table[table] if TABLES[table].natural or set(unique) <= {r.column for r in b.rules} | plan.derived(b)]
    if not present:
        return
    key = ", ".join(unique)
    union = " UNION ALL ".join(
        f"SELECT {b.number} AS block, n, line, {', '.join(plan.own_or_null(b, c) for c in unique)} FROM {plan.live(b)} AS q{b.number}"
        for b in present
    )
    for block in present:
        again = f"""SELECT n, line, first_line FROM (SELECT *, row_number() OVER w AS turn, first(line) OVER w AS first_line FROM ({union})
                    WINDOW w AS (PARTITION BY {key} ORDER BY block, n)) AS q WHERE turn > 1 AND block = {block.number}"""
        if block.distinct:
            plan.drop(block, [n for n, *_ in plan.staging.run(again)], told=False)
        else:
            plan.refuse(block, again, key, "combination_twice", "line")


def check_unique(plan: Plan) -> None:
    """Refuse rows with a unique value that another row or record has already."""
    for table, combinations in UNIQUE.items():
        for columns in combinations:
            _check(plan, table, columns)
    for table, other in CROSSING.items():
        _check_crossing(plan, table, other)


def _check(plan: Plan, table: str, columns: tuple[tuple[str, bool], ...]) -> None:
    names, key = [name for name, _ in columns], TABLES[table].key[0]
    blocks = [b for b in plan.by_table.get(table, ()) if set(names) <= {rule.column for rule in b.rules}]
    if not blocks:
        return
    shown, told = ", ".join(names), names[-1]
    # When refused rows are skipped, lost rows are too: their values do not count as taken.
    rows_of = plan.live if plan.skip else plan.own
    union = " UNION ALL ".join(f"SELECT {b.number} AS block, n, line, object_id, {shown} FROM {rows_of(b)} AS q{b.number}" for b in blocks)
    there = " AND ".join(f"{name} IS NOT NULL" for name in names)
    place = ", ".join(_sql(column, "u") for column in columns)
    for block in blocks:
        again = f"""SELECT n, line, {told}, first_line FROM (SELECT *, row_number() OVER w AS turn, first(line) OVER w AS first_line
                    FROM ({union}) AS u WHERE {there} WINDOW w AS (PARTITION BY {place} ORDER BY block, n)) AS q
                    WHERE turn > 1 AND block = {block.number}"""
        plan.refuse(block, again, shown, "value_twice", "value", "line", even_lost=True)
        whose = _WHOSE.get(table, "t.name").format(store=STORE)
        taken = f"""SELECT q.n, q.line, q.{told}, coalesce({whose}, '') AS whose, '{'", "'.join(names)}' AS match
                    FROM {rows_of(block)} AS q JOIN {STORE}.{table} t ON {equal(columns, "t", "q")}
                    WHERE t.{key} <> q.object_id AND t.{key} NOT IN (SELECT object_id FROM ({union}))"""
        plan.refuse(block, taken, shown, "value_taken", "value", "whose", "match", even_lost=True)


def _check_crossing(plan: Plan, table: str, other: str) -> None:
    for block in plan.by_table.get(table, ()):
        if "email" not in {rule.column for rule in block.rules}:
            continue
        theirs = [f"SELECT email FROM {STORE}.{other} WHERE email IS NOT NULL"]
        theirs += [
            f"SELECT email FROM {plan.live(b)} AS o{b.number} WHERE email IS NOT NULL"
            for b in plan.by_table.get(other, ())
            if table == "contact_email" and "email" in {rule.column for rule in b.rules}
        ]
        crossing = f"SELECT q.n, q.line, q.email FROM {plan.own(block)} AS q WHERE q.email IN ({' UNION ALL '.join(theirs)})"
        plan.refuse(block, crossing, "email", f"email_of_{other}", "value", even_lost=True)
