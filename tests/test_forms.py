"""What people type is kept as it is meant, or refused with a reason; nothing else comes out."""

from __future__ import annotations

import ast
import contextlib
import re
import time
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as any_

from core.base.contact_points import split_list
from core.base.errors import AppError, ValidationFailed
from core.base.fields import _NEEDED, TYPES, Field, InvalidValue, as_stored, clean, clean_value, from_stored
from core.clients.accounts import AccountQuery, list_accounts
from core.clients.contact_search import find_contacts
from core.clients.search import search
from core.i18n import LANGUAGES, words_of
from core.identity.team import team_members
from core.overview import listing
from tests.stores import ROOT

FIELDS = {
    kind: Field("x", kind, options=("GmbH", "Müller & Söhne", "0") if kind in ("choice", "choices") else (), members=frozenset({7, 1001}))
    for kind in TYPES
}
GOOD = [
    ("text", "  Müller/Weber  GbR ", "Müller/Weber GbR"),
    ("text", "<b>fett</b> =1+1", "<b>fett</b> =1+1"),
    ("text", "e\u0301", "é"),
    ("long_text", "eins\r\nzwei\tdrei ", "eins\nzwei\tdrei"),
    ("number", "1.234,5", Decimal("1234.5")),
    ("number", "-0,25", Decimal("-0.25")),
    ("money", "1.234,50 €", Decimal("1234.50")),
    ("money", "7", Decimal("7.00")),
    ("date", "31.12.2026", date(2026, 12, 31)),
    ("date", "2026-12-31", date(2026, 12, 31)),
    ("date", date(2024, 2, 29), date(2024, 2, 29)),
    ("yes_no", "Ja", True),
    ("yes_no", False, False),
    ("choice", "GmbH", "GmbH"),
    ("choices", ["0", "GmbH"], ("GmbH", "0")),
    ("choices", "GmbH; 0", ("GmbH", "0")),
    ("email", " Erika@Straße.Example ".replace("ß", "ss"), "erika@strasse.example"),
    ("email", "info@xn--mller-kva.example", "info@müller.example"),
    ("email", "maria@\u2060mueller.example", "maria@mueller.example"),
    ("phone", "030 901820", "+49 30 901820"),
    ("phone", "+43 1 4000", "+43 1 4000"),
    ("link", "www.example.org/a?b=1", "https://www.example.org/a?b=1"),
    ("iban", "de89 3704 0044 0532 0130 00", "DE89370400440532013000"),
    ("vat_id", "de 136 695 976", "DE136695976"),
    ("vat_id", "ATU13585627", "ATU13585627"),
    ("staff_member", "7", 7),
    ("address", {"street": "Am Markt 1", "postcode": "28195", "city": "Bremen", "country": "DE"}, None),
]
BAD = [
    ("text", "a\x1bb", "characters"),
    ("text", "a\x00b", "characters"),
    ("text", "x" * 501, "too_long"),
    ("long_text", "x\x07", "characters"),
    ("number", "12a", "number_form"),
    ("number", "1,2,3", "number_form"),
    ("number", "NaN", "number_form"),
    ("number", "9" * 20, "number_size"),
    ("money", "1,005", "number_places"),
    ("date", "31.02.2026", "date_form"),
    ("date", "12.2026", "date_form"),
    ("date", "01.01.0001", "date_range"),
    ("yes_no", "vielleicht", "yes_no_form"),
    ("choice", "AG", "choice_unknown"),
    ("choices", ["GmbH", "AG"], "choice_unknown"),
    ("email", "erika@", "email_form"),
    ("email", "a@b.de, c@d.de", "email_several"),
    ("phone", "12", "phone_form"),
    ("phone", "Büro", "phone_form"),
    ("link", "javascript:alert(1)", "link_form"),
    ("link", "http://", "link_form"),
    ("link", "https://nutzer:wort@example.org", "link_form"),
    ("iban", "DE88370400440532013000", "iban_form"),
    ("vat_id", "DE136695977", "vat_id_form"),
    ("staff_member", "8", "choice_unknown"),
    ("address", {"postcode": "2819", "country": "DE"}, "postcode_form"),
    ("address", {"city": "Bremen", "country": "XQ"}, "country_unknown"),
    ("address", "irgendwo", "address_form"),
]


@pytest.mark.parametrize(("kind", "raw", "value"), GOOD)
def test_kept_as_meant(kind, raw, value):
    assert clean_value(FIELDS[kind], raw, "de") == (raw if value is None else value)


@pytest.mark.parametrize(("kind", "raw", "code"), BAD)
def test_refused_with_a_reason(kind, raw, code):
    with pytest.raises(InvalidValue) as bad:
        clean_value(FIELDS[kind], raw, "de")
    assert bad.value.problem[0] == code
    for language in LANGUAGES:
        assert words_of(language)[f"errors.{code}"].format(**bad.value.problem[1])


@pytest.mark.parametrize("kind", TYPES)
@settings(max_examples=120, deadline=None)
@given(
    raw=any_.one_of(
        any_.text(max_size=60), any_.integers(), any_.floats(), any_.dates(), any_.booleans(), any_.lists(any_.text(max_size=5))
    )
)
def test_whatever_comes_is_a_value_or_a_reason_and_storing_it_loses_nothing(kind, raw):
    try:
        value = clean_value(FIELDS[kind], raw)
    except InvalidValue as bad:
        assert f"errors.{bad.problem[0]}" in words_of("de")
        return
    if value is None:
        return
    stored = as_stored(value)
    assert stored is not None
    assert from_stored(kind, stored) == value
    assert clean_value(FIELDS[kind], from_stored(kind, stored)) == value


@pytest.mark.parametrize("kind", TYPES)
def test_a_required_field_says_so_and_all_problems_come_at_once(kind):
    fields = [Field("first", kind, required=True, options=("a",)), Field("second", "iban")]
    with pytest.raises(ValidationFailed) as failed:
        clean(fields, {"first": "  ", "second": "x"})
    codes = {key: code for key, (code, _) in failed.value.problems.items()}
    assert codes.pop("second") == "iban_form"
    assert codes.keys() == {"first"}
    assert codes["first"].startswith("needed")


# What is wrong with a field that has no example because one would be a secret.
WITHOUT_EXAMPLE = {"password_wrong"}
EXAMPLE = {"de": r"zum Beispiel|etwas wie|\bwie [A-Z0-9]|: \{name\}", "en": r"for example|omething like|\blike [A-Z0-9]|: \{name\}"}


def codes_of_fields() -> set[str]:
    """Every code that stands at a field: of ``InvalidValue`` and of a ``(code, values)`` pair."""
    found = set()
    for file in (ROOT / "core").rglob("*.py"):
        if {"ui", "imports"} & set(file.relative_to(ROOT).parts):
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("InvalidValue", "ValidationFailed"):
                found |= {one.value for one in node.args[:1] if isinstance(one, ast.Constant)}
            if isinstance(node, ast.Tuple) and len(node.elts) == 2 and isinstance(node.elts[1], ast.Dict):
                found |= {one.value for one in node.elts[:1] if isinstance(one, ast.Constant)}
    return {code for code in found | set(_NEEDED.values()) if isinstance(code, str)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_wrong_with_a_field_is_said_with_an_example(language):
    words, codes = words_of(language), codes_of_fields()
    assert {"needed", "needed_iban", "too_long", "date_form", "number_in_use", "tag_name", "duration_form"} <= codes
    said = {code: words[f"errors.{code}"] for code in codes - WITHOUT_EXAMPLE if f"errors.{code}" in words}
    assert {code: text for code, text in said.items() if not re.search(EXAMPLE[language], text)} == {}


def test_a_pasted_list_of_addresses_falls_into_its_parts():
    assert split_list("Erika <a@b.example>; c@d.example, a@b.example.") == ["a@b.example", "c@d.example"]


MEGABYTES = (
    "M" * 1_000_000,
    "1" * 1_000_000,
    "a@" * 500_000,
    "1." * 500_000,
    " " * 999_999 + "x",
    "ä\u0308" * 500_000,
    "https://" * 120_000,
)


def seconds(work) -> float:
    """How long this thread computes at it."""
    began = time.thread_time()
    with contextlib.suppress(AppError, InvalidValue):
        work()
    return time.thread_time() - began


@pytest.mark.parametrize("type_", TYPES)
def test_a_megabyte_in_a_field_is_answered_at_once(type_):
    """A text that takes minutes to look at would stand still for everybody: there is one interpreter."""
    for text in MEGABYTES:
        assert seconds(lambda text=text: clean_value(Field("x", type_, options=("A",)), text, "de")) < 1.5, text[:9]
        assert seconds(lambda text=text: split_list(text)) < 0.5, text[:9]


def test_a_megabyte_asked_for_is_answered_at_once(firm):
    owner = firm.viewer("owner")
    asking = (
        lambda text: find_contacts(owner, text),
        lambda text: search(owner, text),
        lambda text: list_accounts(owner, AccountQuery(text=text)),
        lambda text: team_members(owner, text),
        lambda text: listing.read_list(firm.account(), "notes", listing.ListQuery(text)),
    )
    for ask in asking:
        for text in MEGABYTES:
            assert seconds(lambda text=text, ask=ask: ask(text)) < 1.5, text[:9]


@pytest.mark.parametrize("type_", ["text", "long_text"])
@pytest.mark.parametrize("mark", "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
def test_marks_of_direction_around_what_was_pasted_are_taken_out(type_, mark):
    assert clean_value(Field("x", type_), f"Tel. {mark}030 123456{mark}") == "Tel. 030 123456"
    assert clean_value(Field("x", type_), mark) is None


def test_a_pasted_number_and_address_lose_their_marks():
    assert clean_value(Field("x", "phone"), "\u202a+49 30 123456\u202c") == "+49 30 123456"
    assert clean_value(Field("x", "email"), "\u2068a@kanzlei.de\u2069") == "a@kanzlei.de"


@pytest.mark.parametrize("text", ["👩‍👩‍👧 👨🏽‍⚖️", "שלום", "مرحبا 12"])
def test_joined_emoji_and_text_from_right_to_left_stay(text):
    assert text == clean_value(Field("x"), text)


@pytest.mark.parametrize("words", ["privat", "Fax", "mobil", "Mo-Fr", "ab 9 Uhr", "App. 12"])
def test_words_beside_a_phone_number_do_not_become_digits(words):
    with pytest.raises(InvalidValue) as bad:
        clean_value(Field("x", "phone"), f"030 1234567 {words}")
    assert bad.value.problem[0] == "phone_words"


@pytest.mark.parametrize("digits", ["4915123456789", "491512345678", "43 1 5134505", "4930123456"])
def test_a_number_that_lost_its_plus_is_asked_for(digits):
    with pytest.raises(InvalidValue) as bad:
        clean_value(Field("x", "phone"), digits)
    assert bad.value.problem[0] == "phone_plus"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("SMTP:MAX@FIRMA.IE", "max@firma.ie"), ("mailto:max@firma.ie", "max@firma.ie"), ("<max@firma.ie>", "max@firma.ie"),
     ("max\uff20firma.ie", "max@firma.ie"), ("o\u2019brien@firma.ie", "o'brien@firma.ie"), ("max@firma.ie.", "max@firma.ie"),
     ("info@xn--mller-kva.de", "info@m\u00fcller.de")],
)  # fmt: skip
def test_every_spelling_of_an_address_is_one_address(typed, kept):
    assert clean_value(Field("x", "email"), typed) == kept
