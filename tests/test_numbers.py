"""A number that is too large is refused before anything is computed with it, wherever it is typed, imported or written in a mapping."""

from __future__ import annotations

import time
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from core.base.errors import ValidationFailed
from core.base.fields import Field, clean
from core.i18n.formats import today
from core.imports.expressions import Compiler, ExpressionError
from core.imports.mapping import Source
from core.imports.parsing import as_decimal, as_text
from core.imports.problems import RowRejected
from core.overview.work import add_time, minutes_of

HUGE = (
    "1e999990",
    "-1e999990",
    "1e-999990",
    "9" * 5_000,
    "9" * 1_000_000,
    "0." + "1" * 5_000,
    "1e999999999999999999",
    "inf",
    "nan",
    "sNaN",
)
# The slowest of these took over a minute; one second leaves a loaded machine its time.
SECONDS = 1.0


def quickly(call):
    began = time.thread_time()
    try:
        return call()
    finally:
        assert time.thread_time() - began < SECONDS


@pytest.mark.parametrize("text", [*HUGE, "1:" + "9" * 5_000, "9" * 1_000_000 + " min", "1e999990 h"], ids=lambda text: text[:12])
def test_a_length_of_time(text):
    with pytest.raises(ValidationFailed) as refused:
        quickly(lambda: minutes_of(text))
    assert refused.value.problems["minutes"][0] in ("duration_form", "duration_range")


@pytest.mark.parametrize("kind", ["number", "money"])
@pytest.mark.parametrize("language", ["de", "en", None])
@pytest.mark.parametrize(
    "raw",
    [*HUGE, Decimal("1e999990"), 10**3000, 10**5000, float("inf")],
    ids=lambda raw: str(raw)[:12] if isinstance(raw, str) else type(raw).__name__,
)
def test_a_field_of_a_form(kind, language, raw):
    with pytest.raises(ValidationFailed) as refused:
        quickly(lambda: clean([Field("x", kind, "X")], {"x": raw}, language))
    assert refused.value.problems["x"][0] in ("number_form", "number_size", "number_places")


@pytest.mark.parametrize(
    "raw",
    [*HUGE, Decimal("1e999990"), 10**3000, 10**5000, float("inf")],
    ids=lambda raw: str(raw)[:12] if isinstance(raw, str) else type(raw).__name__,
)
def test_a_value_of_a_file(raw):
    with pytest.raises(RowRejected) as refused:
        quickly(lambda: as_decimal(raw, "."))
    assert len(str(refused.value.values["value"])) < 100


def test_a_number_is_never_written_out_in_full():
    assert len(quickly(lambda: as_text(Decimal("1e999990")))) < 100


@pytest.mark.parametrize("expression", ["1e999", "9" * 100, "part(a, ' ', b)", "days(a, b)", "round(b, 2)", "b * b * b"])
def test_an_expression_of_a_mapping(expression):
    compiler = Compiler(["a", "b"], Source("a", Path("a.csv")))
    for huge in HUGE[:6]:
        with pytest.raises((ExpressionError, RowRejected)):
            quickly(lambda huge=huge: as_decimal(compiler.compile(expression)(["2026-01-01", huge]), "."))


def test_a_negative_hourly_rate_is_refused_at_its_field(firm):
    with pytest.raises(ValidationFailed) as refused:
        add_time(firm.account("own"), {"worked_on": today(), "minutes": "1:00", "text": "", "rate": "-5"}, "de")
    assert refused.value.problems == {"rate": ("rate_negative", {})}


def test_time_of_the_firms_day_is_taken_also_while_it_is_yesterday_in_utc(firm, monkeypatch):
    there = today() + timedelta(days=1)
    monkeypatch.setattr("core.overview.work.today", lambda: there)
    typed = {"worked_on": there, "minutes": "1:00", "text": ""}
    assert add_time(firm.account("own"), typed, "de")
    with pytest.raises(ValidationFailed) as refused:
        add_time(firm.account("own"), typed | {"worked_on": there + timedelta(days=1)}, "de")
    assert refused.value.problems == {"worked_on": ("date_future", {})}
