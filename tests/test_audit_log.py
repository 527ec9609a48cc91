"""What stands in the record beside changes, who reads it, and how: refusals, exports, readings; filtered, paged, in words."""

from __future__ import annotations

import ast
import re
from datetime import timedelta
from pathlib import Path

import pytest

from core.access.open_account import open_account
from core.access.refusals import settle
from core.access.verbs import VERBS, require, verb
from core.audit.examination import erase_values, verify
from core.audit.legacy_names import LEGACY_NAMES
from core.audit.log import KINDS, NEAR_ENTRIES, NOTED, SIGNING, AuditQuery, count, last_audit, note_reading, read_all, read_page
from core.audit.openings import read_openings
from core.base.errors import AccountNotFound, BadDeclaration, NotAllowed, NotFound
from core.base.rights import Right, Viewer
from core.clients.account_record import delete_account
from core.clients.saved_views import delete_view, save_view
from core.documents.openings import OPENED, note_opening, write_openings
from core.i18n import LANGUAGES, speaking, words_of
from core.identity.members import set_password, set_rights, set_role
from core.identity.second_factor import set_sign_in_rules
from core.identity.sessions import start_session
from core.identity.sign_in import check_sign_in
from core.store import now, reader, writer
from core.store.tables import TABLES
from core.ui.audit.wording import account_word, did_word, new_word, old_word, refused_word, way_word, who_word
from core.web.export_downloads import fetch, offer

ROOT = Path(__file__).parents[1]
SYSTEM = Viewer.system("tests")


def refusals(firm) -> list[tuple[object, object, object]]:
    settle()
    rows = read_page(firm.viewer("owner"), AuditQuery(kind="refusal")).rows
    return [(row["who_id"], row["account_id"], row["new_value"]) for row in rows]


def test_a_refusal_is_on_record_once_a_minute_and_a_missing_client_is_none(firm):
    viewer = firm.viewer("assigned")
    for account_id in (firm.foreign, firm.foreign, 987654, firm.foreign):
        with pytest.raises(AccountNotFound):
            open_account(viewer, account_id)
    assert refusals(firm) == [(firm.assigned, firm.foreign, "open_account")]


def test_whatever_is_refused_for_a_right_is_on_record(firm, shell):
    viewer = firm.viewer("assigned")
    with pytest.raises(NotAllowed):
        set_role(viewer, firm.unassigned, "admin")
    with pytest.raises(NotAllowed):
        require(viewer, Right.VIEW_AUDIT)
    with pytest.raises(NotAllowed):
        fetch(viewer, offer(viewer, "Kunden.csv", "text/csv", bytes))
    assert shell("assigned").get(f"/document/{firm.foreign_document}").status_code == 404
    assert shell("assigned").get("/document/987654").status_code == 404
    assert sorted(what for _, _, what in refusals(firm)) == ["export_data", "open_document", "staff_member.set_role", "view_audit"]


def test_the_verdict_of_a_refusal_is_not_shown_to_the_account_it_was_about(firm):
    from core.audit.account_history import HistoryQuery, read_history

    with pytest.raises(AccountNotFound):
        open_account(firm.viewer("unassigned"), firm.own)
    settle()
    assert not [row for row in read_history(open_account(firm.viewer("assigned"), firm.own), HistoryQuery()) if row["action"] == "refused"]


def test_filtered_by_person_client_kind_and_time(firm):
    owner = firm.viewer("owner")
    start_session(firm.assigned, "127.0.0.1", "test")
    assert check_sign_in("assigned@kanzlei.example", "falsch", "127.0.0.1") is None
    fetch(owner, offer(owner, "Kunden.csv", "text/csv", bytes))
    with writer(owner) as tx:
        tx.update("account", firm.own, name="Neu")
    with writer(Viewer.system("import", "import")) as tx:
        tx.update("account", firm.own, name="Aus dem Import")
    note_reading(owner, "kind=export")

    def found(**wish) -> list[tuple[str, object]]:
        rows = read_page(owner, AuditQuery(**wish)).rows
        assert len(rows) == count(owner, AuditQuery(**wish))
        return [(row["action"], row["who"]) for row in rows]

    assert found(who=("staff", firm.assigned)) == [("sign_in_failed", "Anna Zugeordnet"), ("signed_in", "Anna Zugeordnet")]
    assert found(kind="export") == [("exported", "Olga Owner")]
    assert found(kind="import") == [("changed", None)]
    assert found(kind="reading") == [("record_read", "Olga Owner")]
    assert found(kind="change", who=("staff", firm.owner)) == [("changed", "Olga Owner")]
    assert {row["account_id"] for row in read_page(owner, AuditQuery(account_id=firm.own)).rows} == {firm.own}
    assert found(since=now() + timedelta(minutes=1)) == [] == found(until=now() - timedelta(days=1))
    with reader(owner) as r:
        assert sum(count(owner, AuditQuery(kind=kind)) for kind in KINDS) == r.value("SELECT count(*) FROM audit_entry")


def test_a_private_view_is_read_by_nobody_else_in_the_record(firm):
    client = "Schmidt Straßenbau"
    kept = save_view(firm.viewer("assigned"), name=client, definition={"text": client})
    save_view(firm.viewer("assigned"), name=client, definition={"text": client}, shared=True)
    save_view(firm.viewer("assigned"), name=client, definition={"text": f"{client} 2"})
    delete_view(firm.viewer("assigned"), kept)

    def said(who: str) -> str:
        with reader(firm.viewer(who)) as r:
            return str(r.rows("SELECT old_value, new_value FROM audit_entry WHERE entity = 'saved_view'"))

    for who in ("owner", "everything"):
        rows = [row for row in read_all(firm.viewer(who), AuditQuery()) if row["entity"] == "saved_view"]
        assert rows and client not in said(who) + str(rows), who
        assert all(row["is_withheld"] for row in rows)
    set_rights(SYSTEM, firm.assigned, {"view_audit"})
    assert client in said("assigned"), "one's own is"


def test_paged_down_and_up_again_without_a_gap(firm, monkeypatch):
    owner = firm.viewer("owner")
    monkeypatch.setattr("core.audit.log.NEAR_ENTRIES", 7)
    everything = [row["audit_entry_id"] for row in read_all(owner, AuditQuery())]
    assert len(everything) == count(owner, AuditQuery()) > 30 and everything == sorted(everything, reverse=True)
    down, pages, page = [], [], read_page(owner, AuditQuery(), limit=10)
    while True:
        pages.append([row["audit_entry_id"] for row in page.rows])
        down += pages[-1]
        if not page.older:
            break
        page = read_page(owner, AuditQuery(), before=down[-1], limit=10)
    assert down == everything and page.newer
    for expected in reversed(pages[:-1]):
        page = read_page(owner, AuditQuery(), after=page.rows[0]["audit_entry_id"], limit=10)
        assert [row["audit_entry_id"] for row in page.rows] == expected
    assert not page.newer
    assert NEAR_ENTRIES > 1000


def test_only_who_may_reads_it_and_values_only_of_what_one_sees(firm):
    for who in ("assigned", "portal"):
        for ask in (
            lambda v: read_page(v, AuditQuery()),
            lambda v: count(v, AuditQuery()),
            lambda v: list(read_all(v, AuditQuery())),
            last_audit,
        ):
            with pytest.raises(NotAllowed):
                ask(firm.viewer(who))
    with writer(SYSTEM) as tx:
        tx.update("account", firm.foreign, name="Geheime Firma")
        tx.update("account", firm.own, name="Offene Firma")
        tx.update("invoice", tx.value("SELECT min(invoice_id) FROM invoice"), paid_amount=77)
    set_rights(firm.viewer("owner"), firm.assigned, {"view_audit"})
    rows = read_page(firm.viewer("assigned"), AuditQuery()).rows
    told = {(row["entity"], row["account_id"]): row for row in rows if row["action"] == "changed"}
    foreign, own = told["account", firm.foreign], told["account", firm.own]
    assert (foreign["old_value"], foreign["new_value"], foreign["account"], foreign["is_withheld"]) == (None, None, None, True)
    assert (own["new_value"], own["account"], own["is_withheld"]) == ("Offene Firma", "Offene Firma", False)
    assert told["invoice", firm.own]["is_withheld"] and told["invoice", firm.own]["new_value"] is None
    assert "Geheime" not in str(rows) and old_word(foreign) == "(nicht sichtbar)" and account_word(foreign).startswith("ein Kunde")


def test_who_and_what_stay_readable_when_they_are_gone(firm):
    owner = firm.viewer("owner")
    with writer(firm.viewer("assigned")) as tx:
        tx.update("account", firm.own, kind="person")
    with writer(SYSTEM) as tx:
        tx.update("staff_member", firm.assigned, name="Anna Verheiratet", is_active=False)
    delete_account(open_account(owner, firm.own), "Müller/Weber GbR")
    row = next(row for row in read_all(owner, AuditQuery(who=("staff", firm.assigned))) if row["action"] == "changed")
    assert (who_word(row), account_word(row), did_word(row)) == ("Anna Verheiratet", "Müller/Weber GbR (gelöscht)", "Kunde: Art geändert")
    erase_values(owner, "account", firm.own, field="name")
    row = next(row for row in read_all(owner, AuditQuery(who=("staff", firm.assigned))) if row["action"] == "changed")
    assert "Müller" not in account_word(row)


def test_the_last_examination_is_told(firm, settings):
    owner = firm.viewer("owner")
    assert last_audit(owner) is None
    outcome = verify(owner, settings)
    verdict = last_audit(owner)
    assert (verdict.who, verdict.entries, verdict.finding) == ("Olga Owner", outcome.entries, None)


def test_every_entry_has_words_in_both_languages(firm):
    noted = set()
    for file in ROOT.glob("core/**/*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "note"
            if called and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str):
                noted.add(node.args[0].value)
    assert {"signed_in", "exported", "refused", "imported"} <= noted
    things = {*VERBS, *LEGACY_NAMES.values(), "backup.make"} | {right.value for right in Right} | {"page", "open_account", "open_document"}
    for code in ("de", "en"):
        known = set(words_of(code))
        assert {action for action in noted if f"audit.action.{action}" not in known and f"history.action.{action}" not in known} == set()
        assert {thing for thing in things if f"audit.thing.{thing}" not in known} == set()
        with speaking(code):
            for row in read_all(firm.viewer("owner"), AuditQuery()):
                text = " ".join((did_word(row), way_word(row), old_word(row), new_word(row)))
                assert not re.search(r"[a-z]_[a-z]", text), text
    assert set(SIGNING) <= {action for actions in NOTED.values() for action in actions}


@pytest.mark.parametrize(
    ("language", "now", "then"),
    [
        ("de", "Dokument ändern", "Kunde geöffnet, der nicht zu sehen ist"),
        ("en", "changing a document", "opening a client that is not visible"),
    ],
)
def test_a_refusal_from_when_verbs_were_called_by_their_place_reads_as_before(language, now, then):
    with speaking(language):
        assert refused_word("core.uploads.edit_document") == refused_word("document.edit") == now
        assert refused_word("core.search.remember_opened") == then
        assert "core." not in "".join(map(refused_word, LEGACY_NAMES))


def test_a_verb_is_called_by_its_table_and_what_it_does_not_by_its_place_in_the_code():
    assert {name.split(".")[0] for name in VERBS} <= set(TABLES)
    assert not [name for name in VERBS if name.startswith("core") or not re.fullmatch(r"[a-z_]+\.[a-z_]+", name)]
    with pytest.raises(BadDeclaration, match=r"task\.add"):
        verb("task.add")(lambda tx, account: None)


def test_no_secret_stands_in_the_record(firm):
    columns = {}
    with reader(SYSTEM) as r:
        for row in r.rows(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'kundenblick' AND schema_name = 'data'"
        ):
            columns.setdefault(row["table_name"], []).append(row["column_name"])
    for table in TABLES.values():
        if table.audited:
            secret = {column for column in columns[table.name] if re.search(r"hash$|secret|token|password|totp|recovery", column)}
            assert secret <= table.secret, table.name
    set_password(firm.viewer("owner"), firm.unassigned, "kanarienvogel-im-schacht")
    token = start_session(firm.unassigned, "127.0.0.1", "test")
    check_sign_in("unassigned@kanzlei.example", "kanarienvogel-am-fenster", "127.0.0.1")
    with writer(SYSTEM) as tx:
        stored = tx.value("SELECT password_hash FROM staff_member WHERE staff_member_id = $id", id=firm.unassigned)
        record = str(tx.rows("SELECT * FROM audit_entry"))
    assert stored and not any(secret in record for secret in ("kanarienvogel", token, stored))


def test_nothing_is_erased_for_who_is_no_owner(firm):
    with pytest.raises((NotAllowed, NotFound)):
        erase_values(firm.viewer("everything"), "account", firm.own, field="name")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_that_can_be_recorded_has_a_word(store, language):
    with reader(SYSTEM) as r:
        columns = r.rows(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'kundenblick' AND schema_name = 'data'"
        )
    recorded = {
        row["column_name"]
        for row in columns
        if (table := TABLES.get(row["table_name"])) and table.audited and row["column_name"] not in table.key
    }
    words = words_of(language)
    assert {field for field in recorded - {"version"} if f"history.field.{field}" not in words} == set()
    assert {name for name, table in TABLES.items() if table.audited and f"history.entity.{name}" not in words} == set()


def test_codes_are_recorded_as_codes_and_read_as_words(firm):
    set_sign_in_rules(SYSTEM, roles=("admin", "owner"))
    set_role(SYSTEM, firm.assigned, "admin")
    found = {}
    for row in read_page(firm.viewer("owner"), AuditQuery()).rows:
        found[row["entity"], row["field"]] = (old_word(row), new_word(row))
    assert found["firm", "second_factor_roles"][1] == "Inhaber/in, Administrator/in"
    assert found["staff_member", "role"] == ("Mitarbeiter/in", "Administrator/in")


def test_who_opened_documents_is_listed_beside_the_record_for_who_may_read_it(firm):
    for who, account_id, document_id in (
        ("owner", firm.own, firm.document),
        ("assigned", firm.own, firm.document),
        ("owner", firm.foreign, firm.foreign_document),
    ):
        note_opening(firm.viewer(who), {"account_id": account_id, "document_id": document_id}, OPENED)
    before = count(firm.viewer("owner"), AuditQuery())
    write_openings()
    assert count(firm.viewer("owner"), AuditQuery()) == before, "the chained record says nothing of them"

    def listed(reads: str, **query: object) -> list[tuple[object, object]]:
        return sorted((row["staff_member_id"], row["document_id"]) for row in read_openings(firm.viewer(reads), AuditQuery(**query)).rows)

    every = sorted([(firm.owner, firm.document), (firm.assigned, firm.document), (firm.owner, firm.foreign_document)])
    assert listed("owner") == every
    assert listed("owner", who=("staff", firm.assigned)) == [(firm.assigned, firm.document)]
    assert listed("owner", account_id=firm.foreign) == [(firm.owner, firm.foreign_document)]
    assert listed("owner", who=("system", None)) == listed("owner", since=now() + timedelta(hours=1)) == []
    assert read_openings(firm.viewer("owner"), AuditQuery(), offset=50, limit=50).total == 3
    with pytest.raises(NotAllowed):
        listed("assigned")
    set_rights(firm.viewer("owner"), firm.assigned, {Right.VIEW_AUDIT})
    assert listed("assigned") == [pair for pair in every if pair[1] == firm.document], "of the clients one sees"
