"""Put together what a file is, and write it as the part of a mapping that reads it."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from itertools import islice
from pathlib import Path
from typing import Any

from core.imports.facts import table
from core.imports.facts.encoding import Encoding, encoding_of
from core.imports.facts.kind import READABLE, kind_of
from core.imports.parsing import as_text
from core.imports.sheet_cells import repeated
from core.imports.sheet_formats import as_shown
from core.imports.vcards import COLUMNS, cards_of

# Lines of a text file that are looked at, and letters of them: one line may be as long as the file.
MAX_LINES = 2_000
MAX_CHARS = 4_000_000
SHOWN_ROWS = 3
# Rows and cells that are told to choose columns by, and letters of each.
SAMPLE_ROWS = 200
SAMPLE_CELLS = 20_000
SAMPLE_CHARS = 120
# What somebody may choose otherwise than it was found.
CHOSEN = ("encoding", "delimiter", "sheet", "header", "columns_by", "decimal", "date")
TAIL_BYTES = 1 << 16
# What begins the line above the head of a file of DATEV.
META = ("EXTF", "DTVF")


@dataclass(frozen=True)
class FileFacts:
    """What a file is. ``guessed`` names what is not certain; ``rows`` are the first rows below the head, as they read.

    ``sample`` are more of them, their cells cut; ``sheets`` are the names of a workbook's sheets that can be seen, ``meta`` is the line
    above the head of an EXTF file.
    """

    kind: str
    encoding: str | None = None
    bad_bytes: int = 0
    delimiter: str | None = None
    quote: str | None = None
    sheet: str | None = None
    header: int = 1
    columns_by: str = "name"
    footer: tuple[str, ...] = ()
    decimal: str | None = None
    date: str | None = None
    moment: str | None = None
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    guessed: tuple[str, ...] = field(default=())
    sample: tuple[tuple[str, ...], ...] = ()
    sheets: tuple[str, ...] = ()
    meta: tuple[str, ...] = ()

    @property
    def is_readable(self) -> bool:
        """Return whether an import can read a file of this kind."""
        return self.kind in READABLE

    def as_dict(self) -> dict[str, Any]:
        """Return the facts as JSON can hold them."""
        return asdict(self)

    def as_mapping(self, name: str, path: str) -> str:
        """Return the ``[files.NAME]`` of a mapping that reads the file so."""
        lines = [f"[files.{name}]", f"path = {json.dumps(path, ensure_ascii=False)}", f'format = "{READABLE[self.kind]}"']
        for key in ("encoding", "delimiter", "quote", "sheet", "decimal", "date", "moment"):
            if (value := getattr(self, key)) is not None and (key, value) != ("quote", '"'):
                lines.append(f"{key} = {json.dumps(value, ensure_ascii=False)}")
        if self.header != 1:
            lines.append(f"header = {self.header}")
        if self.columns_by != "name":
            lines.append(f'columns_by = "{self.columns_by}"')
        if self.footer:
            lines.append(f"footer = {json.dumps(list(self.footer), ensure_ascii=False)}")
        return "\n".join(lines)


def as_facts(facts: FileFacts | Mapping[str, Any]) -> FileFacts:
    """Return facts that may have gone through JSON."""
    if isinstance(facts, FileFacts):
        return facts
    known: dict[str, Any] = {f.name: facts[f.name] for f in fields(FileFacts) if f.name in facts}
    known |= {name: tuple(value) for name, value in known.items() if isinstance(value, list)}
    return FileFacts(**known)


def find_facts(
    path: Path, sheet: str | None = None, *, is_first_sheet: bool = False, chosen: Mapping[str, Any] | None = None
) -> FileFacts:  # fmt: skip
    """Return what a file is. To be called in a child: the file is foreign.

    Args:
        path: The file.
        sheet: The sheet of a workbook that is meant; None for the visible one with the largest table.
        is_first_sheet: Whether the first one is meant instead, as an import reads it that names none.
        chosen: What somebody chose otherwise (``CHOSEN``); it is no guess.
    """
    kind = kind_of(path)
    told = {name: value for name, value in (chosen or {}).items() if name in CHOSEN and value is not None}
    match READABLE.get(kind):
        case "csv":
            return _text(path, told)
        case "excel":
            return _workbook(path, kind, told.get("sheet", sheet), is_first_sheet, told)
        case "parquet":
            return _parquet(path)
        case "vcard":
            return _vcards(path, told)
    return FileFacts(kind)


def _text(path: Path, told: Mapping[str, Any]) -> FileFacts:
    encoding = Encoding(told["encoding"]) if "encoding" in told else encoding_of(path)
    with path.open(encoding=encoding.name, errors="replace", newline="") as file:
        text = file.read(MAX_CHARS)
    # A file of DOS ends with Ctrl-Z; one of an old Mac ends its lines with a carriage return alone.
    lines = list(islice(io.StringIO(text.replace("\0", "").rstrip("\x1a"), newline=None), MAX_LINES))
    delimiter, quote, is_unsure = (told["delimiter"], '"', False) if "delimiter" in told else table.delimiter_of(lines)
    rows = table.rows_of_text(lines, delimiter, quote)
    above = 1 if lines and lines[0].lower().strip().strip('"').startswith("sep=") and len(rows[0]) <= 2 else 0
    guessed = [*(["encoding"] if encoding.is_guessed else []), *(["delimiter"] if is_unsure else [])]
    ends = rows if len(rows) < table.ROWS_LOOKED_AT else table.rows_of_text(_last_lines(path, encoding.name), delimiter, quote)
    return _with_table(
        rows, above, guessed, ends, told, kind="text", encoding=encoding.name, bad_bytes=encoding.bad, delimiter=delimiter, quote=quote
    )


def _last_lines(path: Path, encoding: str) -> list[str]:
    """Return the last lines of a file, the first of which may be cut."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        # Of UTF-16 an even number, so that no letter is cut in two.
        file.seek(max(0, size - TAIL_BYTES) // 2 * 2)
        text = file.read().decode("utf-16-le" if encoding == "utf-16" else encoding.removesuffix("-sig"), "replace")
    return text.splitlines()[-20:]


def _workbook(path: Path, kind: str, sheet: str | None, is_first: bool, told: Mapping[str, Any]) -> FileFacts:
    from python_calamine import CalamineError, CalamineWorkbook, SheetVisibleEnum

    try:
        book = CalamineWorkbook.from_path(str(path))
        best: tuple[int, str, list[list[str]]] | None = None
        meant = book.sheet_names[0] if is_first and sheet is None else sheet
        for one in book.sheets_metadata:
            if one.visible != SheetVisibleEnum.Visible if meant is None else one.name != meant:
                continue
            read = book.get_sheet_by_name(one.name)
            cells = repeated(as_shown(read.to_python(skip_empty_area=False), path, one.name), read.merged_cell_ranges or ())
            rows = [[(as_text(cell) or "").strip() for cell in row] for row in cells]
            filled = sum(1 for row in rows if any(row))
            weight = filled * (1 if table.head_of(rows[: table.ROWS_LOOKED_AT]).by_place else 2)
            if filled and (best is None or weight > best[0]):
                best = weight, one.name, rows
    except (CalamineError, OSError, ValueError):
        return FileFacts("unreadable")
    if best is None:
        return FileFacts("empty")
    _, name, rows = best
    seen = tuple(one.name for one in book.sheets_metadata if one.visible == SheetVisibleEnum.Visible)
    unsure = ["sheet"] if len(seen) > 1 and meant is None else []
    return _with_table(rows[: table.ROWS_LOOKED_AT], 0, unsure, rows[-20:], told, kind=kind, sheet=name, sheets=seen)


def _parquet(path: Path) -> FileFacts:
    import pyarrow.parquet as pq
    from pyarrow import ArrowException

    try:
        with pq.ParquetFile(path) as file:
            first = next(file.iter_batches(SAMPLE_ROWS), None)
            read = zip(*(column.to_pylist() for column in first.columns), strict=True) if first else ()
            rows = [[as_text(cell) or "" for cell in row] for row in read]
            return FileFacts(
                "parquet", columns=tuple(file.schema_arrow.names), rows=tuple(map(tuple, rows[:SHOWN_ROWS])), sample=_sample(rows)
            )
    except (ArrowException, OSError, ValueError):
        return FileFacts("unreadable")


def _vcards(path: Path, told: Mapping[str, Any]) -> FileFacts:
    encoding = Encoding(told["encoding"]) if "encoding" in told else encoding_of(path)
    cards = islice(cards_of(path, encoding.name, lambda _: None, lambda _: None), SAMPLE_ROWS)
    rows = [[as_text(cell) or "" for cell in values] for _, values in cards]
    return FileFacts(
        "vcard", encoding=encoding.name, bad_bytes=encoding.bad, columns=COLUMNS, rows=tuple(map(tuple, rows[:SHOWN_ROWS])),
        guessed=("encoding",) if encoding.is_guessed else (), sample=_sample(rows),
    )  # fmt: skip


def _with_table(
    rows: list[list[str]], above: int, guessed: list[str], ends: Sequence[table.Cells], told: Mapping[str, Any], **known: Any
) -> FileFacts:  # fmt: skip
    head = table.head_of(rows[above:])
    if "header" in told or "columns_by" in told:
        by_place = told.get("columns_by", "place" if head.by_place else "name") == "place"
        head = table.Head(max(1, told.get("header", above + head.row) - above), by_place)
    below = [row for row in rows[above + head.row - head.by_place :] if any(row)]
    columns = [column for column in table.columns_of(rows[above:], head)]
    decimal = (told["decimal"], False) if "decimal" in told else table.decimal_of(columns)
    day = (told["date"], False) if "date" in told else table.day_format_of(columns)
    unsure = [
        *guessed, *(["header"] if head.is_guessed else []), *(["decimal"] if decimal and decimal[1] else []), *(["date"] if day and day[1] else []),
    ]  # fmt: skip
    names = rows[above + head.row - 1] if not head.by_place and above + head.row <= len(rows) else []
    return FileFacts(
        header=above + head.row, columns_by="place" if head.by_place else "name", footer=tuple(table.footers_of(ends)),
        decimal=decimal and decimal[0], date=day[0] if day and day[0] != "%Y-%m-%d" else None,
        moment=table.moment_format_of(columns, day[0]) if day and day[0] != "%Y-%m-%d" else None, columns=tuple(names),
        rows=tuple(map(tuple, below[:SHOWN_ROWS])), guessed=tuple(unsure), sample=_sample(below),
        meta=tuple(rows[0]) if rows and rows[0] and rows[0][0].upper() in META else (), **known,
    )  # fmt: skip


def _sample(rows: Sequence[table.Cells]) -> tuple[tuple[str, ...], ...]:
    """Return rows to choose columns by: as many as the answer of a child can hold however wide and long they are."""
    width = max(map(len, rows[:SAMPLE_ROWS]), default=1)
    return tuple(
        tuple(cell[:SAMPLE_CHARS] for cell in row[:SAMPLE_CELLS]) for row in rows[: min(SAMPLE_ROWS, max(1, SAMPLE_CELLS // width))]
    )
