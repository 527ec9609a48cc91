"""Refuse rows that depend on others: on records that do not exist, on refused rows, on links that access needs."""

from __future__ import annotations

from core.imports.mapping import Block, Rule
from core.imports.plan import Plan
from core.imports.problems import Problem
from core.imports.removed_rows import was_known
from core.store.staging import STORE

NO_CONTACT = "SELECT NULL::BIGINT AS contact_id WHERE FALSE"


def refuse_missing(plan: Plan, block: Block, rule: Rule, of: str) -> None:
    """Refuse rows that refer to a record that does not exist; leave out those that refer to a refused row or one removed here."""
    open_ones = f"SELECT n, line, k_{rule.column} AS value FROM r{block.number} WHERE k_{rule.column} IS NOT NULL AND {rule.column} IS NULL"
    lost = f"""SELECT q.n, q.line, any_value(k.file) AS file, min(k.line) AS bad_line FROM ({open_ones}) AS q
               JOIN bad_key k ON k.table_name = '{of}' AND k.source_key = q.value GROUP BY q.n, q.line"""
    if plan.skip:
        plan.refuse(block, lost, rule.column, "depends", "file", "line", lost=True)
    else:
        plan.drop(block, [n for n, *_ in plan.staging.run(lost)], told=False, lost=True)
    unknown = f"SELECT * FROM ({open_ones}) AS u WHERE n NOT IN (SELECT n FROM ({lost}) AS l)"
    if not rule.by and of not in plan.by_table:
        _leave_orphans(plan, block, of, unknown)
    about = {"table": of} | ({"by": rule.by} if rule.by else {})
    code = f"reference_missing_{'by' if rule.by else 'key'}"
    if rule.on_bad == "leave":
        _leave_unknown(plan, block, rule, unknown, f"left.{code}", about)
    else:
        plan.refuse(block, unknown, rule.column, code, "value", even_lost=True, about=about)


def _leave_unknown(plan: Plan, block: Block, rule: Rule, unknown: str, code: str, about: dict[str, str]) -> None:
    """Leave out rows that refer to a record there is not, and tell them."""
    rows = plan.staging.run(
        f"SELECT n, line, value FROM ({unknown}) AS u WHERE n NOT IN (SELECT n FROM out_row WHERE block = {block.number}) ORDER BY n"
    )
    plan.drop(block, [n for n, *_ in rows])
    file = plan.file_of(block)
    plan.noted_here.take((Problem(file, line, rule.column, code, about | {"value": value}) for _, line, value in rows), len(rows))


def _leave_orphans(plan: Plan, block: Block, of: str, unknown: str) -> None:
    """Leave out rows of a record that came by this mapping and was removed here."""
    rows = plan.staging.run(f"SELECT n, line, value FROM ({unknown}) AS u WHERE {was_known(plan, of, 'value')} ORDER BY n")
    plan.drop(block, [n for n, *_ in rows], told=False)
    file = plan.file_of(block)
    away = (Problem(file, line, "", "away", {"table": of, "key": plan.key_shown(value)}) for _, line, value in rows)
    plan.away.take(away, len(rows))


def check_access(plan: Plan) -> None:
    """Refuse access that is not for an address of a contact linked to the account."""
    links, emails = [f"SELECT account_id, contact_id FROM {STORE}.account_contact"], []
    links += [f"SELECT account_id, contact_id FROM r{b.number}" for b in plan.by_table.get("account_contact", ())]
    emails += [f"SELECT object_id AS contact_email_id, contact_id FROM r{b.number}" for b in plan.by_table.get("contact_email", ())]
    emails.append(f"SELECT contact_email_id, contact_id FROM {STORE}.contact_email")
    for block in plan.by_table.get("email_access", ()):
        # Of what this program wrote, access that rests may be of an address that went to somebody else.
        rests = "q.suspended_at IS NULL AND" if plan.mapping.is_own(block) and "suspended_at" in plan.written(block) else ""
        unlinked = f"""SELECT q.n, q.line FROM {plan.live(block)} AS q WHERE {rests} NOT EXISTS (SELECT 1 FROM ({" UNION ALL ".join(links)}) l
                       WHERE l.account_id = q.account_id AND l.contact_id = q.contact_id)"""
        plan.refuse(block, unlinked, "contact_id", "contact_not_linked")
        foreign = f"""SELECT q.n, q.line FROM {plan.live(block)} AS q WHERE {rests} NOT EXISTS (SELECT 1 FROM ({" UNION ALL ".join(emails)}) e
                      WHERE e.contact_email_id = q.contact_email_id AND e.contact_id = q.contact_id)"""
        plan.refuse(block, foreign, "contact_email_id", "address_of_other")


def drop_dependents(plan: Plan) -> None:
    """Refuse rows that refer to a refused new row, new accounts without a contact, and new contacts that lost all their clients."""
    if not plan.skip and (plan.problems or plan.had_problems):
        return
    while True:
        count = 0
        for block in plan.by_table.get("account", ()):
            linked = " UNION ALL ".join(
                f"SELECT account_id FROM {plan.live(b)} AS l{b.number}" for b in plan.by_table.get("account_contact", ())
            ) or "SELECT NULL::BIGINT AS account_id WHERE FALSE"  # fmt: skip
            if plan.mapping.is_own(block):
                continue
            alone = f"""SELECT n, line FROM r{block.number} WHERE object_id < 0
                        AND object_id NOT IN (SELECT account_id FROM ({linked}) WHERE account_id IS NOT NULL)"""
            count += plan.refuse(block, alone, "", "account_without_contact")
        links = plan.by_table.get("account_contact", ())
        named = " UNION ALL ".join(f"SELECT contact_id FROM r{b.number}" for b in links) or NO_CONTACT
        linked = " UNION ALL ".join(f"SELECT contact_id FROM {plan.live(b)} AS l{b.number}" for b in links) or NO_CONTACT
        for block in plan.by_table.get("contact", ()):
            left = f"""SELECT n, line FROM r{block.number} WHERE object_id < 0
                       AND object_id IN (SELECT contact_id FROM ({named})) AND object_id NOT IN
                       (SELECT contact_id FROM ({linked}) WHERE contact_id IS NOT NULL)"""
            count += plan.refuse(block, left, "", "contact_without_account")
        if not plan.staging.value("SELECT count(*) FROM out_row"):
            return
        for block in (block for blocks in plan.by_table.values() for block in blocks):
            wanted = {rule.column: rule.of for rule in block.rules if rule.of}
            if plan.derived(block) and "account_id" not in wanted:
                wanted["account_id"] = "account"
            for column, of in wanted.items():
                for parent in plan.by_table.get(of, ()):
                    stands_on = f"""SELECT r.n, r.line, '{plan.file_of(parent).replace("'", "''")}' AS file, p.line AS parent_line
                        FROM r{block.number} r JOIN r{parent.number} p ON p.object_id = r.{column} AND p.object_id < 0
                        JOIN out_row o ON o.block = {parent.number} AND o.n = p.n AND o.told"""
                    count += plan.refuse(block, stands_on, column, "depends", "file", "line")
        if not count:
            return
