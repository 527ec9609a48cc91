"""Files of other programs are known by their heads and brought unaltered by a ready mapping; the files are made here."""

from __future__ import annotations

import re
import tomllib

import openpyxl
import pytest

from core.i18n import speaking
from core.imports.expressions import Compiler, ExpressionError
from core.imports.facts import find_facts
from core.imports.look import look_at
from core.imports.mapping import Source
from core.imports.run import import_data
from core.imports.templates import FOLDER, template_for, templates
from core.imports.whole_mapping import whole_mapping
from core.store import writer
from tests.test_import_words import SYSTEM, rows

EXTF_HEAD = (
    "Konto;Name (Adressattyp Unternehmen);Unternehmensgegenstand;Name (Adressattyp natürl. Person);Vorname (Adressattyp natürl. Person);"
    "Name (Adressattyp keine Angabe);Adressattyp;Kurzbezeichnung;EU-Land;EU-UStID;Anrede;Straße;Postfach;Postleitzahl;Ort;Land;Telefon;"
    "E-Mail;IBAN-Nr. 1;Leerfeld;SWIFT-Code 1;Leerfeld"
)
EXTF = (
    '"EXTF";700;16;"Debitoren/Kreditoren";5;20261130;;"RE";"";"";29098;55003;20260101;%d;;;"";"";;;;;\r\n' + EXTF_HEAD + "\r\n"
    '%s;"Käufer GmbH";"";"";"";"";"2";"";"DE";"136695976";"Firma";"Ring 1";"";"01067";"Dresden";"DE";"030 1234567";"info@kaeufer.de";"";"";"";""\r\n'
    '%s;"";"";"Muster";"Max";"";"1";"";"";"";"Herr";"";"Postfach 12";"10115";"Berlin";"DE";"keine";"max@muster.de";"DE02120300000000202051";"";"";""\r\n'
    '%s;"Lieferant AG";"";"";"";"";"2";"";"";"";"";"";"";"";"";"";"";"";"";"";"";""\r\n'
)  # fmt: skip
OUTLOOK_DE = (
    '"Anrede","Vorname","Weitere Vornamen","Nachname","Suffix","Firma","Abteilung","Position","Straße geschäftlich","Ort geschäftlich",'
    '"Region geschäftlich","Postleitzahl geschäftlich","Land/Region geschäftlich","Telefon geschäftlich","Telefon (privat)","Mobiltelefon",'
    '"E-Mail-Adresse","E-Mail-Typ","E-Mail: Angezeigter Name","E-Mail 2: Adresse","E-Mail 3: Adresse","Geburtstag","Kategorien"\r\n'
    '"Frau","Ida","","Beta","","Beta OHG","","","Gasse 2","Wien","","1010","Österreich","+43 1 5334567","","","ida@beta.at","SMTP","Ida","i@beta.at","x@beta.at","24.12.1970",""\r\n'
    '"","Uwe","","Gamma","","","","","","","","","","","030 1234567","","","","","","","0.0.00",""\r\n'
)  # fmt: skip
OUTLOOK_EN = (
    '"Title","First Name","Last Name","Company","Business Street","Business City","Business Postal Code","Business Country/Region","Business Phone",'
    '"Home Phone","Mobile Phone","Birthday","E-mail Address","E-mail 2 Address"\r\n'
    '"Ms","Ida","Beta","Beta Ltd","Ring 1","Berlin","10115","Germany","+49 30 1234567","","","12/24/1970","ida@beta.at",""\r\n'
    '"","Uwe","Gamma","","","","","","","","","0/0/00","uwe@gamma.de",""\r\n'
)
OPOS = (
    "OPOS-Liste zum 30.11.2026;;;;;;\n;;;;;;\nKonto;Name;Rechnungsnummer;Rechnungsdatum;Fälligkeit;Sollbetrag;Habenbetrag;Saldo\n"
    "10001;Käufer GmbH;RE-1;01.10.2026;15.10.2026;1.190,00;;1.190,00\n10001;Käufer GmbH;RE-2;01.11.2026;15.11.2026;200,00;;50,00\n"
    "10001;Käufer GmbH;GS-1;02.11.2026;02.11.2026;;59,50;-59,50\nSumme;;;;;1.390,00;59,50;1.180,50\n"
)
SEVDESK = (
    "Kunden-Nr.;Anrede;Titel;Nachname;Vorname;Organisation;Kategorie;IBAN;USt-IDNr.;Strasse;PLZ;Ort;Land;Telefon;Mobil;E-Mail;Geburtstag;Tags;Steuernummer\n"
    "1001;;;;;Alpha GmbH;Kunde;;DE136695976;Ring 1;01067;Dresden;Deutschland;030 1234567 (Büro);;info@alpha.de;;Lohn,Fibu;12/345/67890\n"
    "1002;Frau;;Beta;Ida;;Kunde;;;Gasse 2;1010;Wien;Österreich;;;ida@beta.at;24.12.1970;;\n"
)
LEXWARE = (
    "Kundennummer;Firmenname;Steuernummer;Umsatzsteuer ID;Anrede;Vorname;Nachname;Straße;PLZ;Ort;Land;Telefon;E-Mail\n"
    "10001;Alpha GmbH;12/345/67890;DE136695976;;;;Ring 1;01067;Dresden;Deutschland;030 1234567;info@alpha.de\n"
    "10002;;;;Frau;Ida;Beta;Gasse 2;1010;Wien;AT;;ida@beta.at\n"
)
TAXDOME = (
    "Account name,Account type,First name,Last name,Email,Phone number,Address,Tags\n"
    'Alpha GmbH,Business,Max,Alpha,max@alpha.de,+49 30 1234567,"Ring 1, 10115 Berlin","Lohn,Fibu"\n'
    'Alpha GmbH,Business,Ida,Alpha,ida@alpha.de,,"Ring 1, 10115 Berlin","Lohn,Fibu"\n'
    "Uwe Gamma,Individual,Uwe,Gamma,,,,\n"
)
UKU = [
    ["Client name", "Client code", "Register code", "VAT Nr", "Address", "Postal code", "City", "Country", "Client group"],
    ["Alpha OÜ", "A1", "1234", "DE136695976", "Ring 1", "01067", "Dresden", "Germany", "klient, liid"],
    ["Beta OÜ", "A2", "1235", None, None, None, None, "Estonia", None],
]


@pytest.fixture
def bring(store, settings, tmp_path):
    def run(content, key, encoding="utf-8"):
        path = tmp_path / ("list.xlsx" if isinstance(content, list) else "list.csv")
        if isinstance(content, list):
            book = openpyxl.Workbook()
            for row in content:
                book.active.append(row)
            book.save(path)
        else:
            path.write_bytes(content.encode(encoding))
        facts = find_facts(path)
        template = template_for(facts.as_dict())
        assert template and template.key == key, facts
        (tmp_path / "m.toml").write_text(template.mapping_text("list", facts.as_dict(), path.name), "utf-8")
        said: list[str] = []
        with speaking("en"):
            assert import_data(settings, tmp_path / "m.toml", said.append), said
        return said

    return run


def clients():
    return [(row["number"], row["name"], row["kind"]) for row in rows("account")]


def own_values():
    keys = {row["custom_field_id"]: row["key"] for row in rows("custom_field")}
    return sorted((keys[row["custom_field_id"]], row["value"]) for row in rows("account_field_value"))


@pytest.mark.parametrize("digits", [4, 6])
def test_debtors_of_datev_are_clients_and_creditors_are_none(bring, digits):
    numbers = [f"{first}{'0' * (digits - 4)}" for first in ("10001", "69999", "70001")]
    content = EXTF % (digits, *numbers)
    bring(content if digits == 4 else content.replace("EU-UStID", "EU-USt-IdNr."), "datev_parties", "cp1252")
    assert clients() == [(numbers[0], "Käufer GmbH", "company"), (numbers[1], "Max Muster", "person")]
    first, last = sorted(rows("contact"), key=lambda row: row["name"])
    assert (first["street"], first["postcode"], first["country"], first["phone"]) == ("Ring 1", "01067", "DE", "+49 30 1234567")
    assert (last["first_name"], last["street"], last["phone"]) == ("Max", "Postfach 12", None)
    assert own_values() == [("iban", "DE02120300000000202051"), ("ust_idnr", "DE136695976")]
    assert sorted(row["email"] for row in rows("contact_email")) == ["info@kaeufer.de", "max@muster.de"]


def test_open_items_of_datev(bring):
    with writer(SYSTEM) as tx:
        tx.insert("account", number="10001", name="Käufer GmbH", created_at=tx.moment)
    bring(OPOS, "datev_open_items", "cp1252")
    assert [(row["number"], str(row["total"]), str(row["due_on"])) for row in rows("invoice")] == [
        ("RE-1", "1190.00", "2026-10-15"), ("RE-2", "50.00", "2026-11-15"),
    ]  # fmt: skip
    assert [(str(row["amount"]), row["text"]) for row in rows("credit")] == [("59.50", "GS-1")]
    later = "".join(line for line in OPOS.splitlines(keepends=True) if "RE-1" not in line and "GS-1" not in line)
    bring(later.replace("50,00\n", "20,00\n"), "datev_open_items", "cp1252")
    assert {row["number"]: (row["status"], str(row["total"])) for row in rows("invoice")} == {
        "RE-1": ("paid", "1190.00"),
        "RE-2": ("unpaid", "20.00"),
    }
    assert [str(row["amount"]) for row in rows("payment")] == ["1190.00"] and not rows("credit")


@pytest.mark.parametrize(("content", "addresses"), [(OUTLOOK_DE, 3), (OUTLOOK_EN, 2)])
def test_contacts_of_outlook(bring, content, addresses):
    bring(content, "outlook", "cp1252")
    assert not clients()
    ida, uwe = sorted(rows("contact"), key=lambda row: row["name"])
    assert (ida["name"], str(ida["born_on"]), uwe["name"], uwe["born_on"]) == ("Ida Beta", "1970-12-24", "Uwe Gamma", None)
    assert len(rows("contact_email")) == addresses


@pytest.mark.parametrize(("content", "key", "number"), [(SEVDESK, "sevdesk", "1001"), (LEXWARE, "lexware", "10001")])
def test_customers_of_bookkeeping_programs(bring, content, key, number):
    bring(content, key)
    assert clients() == [(number, "Alpha GmbH", "company"), (str(int(number) + 1), "Ida Beta", "person")]
    assert {row["postcode"]: row["country"] for row in rows("contact")} == {"01067": "DE", "1010": "AT"}
    assert own_values() == [("steuernummer", "12/345/67890"), ("ust_idnr", "DE136695976")]
    assert len(rows("account_tag")) == (2 if key == "sevdesk" else 0)


def test_accounts_of_taxdome_have_several_contacts(bring):
    bring(TAXDOME, "taxdome")
    assert clients() == [("K00001", "Alpha GmbH", "company"), ("K00002", "Uwe Gamma", "person")]
    assert sorted(row["name"] for row in rows("contact")) == ["Ida Alpha", "Max Alpha", "Uwe Gamma"]
    found = {table: len(rows(table)) for table in ("account_contact", "contact_email", "account_tag")}
    assert found == {"account_contact": 3, "contact_email": 2, "account_tag": 2}


def test_clients_of_uku(bring):
    bring(UKU, "uku")
    assert [(number, name) for number, name, _ in clients()] == [("A1", "Alpha OÜ"), ("A2", "Beta OÜ")]
    assert sorted((row["name"], row["postcode"], row["country"]) for row in rows("contact")) == [
        ("Alpha OÜ", "01067", "DE"), ("Beta OÜ", None, "EE"),
    ]  # fmt: skip


def test_every_template_says_what_it_was_made_from():
    assert set(templates()) == {path.stem for path in FOLDER.glob("*.toml")}
    for language in ("de", "en"):
        with speaking(language):
            assert all(template.title and template.made_from and template.not_checked for template in templates().values())


def test_a_template_leaves_out_what_is_made_of_a_column_that_is_missing(tmp_path):
    (path := tmp_path / "l.csv").write_text("Kunden-Nr.;Organisation;Nachname;Vorname\n1;Alpha GmbH;;\n", "utf-8")
    text = templates()["sevdesk"].mapping_text("x", find_facts(path), "l.csv")
    assert [block["table"] for block in tomllib.loads(text)["tables"]] == ["account", "contact", "account_contact"]
    assert not re.search("None|Telefon", text)


def test_fields_of_the_line_above_the_head_are_values(tmp_path):
    (path := tmp_path / "e.csv").write_text('"EXTF";700;16;;;;;;;;;;;6\nKonto\n1\n', "cp1252")
    compiler = Compiler(["Konto"], Source("e", path, encoding="cp1252", delimiter=";", header=2))
    assert compiler.compile("meta(14)")(["1"]) == "6" and compiler.compile("meta(14) == 6")(["1"])
    for wrong in ("meta(99)", "meta(0)"):
        with pytest.raises(ExpressionError):
            compiler.compile(wrong)


def test_a_look_names_the_template_and_writes_its_mapping(settings, tmp_path):
    (path := tmp_path / "kontakte.csv").write_text(SEVDESK, "utf-8")
    said: list[str] = []
    with speaking("en"):
        assert look_at(settings, path, said.append, "sevdesk contacts")
        assert "Template: sevdesk contacts (sevdesk)" in said and "  [files.list]" in said
        written = tomllib.loads((tmp_path / "sevdesk contacts.toml").read_text("utf-8"))
        assert written["name"] == "sevdesk contacts" and written["files"]["list"]["path"] == "kontakte.csv"
        assert not look_at(settings, path, said.append, "sevdesk contacts") and said[-1].startswith("sevdesk contacts.toml was not written")
        path.write_text("Nr;Firma;Ort\n1;Alpha GmbH;Berlin\n2;Beta KG;Wien\n", "utf-8")
        said.clear()
        assert look_at(settings, path, said.append) and "Recognised as a list of clients; the whole mapping:" in said
        assert '  number = "Nr"' in said
        path.write_text("Bytes;Sorte\n1;x\n2;y\n", "utf-8")
        assert not look_at(settings, path, said.append, "other")


def test_merged_cells_errors_and_formulas_without_a_value_are_told(store, settings, tmp_path):
    book = openpyxl.Workbook()
    for row in (["Nr", "Firma", "Ort", "Telefon"], [1, "Alpha", "Berlin", None], [2, "Beta", None, "=A2"], [3, "Gamma", "Wien", "#N/A"]):
        book.active.append(row)
    book.active["D4"].data_type = "e"
    book.active.merge_cells("C2:C3")
    book.save(tmp_path / "list.xlsx")
    facts = find_facts(tmp_path / "list.xlsx")
    assert [row[2] for row in facts.rows] == ["Berlin", "Berlin", "Wien"]
    (tmp_path / "m.toml").write_text(str(whole_mapping(facts, "list", "list.xlsx")["whole"]), "utf-8")
    said: list[str] = []
    with speaking("en"):
        assert import_data(settings, tmp_path / "m.toml", said.append), said
    assert [row["city"] for row in sorted(rows("contact"), key=lambda row: row["name"])] == ["Berlin", "Berlin", "Wien"]
    told = "\n".join(said)
    assert "line 3, Telefon: The formula in cell D3 was never computed" in told
    assert "line 4, Telefon: Cell D4 holds an error (#N/A); it counts as empty." in told
    assert "Merged cells: C2:C3." in told
