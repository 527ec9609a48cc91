"""Read CSV, Excel and Parquet files row by row, each row with the line it begins on."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable, Iterator

from core.base.sizes import MIB
from core.imports.mapping import Source
from core.imports.problems import MappingInvalid, Problem

ROWS_PER_PIECE = 50_000
csv.field_size_limit(16 * MIB)
Report = Callable[..., None]


def header_of(source: Source) -> list[str]:
    """Return the names of the columns. Raises MappingInvalid for a file without them, or with one name twice."""
    names = _HEADERS[source.format](source)
    problems = []
    if not any(names):
        problems.append(Problem(source.path.name, 1, "", "no_header"))
    for name in {name for name in names if names.count(name) > 1 and name}:
        problems.append(Problem(source.path.name, 1, name, "column_twice"))
    if source.surplus_column and source.surplus_column not in names:
        values = {"column": source.surplus_column, "known": ", ".join(names)}
        problems.append(Problem(source.path.name, 1, source.surplus_column, "column_unknown", values))
    if problems:
        raise MappingInvalid(problems)
    return names


def rows_of(source: Source, refuse: Report, mended: Report) -> Iterator[tuple[int, list[object]]]:
    """Yield (line, values) of every whole row; problems of other rows go to ``refuse``, with the values that could be read, and mended ones to ``mended``."""
    yield from _ROWS[source.format](source, refuse, mended)


def _open(source: Source):
    return source.path.open(encoding=source.encoding, errors="surrogateescape", newline="")


def _csv_reader(source: Source, lines):
    return csv.reader(lines, delimiter=source.delimiter, quotechar=source.quote, strict=True)


def _csv_header(source: Source) -> list[str]:
    with _open(source) as lines:
        try:
            names = [name.strip() for name in next(_csv_reader(source, lines), [])]
        except csv.Error:
            names = []
        except UnicodeError:
            raise _other_encoding(source) from None
    # In UTF-16 every second byte of plain text is zero; the line may end within a character.
    if _undecoded(names) is not None or any("\0" in name for name in names) or (not names and _looks_wide(source)):
        raise _other_encoding(source)
    return names


def _looks_wide(source: Source) -> bool:
    with source.path.open("rb") as file:
        start = file.read(100)
    return start.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in start


def _other_encoding(source: Source) -> MappingInvalid:
    """Return the error for a file in another encoding than the mapping names, or than UTF-8 when it names none."""
    return MappingInvalid([Problem(source.path.name, 0, "", "other_encoding", _encoding_of(source))])


def _encoding_of(source: Source) -> dict[str, object]:
    """Return the expected encoding, the source that names it, and an encoding to try instead."""
    expected = source.encoding.removesuffix("-sig")
    other = "utf-16" if _looks_wide(source) and expected == "utf-8" else "cp1252" if expected == "utf-8" else "utf-8"
    return {"encoding": expected.upper() if expected == "utf-8" else expected, "name": source.name, "other": other}


def _csv_rows(source: Source, refuse: Report, mended: Report) -> Iterator[tuple[int, list[object]]]:
    names = _csv_header(source)
    width, null, file = len(names), source.null | {""}, source.path.name
    place = names.index(source.surplus_column) if source.surplus_column else 0
    with _open(source) as lines:
        reader = _csv_reader(source, lines)
        next(reader)
        while True:
            line = reader.line_num + 1
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as problem:
                # A quote that is not closed takes everything behind it along.
                code = "csv_open" if "unexpected end" in str(problem) else "csv"
                refuse(Problem(file, line, "", code, {"reason": str(problem), "last": max(line, reader.line_num)}))
                continue
            if not any(values):
                continue
            if not "".join(values).isascii() and (column := _undecoded(values)) is not None:
                refuse(Problem(file, line, names[min(column, width - 1)], "encoding", _encoding_of(source)))
                continue
            if (more := len(values) - width) > 0 and source.surplus == "mend":
                values[place : place + more + 1] = [source.delimiter.join(values[place : place + more + 1])]
                mended(Problem(file, line, names[place], "mended", {"value": values[place]}))
            if len(values) != width:
                refuse(Problem(file, line, "", "field_count", {"expected": width, "found": len(values)}), values)
                continue
            yield line, [None if value in null else value for value in values]


def _undecoded(values: list[str]) -> int | None:
    for place, value in enumerate(values):
        try:
            value.encode()
        except UnicodeEncodeError:
            return place
    return None


# Size of all parts of a workbook together, unpacked; a million rows of fifty columns need less.
MAX_UNPACKED_BYTES = 512 * MIB
MAX_PARTS = 10_000
# A sheet of at most so many rows is never refused for having more rows than bytes.
FEW_ROWS = 10_000


def _require_real_size(source: Source) -> None:
    """Check the unpacked size of a workbook before any of it is unpacked. Raises MappingInvalid."""
    try:
        with zipfile.ZipFile(source.path) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return  # no packed workbook: reading it will say what is wrong
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise MappingInvalid([Problem(source.path.name, 0, "", "sheet_costly")])


def _sheet(source: Source) -> list[list[object]]:
    from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

    _require_real_size(source)
    try:
        book = CalamineWorkbook.from_path(str(source.path))
        sheet = book.get_sheet_by_name(source.sheet) if source.sheet else book.get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
    except WorksheetNotFound:
        known = ", ".join(book.sheet_names)
        raise MappingInvalid([Problem(source.path.name, 0, "", "sheet_missing", {"sheet": source.sheet, "known": known})]) from None
    except (CalamineError, OSError, ValueError) as problem:
        raise MappingInvalid([Problem(source.path.name, 0, "", "unreadable", {"reason": str(problem)})]) from None
    # Different rows take more than a byte each even when packed: so many are one row with a repeat count.
    if len(rows) > max(FEW_ROWS, source.path.stat().st_size):
        raise MappingInvalid([Problem(source.path.name, 0, "", "sheet_costly")])
    return [list(row) for row in rows]


def _excel_header(source: Source) -> list[str]:
    rows = _sheet(source)
    return [str(name).strip() for name in rows[0]] if rows else []


def _excel_rows(source: Source, _refuse: Report, _mended: Report) -> Iterator[tuple[int, list[object]]]:
    null = source.null | {""}
    for line, values in enumerate(_sheet(source)[1:], 2):
        if any(value != "" for value in values):
            yield line, [None if isinstance(value, str) and value in null else value for value in values]


def _parquet(source: Source):
    import pyarrow.parquet as pq
    from pyarrow import ArrowException

    try:
        return pq.ParquetFile(source.path)
    except (ArrowException, OSError) as problem:
        raise MappingInvalid([Problem(source.path.name, 0, "", "unreadable", {"reason": str(problem).splitlines()[0]})]) from None


def _parquet_header(source: Source) -> list[str]:
    return _parquet(source).schema_arrow.names


def _parquet_rows(source: Source, _refuse: Report, _mended: Report) -> Iterator[tuple[int, list[object]]]:
    null, line = source.null | {""}, 0
    for batch in _parquet(source).iter_batches(ROWS_PER_PIECE):
        for values in zip(*[column.to_pylist() for column in batch.columns], strict=True):
            line += 1
            yield line, [None if isinstance(value, str) and value in null else value for value in values]


_HEADERS = {"csv": _csv_header, "excel": _excel_header, "parquet": _parquet_header}
_ROWS = {"csv": _csv_rows, "excel": _excel_rows, "parquet": _parquet_rows}
