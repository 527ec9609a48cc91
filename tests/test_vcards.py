"""vCards of every version are read as rows; one that is broken does not stop the others; the template brings them as contacts."""

from __future__ import annotations

import time

import pytest

from core.i18n import speaking
from core.imports.facts import find_facts
from core.imports.run import import_data
from core.imports.templates import template_for
from core.imports.vcards import COLUMNS, MAX_CARD_LINES, cards_of
from tests.test_import_words import rows

V21 = (
    "BEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=windows-1252;ENCODING=QUOTED-PRINTABLE:M=FCller;J=F6rg;;Dr.\r\n"
    "FN;CHARSET=windows-1252;ENCODING=QUOTED-PRINTABLE:J=F6rg =\r\nM=FCller\r\nTEL;WORK;VOICE:030 1234567\r\nTEL;CELL:0171 2345678\r\n"
    "TEL;WORK;FAX:030 1\r\nADR;WORK;ENCODING=QUOTED-PRINTABLE:;;Ring 1;Berlin;;10115;Deutschland\r\nEMAIL;PREF;INTERNET:joerg@mueller.de\r\n"
    "PHOTO;JPEG;ENCODING=BASE64:\r\n /9j/4AAQSkZJRg\r\n AAAA\r\n\r\nEND:VCARD\r\n"
)
V30 = (
    "BEGIN:VCARD\nVERSION:3.0\nUID:u-3\nN:Beta;Ida;;;\nFN:Ida Beta\nORG:Beta\\, Gamma & Co;Lohn\nitem1.EMAIL;type=INTERNET;type=pref:ida@be\n ta.at\n"
    "EMAIL:i@beta.at\nTEL;TYPE=WORK,VOICE:+43 1 5334567\nitem2.ADR;TYPE=HOME:;;Gasse 2\\nTop 3;Wien;;1010;Österreich\nBDAY:1970-12-24T00:00:00Z\n"
    "CATEGORIES:Lohn,Fibu\nNOTE:erste\\nzweite\nEND:VCARD\n"
)
V40 = (
    'BEGIN:VCARD\nVERSION:4.0\nFN:Uwe Gamma\nN:Gamma;Uwe;;;\nTEL;VALUE=uri;TYPE="cell,voice";PREF=1:tel:+49-171-2345678\nBDAY:--1224\n'
    'ADR;LABEL="Ring 5: Hof";TYPE=work:;;Ring 5;Köln;;50667;DE\nEND:VCARD\n'
)
BROKEN = "BEGIN:VCARD\nFN:Ohne Ende\n" + "BEGIN:VCARD\nVERSION:3.0\nkein Doppelpunkt\nFN:Otto\nEND:VCARD\nBEGIN:VCARD\nEND:VCARD\n"


def read(path, content, encoding="utf-8"):
    path.write_bytes(content.encode(encoding))
    told: list[str] = []
    cards = [
        {column: value for column, value in zip(COLUMNS, values, strict=True) if value}
        for _, values in cards_of(path, encoding, lambda p: told.append(p.code), lambda p: told.append(p.code))
    ]
    return cards, told


@pytest.mark.parametrize(
    ("content", "card"),
    [
        (V21, {
            "name": "Jörg Müller", "first_name": "Jörg", "last_name": "Müller", "salutation": "Dr.", "email": "joerg@mueller.de",
            "phone": "030 1234567", "mobile": "0171 2345678", "street": "Ring 1", "postcode": "10115", "city": "Berlin", "country": "Deutschland",
        }),
        (V30, {
            "uid": "u-3", "name": "Ida Beta", "first_name": "Ida", "last_name": "Beta", "company": "Beta, Gamma & Co",
            "email": "ida@beta.at, i@beta.at", "phone": "+43 1 5334567", "street": "Gasse 2, Top 3", "postcode": "1010", "city": "Wien",
            "country": "Österreich", "born_on": "1970-12-24", "tags": "Lohn, Fibu", "note": "erste\nzweite",
        }),
        (V40, {
            "name": "Uwe Gamma", "first_name": "Uwe", "last_name": "Gamma", "mobile": "+49-171-2345678", "street": "Ring 5", "postcode": "50667",
            "city": "Köln", "country": "DE",
        }),
    ],
    ids=["2.1", "3.0", "4.0"],
)  # fmt: skip
def test_a_card_of_each_version(content, card, tmp_path):
    assert read(tmp_path / "c.vcf", content) == ([card], [])


def test_broken_cards_are_told_and_the_others_read(tmp_path):
    cards, told = read(tmp_path / "c.vcf", BROKEN)
    assert cards == [{"name": "Otto"}] and told == ["vcard_open", "vcard_line", "vcard_empty"]
    cards, told = read(tmp_path / "c.vcf", "BEGIN:VCARD\n" + "X:1\n" * (MAX_CARD_LINES + 1) + "END:VCARD\n" + V40)
    assert [card["name"] for card in cards] == ["Uwe Gamma"] and told == ["vcard_large"]


@pytest.mark.parametrize(
    "line", ["NOTE:x" + "\n y" * 1_100_000, 'TEL;"' + '";"' * 400_000, "NOTE:" + "\\" * 1_200_000], ids=["folded", "quotes", "signs"]
)
def test_a_card_made_to_cost_much_is_refused_in_no_time(line, tmp_path):
    began = time.process_time()
    cards, told = read(tmp_path / "c.vcf", f"BEGIN:VCARD\n{line}\nEND:VCARD\n{V40}")
    assert [card["name"] for card in cards] == ["Uwe Gamma"] and told == ["vcard_large"]
    assert time.process_time() - began < 3


def test_an_address_book_is_brought_as_contacts(store, settings, tmp_path):
    (path := tmp_path / "kontakte.vcf").write_text(V21 + V30 + V40, "utf-8")
    facts = find_facts(path)
    template = template_for(facts)
    assert facts.kind == "vcard" and template and template.key == "vcard"
    (tmp_path / "m.toml").write_text(template.mapping_text("cards", facts, path.name), "utf-8")
    said: list[str] = []
    with speaking("en"):
        assert import_data(settings, tmp_path / "m.toml", said.append), said
        assert import_data(settings, tmp_path / "m.toml", said.append) and "nothing was written" in said[-1], said
    found = {row["name"]: (row["country"], row["phone"] or row["mobile"], str(row["born_on"])) for row in rows("contact")}
    assert found == {
        "Jörg Müller": ("DE", "+49 30 1234567", "None"), "Ida Beta": ("AT", "+43 1 5334567", "1970-12-24"),
        "Uwe Gamma": ("DE", "+49 171 2345678", "None"),
    }  # fmt: skip
    assert len(rows("contact_email")) == 3 and not rows("account")
