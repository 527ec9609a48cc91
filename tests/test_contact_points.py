"""Every spelling of an address is one address, and of a telephone number one number, wherever they are typed, imported or looked for."""

from __future__ import annotations

import time

import pytest

from core.base.contact_points import base_of, one_address, one_telephone, same_address, split_list
from core.base.errors import InvalidValue
from core.clients.search import search

SPELLINGS = (
    "max@müller.de", "MAX@MÜLLER.DE", "SMTP:Max@Müller.de", "mailto:max@müller.de?subject=Frage", "<max@müller.de>", "'max@müller.de'",
    '"max@müller.de"', "„max@müller.de“", "Max Müller <max@müller.de>", "Müller, Max <max@müller.de>", "max@müller.de (privat)", "max@müller.de.",
    "max＠müller.de", "max@xn--mller-kva.de", "max\u200b@müller.de", "max@mu\u0308ller.de", "=?utf-8?q?M=C3=BCller?= <max@müller.de>", " max@müller.de; ",
    '"info@andere.de" <max@müller.de>',
)  # fmt: skip


@pytest.mark.parametrize("text", SPELLINGS)
def test_every_spelling_is_the_one_address(text):
    assert one_address(text) == same_address(text) == "max@müller.de"


@pytest.mark.parametrize(
    ("text", "code"),
    [("a@b.de, c@d.de", "email_several"), ("a@b.de/c@d.de", "email_several"), ("a@b.de c@d.de", "email_several"), ("a@b@c.de", "email_form"), ("max@@x.de", "email_form"), ("a@ b.de", "email_form"), ("E-Mail: a@b.de", "email_form"), ("", "email_form"),
     ("niemand", "email_form")],
)  # fmt: skip
def test_what_is_no_one_address_is_said(text, code):
    with pytest.raises(InvalidValue, match=code):
        one_address(text)


@pytest.mark.parametrize(
    ("text", "addresses"),
    [
        ("Erika <a@b.de>; c@d.de, a@b.de.", ["a@b.de", "c@d.de"]),
        ("Team: a@b.de; c@d.de;", ["a@b.de", "c@d.de"]),
        ('"x@y.de" <b@c.de>, d@e.de', ["b@c.de", "d@e.de"]),
        ("a@b.de c@d.de\te@f.de\ng@h.de", ["a@b.de", "c@d.de", "e@f.de", "g@h.de"]),
        ("a@b.de (früher chef@x.de)", ["a@b.de"]),
        ("<a@b.de", ["a@b.de"]),
        ('"offen a@b.de; c@d.de', ["a@b.de", "c@d.de"]),
        ("mailto:a@b.de; SMTP:c@d.de", ["a@b.de", "c@d.de"]),
        ("keine Adresse", []),
    ],
)
def test_a_list_is_taken_apart(text, addresses):
    assert split_list(text) == addresses


@pytest.mark.parametrize("sign", ["<", '"', "(", ":", "a@:", "a@", "\\", '"("<', "=?"])
def test_a_hostile_text_takes_no_time(sign):
    began = time.process_time()
    split_list(sign * (600_000 // len(sign)))
    with pytest.raises(InvalidValue):
        one_address(sign * (600_000 // len(sign)))
    assert time.process_time() - began < 2


def test_a_plus_word_is_another_address_of_the_same_box():
    assert base_of("max+rechnung@müller.de") == "max@müller.de"
    assert one_address("max+rechnung@müller.de") != one_address("max@müller.de")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("030 1234567 / 0171 2345678", "phone_several"), ("030 1234567; 030 7654321", "phone_several"), ("133/8150/8159", "phone_tax"),
        ("4,91512E+12", "phone_shortened"), ("030 12", "phone_form"), ("12345", "phone_form"), ("030 1234567 privat", "phone_words"),
        ("4915123456789", "phone_plus"),
    ],
)  # fmt: skip
def test_what_is_no_one_number_is_said(text, code):
    with pytest.raises(InvalidValue, match=code):
        one_telephone(text)


@pytest.mark.parametrize(
    "text", ["030 1234567", "030/1234567", "(030) 1234567", "+49 (0)30 1234567", "0049 30 1234567", "tel:+49301234567"]
)
def test_every_spelling_is_the_one_number(text):
    assert one_telephone(text) == "+49 30 1234567"


@pytest.mark.parametrize("text", ["MAILTO:maria@mueller.example", "Maria <MARIA@mueller.example>", "SMTP:maria@mueller.example"])
def test_the_search_finds_an_address_in_every_spelling(firm, text):
    found = search(firm.viewer("owner"), text)
    plain = search(firm.viewer("owner"), "maria@mueller.example")
    assert found == plain != []
