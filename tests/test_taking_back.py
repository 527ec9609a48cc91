"""An import is taken back: exactly where nobody was, and never over what people did since."""

from __future__ import annotations

import threading

import pytest

from core.audit.examination import verify
from core.base.errors import NotAllowed, NotFound
from core.base.rights import Viewer
from core.i18n import speaking
from core.imports import back_pieces, taking_back
from core.imports.run import import_data
from core.imports.taking_back import newest_run, rehearse_taking_back, take_back_newest, take_import_back
from core.operations.doctor import examine
from core.store import now, reader, writer
from core.store.tables import TABLES
from tests.test_import_words import SYSTEM, rows

MAPPING = """
name = "list"
[files.c]
path = "c.csv"
delimiter = ";"
[[tables]]
table = "account"
file = "c"
key = ["Nr"]
fields = { number = "Nr", name = "Firma" }
[[tables]]
table = "contact"
file = "c"
key = ["Nr"]
fields = { name = "Wer", phone = "Tel" }
[[tables]]
table = "account_contact"
file = "c"
fields = { account_id = "Nr", contact_id = "Nr" }
[[tables]]
table = "contact_email"
file = "c"
key = ["Nr"]
fields = { contact_id = "Nr", email = "Mail" }
[[tables]]
table = "email_access"
file = "c"
fields = { account_id = "Nr", contact_id = "Nr", contact_email_id = "Nr", login = { value = true } }
[[tables]]
table = "tag"
file = "c"
key = ["Tag"]
distinct = true
fields = { name = "Tag" }
[[tables]]
table = "account_tag"
file = "c"
fields = { account_id = "Nr", tag_id = "Tag" }
[[tables]]
table = "invoice"
file = "c"
key = ["Rechnung"]
fields = { account_id = "Nr", number = "Rechnung", issued_on = { value = "2026-01-01" }, due_on = { value = "2026-02-01" }, total = "Betrag" }
[[tables]]
table = "payment"
file = "c"
key = ["Rechnung"]
fields = { account_id = "Nr", invoice_id = "Rechnung", paid_on = { value = "2026-01-09" }, amount = "Gezahlt" }
"""
HEAD = "Nr;Firma;Wer;Tel;Mail;Tag;Rechnung;Betrag;Gezahlt\n"
FIRST = HEAD + "".join(f"{n};Firma {n};Wer {n};030 123456{n};p{n}@firma.example;Lohn;RE-{n};119.00;19.00\n" for n in range(1, 4))
MANY = HEAD + "".join(f"{n};Firma {n};Wer {n};;p{n}@firma.example;Lohn;RE-{n};119.00;19.00\n" for n in range(1, 13))
SECOND = (
    HEAD
    + "1;Firma Eins;Wer 1;030 9999991;p1@firma.example;Fibu;RE-1;119.00;100.00\n"
    + "".join(f"{n};Firma {n};Wer {n};030 123456{n};p{n}@firma.example;Lohn;RE-{n};119.00;19.00\n" for n in range(2, 6))
)
# Kept of rows by the program itself, or counting what happened.
LEFT_OUT = {
    "audit_entry",
    "import_run",
    "import_key",
    "import_word",
    "import_shape",
    "import_feed",
    "import_job",
    "import_file",
    "search_word",
    "overview_card",
    "session",
    "one_time_link",
}


@pytest.fixture
def bring(store, settings, tmp_path):
    def run(content):
        (tmp_path / "c.csv").write_text(content, "utf-8")
        (tmp_path / "m.toml").write_text(MAPPING, "utf-8")
        said: list[str] = []
        with speaking("en"):
            assert import_data(settings, tmp_path / "m.toml", said.append), said
        return said

    return run


def dump() -> dict[str, list]:
    """Every row of every table, without versions."""
    found = {}
    for table in TABLES:
        if table not in LEFT_OUT:
            found[table] = sorted(
                (tuple((c, v) for c, v in row.items() if c not in ("version", "computed_at")) for row in rows(table)), key=str
            )
    return {table: listed for table, listed in found.items() if listed}


def clients() -> dict[str, str]:
    return {row["number"]: row["name"] for row in rows("account")}


def assert_whole(settings):
    assert [found for found in examine(settings) if found[0] != "owner"] == []
    assert verify(SYSTEM, settings).finding is None


def test_the_second_run_is_taken_back_exactly_and_comes_again(bring, settings):
    bring(FIRST)
    before = dump()
    bring(SECOND)
    after = dump()
    assert clients() == {"1": "Firma Eins", "2": "Firma 2", "3": "Firma 3", "4": "Firma 4", "5": "Firma 5"}
    rehearsed = rehearse_taking_back(SYSTEM, newest_run("list"))
    assert dump() == after and rehearsed.stay_count == 0
    said: list[str] = []
    with speaking("en"):
        assert take_back_newest(settings, "list", said.append)
    assert dump() == before, said
    assert_whole(settings)
    assert "account: 2 rows removed again" in said and "account: 1 value as it was before" in said
    assert {row["email"] for row in rows("contact_email")} == {"p1@firma.example", "p2@firma.example", "p3@firma.example"}
    bring(SECOND)
    assert clients() == {"1": "Firma Eins", "2": "Firma 2", "3": "Firma 3", "4": "Firma 4", "5": "Firma 5"}
    take_import_back(SYSTEM, newest_run("list"), settings)
    take_import_back(SYSTEM, newest_run("list"), settings)
    assert dump() == {}
    assert not take_back_newest(settings, "list", said.append)


def test_what_people_did_since_stays_with_all_that_belongs_to_it(bring, settings):
    bring(FIRST)
    ids = {row["number"]: row["account_id"] for row in rows("account")}
    with writer(SYSTEM) as tx:
        staff = tx.insert("staff_member", name="Eva", email="eva@kanzlei.example", role="admin", created_at=tx.moment)
        tx.insert("note", account_id=ids["2"], text="Ruft an", staff_member_id=staff, saved_at=now())
        tx.update("account", ids["3"], name="Umbenannt")
    told = take_import_back(SYSTEM, newest_run("list"), settings)
    assert {(stay.name, stay.why) for stay in told.stays if stay.table == "account"} == {("Firma 2", "hung"), ("Umbenannt", "edited")}
    assert clients() == {"2": "Firma 2", "3": "Umbenannt"}
    assert {row["name"] for row in rows("contact")} == {"Wer 2", "Wer 3"} and len(rows("email_access")) == 2 and len(rows("invoice")) == 2
    assert [row["name"] for row in rows("tag")] == ["Lohn"]
    assert {row["paid_amount"] for row in rows("invoice")} == {19}
    with reader(SYSTEM) as r:
        assert r.value("SELECT count(*) FROM account_figure") == r.value("SELECT count(*) FROM search_text") == 2
    assert_whole(settings)


def test_a_value_changed_since_stays(bring, settings):
    bring(FIRST)
    bring(SECOND)
    contact = next(row for row in rows("contact") if row["name"] == "Wer 1")
    with writer(SYSTEM) as tx:
        tx.update("contact", contact["contact_id"], phone="+49 30 555")
    told = take_import_back(SYSTEM, newest_run("list"), settings)
    assert [(stay.table, stay.name, stay.field, stay.why) for stay in told.stays] == [("contact", "Wer 1", "phone", "moved")]
    assert next(row["phone"] for row in rows("contact") if row["name"] == "Wer 1") == "+49 30 555"
    assert clients()["1"] == "Firma 1"


def test_killed_between_two_pieces_it_goes_on(bring, settings, monkeypatch):
    bring(MANY)
    monkeypatch.setattr(back_pieces, "CLIENTS_AT_ONCE", 1)
    done, real = [], taking_back.remove

    def stops(*given):
        if len(done) == 11:
            raise KeyboardInterrupt
        done.append(1)
        return real(*given)

    monkeypatch.setattr(taking_back, "remove", stops)
    with pytest.raises(KeyboardInterrupt):
        take_import_back(SYSTEM, newest_run("list"), settings)
    assert 0 < len(clients()) < 12 and rows("email_access") == []
    said: list[str] = []
    with pytest.raises(Exception, match="run_half_back"):
        bring(FIRST)
    assert taking_back.unfinished() == [newest_run("list")]
    monkeypatch.setattr(taking_back, "remove", real)
    assert take_back_newest(settings, "list", said.append)
    assert dump() == {} and taking_back.unfinished() == []


def test_who_lacks_a_right_its_tables_need_takes_nothing_back(bring, settings):
    bring(FIRST)
    with writer(SYSTEM) as tx:
        eva = tx.insert("staff_member", name="Eva", email="eva@kanzlei.example", role="employee", created_at=tx.moment)
        tx.insert("staff_right", staff_member_id=eva, right_key="import_data")
    viewer, run = Viewer.staff(eva), newest_run("list")
    # Every right its tables need but one, and then that one.
    for right in ("manage_accounts", "manage_tags", "see_invoices", "view_all_accounts"):
        for asked in (rehearse_taking_back, take_import_back):
            with pytest.raises(NotFound):
                asked(viewer, run)
        with writer(SYSTEM) as tx:
            tx.insert("staff_right", staff_member_id=eva, right_key=right)
    assert len(clients()) == 3
    take_import_back(viewer, run, settings)
    assert clients() == {}
    with reader(SYSTEM) as r:
        assert {row["actor_id"] for row in r.rows("SELECT DISTINCT actor_id FROM audit_entry WHERE through = 'undo'")} == {eva}


def sign_in(address):
    with writer(SYSTEM) as tx:
        tx.insert("session", token_hash=f"x{address}", contact_email_id=address, created_at=now(), last_used_at=now())


def live_sessions():
    return [row for row in rows("session") if row["ended_at"] is None]


def member(tx, name="Eva", role="admin"):
    return tx.insert("staff_member", name=name, email=f"{name.lower()}@kanzlei.example", role=role, created_at=tx.moment)


def test_who_got_in_by_the_run_is_out_at_once(bring, settings):
    bring(FIRST)
    first, second, _ = (row["contact_email_id"] for row in sorted(rows("contact_email"), key=lambda row: row["email"]))
    with writer(SYSTEM) as tx:
        other = tx.insert("account", number="900", name="Schon da", kind="company", state="pending", created_at=now())
        contact = next(row["contact_id"] for row in rows("contact_email") if row["contact_email_id"] == second)
        key = {"account_id": other, "contact_id": contact, "contact_email_id": second}
        tx.insert("account_contact", account_id=other, contact_id=contact, created_at=now())
        tx.insert("email_access", **key, login=True, login_since=now())
    sign_in(first)
    sign_in(second)
    take_import_back(SYSTEM, newest_run("list"), settings)
    # The address of the second is used for a client of others, so that it stays, with its session.
    assert [row["contact_email_id"] for row in live_sessions()] == [second]
    assert_whole(settings)


def test_a_login_the_run_switched_on_goes_first_with_its_sessions(bring, settings, monkeypatch):
    with monkeypatch.context() as m:
        m.setitem(globals(), "MAPPING", MAPPING.replace("login = { value = true }", "login = { value = false }"))
        bring(FIRST)
    bring(FIRST + "9;Firma 9;Wer 9;;p9@firma.example;Lohn;RE-9;119.00;19.00\n")
    switched = next(row["contact_email_id"] for row in rows("contact_email") if row["email"] == "p1@firma.example")
    sign_in(switched)
    at_first: list[tuple] = []

    def notes(tx, run, nodes):
        if not at_first and nodes[0][0] != "email_access":
            at_first.extend((row["login"], len(live_sessions())) for row in rows("email_access"))
        return back_pieces.remove(tx, run, nodes)

    monkeypatch.setattr(taking_back, "remove", notes)
    take_import_back(SYSTEM, newest_run("list"), settings)
    assert at_first == [(False, 0)] * 3 and live_sessions() == []
    assert set(clients()) == {"1", "2", "3"}


@pytest.mark.parametrize("table, held", [("note", "hung"), ("account", "edited"), ("contact", "edited"), ("assignment", "hung")])
def test_what_people_do_while_it_runs_stays_too(bring, settings, monkeypatch, table, held):
    bring(MANY)
    monkeypatch.setattr(back_pieces, "CLIENTS_AT_ONCE", 1)
    last = max(row["account_id"] for row in rows("account"))
    real, calls = taking_back.remove, []

    def between(tx, run, nodes):
        calls.append(nodes)
        done = real(tx, run, nodes)
        return done

    class Meanwhile(taking_back._Did):
        def remove(self, nodes):
            if len(calls) == 11:
                with writer(SYSTEM) as tx:
                    if table == "account":
                        tx.update("account", last, name="Von Hand")
                    elif table == "contact":
                        contact = tx.value("SELECT contact_id FROM account_contact WHERE account_id = $id", id=last)
                        tx.update("contact", contact, name="Von Hand")
                    else:
                        given = {"text": "Ruft an", "saved_at": now()} if table == "note" else {"created_at": now()}
                        tx.insert(table, account_id=last, staff_member_id=member(tx), **given)
            super().remove(nodes)

    monkeypatch.setattr(taking_back, "remove", between)
    monkeypatch.setattr(taking_back, "_Did", Meanwhile)
    told = take_import_back(SYSTEM, newest_run("list"), settings)
    [client] = rows("account")
    assert client["account_id"] == last
    assert len(rows("contact")) == len(rows("account_contact")) == len(rows("contact_email")) == len(rows("invoice")) == 1
    assert told.go["account"] == 11 and held in {stay.why for stay in told.stays}
    assert len(rows(table)) == 1
    assert_whole(settings)


OTHER = """
name = "other"
[files.c]
path = "o.csv"
delimiter = ";"
[[tables]]
table = "account"
file = "c"
key = ["Nr"]
match = ["number"]
fields = { number = "Nr", name = "Firma" }
[[tables]]
table = "contact"
file = "c"
key = ["Nr"]
match = ["name"]
fields = { name = "Wer" }
[[tables]]
table = "account_contact"
file = "c"
fields = { account_id = "Nr", contact_id = "Nr" }
"""


def test_another_list_that_only_met_the_clients_brings_them_at_its_next_run(bring, settings, tmp_path):
    bring(FIRST)
    (tmp_path / "o.csv").write_text("Nr;Firma;Wer\n1;Firma 1;Wer 1\n", "utf-8")
    (tmp_path / "o.toml").write_text(OTHER, "utf-8")
    said: list[str] = []
    with speaking("en"):
        assert import_data(settings, tmp_path / "o.toml", said.append), said
    assert len(rows("contact")) == 3
    told = take_import_back(SYSTEM, newest_run("list"), settings)
    assert told.stay_count == 0 and clients() == {}
    assert {row["mapping"] for row in rows("import_key")} <= {"other"} and rows("import_word") == []
    said.clear()
    with speaking("en"):
        assert import_data(settings, tmp_path / "o.toml", said.append), said
    assert clients() == {"1": "Firma 1"} and len(rows("account_contact")) == len(rows("contact")) == 1, said
    assert not [line for line in said if "removed here" in line]


def test_whoever_looks_as_another_takes_nothing_back(bring, settings):
    bring(FIRST)
    with writer(SYSTEM) as tx:
        boss, eva = member(tx, "Ina", "owner"), member(tx)
    with pytest.raises(NotAllowed):
        take_import_back(Viewer.looking_as(eva, boss), newest_run("list"), settings)
    assert len(clients()) == 3


def test_after_a_restart_it_goes_on_as_the_person_and_only_while_they_may(bring, settings, monkeypatch):
    bring(FIRST)
    with writer(SYSTEM) as tx:
        eva = member(tx)
    monkeypatch.setattr(taking_back, "remove", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        take_import_back(Viewer.staff(eva), newest_run("list"), settings)
    monkeypatch.undo()
    with writer(SYSTEM) as tx:
        tx.update("staff_member", eva, is_active=False)
    taking_back.resume(settings, threading.Event())
    assert len(clients()) == 3 and taking_back.unfinished()
    with writer(SYSTEM) as tx:
        tx.update("staff_member", eva, is_active=True)
    taking_back.resume(settings, threading.Event())
    assert clients() == {} and taking_back.unfinished() == []
    with reader(SYSTEM) as r:
        assert {row["actor_id"] for row in r.rows("SELECT DISTINCT actor_id FROM audit_entry WHERE through = 'undo'")} == {eva}


def test_an_import_that_takes_a_login_away_ends_its_sessions(bring, settings, monkeypatch):
    bring(FIRST)
    for row in rows("contact_email"):
        sign_in(row["contact_email_id"])
    with monkeypatch.context() as m:
        m.setitem(globals(), "MAPPING", MAPPING.replace("login = { value = true }", 'login = "Tag"'))
        bring(FIRST.replace(";Lohn;", ";ja;").replace("p2@firma.example;ja", "p2@firma.example;nein"))
    out = next(row["contact_email_id"] for row in rows("contact_email") if row["email"] == "p2@firma.example")
    assert out not in [row["contact_email_id"] for row in live_sessions()] and len(live_sessions()) == 2
