"""A firm in which every text of every table is a word that says whose it is: what leaks is found by its word."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from core.base.rights import Right, Viewer
from core.i18n.formats import today
from core.store import Tx, now, writer
from core.store.tables import TABLES
from tests.test_access import build_people

SYSTEM = Viewer.system("tests")
# Tables of an account that are derived, or whose texts are codes the code itself writes and reads.
DERIVED = {"account_figure", "overview_card", "search_word", "search_text", "audit_entry", "recent_account", "import_row", "mail_out"}
CODES = {
    "kind", "state", "status", "role", "through", "media_type", "direction", "outcome", "priority", "color", "scope", "type", "relation_code",
    "method", "currency", "definition", "language", "sha256", "file", "purpose", "token_hash", "password_hash", "archived_state", "reason_code",
}  # fmt: skip
# Codes that are needed for a row to be shown.
CODE_OF = {
    "task": {"priority": "normal", "status": "planned"}, "invoice": {"status": "unpaid"}, "approval": {"status": "pending"},
    "signature": {"status": "pending"}, "organizer": {"status": "pending"}, "contract": {"status": "pending"}, "document": {"status": "none"},
    "email": {"direction": "received"}, "login": {"outcome": "success"}, "job": {"status": "active"},
}  # fmt: skip
NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DOUBLE")


def word(whose: str, table: str) -> str:
    """The word that stands in every text of that table's rows of that account."""
    return f"Kanarie{whose}{table.replace('_', '').title()}Ende"


def columns_of(tx: Tx) -> dict[str, list[dict]]:
    """Every table's columns: name, data_type, is_nullable."""
    query = """SELECT table_name, column_name AS name, data_type AS type, is_nullable FROM duckdb_columns()
               WHERE schema_name = 'data' AND NOT internal ORDER BY table_name, column_index"""
    found: dict[str, list[dict]] = {}
    for row in tx.rows(query):
        found.setdefault(row["table_name"], []).append(row)
    return found


def row_of(table: str, columns: list[dict], text: str, ids: dict[str, int]) -> dict[str, object]:
    """Values for a row: ids where they are known, the text where a text may stand, something that fits elsewhere."""
    values: dict[str, object] = {}
    for column in columns:
        name, type_ = column["name"], column["type"]
        if ((name,) == TABLES[table].key and TABLES[table].has_id) or name == "version":
            continue
        if name in CODE_OF.get(table, {}):
            values[name] = CODE_OF[table][name]
        elif name in ids:
            values[name] = ids[name]
        elif name.endswith("_id") or name in CODES:
            if not column["is_nullable"]:
                values[name] = 1 if type_ in NUMBERS else "none"
        elif type_ == "VARCHAR":
            values[name] = text
        elif type_ == "BOOLEAN":
            values[name] = name == "is_from_client"
        elif type_ == "DATE":
            values[name] = today() + timedelta(days=3)
        elif type_ == "TIMESTAMP":
            # What has an end or was put away is not shown.
            if not column["is_nullable"]:
                values[name] = now()
        elif type_.startswith("DECIMAL"):
            values[name] = Decimal(12)
        elif type_ in NUMBERS and not column["is_nullable"]:
            values[name] = 1
    return values


def tables_of_an_account(columns: dict[str, list[dict]]) -> list[str]:
    """Tables with rows of an account that are written, not derived."""
    own = [table for table, its in columns.items() if any(column["name"] == "account_id" for column in its)]
    return sorted(set(own) - DERIVED - {"account", "account_contact", "account_tag", "assignment", "email_access", "session"})


def fill(tx: Tx, whose: str, ids: dict[str, int], text: str | None = None) -> dict[str, int]:
    """A row in every table of the account, all its texts the word of that table (or ``text``). Returns table → id of the row."""
    columns, made = columns_of(tx), {}
    for table in ("job", *(table for table in tables_of_an_account(columns) if table != "job")):
        known = ids | {f"{name}_id": row for name, row in made.items() if row}
        values = row_of(table, columns[table], text or word(whose, table), known)
        made[table] = tx.insert(table, **values)
    tx.update("account", ids["account_id"], name=text or word(whose, "account"))
    tx.update("contact", ids["contact_id"], **{
        column["name"]: text or word(whose, "contact") for column in columns["contact"]
        if column["type"] == "VARCHAR" and column["name"] not in CODES | {"phone", "country"}
    })  # fmt: skip
    return made


def build_filled(_=None):
    """The people of the access tests, with more kinds of them; own and foreign accounts filled with their words."""
    firm = build_people(None)
    with writer(SYSTEM) as tx:

        def member(name: str, role: str = "employee", rights: tuple[Right, ...] = ()) -> int:
            made = tx.insert("staff_member", name=f"{name} Person", email=f"{name}@kanzlei.example", role=role, created_at=now())
            for right in rights:
                tx.insert("staff_right", staff_member_id=made, right_key=right.value)
            return made

        firm.admin = member("admin", "admin")
        firm.sees_all = member("sees.all", rights=(Right.VIEW_ALL_ACCOUNTS,))
        firm.manages = member("manages", rights=(Right.MANAGE_ACCOUNTS,))
        firm.auditor = member("auditor", rights=(Right.VIEW_AUDIT,))
        firm.nobody = 987654321
        tx.insert("assignment", account_id=firm.own, staff_member_id=firm.manages, created_at=now())
        firm.foreign_contact = tx.insert("contact", name="Fremde", created_at=now())
        firm.foreign_address = tx.insert(
            "contact_email", contact_id=firm.foreign_contact, email="kanariefremd@fremd.example", created_at=now()
        )
        tx.insert("account_contact", account_id=firm.foreign, contact_id=firm.foreign_contact, created_at=now())
        tx.insert(
            "email_access", account_id=firm.foreign, contact_id=firm.foreign_contact, contact_email_id=firm.foreign_address, login=True
        )
        both = (("Eigen", firm.own, firm.contact, firm.address), ("Fremd", firm.foreign, firm.foreign_contact, firm.foreign_address))
        shared = {"staff_member_id": firm.owner, "pipeline_id": 1, "stage_id": 1}
        firm.rows = {
            whose: fill(tx, whose, shared | {"account_id": account, "contact_id": contact, "contact_email_id": address})
            for whose, account, contact, address in both
        }
    return firm
