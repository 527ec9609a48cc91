"""Read and check a mapping in TOML: which file feeds which table, which column which field."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.imports.problems import MappingInvalid, Problem
from core.store.tables import TABLES

FORMATS = {".csv": "csv", ".txt": "csv", ".tsv": "csv", ".xlsx": "excel", ".xls": "excel", ".ods": "excel", ".parquet": "parquet"}
# Tables the store fills itself, or signing in does.
NO_TARGET = frozenset(
    [
        "account_figure", "account_habit", "overview_card", "search_word", "search_text", "search_contact", "session", "one_time_link", "second_factor", "recovery_code", "known_browser",
        "provider_person", "audit_entry", "import_run", "import_key", "import_shape", "import_word", "notification",
        "cohort", "cohort_account", "saved_query", "turn_set_aside",
    ]
)  # fmt: skip
DERIVED = {
    "firm": {"is_sample", "second_factor_roles", "form_for_team", "logo", "first_steps_put_away", "opening_hours", "holiday_land"},
    "account": {"state", "photo_id"},
    "invoice": {"paid_amount"},
    "recent_account": {"before_at"},
    "chat": {"last_message", "last_message_at", "last_is_from_client", "last_by_name"},
    "document": {"size_bytes", "sha256"},
    "photo": {"sha256"},
}
WITH_FILE = {"document": "file", "photo": "file"}
# Rules for a field that was changed both in the file and here.
CONFLICTS = ("ask", "ours", "theirs")
# Fields that give access: the file wins a conflict about them only where ``theirs`` names them, never by a rule for the whole table.
GRANTS = {
    "email_access": {"login", "email_sync", "notify", "signatory"},
    "staff_member": {"role", "is_active", "email"},
    "contact_email": {"contact_id", "email"},
}


@dataclass(frozen=True)
class Source:
    """One file and its format."""

    name: str
    path: Path
    format: str = "csv"
    encoding: str = "utf-8-sig"
    delimiter: str = ","
    quote: str = '"'
    null: frozenset[str] = frozenset()
    decimal: str = "."
    date: str | None = None
    moment: str | None = None
    zone: ZoneInfo = ZoneInfo("Europe/Berlin")
    sheet: str | None = None
    surplus: str = "refuse"
    surplus_column: str | None = None


@dataclass(frozen=True)
class Rule:
    """The origin of one field's value: an expression or a fixed value, a row of another table, or a file."""

    column: str
    expression: str | None = None
    value: object = None
    codes: dict[str, object] | None = None
    of: str | None = None
    by: str | None = None
    folder: Path | None = None

    @property
    def is_file(self) -> bool:
        """Return whether the field holds a file, found in ``folder``."""
        return self.folder is not None


@dataclass(frozen=True)
class Join:
    """A second file whose rows belong to a row of the first: ``on`` maps a column of the first to one of the second."""

    name: str
    source: str
    on: dict[str, str]


@dataclass(frozen=True)
class Block:
    """One table fed from one file."""

    number: int
    table: str
    source: str
    rules: tuple[Rule, ...]
    key: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    when: str | None = None
    distinct: bool = False
    joins: dict[str, Join] = field(default_factory=dict)
    conflict: str = "ask"
    theirs: frozenset[str] = frozenset()

    @property
    def references(self) -> list[tuple[Rule, str]]:
        """Return the rules that refer to a row of another table, each with that table."""
        return [(rule, rule.of) for rule in self.rules if rule.of]

    def rule_for(self, column: str) -> str:
        """Return the rule for a field that both the file and somebody here changed: ask, ours or theirs."""
        if column in self.theirs:
            return "theirs"
        return "ask" if self.conflict == "theirs" and column in GRANTS.get(self.table, ()) else self.conflict


@dataclass(frozen=True)
class Mapping:
    """A mapping as read from ``file``."""

    file: Path
    name: str
    sources: dict[str, Source]
    blocks: tuple[Block, ...]


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
    reading.known("", values, {"name", "time_zone", "files", "tables"})
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
    if reading.problems:
        raise MappingInvalid(reading.problems)
    return Mapping(file, str(values.get("name") or file.stem), sources, tuple(blocks))


def _source(reading: _Reading, name: str, values: dict, zone: ZoneInfo) -> Source:
    where = f"files.{name}"
    reading.known(
        where, values, {"path", "format", "encoding", "delimiter", "quote", "null", "decimal", "date", "moment", "sheet", "surplus"}
    )
    path = reading.file.parent / str(values.get("path", ""))
    if not values.get("path") or not path.is_file():
        reading.wrong(f"{where}.path", "file_missing_named", path=values.get("path", ""))
    kind = reading.text(where, values, "format", FORMATS.get(path.suffix.lower(), "csv"), ("csv", "excel", "parquet"))
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
    date = reading.maybe_text(where, values, "date")
    return Source(
        name, path, kind, "utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding, delimiter[:1] or ",", quote[:1] or '"',
        frozenset(reading.texts(where, values, "null")), reading.text(where, values, "decimal", ".", (".", ",")),
        date, reading.maybe_text(where, values, "moment", date), zone,
        reading.maybe_text(where, values, "sheet"), surplus if surplus in ("mend", "refuse") else "refuse", column,
    )  # fmt: skip


def _block(reading: _Reading, number: int, values: dict, sources: dict[str, Source], columns: dict[str, dict[str, bool]]) -> Block:
    table, where = str(values.get("table", "")), f"tables[{number + 1}]"
    reading.known(where, values, {"table", "file", "key", "match", "when", "distinct", "fields", "join", "conflict", "theirs"})
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
    tells_account = any(rule.of and "account_id" in columns[rule.of] for rule in rules)
    found_out = {*fields, "created_at", *(["account_id"] if tells_account else [])}
    for column, needed in columns[table].items():
        if needed and column in allowed - found_out:
            reading.wrong(f"{where}.fields.{column}", "needed")
    key, match = reading.texts(where, values, "key"), reading.texts(where, values, "match")
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
        reading.maybe_text(where, values, "when"),
        bool(distinct),
        joins,
        conflict,
        frozenset(theirs),
    )


def _joins(reading: _Reading, where: str, values: dict[str, Any], sources: dict[str, Source]) -> dict[str, Join]:
    joins = {}
    for name, join in values.items():
        on = join.get("on") if isinstance(join, dict) else None
        if not isinstance(on, dict) or not on or join.get("file") not in sources:
            reading.wrong(f"{where}.join.{name}", "expected", value="", expected='{ file = "…", on = { … = "…" } }')
            continue
        joins[name] = Join(name, join["file"], {str(own): str(theirs) for own, theirs in on.items()})
    return joins


def fillable(table: str, columns: Iterable[str]) -> set[str]:
    """Return the columns of a table that an import may fill."""
    spec = TABLES[table]
    return set(columns) - DERIVED.get(table, set()) - spec.secret - {"version"} - (set(spec.key) if spec.has_id else set())


def _rule(reading: _Reading, where: str, table: str, column: str, value: Any) -> Rule:
    reference = TABLES[table].references.get(column)
    if isinstance(value, str):
        value = {"from": value}
    if not isinstance(value, dict):
        value = {"value": value}
    reading.known(where, value, {"from", "value", "codes", "of", "by", "folder"})
    if ("from" in value) == ("value" in value):
        reading.wrong(where, "expected", value="", expected='"…" | { from = "…" } | { value = … }')
    expression = reading.maybe_text(where, value, "from")
    if reference:
        of = reading.text(where, value, "of", reference, (reference,))
        return Rule(column, expression, value.get("value"), value.get("codes"), of or reference, reading.maybe_text(where, value, "by"))
    if WITH_FILE.get(table) == column:
        return Rule(column, expression, value.get("value"), None, folder=reading.file.parent / str(value.get("folder", ".")))
    return Rule(column, expression, value.get("value"), value.get("codes"))
