"""Names as they are said in a row."""

from __future__ import annotations

import pytest

from core.ui.parts.short_words import short_name


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
