"""Tell whether somebody changed rows an import was compared with since the comparison; other changes do not matter."""

from __future__ import annotations

from core.clients.search_index import OF_ACCOUNT, OF_CONTACT
from core.imports.checks.uniqueness import CROSSING, UNIQUE, equal
from core.imports.write_plan import WritePlan
from core.store import Reader
from core.store.staging import STORE
from core.store.tables import TABLES

# More changed rows than this are not looked at one by one: the import is compared anew.
MAX_CHANGED_ROWS = 20_000
# Tables the search words of an account are made of.
WORDED = {*OF_ACCOUNT, *OF_CONTACT, "custom_field"}


def is_disturbed(r: Reader, write_plan: WritePlan, head: int) -> bool:
    """Return whether entries after ``head`` changed rows the import was compared with, or took a value it needs to be unique."""
    changed: dict[str, list[tuple[int | None, int | None, int | None]]] = {}
    rows = r.rows(
        f"""SELECT DISTINCT entity, entity_id, account_id, contact_id FROM {STORE}.audit_entry WHERE audit_entry_id > $head
        LIMIT {MAX_CHANGED_ROWS + 1}""",
        head=head,
    )
    if len(rows) > MAX_CHANGED_ROWS:
        return True
    for row in rows:
        if row["entity"] in TABLES:
            changed.setdefault(row["entity"], []).append((row["entity_id"], row["account_id"], row["contact_id"]))
    brought = set(write_plan.plan.by_table) | {rule.of for block in write_plan.blocks for rule in block.rules if rule.of}
    return any(
        _met(r, write_plan, entity, places) or _once(r, write_plan, entity, places)
        for entity, places in changed.items()
        if entity in brought or entity in WORDED or CROSSING.get(entity) in brought
    )


def _met(r: Reader, write_plan: WritePlan, entity: str, places: list[tuple[int | None, int | None, int | None]]) -> bool:
    """Return whether the import was compared with one of these rows, or with the account or contact of a row without an id."""
    at, spec = f"{write_plan.staging.name}.main", TABLES[entity]
    own = [place[0] for place in places if place[0] is not None]
    accounts = [place[1] for place in places if place[1] is not None]
    contacts = [place[2] for place in places if place[2] is not None]
    named = [(entity, own)] if spec.has_id else [(spec.references.get(spec.names, entity), own)] if spec.names == "staff_member_id" else []
    if not spec.is_keyed:
        named += [("account", accounts), ("contact", contacts)]
    for kind, ids in named:
        if ids and r.value(f"SELECT 1 FROM {at}.met WHERE entity = $kind AND id IN (SELECT unnest($ids)) LIMIT 1", kind=kind, ids=ids):
            return True
    if entity == "custom_field":
        return r.value(f"SELECT 1 FROM {at}.worded LIMIT 1") is not None
    if entity in WORDED:
        if entity == "contact":
            contacts = [*contacts, *own]
        linked = f"""SELECT 1 FROM {at}.worded WHERE account_id IN (SELECT unnest($accounts)) OR account_id IN (
            SELECT account_id FROM {STORE}.account_contact WHERE contact_id IN (SELECT unnest($contacts)))
            UNION ALL SELECT 1 FROM {at}.renamed WHERE contact_id IN (SELECT unnest($contacts)) LIMIT 1"""
        return r.value(linked, accounts=[*accounts, *(own if entity == "account" else [])], contacts=contacts) is not None
    return False


def _once(r: Reader, write_plan: WritePlan, entity: str, places: list[tuple[int | None, int | None, int | None]]) -> bool:
    """Return whether one of these rows now has a unique value of the import, or is one the import would have matched."""
    spec, ids = TABLES[entity], [place[0] for place in places if place[0] is not None]
    if not spec.has_id or not ids:
        return False
    if entity == "firm":
        return True
    combinations = [columns for columns in UNIQUE.get(entity, ())]
    for block in write_plan.plan.by_table.get(entity, ()):
        own = {rule.column for rule in block.rules}
        wanted = [columns for columns in combinations if {name for name, _ in columns} <= own]
        wanted += [tuple((column, True) for column in block.match)] if block.match else []
        for columns in wanted:
            same = f"""SELECT 1 FROM {STORE}.{entity} t JOIN {write_plan.staging.name}.main.f{block.number} q ON {equal(columns, "t", "q")}
                       WHERE t.{spec.key[0]} IN (SELECT unnest($ids)) AND t.{spec.key[0]} <> q.object_id LIMIT 1"""
            if r.value(same, ids=ids):
                return True
    if entity in CROSSING:
        staged = write_plan.rows(CROSSING[entity], "email")
        crossing = f"""SELECT 1 FROM {STORE}.{entity} WHERE {spec.key[0]} IN (SELECT unnest($ids)) AND email IN ({staged}) LIMIT 1"""
        return r.value(crossing, ids=ids) is not None
    return False
