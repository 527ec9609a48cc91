"""Write a value of an answer as people read it."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from math import isfinite

from core.i18n import t
from core.i18n.formats import day, moment, number

# Names of columns whose whole numbers name something and count nothing: *year*, *Jahr*, *year(worked_on)*, *account_id*.
_CODE = re.compile(r"""^(iso_?)?(year|jahr)$|_id$|^"?(iso)?year"?\(|^date_part\('(iso)?year'""", re.IGNORECASE)
# Of a long text so much stands in its cell; a file has all of it.
MAX_CELL_CHARS = 500
MAX_PLACES = 6
# Larger numbers are written with their power of ten.
MAX_FLOAT = 1e15


def written_as(name: str, kind: str) -> str:
    """Return the kind a column's values are written as: years and ids are numbers that nobody groups by thousands."""
    return "code" if kind == "integer" and _CODE.search(name) else kind


def cell_text(value: object, kind: str, most: int = MAX_CELL_CHARS) -> str:
    """Return a value as text: numbers and days as the language writes them, moments where the firm is, yes or no; cut at ``most`` letters.

    A moment at midnight is a day: that is what date_trunc makes of one.
    """
    match value:
        case None:
            return ""
        case bool():
            return t("common.yes" if value else "common.no")
        case int():
            return number(value) if kind == "integer" else str(value)
        case Decimal():
            places = -int(value.as_tuple().exponent) if isinstance(value.as_tuple().exponent, int) else 0
            return number(value, min(places, MAX_PLACES)) if places > 0 else number(value)
        case float():
            return number(value) if isfinite(value) and abs(value) < MAX_FLOAT else str(value)
        case datetime():
            return day(value.date()) if value.time() == time() else moment(value)
        case date():
            return day(value)
        case _:
            text = str(value)
            return text if len(text) <= most else f"{text[:most]}…"


def file_value(value: object, kind: str) -> object:
    """Return a value as a file holds it: numbers and days as such, everything else as text."""
    if isinstance(value, datetime) and value.time() == time():
        return value.date()
    return cell_text(value, kind) if isinstance(value, bool) else value
