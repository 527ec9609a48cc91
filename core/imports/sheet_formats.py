"""Read from an Excel workbook which cells show their number with leading zeros; python-calamine gives the bare number.

Parts and elements by ECMA-376, part 1: 18.8.31 (numFmts), 18.8.10 (cellXfs), 18.3.1.4 (c).
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.parsers.expat import ExpatError, ParserCreate

from core.base.sizes import MIB

# Formats of zeros alone, 00000, with or without one for negative numbers behind a semicolon; quotes and brackets are something else.
_ZEROS = re.compile(r"(0{2,15})(;.*)?")
# A style sheet is small; a sheet is as large as its rows.
MAX_STYLES_BYTES = 16 * MIB
PIECE_BYTES = MIB
Element = Callable[[str, dict[str, str]], None]


def as_shown(rows: Sequence[Sequence[object]], path: Path, sheet: str | None) -> list[list[object]]:
    """Return the rows of a sheet with whole numbers as Excel shows them by a format of zeros: 1067 by 00000 is 01067."""
    shown = [list(row) for row in rows]
    for (row, column), digits in zero_formats(path, sheet).items():
        if row < len(shown) and column < len(shown[row]):
            value = shown[row][column]
            if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 and float(value).is_integer():
                shown[row][column] = f"{int(value):0{digits}d}"
    return shown


def zero_formats(path: Path, sheet: str | None) -> dict[tuple[int, int], int]:
    """Return the digits to show by (row, column), both from 0, of cells with a format of zeros; empty for what is no workbook.

    ``sheet`` is the name of the sheet, None for the first.
    """
    try:
        with zipfile.ZipFile(path) as packed:
            digits = _styles(packed)
            return _cells(packed, part_of(packed, sheet), digits) if digits else {}
    except (zipfile.BadZipFile, OSError, KeyError, ValueError, ExpatError, NotImplementedError):
        return {}  # what is wrong with the workbook is told by whoever reads its cells; without formats the numbers are bare


def _walk(packed: zipfile.ZipFile, part: str, element: Element, most: int | None = None) -> None:
    """Call ``element`` with the name, without its prefix, and the attributes of each element of a part."""
    parser = ParserCreate()
    parser.StartElementHandler = lambda name, attributes: element(name.rpartition(":")[2], attributes)
    if most is not None and packed.getinfo(part).file_size > most:
        raise ValueError(part)
    with packed.open(part) as file:
        while piece := file.read(PIECE_BYTES):
            parser.Parse(piece, False)
    parser.Parse(b"", True)


def _styles(packed: zipfile.ZipFile) -> dict[int, int]:
    """Return the digits by the number of a cell's style, of styles with a format of zeros."""
    formats: dict[str, int] = {}
    digits: dict[int, int] = {}
    place = -1
    in_cells = False

    def element(name: str, attributes: dict[str, str]) -> None:
        nonlocal place, in_cells
        if name == "numFmt" and (zeros := _ZEROS.fullmatch(attributes.get("formatCode", ""))):
            formats[attributes.get("numFmtId", "")] = len(zeros[1])
        elif name in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            in_cells = name == "cellXfs"
        elif name == "xf" and in_cells:
            place += 1
            if (found := formats.get(attributes.get("numFmtId", ""))) is not None:
                digits[place] = found

    _walk(packed, "xl/styles.xml", element, MAX_STYLES_BYTES)
    return digits


def part_of(packed: zipfile.ZipFile, sheet: str | None) -> str:
    """Return the name of the part that holds a sheet. Raises KeyError for one that is not there."""
    sheets: dict[str, str] = {}
    targets: dict[str, str] = {}

    def in_book(name: str, attributes: dict[str, str]) -> None:
        if name == "sheet":
            link = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id" and ":" in key), "")
            sheets.setdefault(attributes.get("name", ""), link)

    def in_links(name: str, attributes: dict[str, str]) -> None:
        if name == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    _walk(packed, "xl/workbook.xml", in_book, MAX_STYLES_BYTES)
    _walk(packed, "xl/_rels/workbook.xml.rels", in_links, MAX_STYLES_BYTES)
    target = targets[sheets[sheet] if sheet is not None else next(iter(sheets.values()), "")]
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")


def _cells(packed: zipfile.ZipFile, part: str, digits: dict[int, int]) -> dict[tuple[int, int], int]:
    wanted = {str(style): width for style, width in digits.items()}
    found: dict[tuple[int, int], int] = {}
    row, column = -1, -1

    def element(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column
        if name == "row":
            row, column = int(attributes["r"]) - 1 if "r" in attributes else row + 1, -1
        elif name == "c":
            column = column_of(attributes["r"]) if "r" in attributes else column + 1
            if (width := wanted.get(attributes.get("s", ""))) is not None:
                found[row, column] = width

    _walk(packed, part, element)
    return found


def column_of(reference: str) -> int:
    """Return the place of a cell like ``AB12`` in its row, from 0."""
    place = 0
    for letter in reference:
        if not letter.isalpha():
            break
        place = place * 26 + ord(letter.upper()) - 64
    return place - 1
