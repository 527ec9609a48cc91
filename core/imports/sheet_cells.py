"""Find in an Excel workbook what its cells hold that a reader gives as nothing or once: errors, formulas never computed, merged cells.

Parts and elements by ECMA-376, part 1: 18.3.1.4 (c), 18.3.1.40 (f), 18.3.1.96 (v), 18.18.11 (ST_CellType).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers.expat import ExpatError, ParserCreate

from core.imports.sheet_formats import PIECE_BYTES, column_of, part_of

# Cells that are listed one by one; more are counted.
MAX_LISTED = 1_000
MAX_ERROR_CHARS = 40
# Bytes of a sheet without which it need not be parsed; a piece may end within them.
_ODD = re.compile(rb"t=[\"']e[\"']|<(?:\w+:)?f[ >/]")
_OVERLAP = 12
Range = tuple[tuple[int, int], tuple[int, int]]


@dataclass
class OddCells:
    """Cells that come out empty though they hold something: by (row, column), from 0, the error, or None for a formula without a value."""

    cells: dict[tuple[int, int], str | None] = field(default_factory=dict)
    more: int = 0


def odd_cells(path: Path, sheet: str | None) -> OddCells:
    """Return the cells of a sheet, None for the first, with an error or a formula without a value; none for what is no workbook."""
    found = OddCells()
    try:
        with zipfile.ZipFile(path) as packed:
            part = part_of(packed, sheet)
            if _may_hold_some(packed, part):
                _parse(packed, part, found)
    except (zipfile.BadZipFile, OSError, KeyError, ValueError, ExpatError, NotImplementedError):
        return found  # what is wrong with the workbook is told by whoever reads its cells
    return found


def name_of(row: int, column: int) -> str:
    """Return the name of a cell as Excel writes it, B7."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def range_of(merged: Range) -> str:
    """Return the name of a range, B2:B4."""
    return ":".join(name_of(*corner) for corner in merged)


def repeated(rows: list[list[object]], merged: Sequence[Range]) -> list[list[object]]:
    """Return rows with the value of cells that are merged downwards in each of them: the rows below are of the same.

    Across columns nothing is repeated: beside it stands another field.
    """
    for (top, left), (bottom, _) in merged:
        if top < len(rows) and left < len(rows[top]):
            for row in rows[top + 1 : bottom + 1]:
                if left < len(row) and row[left] in ("", None):
                    row[left] = rows[top][left]
    return rows


def _may_hold_some(packed: zipfile.ZipFile, part: str) -> bool:
    with packed.open(part) as file:
        before = b""
        while piece := file.read(PIECE_BYTES):
            if _ODD.search(before + piece):
                return True
            before = piece[-_OVERLAP:]
    return False


def _parse(packed: zipfile.ZipFile, part: str, found: OddCells) -> None:
    row, column = -1, -1
    kind, value = "", ""
    has_formula = is_value = False

    def begin(name: str, attributes: dict[str, str]) -> None:
        nonlocal row, column, kind, value, has_formula, is_value
        match name.rpartition(":")[2]:
            case "row":
                row, column = int(attributes["r"]) - 1 if "r" in attributes else row + 1, -1
            case "c":
                column = column_of(attributes["r"]) if "r" in attributes else column + 1
                kind, value, has_formula = attributes.get("t", "n"), "", False
            case "f":
                has_formula = True
            case "v":
                is_value = True

    def end(name: str) -> None:
        nonlocal is_value
        match name.rpartition(":")[2]:
            case "v":
                is_value = False
            case "c" if kind == "e" or (has_formula and not value and kind != "str"):
                if len(found.cells) < MAX_LISTED:
                    found.cells[row, column] = value or "#" if kind == "e" else None
                else:
                    found.more += 1

    def text(data: str) -> None:
        nonlocal value
        if is_value and len(value) < MAX_ERROR_CHARS:
            value += data

    parser = ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = begin, end, text
    with packed.open(part) as file:
        while piece := file.read(PIECE_BYTES):
            parser.Parse(piece, False)
    parser.Parse(b"", True)
