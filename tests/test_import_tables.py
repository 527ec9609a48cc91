"""Tables as other programs write them: lines above the head, a footer, heads twice or spelled otherwise, numbers with leading zeros."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from core.i18n import speaking
from core.imports.look import look_at
from core.imports.run import import_data
from core.imports.sheet_formats import zero_formats
from core.store import writer
from tests.test_import_words import SYSTEM, rows

MAPPING = """
name = "tables"
{top}
[files.c]
path = "{file}"
{source}
[[tables]]
table = "account"
file = "c"
key = [{number!r}]
fields = {{ number = {number!r}, name = {name} }}
[[tables]]
table = "contact"
file = "c"
key = [{number!r}]
fields = {{ name = {name}{contact} }}
[[tables]]
table = "account_contact"
file = "c"
fields = {{ account_id = {number!r}, contact_id = {number!r} }}
"""
FIRMA = '"Firma"'


@pytest.fixture
def bring(store, settings, tmp_path):
    def run(content, source="", number="Nr", name=FIRMA, contact="", *, top="", good=True):
        file = content if isinstance(content, Path) else tmp_path / "c.csv"
        if file is not content:
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        mapping = tmp_path / "m.toml"
        mapping.write_text(
            MAPPING.format(file=file.name, source=source, number=number, name=name, contact=contact and f", {contact}", top=top), "utf-8"
        )
        said: list[str] = []
        with speaking("en"):
            assert import_data(settings, mapping, said.append) is good, said
        return said

    return run


def clients() -> list[tuple[str, str]]:
    return [(row["number"], row["name"]) for row in rows("account")]


DATEV = '"EXTF";700;16;"Debitoren/Kreditoren";5;20261130;;"RE"\r\nKonto;Name;Leerfeld;Leerfeld;EU-UStID\r\n10000;Müller GmbH;;;\r\n'


def test_an_export_whose_head_is_its_second_line_with_unused_names_twice(bring):
    bring(DATEV.encode("cp1252"), 'delimiter = ";"\nencoding = "cp1252"\nheader = 2', "Konto", '"Name"')
    assert clients() == [("10000", "Müller GmbH")]


def test_a_name_that_stands_twice_is_refused_where_it_is_used(bring):
    told = bring(DATEV, 'delimiter = ";"\nheader = 2', "Konto", '"Leerfeld"', good=False)
    assert any('The column "Leerfeld" occurs twice' in line for line in told)
    bring(DATEV, 'delimiter = ";"\nheader = 3\ncolumns_by = "place"', "column('1')", "\"column('2')\"")
    assert clients() == [("10000", "Müller GmbH")]


def test_of_several_spellings_the_first_that_is_there_counts(bring):
    bring("Nr,Name 1\n1,Alpha\n", name='{ from = ["Firma", "Name 1"] }')
    assert clients() == [("1", "Alpha")]
    told = bring("Nr,Name 1\n1,Alpha\n", name='{ from = ["Firma", "Name"] }', good=False)
    assert any('no column "Firma | Name"' in line for line in told)


def test_a_head_that_is_not_there_is_told_with_its_row(bring):
    assert any("Row 9 names no columns" in line for line in bring("Nr,Firma\n1,Alpha\n", "header = 9", good=False))
    assert any("files.c.header" in line for line in bring("Nr,Firma\n1,Alpha\n", "header = 0", good=False))


def test_lines_are_counted_from_the_top_of_the_file(bring):
    said = bring('Liste "der Mandanten\n\nNr,Firma\n1,Alpha\n2,\n', "header = 3", good=False)
    assert any(line.startswith("c.csv, line 5") for line in said)


def test_a_footer_ends_the_table_and_is_told(bring):
    said = bring("Nr;Firma\n1;Alpha\n2;Summers Ltd\nSumme: 2\n\nStand;heute;früh\n", 'delimiter = ";"\nfooter = ["Summe", "Gesamt"]')
    assert clients() == [("1", "Alpha"), ("2", "Summers Ltd")]
    assert any('line 4: The table ends at "Summe: 2"' in line for line in said)


def workbook(path: Path, head: int = 1) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    for row, values in enumerate(
        [("Nr", "Firma", "PLZ", "Land", "Frei"), (10001, "Dresden", 1067, "DE", 7), (2, "Leipzig", 4109, "DE", 8)]
    ):
        for column, value in enumerate(values):
            cell = sheet.cell(head + row, column + 1, value)
            if row and column in (0, 2):
                cell.number_format = "000000" if column == 0 else "00000"
    if head > 1:
        sheet.cell(1, 1, "Mandantenliste 2026")
    book.save(path)
    return path


def test_a_number_is_what_excel_shows(bring, tmp_path):
    file = workbook(tmp_path / "c.xlsx", head=3)
    bring(file, "header = 3", contact='postcode = "PLZ", country = "Land"')
    assert sorted(clients()) == [("000002", "Leipzig"), ("010001", "Dresden")]
    assert sorted(row["postcode"] for row in rows("contact")) == ["01067", "04109"]


def test_formats_that_are_not_zeros_alone_change_nothing(tmp_path):
    book = openpyxl.Workbook()
    for column, form in enumerate(("0.00", "0", "00000", "#,##0", "00-00", "0000;-0000", "General"), 1):
        book.active.cell(1, column, 7).number_format = form
    book.save(tmp_path / "c.xlsx")
    assert zero_formats(tmp_path / "c.xlsx", None) == {(0, 2): 5, (0, 5): 4}
    assert zero_formats(tmp_path / "c.xlsx", "Sheet") == {(0, 2): 5, (0, 5): 4}
    assert zero_formats(tmp_path / "c.xlsx", "another") == {}
    (tmp_path / "none.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    assert zero_formats(tmp_path / "none.xlsx", None) == {}


def test_a_birthday_of_two_digits_is_never_ahead(bring):
    bring("Nr,Firma,Geb\n1,Alt,01.02.55\n2,Jung,03.04.01\n", 'date = "%d.%m.%y"', contact='born_on = "Geb"')
    assert [row["born_on"] for row in rows("contact")] == [date(1955, 2, 1), date(2001, 4, 3)]


def test_a_moment_becomes_the_day_it_was_in_the_firms_zone(bring):
    bring("Nr,Firma,Geb\n1,Alt,1999-12-31T23:30:00Z\n", contact='born_on = "date(Geb)"')
    assert [row["born_on"] for row in rows("contact")] == [date(2000, 1, 1)]


def test_an_invisible_mark_before_the_first_name_is_no_part_of_it(bring):
    bring("\ufeffNr;Firma\n1;Alpha\n".encode("utf-16-le"), 'delimiter = ";"\nencoding = "utf-16-le"')
    assert clients() == [("1", "Alpha")]


def contact(name: str) -> dict:
    return next(row for row in rows("contact") if row["name"] == name)


LEAVING = 'phone = { from = "Tel", on_bad = "leave" }, country = { from = "Land", on_bad = "leave" }, postcode = { from = "PLZ", on_bad = "leave" }'
BAD = "Nr,Firma,Tel,Land,PLZ\n1,Alpha,keine,DE,10115\n2,Beta,030 1234567,Absurdistan,10115\n3,Gamma,030 7654321,DE,1067\n4,Delta,030 1112223,DE,10115\n"


def test_one_bad_value_costs_no_client_where_it_may_be_left_out(bring):
    said = bring(BAD, contact=LEAVING)
    assert [name for _, name in clients()] == ["Alpha", "Beta", "Gamma", "Delta"]
    assert (contact("Alpha")["phone"], contact("Alpha")["country"]) == (None, "DE")
    assert (contact("Beta")["phone"], contact("Beta")["country"], contact("Beta")["postcode"]) == ("+49 30 1234567", None, "10115")
    assert (contact("Gamma")["postcode"], contact("Gamma")["phone"]) == (None, "+49 30 7654321")
    for line, column, value in ((2, "phone ← Tel", "keine"), (3, "country ← Land", "Absurdistan"), (4, "postcode ← PLZ", "1067")):
        told = [one for one in said if one.startswith(f"c.csv, line {line}, {column}") and value in one]
        assert len(told) == 1 and told[0].endswith("The row is taken over without this value."), said


def test_without_a_word_a_bad_value_refuses_its_row(bring):
    assert any("line 2" in line for line in bring(BAD, contact='phone = "Tel"', good=False))
    assert clients() == []


def test_what_makes_a_record_cannot_be_left_out(bring):
    told = bring(BAD, name='{ from = "Firma", on_bad = "leave" }', good=False)
    assert any("fields.name.on_bad" in line for line in told)


FOUND = 'encoding = "found"\ndelimiter = "found"\nheader = "found"\nfooter = "found"\ndecimal = "found"\ndate = "found"'


def test_what_the_mapping_leaves_open_is_found_out_and_told(bring):
    head = "Mandantenliste;;\nNr;Firma;Geburtstag\n"
    content = (head + "1;Müller GmbH;03.04.1955\n2;Söhne KG;31.12.1961\nSumme;2;\n").encode("cp1252")
    said = bring(content, FOUND, contact='born_on = "Geburtstag"')
    assert clients() == [("1", "Müller GmbH"), ("2", "Söhne KG")]
    told = next(line for line in said if line.startswith("c.csv: Found: "))
    assert all(
        part in told for part in ('encoding = "cp1252"', 'delimiter = ";"', "header = 2", 'footer = ["Summe"]', 'date = "%d.%m.%Y"')
    ), told
    assert "Not certain: encoding" in told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"%PDF-1.7 \nNr;Firma", "is a PDF"),
        (b"SQLite format 3\0", "is an SQLite database"),
        (b"PK\x03\x04 and nothing more", "is a packed archive"),
        (b"<html><table><tr><td>Nr", "is an HTML page"),
    ],
)
def test_a_file_of_another_kind_is_told_as_what_it_is(bring, content, told):
    assert any(told in line for line in bring(content, good=False))


def test_a_workbook_called_csv_is_told(bring, tmp_path):
    file = workbook(tmp_path / "x.xlsx")
    assert any("is an Excel workbook" in line for line in bring(file.read_bytes(), good=False))


def test_looking_says_what_a_file_is_and_how_to_read_it(store, settings, tmp_path):
    (file := tmp_path / "liste.csv").write_bytes(DATEV.encode("cp1252"))
    said: list[str] = []
    with speaking("de"):
        assert look_at(settings, file, said.append)
    assert said[0] == "liste.csv: eine Textdatei"
    assert "  Kodierung: cp1252 (geraten)" in said and "  Spaltennamen in Zeile 2" in said and "  header = 2" in said
    (file := tmp_path / "x.pdf").write_bytes(b"%PDF-1.7")
    with speaking("de"):
        assert not look_at(settings, file, said.append)
    assert "Aus einem PDF lässt sich nicht importieren" in said[-1]


NOTED = 'phone = { from = "Tel", on_bad = "note" }, country = { from = "Land", on_bad = "note" }'


def test_a_value_that_is_none_may_be_kept_in_a_note_once(bring):
    with writer(SYSTEM) as tx:
        tx.insert("staff_member", name="Eva", email="eva@kanzlei.de", role="admin", created_at=tx.moment)
    for time in range(2):
        said = bring(BAD, contact=NOTED, top='notes_by = "eva@kanzlei.de"')
        names = {row["account_id"]: row["name"] for row in rows("account")}
        kept = sorted((names[row["account_id"]], row["text"]) for row in rows("note"))
        assert kept == [("Alpha", "Tel: keine"), ("Beta", "Land: Absurdistan")], said
        assert len({row["saved_at"] for row in rows("note")}) == 1 and rows("note")[0]["version"] == 1
        assert (time == 1) is any("nothing was written" in line for line in said)
        assert any(line.endswith("which is kept in a note.") for line in said)


def test_a_note_needs_somebody_who_wrote_it(bring):
    assert any(line.startswith("m.toml, notes_by") for line in bring(BAD, contact=NOTED, good=False))


def test_a_row_like_a_footer_with_rows_below_is_refused(bring):
    said = bring("Nr;Firma\n1;Alpha\nSumme;2\n3;Gamma\n", source='delimiter = ";"\nfooter = "Summe"', good=False)
    assert any('"Summe" begins like the end of the table, but more rows stand below it.' in line for line in said), said
