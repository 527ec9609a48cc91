"""When the firm is open: typed as people write it, kept, and what office time counts by."""

from __future__ import annotations

import pytest

from core.base.errors import ValidationFailed
from core.base.rights import Viewer
from core.identity.opening_hours import USUAL_HOURS, Office, office_of, set_opening_hours, span_of
from core.store import reader


@pytest.mark.parametrize(
    ("text", "span"),
    [("8-17", (480, 1020)), (" 7:30 – 16.00 ", (450, 960)), ("8 Uhr bis 12:15 Uhr", (480, 735)), ("0–24", (0, 1440)), ("", None)],
)
def test_hours_are_read_as_people_write_them(text, span):
    assert span_of(text) == span


@pytest.mark.parametrize("text", ["17-8", "8", "8-25", "8:60-9", "acht bis neun", "8-8", "-1-5", "8-17-19"])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValidationFailed):
        span_of(text)


def test_the_firm_keeps_its_hours_and_land(firm):
    owner = firm.viewer("owner")

    def office(viewer: Viewer) -> Office:
        with reader(viewer) as r:
            return office_of(r)

    assert office(owner) == Office(USUAL_HOURS, "")
    set_opening_hours(owner, hours={"monday": "9–12", "friday": "7:30-13"}, land="BY")
    assert office(firm.viewer("assigned")) == Office(((540, 720), None, None, None, (450, 780), None, None), "BY")
    with pytest.raises(ValidationFailed) as failed:
        set_opening_hours(owner, hours={"monday": "neun", "sunday": "5-3"}, land="XX")
    assert set(failed.value.problems) == {"monday", "sunday", "land"}
    with pytest.raises(ValidationFailed):
        set_opening_hours(owner, hours={}, land="")
