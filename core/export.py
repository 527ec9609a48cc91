"""Lists as files to take out: CSV and Excel, formulas neutralised, numbers kept numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from core.i18n import language
from core.i18n.formats import local

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a spreadsheet would take for the beginning of a formula (OWASP, CSV Injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return local(value).replace(tzinfo=None, microsecond=0)
    return value


def to_csv(labels: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a byte order mark; semicolons and decimal commas in German, as its spreadsheets expect."""
    german = language() == "de"
    out = io.StringIO()
    write = csv.writer(out, delimiter=";" if german else ",", lineterminator="\r\n").writerow

    def plain(value: object) -> str:
        value = _cell(value)
        if value is None:
            return ""
        if isinstance(value, Decimal | float):
            return f"{value}".replace(".", ",") if german else f"{value}"
        if isinstance(value, str):
            return f"'{value}" if value.startswith(_FORMULA) else value
        return str(value)

    write([plain(label) for label in labels])
    for row in rows:
        write([plain(value) for value in row])
    return out.getvalue().encode("utf-8-sig")


def to_xlsx(labels: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """One sheet; texts are stored as texts, whatever they begin with."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()

    def cell(value: object) -> WriteOnlyCell:
        value = _cell(value)
        made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value)
        if isinstance(value, str):
            made.data_type = "s"
        return made

    head = [cell(label) for label in labels]
    for one in head:
        one.font = Font(bold=True)
    sheet.append(head)
    for row in rows:
        sheet.append([cell(value) for value in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
