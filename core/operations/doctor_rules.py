"""Rules that the write verbs keep and the database does not enforce, each as a query that yields an example per breach."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from core.access.account_state import states_of
from core.imports.value_rules import CODES
from core.overview.figures import figures_select
from core.overview.invoice_status import status_of
from core.store import Reader, Row
from core.store.staging import STORE
from core.store.tables import TABLES, Table

Found = tuple[str, dict[str, object]]
STATES = states_of(f"{STORE}.account a", f"{STORE}.email_access")
VALUES = f"""(SELECT 'account' AS scope, custom_field_id, value FROM {STORE}.account_field_value
    UNION ALL SELECT 'contact', custom_field_id, value FROM {STORE}.contact_field_value)"""
SIGNED = (
    """SELECT {table}_id, count(*) AS asked, count(signed_at) AS signed FROM {store}.signatory WHERE {table}_id IS NOT NULL GROUP BY 1"""
)
# A list of texts in JSON; another text is one option.
OPTIONS = "coalesce(TRY_CAST({column} AS VARCHAR[]), [{column}])"


def _signing(table: str, name: str) -> str:
    """Return a query of signatures or contracts whose status contradicts their signatories."""
    return f"""SELECT s.{name} FROM {STORE}.{table} s JOIN ({SIGNED.format(table=table, store=STORE)}) x USING ({table}_id)
        WHERE (s.status = 'pending' AND x.signed > 0) OR (s.status IN ('partially_signed', 'signed') AND x.signed = 0)"""


QUERIES = {
    "paid": f"""SELECT i.number FROM {STORE}.invoice i LEFT JOIN (SELECT invoice_id, sum(amount) AS paid FROM {STORE}.payment GROUP BY 1) p
        USING (invoice_id) WHERE i.paid_amount <> coalesce(p.paid, 0)""",
    "invoice_status": f"SELECT number FROM {STORE}.invoice WHERE status <> {status_of('status', 'paid_amount', 'total')}",
    "state": f"SELECT a.number FROM {STORE}.account a JOIN ({STATES}) s USING (account_id) WHERE a.state <> s.state",
    "archived": f"""SELECT number FROM {STORE}.account WHERE (archived_at IS NOT NULL) <> (state = 'archived')""",
    "contact": f"SELECT number FROM {STORE}.account WHERE account_id NOT IN (SELECT account_id FROM {STORE}.account_contact)",
    "number": f"SELECT number FROM {STORE}.account GROUP BY number HAVING count(*) > 1",
    "email": f"SELECT lower(email) FROM {STORE}.contact_email GROUP BY 1 HAVING count(*) > 1",
    "staff_email": f"SELECT lower(email) FROM {STORE}.staff_member WHERE email IS NOT NULL GROUP BY 1 HAVING count(*) > 1",
    "email_of_staff": f"SELECT e.email FROM {STORE}.contact_email e WHERE lower(e.email) IN (SELECT lower(email) FROM {STORE}.staff_member)",
    "primary": f"""SELECT k.name FROM {STORE}.contact_email e JOIN {STORE}.contact k USING (contact_id)
        GROUP BY contact_id, k.name HAVING count(*) FILTER (e.is_primary) <> 1""",
    "access_link": f"""SELECT e.contact_email_id FROM {STORE}.email_access e
        ANTI JOIN {STORE}.account_contact l ON l.account_id = e.account_id AND l.contact_id = e.contact_id WHERE e.suspended_at IS NULL""",
    "access_address": f"""SELECT m.email FROM {STORE}.email_access e JOIN {STORE}.contact_email m USING (contact_email_id)
        WHERE e.suspended_at IS NULL AND m.contact_id IS DISTINCT FROM e.contact_id""",
    "signatory": f"SELECT contact_email_id FROM {STORE}.signatory WHERE (signature_id IS NULL) = (contract_id IS NULL)",
    "signature_status": _signing("signature", "document_name"),
    "contract_status": _signing("contract", "name"),
    "stage": f"""SELECT j.name FROM {STORE}.job j JOIN {STORE}.stage s USING (stage_id) WHERE s.pipeline_id <> j.pipeline_id""",
    "chat": f"""SELECT c.subject FROM {STORE}.chat c JOIN (SELECT chat_id, max(sent_at) AS sent_at,
            arg_max(is_from_client, (sent_at, chat_message_id)) AS is_from_client FROM {STORE}.chat_message GROUP BY 1) m
        USING (chat_id) WHERE c.last_message_at <> m.sent_at OR c.last_is_from_client <> m.is_from_client""",
    "answers": f"SELECT name FROM {STORE}.organizer WHERE answered_count < 0 OR answered_count > question_count",
    "seen": f"SELECT name FROM {STORE}.document WHERE seen_by IS NOT NULL AND seen_at IS NULL",
    "tag_name": f"SELECT lower(name) FROM {STORE}.tag GROUP BY 1 HAVING count(*) > 1",
    "field_label": f"SELECT any_value(label) FROM {STORE}.custom_field GROUP BY scope, lower(label) HAVING count(*) > 1",
    "field_scope": f"SELECT f.label FROM {VALUES} v JOIN {STORE}.custom_field f USING (custom_field_id) WHERE f.scope <> v.scope",
    "option": f"""SELECT f.label FROM {VALUES} v JOIN {STORE}.custom_field f USING (custom_field_id) WHERE f.type IN ('choice', 'choices')
        AND NOT list_has_all({OPTIONS.format(column="f.options")}, CASE WHEN f.type = 'choice' THEN [v.value]
            ELSE {OPTIONS.format(column="v.value")} END)""",
    "words": f"""SELECT number FROM {STORE}.account WHERE account_id NOT IN (SELECT account_id FROM {STORE}.search_text)
        OR account_id NOT IN (SELECT account_id FROM {STORE}.search_word)
        UNION ALL SELECT name FROM {STORE}.contact WHERE contact_id NOT IN (SELECT contact_id FROM {STORE}.search_contact)""",
    "figures": f"""SELECT number FROM account WHERE account_id IN (
        SELECT account_id FROM ((FROM account_figure) EXCEPT ({figures_select("SELECT account_id FROM account")}))
        UNION SELECT account_id FROM {STORE}.account WHERE account_id NOT IN (SELECT account_id FROM {STORE}.account_figure))""",
    "factor": f"""SELECT coalesce(email, name) FROM {STORE}.staff_member ANTI JOIN {STORE}.second_factor USING (staff_member_id)
        WHERE is_active AND list_contains(string_split((SELECT any_value(second_factor_roles) FROM {STORE}.firm), ','), role)""",
    "firm": f"SELECT '–' WHERE (SELECT count(*) FROM {STORE}.firm) > 1",
    # Of a firm that is being set up: the first owner names it.
    "firm_missing": f"""SELECT '–' WHERE (SELECT count(*) FROM {STORE}.firm) = 0
        AND (SELECT count(*) FROM {STORE}.staff_member WHERE role = 'owner' AND is_active) > 0""",
    "owner": f"""SELECT '–' WHERE (SELECT count(*) FROM {STORE}.staff_member WHERE role = 'owner' AND is_active) = 0
        AND (SELECT count(*) FROM {STORE}.account) + (SELECT count(*) FROM {STORE}.staff_member) > 0""",
}


def references(r: Reader, table: Table) -> Iterator[Found]:
    """Find rows that refer to a missing row, or to one of another account."""
    for column, of in table.references.items():
        key = TABLES[of].key[0]
        lost = (
            f"SELECT t.{column} FROM {STORE}.{table.name} t ANTI JOIN {STORE}.{of} o ON o.{key} = t.{column} WHERE t.{column} IS NOT NULL"
        )
        if count := r.value(f"SELECT count(*) FROM ({lost})"):
            yield "reference", {"table": table.name, "column": column, "of": of, "count": count, "example": r.value(f"{lost} LIMIT 1")}
        if of != "account" and "account_id" in table.key + tuple(table.references) and "account_id" in TABLES[of].references:
            other = f"SELECT t.{column} FROM {STORE}.{table.name} t JOIN {STORE}.{of} o ON o.{key} = t.{column} WHERE o.account_id <> t.account_id"
            if count := r.value(f"SELECT count(*) FROM ({other})"):
                example = r.value(f"{other} LIMIT 1")
                yield "other_account", {"table": table.name, "column": column, "of": of, "count": count, "example": example}


def keys(r: Reader, table: Table) -> Iterator[Found]:
    """Find rows whose key occurs more than once."""
    for columns in dict.fromkeys((table.key, table.unique)):
        yield from _twice(r, table, ", ".join(columns))


def _twice(r: Reader, table: Table, key: str) -> Iterator[Found]:
    twice = f"SELECT {key} FROM {STORE}.{table.name} GROUP BY ALL HAVING count(*) > 1"
    if count := r.value(f"SELECT count(*) FROM ({twice})"):
        yield "twice", {"table": table.name, "count": count, "example": r.value(f"{twice} LIMIT 1")}


def ids(r: Reader) -> Iterator[Found]:
    """Find ids that the sequence would give again."""
    numbered = [table for table in TABLES.values() if table.has_id and table.name != "audit_entry"]
    highest = max(r.value(f"SELECT max({table.key[0]}) FROM {STORE}.{table.name}") or 0 for table in numbered)
    given = r.value("SELECT coalesce(last_value, start_value - 1) FROM duckdb_sequences() WHERE database_name = 'kundenblick'")
    if highest > given:
        yield "sequence", {"highest": highest, "given": given}


def versions(r: Reader) -> Iterator[Found]:
    """Rows whose version counts nothing."""
    versioned = r.rows(
        "SELECT table_name FROM duckdb_columns() WHERE database_name = 'kundenblick' AND schema_name = 'data' AND column_name = 'version'"
    )
    for row in versioned:
        if count := r.value(f"SELECT count(*) FROM {STORE}.{row['table_name']} WHERE version < 1"):
            yield "version", {"table": row["table_name"], "count": count}


def codes(r: Reader) -> Iterator[Found]:
    """Find codes that have no word."""
    for (table, column), known in CODES.items():
        listed = ", ".join(f"'{code}'" for code in known)
        strange = f"SELECT {column} FROM {STORE}.{table} WHERE {column} NOT IN ({listed})"
        if count := r.value(f"SELECT count(*) FROM ({strange})"):
            yield "code", {"table": table, "column": column, "count": count, "example": r.value(f"{strange} LIMIT 1")}


def counted(r: Reader, query: str, **ids: int) -> Row | None:
    """Return {count, example} of a query of examples, None if it yields no row: in a large firm they may be millions."""
    [row] = r.rows(f"SELECT count(*) AS count, any_value(example) AS example FROM ({query}) AS q(example)", **ids)
    return row if row["count"] else None


def other(r: Reader, code: str) -> Iterator[Found]:
    """Find breaches of the rule with this code in ``QUERIES``."""
    if found := counted(r, QUERIES[code]):
        yield code, found


def rules(r: Reader) -> list[Callable[[], Iterator[Found]]]:
    """Return every rule as a step of its own: together they take minutes in a large firm."""
    tables = [partial(rule, r, table) for rule in (references, keys) for table in TABLES.values()]
    return [*tables, *(partial(rule, r) for rule in (ids, versions, codes)), *(partial(other, r, code) for code in QUERIES)]
