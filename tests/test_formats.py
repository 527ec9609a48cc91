"""Numbers stand as the person's language writes them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel.numbers import format_decimal

from core.i18n import speaking
from core.i18n.formats import locale, number


@pytest.mark.parametrize("code", ["de", "en"])
def test_the_short_way_for_whole_numbers_writes_what_babel_writes(code):
    with speaking(code):
        for value in (0, 1, -1, 12, 999, 1000, -1234, 12345, 1234567, 10**12):
            assert number(value) == format_decimal(value, locale=locale())
        assert number(Decimal("1234.5")) == {"de": "1.234,5", "en": "1,234.5"}[code]
        assert not number(None)
