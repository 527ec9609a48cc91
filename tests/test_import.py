"""The worked example: Northwind, as dirty as it is."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from core.audit.examination import verify
from core.base.rights import Viewer
from core.imports.run import import_data
from core.store import reader
from core.store.audit import hash_chain
from core.store.bulk_entries import FREE_NUMBERS

SYSTEM = Viewer.system("tests")


@pytest.fixture
def mapping(northwind) -> Path:
    return northwind / "northwind.toml"


def counts() -> dict[str, int]:
    tables = ("account", "contact", "staff_member", "assignment", "invoice", "payment", "audit_entry", "account_figure")
    with reader(SYSTEM) as r:
        return {table: r.value(f"SELECT count(*) FROM {table}") for table in tables}


def test_what_its_readme_says_holds(store, settings, mapping):
    said: list[str] = []
    assert import_data(settings, mapping, said.append)
    found = counts()
    assert {key: found[key] for key in ("account", "contact", "staff_member", "assignment", "invoice", "payment")} == {
        "account": 91, "contact": 91, "staff_member": 9, "assignment": 464, "invoice": 830, "payment": 809,
    }  # fmt: skip
    with reader(SYSTEM) as r:
        assert r.value("SELECT sum(total) FROM invoice") == Decimal("1265793.22")
        unpaid = r.row("SELECT count(*) AS n, sum(total - paid_amount) AS worth FROM invoice WHERE total > paid_amount")
        assert unpaid == {"n": 21, "worth": Decimal("25937.44")}
        assert r.value("SELECT count(*) FROM contact_email") == 0
        assert r.value("SELECT count(*) FROM staff_member WHERE is_active") == 0
        assert r.value("SELECT sum(open_amount) FROM account_figure") == Decimal("25937.44")
    assert sum("orders.csv" in line for line in said if "line" in line.lower() or "zeile" in line.lower()) >= 176


def test_twice_changes_nothing(store, settings, mapping):
    assert import_data(settings, mapping, lambda _: None)
    before = counts()
    assert import_data(settings, mapping, lambda _: None)
    assert counts() == before


def test_a_rehearsal_writes_nothing(store, settings, mapping):
    assert import_data(settings, mapping, lambda _: None, dry_run=True)
    assert set(counts().values()) == {0}
    assert not list(settings.data.glob("import-*"))


def test_refuse_lists_all_and_writes_nothing(store, settings, mapping):
    mapping.write_text(re.sub(r"surplus = {[^}]*}", 'surplus = "refuse"', mapping.read_text("utf-8")), "utf-8")
    said: list[str] = []
    assert not import_data(settings, mapping, said.append)
    assert sum(line.startswith(("customers.csv", "orders.csv")) for line in said) >= 200
    assert set(counts().values()) == {0}


def test_a_changed_row_is_changed_and_recorded(store, settings, mapping):
    assert import_data(settings, mapping, lambda _: None)
    file = mapping.parent / "customers.csv"
    file.write_text(file.read_text("utf-8").replace("Alfreds Futterkiste", "Alfreds Neue Kiste"), "utf-8")
    assert import_data(settings, mapping, lambda _: None)
    with reader(SYSTEM) as r:
        assert r.value("SELECT count(*) FROM account WHERE name = 'Alfreds Neue Kiste'") == 1
        entry = r.row(
            "SELECT old_value, new_value, through FROM audit_entry WHERE entity = 'account' AND field = 'name' AND action = 'changed'"
        )
        assert entry == {"old_value": "Alfreds Futterkiste", "new_value": "Alfreds Neue Kiste", "through": "import"}
        assert r.value("SELECT count(*) FROM search_word WHERE word = 'neue'") == 1


def test_the_record_of_an_import_begins_where_the_chain_stood(store, settings, mapping):
    assert import_data(settings, mapping, lambda _: None)
    with reader(SYSTEM) as r:
        numbers = [row["audit_entry_id"] for row in r.rows("SELECT audit_entry_id FROM audit_entry ORDER BY audit_entry_id")]
        last = r.rows("SELECT * FROM audit_entry ORDER BY audit_entry_id DESC LIMIT 1")[0]
        begins = r.value("SELECT previous_hash FROM audit_entry WHERE hash IS NOT NULL ORDER BY audit_entry_id LIMIT 1")
    # What others may record meanwhile has numbers of its own; the chain goes on where it stood.
    assert numbers == list(range(FREE_NUMBERS + 1, FREE_NUMBERS + len(numbers) + 1)) and begins == ""
    assert verify(SYSTEM, settings).finding is None
    assert last["action"] == "imported" and last["hash"] and len(last["hash"]) == len(hash_chain.link(last))
