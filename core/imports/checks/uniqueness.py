"""What may occur only once: numbers, addresses, names of tags, keys and labels of fields, in the files and in the store."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.store.staging import STORE
from core.store.tables import TABLES

if TYPE_CHECKING:
    from core.imports.resolve import Resolver

# Per table the combinations that name one row; (column, whether case counts).
UNIQUE: dict[str, tuple[tuple[tuple[str, bool], ...], ...]] = {
    "account": ((("number", True),),),
    "contact_email": ((("email", True),),),
    "staff_member": ((("email", True),),),
    "tag": ((("name", False),),),
    "custom_field": ((("scope", True), ("key", True)), (("scope", True), ("label", False))),
    "saved_view": ((("staff_member_id", True), ("name", True)),),
}
# How the record that has such a value already is called.
_WHOSE = {"contact_email": "(SELECT c.name FROM {store}.contact c WHERE c.contact_id = t.contact_id)", "custom_field": "t.label"}
# An address belongs to a contact or to somebody of the team, never to both.
CROSSING = {"contact_email": "staff_member", "staff_member": "contact_email"}


def _sql(column: tuple[str, bool], of: str) -> str:
    name, case = column
    return f"{of}.{name}" if case else f"lower({of}.{name})"


def equal(columns: tuple[tuple[str, bool], ...], one: str, other: str) -> str:
    """SQL for two rows that name the same."""
    return " AND ".join(f"{_sql(column, one)} = {_sql(column, other)}" for column in columns)


def check_unique(resolver: Resolver) -> None:
    """Refuse rows that name what another row or record names already."""
    for table, combinations in UNIQUE.items():
        for columns in combinations:
            _check(resolver, table, columns)
    for table, other in CROSSING.items():
        _check_crossing(resolver, table, other)


def _check(resolver: Resolver, table: str, columns: tuple[tuple[str, bool], ...]) -> None:
    names, key = [name for name, _ in columns], TABLES[table].key[0]
    blocks = [b for b in resolver.by_table.get(table, ()) if set(names) <= {rule.column for rule in b.rules}]
    if not blocks:
        return
    shown, told = ", ".join(names), names[-1]
    # Skipping leaves lost rows out: then they take nothing from the others.
    rows_of = resolver.live if resolver.skip else resolver.own
    union = " UNION ALL ".join(f"SELECT {b.number} AS block, n, line, object_id, {shown} FROM {rows_of(b)} AS q{b.number}" for b in blocks)
    there = " AND ".join(f"{name} IS NOT NULL" for name in names)
    place = ", ".join(_sql(column, "u") for column in columns)
    for block in blocks:
        again = f"""SELECT n, line, {told}, first_line FROM (SELECT *, row_number() OVER w AS turn, first(line) OVER w AS first_line
                    FROM ({union}) AS u WHERE {there} WINDOW w AS (PARTITION BY {place} ORDER BY block, n)) AS q
                    WHERE turn > 1 AND block = {block.number}"""
        resolver.refuse(block, again, shown, "value_twice", "value", "line", even_lost=True)
        whose = _WHOSE.get(table, "t.name").format(store=STORE)
        taken = f"""SELECT q.n, q.line, q.{told}, coalesce({whose}, '') AS whose, '{'", "'.join(names)}' AS match
                    FROM {rows_of(block)} AS q JOIN {STORE}.{table} t ON {equal(columns, "t", "q")}
                    WHERE t.{key} <> q.object_id AND t.{key} NOT IN (SELECT object_id FROM ({union}))"""
        resolver.refuse(block, taken, shown, "value_taken", "value", "whose", "match", even_lost=True)


def _check_crossing(resolver: Resolver, table: str, other: str) -> None:
    for block in resolver.by_table.get(table, ()):
        if "email" not in {rule.column for rule in block.rules}:
            continue
        theirs = [f"SELECT email FROM {STORE}.{other} WHERE email IS NOT NULL"]
        theirs += [
            f"SELECT email FROM {resolver.live(b)} AS o{b.number} WHERE email IS NOT NULL"
            for b in resolver.by_table.get(other, ())
            if table == "contact_email" and "email" in {rule.column for rule in b.rules}
        ]
        crossing = f"SELECT q.n, q.line, q.email FROM {resolver.own(block)} AS q WHERE q.email IN ({' UNION ALL '.join(theirs)})"
        resolver.refuse(block, crossing, "email", f"email_of_{other}", "value", even_lost=True)
