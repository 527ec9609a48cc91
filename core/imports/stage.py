"""Read every file once, row by row, into a Parquet file per block of the mapping, in pieces."""

from __future__ import annotations

import ast
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.imports import attachments
from core.imports.expressions import Compiled, Compiler, ExpressionError, Row
from core.imports.mapping import Block, Join, Mapping, Rule, Source
from core.imports.parsing import Noted, as_text
from core.imports.problems import MappingInvalid, Problem, RowRejected
from core.imports.readers import ROWS_PER_PIECE, header_of, rows_of
from core.imports.row_rules import NOTES, WHOLE
from core.imports.value_rules import converter

SEPARATOR = "\x1f"
Columns = dict[str, dict[str, tuple[str, bool]]]
# By key what the rows of a joined file add up to, and the line of a row that cannot be added.
Sums = tuple[dict[tuple[str | None, ...], Decimal], dict[tuple[str | None, ...], int]]
ARROW = {
    "VARCHAR": pa.string(), "BIGINT": pa.int64(), "INTEGER": pa.int32(), "BOOLEAN": pa.bool_(), "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"), "UTINYINT": pa.uint8(),
}  # fmt: skip
# Keys of refused rows, so that rows that refer to them can say so.
BAD_KEY = {"table_name": "VARCHAR", "source_key": "VARCHAR", "file": "VARCHAR", "line": "INTEGER"}
FILE_COLUMNS = {
    "document": {"source_path": "VARCHAR", "ending": "VARCHAR", "sha256": "VARCHAR", "size_bytes": "BIGINT"},
    "photo": {"source_path": "VARCHAR", "ending": "VARCHAR", "sha256": "VARCHAR"},
}


@dataclass
class Found:
    """Problems and column types found by reading the files."""

    refused: list[Problem] = field(default_factory=list)
    mended: list[Problem] = field(default_factory=list)
    noted: list[Problem] = field(default_factory=list)
    kinds: dict[int, dict[str, str]] = field(default_factory=dict)


def arrow_type(kind: str) -> pa.DataType:
    """Return the Arrow type of a column type of the store."""
    if kind.startswith("DECIMAL"):
        return pa.decimal128(*(int(part) for part in kind[8:-1].split(",")))
    return ARROW[kind]


class Target:
    """Write one block's ``b<number>.parquet``, a row for each row of the source that is valid and wanted."""

    def __init__(self, block: Block, columns: dict[str, tuple[str, bool]], compiler: Compiler, source: Source, folder: Path) -> None:
        self.block, self.source, self.folder = block, source, folder
        self.key = [compiler.compile(text) for text in block.key]
        self.when = compiler.compile(block.when) if block.when else None
        self.kinds: dict[str, str] = {"n": "BIGINT", "line": "INTEGER", "source_key": "VARCHAR"}
        self.steps: list[tuple[str, Compiled, Callable | None, bool, Rule]] = []
        for rule in block.rules:
            kind, needed = columns[rule.column]
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
        self.rows: list[list[object]] = []
        self.noted: list[Problem] = []
        rule_of_row = WHOLE.get(block.table)
        self.whole = rule_of_row[0] if rule_of_row else None
        self.deciding = rule_of_row[1] if rule_of_row else frozenset[str]()
        self.names = list(self.kinds)
        self.places = {rule.column: _place(rule) for rule in block.rules}
        self._writer: pq.ParquetWriter | None = None

    def key_of(self, row: list[object]) -> str | None:
        """Return the row's key as text, or None when a part of it is missing."""
        texts = [as_text(part(row)) for part in self.key]
        parts = [text for text in texts if text is not None]
        return SEPARATOR.join(parts) if len(parts) == len(texts) else None

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
                value = get(row)
                if rule.is_file:
                    kept += self._file(rule, value)
                    continue
                value = convert(value) if convert else value
                if type(value) is Noted:
                    noted.append(Problem(name, line, _place(rule), value.code, value.values))
                    value = value.value
            except RowRejected as refused:
                problems.append(Problem(name, line, _place(rule), refused.code, refused.values))
                failed.add(rule.column)
                kept += [None] * (len(self._file_columns()) if rule.is_file else 1)
                continue
            # A missing key is told as such.
            if value is None and needed and not (key is None and rule.expression in self.block.key):
                problems.append(Problem(name, line, _place(rule), "value_missing", {"field": rule.column}))
                failed.add(rule.column)
            kept.append(value)
        if self.whole and not failed & self.deciding:
            values = dict(zip(self.names, kept, strict=True))
            for column, code, told in self.whole(values):
                where = noted if code in NOTES else problems
                where.append(Problem(name, line, self.places.get(column, column), code, told))
            kept = list(values.values())
        if not problems:
            self.rows.append(kept)
            self.noted += noted
        return key, problems

    def _file(self, rule: Rule, value: object) -> list[object]:
        if value is None and self.block.table == "photo":
            raise RowRejected("value_missing", field=rule.column)
        path, told = as_text(value), None
        if path is not None and rule.folder is not None:
            told = attachments.describe(self.block.table, rule.folder, path, self.folder)
        wanted = {"source_path": "path"} | {c: c for c in ("ending", "sha256", "size_bytes", "media_type")}
        return [None if told is None else getattr(told, wanted[column]) for column in self._file_columns()]

    def _file_columns(self) -> list[str]:
        return [*FILE_COLUMNS[self.block.table], *(["media_type"] if self._tells_type() else [])]

    def _tells_type(self) -> bool:
        return self.block.table == "document" and "media_type" not in {r.column for r in self.block.rules}

    def flush(self) -> None:
        """Write the rows collected so far into the block's file."""
        if not self.rows:
            return
        values = zip(*self.rows, strict=True)
        arrays = [pa.array(list(column), arrow_type(kind)) for column, kind in zip(values, self.kinds.values(), strict=True)]
        piece = pa.table(arrays, names=self.names)
        if self._writer is None:
            self._writer = pq.ParquetWriter(self.folder / f"b{self.block.number}.parquet", piece.schema)
        self._writer.write_table(piece)
        self.rows.clear()

    def close(self) -> None:
        """Write the last rows and close the file."""
        self.flush()
        if self._writer is not None:
            self._writer.close()


def _place(rule: Rule) -> str:
    return rule.column if rule.expression in (None, rule.column) else f"{rule.column} ← {rule.expression}"


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


def stage(mapping: Mapping, columns: Columns, folder: Path, say: Callable[[str, dict], None]) -> Found:
    """Write ``b<number>.parquet`` per block and ``bad_key.parquet`` into the folder; raises MappingInvalid when expressions and files do not fit."""
    found = Found()
    headers, problems = {}, []
    used = {block.source for block in mapping.blocks} | {join.source for block in mapping.blocks for join in block.joins.values()}
    for name in used:
        try:
            headers[name] = header_of(mapping.sources[name])
        except MappingInvalid as invalid:
            problems += invalid.problems
    if problems:
        raise MappingInvalid(problems)
    targets: dict[str, list[Target]] = {}
    for block in mapping.blocks:
        source = mapping.sources[block.source]
        compiler = Compiler(headers[block.source], source, _joins(mapping, block, headers, found))
        try:
            targets.setdefault(block.source, []).append(Target(block, columns[block.table], compiler, source, folder))
        except ExpressionError as unclear:
            where = f"tables[{block.number + 1}] ({block.table})"
            problems.append(Problem(mapping.file.name, 0, where, unclear.code, unclear.values))
    if problems:
        raise MappingInvalid(problems)
    bad: list[tuple[str, str, str, int]] = []
    for name, fed in targets.items():
        _fill(mapping.sources[name], fed, found, bad, say)
        found.kinds |= {target.block.number: target.kinds for target in fed}
    if bad:
        columns_of_bad = dict(zip(BAD_KEY, map(list, zip(*bad, strict=True)), strict=True))
        pq.write_table(pa.table(columns_of_bad), folder / "bad_key.parquet")
    return found


def _fill(source: Source, fed: list[Target], found: Found, bad: list[tuple[str, str, str, int]], say: Callable) -> None:
    file = source.path.name

    def refuse(problem: Problem, values: list[object] | None = None) -> None:
        found.refused.append(problem)
        for target in fed:
            with suppress(RowRejected, IndexError):
                if values and target.key and (key := target.key_of(values)) is not None:
                    bad.append((target.block.table, key, file, problem.line))

    for n, (line, row) in enumerate(rows_of(source, refuse, found.mended.append), 1):
        for target in fed:
            key, problems = target.take(n, line, row)
            if problems:
                # One value that is wrong is told once, however many tables it feeds.
                found.refused += [p for p in problems if p not in found.refused[-20:]]
                if key is not None:
                    bad.append((target.block.table, key, file, line))
        if n % ROWS_PER_PIECE == 0:
            for target in fed:
                target.flush()
            say("reading", {"file": file, "rows": n})
    for target in fed:
        target.close()
        # One row may feed several tables with the same value.
        found.noted += [problem for problem in target.noted if problem not in found.noted[-50:]]


def _joins(mapping: Mapping, block: Block, headers: dict[str, list[str]], found: Found) -> Callable:
    own = Compiler(headers[block.source], mapping.sources[block.source])

    def joined(name: str, inner: ast.expr | None) -> Compiled:
        if name not in block.joins:
            raise ExpressionError("join_unknown", name=name, known=", ".join(block.joins))
        join = block.joins[name]
        sums, bad = _sums(join, mapping.sources[join.source], headers[join.source], inner, found)
        keys = [own.compile(column) for column in join.on]

        def run(row: Row) -> Decimal:
            key = tuple(as_text(part(row)) for part in keys)
            if key in bad:
                raise RowRejected("depends", file=mapping.sources[join.source].path.name, line=bad[key])
            return sums.get(key, Decimal(0))

        return run

    return joined


def _sums(join: Join, source: Source, header: list[str], inner: ast.expr | None, found: Found) -> Sums:
    compiler = Compiler(header, source)
    keys = [compiler.compile(column) for column in join.on.values()]
    term = compiler.build(inner) if inner is not None else _fixed(Decimal(1))
    sums: dict[tuple[str | None, ...], Decimal] = {}
    bad: dict[tuple[str | None, ...], int] = {}
    for line, row in rows_of(source, _once(found.refused), _once(found.mended)):
        key = tuple(as_text(part(row)) for part in keys)
        try:
            value = compiler._number(term(row))
        except RowRejected as refused:
            bad[key] = line
            _once(found.refused)(Problem(source.path.name, line, "", refused.code, refused.values))
            continue
        if value is not None:
            sums[key] = sums.get(key, Decimal(0)) + value
    return sums, bad


def _once(problems: list[Problem]) -> Callable[..., None]:
    def add(problem: Problem, _: object = None) -> None:
        if problem not in problems:
            problems.append(problem)

    return add
