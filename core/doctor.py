"""Whether what the tables say of each other agrees, and every file is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from core.config import Settings
from core.rights import Viewer
from core.store import Reader, reader
from core.store.derived import figures_select
from core.store.staging import STORE
from core.store.tables import TABLES
from core.widgets.cards import wrong
from core.widgets.catalogue import CATALOGUE

US = Viewer.system("doctor")
STATES = f"""SELECT a.account_id, CASE WHEN any_value(a.archived_at) IS NOT NULL THEN 'archived'
    WHEN count(*) FILTER (WHERE e.login AND e.suspended_at IS NULL AND e.first_login_at IS NOT NULL) > 0 THEN 'active'
    WHEN count(*) FILTER (WHERE e.login AND e.suspended_at IS NULL) > 0 THEN 'pending' ELSE 'offline' END AS state
    FROM {STORE}.account a LEFT JOIN {STORE}.email_access e ON e.account_id = a.account_id GROUP BY 1"""
QUERIES = {
    "paid": f"""SELECT i.number FROM {STORE}.invoice i LEFT JOIN (SELECT invoice_id, sum(amount) AS paid FROM {STORE}.payment GROUP BY 1) p
        USING (invoice_id) WHERE i.paid_amount <> coalesce(p.paid, 0)""",
    "state": f"SELECT a.number FROM {STORE}.account a JOIN ({STATES}) s USING (account_id) WHERE a.state <> s.state",
    "contact": f"SELECT number FROM {STORE}.account WHERE account_id NOT IN (SELECT account_id FROM {STORE}.account_contact)",
    "number": f"SELECT number FROM {STORE}.account GROUP BY number HAVING count(*) > 1",
    "email": f"SELECT email FROM {STORE}.contact_email GROUP BY email HAVING count(*) > 1",
    "words": f"SELECT number FROM {STORE}.account WHERE account_id NOT IN (SELECT account_id FROM {STORE}.search_text)",
    "figures": f"""SELECT number FROM account WHERE account_id IN (
        SELECT account_id FROM ((FROM account_figure) EXCEPT ({figures_select("SELECT account_id FROM account")}))
        UNION SELECT account_id FROM {STORE}.account WHERE account_id NOT IN (SELECT account_id FROM {STORE}.account_figure))""",
    "owner": f"""SELECT '–' WHERE (SELECT count(*) FROM {STORE}.staff_member WHERE role = 'owner' AND is_active) = 0
        AND (SELECT count(*) FROM {STORE}.account) > 0""",
}


def examine(settings: Settings) -> Iterator[tuple[str, dict[str, object]]]:
    """Yields (code, values) of everything that is wrong: how many, and one example."""
    with reader(US) as r:
        yield from _references(r)
        yield from _versions(r)
        for code, query in QUERIES.items():
            found = r.rows(f"SELECT * FROM ({query}) AS q(example)")
            if found:
                yield code, {"count": len(found), "example": found[0]["example"]}
        for widget in CATALOGUE:
            if found := r.rows(f"SELECT * FROM ({wrong(widget)}) AS q(example)"):
                yield "card", {"widget": widget.key, "count": len(found), "example": found[0]["example"]}
        yield from _files(r, "document", settings.documents)
        yield from _files(r, "photo", settings.photos)


def _references(r: Reader) -> Iterator[tuple[str, dict[str, object]]]:
    for table in TABLES.values():
        for column, of in table.references.items():
            key = TABLES[of].key[0]
            lost = f"SELECT t.{column} FROM {STORE}.{table.name} t ANTI JOIN {STORE}.{of} o ON o.{key} = t.{column} WHERE t.{column} IS NOT NULL"
            if count := r.value(f"SELECT count(*) FROM ({lost})"):
                yield "reference", {"table": table.name, "column": column, "of": of, "count": count, "example": r.value(f"{lost} LIMIT 1")}


def _versions(r: Reader) -> Iterator[tuple[str, dict[str, object]]]:
    versioned = r.rows(
        "SELECT table_name FROM duckdb_columns() WHERE database_name = 'kundenblick' AND schema_name = 'data' AND column_name = 'version'"
    )
    for row in versioned:
        if count := r.value(f"SELECT count(*) FROM {STORE}.{row['table_name']} WHERE version < 1"):
            yield "version", {"table": row["table_name"], "count": count}


def _files(r: Reader, table: str, folder: Path) -> Iterator[tuple[str, dict[str, object]]]:
    named = {row["file"] for row in r.rows(f"SELECT file FROM {STORE}.{table} WHERE file IS NOT NULL")}
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} if folder.is_dir() else set()
    if missing := sorted(named - there):
        yield "file_missing", {"folder": folder.name, "count": len(missing), "example": missing[0]}
    if unowned := sorted(there - named):
        yield "file_unowned", {"folder": folder.name, "count": len(unowned), "example": unowned[0]}
