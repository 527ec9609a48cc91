"""An import is taken back: exactly where nobody was, and never over what people did since."""

from __future__ import annotations

import pytest

from core.audit.examination import verify
from core.base.errors import NotFound
from core.base.rights import Viewer
from core.i18n import speaking
from core.imports import taking_back
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
    bring(FIRST)
    monkeypatch.setattr(taking_back, "CLIENTS_AT_ONCE", 1)
    done, real = [], taking_back._remove

    def stops(*given):
        if len(done) == 2:
            raise KeyboardInterrupt
        done.append(1)
        return real(*given)

    monkeypatch.setattr(taking_back, "_remove", stops)
    with pytest.raises(KeyboardInterrupt):
        take_import_back(SYSTEM, newest_run("list"), settings)
    assert 0 < len(clients()) < 3 and rows("email_access") == []
    said: list[str] = []
    with pytest.raises(Exception, match="run_half_back"):
        bring(FIRST)
    assert taking_back.unfinished() == [newest_run("list")]
    monkeypatch.setattr(taking_back, "_remove", real)
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
