"""What people read in the sample firm fits: documents their names, titles the people, mails whose address they come from."""

from __future__ import annotations

import io
import itertools
import re
from collections import defaultdict

import pytest
from faker.providers.person.de_DE import Provider as German
from openpyxl import load_workbook

from core.sample import texts
from core.sample.kinds import KINDS, kind_of
from core.store import close_store
from tests.test_sample import built, drawn


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    yield built(tmp_path_factory.mktemp("sample") / "data")
    close_store()


def test_documents_hold_what_their_names_say(sample):
    """Each under the head of who wrote it, with lines of its own kind; what is of different kinds is never one file."""
    folder, clients = sample.settings.documents, {row["account_id"]: row["name"] for row in sample.tables["account"]}
    kinds, pictures = defaultdict(set), defaultdict(set)
    for row in sample.tables["document"]:
        kinds[row["file"]].add(kind_of(row["name"]))
        pictures[row["sha256"]].add(kind_of(row["name"]))
    for row in {row["file"]: row for row in sample.tables["document"]}.values():
        (key,) = kinds[row["file"]]
        kind, data = KINDS[key], (folder / row["file"]).read_bytes()
        head = kind.head or clients[row["account_id"]]
        match row["file"].rsplit(".")[-1]:
            case "pdf":
                said = re.findall(rb"\(((?:[^()\\]|\\.)*)\) Tj", drawn(data))
                said = [re.sub(r"\\(.)", r"\1", words.decode("cp1252")) for words in said]
                assert said[0] == head.encode("cp1252", "replace").decode("cp1252")[:70] and said[1].startswith(key), row["name"]
                between = said[3 : said.index("Summe") if "Summe" in said else -1]
                lines = [words for words in between if not re.fullmatch(r"\d+|[\d.]+,\d\d €", words)]
                assert ("Summe" in said) == kind.amounts and lines and set(lines) <= set(kind.lines), row["name"]
            case "txt":
                lines = data.decode().splitlines()
                assert (lines[0].startswith(key), lines[1]) == (True, head) and {*lines[4:-2]} <= {*kind.lines}, row["name"]
            case "xlsx":
                sheet = load_workbook(io.BytesIO(data)).active
                assert sheet.title == key and {cell.value for cell in sheet["B"][1:-1]} <= {*kind.lines}
    assert all(len(found) == 1 for found in pictures.values())
    told = {kind_of(name.format(**dict.fromkeys(("month", "mm", "year", "last_year", "number", "day"), "1"))) for name in document_names()}
    # Nothing is described that no document is, but for the one of a story.
    assert set(KINDS) == told | {"Personalausweis"}
    assert all(line.isascii() for kind in KINDS.values() if kind.picture for line in (kind.head, *kind.lines))
    assert not {"Telefon", "Kraftstoff", "Bewirtung"} & {*KINDS["Zollbescheid"].lines}
    assert [KINDS[key].picture for key in ("Foto Transportschaden", "Foto Lieferschein", "Quittung")] == ["parcel", "list", "receipt"]


def document_names():
    for group in (texts.UPLOADS, texts.SHARED, texts.APPROVALS, texts.SIGNATURES):
        yield from itertools.chain.from_iterable(group.values())
    yield from texts.SHOP_UPLOADS


def test_titles_fit_the_people(sample):
    """Endings of women for women, of men for men; what stands for everybody fits both."""
    men, women = {*German.first_names_male}, {*German.first_names_female}
    contacts = {row["contact_id"]: row for row in sample.tables["contact"]}
    told = [(row["holder_name"].split()[0], row["holder_relation"]) for row in sample.tables["contact_email"] if row["holder_relation"]]
    assert {"Mitarbeiter", "Mitarbeiterin"} <= {title for _, title in told}
    for name, title in told:
        assert name in (women if title.endswith("in") else men if title == "Mitarbeiter" else men | women), (name, title)
    for row in sample.tables["account_contact"]:
        title, contact = row["relation"] or "", contacts[row["contact_id"]]
        if title in ("Ehefrau", "Tochter") or re.search(r"(er|or|ist|ter|erb)in$", title):
            assert contact["salutation"] == "Frau", (contact["name"], title)
        elif title in ("Ehemann", "Sohn", "Miterbe") or re.search(r"(er|ist)$", title):
            assert contact["salutation"] == "Herr", (contact["name"], title)


def test_mails_are_signed_by_whose_address_they_come_from(sample):
    contacts = {row["contact_id"]: row["name"] for row in sample.tables["contact"]}
    owner = {row["email"]: row["holder_name"] or contacts[row["contact_id"]] for row in sample.tables["contact_email"]}
    assert any(row["from_address"] in owner and row["body"] for row in sample.tables["email"])
    for row in sample.tables["email"]:
        if row["direction"] == "received":
            assert row["body"].endswith(f"Viele Grüße\n{owner[row['from_address']]}"), row["from_address"]
        else:
            assert row["body"].startswith(f"Guten Tag {owner[row['to_address']]},"), row["to_address"]
