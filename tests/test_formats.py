"""Numbers, days and moments stand as the person's language writes them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from babel.numbers import format_decimal

from core.base.rights import Viewer
from core.i18n import speaking, t
from core.i18n.formats import day, day_input_format, day_pattern, locale, moment, moment_pattern, number, time_of_day
from core.store import reader


@pytest.mark.parametrize("code", ["de", "en"])
def test_the_short_way_for_whole_numbers_writes_what_babel_writes(code):
    with speaking(code):
        for value in (0, 1, -1, 12, 999, 1000, -1234, 12345, 1234567, 10**12):
            assert number(value) == format_decimal(value, locale=locale())
        assert number(Decimal("1234.5")) == {"de": "1.234,5", "en": "1,234.5"}[code]
        assert not number(None)


@pytest.mark.parametrize(("code", "day_text", "input_format"), [("de", "05.03.0987", "DD.MM.YYYY"), ("en", "05/03/0987", "DD/MM/YYYY")])
def test_days_and_moments_are_written_alike_everywhere(store, code, day_text, input_format):
    """By Python, by SQL and by Streamlit's inputs; a year of fewer than four digits as well."""
    with speaking(code):
        assert day(date(987, 3, 5)) == day_text and day(None) == ""
        assert day_input_format() == input_format
        summer = datetime.fromisoformat("2026-07-01T22:30")
        assert moment(summer) == f"{day(date(2026, 7, 2))}, 00:30" and time_of_day(summer) == "00:30"
        with reader(Viewer.system("test")) as r:
            assert r.value("SELECT strftime(DATE '0987-03-05', $form)", form=day_pattern()) == day_text
            assert r.value("SELECT strftime(TIMESTAMP '2026-07-02 00:30:00', $form)", form=moment_pattern()) == moment(summer)


def test_a_value_that_ends_with_a_period_brings_no_second_one():
    with speaking("de"):
        assert t("form.wrong", fields="Name, USt-IdNr.") == "Nicht gespeichert. Bitte prüfen Sie: Name, USt-IdNr."
        assert t("form.wrong", fields="Name") == "Nicht gespeichert. Bitte prüfen Sie: Name."
    with speaking("en"):
        assert t("form.conflict_elsewhere") and t("form.wrong", fields="Fax no.").endswith("Fax no.")
