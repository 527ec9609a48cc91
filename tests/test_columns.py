"""How wide a card's columns are: what its words need they get, and names give way."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from core.i18n import LANGUAGES, speaking
from core.overview.catalogue import CATALOGUE
from core.overview.row_search import codes_of
from core.ui.parts.columns import CARD_WIDTH_PX, MIN_WIDTH_PX, card_table, cell_text, room

SAMPLES = {
    "flag": True, "date": date(2026, 12, 31), "moment": datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "money": Decimal("123456.78"),
    "payable": Decimal("12345.67"), "hours": 1234, "progress": 10, "yes_no": False,
}  # fmt: skip


def longest(widget) -> list[dict[str, object]]:
    """Rows with text without end, each word of each code among them."""
    row = {column.key: SAMPLES.get(column.kind, "W" * 90) for column in widget.columns}
    row |= {column.of: 10 for column in widget.columns if column.of} | {"place": 10, "places": 12, "is_overdue": True}
    codes = {c.key: [code for code in codes_of(widget, c) if code != "overdue"] for c in widget.columns if c.kind == "choice"}
    first = row | {"open_amount": Decimal("123456.78")} | {key: known[0] for key, known in codes.items()}
    return [first, *(first | {key: code} for key, known in codes.items() for code in known)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("widget", CATALOGUE, ids=lambda w: w.key)
def test_words_of_codes_stay_whole_and_a_card_is_filled(widget, language):
    with speaking(language):
        rows = longest(widget)
        columns = [column for column in widget.columns if column.card]
        _, config, _ = card_table(widget, columns, rows)
        widths = {column.key: config[column.key]["width"] for column in columns}
        words = {c.key: max(room(cell_text(widget, c, row) or "") for row in rows) for c in columns if c.kind == "choice"}
    full = all(widths[column.key] <= MIN_WIDTH_PX for column in columns if column.kind == "text")
    assert full or {key: widths[key] for key, need in words.items() if widths[key] < need} == {}
    assert min(widths.values()) >= min(MIN_WIDTH_PX, *(widths[c.key] for c in columns if c.kind not in ("text", "choice", "stage")))
    assert CARD_WIDTH_PX - len(columns) <= sum(widths.values()) <= CARD_WIDTH_PX
    texts = [column for column in columns if column.kind == "text"]
    assert all(widths[column.key] <= widths[wide.key] for wide in texts if wide.wide for column in texts)
