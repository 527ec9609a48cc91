"""Words in a cell: as many as there is room for, and how many there are besides."""

from __future__ import annotations

import pytest

from core.ui.parts.fitting import GAP_PX, PILL_PX, fitting


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ([], []),
        (["Privat"], ["Privat"]),
        (["Lohn", "VIP"], ["Lohn", "VIP"]),
        (["Betriebsprüfung", "Digitale Belege", "VIP"], ["Betriebsprüfung", "+2"]),
        (["Dauerfristverlängerung"], ["Dauerfristverlängerung"]),
        (["Dauerfristverlängerung", "VIP"], ["Dauerfristverlän…", "+1"]),
    ],
)
def test_what_fits_is_said_and_the_rest_counted(words, shown):
    assert fitting(words, 162, PILL_PX + GAP_PX) == shown
