"""Who may bring in what: the right to import alone would be a way around every other right, so a mapping needs those of its tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from core.base.errors import NotAllowed, NotFound
from core.base.rights import Right, Role, Scope
from core.imports.mapping import NO_TARGET
from core.imports.plan import Plan
from core.store.staging import STORE
from core.store.tables import TABLES

# What is for the command line alone: the firm, and what one person has or did.
COMMAND_LINE_ONLY = frozenset({"firm", "login", "recent_account", "saved_view"}) | frozenset(NO_TARGET)
# Beside rights: the role of an admin.
ADMIN = "admin"
# A rehearsal shows values of every client it finds in a file.
SEES_ALL = Right.VIEW_ALL_ACCOUNTS
_CLIENTS = (Right.MANAGE_ACCOUNTS, SEES_ALL)
_MONEY = (Right.SEE_INVOICES, SEES_ALL)
# Table → what it needs beside the right to import.
NEEDS: dict[str, tuple[Right | str, ...]] = {
    **dict.fromkeys(
        ("account", "photo", "contact", "account_contact", "contact_email", "email_access", "account_field_value", "contact_field_value",
         "account_tag", "signatory"),
        _CLIENTS,
    ),
    "tag": (Right.MANAGE_TAGS,),
    "custom_field": (Right.MANAGE_CUSTOM_FIELDS,),
    "assignment": (Right.MANAGE_TEAM, SEES_ALL),
    "task_assignee": (Right.MANAGE_TEAM, SEES_ALL),
    **dict.fromkeys(("invoice", "invoice_line", "payment", "credit"), _MONEY),
    "time_entry": (Right.SEE_ALL_TIME, SEES_ALL),
    "staff_member": (ADMIN,),
    "staff_right": (ADMIN,),
    # No form makes these: they come with the clients' records, or belong to all of them.
    **dict.fromkeys(("document", "email", "chat", "chat_message", "approval", "signature", "contract", "organizer", "job"), _CLIENTS),
    **dict.fromkeys(("pipeline", "stage"), _CLIENTS),
    # Whoever sees a client adds these there.
    **dict.fromkeys(("task", "note"), (SEES_ALL,)),
}  # fmt: skip
RATES = frozenset({"rate", "amount"})


def needs_of(tables: Mapping[str, Iterable[str]]) -> frozenset[str]:
    """Return the rights, and the role, that tables with these columns need together. Raises NotAllowed for one of the command line."""
    needed: set[str] = {Right.IMPORT_DATA.value}
    for table, columns in tables.items():
        if table not in NEEDS:
            raise NotAllowed()
        needed |= {str(need) for need in NEEDS[table]}
        if table == "time_entry" and RATES & set(columns):
            needed.add(Right.SEE_RATES.value)
    return frozenset(needed)


def lacking(scope: Scope, needs: Iterable[str]) -> list[str]:
    """Return which of these rights, and whether the role, somebody of this scope lacks, by name."""
    if scope.kind == "system":
        return []
    has: set[str] = {right.value for right in scope.rights} | ({ADMIN} if scope.role in (Role.OWNER, Role.ADMIN) else set())
    return sorted(set(needs) - has)


def may(scope: Scope, needs: Iterable[str]) -> bool:
    """Return whether somebody of this scope has these rights and this role."""
    return scope.kind == "system" or (scope.kind == "staff" and not lacking(scope, needs))


def require_needs(scope: Scope, needs: Iterable[str]) -> None:
    """Raise NotFound unless somebody of this scope has these rights: an import one may not see does not exist."""
    if not may(scope, needs):
        raise NotFound()


def oversteps(plan: Plan, scope: Scope, person: int | None) -> bool:
    """Return whether rows would make, change or unmake an owner or admin, which only an owner may, or change what this person may.

    ``person`` is the team member who imports. The last look is at what would be written, so it asks after every comparison.
    """
    if scope.kind == "system":
        return False
    high = f"('{Role.OWNER.value}', '{Role.ADMIN.value}')"
    for block in plan.by_table.get("staff_member", ()):
        own = {*plan.written(block)}
        role, changed = ("q.role" if "role" in own else "NULL"), "q.row_state = 'changed'"
        wrong = [f"({role} IN {high} OR t.role IN {high})"] if scope.role is not Role.OWNER else []
        moved = [plan.differs(block, c) for c in ("role", "is_active", "email") if c in own]
        if moved:
            wrong.append(f"({changed} AND t.staff_member_id = {person or 0} AND ({' OR '.join(moved)}))")
        source = f"FROM w{block.number} q LEFT JOIN {STORE}.staff_member t ON {plan.same_row(block)} WHERE q.row_state <> 'same'"
        if wrong and plan.staging.value(f"SELECT 1 {source} AND ({' OR '.join(wrong)}) LIMIT 1"):
            return True
    own_rights = f"q.row_state = 'new' AND q.staff_member_id = {person or 0}"
    return any(
        plan.staging.value(f"SELECT 1 FROM w{block.number} q WHERE {own_rights} LIMIT 1") is not None
        for block in plan.by_table.get("staff_right", ())
    )


def moves_team(plan: Plan) -> bool:
    """Return whether rows would change who of the team is active, signs in by which address or has which role, or anything of an owner or admin.

    No run does so in nobody's name: there is nobody whose rights ``oversteps`` could ask.
    """
    for block in plan.by_table.get("staff_member", ()):
        moved = [plan.differs(block, c) for c in ("role", "is_active", "email") if c in plan.written(block)]
        wrong = " OR ".join([f"t.role IN ('{Role.OWNER.value}', '{Role.ADMIN.value}')", *moved])
        source = f"FROM w{block.number} q JOIN {STORE}.staff_member t ON {plan.same_row(block)} WHERE q.row_state = 'changed'"
        if plan.staging.value(f"SELECT 1 {source} AND ({wrong}) LIMIT 1"):
            return True
    return False


def unknown_tables() -> set[str]:
    """Return the tables for which nobody decided yet who may bring them in; a test holds it empty."""
    return TABLES.keys() - NEEDS.keys() - COMMAND_LINE_ONLY
