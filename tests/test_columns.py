"""What a card's columns say, and how wide they are: pills, days and figures get what they need, and names give way."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from html import unescape

import pytest

from core.i18n import LANGUAGES, speaking
from core.overview.catalogue import CATALOGUE
from core.overview.row_search import codes_of
from core.ui.parts.columns import CARD_WIDTH_PX, MIN_WIDTH_PX, card_table, card_text, room
from core.ui.parts.pills import pill_key, pills_of

SAMPLES = {
    "flag": True, "date": date(2026, 12, 31), "moment": datetime(2026, 12, 31, 23, 59, tzinfo=UTC), "money": Decimal("123456.78"),
    "payable": Decimal("12345.67"), "hours": 1234, "progress": 10, "yes_no": False,
}  # fmt: skip
# Columns that are never cut.
WHOLE = frozenset(
    {column.key for widget in CATALOGUE for column in widget.columns if column.kind in ("date", "moment", "money", "payable", "hours")}
)


def longest(widget) -> list[dict[str, object]]:
    """Rows with text without end, each word of each code among them."""
    row = {column.key: SAMPLES.get(column.kind, "W" * 90) for column in widget.columns}
    row |= {column.of: 10 for column in widget.columns if column.of} | {"place": 10, "places": 12, "is_overdue": True}
    codes = {c.key: [code for code in codes_of(widget, c) if code != "overdue"] for c in widget.columns if c.kind == "choice"}
    first = row | {"open_amount": Decimal("123456.78")} | {key: known[0] for key, known in codes.items()}
    return [first, *(first | {key: code} for key, known in codes.items() for code in known)]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("widget", CATALOGUE, ids=lambda w: w.key)
def test_pills_days_and_figures_stay_whole_and_a_card_is_filled(widget, language):
    with speaking(language):
        rows = longest(widget)
        columns = [column for column in widget.columns if column.card]
        card = card_table(widget, columns, rows)
        widths = {key: shown["width"] for key, shown in card.config.items()}
        words = {
            key: max(room(text) for text in card.table[key].to_pylist())
            for key in widths
            if key in WHOLE and key != pill_key(widget, columns)
        }
        pills = [pills_of(widget, columns, row, is_card=True) for row in rows]
    assert {key: widths[key] for key, need in words.items() if widths[key] < need} == {}
    assert all(widths[pill_key(widget, columns)] >= sum(room(pill.word) for pill in row) for row in pills if row)
    assert min(widths.values()) >= 36
    # Only where the rest leaves the name no more than the least do the columns need more than there is.
    least = widths[card.table.column_names[0]] == MIN_WIDTH_PX
    assert CARD_WIDTH_PX - len(columns) <= sum(widths.values()) and (least or sum(widths.values()) <= CARD_WIDTH_PX)
    assert widths[card.table.column_names[0]] >= max(
        (widths[c.key] for c in columns if c.kind in ("text", "device") and not c.wide and c.key in widths), default=0
    )


def test_a_card_says_names_and_days_shortly_and_keeps_the_whole_for_the_pointer():
    row = {
        "document_id": 1, "is_new": True, "name": "Beleg.pdf", "uploaded_at": datetime.fromisoformat("2024-03-05T09:30"), "uploaded_by": "Tobias Krämer",
        "status": "none",
    }  # fmt: skip
    documents = next(widget for widget in CATALOGUE if widget.key == "documents")
    with speaking("de"):
        card = card_table(documents, [column for column in documents.columns if column.card], [row])
    assert card.table.to_pylist() == [{"name": "Beleg.pdf", "uploaded_by": "T. Krämer", "uploaded_at": "05.03.24", "status": ["NEU"]}]
    told = unescape(card.whole.removeprefix(' data-whole="').removesuffix('"'))
    assert json.loads(told) == {"1": ["Tobias Krämer"], "2": ["05.03.2024, 10:30"]}


@pytest.mark.parametrize(
    ("name", "pipeline", "said"),
    [
        ("Jahresabschluss 2025", "Jahresabschluss", "Jahresabschluss 2025"),
        ("USt-Voranmeldung Oktober", "Umsatzsteuer-Voranmeldung", "USt-Voranmeldung Oktober"),
        ("Müller 2025", "Jahresabschluss", "Müller 2025 · Jahresabschluss"),
    ],
)
def test_a_job_says_its_pipeline_where_its_name_does_not(name, pipeline, said):
    jobs = next(widget for widget in CATALOGUE if widget.key == "jobs")
    assert card_text(jobs, jobs.columns[0], {"name": name, "pipeline": pipeline}) == said
