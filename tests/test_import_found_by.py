"""What an import brings is found by the search as what a form brings, and what it changes is found as it is now."""

from __future__ import annotations

import pytest

from core.base.rights import Viewer
from core.clients.contact_search import find_contacts
from core.clients.search import search
from core.clients.search_index import contact_row, contacts_known_of
from core.i18n import speaking
from core.imports.run import import_data
from core.operations.doctor import examine
from core.store import reader

OWNER = Viewer.system("tests")
MAPPING = """
name = "case"
[files.c]
path = "c.csv"
delimiter = ";"
[files.f]
path = "f.csv"
[[tables]]
table = "custom_field"
file = "f"
key = ["key"]
fields = { scope = { value = "account" }, key = "key", label = "key", type = { value = "text" }, is_searched = "searched" }
[[tables]]
table = "account"
file = "c"
key = ["Nr"]
fields = { number = "Nr", name = "Firma" }
[[tables]]
table = "contact"
file = "c"
key = ["Nr"]
fields = { name = "Kontakt", phone = "Tel" }
[[tables]]
table = "account_contact"
file = "c"
fields = { account_id = "Nr", contact_id = "Nr" }
[[tables]]
table = "contact_email"
file = "c"
key = ["Nr"]
fields = { contact_id = "Bei", email = "Mail", holder_name = "Inhaber" }
[[tables]]
table = "account_field_value"
file = "c"
fields = { account_id = "Nr", custom_field_id = { by = "key", value = "akte" }, value = "Akte" }
"""
HEAD = "Nr;Firma;Kontakt;Tel;Mail;Inhaber;Bei;Akte\n"


@pytest.fixture
def bring(store, settings, tmp_path):
    (tmp_path / "m.toml").write_text(MAPPING, "utf-8")

    def run(*rows: str, searched: str = "yes") -> list[str]:
        (tmp_path / "c.csv").write_text(HEAD + "".join(f"{row}\n" for row in rows), "utf-8")
        (tmp_path / "f.csv").write_text(f"key,searched\nakte,{searched}\n", "utf-8")
        said: list[str] = []
        with speaking("en"):
            assert import_data(settings, tmp_path / "m.toml", said.append), said
        return said

    return run


def found(text: str) -> list[tuple[str, str]]:
    return [(match.name, match.reason) for match in search(OWNER, text) if not match.is_guess]


def test_what_is_brought_is_found_by_everything(bring):
    bring("1;Embraer S.A.;Luís Gonçalves;0711 2842222;einkauf@embraer.example;Rosa Weiß;1;A-17/4")
    for typed, reason in (
        ("embraer", "name"), ("goncalves", "contact"), ("0711 2842222", "phone"), ("42222", "phone"), ("rosa weiss", "holder"), ("a17", "field"),
        ("a-17/4", "field"), ("einkauf@", "email"),
    ):  # fmt: skip
        assert ("Embraer S.A.", reason) in found(typed), typed
    assert [row["name"] for row in find_contacts(OWNER, "0711 2842222")] == ["Luís Gonçalves"]


def test_what_changed_is_found_as_it_is_now(bring):
    bring("1;Embraer;Luís Gonçalves;0711 2842222;a@embraer.example;;1;A-17", "2;Zweite;Ana Costa;;b@zweite.example;;2;C-1")
    bring("1;Embraer;Luís Pinto;0711 999888;a@embraer.example;Rosa;2;B-18", "2;Zweite;Ana Costa;;b@zweite.example;;2;C-1")
    assert found("goncalves") == found("0711 2842222") == found("a-17") == []
    assert (
        found("pinto") == [("Embraer", "contact")]
        and found("0711 999888") == [("Embraer", "phone")]
        and found("b-18") == [("Embraer", "field")]
    )
    assert found("a@embraer") == [("Zweite", "email")] and found("rosa") == [("Zweite", "holder")]
    assert [row["name"] for row in find_contacts(OWNER, "a@embraer.example")] == ["Ana Costa"]


def test_a_field_that_is_no_longer_searched_is_not_found(bring):
    bring("1;Embraer;Luís;;a@embraer.example;;1;A-17")
    assert found("a-17") == [("Embraer", "field")]
    bring("1;Embraer;Luís;;a@embraer.example;;1;A-17", searched="no")
    assert found("a-17") == []


def test_the_texts_are_those_that_are_made_anew(bring, settings):
    bring("1;Embraer;Luís Gonçalves;0711 2842222;a@embraer.example;;1;A-17", "2;Zweite;Ana Costa;;b@zweite.example;;2;C-1")
    bring("1;Embraer;Luís Pinto;0711 999888;a@embraer.example;Rosa;2;B-18", "2;Zweite;Ana Costa;;b@zweite.example;;2;C-1")
    assert [code for code, _ in examine(settings) if code.startswith("words")] == []
    with reader(OWNER) as r:
        kept = {row["contact_id"]: (row["contact_id"], row["name"], row["everything"]) for row in r.rows("SELECT * FROM search_contact")}
        made = r.rows(contacts_known_of("SELECT contact_id FROM contact"))
    assert kept == {row["contact_id"]: contact_row(row["contact_id"], row["name"], row["known"] or ()) for row in made}
