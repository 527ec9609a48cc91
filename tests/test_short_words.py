"""Names and days as they are said in a row."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from core.i18n import speaking
from core.ui.parts import short_words
from core.ui.parts.short_words import short_date, short_moment, short_name


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
    """It is Monday, 30 November 2026."""
    day = date(2026, 11, 30)
    monkeypatch.setattr(short_words, "today", lambda: day)
    return day


@pytest.mark.parametrize(
    ("distance", "german", "english"),
    [
        (0, "heute", "today"),
        (-1, "gestern", "yesterday"),
        (1, "morgen", "tomorrow"),
        (-2, "Sa 28.11.", "Sat 28/11"),
        (-6, "Di 24.11.", "Tue 24/11"),
        (-7, "23.11.", "23/11"),
        (31, "31.12.", "31/12"),
        (32, "01.01.27", "01/01/27"),
        (-357, "08.12.25", "08/12/25"),
    ],
)
def test_a_day_is_said_as_shortly_as_it_is_clear(monday, distance, german, english):
    for language, said in (("de", german), ("en", english)):
        with speaking(language):
            assert short_date(monday + timedelta(days=distance)) == said
    assert short_date(None) == ""


def test_a_moment_of_today_is_its_time(monday):
    with speaking("de"):
        assert short_moment(datetime.fromisoformat("2026-11-30T07:35")) == "08:35"
        assert short_moment(datetime.fromisoformat("2026-11-29T20:36")) == "gestern"
        assert short_moment(datetime.fromisoformat("2026-11-29T20:36"), with_time=True) == "gestern 21:36"
        assert short_moment(datetime.fromisoformat("2026-10-01T20:36"), with_time=True) == "01.10."
        # What is yesterday in UTC is today in the firm's zone.
        assert short_moment(datetime.fromisoformat("2026-11-29T23:30")) == "00:30"
    assert short_moment(None) == ""
