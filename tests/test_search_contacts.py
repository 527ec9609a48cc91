"""Whoever calls is found: by a contact's name, an address' holder, a telephone number in any spelling, a field the firm marks."""

from __future__ import annotations

import random

import pytest

from core.base.contact_points import one_telephone
from core.base.rights import Viewer
from core.clients.accounts import AccountQuery, list_accounts
from core.clients.contact_search import find_contacts, likely_duplicates
from core.clients.custom_fields import change_field, define_field, retire_field
from core.clients.search import search
from core.clients.search_highlight import phone_pieces
from core.clients.search_index import fill_missing
from core.store import now, reader, writer
from tests.size import some
from tests.small_firm import build_firm

SYSTEM = Viewer.system("tests")


def add_client(tx, number: str, name: str, *contacts: dict) -> tuple[int, list[int]]:
    """A client with contacts; ``emails`` of a contact are (address, holder)."""
    account, made = tx.insert("account", number=number, name=name, created_at=now()), []
    for contact in contacts:
        emails = contact.pop("emails", ())
        made.append(contact_id := tx.insert("contact", created_at=now(), **contact))
        tx.insert("account_contact", account_id=account, contact_id=contact_id, created_at=now())
        for email, holder in emails:
            tx.insert("contact_email", contact_id=contact_id, email=email, holder_name=holder, created_at=now())
    return account, made


def build_callers(_):
    """The small firm and a few clients whose contacts have other names than they."""
    firm = build_firm()
    with writer(SYSTEM) as tx:
        add_client(
            tx, "20001", "Embraer Handel GmbH",
            {"name": "Aylin Yıldız", "phone": "+49 421 4711", "mobile": "+49 1512 3456789", "emails": [("einkauf@embraer.example", "Bernd Weiß")]},
            {"name": "Luís Gonçalves", "phone": "+49 711 2842222 ext. 12"},
        )  # fmt: skip
        add_client(tx, "20002", "Yildirim Bau", {"name": "Kemal Yildirim", "phone": "+43 1 5134505"})
        add_client(tx, "20003", "Conrad's Kaffee", {"name": "Seán O’Brien"})
    return firm


@pytest.fixture
def firm(holding):
    return holding(build_callers)


def found(firm, text: str, who: str = "owner") -> list[tuple[str, str, str]]:
    return [(match.name, match.reason, match.detail) for match in search(firm.viewer(who), text)]


@pytest.mark.parametrize("typed", ["Aylin", "aylin y", "Yıldız", "yildiz aylin", "YILDIZ", "Embraer Aylin", "„Aylin Yıldız“"])
def test_a_client_is_found_by_the_name_of_a_contact(firm, typed):
    assert ("Embraer Handel GmbH", "contact", "Aylin Yıldız") in found(firm, typed)


def test_a_word_of_the_clients_own_name_stands_before_a_contacts(firm):
    assert [name for name, _, _ in found(firm, "yild")] == ["Yildirim Bau", "Embraer Handel GmbH"]


def test_words_of_one_contact_stand_before_those_of_two(firm):
    with writer(SYSTEM) as tx:
        add_client(tx, "20009", "Zuletzt im Alphabet und lang", {"name": "Aylin Gonçalves"})
    assert [name for name, _, _ in found(firm, "Aylin Gonçalves")] == ["Zuletzt im Alphabet und lang", "Embraer Handel GmbH"]


def test_a_client_is_found_by_the_holder_of_an_address(firm):
    assert found(firm, "bernd weiss") == [("Embraer Handel GmbH", "holder", "Bernd Weiß")]


@pytest.mark.parametrize(
    "typed",
    [
        "0421 4711", "+49 421 4711", "0049 421 4711", "04214711", "(0421) 47 11", "0421/4711", "0421-47-11", "+49 (0)421 4711", "Tel.: 0421 4711",
        "0421 4711 App. 3", "+49421", "0421 47", "214711", "14711", "\u202a+49 421 4711\u202c", "0421–4711", "0421 4711",
    ],
)  # fmt: skip
def test_a_telephone_number_is_found_in_every_spelling(firm, typed):
    assert found(firm, typed)[0] == ("Embraer Handel GmbH", "phone", "+49 421 4711")


def test_numbers_with_an_extension_and_of_other_countries_and_mobiles(firm):
    assert found(firm, "0711 2842222")[0][2] == "+49 711 2842222 ext. 12"
    assert found(firm, "0711 284222212")[0][2] == "+49 711 2842222 ext. 12"
    assert found(firm, "01 5134505")[0][:2] == ("Yildirim Bau", "phone")
    assert found(firm, "0043 1 5134505")[0][:2] == ("Yildirim Bau", "phone")
    assert found(firm, "0151 23456789")[0][2] == "+49 1512 3456789"


def test_the_number_of_a_client_stands_before_a_telephone_number_that_ends_so(firm):
    with writer(SYSTEM) as tx:
        add_client(tx, "14711", "Vierzehn AG")
    assert [(name, reason) for name, reason, _ in found(firm, "14711")] == [("Vierzehn AG", "number"), ("Embraer Handel GmbH", "phone")]


@pytest.mark.parametrize("typed", ["9" * 40, "+", "0421 47 11 22 33 44", "(", "+-/", "0" * 20])
def test_digits_that_are_no_number_of_ours_find_nothing_and_break_nothing(firm, typed):
    assert found(firm, typed) == []


@pytest.mark.parametrize(
    ("typed", "trouble"),
    [("4712", "short"), ("9" * 40, "long"), ("0421 999888 privat", "letters"), ("gibtesnicht", ""), ("0999 888777", "")],
)
def test_why_a_number_cannot_be_found_is_said(firm, shell, typed, trouble):
    assert shell("owner").post("/search", content=typed, headers={"Origin": "http://testserver"}).json()["trouble"] == trouble


def test_a_number_among_words_is_a_guess(firm):
    match = search(firm.viewer("owner"), "0421 4711 privat")[0]
    assert (match.name, match.is_guess) == ("Embraer Handel GmbH", True)


def test_a_typo_is_a_guess_also_of_a_contacts_name_and_a_match_is_none(firm):
    guesses = search(firm.viewer("owner"), "Gonzalves")
    assert [match.name for match in guesses] == ["Embraer Handel GmbH"] and all(match.is_guess for match in guesses)
    assert not any(match.is_guess for match in search(firm.viewer("owner"), "Gonçalves"))


@pytest.fixture
def fields(firm):
    owner = firm.viewer("owner")
    own = define_field(owner, scope="account", label="Steuernummer", type="text", searched=True)
    unmarked = define_field(owner, scope="account", label="Farbe", type="text")
    theirs = define_field(owner, scope="contact", label="Ausweis", type="text", searched=True)
    with writer(SYSTEM) as tx:
        tx.insert("account_field_value", account_id=firm.empty, custom_field_id=own, value="75/123/45678")
        tx.insert("account_field_value", account_id=firm.empty, custom_field_id=unmarked, value="zinnober")
        tx.insert("contact_field_value", contact_id=firm.contact, custom_field_id=theirs, value="L01X00T47")
    return own, unmarked, theirs


@pytest.mark.parametrize("typed", ["75/123/45678", "7512345678", "75 123 45678", "75/123"])
def test_a_field_that_is_searched_finds_its_client(firm, fields, typed):
    match = search(firm.viewer("owner"), typed)[0]
    assert (match.name, match.reason, match.label, match.detail) == ("Leer AG", "field", "Steuernummer", "75/123/45678")


def test_a_field_of_a_contact_finds_the_contacts_clients(firm, fields):
    assert found(firm, "l01x00")[0] == ("Müller/Weber GbR", "field", "L01X00T47")
    assert [row["contact_id"] for row in find_contacts(firm.viewer("owner"), "l01x00")] == [firm.contact]


def test_other_fields_are_not_searched_and_marking_or_retiring_one_acts_at_once(firm, fields):
    owner, (own, unmarked, _) = firm.viewer("owner"), fields
    assert found(firm, "zinnober") == []
    change_field(owner, unmarked, 1, label="Farbe", type="text", searched=True)
    assert found(firm, "zinnober") == [("Leer AG", "field", "zinnober")]
    change_field(owner, unmarked, 2, label="Farbe", type="text", searched=False)
    assert found(firm, "zinnober") == []
    retire_field(owner, own)
    assert found(firm, "75/123/45678") == []


def test_a_number_that_changed_is_found_and_the_old_one_is_not(firm):
    with writer(SYSTEM) as tx:
        tx.update("contact", firm.contact, phone="+49 30 123456")
    assert found(firm, "030 123456") == [("Müller/Weber GbR", "phone", "+49 30 123456")]
    with writer(SYSTEM) as tx:
        tx.update("contact", firm.contact, phone=None, name="Maria Meier")
    assert found(firm, "030 123456") == [] and found(firm, "maria meier")[0][1] == "contact"


def test_contacts_one_may_not_see_leave_no_trace(firm):
    for typed in ("Aylin", "0421 4711", "14711", "einkauf@embraer.example", "Gonzalves", "bernd"):
        assert found(firm, typed, "assigned") == [] == found(firm, typed, "unassigned") == found(firm, typed, "portal")
        assert find_contacts(firm.viewer("assigned"), typed) == []
    assert found(firm, "maria", "assigned")[0][:2] == ("Müller/Weber GbR", "contact")


@pytest.mark.parametrize("typed", ["O’Brien", "O'Brien", "obrien", "o`brien", "Brien, Seán", "(Seán)"])
def test_one_spelling_finds_everywhere(firm, typed):
    owner = firm.viewer("owner")
    assert [match.name for match in search(owner, typed)] == ["Conrad's Kaffee"]
    assert [row["name"] for row in list_accounts(owner, AccountQuery(text=typed)).rows] == ["Conrad's Kaffee"]
    assert [row["name"] for row in find_contacts(owner, typed)] == ["Seán O’Brien"]


@pytest.mark.parametrize(
    ("typed", "name"), [("sean o'brien", "Seán O’Brien"), ("LUIS GONCALVES", "Luís Gonçalves"), ("Maria Mueller", "Maria Müller")]
)
def test_the_same_person_in_another_spelling_is_a_likely_duplicate(firm, typed, name):
    assert [row["name"] for row in likely_duplicates(firm.viewer("owner"), typed)] == [name]


def test_the_three_searches_agree(firm):
    """Five hundred made-up names, numbers and addresses: what one search finds the others find too."""
    draw = random.Random(20261130)
    firsts = ("Ute", "Jörg", "Zoë", "Ümit", "Anne-Marie", "Łukasz", "D’Arcy", "Björn", "Mae", "Ole")
    lasts = ("Müller", "Mueller", "Weiß", "Weiss", "O'Neill", "Gonçalves", "Çelik", "Strauß", "Kühn", "Raue", "Öztürk", "Bauer")
    people = []
    with writer(SYSTEM) as tx:
        for place in range(500):
            first, last = draw.choice(firsts), draw.choice(lasts)
            phone = one_telephone(f"0{draw.choice(('30', '40', '421', '89'))}{draw.randrange(100_000, 9_999_999)}")
            plain = last.lower().replace("'", "").encode("ascii", "ignore").decode()
            email = f"{plain}.{place}@firma-{draw.randrange(50)}.example"
            person = {"name": f"{first} {last}", "phone": phone, "emails": [(email, None)]}
            people.append((f"Betrieb {place:03}", dict(person)))
            add_client(tx, f"{40000 + place}", f"Betrieb {place:03}", person)
    owner = firm.viewer("owner")
    for client, person in some(draw.sample(people, 60), 3):
        email = person["emails"][0][0]
        digits = "".join(c for c in person["phone"] if c.isdecimal())
        for typed in (
            person["name"],
            person["name"].upper(),
            person["phone"],
            f"0{digits[2:]}",
            digits[-7:],
            email,
            email.partition("@")[0],
        ):
            sidebar = {match.name for match in search(owner, typed, 1_000)}
            listed = {row["name"] for row in list_accounts(owner, AccountQuery(text=typed), limit=None).rows}
            assert client in sidebar and sidebar <= listed, typed
            assert listed <= sidebar or len(sidebar) >= 40, typed
            assert person["name"] in {row["name"] for row in find_contacts(owner, typed, 1_000)}, typed


def test_words_of_an_installation_from_before_are_made_when_it_is_opened(firm):
    with writer(SYSTEM) as tx:
        for table in ("search_word", "search_text", "search_contact"):
            tx.execute(f"DELETE FROM {table}")
    assert found(firm, "aylin") == []
    with reader(SYSTEM) as r:
        accounts, contacts = r.value("SELECT count(*) FROM account"), r.value("SELECT count(*) FROM contact")
    assert fill_missing() == accounts + contacts and fill_missing() == 0
    assert found(firm, "aylin")[0][1] == "contact" and find_contacts(firm.viewer("owner"), "aylin")


@pytest.mark.parametrize(
    ("asked", "marked"),
    [("0421 4711", "+49 421 4711"), ("0421", "+49 421"), ("14711", "1 4711"), ("+49 421", "+49 421"), ("x", "")],
)
def test_the_digits_that_answer_are_marked(asked, marked):
    pieces = phone_pieces("+49 421 4711", asked)
    assert "".join(text for text, _ in pieces) == "+49 421 4711"
    assert "".join(text for text, hit in pieces if hit) == marked.removeprefix("+")


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Müller/Bergmann GbR", "Mueller-Bergmann"), ("Müller Lüdenscheidt", "Müller-Lüdenscheidt"), ("Meyer-Schulze", "Meyer–Schulze"),
        ("Meyer-Schulze", "Schulze-Meyer"), ("Jean-Luc Petit", "jeanluc"), ("Beta‑Werk AG", "beta-werk"), ("D.O.G. Haus", "dog"),
        ("J. R. Ewing", "J.R. Ewing"), ("Karl-Heinz Ott", "Karl Heinz"), ("Ber\u00adt\u200b Zwei\ufeff", "Bert Zwei"),
        ("Zo\ufe0eë Quast", "zoë quast"),
    ],
)  # fmt: skip
def test_what_parts_or_joins_words_is_no_hindrance(firm, stored, typed):
    with writer(SYSTEM) as tx:
        add_client(tx, "30001", stored, {"name": "Niemand"})
        add_client(tx, "30002", "Zweite Stelle", {"name": stored})
    owner = firm.viewer("owner")
    assert {"30001", "30002"} <= {match.number for match in search(owner, typed) if not match.is_guess}
    assert {"30001", "30002"} <= {row["number"] for row in list_accounts(owner, AccountQuery(text=typed)).rows}
    assert stored in {row["name"] for row in find_contacts(owner, typed)}


def test_a_telephone_number_in_a_field_is_the_reason_with_its_label(firm):
    field = define_field(firm.viewer("owner"), scope="account", label="Zentrale", type="phone", searched=True)
    with writer(SYSTEM) as tx:
        account, _ = add_client(tx, "30003", "Mit Zentrale", {"name": "Eva Ruf", "phone": "+49 421 4711123"})
        tx.insert("account_field_value", account_id=account, custom_field_id=field, value="+49 421 9988776")
    for typed in ("0421 9988776", "88776"):
        match = search(firm.viewer("owner"), typed)[0]
        assert (match.name, match.reason, match.label, match.detail) == ("Mit Zentrale", "field", "Zentrale", "+49 421 9988776")


@pytest.mark.parametrize("typed", ["+490421 4711", "Festnetz 0421 4711", "Telefax: 0421 4711"])
def test_more_spellings_of_a_number(firm, typed):
    assert found(firm, typed)[0][1:] == ("phone", "+49 421 4711")


def test_a_call_from_an_extension_of_a_number_that_is_kept_is_a_guess(firm):
    match = search(firm.viewer("owner"), "0421 4711-12")[0]
    assert (match.name, match.is_guess) == ("Embraer Handel GmbH", True)


def test_a_tax_number_is_found_with_other_separators_in_every_search(firm, fields):
    owner = firm.viewer("owner")
    for typed in ("75-123-45678", "75.123.45678", "7512345678"):
        assert [match.name for match in search(owner, typed)] == ["Leer AG"]
        assert [row["name"] for row in list_accounts(owner, AccountQuery(text=typed)).rows] == ["Leer AG"]


@pytest.mark.parametrize("typed", ["%", "§", "(", "-", "😀", "+ /"])
def test_signs_alone_find_nothing_anywhere(firm, typed):
    owner = firm.viewer("owner")
    assert search(owner, typed) == [] == find_contacts(owner, typed) and list_accounts(owner, AccountQuery(text=typed)).total == 0
