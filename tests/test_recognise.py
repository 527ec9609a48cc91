"""Columns are recognised by their heads and values, and the mapping written of them brings the list."""

from __future__ import annotations

import re

import pytest

from core.i18n import speaking
from core.imports.facts import find_facts
from core.imports.recognise import FIELDS, mapping_text, recognise
from core.imports.run import import_data
from core.store import writer
from tests.test_import_templates import LEXWARE, OUTLOOK_DE, OUTLOOK_EN, SEVDESK, TAXDOME
from tests.test_import_words import SYSTEM, rows

LIST = """Kd-Nr;Firma;Vorname;Nachname;E-Mail;E-Mail 2;Telefon;Mobil;Straße;PLZ;Ort;Land;Geburtstag;USt-IdNr.;Steuernummer;Tags;Berater;Notiz
10001;Alpha GmbH;Max;Alpha;max@alpha.de;info@alpha.de;030 1234567 privat;0171 2345678;Ring 1;10115;Berlin;Deutschland;01.02.1970;DE136695976;12/345/67890;Lohn, Fibu;Eva;x
10002;;Ida;Beta;ida@beta.at;;keine;;Gasse 2;1010;Wien;Österreich;;;;Fibu;Eva;
"""  # fmt: skip


def fields_of(columns, rows):
    return [guess.field for guess in recognise(columns, rows)]


def test_a_list_of_clients_is_brought_by_what_is_recognised(store, settings, tmp_path):
    (file := tmp_path / "list.csv").write_text(LIST, "utf-8")
    with writer(SYSTEM) as tx:
        tx.insert("staff_member", name="Eva", email="eva@kanzlei.de", role="admin", created_at=tx.moment)
    facts = find_facts(file)
    choices = {guess.column: guess.field for guess in recognise(facts.columns, facts.sample) if guess.field}
    assert len(choices) == 17
    (tmp_path / "m.toml").write_text(mapping_text("list", facts.as_dict(), "list.csv", choices), "utf-8")
    said: list[str] = []
    with speaking("en"):
        assert import_data(settings, tmp_path / "m.toml", said.append), said
    assert [(row["number"], row["name"], row["kind"]) for row in rows("account")] == [
        ("10001", "Alpha GmbH", "company"), ("10002", "Ida Beta", "person"),
    ]  # fmt: skip
    by_name = {row["name"]: row for row in rows("contact")}
    assert (by_name["Max Alpha"]["phone"], by_name["Ida Beta"]["phone"], by_name["Ida Beta"]["country"]) == ("+49 30 1234567", None, "AT")
    found = {table: len(rows(table)) for table in ("contact_email", "account_tag", "account_field_value", "assignment")}
    assert found == {"contact_email": 3, "account_tag": 3, "account_field_value": 2, "assignment": 2}, said


@pytest.mark.parametrize(
    ("answers", "there"),
    [
        ({"recognise_by": "field.steuernummer", "own_fields": ["steuernummer"]}, 'match = { "field:steuernummer" = "Steuernummer" }'),
        ({"conflict": "ours"}, 'conflict = "ours"'),
        ({"on_bad": {6: "note"}, "notes_by": "eva@kanzlei.de"}, 'phone = { from = "phone(Telefon)", on_bad = "note" }'),
        ({"on_bad": {6: "refuse"}}, 'phone = "phone(Telefon)"'),
    ],
)
def test_answers_are_written_into_the_mapping(answers, there, tmp_path):
    (file := tmp_path / "list.csv").write_text(LIST, "utf-8")
    facts = find_facts(file)
    choices = {guess.column: guess.field for guess in recognise(facts.columns, facts.sample) if guess.field}
    assert there in mapping_text("list", facts, "list.csv", choices, answers)


def test_an_address_and_an_own_value_that_are_none_cost_no_client(store, settings, tmp_path):
    (file := tmp_path / "list.csv").write_text(
        "Nr;Firma;Ort;E-Mail;IBAN;Berater\n1;Alpha;Köln;keine;DE00;Ida\n2;Beta;Wien;b@beta.at;DE02120300000000202051;\n", "utf-8"
    )
    facts = find_facts(file)
    choices = {0: "account.number", 1: "account.name", 2: "contact.city", 3: "contact_email.email", 4: "field.iban", 5: "account.member"}
    (tmp_path / "m.toml").write_text(mapping_text("list", facts, "list.csv", choices), "utf-8")
    said: list[str] = []
    with speaking("en"):
        assert import_data(settings, tmp_path / "m.toml", said.append), said
    assert (
        len(rows("account")) == 2
        and [row["email"] for row in rows("contact_email")] == ["b@beta.at"]
        and len(rows("account_field_value")) == 1
    )
    told = "\n".join(said)
    assert "line 2, email ← email(part)" in told, told
    assert "line 2, IBAN ← IBAN" in told and "line 2, staff_member_id" in told and not rows("assignment"), told


def test_without_a_head_values_tell():
    row = ["10001", "Alpha GmbH", "Ring 1", "10115", "Berlin", "030 1234567", "max@alpha.de", "12/345/67890", "Lohn"]
    guesses = recognise(
        [], [row, ["10002", "Beta OHG", "Gasse 2a", "50667", "Köln", "0221 2345678", "ida@beta.de", "13/345/67890", "Fibu"]]
    )
    assert [guess.field for guess in guesses] == [
        "account.number", "account.name", "contact.street", "contact.postcode", "contact.city", "contact.phone", "contact_email.email",
        "field.steuernummer", None,
    ]  # fmt: skip
    assert {guess.is_sure for guess in guesses if guess.why == "values" and guess.field != "contact_email.email"} == {False}


def test_a_strong_value_beats_its_word_and_a_misspelt_word_is_a_guess():
    guesses = recognise(
        ["Telefon", "Geburtsdatumm", "Anschrift", "Telefon 2"], [["a@b.de", "01.02.1970", "Ring 1, 10115 Berlin", "030 1234567"]]
    )
    assert [(guess.field, guess.why) for guess in guesses] == [
        ("contact_email.email", "values"), ("contact.born_on", "alike"), ("contact.address", "word"), ("contact.phone", "word"),
    ]  # fmt: skip


def test_a_second_telephone_is_the_mobile_one_and_a_second_city_none():
    assert fields_of(["Telefon 1", "Telefon 2", "Ort", "Stadt"], [["030 123456", "0171 12345", "Berlin", "Köln"]]) == [
        "contact.phone", "contact.mobile", "contact.city", None,
    ]  # fmt: skip


def test_columns_go_by_place_where_a_head_names_none(tmp_path):
    (file := tmp_path / "list.csv").write_text("Nr;Firma;PLZ;Ort;Telefon;Name;Name\n1;Alpha;10115;Berlin;030 1;Max;M\n", "utf-8")
    text = mapping_text("list", find_facts(file), "list.csv", {0: "account.number", 1: "account.name", 5: "contact.name"})
    assert 'columns_by = "place"' in text and "header = 2" in text and re.search(r'number = "column\(\'1\'\)"', text)


def test_a_name_that_may_be_anybodys_makes_nobody_a_firm(tmp_path):
    (file := tmp_path / "list.csv").write_text("Nr;Name;Vorname;Nachname;Ort\n1;Max Alpha;Max;Alpha;Köln\n", "utf-8")
    facts = find_facts(file)
    fields = ["account.number", "account.name", "contact.first_name", "contact.last_name", "contact.city"]
    assert "kind" not in mapping_text("list", facts, "list.csv", dict(enumerate(fields)))


def test_every_field_has_a_place():
    assert {field.table for field in FIELDS.values()} == {"account", "tag", "assignment", "contact", "contact_email", "account_field_value"}


CLIENTS_OF_DATEV = (
    "Mandantennr.\tMandantenname\tRechtsform\tStraße\tPLZ\tOrt\tTelefon\tE-Mail\tSteuernummer\tFinanzamt\tSachbearbeiter\tMandant seit\n"
    "10001\tAlpha GmbH\tGmbH\tRing 1\t10115\tBerlin\t030 1234567\tinfo@alpha.de\t12/345/67890\tBerlin Mitte\tEva\t01.02.2005\n"
    "10002\tBeta OHG\tOHG\tGasse 2\t50667\tKöln\t0221 1234567\tinfo@beta.de\t13/345/67890\tKöln Süd\tEva\t01.02.2006\n"
)
OF_DATEV = [
    "account.number", "account.name", "field.rechtsform", "contact.street", "contact.postcode", "contact.city", "contact.phone",
    "contact_email.email", "field.steuernummer", "field.finanzamt", "account.member", None,
]  # fmt: skip


def test_a_list_pasted_from_datev_is_recognised_with_and_without_its_head(tmp_path):
    (path := tmp_path / "p.txt").write_text(CLIENTS_OF_DATEV, "utf-8")
    facts = find_facts(path)
    guesses = recognise(facts.columns, facts.sample)
    assert [guess.field for guess in guesses] == OF_DATEV and all(guess.is_sure for guess in guesses)
    path.write_text(CLIENTS_OF_DATEV.split("\n", 1)[1], "utf-8")
    facts = find_facts(path)
    found = [guess.field for guess in recognise(facts.columns, facts.sample)]
    wanted = [field for field in OF_DATEV if field not in ("field.rechtsform", "field.finanzamt", "account.member")]
    assert [field for field in found if field not in ("contact.born_on", None)] == wanted[:-1]


@pytest.mark.parametrize("content", [OUTLOOK_DE, OUTLOOK_EN, SEVDESK, LEXWARE, TAXDOME], ids=["de", "en", "sevdesk", "lexware", "taxdome"])
def test_no_head_of_a_known_program_is_a_stranger(content, tmp_path):
    (path := tmp_path / "p.csv").write_text(content, "utf-8")
    facts = find_facts(path)
    assert not [facts.columns[guess.column] for guess in recognise(facts.columns, facts.sample) if guess.why in ("unknown", "alike")]


def test_a_long_head_that_only_begins_alike_is_no_guess():
    assert recognise(["Telefonzentrale Nachtdienst", "Postleitzahlengebiet"], [["x", "y"]])[0].field is None
