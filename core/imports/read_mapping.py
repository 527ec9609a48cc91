"""Read a mapping from TOML, and collect every problem of it instead of stopping at the first."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.imports.gone_rules import GONE_KEYS, gone_blocks, gone_of
from core.imports.mapping import (
    CONFLICTS,
    EMPTY,
    FIELD,
    FINDABLE,
    FORMATS,
    FOUND,
    IS_THE_ROW,
    MAX_HEADER_ROW,
    NO_TARGET,
    NOW,
    ON_BAD,
    RUNNING,
    WITH_FILE,
    Block,
    Join,
    Mapping,
    Rule,
    Source,
    fillable,
)
from core.imports.problems import MappingInvalid, Problem
from core.imports.run_times import is_clock_time
from core.store.tables import TABLES

# Formats whose columns have their names from elsewhere than a row.
WITHOUT_LINES = ("parquet", "vcard")


class _Reading:
    """Collects every problem of a mapping instead of stopping at the first."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.problems: list[Problem] = []

    def wrong(self, key: str, code: str, **values: object) -> None:
        self.problems.append(Problem(self.file.name, 0, key, code, values))

    def known(self, where: str, values: dict, allowed: set[str]) -> None:
        for key in values.keys() - allowed:
            self.wrong(f"{where}.{key}", "key_unknown", known=", ".join(sorted(allowed)))

    def among(self, where: str, names: Iterable[str], allowed: set[str]) -> None:
        """Add a problem for every name that is not allowed."""
        for name in names:
            if name not in allowed:
                self.wrong(where, "expected", value=name, expected=" | ".join(sorted(allowed)))

    def text(self, where: str, values: dict[str, Any], key: str, default: str, among: tuple[str, ...] = ()) -> str:
        """Return a text of the mapping, or ``default`` where there is none; add a problem where ``among`` does not allow it."""
        found = self.maybe_text(where, values, key, default, among)
        return default if found is None else found

    def maybe_text(
        self, where: str, values: dict[str, Any], key: str, default: str | None = None, among: tuple[str, ...] = ()
    ) -> str | None:  # fmt: skip
        """Return a text of the mapping, as ``text`` does, or None."""
        value = values.get(key, default)
        if value is not default and (not isinstance(value, str) or (among and value not in among)):
            self.wrong(f"{where}.{key}", "expected", value=value, expected=" | ".join(among) or '"…"')
            return default
        return value

    def texts(self, where: str, values: dict, key: str) -> tuple[str, ...]:
        value = values.get(key, [])
        value = [value] if isinstance(value, str) else value
        if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
            self.wrong(f"{where}.{key}", "expected", value=value, expected='["…"]')
            return ()
        return tuple(value)


def read_mapping(file: Path, columns: dict[str, dict[str, bool]]) -> Mapping:
    """Read and check a mapping; ``columns`` holds per table its columns and whether each must be given.

    Raises MappingInvalid with every problem found.
    """
    reading = _Reading(file)
    try:
        values = tomllib.loads(file.read_text("utf-8"))
    except OSError:
        raise MappingInvalid([Problem(str(file), 0, "", "file_missing")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise MappingInvalid([Problem(file.name, 0, "", "toml", {"reason": str(problem)})]) from None
    reading.known("", values, {"name", "time_zone", "files", "tables", "notes_by", "refused_at_most", "at"})
    zone = ZoneInfo("Europe/Berlin")
    try:
        zone = ZoneInfo(str(values.get("time_zone", "Europe/Berlin")))
    except (ZoneInfoNotFoundError, ValueError):
        reading.wrong("time_zone", "expected", value=values["time_zone"], expected="Europe/Berlin")
    files, tables = values.get("files", {}), values.get("tables", [])
    if not isinstance(files, dict) or not files:
        reading.wrong("files", "expected", value="", expected="[files.…]")
        files = {}
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        reading.wrong("tables", "expected", value="", expected="[[tables]]")
        tables = []
    sources = {name: _source(reading, name, source, zone) for name, source in files.items() if isinstance(source, dict)}
    blocks = [_block(reading, number, table, sources, columns) for number, table in enumerate(tables)]
    blocks += _notes(reading, blocks, reading.maybe_text("", values, "notes_by"))
    at_most = values.get("refused_at_most", 0)
    if type(at_most) is not int or at_most < 0:
        reading.wrong("refused_at_most", "expected", value=at_most, expected="0")
        at_most = 0
    blocks += gone_blocks(reading, blocks, columns)
    for text in reading.texts("", values, "at"):
        if not is_clock_time(text):
            reading.wrong("at", "expected", value=text, expected='["06:00", "12:30"]')
    if reading.problems:
        raise MappingInvalid(reading.problems)
    return Mapping(file, str(values.get("name") or file.stem), sources, tuple(blocks), at_most)


def _notes(reading: _Reading, blocks: list[Block], author: str | None) -> list[Block]:
    """Return a block of notes for each block with a value that is kept in one: of the client the same row brings, by ``notes_by``."""
    found: list[Block] = []
    for block in blocks:
        if not any(rule.on_bad == "note" for rule in block.rules):
            continue
        where = f"tables[{block.number + 1}] ({block.table})"
        client = next((other for other in blocks if other.table == "account" and other.source == block.source and not other.each), None)
        if client is None:
            reading.wrong(where, "note_without_client")
        elif author is None:
            reading.wrong("notes_by", "expected", value="", expected='"eva@kanzlei.de"')
        else:
            rules = (
                Rule("account_id", of="account"), Rule("staff_member_id", value=author, of="staff_member", by="email"), Rule("text"),
                Rule("saved_at", next=NOW),
            )  # fmt: skip
            key = (*client.key, f"'{block.table}'", *block.key)
            found.append(Block(len(blocks) + len(found), "note", block.source, rules, key, distinct=True, notes_of=block.number))
    return found


def _source(reading: _Reading, name: str, values: dict, zone: ZoneInfo) -> Source:
    where = f"files.{name}"
    reading.known(
        where,
        values,
        {
            "path",
            "format",
            "encoding",
            "delimiter",
            "quote",
            "null",
            "decimal",
            "date",
            "moment",
            "sheet",
            "surplus",
            "header",
            "columns_by",
            "footer",
            "own",
        },
    )
    found = frozenset(key for key in FINDABLE if values.get(key) == FOUND)
    values = {key: value for key, value in values.items() if key not in found}
    path = reading.file.parent / str(values.get("path", ""))
    if not values.get("path") or not path.is_file():
        reading.wrong(f"{where}.path", "file_missing_named", path=values.get("path", ""))
    kind = reading.text(where, values, "format", FORMATS.get(path.suffix.lower(), "csv"), ("csv", "excel", "parquet", "vcard"))
    encoding = reading.text(where, values, "encoding", "utf-8-sig")
    try:
        "".encode(encoding)
    except LookupError:
        reading.wrong(f"{where}.encoding", "expected", value=encoding, expected="utf-8 | cp1252 | iso-8859-15")
    surplus: Any = values.get("surplus", "refuse")
    column: str | None = None
    if isinstance(surplus, dict) and set(surplus) == {"mend"} and isinstance(surplus["mend"], str):
        surplus, column = "mend", surplus["mend"]
    elif surplus != "refuse":
        reading.wrong(f"{where}.surplus", "expected", value=surplus, expected='"refuse" | { mend = "…" }')
    delimiter, quote = reading.text(where, values, "delimiter", ","), reading.text(where, values, "quote", '"')
    for key, mark in (("delimiter", delimiter), ("quote", quote)):
        if len(mark) != 1:
            reading.wrong(f"{where}.{key}", "expected", value=mark, expected='";"')
    header = values.get("header", 1)
    if type(header) is not int or not 1 <= header <= (1 if kind in WITHOUT_LINES else MAX_HEADER_ROW):
        reading.wrong(f"{where}.header", "expected", value=header, expected="1" if kind in WITHOUT_LINES else f"1 … {MAX_HEADER_ROW}")
        header = 1
    own = values.get("own", False)
    if not isinstance(own, bool) or (own and kind not in ("csv", "parquet")):
        reading.wrong(f"{where}.own", "expected", value=own, expected="true | false (csv, parquet)")
    date = reading.maybe_text(where, values, "date")
    return Source(
        name, path, kind, "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding, delimiter[:1] or ",", quote[:1] or '"',
        frozenset(reading.texts(where, values, "null")), reading.text(where, values, "decimal", ".", (".", ",")),
        date, reading.maybe_text(where, values, "moment", date), zone,
        reading.maybe_text(where, values, "sheet"), surplus if surplus in ("mend", "refuse") else "refuse", column,
        header, reading.text(where, values, "columns_by", "name", ("name", "place")), reading.texts(where, values, "footer"),
        found, own is True,
    )  # fmt: skip


def _block(reading: _Reading, number: int, values: dict, sources: dict[str, Source], columns: dict[str, dict[str, bool]]) -> Block:
    table, where = str(values.get("table", "")), f"tables[{number + 1}]"
    reading.known(
        where, values, {"table", "file", "key", "match", "when", "distinct", "fields", "join", "conflict", "theirs", "each", *GONE_KEYS}
    )
    source = str(values.get("file", ""))
    if source not in sources:
        reading.wrong(f"{where}.file", "expected", value=source, expected=" | ".join(sources))
    targets = sorted(TABLES.keys() - NO_TARGET)
    if table not in targets:
        reading.wrong(f"{where}.table", "expected", value=table, expected=" | ".join(targets))
        return Block(number, "", source, ())
    spec, where = TABLES[table], f"tables[{number + 1}] ({table})"
    fields = values.get("fields", {})
    if not isinstance(fields, dict) or not fields:
        reading.wrong(f"{where}.fields", "expected", value="", expected="[tables.fields]")
        fields = {}
    allowed = fillable(table, columns[table])
    reading.known(f"{where}.fields", fields, allowed)
    rules = tuple(_rule(reading, f"{where}.fields.{c}", table, c, v) for c, v in fields.items() if c in allowed)
    for rule in rules:
        is_needed = bool(columns[table][rule.column] or rule.of or rule.is_file)
        if rule.on_bad != "refuse" and is_needed and rule.on_bad not in IS_THE_ROW.get((table, rule.column), ()):
            reading.wrong(f"{where}.fields.{rule.column}.on_bad", "not_left")
    tells_account = any(rule.of and "account_id" in columns[rule.of] for rule in rules)
    found_out = {*fields, "created_at", *(["account_id"] if tells_account else [])}
    for column, needed in columns[table].items():
        if needed and column in allowed - found_out:
            reading.wrong(f"{where}.fields.{column}", "needed")
    key, (match, match_by) = reading.texts(where, values, "key"), _match(reading, where, table, values)
    if spec.is_keyed and not key:
        reading.wrong(f"{where}.key", "expected", value="", expected='["…"]')
    reading.among(f"{where}.match", match, {rule.column for rule in rules if not rule.of and not rule.is_file})
    joins = _joins(reading, where, values.get("join") or {}, sources)
    distinct = values.get("distinct", False)
    if not isinstance(distinct, bool):
        reading.wrong(f"{where}.distinct", "expected", value=distinct, expected="true | false")
    conflict = reading.text(where, values, "conflict", "ask", CONFLICTS)
    theirs = reading.texts(where, values, "theirs")
    reading.among(f"{where}.theirs", theirs, set(fields))
    return Block(
        number,
        table,
        source,
        rules,
        key,
        match,
        match_by,
        reading.maybe_text(where, values, "when"),
        bool(distinct),
        joins,
        conflict,
        frozenset(theirs),
        reading.maybe_text(where, values, "each"),
        **gone_of(reading, where, table, values, rules),
    )


def _match(reading: _Reading, where: str, table: str, values: dict[str, Any]) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return the fields by which rows meet records, and what else they meet them by, each with its expression."""
    given = values.get("match", [])
    if not isinstance(given, dict):
        return reading.texts(where, values, "match"), ()
    for what, expression in given.items():
        known = what == "email" if table == "contact" else False
        if not known and not (table in ("account", "contact") and what.startswith(FIELD)):
            expected = " | ".join(['["…"]', *(['email = "…"'] if table == "contact" else []), '"field:…" = "…"'])
            reading.wrong(f"{where}.match", "expected", value=what, expected=expected)
        elif not isinstance(expression, str):
            reading.wrong(f"{where}.match.{what}", "expected", value=expression, expected='"…"')
    return (), tuple((what, expression) for what, expression in given.items() if isinstance(expression, str))


def _joins(reading: _Reading, where: str, values: dict[str, Any], sources: dict[str, Source]) -> dict[str, Join]:
    joins = {}
    for name, join in values.items():
        on = join.get("on") if isinstance(join, dict) else None
        if not isinstance(on, dict) or not on or join.get("file") not in sources:
            reading.wrong(f"{where}.join.{name}", "expected", value="", expected='{ file = "…", on = { … = "…" } }')
            continue
        joins[name] = Join(name, join["file"], {str(own): str(theirs) for own, theirs in on.items()})
    return joins


def _running(reading: _Reading, where: str, table: str, column: str, value: dict[str, Any]) -> Rule:
    """Return the rule of a client's running number."""
    pattern = reading.text(where, value, "next", "")
    if (table, column) != ("account", "number") or not RUNNING.fullmatch(pattern) or len(value) > 1:
        reading.wrong(f"{where}.next", "expected", value=pattern, expected='account.number = { next = "K{:05}" }')
    return Rule(column, next=pattern)


def _first_of(columns: tuple[str, ...]) -> str:
    """Return the expression for the first of these columns that the file has."""
    return f"column({', '.join(map(repr, columns))})"


def _rule(reading: _Reading, where: str, table: str, column: str, value: Any) -> Rule:
    reference = TABLES[table].references.get(column)
    if isinstance(value, str):
        value = {"from": value}
    if not isinstance(value, dict):
        value = {"value": value}
    reading.known(where, value, {"from", "value", "codes", "of", "by", "folder", "sha256", "on_bad", "next", "empty"})
    if "next" in value:
        return _running(reading, where, table, column, value)
    on_bad = reading.text(where, value, "on_bad", "refuse", ON_BAD)
    is_silent = reading.text(where, value, "empty", EMPTY[0], EMPTY) == "says_nothing"
    if is_silent and (TABLES[table].one_field or column in TABLES[table].unique or WITH_FILE.get(table) == column):
        # A row that is its value, or named by it, is left out as a whole.
        reading.wrong(f"{where}.empty", "expected", value="says_nothing", expected='when = "…"')
    if isinstance(value.get("from"), list):
        value = value | {"from": _first_of(reading.texts(where, value, "from"))}
    if ("from" in value) == ("value" in value):
        reading.wrong(where, "expected", value="", expected='"…" | { from = "…" } | { value = … }')
    expression = reading.maybe_text(where, value, "from")
    if reference:
        of = reading.text(where, value, "of", reference, (reference,))
        by = reading.maybe_text(where, value, "by")
        if by is not None and by.startswith(FIELD) and reference not in ("account", "contact"):
            reading.wrong(f"{where}.by", "expected", value=by, expected=" | ".join(TABLES[reference].key))
        return Rule(column, expression, value.get("value"), value.get("codes"), of or reference, by, on_bad=on_bad, is_silent=is_silent)
    if WITH_FILE.get(table) == column:
        return Rule(
            column, expression, value.get("value"), None, folder=reading.file.parent / str(value.get("folder", ".")),
            sha256=reading.maybe_text(where, value, "sha256"), on_bad=on_bad,
        )  # fmt: skip
    return Rule(column, expression, value.get("value"), value.get("codes"), on_bad=on_bad, is_silent=is_silent)
