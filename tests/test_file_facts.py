"""What a file is, found out: files as programs and people hand them in, made here, each with what an import must know of it."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import pytest

from core.imports.facts import find_facts

LIST = "Nr;Firma;PLZ;Ort;Telefon;Geburtstag;Umsatz\n" + "".join(
    f"{10000 + i};Müller & Söhne {i} GmbH;{10115 + i};Köln;030 {1234560 + i};0{i % 9 + 1}.11.198{i % 10};1.2{i % 10}4,50\n"
    for i in range(40)
)
ENGLISH = LIST.replace("Nr;Firma;PLZ;Ort;Telefon;Geburtstag;Umsatz", "No;Company;Postcode;City;Phone;Birthday;Amount")
EXTF = (
    '"EXTF";700;16;"Debitoren/Kreditoren";5;20261130;;"RE"\r\n'
    + "Konto;Name (Adressattyp Unternehmen);Leerfeld;Leerfeld;EU-UStID\r\n"
    + "".join(f'{10000 + i};"Käufer {i} GmbH";;;\r\n' for i in range(30))
)
OPOS = (
    "OPOS-Liste zum 30.11.2026;;;;\n;;;;\nKonto;Name;Rechnungsnummer;Fälligkeit;Sollbetrag\n"
    + "".join(f"{10000 + i};Käufer {i};RE-{i};1{i % 9}.10.2026;{i}1,00\n" for i in range(30))
    + "Summe;;;;4.711,00\n"
)


@dataclass
class Case:
    content: bytes
    facts: dict[str, object]


def text(content: str, written: str = "utf-8", /, **facts: object) -> Case:
    return Case(content.encode(written), facts)


def commas(content: str) -> str:
    return "\n".join(",".join(f'"{cell}"' if "," in cell else cell for cell in line.split(";")) for line in content.splitlines()) + "\n"


CASES = {
    "list": text(LIST, encoding="utf-8", delimiter=";", header=1, decimal=",", date="%d.%m.%Y", columns_by="name"),
    "with mark": text(LIST, "utf-8-sig", encoding="utf-8-sig", delimiter=";"),
    "windows": text(LIST, "cp1252", encoding="cp1252", delimiter=";"),
    "latin 9": text(LIST.replace("Söhne", "Söhne €"), "iso-8859-15", encoding="iso-8859-15"),
    "old mac": Case(LIST.replace("\n", "\r").encode("mac_roman"), {"encoding": "mac_roman", "delimiter": ";", "header": 1}),
    "dos": Case(LIST.replace("\n", "\r\n").encode("cp850") + b"\x1a", {"encoding": "cp850", "delimiter": ";"}),
    "unicode text": text(LIST.replace(";", "\t"), "utf-16", encoding="utf-16", delimiter="\t", header=1),
    "utf-16 without mark": text(LIST, "utf-16-le", encoding="utf-16-le", delimiter=";"),
    "utf-16 the other way": text(LIST, "utf-16-be", encoding="utf-16-be", delimiter=";"),
    "first umlaut far down": text("Nr;Firma\n" + "1;Alpha\n" * 30_000 + "2;Müller\n", "cp1252", encoding="cp1252", delimiter=";"),
    "one wrong byte": Case(LIST.encode() + b"99;M\xfcller;1;x;1;;\n", {"encoding": "utf-8", "bad_bytes": 1}),
    "quotes of Word": text(LIST.replace("GmbH", "„GmbH“ – 5 €"), "cp1252", encoding="cp1252"),
    "french": text("No;Nom\n" + "1;Société générale à Orléans\n" * 9, "cp1252", encoding="cp1252"),
    "commas": text(commas(LIST), delimiter=",", decimal=",", header=1),
    "english": text(ENGLISH, header=1, delimiter=";"),
    "tabs": text(LIST.replace(";", "\t"), delimiter="\t", header=1),
    "pipes": text(LIST.replace(";", "|"), delimiter="|", header=1),
    "sep": text("sep=;\n" + LIST, delimiter=";", header=2),
    "sep with commas": text("sep=,\n" + commas(LIST), delimiter=",", header=2),
    "extf": text(EXTF, "cp1252", encoding="cp1252", delimiter=";", header=2, columns_by="name"),
    "opos": text(OPOS, "cp1252", encoding="cp1252", delimiter=";", header=3, footer=("Summe",), decimal=",", date="%d.%m.%Y"),
    "without a head": text("".join(LIST.splitlines(keepends=True)[1:]), header=1, columns_by="place", delimiter=";"),
    "a title, no head": text("Mandanten 2026;;;;;;\n" + "".join(LIST.splitlines(keepends=True)[1:]), columns_by="place", header=2),
    "one column": text("Mail\n" + "".join(f"p{i}@firma.de\n" for i in range(9)), delimiter=",", header=1, columns_by="name"),
    "semicolons in quotes": text('Nr,Firma\n' + '1,"Alpha; Beta; Gamma"\n' * 9, delimiter=",", header=1),
    "lines in quotes": text('Nr;Notiz\n' + '1;"erste\nzweite; Zeile"\n' * 9, delimiter=";", header=1),
    "single quotes": text("Nr;Firma\n" + "1;'Alpha; Beta'\n" * 9, delimiter=";", quote="'"),
    "an apostrophe": text("Nr;Firma\n" + "1;O'Brien & Sons' Ltd\n" * 9, delimiter=";", quote='"'),
    "short rows": text(LIST + "1;kurz\n2\n", delimiter=";", header=1),
    "two lines": text("Nr;Firma\n1;Alpha\n", delimiter=";", header=1, columns_by="name"),
    "years of two digits": text("Nr;Firma;Geburtstag\n" + "1;Alpha;03.04.55\n2;Beta;31.12.61\n", date="%d.%m.%y"),
    "american days": text("No,Name,Due\n1,Alpha,12/31/2026\n2,Beta,01/15/2026\n", date="%m/%d/%Y", guessed=()),
    "days either way": text("No,Name,Due\n1,Alpha,02/03/2026\n2,Beta,04/05/2026\n", guessed=("date",)),
    "iso days": text("Nr,Name,Fällig\n1,Alpha,2026-12-31\n", date=None, decimal=None),
    "points": text("Nr,Firma,Betrag\n1,Alpha,1234.50\n2,Beta,0.99\n", decimal="."),
    "groups of three are a guess": text("Nr;Firma;Betrag\n1;Alpha;12.500\n2;Beta;5.678\n", decimal=",", guessed=("decimal",)),
    "moments": text("Nr;Betreff;Datum\n1;Alpha;31.12.2026 17:42\n", date="%d.%m.%Y", moment="%d.%m.%Y %H:%M"),
    "empty": Case(b"", {"kind": "empty"}),
    "blank": Case(b"\r\n \r\n", {"kind": "empty"}),
    "vcard": text("BEGIN:VCARD\nVERSION:3.0\nFN:Max\nEND:VCARD\n", kind="vcard"),
    "html called xls": text("<html><table><tr><td>Nr</td></tr></table></html>", kind="html"),
    "mail": text("From: max@firma.de\r\nSubject: Hallo\r\nDate: Mon, 30 Nov 2026 10:00:00 +0100\r\n\r\nText", kind="mail"),
    "mailbox": text("From max@firma.de Mon Nov 30 10:00:00 2026\nSubject: x\n\nText\n", kind="mbox"),
    "a list that begins with From": text("From;To;Subject\nmax@a.de;ida@b.de;Hallo\n", kind="text", delimiter=";"),
    "old workbook": Case(bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 600, {"kind": "unreadable"}),
    "outlook mail": Case(bytes.fromhex("D0CF11E0A1B11AE1") + "__properties_version1.0".encode("utf-16-le"), {"kind": "outlook_mail"}),
    "pdf": Case(b"%PDF-1.7 \n", {"kind": "pdf"}),
    "sqlite": Case(b"SQLite format 3\0" + b"\1" * 99, {"kind": "sqlite"}),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_a_file_is(case, tmp_path):
    path = tmp_path / "file.xls"
    path.write_bytes(CASES[case].content)
    facts = find_facts(path)
    assert {name: getattr(facts, name) for name in CASES[case].facts} == CASES[case].facts, facts


def workbook(path: Path, **sheets: list[list[object]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name.replace("_", " "))
        for row in rows:
            sheet.append(row)
        if name.startswith("hidden"):
            sheet.sheet_state = "hidden"
    book.save(path)
    return path


def test_of_a_workbook_the_sheet_with_a_table_is_meant(tmp_path):
    people = [["Nr", "Firma", "Ort"], *([i, f"Alpha {i}", "Köln"] for i in range(9))]
    path = workbook(
        tmp_path / "called.csv", Deckblatt=[["Mandanten"], ["Stand"]], hidden_list=people * 5, Liste=[["Unsere Mandanten"], [], *people]
    )
    facts = find_facts(path)
    assert (facts.kind, facts.sheet, facts.header, facts.columns, facts.guessed) == (
        "workbook",
        "Liste",
        3,
        ("Nr", "Firma", "Ort"),
        ("sheet",),
    )
    assert find_facts(path, "Deckblatt").sheet == "Deckblatt"


def test_a_packed_folder_is_no_workbook(tmp_path):
    with zipfile.ZipFile(path := tmp_path / "x.xlsx", "w") as packed:
        packed.writestr("readme.txt", "x")
    assert find_facts(path).kind == "packed"
    path.write_bytes(path.read_bytes()[:40])
    assert find_facts(path).kind == "packed"


def test_the_facts_are_written_as_a_mapping(tmp_path):
    (path := tmp_path / "opos.csv").write_bytes(OPOS.encode("cp1252"))
    assert find_facts(path).as_mapping("opos", "opos.csv") == (
        '[files.opos]\npath = "opos.csv"\nformat = "csv"\nencoding = "cp1252"\ndelimiter = ";"\ndecimal = ","\ndate = "%d.%m.%Y"\nheader = 3\nfooter = ["Summe"]'
    )


def test_what_somebody_chose_otherwise_counts_and_is_no_guess(tmp_path):
    (path := tmp_path / "list.csv").write_bytes("Nr,Name;Ort\n1,Søren;Århus\n2,Ada;Köln\n".encode("cp1252"))
    facts = find_facts(path, chosen={"delimiter": ";", "encoding": "iso-8859-15", "header": 2, "columns_by": "place", "mapping": "x"})
    assert (facts.delimiter, facts.encoding, facts.header, facts.columns_by) == (";", "iso-8859-15", 2, "place")
    assert not {"delimiter", "encoding", "header"} & set(facts.guessed)
    assert facts.sample == (("1,Søren", "Århus"), ("2,Ada", "Köln"))
    wide = tmp_path / "wide.csv"
    wide.write_text("\n".join(";".join(["x" * 500] * 900) for _ in range(60)), "utf-8")
    assert sum(len(cell) for row in find_facts(wide).sample for cell in row) < 3_000_000, "the answer of a child has a limit"
