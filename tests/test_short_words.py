"""Names, days and addresses as they are said in a row."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from core.i18n import speaking
from core.i18n.formats import use_firm
from core.ui.parts import short_words
from core.ui.parts.short_words import short_day, short_moment, short_name, short_names, short_sender


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Tobias Krämer", "T. Krämer"),
        ("Dr. Henrik Weiß", "H. Weiß"),
        ("Anna Maria von Hohenstein", "A. Maria von Hohenstein"),
        ("Krämer", "Krämer"),
        ("  Lea   Vogt ", "L. Vogt"),
        ("Bäckerei Grünwald und Söhne GmbH", "Bäckerei Grünwald und Söhne GmbH"),
        ("007 Bond", "007 Bond"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_name_is_an_initial_and_the_rest(name, said):
    assert short_name(name) == said


@pytest.fixture
def monday(monkeypatch):
    """The 30 November 2026, a Monday, where the firm is."""
    monkeypatch.setattr(short_words, "today", lambda: date(2026, 11, 30))


@pytest.mark.parametrize(
    ("day", "de", "en"),
    [
        (date(2026, 11, 30), "heute", "today"),
        (date(2026, 11, 29), "gestern", "yesterday"),
        (date(2026, 12, 1), "morgen", "tomorrow"),
        (date(2026, 11, 28), "Sa 28.11.", "Sat 28 Nov"),
        (date(2026, 12, 6), "So 06.12.", "Sun 6 Dec"),
        (date(2026, 11, 23), "23.11.", "23 Nov"),
        (date(2026, 10, 14), "14.10.", "14 Oct"),
        (date(2025, 12, 8), "08.12.25", "8 Dec 2025"),
        (date(1926, 12, 8), "08.12.1926", "8 Dec 1926"),
        (None, "", ""),
    ],
)
def test_a_day_is_said_shortly(monday, day, de, en):
    for language, said in (("de", de), ("en", en)):
        with speaking(language):
            assert short_day(day) == said


def test_a_moment_of_today_is_a_time_where_the_firm_is(monday):
    use_firm("Europe/Berlin", "EUR")
    with speaking("de"):
        assert [short_moment(datetime.fromisoformat(f"2026-11-29T{at}")) for at in ("23:30", "22:30")] == ["00:30", "gestern"]
        assert short_moment(datetime.fromisoformat("2026-11-28T21:06"), with_time=True) == "Sa 28.11., 22:06"


def test_an_address_says_a_name_only_where_it_is_one():
    assert [short_sender(one) for one in ("gerold.weitzel@a.example", "info@a.example", "a.b.c@a.example", "", None)] == [
        "G. Weitzel", "info@a.example", "a.b.c@a.example", "", "",
    ]  # fmt: skip
    assert short_names("Tobias Krämer, Miriam Özdemir, Lea Vogt") == "T. Krämer +2"
