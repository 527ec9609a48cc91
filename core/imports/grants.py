"""List the access an import would give, apart from its other changes: logins, rights, clients, roles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.i18n import language, t, words_of
from core.imports.last_words import CALLED
from core.imports.plan import Plan
from core.imports.problems import MAX_TOLD_PER_KIND
from core.store.staging import STORE
from core.store.tables import TABLES

# Kind → table, tables whose names tell it, and SQL for *the row gives it*. A client or person that is new itself opens nothing that was
# there before, so links, tags and the like are listed for existing records only.
_NEW_OR_MOVED = "(q.row_state = 'new' OR (q.row_state = 'changed' AND q.account_id IS DISTINCT FROM t.account_id))"
_NEW, _ON = "q.row_state = 'new'", "q.row_state <> 'same' AND q.{c} AND NOT coalesce(t.{c}, FALSE)"
KINDS: dict[str, tuple[str, tuple[str, ...], str]] = {
    **{c: ("email_access", ("contact_email", "account"), _ON.format(c=c)) for c in ("login", "email_sync", "notify", "signatory")},
    "staff_right": ("staff_right", ("staff_member",), _NEW),
    "assignment": ("assignment", ("staff_member", "account"), _NEW),
    "active": ("staff_member", (), "q.row_state <> 'same' AND coalesce(q.is_active, TRUE) AND NOT coalesce(t.is_active, FALSE)"),
    "role": ("staff_member", (), "q.row_state = 'changed' AND q.role <> t.role"),
    "contact_link": ("account_contact", ("contact", "account"), f"{_NEW} AND q.contact_id > 0 AND q.account_id > 0"),
    "address_moved": ("contact_email", ("contact",), "q.row_state = 'changed' AND q.contact_id IS DISTINCT FROM t.contact_id"),
    "tag": ("account_tag", ("tag", "account"), f"{_NEW} AND q.account_id > 0"),
    "address_changed": (
        "contact_email",
        ("contact",),
        f"""q.row_state = 'changed' AND q.email <> t.email
        AND EXISTS (SELECT 1 FROM {STORE}.email_access a WHERE a.contact_email_id = q.object_id AND a.login)""",
    ),
    "client_back": (
        "account",
        (),
        f"""q.row_state = 'changed' AND t.archived_at IS NOT NULL AND q.archived_at IS NULL
        AND EXISTS (SELECT 1 FROM {STORE}.email_access a WHERE a.account_id = t.account_id AND a.suspended_at IS NULL
            AND (a.login OR a.email_sync OR a.notify))""",
    ),
    "suspension_lifted": (
        "email_access",
        ("contact_email", "account"),
        "q.row_state = 'changed' AND t.suspended_at IS NOT NULL AND q.suspended_at IS NULL",
    ),
    "sign_in_changed": ("staff_member", (), "q.row_state = 'changed' AND q.email IS DISTINCT FROM t.email"),
    "task_assignee": ("task_assignee", ("staff_member", "task"), f"{_NEW_OR_MOVED} AND q.account_id > 0"),
    "to_sign": ("signatory", ("contact_email", "account"), f"{_NEW_OR_MOVED} AND q.account_id > 0"),
}
# Columns without which a block gives nothing of a kind that asks for them.
_NEEDED = ("login", "email_sync", "notify", "signatory", "role", "contact_id", "email", "archived_at", "suspended_at")
# Tables whose rows nothing else stands on: a person may leave them out one by one.
LEAVABLE = ("email_access", "staff_right", "assignment", "account_tag", "task_assignee", "signatory")


@dataclass(frozen=True)
class Given:
    """Access of one kind that an import would give: how many, and per row the names of the first ones."""

    kind: str
    count: int
    rows: tuple[tuple[str, ...], ...]
    # Per row the id of the cell by which it can be left out, '' where it cannot.
    ids: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Return a line for each of the rows, in the current language."""
        return tuple(" · ".join(_word(self.kind, part) for part in row if part) for row in self.rows)


def told_grants(plan: Plan) -> Iterator[str]:
    """Yield a line with the number of grants of each kind, followed by a line with the names of each."""
    for given in found_grants(plan):
        yield t(f"imports.grant.{given.kind}", n=given.count, count=given.count)
        yield from (f"  {name}" for name in given.names())
        if given.count > len(given.rows):
            yield "  …"


def found_grants(plan: Plan) -> Iterator[Given]:
    """Yield what of each kind the compared rows would give."""
    for kind, (table, refers, given) in KINDS.items():
        rows: list[tuple[str, ...]] = []
        ids: list[str] = []
        count = 0
        for block in plan.by_table.get(table, ()):
            own = {*plan.written(block)}
            needed = {name for name in _NEEDED if f"q.{name}" in given}
            if not needed <= own | {"account_id"}:
                continue
            where = given
            for name in ("is_active", "signature_id", "contract_id"):
                where = where if name in own else where.replace(f"q.{name}", "NULL")
            source = f"FROM w{block.number} q LEFT JOIN {STORE}.{table} t ON {plan.same_row(block)}"
            names, joins = named(plan, refers)
            if not refers:
                name = "coalesce(q.name, t.name)" if "name" in own else "t.name"
                names = [name, "q.role" if kind == "role" else "coalesce(q.email, t.email, '')" if "email" in own else "''"]
            if table == "staff_right":
                names.append("q.right_key")
            if kind == "address_moved":
                names.insert(0, "t.email")
            if kind in ("address_changed", "sign_in_changed"):
                names.insert(0, "concat(t.email, ' → ', q.email)")
            count += plan.staging.value(f"SELECT count(*) {source} WHERE {where}")
            shown = ", ".join(f"CAST({name} AS VARCHAR)" for name in names)
            found = plan.staging.run(
                f"SELECT q.n, q.row_state, {shown} {source} {joins} WHERE {where} ORDER BY q.n LIMIT {MAX_TOLD_PER_KIND - len(rows)}"
            )
            rows += [tuple(names) for _, _, *names in found]
            ids += [_cell(block.number, table, kind, n, state) for n, state, *_ in found]
        if count:
            yield Given(kind, count, tuple(rows), tuple(ids))


def _cell(block: int, table: str, kind: str, n: int, state: str) -> str:
    """Return the id of the cell by which a row is left out: of a new row its only one, else that of the switch."""
    if table not in LEAVABLE or (state == "changed" and table != "email_access"):
        return ""
    return f"{block}:{n}:{'' if state == 'new' else kind}"


def _word(kind: str, part: str) -> str:
    """Return the word for a role or right, any other name unchanged."""
    key = {"role": f"team.roles.{part}", "staff_right": f"team.right.{part}.name"}.get(kind, "")
    return t(key) if key in words_of(language()) else part


def named(plan: Plan, refers: tuple[str, ...]) -> tuple[list[str], str]:
    """Return SQL for the names of the records a row refers to, from the files or else from the store, and its joins."""
    names, joins = [], []
    for place, of in enumerate(refers):
        column, key = CALLED[of], TABLES[of].key[0]
        parts = [
            f"SELECT object_id, {column} AS called FROM r{block.number}"
            for block in plan.by_table.get(of, ()) if column in plan.written(block)
        ]  # fmt: skip
        parts.append(f"SELECT {key} AS object_id, {column} AS called FROM {STORE}.{of}")
        joins.append(f"LEFT JOIN (SELECT object_id, any_value(called) AS called FROM ({' UNION ALL '.join(parts)}) GROUP BY 1) g{place}")
        joins[-1] += f" ON g{place}.object_id = q.{key}"
        names.append(f"g{place}.called")
    return names, " ".join(joins)
