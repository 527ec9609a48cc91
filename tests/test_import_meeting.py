"""Records that rows mean without a key of the files: by an own field, by an address; and clients that come without a number."""

from __future__ import annotations

import pytest

from core.i18n import speaking
from core.imports.run import import_data
from core.store import writer
from tests.test_import_words import SYSTEM, rows

CLIENTS = """
name = "clients"
[files.c]
path = "c.csv"
[[tables]]
table = "account"
file = "c"
key = ["Name"]
fields = {{ number = {{ next = "{pattern}" }}, name = "Name" }}
[[tables]]
table = "contact"
file = "c"
key = ["Name"]
fields = {{ name = "Name" }}
[[tables]]
table = "account_contact"
file = "c"
fields = {{ account_id = "Name", contact_id = "Name" }}
[[tables]]
table = "contact_email"
file = "c"
key = ["Mail"]
fields = {{ contact_id = "Name", email = "Mail" }}
[[tables]]
table = "custom_field"
file = "c"
key = ["'debitor'"]
distinct = true
fields = {{ scope = {{ value = "account" }}, key = {{ value = "debitor" }}, label = {{ value = "Debitor" }}, type = {{ value = "text" }} }}
[[tables]]
table = "account_field_value"
file = "c"
fields = {{ account_id = "Name", custom_field_id = "'debitor'", value = "Debitor" }}
"""
INVOICES = """
name = "invoices"
[files.i]
path = "i.csv"
[[tables]]
table = "invoice"
file = "i"
key = ["No"]
fields = { account_id = { from = "Konto", by = "field:debitor" }, number = "No", issued_on = "Am", due_on = "Am", total = "Betrag" }
"""
PHONES = """
name = "phones"
[files.p]
path = "p.csv"
[[tables]]
table = "contact"
file = "p"
key = ["Id"]
match = { email = "Mail" }
fields = { name = "Wer", phone = "Tel" }
"""


@pytest.fixture
def run(store, settings, tmp_path):
    def go(mapping: str, *, good: bool = True, **files: str) -> list[str]:
        for name, text in files.items():
            (tmp_path / f"{name}.csv").write_text(text, "utf-8")
        (tmp_path / "m.toml").write_text(mapping, "utf-8")
        said: list[str] = []
        with speaking("en"):
            assert import_data(settings, tmp_path / "m.toml", said.append) is good, said
        return said

    return go


def clients(pattern: str = "K{:05}") -> str:
    return CLIENTS.format(pattern=pattern)


HEAD = "Name,Mail,Debitor\n"
TWO = f"{HEAD}Alpha,max@alpha.de,70001\nBeta,ida@beta.de,70002\n"


def numbers() -> dict[str, str]:
    return {row["name"]: row["number"] for row in rows("account")}


def test_clients_without_a_number_get_the_next_one_and_keep_it(run):
    run(clients(), c=TWO)
    assert numbers() == {"Alpha": "K00001", "Beta": "K00002"}
    assert any("nothing was written" in line for line in run(clients(), c=TWO))
    with writer(SYSTEM) as tx:
        beta = tx.row("SELECT account_id, version FROM account WHERE name = 'Beta'")
        tx.update("account", beta["account_id"], number="K00041")
    run(clients(), c=f"{TWO}Gamma,uwe@gamma.de,70003\n")
    assert numbers() == {"Alpha": "K00001", "Beta": "K00041", "Gamma": "K00042"}


def test_a_pattern_that_is_none_is_told(run):
    assert any("fields.number.next" in line for line in run(clients("K{x}"), good=False, c=TWO))


def test_an_invoice_finds_its_client_by_an_own_field(run):
    run(clients(), c=TWO)
    run(INVOICES, i="No,Konto,Am,Betrag\nR1,70002,2026-11-01,10\n")
    beta = next(row["account_id"] for row in rows("account") if row["name"] == "Beta")
    assert [row["account_id"] for row in rows("invoice")] == [beta]
    told = run(INVOICES, good=False, i="No,Konto,Am,Betrag\nR2,99999,2026-11-01,10\n")
    assert any("99999" in line for line in told)


def test_an_own_field_that_two_clients_share_names_neither(run):
    run(clients(), c=f"{HEAD}Alpha,max@alpha.de,70001\nBeta,ida@beta.de,70001\n")
    run(INVOICES, good=False, i="No,Konto,Am,Betrag\nR1,70001,2026-11-01,10\n")
    assert rows("invoice") == []


def test_a_contact_is_met_by_an_address_in_any_spelling(run):
    run(clients(), c=TWO)
    run(PHONES, i="", p="Id,Wer,Mail,Tel\n9,Alpha,SMTP:Max@Alpha.de,030 1234567\n")
    found = {row["name"]: row["phone"] for row in rows("contact")}
    assert found == {"Alpha": "+49 30 1234567", "Beta": None}
