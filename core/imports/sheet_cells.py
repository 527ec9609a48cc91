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
    walk = _Walk(found)
    parser = ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = walk.begin, walk.end, walk.text
    with packed.open(part) as file:
        while piece := file.read(PIECE_BYTES):
            parser.Parse(piece, False)
    parser.Parse(b"", True)


class _Walk:
    """Go through the elements of a sheet, one cell after the other."""

    def __init__(self, found: OddCells) -> None:
        self.found = found
        self.row = self.column = -1
        self.kind, self.value = "", ""
        self.has_formula = self.is_value = False

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        match name.rpartition(":")[2]:
            case "row":
                self.row, self.column = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1, -1
            case "c":
                self.column = column_of(attributes["r"]) if "r" in attributes else self.column + 1
                self.kind, self.value, self.has_formula = attributes.get("t", "n"), "", False
            case "f":
                self.has_formula = True
            case "v":
                self.is_value = True

    def end(self, name: str) -> None:
        match name.rpartition(":")[2]:
            case "v":
                self.is_value = False
            case "c":
                self._cell()

    def text(self, data: str) -> None:
        if self.is_value and len(self.value) < MAX_ERROR_CHARS:
            self.value += data

    def _cell(self) -> None:
        is_error = self.kind == "e"
        if not is_error and (not self.has_formula or self.value or self.kind == "str"):
            return
        if len(self.found.cells) < MAX_LISTED:
            self.found.cells[self.row, self.column] = self.value or "#" if is_error else None
        else:
            self.found.more += 1
