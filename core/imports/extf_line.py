"""Read the line above the head of a file of DATEV: its format, its firm, how long its accounts are."""

from __future__ import annotations

import csv

from core.imports.mapping import Source

NAMES = ("EXTF", "DTVF")
MAX_CHARS = 10_000


def fields_of_line(source: Source) -> list[str] | None:
    """Return the fields of the first line of an EXTF file, None for any other file."""
    if source.format != "csv":
        return None
    try:
        with source.path.open(encoding=source.encoding, newline="") as file:
            row = next(csv.reader([file.readline(MAX_CHARS)], delimiter=source.delimiter, quotechar=source.quote), [])
    except (OSError, UnicodeError, csv.Error):
        return None
    return [cell.strip() for cell in row] if row and row[0].strip().upper() in NAMES else None
