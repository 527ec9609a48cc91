"""Lists as files to take out: CSV and Excel, formulas neutralised, numbers kept numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from core.i18n import language
from core.i18n.formats import local
from core.i18n.formats import money as as_money

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a spreadsheet would take for the beginning of a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# In such a reader a cell may begin after any of these, quoted or not.
_BEGINS_CELL = re.compile(r"""([;,\t|\r\n"]["\s]*)(?=[=+\-@＝＋－＠])""")
# What neither a spreadsheet nor its XML can hold: control characters, halves of letters, and places that are no letter.
_UNHELD = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
QUOTE = '"'
# A file is also read by programs that split at another sign than ours: a text that holds any of these is quoted, so that it stays whole.
_ENDS_CELL = re.compile(r"""[;,\t|"\r\n]""")
# A length of time of any size, that a spreadsheet can add up.
_HOURS = "[h]:mm"
_MOST_PLACES = Decimal("0.000001")


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return local(value).replace(tzinfo=None, microsecond=0)
    return value


def to_csv(labels: Sequence[str], rows: Iterable[Sequence[object]], money: Collection[int] = ()) -> bytes:
    """UTF-8 with a byte order mark; semicolons and decimal commas in German, as its spreadsheets expect.

    Numbers stand alone, so also those of the columns of ``money``; a timedelta is a number of hours.
    """
    german = language() == "de"
    out = io.StringIO()
    separator = ";" if german else ","

    def plain(value: object) -> str:
        value = _cell(value)
        if value is None:
            return ""
        if isinstance(value, timedelta):
            value = _hours(value)
        if isinstance(value, Decimal | float):
            return f"{value}".replace(".", ",") if german else f"{value}"
        if isinstance(value, str):
            return _Text(_neutral(value))
        return str(value)

    def line(values: Iterable[object]) -> str:
        return separator.join(_quoted(plain(value)) for value in values) + "\r\n"

    out.write(line(labels))
    for row in rows:
        out.write(line(row))
    return out.getvalue().encode("utf-8-sig")


class _Text(str):
    """A cell that is a text, not a number or a day."""

    __slots__ = ()


def holdable(text: str) -> str:
    """Take out what no spreadsheet can hold."""
    return _UNHELD.sub("", text)


def _neutral(text: str) -> str:
    """A text in which no spreadsheet finds a formula, at its beginning or where another reader would split it (OWASP, CSV Injection)."""
    text = _BEGINS_CELL.sub(r"\1'", holdable(text))
    return f"'{text}" if text.lstrip(' "\u00a0').startswith(_FORMULA) or text.startswith(_FORMULA) else text


def _quoted(cell: str) -> str:
    """A cell as it stands in the file: quoted whenever it holds a sign that some reader takes for an end."""
    return f'"{cell.replace(QUOTE, QUOTE * 2)}"' if isinstance(cell, _Text) and _ENDS_CELL.search(cell) else cell


def _hours(value: timedelta) -> Decimal:
    exact = (Decimal(value // timedelta(seconds=1)) / 3600).quantize(_MOST_PLACES).normalize()
    return exact.quantize(Decimal(1)) if exact == exact.to_integral() else exact


def _money_format() -> str:
    """*1.234,50 €* as a spreadsheet's format; which separators it shows is the spreadsheet's own."""
    before, places, after = re.fullmatch(r"(\D*)0(?:[.,](0+))?(\D*)", as_money(Decimal(0))).groups()
    around = [f'"{text}"' if text else "" for text in (before, after)]
    return f"{around[0]}#,##0{f'.{places}' if places else ''}{around[1]}"


def to_xlsx(labels: Sequence[str], rows: Iterable[Sequence[object]], money: Collection[int] = ()) -> bytes:
    """One sheet; texts are stored as texts, whatever they begin with.

    Amounts are numbers shown with the firm's currency in the columns of ``money``, a timedelta is a length of time in hours.
    """
    amount = _money_format()
    book = Workbook(write_only=True)
    sheet = book.create_sheet()

    def cell(value: object, place: int = -1) -> WriteOnlyCell:
        value = _cell(value)
        made = WriteOnlyCell(sheet, holdable(value) if isinstance(value, str) else value)
        if isinstance(value, str):
            made.data_type = "s"
        elif isinstance(value, timedelta):
            made.number_format = _HOURS
        elif isinstance(value, Decimal) and place in money:
            made.number_format = amount
        return made

    head = [cell(label) for label in labels]
    for one in head:
        one.font = Font(bold=True)
    sheet.append(head)
    for row in rows:
        sheet.append([cell(value, place) for place, value in enumerate(row)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
