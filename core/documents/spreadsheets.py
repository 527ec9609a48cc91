"""Write lists as CSV and Excel files: no text can act as a formula, and numbers stay numbers."""

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
# Signs after which a reader that splits at another sign than ours may begin a cell, quoted or not.
_BEGINS_CELL = re.compile(r"""([;,\t|\r\n"]["\s]*)(?=[=+\-@＝＋－＠])""")
# Characters that neither a spreadsheet nor its XML can hold: control characters, surrogates, and code points of no character.
_UNHOLDABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
QUOTE = '"'
# Signs that some reader takes for the end of a cell: a text that holds one is quoted, so that it stays in its cell.
_ENDS_CELL = re.compile(r"""[;,\t|"\r\n]""")
# A spreadsheet's format of a length of time of any size, which it can add up.
_HOURS = "[h]:mm"
# Decimal places of hours in CSV.
_HOUR_PLACES = Decimal("0.000001")


def _cell(value: object) -> object:
    """Return a moment in the firm's time zone, as spreadsheets know no other; other values as they are."""
    if isinstance(value, datetime):
        return local(value).replace(tzinfo=None, microsecond=0)
    return value


def to_csv(labels: Sequence[str], rows: Iterable[Sequence[object]], _money: Collection[int] = ()) -> bytes:
    """Return a CSV file: UTF-8 with a byte order mark, in German with semicolons and decimal commas, as its spreadsheets expect.

    A timedelta is written as a number of hours, an amount without its currency; ``_money`` is taken for the sake of ``to_xlsx``.
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
    """The text of a cell of text, as opposed to one written from a number or a day."""

    __slots__ = ()


def holdable(text: str) -> str:
    """Return the text without the characters that no spreadsheet can hold."""
    return _UNHOLDABLE.sub("", text)


def _neutral(text: str) -> str:
    """Return a text in which no spreadsheet finds a formula, at its beginning or where a reader may split it (OWASP, CSV Injection)."""
    text = _BEGINS_CELL.sub(r"\1'", holdable(text))
    return f"'{text}" if text.lstrip(' "\u00a0').startswith(_FORMULA) or text.startswith(_FORMULA) else text


def _quoted(cell: str) -> str:
    """Return a cell as it is written, quoted where its text holds a sign of _ENDS_CELL."""
    return f'"{cell.replace(QUOTE, QUOTE * 2)}"' if isinstance(cell, _Text) and _ENDS_CELL.search(cell) else cell


def _hours(value: timedelta) -> Decimal:
    """Return hours without trailing zeros."""
    exact = (Decimal(value // timedelta(seconds=1)) / 3600).quantize(_HOUR_PLACES).normalize()
    return exact.quantize(Decimal(1)) if exact == exact.to_integral() else exact


def _money_format() -> str:
    """Return the spreadsheet's format of an amount, currency and decimal places as in *1.234,50 €*; it shows separators of its own."""
    zero = as_money(Decimal(0))
    before, after = zero[: zero.index("0")], zero[zero.rindex("0") + 1 :]
    places = "0" * (zero.count("0") - 1)
    around = [f'"{text}"' if text else "" for text in (before, after)]
    return f"{around[0]}#,##0{f'.{places}' if places else ''}{around[1]}"


def to_xlsx(labels: Sequence[str], rows: Iterable[Sequence[object]], money: Collection[int] = ()) -> bytes:
    """Return an Excel file of one sheet; texts are stored as texts, whatever they begin with.

    Args:
        labels: The first row, in bold.
        rows: A timedelta is stored as a length of time in hours.
        money: Places of the columns whose decimals are shown with the firm's currency.
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
    for label in head:
        label.font = Font(bold=True)
    sheet.append(head)
    for row in rows:
        sheet.append([cell(value, place) for place, value in enumerate(row)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
