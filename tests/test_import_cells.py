"""Cells as people fill them: a number with words beside it, several addresses, a country in words, tags in one cell, a value in another file."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import openpyxl
import pytest

from core.i18n import speaking
from core.imports import cells
from core.imports.expressions import Compiler, ExpressionError
from core.imports.mapping import Source
from core.imports.parsing import Noted
from core.imports.problems import RowRejected
from core.imports.read_mapping import read_mapping
from core.imports.run import import_data
from core.store import engine, writer
from core.store.staging import Staging
from tests.test_import_words import SYSTEM, rows


def outcome(function, *values):
    try:
        found = function(*values)
    except RowRejected as refused:
        return refused.code
    return (found.value, found.values["rest"]) if type(found) is Noted else found


@pytest.mark.parametrize(
    ("cell", "found"),
    [
        ("030 1234567", "030 1234567"),
        ("030 1234567 privat", ("030 1234567", "privat")),
        ("(Büro) 030 1234567", ("030 1234567", "Büro")),
        ("+49 (0)30 1234567", "+49 (0)30 1234567"),
        ("030 1234567 / 0171 2345678", ("030 1234567", "0171 2345678")),
        ("keine", "form.phone_form"),
        ("4,91512E+12", "form.phone_shortened"),
        ("12/345/67890", "form.phone_tax"),
        ("4915123456789", "form.phone_plus"),
        (891234567890.0, "form.phone_shortened"),
        (301234567.0, "301234567"),
        ("", None),
    ],
)
def test_a_telephone_is_read_out_of_its_cell(cell, found):
    assert outcome(cells.only_telephone, cell) == found


def test_a_second_number_and_a_second_address_have_their_place():
    assert [outcome(cells.telephone, "030 1234567; 0171 2345678", place) for place in (1, 2, 3)] == [
        "030 1234567",
        "0171 2345678",
        None,
    ]
    both = "Max <max@firma.de>; info@firma.de"
    assert [outcome(cells.address, both, place) for place in (1, 2, 3)] == ["max@firma.de", "info@firma.de", None]
    assert outcome(cells.address, "keine") == "email"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Deutschland", "DE"), ("germany", "DE"), ("D", "DE"), ("BRD", "DE"), ("de", "DE"), ("Österreich", "AT"), ("Oesterreich", "AT"), ("Suisse", "CH"),
        ("Germania", "DE"), ("Großbritannien", "GB"), ("Holland", "NL"), ("Absurdistan", "form.country_unknown"), ("EU", "form.country_unknown"), (" ", None),
    ],
)  # fmt: skip
def test_a_country_is_known_by_its_names(name, code):
    assert outcome(cells.country_code, name) == code


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("Musterstr. 5, 10115 Berlin", ("Musterstr. 5", "10115", "Berlin")),
        ("Am Markt 1a\nD-04109 Leipzig\nDeutschland", ("Am Markt 1a", "04109", "Leipzig")),
        ("Straße des 17. Juni 135, 10623 Berlin, Germany", ("Straße des 17. Juni 135", "10623", "Berlin")),
        ("10115 Berlin", (None, "10115", "Berlin")),
        ("Postfach", ("postal", "postal", "postal")),
        ("", (None, None, None)),
    ],
)
def test_an_address_in_one_cell_has_its_parts(cell, parts):
    assert tuple(outcome(part, cell) for part in (cells.street, cells.postcode, cells.city)) == parts


def test_what_is_left_of_a_cell_is_noted_however_deep_it_stands(tmp_path):
    compiler = Compiler(["Tel"], Source("c", tmp_path / "c.csv"))
    assert compiler.compile("concat('Tel ', phone(Tel))")(["030 1234567 privat"]) == "Tel 030 1234567"
    assert [(note.code, note.values["rest"]) for note in compiler.notes] == [("beside", "privat")]
    with pytest.raises(ExpressionError):
        compiler.compile("phones(Tel)")


MAPPING = """
name = "cells"
[files.c]
path = "c.csv"
delimiter = ";"
[files.p]
path = "p.csv"
[[tables]]
table = "account"
file = "c"
key = ["Nr"]
join.p = { file = "p", on = { Nr = "Nr" } }
fields = { number = "Nr", name = "%s" }
[[tables]]
table = "contact"
file = "c"
key = ["Nr"]
fields = { name = "Nr", phone = "phone(Tel)", street = "street(Anschrift)", city = "city(Anschrift)", postcode = "postcode(Anschrift)", country = "country(Land)" }
[[tables]]
table = "account_contact"
file = "c"
fields = { account_id = "Nr", contact_id = "Nr" }
[[tables]]
table = "tag"
file = "c"
each = "split(Tags, ',')"
key = ["lower(part)"]
distinct = true
fields = { name = "part" }
[[tables]]
table = "account_tag"
file = "c"
each = "split(Tags, ',')"
fields = { account_id = "Nr", tag_id = "lower(part)" }
"""
CLIENTS = """Nr;Tags;Tel;Anschrift;Land
1;Lohn, Fibu;030 1234567 privat;Ring 1, 10115 Berlin;Deutschland
2;Fibu;;;
3;;;Gasse 2, 1010 Wien;Österreich
"""


@pytest.fixture
def bring(store, settings, tmp_path):
    def run(name="lookup(p, Firma)", more="", *, clients=CLIENTS, mapping=MAPPING, good=True):
        (tmp_path / "c.csv").write_text(clients, "utf-8")
        (tmp_path / "p.csv").write_text(f"Nr,Firma,Seit\n1 ,Alpha,2024-05-01\n2,Beta,2023-01-31\n3,Gamma,2024-01-01\n{more}", "utf-8")
        (tmp_path / "m.toml").write_text(mapping % name, "utf-8")
        said: list[str] = []
        with speaking("en"):
            assert import_data(settings, tmp_path / "m.toml", said.append) is good, said
        return said

    return run


def test_one_sheet_brings_clients_contacts_and_tags(bring):
    said = bring()
    assert [(row["number"], row["name"]) for row in rows("account")] == [("1", "Alpha"), ("2", "Beta"), ("3", "Gamma")]
    names = {row["tag_id"]: row["name"] for row in rows("tag")}
    numbers = {row["account_id"]: row["number"] for row in rows("account")}
    assert sorted((numbers[row["account_id"]], names[row["tag_id"]]) for row in rows("account_tag")) == [
        ("1", "Fibu"),
        ("1", "Lohn"),
        ("2", "Fibu"),
    ]
    first, _, last = sorted(rows("contact"), key=lambda row: row["name"])
    assert (first["phone"], first["street"], first["postcode"], first["city"], first["country"]) == (
        "+49 30 1234567",
        "Ring 1",
        "10115",
        "Berlin",
        "DE",
    )
    assert (last["street"], last["postcode"], last["city"], last["country"]) == ("Gasse 2", "1010", "Wien", "AT")
    assert any('line 2, phone ← phone(Tel): "030 1234567 privat": kept as 030 1234567; "privat" is left out.' in line for line in said)
    assert any("nothing was written" in line for line in bring())


def test_of_several_rows_the_mapping_says_which(bring):
    assert any('"p" has different values for 1' in line for line in bring(more="1,Alpha alt,2019-01-01\n", good=False))
    bring("first(p, Firma, Seit)", "1,Alpha alt,2019-01-01\n")
    assert {row["name"] for row in rows("account")} == {"Alpha alt", "Beta", "Gamma"}
    bring("last(p, Firma, Seit)", "1,Alpha alt,2019-01-01\n")
    assert {row["name"] for row in rows("account")} == {"Alpha", "Beta", "Gamma"}


def examples() -> list[str]:
    """Return the indented mappings of docs/import.md that are whole."""
    text = (Path(__file__).parents[1] / "docs" / "import.md").read_text("utf-8")
    blocks = re.findall(r"(?:^    .*\n|^\n)+", text, re.MULTILINE)
    return [textwrap.dedent(block) for block in blocks if "[files." in block and "[[tables]]" in block]


def test_the_guides_example_brings_a_sheet_of_clients(store, settings, tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["Unsere Mandanten"],
        ["Nr", "Firma", "Ansprechpartner", "E-Mail", "Telefon", "Anschrift", "Land", "Tags", "Berater", "Berater-Mail"],
        [10001, "Alpha GmbH", "Max Alpha", "max@alpha.de, info@alpha.de", "030 1234567 (Büro)", "Ring 1, 10115 Berlin", "Deutschland", "Lohn; Fibu", "Eva", "eva@kanzlei.de"],
        [10002, "Beta OHG", "Ida Beta", "ida@beta.at", "keine", "Gasse 2, 1010 Wien", "Österreich", "fibu", "Eva", "Eva@kanzlei.de"],
        [10003, "Gamma", "Uwe Gamma", None, None, None, None, None, None, None],
    ):  # fmt: skip
        book.active.append(row)
    book.save(tmp_path / "clients.xlsx")
    (tmp_path / "m.toml").write_text(examples()[-1], "utf-8")
    said: list[str] = []
    with speaking("en"):
        assert import_data(settings, tmp_path / "m.toml", said.append), said
    found = {
        table: len(rows(table)) for table in ("account", "contact", "contact_email", "tag", "account_tag", "staff_member", "assignment")
    }
    assert found == {"account": 3, "contact": 3, "contact_email": 3, "tag": 2, "account_tag": 3, "staff_member": 1, "assignment": 2}, said
    assert {row["postcode"] for row in rows("contact")} == {"10115", "1010", None}
    assert {row["email"]: row["is_primary"] for row in rows("contact_email")} == {
        "max@alpha.de": True, "info@alpha.de": False, "ida@beta.at": True,
    }  # fmt: skip


def test_a_number_is_of_the_country_of_its_row(bring, tmp_path):
    bring(clients="Nr;Tags;Tel;Anschrift;Land\n1;;01 5334567;Gasse 2, 1010 Wien;Österreich\n2;;030 1234567;;\n")
    assert sorted(row["phone"] for row in rows("contact")) == ["+43 1 5334567", "+49 30 1234567"]


def test_a_note_of_a_split_cell_is_its_own_clients(bring, settings, tmp_path):
    with writer(SYSTEM) as tx:
        tx.insert("staff_member", name="Eva", email="eva@kanzlei.de", role="admin", created_at=tx.moment)
    mapping = MAPPING.replace('name = "cells"', 'name = "cells"\nnotes_by = "eva@kanzlei.de"')
    mapping = mapping.replace(', country = "country(Land)"', "").replace(
        'fields = { name = "part" }', 'fields = { name = "part", color = { from = "Land", on_bad = "note" } }'
    )
    bring(mapping=mapping, clients="Nr;Tags;Tel;Anschrift;Land\n1;Lohn;;;\n2;Fibu;;;mauve\n3;Ost,West;;;beige\n")
    numbers = {row["account_id"]: row["number"] for row in rows("account")}
    kept = sorted((numbers[row["account_id"]], row["text"]) for row in rows("note"))
    assert [number for number, _ in kept] == ["2", "3"] and "mauve" in kept[0][1] and "beige" in kept[1][1], kept


def test_an_own_field_that_is_not_there_is_told_before_anything_is_read(bring):
    mapping = MAPPING.replace(
        'fields = { account_id = "Nr", contact_id', 'fields = { account_id = { from = "Nr", by = "field:debitor" }, contact_id'
    )
    assert any(
        "m.toml, field:debitor: There is no custom field with this key. There are: –." in line
        for line in bring(mapping=mapping, good=False)
    )


def test_every_mapping_of_the_guide_can_be_read(store, settings, tmp_path):
    for file in ("clients.csv", "clients.xlsx"):
        (tmp_path / file).write_text("", "utf-8")
    staging = Staging(engine(), settings.data)
    columns = {name: {c: needed for c, (_, needed) in told.items()} for name, told in staging.columns().items()}
    staging.close()
    assert len(examples()) == 2
    for number, text in enumerate(examples()):
        (file := tmp_path / f"{number}.toml").write_text(text, "utf-8")
        assert read_mapping(file, columns).blocks
