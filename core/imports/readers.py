"""Read CSV, Excel and Parquet files row by row, each row with the line it begins on."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from core.base.sizes import MIB
from core.imports.facts import find_facts
from core.imports.facts.kind import READABLE, kind_of
from core.imports.mapping import Source
from core.imports.problems import Found, MappingInvalid, Problem
from core.imports.sheet_cells import Range, name_of, odd_cells, range_of, repeated
from core.imports.sheet_formats import as_shown
from core.imports.vcards import COLUMNS, cards_of

ROWS_PER_PIECE = 50_000
# A row of a file this program wrote has a few texts of at most a million characters.
MAX_OWN_ROW_BYTES = 32 * MIB
csv.field_size_limit(16 * MIB)
Report = Callable[..., None]


def found_out(source: Source, told: Found) -> Source:
    """Return the source with what the mapping leaves to be found out; what was found goes to ``told.noted``. Raises MappingInvalid."""
    if not source.found:
        return source
    facts = find_facts(source.path, source.sheet, is_first_sheet="sheet" not in source.found)
    _require_kind(source, facts.kind)
    here = {name: value for name in source.found if (value := getattr(facts, name)) is not None}
    shown = ", ".join(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in sorted(here.items()) if value not in ("", ()))
    unsure = sorted(source.found & set(facts.guessed))
    values = {"value": shown, "guessed": ", ".join(unsure)}
    told.noted.append(Problem(source.path.name, 0, "", "found_guessed" if unsure else "found", values))
    if "header" in here:
        here["columns_by"] = facts.columns_by
    if "date" in here and source.moment is None:
        here["moment"] = facts.moment or here["date"]
    return replace(source, **here)


def _require_kind(source: Source, kind: str) -> None:
    """Check that a file is of the kind its format says. Raises MappingInvalid."""
    if READABLE.get(kind) != source.format and (kind not in ("mail", "mbox") or source.format != "csv"):
        raise MappingInvalid([Problem(source.path.name, 0, "", f"kind.{kind}")])


def header_of(source: Source) -> list[str]:
    """Return the names of the columns, or their numbers where they go by place. Raises MappingInvalid for a file without them."""
    if (kind := kind_of(source.path)) != "empty":
        _require_kind(source, kind)
    names = _HEADERS[source.format](source)
    if source.columns_by == "place":
        names = [str(place + 1) for place in range(len(names))]
    problems = []
    if not any(names):
        code = "no_header" if source.header == 1 else "no_header_there"
        problems.append(Problem(source.path.name, source.header, "", code, {"header": source.header}))
    if source.surplus_column and (times := names.count(source.surplus_column)) != 1:
        values = {"column": source.surplus_column, "known": ", ".join(names)}
        code = "column_double" if times else "column_unknown"
        problems.append(Problem(source.path.name, source.header, source.surplus_column, code, values))
    if problems:
        raise MappingInvalid(problems)
    return names


def rows_of(source: Source, refuse: Report, note: Report) -> Iterator[tuple[int, list[object]]]:
    """Yield (line, values) of every whole row above the footer.

    Problems of other rows go to ``refuse``, with the values that could be read; rows that were mended, and where a footer ended the
    table, to ``note``. A row that begins like a footer, with rows of the table below it, is none: it is refused.
    """
    held: list[tuple[Problem, list[object] | None]] = []
    footer: Problem | None = None
    below = 0

    def refuse_above(problem: Problem, values: list[object] | None = None) -> None:
        if footer is None:
            refuse(problem, values)
        else:
            held.append((problem, values))

    for line, values in _ROWS[source.format](source, refuse_above, note):
        word = footer_of(values, source)
        if footer is None and word is None:
            yield line, values
        elif footer is None:
            footer = Problem(source.path.name, line, "", "footer", {"value": word})
        elif word is not None or sum(value not in (None, "") for value in values) * 2 < len(values):
            below += 1
        else:
            refuse(replace(footer, code="footer_inside"))
            footer, below = (None, 0) if word is None else (footer, below)
            for problem, of_row in held:
                refuse(problem, of_row)
            held.clear()
            yield line, values
    if footer is not None:
        note(replace(footer, values=footer.values | {"more": below + len(held)}))


def footer_of(values: Sequence[object], source: Source) -> str | None:
    """Return the first filled cell of a row where it begins with a word of the source's footer, else None."""
    if not source.footer:
        return None
    text = next((str(value).strip() for value in values if value not in (None, "")), "")
    for word in source.footer:
        rest = text[len(word) :]
        if text.casefold().startswith(word.casefold()) and not rest[:1].isalnum():
            return text
    return None


def _first_row(source: Source) -> int:
    """Return how many rows stand above the first one of values."""
    return source.header - (source.columns_by == "place")


def _open(source: Source):
    return source.path.open(encoding=source.encoding, errors="surrogateescape", newline="")


def _csv_reader(source: Source, lines):
    return csv.reader(lines, delimiter=source.delimiter, quotechar=source.quote, strict=True)


def _csv_header(source: Source) -> list[str]:
    with _open(source) as lines:
        _skip(lines, source.header - 1)
        try:
            names = [name.strip().lstrip("\ufeff") for name in next(_csv_reader(source, lines), [])]
        except csv.Error:
            names = []
        except UnicodeError:
            raise _other_encoding(source) from None
    # In UTF-16 every second byte of plain text is zero; the line may end within a character.
    if _undecoded(names) is not None or any("\0" in name for name in names) or (not names and _looks_wide(source)):
        raise _other_encoding(source)
    return names


def _skip(lines: Iterator[str], count: int) -> None:
    """Skip lines above the head: titles and what they hold follow no rule of the table."""
    for _ in range(count):
        next(lines, None)


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


def _csv_rows(source: Source, refuse: Report, note: Report) -> Iterator[tuple[int, list[object]]]:
    if source.own:
        yield from _own_csv_rows(source)
        return
    names = _csv_header(source)
    width, null, file = len(names), source.null | {""}, source.path.name
    if source.columns_by == "place":
        names = [str(place + 1) for place in range(width)]
    place = names.index(source.surplus_column) if source.surplus_column else 0
    above = source.header - 1
    with _open(source) as lines:
        _skip(lines, above)
        reader = _csv_reader(source, lines)
        if source.columns_by == "name":
            next(reader)
        while True:
            line = above + reader.line_num + 1
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as problem:
                # A quote that is not closed takes everything behind it along.
                code = "csv_open" if "unexpected end" in str(problem) else "csv"
                refuse(Problem(file, line, "", code, {"reason": str(problem), "last": max(line, above + reader.line_num)}))
                continue
            if not any(values):
                continue
            if not "".join(values).isascii() and (column := _undecoded(values)) is not None:
                refuse(Problem(file, line, names[min(column, width - 1)], "encoding", _encoding_of(source)))
                continue
            if footer_of(values, source) is not None:
                values += [""] * (width - len(values))
            elif (more := len(values) - width) > 0 and source.surplus == "mend":
                values[place : place + more + 1] = [source.delimiter.join(values[place : place + more + 1])]
                note(Problem(file, line, names[place], "mended", {"value": values[place]}))
            if len(values) != width and footer_of(values, source) is None:
                refuse(Problem(file, line, "", "field_count", {"expected": width, "found": len(values)}), values)
                continue
            yield line, [None if value in null else value for value in values]


def _own_csv_rows(source: Source) -> Iterator[tuple[int, list[object]]]:
    """Yield the rows of a file this program wrote: nothing between two commas is no text, an empty pair of quotes is an empty one."""
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    names = _csv_header(source)
    reading = arrow_csv.ReadOptions(use_threads=False, block_size=MAX_OWN_ROW_BYTES)
    told = arrow_csv.ConvertOptions(
        column_types=dict.fromkeys(names, pa.string()), null_values=[""], strings_can_be_null=True, quoted_strings_can_be_null=False
    )
    shape = arrow_csv.ParseOptions(delimiter=source.delimiter, quote_char=source.quote, newlines_in_values=True)
    line = 2
    try:
        for batch in arrow_csv.open_csv(source.path, reading, shape, told):
            for values in zip(*[column.to_pylist() for column in batch.columns], strict=True):
                yield line, list(values)
                line += 1 + sum(value.count("\n") for value in values if value)
    except pa.ArrowException as problem:
        raise MappingInvalid([Problem(source.path.name, 0, "", "unreadable", {"reason": str(problem).splitlines()[0]})]) from None


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
MAX_RANGES_TOLD = 20
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


def _sheet(source: Source, note: Report | None = None) -> list[list[object]]:
    """Return the rows of a sheet; what its cells hold beside them goes to ``note``. Raises MappingInvalid."""
    from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

    _require_real_size(source)
    try:
        book = CalamineWorkbook.from_path(str(source.path))
        sheet = book.get_sheet_by_name(source.sheet) if source.sheet else book.get_sheet_by_index(0)
        rows = sheet.to_python(skip_empty_area=False)
        merged = list(sheet.merged_cell_ranges or ())
    except WorksheetNotFound:
        known = ", ".join(book.sheet_names)
        raise MappingInvalid([Problem(source.path.name, 0, "", "sheet_missing", {"sheet": source.sheet, "known": known})]) from None
    except (CalamineError, OSError, ValueError) as problem:
        raise MappingInvalid([Problem(source.path.name, 0, "", "unreadable", {"reason": str(problem)})]) from None
    # Different rows take more than a byte each even when packed: so many are one row with a repeat count.
    if len(rows) > max(FEW_ROWS, source.path.stat().st_size):
        raise MappingInvalid([Problem(source.path.name, 0, "", "sheet_costly")])
    if note is not None:
        _tell_cells(source, rows, merged, note)
    return repeated(as_shown(rows, source.path, source.sheet), merged)


def _tell_cells(source: Source, rows: Sequence[Sequence[object]], merged: Sequence[Range], note: Report) -> None:
    """Tell of cells below the head that hold an error or a formula without a value, and of those that are merged."""
    file, above = source.path.name, _first_row(source)
    odd = odd_cells(source.path, source.sheet)
    names = [str(name).strip() for name in rows[above - 1]] if source.columns_by == "name" and 0 < above <= len(rows) else []
    for (row, column), error in odd.cells.items():
        if row >= above:
            where, told = names[column] if column < len(names) else "", {"cell": name_of(row, column)}
            note(Problem(file, row + 1, where, "cell_error" if error else "cell_formula", told | ({"value": error} if error else {})))
    if odd.more:
        note(Problem(file, 0, "", "cells_more", {"count": odd.more, "n": odd.more}))
    if below := [one for one in merged if one[1][0] >= above]:
        said = ", ".join(range_of(one) for one in below[:MAX_RANGES_TOLD])
        note(Problem(file, 0, "", "merged", {"value": f"{said} …" if len(below) > MAX_RANGES_TOLD else said}))


def _excel_header(source: Source) -> list[str]:
    rows = _sheet(source)
    return [str(name).strip() for name in rows[source.header - 1]] if len(rows) >= source.header else []


def _excel_rows(source: Source, _refuse: Report, note: Report) -> Iterator[tuple[int, list[object]]]:
    null = source.null | {""}
    above = _first_row(source)
    for line, values in enumerate(_sheet(source, note)[above:], above + 1):
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


def _parquet_rows(source: Source, _refuse: Report, _note: Report) -> Iterator[tuple[int, list[object]]]:
    null, line = frozenset() if source.own else source.null | {""}, 0
    for batch in _parquet(source).iter_batches(ROWS_PER_PIECE):
        for values in zip(*[column.to_pylist() for column in batch.columns], strict=True):
            line += 1
            yield line, [None if isinstance(value, str) and value in null else value for value in values]


def _vcard_header(_source: Source) -> list[str]:
    return list(COLUMNS)


def _vcard_rows(source: Source, refuse: Report, note: Report) -> Iterator[tuple[int, list[object]]]:
    return cards_of(source.path, source.encoding, refuse, note)


_HEADERS = {"csv": _csv_header, "excel": _excel_header, "parquet": _parquet_header, "vcard": _vcard_header}
_ROWS = {"csv": _csv_rows, "excel": _excel_rows, "parquet": _parquet_rows, "vcard": _vcard_rows}
