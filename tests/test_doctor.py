"""What does not agree is told."""

from __future__ import annotations

import contextlib
from functools import partial
from pathlib import Path

import pyotp
import pytest

from core.base.rights import Viewer
from core.i18n import LANGUAGES, speaking, t
from core.identity import second_factor_key
from core.identity.members import add_member
from core.identity.second_factor import new_secret, set_second_factor, set_sign_in_rules
from core.imports.run import import_data
from core.operations import doctor_rules, report
from core.operations.control_socket import perform
from core.operations.doctor import examine
from core.operations.doctor_rules import QUERIES, codes, ids, keys, other, references, versions
from core.overview import card_cache
from core.overview.card_cache import KEPT
from core.store import Tx, reader, writer
from core.store.tables import TABLES

SYSTEM = Viewer.system("tests")
BREAKING = {
    "reference": "INSERT INTO account_tag VALUES ((SELECT min(account_id) FROM account), 77)",
    "version": "UPDATE account SET version = 0",
    "paid": "UPDATE invoice SET paid_amount = 1 WHERE number = '10248'",
    "state": "UPDATE account SET state = 'archived' WHERE number = 'ALFKI'",
    "number": "UPDATE account SET number = 'ALFKI'",
    "words": "DELETE FROM search_text",
    "words_stale": "UPDATE search_word SET word = word || 'x' WHERE word = 'alfreds'",
    "factor_closed": """INSERT INTO second_factor (staff_member_id, secret, last_step, created_at)
        SELECT min(staff_member_id), '1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 0, '2026-01-01' FROM staff_member""",
    "figures": "UPDATE account_figure SET unread_count = 99",
    "card": "UPDATE overview_card SET card = '[[9' || substr(card, 3) WHERE widget = 'unpaid_invoices'",
    "owner": "UPDATE staff_member SET is_active = FALSE",
    "contact": "DELETE FROM account_contact",
    "file_missing": """INSERT INTO document (document_id, account_id, name, uploaded_at, is_from_client, file)
        SELECT 1, min(account_id), 'x', now()::TIMESTAMP, TRUE, 'nowhere.pdf' FROM account""",
}


A, C = "(SELECT min(account_id) FROM account)", "(SELECT min(contact_id) FROM contact)"
OTHER = "(SELECT max(account_id) FROM account)"
# Each alone breaks a rule that no other test breaks; taken back afterwards.
MORE = {
    "other_account": f"UPDATE payment SET account_id = {OTHER} WHERE payment_id = (SELECT min(payment_id) FROM payment)",
    "twice": "INSERT INTO account_contact SELECT * FROM account_contact LIMIT 1",
    "sequence": "INSERT INTO tag (tag_id, name) VALUES (99999999, 'weit voraus')",
    "code": "UPDATE account SET kind = 'planet' WHERE number = 'ALFKI'",
    "invoice_status": "UPDATE invoice SET status = 'paid' WHERE paid_amount = 0",
    "archived": "UPDATE account SET archived_at = '2026-01-01' WHERE number = 'ALFKI'",
    "email": f"INSERT INTO contact_email (contact_email_id, contact_id, email, created_at) SELECT n, {C}, e, '2026-01-01' "
    "FROM (VALUES (5, 'doppelt@firma.example'), (6, 'Doppelt@firma.example')) AS v(n, e)",
    "staff_email": "INSERT INTO staff_member (staff_member_id, name, email, created_at) VALUES (7, 'Olga Zwei', 'OLGA@kanzlei.de', '2026-01-01')",
    "email_of_staff": f"INSERT INTO contact_email (contact_email_id, contact_id, email, created_at) VALUES (5, {C}, 'olga@kanzlei.de', '2026-01-01')",
    "primary": f"INSERT INTO contact_email (contact_email_id, contact_id, email, created_at) VALUES (5, {C}, 'neben@firma.example', '2026-01-01')",
    "access_link": f"INSERT INTO email_access (account_id, contact_id, contact_email_id) VALUES ({OTHER}, {C}, 5)",
    "access_address": f"""INSERT INTO contact_email (contact_email_id, email, created_at) VALUES (5, 'los@firma.example', '2026-01-01');
        INSERT INTO email_access (account_id, contact_id, contact_email_id) VALUES ({A}, {C}, 5)""",
    "signatory": f"INSERT INTO signatory (signatory_id, account_id, contact_id, contact_email_id) VALUES (7, {A}, {C}, 5)",
    "signature_status": f"""INSERT INTO signature (signature_id, account_id, document_name, sent_at) VALUES (5, {A}, 'Vollmacht', '2026-01-01');
        INSERT INTO signatory (signatory_id, account_id, signature_id, contact_id, contact_email_id, signed_at) VALUES (7, {A}, 5, {C}, 5, '2026-01-02')""",
    "contract_status": f"""INSERT INTO contract (contract_id, account_id, name, sent_at, status) VALUES (5, {A}, 'Auftrag', '2026-01-01', 'signed');
        INSERT INTO signatory (signatory_id, account_id, contract_id, contact_id, contact_email_id) VALUES (7, {A}, 5, {C}, 5)""",
    "stage": f"""INSERT INTO stage (stage_id, pipeline_id, name, position) VALUES (5, 6, 'Prüfung', 1);
        INSERT INTO job (job_id, account_id, name, pipeline_id, stage_id, created_at, stage_since_at)
        VALUES (7, {A}, 'Abschluss', 8, 5, '2026-01-01', '2026-01-01')""",
    "chat": f"""INSERT INTO chat (chat_id, account_id, subject, created_at, last_message_at, last_message, last_is_from_client, last_by_name)
        VALUES (5, {A}, 'Frage', '2026-01-01', '2026-01-01', 'alt', TRUE, '');
        INSERT INTO chat_message (chat_message_id, account_id, chat_id, sent_at, is_from_client, text) VALUES (6, {A}, 5, '2026-01-02', TRUE, 'neu')""",
    "answers": f"""INSERT INTO organizer (organizer_id, account_id, name, sent_at, updated_at, question_count, answered_count)
        VALUES (5, {A}, 'Fragen', '2026-01-01', '2026-01-01', 3, 4)""",
    "seen": f"""INSERT INTO document (document_id, account_id, name, uploaded_at, is_from_client, seen_by)
        VALUES (5, {A}, 'x', '2026-01-01', TRUE, 1)""",
    "tag_name": "INSERT INTO tag (tag_id, name) VALUES (5, 'VIP'), (6, 'vip')",
    "field_label": "INSERT INTO custom_field (custom_field_id, scope, key, label, type) VALUES (5, 'account', 'a', 'Amt', 'text'), (6, 'account', 'b', 'amt', 'text')",
    "field_scope": f"""INSERT INTO custom_field (custom_field_id, scope, key, label, type) VALUES (5, 'contact', 'a', 'Amt', 'text');
        INSERT INTO account_field_value VALUES ({A}, 5, 'x')""",
    "option": f"""INSERT INTO custom_field (custom_field_id, scope, key, label, type, options) VALUES (5, 'account', 'a', 'Form', 'choice', '["GmbH"]');
        INSERT INTO account_field_value VALUES ({A}, 5, 'KG')""",
    "factor": "UPDATE firm SET second_factor_roles = 'owner,admin'",
    "firm": "INSERT INTO firm (firm_id, name, created_at) VALUES (5, 'Eins', '2026-01-01')",
    "firm_missing": "DELETE FROM firm",
}


def build_northwind(settings):
    add_member(Viewer.system("tests"), name="Olga Owner", email="olga@kanzlei.de", role="owner", firm="Northwind")
    assert import_data(settings, Path(__file__).parent / "data" / "northwind" / "northwind.toml", lambda line: None)
    card_cache.fill()


@pytest.fixture
def northwind(holding):
    return holding(build_northwind)


@pytest.mark.parametrize("code", BREAKING)
def test_each_finding(northwind, settings, code):
    assert list(examine(settings)) == []
    with writer(Viewer.system("tests")) as tx:
        tx.execute(BREAKING[code])
    found = dict(examine(settings))
    assert code in found
    for language in LANGUAGES:
        with speaking(language):
            assert t(f"cli.doctor.{code}", **found[code])


def test_an_unowned_file_is_told(northwind, settings):
    settings.documents.mkdir(parents=True, exist_ok=True)
    (settings.documents / "x.pdf").write_bytes(b"")
    assert dict(examine(settings))["file_unowned"]["example"] == "x.pdf"


def said(settings, **asked) -> tuple[int, list[str]]:
    """What the command ends with and says, in German."""
    lines: list[str] = []
    return perform(settings, "examine", asked, lines.append), lines


def test_what_repeats_other_rows_is_made_anew_on_demand(northwind, settings, monkeypatch):
    with writer(SYSTEM) as tx:
        tx.execute("UPDATE search_text SET everything = 'veraltet'; DELETE FROM search_word; UPDATE account_figure SET unread_count = 99")
        tx.execute(BREAKING["card"])
    code, lines = said(settings)
    assert code == 1 and sum("doctor --renew" in line for line in lines) >= 3, lines
    # Each line of what takes long, as if every look did.
    monkeypatch.setattr(report, "PROGRESS_EVERY_S", -1)
    code, lines = said(settings, renew=True)
    told = (
        "Suchwörter und Summen: 91 von 91 Kunden …",
        "Übersichten: 91 von 91 Kunden …",
        "neu gebildet",
        "1 von ",
        "Alles passt zusammen.",
    )
    assert code == 0 and [line for line in told if not any(line in one for one in lines)] == [], lines
    with reader(SYSTEM) as r:
        count = r.value("SELECT count(*) FROM account")
        assert r.value("SELECT count(DISTINCT account_id) FROM search_word") == count
        assert r.value("SELECT count(*) FROM overview_card") == count * len(KEPT)


@pytest.mark.parametrize("change", ["missing", "other"])
def test_a_second_factor_under_a_lost_key_is_told_with_what_to_do(firm, settings, change):
    secret = new_secret()
    set_second_factor(Viewer.staff(firm.assigned), secret, pyotp.TOTP(secret).now())
    assert "factor_closed" not in dict(examine(settings))
    key = settings.data / second_factor_key.KEY_FILE_NAME
    if change == "missing":
        key.unlink()
    else:
        key.write_bytes(bytes(32))
    found = dict(examine(settings))["factor_closed"]
    assert found == {"count": 1, "example": "assigned@kanzlei.example"}
    assert key.exists() is (change == "other"), "looking makes no key"
    for language in LANGUAGES:
        with speaking(language):
            assert "factor-off" in t("cli.doctor.factor_closed", **found)


def test_who_needs_a_second_factor_and_has_none_is_told(firm, settings):
    set_sign_in_rules(SYSTEM, roles=("owner",))
    assert dict(examine(settings))["factor"] == {"count": 1, "example": "owner@kanzlei.example"}
    secret = new_secret()
    set_second_factor(Viewer.staff(firm.owner), secret, pyotp.TOTP(secret).now())
    assert "factor" not in dict(examine(settings))


def told(tx: Tx, code: str) -> dict[str, dict[str, object]]:
    """What the doctor's own rules find, those looked at that can find this."""
    if code in QUERIES:
        return dict(other(tx, code))
    looked = [partial(rule, tx, table) for rule in (references, keys) for table in TABLES.values()]
    return dict(found for look in (*looked, *(partial(rule, tx) for rule in (ids, versions, codes))) for found in look())


def test_every_other_rule_is_broken_once_and_named(northwind, monkeypatch):
    """All at once take a copy of the store; each is taken back."""

    class Back(Exception):
        pass

    for code, broken in MORE.items():
        monkeypatch.setattr(doctor_rules, "QUERIES", {code: QUERIES[code]} if code in QUERIES else QUERIES)
        with contextlib.suppress(Back), writer(Viewer.system("tests")) as tx:
            tx.execute(broken)
            found = told(tx, code)
            assert code in found, code
            for language in LANGUAGES:
                with speaking(language):
                    assert "python -m core" in t(f"cli.doctor.{code}", **found[code]) or len(t(f"cli.doctor.{code}", **found[code])) > 60
            raise Back
    assert QUERIES.keys() <= MORE.keys() | BREAKING.keys()


@pytest.mark.parametrize(
    ("type_", "options", "value", "well"),
    [
        ("choice", '["A","B"]', "B", True),
        ("choice", '["A","B"]', "C", False),
        ("choices", '["A","B"]', '["A","B"]', True),
        ("choices", '["A"]', '["A","B"]', False),
    ],
)
def test_values_of_a_choice_are_among_its_entries(northwind, settings, type_, options, value, well):
    with writer(Viewer.system("tests")) as tx:
        tx.execute(
            "INSERT INTO custom_field (custom_field_id, scope, key, label, type, options) VALUES (5, 'account', 'a', 'Form', $t, $o)",
            {"t": type_, "o": options},
        )
        tx.execute(f"INSERT INTO account_field_value VALUES ({A}, 5, $v)", {"v": value})
        assert ("option" not in told(tx, "option")) is well


def test_a_file_of_another_size_is_told(northwind, settings):
    settings.documents.mkdir(parents=True, exist_ok=True)
    (settings.documents / "x.txt").write_bytes(b"kurz")
    with writer(Viewer.system("tests")) as tx:
        tx.execute(f"""INSERT INTO document (document_id, account_id, name, uploaded_at, is_from_client, file, size_bytes)
            VALUES (5, {A}, 'x', '2026-01-01', FALSE, 'x.txt', 5)""")
    assert dict(examine(settings))["file_differs"]["example"] == "x.txt"


def test_every_column_that_names_a_row_is_examined_or_has_a_reason(store):
    reasons = {
        "audit_entry": "what is gone stays named", "import_key": "an import finds out itself", "import_word": "names what may be gone", "notification.object_id": "may be deleted", "email.message_id": "the mail's own", "turn_set_aside.object_id": "names what may be gone",
        "session.contact_email_id": "outlives the address", "known_browser.contact_email_id": "outlives the address",
        "one_time_link.contact_email_id": "outlives the address",
    }  # fmt: skip
    with reader(Viewer.system("tests")) as r:
        columns = r.rows(
            "SELECT table_name AS t, column_name AS c FROM duckdb_columns() WHERE database_name = 'kundenblick' AND column_name LIKE '%@_id' ESCAPE '@'"
        )
    for row in columns:
        spec, name = TABLES.get(row["t"]), f"{row['t']}.{row['c']}"
        if spec is not None and not {row["t"], name} & reasons.keys():
            assert row["c"] in spec.references or spec.key == (row["c"],), name
