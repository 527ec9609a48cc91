"""What is found in a full list by the days, amounts and hours people see in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.base.rights import Right
from core.i18n import formats, speaking
from core.overview.listing import ListQuery, read_list
from core.store import now, writer
from tests.test_widgets import SYSTEM, add


@pytest.mark.parametrize(
    ("code", "found", "not_found"),
    [
        ("de", ("27.11.2026", "27.11.", "1.234,50", "1.234,50\N{NO-BREAK SPACE}€", "1234,50", "0:15", "0:15 h", "27.11.2026 0:15 nein", "straße",
                "STRASSE", "Møller", "mo\u0308ve"), ("27/11/2026", "1,234.50", "28.11.2026", "0:16", "%", "_", "ja")),
        ("en", ("27/11/2026", "27/11", "1,234.50", "€1,234.50", "1234.50", "0:15", "0:15 no"), ("27.11.2026", "1.234,50", "yes")),
    ],
)  # fmt: skip
def test_days_amounts_and_hours_are_found_as_the_language_writes_them(firm, code, found, not_found):
    add(
        "time_entry", account_id=firm.own, worked_on=date(2026, 11, 27), staff_member_id=firm.owner, text="Straße, Møller, Möve", minutes=15,
        rate=Decimal(10), amount=Decimal("1234.50"), created_at=now(),
    )  # fmt: skip
    with speaking(code):
        for words in found:
            assert [row["minutes"] for row in read_list(firm.account(), "time_entries", ListQuery(find=words)).rows] == [15], words
        for words in not_found:
            assert 15 not in [row["minutes"] for row in read_list(firm.account(), "time_entries", ListQuery(find=words)).rows], words


def test_moments_are_found_as_the_firms_clock_says(firm, monkeypatch):
    monkeypatch.setattr(formats._firm, "zone", ZoneInfo("Asia/Tokyo"))
    add("email", account_id=firm.own, subject="x", from_address="a@b.example", to_address="c@d.example", direction="sent",
        sent_at=datetime(2026, 7, 1, 20, 5, tzinfo=UTC).replace(tzinfo=None))  # fmt: skip
    for words, number in (("02.07.2026, 05:05", 1), ("2.07.2026 5:05", 1), ("01.07.2026", 0), ("20:05", 0)):
        assert read_list(firm.account(), "emails", ListQuery(find=words)).total == number, words


@pytest.mark.parametrize(("currency", "words"), [("CHF", "1.234,50 CHF"), ("JPY", "1.234 ¥"), ("KWD", "1.234,500 KWD")])
def test_amounts_are_found_in_the_firms_currency(firm, monkeypatch, currency, words):
    monkeypatch.setattr(formats._firm, "currency", currency)
    add("time_entry", account_id=firm.own, worked_on=date(2026, 11, 27), staff_member_id=firm.owner, text="x", minutes=15,
        rate=Decimal(10), amount=Decimal("1234.50"), created_at=now())  # fmt: skip
    assert " ".join(formats.money(Decimal("1234.50")).split()) == words
    assert [row["minutes"] for row in read_list(firm.account(), "time_entries", ListQuery(find=words)).rows] == [15]


def test_what_one_may_not_see_is_not_found_either(firm):
    with writer(SYSTEM) as tx:
        tx.insert("staff_right", staff_member_id=firm.assigned, right_key=Right.SEE_ALL_TIME.value)
    add("time_entry", account_id=firm.own, worked_on=date(2026, 11, 27), staff_member_id=firm.owner, text="x", minutes=15,
        rate=Decimal(10), amount=Decimal("1234.50"), created_at=now())  # fmt: skip
    assert read_list(firm.account("own", "owner"), "time_entries", ListQuery(find="1.234,50")).total == 1
    assert read_list(firm.account("own", "assigned"), "time_entries", ListQuery(find="1.234,50")).total == 0
