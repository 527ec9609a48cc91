"""Fields of contacts in Kunden: shown beside each other, sorted, filtered, found, and only of whom one sees."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.base.rights import Viewer
from core.clients.accounts import AccountQuery, known_columns, list_accounts
from core.clients.contacts import create_contact, edit_contact
from core.clients.custom_field_columns import OfContacts, column_fields
from core.clients.custom_fields import define_field, key_of, retire_field
from core.clients.list_conditions import Condition
from core.i18n import speaking
from core.store import writer
from core.ui.clients import accounts_table
from core.ui.clients.accounts_table import _cell as cell
from core.ui.clients.accounts_table import _field
from core.ui.parts.faces import FACE

SYSTEM = Viewer.system("tests")


@pytest.fixture
def fields(firm):
    """The own account has two contacts with values, the foreign one a contact with others, the empty one none."""
    made = {}
    for label, type_, options in (
        ("Zahl", "number", ()), ("Anrede", "choice", ("Du", "Sie")), ("Notiz", "text", ()), ("E-Mail privat", "email", ()),
        ("Themen", "choices", ("Lohn", "Steuer")),
    ):  # fmt: skip
        made[label] = define_field(firm.viewer("owner"), scope="contact", label=label, type=type_, options=options)
    keys = {label: key_of(number) for label, number in made.items()}
    first = {keys["Zahl"]: "10", keys["Anrede"]: "Du", keys["Notiz"]: "Größe", keys["Themen"]: ["Lohn"]}
    edit_contact(firm.account(), firm.contact, None, first)
    second = {"name": "Zwei", keys["Zahl"]: "9", keys["Anrede"]: "Du", keys["E-Mail privat"]: "zwei@privat.example"}
    create_contact(firm.account(), second)
    create_contact(firm.account("foreign"), {"name": "Fremd", keys["Zahl"]: "11", keys["Anrede"]: "Sie", keys["Notiz"]: "geheim"})
    return made


def wanted(number: int, how: str, *values: str) -> Condition:
    return Condition(key_of(number), how, values)


def listed(firm, who: str = "owner", **wish) -> list[int]:
    return [row["account_id"] for row in list_accounts(firm.viewer(who), AccountQuery(**wish)).rows]


def test_values_of_several_contacts_stand_beside_each_other(firm, fields):
    page = list_accounts(firm.viewer("owner"), AccountQuery(columns=tuple(map(key_of, fields.values()))))
    rows = {row["account_id"]: row for row in page.rows}
    own = {label: rows[firm.own][key_of(number)] for label, number in fields.items()}
    assert own == {
        "Zahl": OfContacts((Decimal(10), Decimal(9))), "Anrede": ("Du",), "Notiz": ("Größe",), "E-Mail privat": ("zwei@privat.example",),
        "Themen": (("Lohn",),),
    }  # fmt: skip
    assert rows[firm.empty][key_of(fields["Zahl"])] is None
    with speaking("de"):
        assert _field(page, key_of(fields["Zahl"]), own["Zahl"], {}) == "10; 9"
        assert cell(page, key_of(fields["Zahl"]), rows[firm.foreign][key_of(fields["Zahl"])], {}) == Decimal(11)
        assert column_fields(firm.viewer("owner"))[fields["Zahl"]].label == "Kontakt: Zahl"


def test_every_column_of_a_field_can_be_drawn(firm, fields):
    for code in ("de", "en"):
        with speaking(code):
            page = list_accounts(firm.viewer("owner"), AccountQuery(columns=tuple(known_columns(firm.viewer("owner"))), sums=True))
            assert set(accounts_table._config(page, AccountQuery(), firm.viewer("owner"))) == {FACE, *page.columns}
            table = accounts_table._table(page, {})
            assert table.num_rows == len(page.rows) + 1 and table.column_names == [
                FACE,
                "name",
                *(key for key in page.columns if key != "name"),
            ]


def test_they_sort_as_numbers_and_the_first_of_several_counts(firm, fields):
    by = key_of(fields["Zahl"])
    assert listed(firm, sort=by) == [firm.own, firm.foreign, firm.empty]
    assert listed(firm, sort=by, descending=True) == [firm.foreign, firm.own, firm.empty]
    assert listed(firm, sort=key_of(fields["E-Mail privat"]))[0] == firm.own


def test_they_filter_and_are_found(firm, fields):
    assert listed(firm, conditions=[wanted(fields["Anrede"], "is", "Du")]) == [firm.own]
    assert listed(firm, conditions=[wanted(fields["Anrede"], "is", "Sie", "Du"), wanted(fields["Notiz"], "has", "heim")]) == [firm.foreign]
    assert listed(firm, conditions=[wanted(fields["Themen"], "is", "Lohn")]) == [firm.own]
    assert listed(firm, conditions=[wanted(fields["E-Mail privat"], "has", "PRIVAT")]) == [firm.own]
    assert listed(firm, text="grosse") == listed(firm, text="größe") == [firm.own]
    assert listed(firm, text="zwei@privat") == [firm.own]
    retire_field(firm.viewer("owner"), fields["Notiz"])
    assert listed(firm, text="größe") == []


def test_a_contact_of_unseen_clients_tells_nothing(firm, fields):
    with writer(SYSTEM) as tx:
        tx.insert("account_contact", account_id=firm.foreign, contact_id=firm.contact, created_at=tx.moment)
    assert listed(firm, "assigned", conditions=[wanted(fields["Anrede"], "is", "Sie")]) == []
    assert listed(firm, "assigned", text="geheim") == []
    assert listed(firm, "assigned", conditions=[wanted(fields["Anrede"], "is", "Du")]) == [firm.own]


# Type, what is kept, then what somebody types in German and in English; each finds this client and no other.
READ = (
    ("money", "1234.50", ("1.234,50 €", "1.234,5", "1234,50", "234,5"), ("€1,234.50", "1,234.5", "1234.50")),
    ("number", "1234.5", ("1.234,50", "1234,5"), ("1,234.50", "1234.5")),
    ("date", "2026-12-31", ("31.12.2026", "31.12.", "12.2026", "31/12/2026"), ("31/12/2026", "31.12.2026", "12/2026")),
    ("iban", "DE89370400440532013000", ("DE89 3704 0044", "de89370400440532013000", "0532 0130"), ("DE89 3704",)),
    ("vat_id", "DE136695976", ("DE 136 695 976", "136695"), ("de136695976",)),
    ("phone", "+49 421 12345", ("0421 12345", "0421/12", "+49 421", "12345"), ("+49 421 12345", "0421 1")),
    ("address", '{"city": "Bremen", "country": "DE", "postcode": "28195", "street": "Am Markt 1"}', ("am markt 1, 28195 brem",), ("28195 Bremen",)),
)  # fmt: skip


def test_they_filter_by_what_people_read(firm):
    for type_, kept, *typed in READ:
        number = define_field(firm.viewer("owner"), scope="account", label=type_, type=type_)
        with writer(SYSTEM) as tx:
            for account, value in ((firm.own, kept), (firm.foreign, OTHER.get(type_, kept[::-1]))):
                tx.insert("account_field_value", account_id=account, custom_field_id=number, value=value)
        for code, texts in zip(("de", "en"), typed, strict=True):
            with speaking(code):
                found = {text: listed(firm, conditions=[wanted(number, "has", text)]) for text in texts}
                assert found == {text: [firm.own] for text in texts}, (type_, code)
                assert [listed(firm, conditions=[wanted(number, "has", text)]) for text in ("9,99,99 nirgends", "€")] == [[], []]
    for code, words in (("de", ("31.12.2026", "1.234,50")), ("en", ("31/12/2026", "1,234.50"))):
        with speaking(code):
            assert [listed(firm, text=word) for word in words] == [[firm.own]] * 2


OTHER = {
    "money": "99.00", "number": "99", "date": "2025-06-01", "phone": "+49 30 901820",
    "address": '{"city": "Am Markt", "country": "DE", "postcode": "10115", "street": "Brem 1"}',
}  # fmt: skip
