"""An import tells every problem of a row in one go, whichever tables it feeds, and nothing that only follows from another."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.test_import_all import run, value

MAPPING = """
[files.clients]
path = "clients.csv"
delimiter = ";"
decimal = ","
[files.fields]
path = "fields.csv"
[[tables]]
table = "account"
file = "clients"
key = ["no"]
fields = { number = "no", name = "name" }
[[tables]]
table = "contact"
file = "clients"
key = ["no"]
fields = { name = "name", postcode = "plz", country = "land", phone = "phone" }
[[tables]]
table = "account_contact"
file = "clients"
fields = { account_id = "no", contact_id = "no" }
[[tables]]
table = "contact_email"
file = "clients"
key = ["no"]
when = "mail"
fields = { contact_id = "no", email = "mail" }
[[tables]]
table = "custom_field"
file = "fields"
key = ["key"]
fields = { scope = { value = "account" }, key = "key", label = "label", type = "type" }
[[tables]]
table = "account_field_value"
file = "clients"
when = "fee"
fields = { account_id = "no", custom_field_id = { from = "'fee'", by = "key" }, value = "fee" }
"""


@pytest.fixture
def folder(store, tmp_path) -> Path:
    (tmp_path / "m.toml").write_text(MAPPING, "utf-8")
    (tmp_path / "fields.csv").write_text("key,label,type\nfee,Honorar,money\n", "utf-8")
    return tmp_path


def told(settings, folder: Path, *rows: str, **asked) -> list[str]:
    (folder / "clients.csv").write_text("\n".join(["no;name;plz;fee;land;phone;mail", *rows]) + "\n", "utf-8")
    return [line for line in run(settings, folder / "m.toml", **asked)[1] if line.startswith("clients.csv, line")]


def test_a_row_refused_for_one_table_is_looked_at_for_the_others(settings, folder):
    said = told(settings, folder, "3001;;1067;abc;DE;12;")
    assert len(said) == 4, said
    assert "A value for name is missing" in said[0]
    assert "1067" in said[1] and "postcode ← plz" in said[1]
    assert "phone" in said[2]
    assert "Honorar ← fee" in said[3] and "abc" in said[3]
    assert value("SELECT count(*) FROM account") == 0


def test_what_follows_from_another_problem_is_not_told(settings, folder):
    said = told(settings, folder, "3001;Eins;10115;1,5;XX;030 123456;")
    assert len(said) == 1 and "land" in said[0], said
    assert len(told(settings, folder, "3001;;10115;1,5;DE;;eins@eins.example")) == 1


def test_a_row_without_a_key_is_looked_at_too(settings, folder):
    said = told(settings, folder, ";Eins;1067;;DE;;")
    assert "clients.csv, line 2, no: The key is missing." in said and any("1067" in line for line in said), said
    assert not any("number" in line for line in said), said


def test_an_address_named_twice_is_told_although_its_contact_is_refused(settings, folder):
    said = told(settings, folder, "1;Eins;;;;;eins@eins.example", "2;;;;;;eins@eins.example")
    assert len(said) == 2 and "eins@eins.example" in said[1], said


def test_skipping_leaves_a_refused_row_no_say_over_others(settings, folder):
    said = told(settings, folder, "1;;;abc;;;eins@eins.example", "2;Zwei;;;;;eins@eins.example", skip_refused=True)
    assert all("line 2" in line for line in said), said
    assert any("abc" in line for line in said), said
    assert value("SELECT string_agg(email) FROM contact_email") == "eins@eins.example"
