"""An import takes back nothing that people did: what was changed or removed here stays, and is listed when the file moved too."""

from __future__ import annotations

import pytest

from core.base.rights import Viewer
from core.i18n import speaking
from core.imports.run import import_data
from core.store import reader, writer

SYSTEM, STAFF = Viewer.system("tests"), Viewer.system("somebody of the team")
MAPPING = """
name = "team"
[files.c]
path = "c.csv"
[files.s]
path = "s.csv"
[files.a]
path = "a.csv"
[[tables]]
table = "staff_member"
file = "s"
key = ["Id"]
fields = { name = "Name", email = "Mail", role = { value = "employee" } }
[[tables]]
table = "staff_right"
file = "s"
fields = { staff_member_id = "Id", right_key = { value = "see_invoices" } }
[[tables]]
table = "account"
file = "c"
key = ["Nr"]
fields = { number = "Nr", name = "Firma" }
[[tables]]
table = "contact"
file = "c"
key = ["Nr"]
fields = { name = "Firma" }
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
table = "account_contact"
file = "c"
fields = { account_id = "Nr", contact_id = "Nr" }
[[tables]]
table = "assignment"
file = "a"
fields = { account_id = "Nr", staff_member_id = "Id" }
"""
RECORDED = ("account", "contact", "contact_email", "email_access", "account_contact", "assignment", "staff_right", "staff_member")


@pytest.fixture
def bring(store, settings, tmp_path):
    """Run the same mapping with this name of the client; returns what was said."""
    (tmp_path / "m.toml").write_text(MAPPING)
    (tmp_path / "s.csv").write_text("Id,Name,Mail\n7,Eva Ex,eva@kanzlei.de\n")
    (tmp_path / "a.csv").write_text("Nr,Id\n1,7\n")

    def bring(name: str = "Alpha GmbH") -> list[str]:
        (tmp_path / "c.csv").write_text(f"Nr,Firma,Mail\n1,{name},chef@alpha.de\n")
        said: list[str] = []
        with speaking("en"):
            assert import_data(settings, tmp_path / "m.toml", said.append), said
        return said

    bring()
    return bring


def _everything() -> dict[str, list]:
    with reader(SYSTEM) as r:
        return {table: r.rows(f"SELECT * FROM {table} ORDER BY ALL") for table in RECORDED}


def _row(table: str) -> dict:
    with reader(SYSTEM) as r:
        return r.rows(f"SELECT * FROM {table}")[0]


def _by_staff() -> None:
    """Do what case 01 of the study did: names, login, assignment, right, role."""
    access = _row("email_access")
    with writer(STAFF) as tx:
        tx.update("account", _row("account")["account_id"], name="Alpha Holding GmbH")
        tx.update("contact", _row("contact")["contact_id"], name="Anna Alpha")
        tx.update("email_access", {k: access[k] for k in ("account_id", "contact_id", "contact_email_id")}, login=False)
        tx.update("staff_member", _row("staff_member")["staff_member_id"], role="admin")
        tx.delete_all("assignment", account_id=access["account_id"])
        tx.delete_all("staff_right", staff_member_id=_row("staff_member")["staff_member_id"])


def test_an_unchanged_import_leaves_what_people_did(bring):
    _by_staff()
    before = _everything()
    for _ in range(2):
        said = bring()
        assert _everything() == before
        assert "4 fields were changed here and not in the file; they stay." in said
        assert "2 rows were removed here and do not come back." in said
        assert "Everything is there already; nothing was written." in said


def test_a_conflict_is_listed_each_time_and_the_field_stays(bring):
    _by_staff()
    before = _everything()
    for _ in range(2):
        said = bring("Alpha AG")
        assert _everything() == before
        assert 'c.csv, line 2, name: account, 1: the file says "Alpha AG", here it is "Alpha Holding GmbH". ' in "\n".join(said)
        assert "2 fields were changed here and in the file; they stay as they are here." in said


def test_what_only_the_file_changed_is_taken(bring):
    with writer(STAFF) as tx:
        tx.update("contact", _row("contact")["contact_id"], name="Anna Alpha")
    bring("Alpha AG")
    assert (_row("account")["name"], _row("contact")["name"]) == ("Alpha AG", "Anna Alpha")


def test_a_field_changed_here_and_back_is_free_to_take(bring):
    for name in ("Beta", "Alpha GmbH"):
        with writer(STAFF) as tx:
            tx.update("account", _row("account")["account_id"], name=name)
    bring("Alpha AG")
    assert _row("account")["name"] == "Alpha AG"


def test_a_removed_link_takes_its_access_with_it(bring):
    access = _row("email_access")
    with writer(STAFF) as tx:
        tx.delete("email_access", {k: access[k] for k in ("account_id", "contact_id", "contact_email_id")})
        tx.delete("account_contact", {k: access[k] for k in ("account_id", "contact_id")})
    before = _everything()
    assert "2 rows were removed here and do not come back." in bring()
    assert _everything() == before


def test_an_address_removed_here_stays_away_with_its_access(bring):
    access = _row("email_access")
    with writer(STAFF) as tx:
        tx.delete("email_access", {k: access[k] for k in ("account_id", "contact_id", "contact_email_id")})
        tx.delete("contact_email", access["contact_email_id"])
    before = _everything()
    said = bring()
    assert _everything() == before
    assert "2 rows were removed here and do not come back." in said


def test_an_empty_cell_may_say_nothing(bring, settings, tmp_path):
    mapping = MAPPING.replace('fields = { name = "Firma" }', 'fields = { name = "Firma", city = { from = "Ort", empty = "says_nothing" } }')
    (tmp_path / "m.toml").write_text(mapping)

    def with_city(city: str) -> list[str]:
        (tmp_path / "c.csv").write_text(f"Nr,Firma,Mail,Ort\n1,Alpha GmbH,chef@alpha.de,{city}\n")
        said: list[str] = []
        with speaking("en"):
            assert import_data(settings, tmp_path / "m.toml", said.append), said
        return said

    with_city("Bremen")
    assert "Everything is there already; nothing was written." in with_city("")
    assert _row("contact")["city"] == "Bremen"
    # What staff wrote meanwhile stays, also when the file says again what it said last.
    with writer(STAFF) as tx:
        tx.update("contact", _row("contact")["contact_id"], city="Kiel")
    for city in ("", "", "Bremen"):
        with_city(city)
        assert _row("contact")["city"] == "Kiel"
    with_city("Emden")
    assert _row("contact")["city"] == "Kiel"  # both moved: a conflict
