"""Tell where a table stands among its rows: delimiter, head, footer; and how it writes numbers and days."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from core.imports.facts.heads import knows

DELIMITERS = (";", "\t", ",", "|")
ROWS_LOOKED_AT = 400
ROWS_ABOVE = 40
VALUES_LOOKED_AT = 300
MAX_HEAD_CHARS = 60
FOOTERS = ("Summe", "Gesamt", "Gesamtsumme", "Total", "Zwischensumme", "Endsumme", "Sum", "Grand total")
# What Outlook writes where there is no day.
_NO_DAY = re.compile(r"0{1,2}([./])0{1,2}\1(?:00){1,2}")
DAYS = ("%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d")
TIMES = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S")
_COMMA = re.compile(r"[-+]?(?:\d{1,3}(?:\.\d{3})+|\d+),(?:\d{1,2}|\d{4,})|[-+]?\d{1,3}(?:\.\d{3})+,\d+|[-+]?\d{1,3}(?:\.\d{3}){2,}")
_POINT = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)\.(?:\d{1,2}|\d{4,})|[-+]?\d{1,3}(?:,\d{3})+\.\d+|[-+]?\d{1,3}(?:,\d{3}){2,}")
# Numbers of which some are grouped by threes, and nothing else tells them.
_POINTS = re.compile(r"[-+]?\d{1,3}(?:\.\d{3})+|[-+]?\d{1,3}")
_COMMAS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+|[-+]?\d{1,3}")
_NUMBER = re.compile(r"[-+]?[\d.,\s']*\d[\d.,\s']*[%€$]?")
_SPECIAL = re.compile(r"\S+@\S+\.\S+|https?://\S+|[A-Z]{2}\d{2}[\dA-Z ]{10,}|\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.*")
Cells = Sequence[str]


@dataclass(frozen=True)
class Head:
    """The row of the head, from 1, or of the first values where there is none (``by_place``); and whether it was guessed."""

    row: int
    by_place: bool = False
    is_guessed: bool = False


def delimiter_of(lines: Sequence[str]) -> tuple[str, str, bool]:
    """Return delimiter and quote of the lines of a text file, and whether they were guessed; a comma where there is one column."""
    first = lines[0].strip().strip('"') if lines else ""
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4], '"', False
    quote = (
        "'" if not any('"' in line for line in lines) and any(re.search(r"(^|[;,\t|])'[^']*'([;,\t|]|$)", line) for line in lines) else '"'
    )
    scores = {delimiter: _covered(lines, delimiter, quote) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    if not scores[best]:
        return ",", quote, True
    return best, quote, sorted(scores.values())[-2] > scores[best] * 0.8


def _covered(lines: Sequence[str], delimiter: str, quote: str) -> float:
    """Return which share of the rows has the most frequent number of fields; more fields count a little more."""
    rows = [row for row in rows_of_text(lines, delimiter, quote) if any(row)]
    # A quote without its other half was cut apart: this is no delimiter of that row.
    widths = Counter(len(row) for row in rows if not any(cell.count(quote) % 2 for cell in row))
    total = len(rows)
    return max((n / total * (1 - 1 / (2 * width - 1)) for width, n in widths.items() if width > 1), default=0.0)


def rows_of_text(lines: Sequence[str], delimiter: str, quote: str) -> list[list[str]]:
    """Return the first rows of a text file, as cells without blanks around them; what a quote leaves open ends there."""
    rows: list[list[str]] = []
    try:
        for row in islice(csv.reader(lines, delimiter=delimiter, quotechar=quote), ROWS_LOOKED_AT):
            rows.append([cell.strip() for cell in row])
    except csv.Error:
        pass
    return rows


def head_of(rows: Sequence[Cells]) -> Head:
    """Return where the head of a table stands."""
    if rows and rows[0] and rows[0][0].upper() in ("EXTF", "DTVF"):
        return Head(2)
    widths = Counter(_filled(row) for row in rows if _filled(row))
    usual = max(widths, key=lambda width: (widths[width], width), default=0)
    found: list[tuple[float, int]] = []
    for place, row in enumerate(rows[:ROWS_ABOVE]):
        if (score := _as_head(row, rows[place + 1 :], usual)) > 0:
            found.append((score, -place))
    if found:
        score, place = max(found)
        return Head(1 - place, is_guessed=score < 2)
    values = next((place for place, row in enumerate(rows) if _filled(row) * 2 >= usual and usual), 0)
    return Head(values + 1, by_place=True, is_guessed=True)


def _as_head(row: Cells, below: Sequence[Cells], usual: int) -> float:
    """Return how much a row looks like a head: words it is known to use, and columns of another kind below; 0 for what is none."""
    cells = [cell for cell in row if cell]
    if len(cells) * 2 < usual or not all(_is_word(cell) for cell in cells):
        return 0
    if len({cell.casefold() for cell in cells}) < max(1, len(cells) * 0.8):
        return 0
    known = sum(1 for cell in cells if knows(cell))
    values = [under for under in below if _filled(under) * 2 >= usual][:20]
    other_kind = sum(1 for place, cell in enumerate(row) if cell and _differs([v[place] for v in values if place < len(v) and v[place]]))
    return known * 3 + other_kind * 2


def _differs(values: Sequence[str]) -> bool:
    """Return whether most of these values are no words: numbers, days, addresses."""
    return bool(values) and sum(1 for value in values if not _is_word(value)) * 2 > len(values)


def _is_word(cell: str) -> bool:
    return len(cell) <= MAX_HEAD_CHARS and any(c.isalpha() for c in cell) and not _SPECIAL.fullmatch(cell) and not _NUMBER.fullmatch(cell)


def _filled(row: Cells) -> int:
    return sum(1 for cell in row if cell)


def footers_of(rows: Sequence[Cells]) -> list[str]:
    """Return the words with which the last rows of a table begin that are no rows of it: Summe, Gesamt, Total."""
    found = []
    for row in list(rows)[-5:]:
        first = next((cell for cell in row if cell), "")
        found += [word for word in FOOTERS if re.fullmatch(rf"{word}[\W\d]*", first, re.IGNORECASE)]
    return list(dict.fromkeys(found))


def decimal_of(columns: Sequence[Sequence[str]]) -> tuple[str, bool] | None:
    """Return the decimal mark, and whether it was guessed; None where nothing tells of one.

    A group of three digits decides nothing by itself; where nothing else does, ``12.500`` is read as people write thousands.
    """
    votes: Counter[str] = Counter()
    groups: Counter[str] = Counter()
    for values in columns:
        comma = sum(1 for value in values if _COMMA.fullmatch(value))
        point = sum(1 for value in values if _POINT.fullmatch(value))
        if comma + point and not all(re.fullmatch(r"\d{1,2}\.\d{1,2}", value) for value in values):
            votes["," if comma > point else "."] += 1
        for mark, sign, grouped in ((",", ".", _POINTS), (".", ",", _COMMAS)):
            groups[mark] += any(sign in value for value in values) and all(grouped.fullmatch(value) for value in values)
    if not votes:
        groups = +groups
        return (groups.most_common(1)[0][0], True) if groups else None
    return votes.most_common(1)[0][0], len(votes) > 1


def moment_format_of(columns: Sequence[Sequence[str]], day: str) -> str | None:
    """Return how moments are written whose days are written so; None where no column holds any."""
    for values in columns:
        for time in TIMES[1:]:
            if values and all(_parses(value, day + time) for value in values):
                return day + time
    return None


def day_format_of(columns: Sequence[Sequence[str]]) -> tuple[str, bool] | None:
    """Return how days are written, and whether day and month could change places; None where nothing looks like a day."""
    best: Counter[str] = Counter()
    unsure = False
    for column in columns:
        values = [value for value in column if not _NO_DAY.fullmatch(value)]
        fitting = [form for form in DAYS if values and all(_reads(value, form) for value in values)]
        if "%Y%m%d" in fitting and len(fitting) == 1 and not _plausible(values):
            continue
        if fitting:
            best[fitting[0]] += len(values)
            unsure = unsure or {"%d/%m/%Y", "%m/%d/%Y"} <= set(fitting)
    if not best:
        return None
    return best.most_common(1)[0][0], unsure or len(best) > 1


def _plausible(values: Sequence[str]) -> bool:
    return all(value[:2] in ("19", "20") for value in values)


def _reads(value: str, form: str) -> bool:
    for time in TIMES:
        if not _parses(value, form + time):
            continue
        # strptime takes 2026 for %y and a fifth digit nowhere, but 1.2.26 for both %y and, wrongly, %Y.
        return "%Y" not in form or re.search(r"\d{4}", value) is not None
    return False


def _parses(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, form)  # noqa: DTZ007 - a form is looked at, no moment
    except ValueError:
        return False
    return True


def columns_of(rows: Sequence[Cells], head: Head) -> Iterator[list[str]]:
    """Yield the filled values of each column below the head, at most ``VALUES_LOOKED_AT``."""
    below = rows[head.row - head.by_place :]
    width = max(map(len, below), default=0)
    for place in range(width):
        yield [row[place] for row in below if place < len(row) and row[place]][:VALUES_LOOKED_AT]
