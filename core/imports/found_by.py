"""Find the accounts and contacts whose search words an import changes, and the rows their words are made from."""

from __future__ import annotations

from core.base.contact_points import TELEPHONES
from core.clients.search_index import contacts_known_of, known_of
from core.imports.write_plan import WritePlan
from core.store.staging import STORE
from core.store.tables import TABLES

NOBODY = "SELECT NULL::BIGINT AS id WHERE FALSE"
# Tables whose rows are laid over the store's by their number, and the columns the words are made from.
NUMBERED = {
    "account": ("name", "number"),
    "contact": ("name", *TELEPHONES),
    "contact_email": ("contact_id", "email", "holder_name"),
    "custom_field": ("type", "is_searched", "retired_at"),
}
VALUES = {"account_field_value": "account_id", "contact_field_value": "contact_id"}


def find_whose(write_plan: WritePlan) -> None:
    """Make the tables ``worded``, accounts whose words change, and ``renamed``, such contacts; each with the one column of its id.

    Beside them ``found_<table>``: what the words are made from, as the store will hold it.
    """
    contacts = [
        *(f"SELECT object_id AS id FROM f{block.number}" for block in write_plan.blocks if block.table == "contact"),
        *(f"SELECT contact_id AS id FROM f{block.number}" for block in write_plan.blocks if block.table == "contact_email"),
        # An address that goes over to another contact leaves one behind.
        *(
            f"SELECT contact_id FROM {STORE}.contact_email WHERE contact_email_id IN (SELECT object_id FROM f{block.number})"
            for block in write_plan.blocks
            if block.table == "contact_email"
        ),
    ]
    accounts = [
        *(f"SELECT object_id AS id FROM f{block.number}" for block in write_plan.blocks if block.table == "account"),
        *(f"SELECT account_id AS id FROM f{block.number}" for block in write_plan.blocks if block.table == "account_contact"),
    ]
    if "account_contact" in write_plan.plan.taken_away:
        accounts.append("SELECT account_id FROM del_account_contact")
    write_plan.staging.run(f"CREATE OR REPLACE TABLE found_custom_field AS {_laid_over(write_plan, 'custom_field')}")
    searched = "SELECT custom_field_id FROM found_custom_field WHERE is_searched AND retired_at IS NULL"
    for table, into in (("account_field_value", accounts), ("contact_field_value", contacts)):
        owner = VALUES[table]
        if table in write_plan.plan.taken_away:
            into.append(f"SELECT {owner} FROM del_{table} WHERE custom_field_id IN ({searched})")
        for block in write_plan.blocks:
            if block.table == table:
                into.append(f"SELECT {owner} FROM f{block.number} WHERE custom_field_id IN ({searched})")
            elif block.table == "custom_field" and {"is_searched", "retired_at"} & {*write_plan.written(block)}:
                into.append(f"SELECT {owner} FROM {STORE}.{table} WHERE custom_field_id IN (SELECT object_id FROM f{block.number})")
    write_plan.staging.run(f"CREATE OR REPLACE TABLE renamed AS {_each('contact_id', contacts)}")
    new_links = write_plan.rows("account_contact", "account_id", "contact_id", where="row_state = 'new'")
    links = f"{new_links} UNION SELECT account_id, contact_id FROM {STORE}.account_contact t{_but_removed(write_plan, 'account_contact')}"
    accounts.append(f"SELECT account_id FROM ({links}) AS l WHERE contact_id IN (FROM renamed)")
    write_plan.staging.run(f"CREATE OR REPLACE TABLE worded AS {_each('account_id', accounts)}")
    write_plan.staging.run(
        f"CREATE OR REPLACE TABLE found_account_contact AS SELECT * FROM ({links}) AS l WHERE account_id IN (FROM worded) ORDER BY account_id"
    )


def give_out(write_plan: WritePlan) -> int:
    """Write ``wording.parquet`` and ``naming.parquet``, of accounts and contacts whose words change; return how many there are."""
    accounts, contacts = "SELECT account_id FROM worded", "SELECT contact_id FROM renamed"
    all_contacts = f"{contacts} UNION SELECT contact_id FROM found_account_contact"
    for table, whose in (
        ("account", f"account_id IN ({accounts})"),
        ("contact", f"contact_id IN ({all_contacts})"),
        ("contact_email", f"contact_id IN ({all_contacts})"),
    ):
        write_plan.staging.run(
            f"CREATE OR REPLACE TABLE found_{table} AS SELECT * FROM ({_laid_over(write_plan, table)}) AS l WHERE {whose}"
        )
    for table, whose in (("account_field_value", accounts), ("contact_field_value", all_contacts)):
        write_plan.staging.run(f"CREATE OR REPLACE TABLE found_{table} AS {_values(write_plan, table, whose)}")

    write_plan.staging.give_out(f"SELECT * FROM ({known_of(accounts, 'found_{}'.format)}) AS k ORDER BY account_id", "wording.parquet")
    write_plan.staging.give_out(
        f"SELECT * FROM ({contacts_known_of(contacts, 'found_{}'.format)}) AS k ORDER BY contact_id", "naming.parquet"
    )
    return (write_plan.staging.value("SELECT count(*) FROM worded") or 0) + (write_plan.staging.value("SELECT count(*) FROM renamed") or 0)


def _each(column: str, parts: list[str]) -> str:
    return f"SELECT DISTINCT id AS {column} FROM ({' UNION ALL '.join([*parts, NOBODY])}) AS p(id) WHERE id IS NOT NULL ORDER BY 1"


def _laid_over(write_plan: WritePlan, table: str) -> str:
    """Return a SELECT of the table's id and the columns of ``NUMBERED``: what a file brings, else what the store holds."""
    key, columns, kinds = TABLES[table].key[0], NUMBERED[table], write_plan.plan.columns[table]
    parts = []
    for block in write_plan.plan.by_table.get(table, ()):
        own = write_plan.written(block)
        picked = [f"{c if c in own else f'CAST(NULL AS {kinds[c][0]})'} AS {c}, {str(c in own).upper()} AS brings_{c}" for c in columns]
        parts.append(f"SELECT object_id AS {key}, {', '.join(picked)} FROM f{block.number}")
    plain = f"SELECT {key}, {', '.join(columns)} FROM {STORE}.{table}"
    if not parts:
        return plain
    merged = ", ".join(f"max({c}) FILTER (WHERE brings_{c}) AS {c}, bool_or(brings_{c}) AS brings_{c}" for c in columns)
    chosen = ", ".join(f"CASE WHEN s.brings_{c} THEN s.{c} ELSE t.{c} END AS {c}" for c in columns)
    staged = f"SELECT {key}, {merged} FROM ({' UNION ALL '.join(parts)}) AS u GROUP BY {key}"
    return f"""SELECT s.{key}, {chosen} FROM ({staged}) AS s LEFT JOIN {STORE}.{table} t ON t.{key} = s.{key}
        UNION ALL {plain} WHERE {key} NOT IN (SELECT {key} FROM ({staged}) AS u)"""


def _values(write_plan: WritePlan, table: str, whose: str) -> str:
    """Return a SELECT of the values of custom fields of these accounts or contacts."""
    owner = VALUES[table]
    staged = write_plan.rows(table, owner, "custom_field_id", "value")
    return f"""SELECT * FROM ({staged}) AS s WHERE {owner} IN ({whose})
        UNION ALL SELECT {owner}, custom_field_id, value FROM {STORE}.{table} t WHERE {owner} IN ({whose})
            AND NOT EXISTS (SELECT 1 FROM ({staged}) AS s WHERE s.{owner} = t.{owner} AND s.custom_field_id = t.custom_field_id)
            {_but_removed(write_plan, table, "AND")}"""


def _but_removed(write_plan: WritePlan, table: str, word: str = "WHERE") -> str:
    """Return the condition that leaves out rows ``t`` of the store that this run removes, if there are any."""
    if table not in write_plan.plan.taken_away:
        return ""
    same = " AND ".join(f"d.{c} = t.{c}" for c in TABLES[table].key)
    return f" {word} NOT EXISTS (FROM del_{table} d WHERE {same})"
