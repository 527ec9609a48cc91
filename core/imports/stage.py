"""Read every file once, row by row, into a Parquet file per block of the mapping, in pieces."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.base.contact_points import same_address
from core.imports import attachments
from core.imports import mapping as mappings
from core.imports.expressions import Compiled, Compiler, ExpressionError, Row
from core.imports.joined_files import over_joined
from core.imports.mapping import Block, Rule, Source
from core.imports.parsing import Noted, as_text, clean_lines
from core.imports.problems import Found, MappingInvalid, Problem, RowRejected
from core.imports.readers import ROWS_PER_PIECE, found_out, header_of, rows_of
from core.imports.row_rules import NOTES, WHOLE
from core.imports.value_rules import converter

SEPARATOR = "\x1f"
# The name of the part of a cell in a block with ``each``, and how many parts one cell may have.
PART = "part"
MAX_PARTS = 256
# How much of a cell a note keeps.
MAX_NOTE_CHARS = 2_000
Columns = dict[str, dict[str, tuple[str, bool]]]
ARROW = {
    "VARCHAR": pa.string(), "BIGINT": pa.int64(), "INTEGER": pa.int32(), "BOOLEAN": pa.bool_(), "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"), "UTINYINT": pa.uint8(),
}  # fmt: skip
# Keys of refused rows, so that rows that refer to them can say so; UNTOLD stands for a row of which nobody can say which it was.
UNTOLD = ""
BAD_KEY = {"table_name": "VARCHAR", "source_key": "VARCHAR", "file": "VARCHAR", "line": "INTEGER"}
FILE_COLUMNS = {
    "document": {"source_path": "VARCHAR", "ending": "VARCHAR", "sha256": "VARCHAR", "size_bytes": "BIGINT"},
    "photo": {"source_path": "VARCHAR", "ending": "VARCHAR", "sha256": "VARCHAR"},
}


def arrow_type(kind: str) -> pa.DataType:
    """Return the Arrow type of a column type of the store."""
    if kind.startswith("DECIMAL"):
        return pa.decimal128(*(int(part) for part in kind[8:-1].split(",")))
    return ARROW[kind]


class BlockFile:
    """Collect the rows of one block and write them in pieces into its ``b<number>.parquet``."""

    def __init__(self, block: Block, folder: Path) -> None:
        self.block, self.folder = block, folder
        self.kinds: dict[str, str] = {"n": "BIGINT", "line": "INTEGER", "source_key": "VARCHAR"}
        self.rows: list[list[object]] = []
        self.noted: list[Problem] = []
        self._writer: pq.ParquetWriter | None = None

    def flush(self) -> None:
        """Write the rows collected so far into the block's file."""
        if not self.rows:
            return
        values = zip(*self.rows, strict=True)
        arrays = [pa.array(list(column), arrow_type(kind)) for column, kind in zip(values, self.kinds.values(), strict=True)]
        piece = pa.table(arrays, names=list(self.kinds))
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.folder / f"b{self.block.number}.parquet", piece.schema)
        self._writer.write_table(piece)
        self.rows.clear()

    def close(self) -> None:
        """Write the last rows and close the file."""
        self.flush()
        if self._writer is not None:
            self._writer.close()


class Target(BlockFile):
    """Write one block's ``b<number>.parquet``, a row for each row of the source that is valid and wanted."""

    def __init__(self, block: Block, columns: dict[str, tuple[str, bool]], compiler: Compiler, source: Source, folder: Path) -> None:
        super().__init__(block, folder)
        self.source, self.compiler = source, compiler
        self.key = [compiler.compile(text) for text in block.key]
        self.when = compiler.compile(block.when) if block.when else None
        self.each = compiler.compile(block.each) if block.each else None
        self.steps: list[tuple[str, Compiled, Callable | None, bool, Rule]] = []
        for rule in block.rules:
            kind, needed = columns[rule.column]
            needed = needed and not rule.next and not rule.is_silent
            get = compiler.compile(rule.expression) if rule.expression is not None else _fixed(rule.value)
            if rule.codes is not None:
                get = _coded(get, {str(key): value for key, value in rule.codes.items()})
            if rule.of:
                self.kinds[f"k_{rule.column}"] = "VARCHAR"
                self.steps.append((f"k_{rule.column}", get, as_text, needed, rule))
            elif rule.is_file:
                self.kinds |= FILE_COLUMNS[block.table]
                if block.table == "document" and "media_type" not in {r.column for r in block.rules}:
                    self.kinds["media_type"] = "VARCHAR"
                self.steps.append(("source_path", get, None, block.table == "photo", rule))
            else:
                self.kinds[rule.column] = kind
                self.steps.append((rule.column, get, converter(block.table, rule.column, kind, source), needed, rule))
        for place, (what, expression) in enumerate(block.match_by):
            self.kinds[f"m_{place}"] = "VARCHAR"
            meets = _met_address if what == "email" else _text_or_nothing
            self.steps.append((f"m_{place}", compiler.compile(expression), meets, False, Rule(what, expression)))
        rule_of_row = None if source.own else WHOLE.get(block.table)
        self.whole = rule_of_row[0] if rule_of_row else None
        self.deciding = rule_of_row[1] if rule_of_row else frozenset[str]()
        self.names = list(self.kinds)
        self.places = {rule.column: _place(rule) for rule in block.rules}
        # The sha256 of a file that is kept as it is.
        self.sha256 = next((compiler.compile(rule.sha256) for rule in block.rules if rule.sha256), None)
        self.left = {rule.column for rule in block.rules if rule.on_bad != "refuse"}
        # What is to be kept in a note of the last row of the file, each with the name of its column there.
        self.to_note: list[str] = []
        self.note_columns = {
            rule.column: compiler.columns_of(rule.expression)
            for rule in block.rules
            if rule.on_bad == "note" and rule.expression is not None
        }
        self.row: list[object] = []

    def key_of(self, row: list[object]) -> str | None:
        """Return the row's key as text, or None when a part of it is missing."""
        texts = [as_text(part(row)) for part in self.key]
        parts = [text for text in texts if text is not None]
        return SEPARATOR.join(parts) if len(parts) == len(texts) else None

    def take_all(self, n: int, line: int, row: list[object]) -> Iterator[tuple[str | None, list[Problem]]]:
        """Take a row of the file, or one for each part of a cell; yield of each its key and the problems."""
        self.to_note, self.row = [], row
        if self.each is None:
            yield self.take(n, line, row)
            return
        try:
            parts: Any = self.each([*row, None])
        except RowRejected as refused:
            yield None, [Problem(self.source.path.name, line, str(self.block.each), refused.code, refused.values)]
            return
        parts = parts if isinstance(parts, list) else [] if parts in (None, "") else [parts]
        if len(parts) > MAX_PARTS:
            values = {"value": len(parts), "most": MAX_PARTS}
            yield None, [Problem(self.source.path.name, line, str(self.block.each), "parts_many", values)]
            return
        for place, part in enumerate(parts):
            yield self.take(n * MAX_PARTS + place, line, [*row, part])

    def take(self, n: int, line: int, row: list[object]) -> tuple[str | None, list[Problem]]:
        """Add the row unless it has problems; return its key and the problems."""
        problems: list[Problem] = []
        noted: list[Problem] = []
        name = self.source.path.name
        key = None
        try:
            if self.when and not self.when(row):
                return None, []
            if self.key and (key := self.key_of(row)) is None:
                problems.append(Problem(name, line, ", ".join(self.block.key), "key_missing"))
        except RowRejected as refused:
            return None, [Problem(name, line, "", refused.code, refused.values)]
        kept: list[object] = [n, line, key]
        failed: set[str] = set()
        for _, get, convert, needed, rule in self.steps:
            try:
                if rule.is_file:
                    kept += self._file(rule, get(row), as_text(self.sha256(row)) if self.sha256 else None)
                    continue
                value = self._value(row, line, get, convert, rule, noted)
            except RowRejected as refused:
                problems.append(Problem(name, line, _place(rule), refused.code, refused.values))
                failed.add(rule.column)
                kept += [None] * (len(self._file_columns()) if rule.is_file else 1)
                continue
            # A value that is none and all there is to its row takes the row along.
            if value is None and needed and rule.on_bad != "refuse":
                return key, self._without(noted)
            # A missing key is told as such.
            if value is None and needed and not (key is None and rule.expression in self.block.key):
                problems.append(Problem(name, line, _place(rule), "value_missing", {"field": rule.column}))
                failed.add(rule.column)
            kept.append(value)
        if self.whole and not failed & self.deciding:
            values = dict(zip(self.names, kept, strict=True))
            while not self._whole(values, line, noted, problems):
                pass
            kept = list(values.values())
        if not problems:
            self.rows.append(kept)
            self.noted += noted
        return key, problems

    def _without(self, noted: list[Problem]) -> list[Problem]:
        """Tell why a row is left out that is no more without a value; return that nothing of it is refused."""
        self.noted += noted
        return []

    def _value(self, row: list[object], line: int, get: Compiled, convert: Callable | None, rule: Rule, noted: list[Problem]) -> object:
        """Return a field's value, None for one that is none and may be left out. Raises RowRejected."""
        name = self.source.path.name
        self.compiler.notes.clear()
        try:
            value = get(row)
            value = convert(value) if convert else value
        except RowRejected as refused:
            if rule.on_bad == "refuse":
                raise
            noted.append(self._left(line, rule.column, refused.code, refused.values))
            return None
        noted += [Problem(name, line, _place(rule), note.code, note.values) for note in self.compiler.notes]
        if type(value) is Noted:
            noted.append(Problem(name, line, _place(rule), value.code, value.values))
            return value.value
        return value

    def _left(self, line: int, column: str, code: str, told: Mapping[str, object]) -> Problem:
        """Return the problem of a value that is left out; keep it for a note where the mapping wants one."""
        how = "left"
        if column in self.note_columns:
            cells = {name: clean_lines(as_text(self.row[place]) or "").strip() for name, place in self.note_columns[column].items()}
            # One cell may feed several fields.
            self.to_note += [
                text for name, cell in cells.items() if cell and (text := f"{name}: {cell[:MAX_NOTE_CHARS]}") not in self.to_note
            ]
            how = "noted"
        return Problem(self.source.path.name, line, self.places[column], f"{how}.{code}", dict(told))

    def _whole(self, values: dict[str, object], line: int, noted: list[Problem], problems: list[Problem]) -> bool:
        """Check the row as a whole; return whether that ended. Where a value that the others hang on is left out, it begins anew."""
        for column, code, told in self.whole(values) if self.whole else ():
            place = self.places.get(column, column)
            if column in self.left and code not in NOTES and values[column] is not None:
                noted.append(self._left(line, column, code, told))
                values[column] = None
                if column in self.deciding:
                    return False
            else:
                (noted if code in NOTES else problems).append(Problem(self.source.path.name, line, place, code, told))
        return True

    def _file(self, rule: Rule, value: object, sha256: str | None) -> list[object]:
        if value is None and self.block.table == "photo":
            raise RowRejected("value_missing", field=rule.column)
        path, told = as_text(value), None
        if path is not None and rule.folder is not None:
            told = attachments.describe(self.block.table, rule.folder, path, self.folder, sha256)
        wanted = {"source_path": "path"} | {c: c for c in ("ending", "sha256", "size_bytes", "media_type")}
        return [None if told is None else getattr(told, wanted[column]) for column in self._file_columns()]

    def _file_columns(self) -> list[str]:
        return [*FILE_COLUMNS[self.block.table], *(["media_type"] if self._tells_type() else [])]

    def _tells_type(self) -> bool:
        return self.block.table == "document" and "media_type" not in {r.column for r in self.block.rules}


class NoteTarget(BlockFile):
    """Write the notes that keep values another block could not take, one a row, for the client of that row."""

    def __init__(self, block: Block, client: Target, source: Target) -> None:
        super().__init__(block, client.folder)
        self.client, self.left = client, source
        self.kinds |= {"k_account_id": "VARCHAR", "k_staff_member_id": "VARCHAR", "text": "VARCHAR", "saved_at": "TIMESTAMP"}
        self.author = next(as_text(rule.value) for rule in block.rules if rule.column == "staff_member_id")

    def take_all(self, n: int, line: int, row: list[object]) -> Iterator[tuple[str | None, list[Problem]]]:
        """Add the note of a row whose values were left out just now."""
        of = own = None
        with suppress(RowRejected):  # the client's own block tells what is wrong with its key
            of, own = self.client.key_of(row), None if self.left.each else self.left.key_of(row)
        if self.left.to_note and of is not None:
            parts = [of, self.left.block.table, own or ""]
            self.rows.append([n, line, SEPARATOR.join(parts), of, self.author, "\n".join(self.left.to_note), None])
        return iter(())


def _place(rule: Rule) -> str:
    return rule.column if rule.expression in (None, rule.column) else f"{rule.column} ← {rule.expression}"


def _text_or_nothing(value: object) -> str | None:
    return (as_text(value) or "").strip() or None


def _met_address(value: object) -> str | None:
    text = _text_or_nothing(value)
    return text and same_address(text)


def _fixed(value: object) -> Compiled:
    if isinstance(value, float):
        value = Decimal(str(value))
    return lambda _row: value


def _coded(get: Compiled, codes: dict[str, object]) -> Compiled:
    def run(row: Row) -> object:
        value = get(row)
        if value is None:
            return codes.get("")
        text = as_text(value)
        if text not in codes:
            raise RowRejected("code", value=text, known=", ".join(codes))
        return codes[text]

    return run


def stage(mapping: mappings.Mapping, columns: Columns, folder: Path, say: Callable[[str, dict], None]) -> Found:
    """Write ``b<number>.parquet`` per block and ``bad_key.parquet`` into the folder; raises MappingInvalid when expressions and files do not fit."""
    found = Found()
    headers, problems = {}, []
    used = {block.source for block in mapping.blocks} | {join.source for block in mapping.blocks for join in block.joins.values()}
    for name in used:
        try:
            mapping.sources[name] = found_out(mapping.sources[name], found)
            headers[name] = header_of(mapping.sources[name])
        except MappingInvalid as invalid:
            problems += invalid.problems
    if problems:
        raise MappingInvalid(problems)
    targets: dict[str, list[Target | NoteTarget]] = {}
    by_number: dict[int, Target] = {}
    for block in mapping.blocks:
        source = mapping.sources[block.source]
        if block.notes_of is not None or block.gone_of is not None:
            continue
        names = headers[block.source]
        compiler = Compiler([*names, PART] if block.each else names, source, over_joined(mapping, block, headers, found))
        try:
            by_number[block.number] = Target(block, columns[block.table], compiler, source, folder)
            targets.setdefault(block.source, []).append(by_number[block.number])
        except ExpressionError as unclear:
            where = f"tables[{block.number + 1}] ({block.table})"
            problems.append(Problem(mapping.file.name, 0, where, unclear.code, unclear.values))
    if problems:
        raise MappingInvalid(problems)
    for block in mapping.blocks:
        if block.notes_of is not None:
            clients = (target for target in by_number.values() if target.block.table == "account" and target.block.source == block.source)
            targets[block.source].append(NoteTarget(block, next(clients), by_number[block.notes_of]))
    bad: list[tuple[str, str, str, int]] = []
    for name, fed in targets.items():
        _fill(mapping.sources[name], fed, found, bad, say)
        found.kinds |= {target.block.number: target.kinds for target in fed}
    if bad:
        columns_of_bad = dict(zip(BAD_KEY, map(list, zip(*bad, strict=True)), strict=True))
        pq.write_table(pa.table(columns_of_bad), folder / "bad_key.parquet")
    return found


def _fill(source: Source, fed: Sequence[Target | NoteTarget], found: Found, bad: list[tuple[str, str, str, int]], say: Callable) -> None:
    file = source.path.name

    def refuse(problem: Problem, values: list[object] | None = None) -> None:
        found.refused.append(problem)
        for target in fed:
            with suppress(RowRejected, IndexError):
                if isinstance(target, Target):
                    # Its cells may have moved: a key that is read from them may be another row's.
                    bad.append((target.block.table, UNTOLD, file, problem.line))
                    if values and target.key and (key := target.key_of(values)) is not None:
                        bad.append((target.block.table, key, file, problem.line))

    n = 0
    for n, (line, row) in enumerate(rows_of(source, refuse, found.note), 1):
        for target in fed:
            for key, problems in target.take_all(n, line, row):
                if problems:
                    # One value that is wrong is told once, however many tables it feeds.
                    found.refused += [p for p in problems if p not in found.refused[-20:]]
                    bad.append((target.block.table, UNTOLD if key is None else key, file, line))
        if n % ROWS_PER_PIECE == 0:
            for target in fed:
                target.flush()
            say("reading", {"file": file, "rows": n})
    found.rows[source.name] = n
    for target in fed:
        target.close()
        # One row may feed several tables with the same value.
        found.noted += [problem for problem in target.noted if problem not in found.noted[-50:]]
