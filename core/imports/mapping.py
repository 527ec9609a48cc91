"""Hold a mapping as it was read: which file feeds which table, which column which field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from core.store.tables import TABLES

FORMATS = {
    ".csv": "csv",
    ".txt": "csv",
    ".tsv": "csv",
    ".xlsx": "excel",
    ".xlsm": "excel",
    ".xls": "excel",
    ".ods": "excel",
    ".parquet": "parquet",
    ".vcf": "vcard",
}
# Tables the store fills itself, or signing in does.
NO_TARGET = frozenset(
    [
        "account_figure", "account_habit", "overview_card", "search_word", "search_text", "search_contact", "session", "one_time_link", "second_factor", "recovery_code", "known_browser",
        "provider_person", "audit_entry", "import_file", "import_job", "import_run", "import_feed", "import_key", "import_shape", "import_word", "mail_folder", "mail_thread", "notification",
        "cohort", "cohort_account", "document_opening", "saved_query", "turn_set_aside",
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
# Keys of a file that may be "found".
FOUND = "found"
FINDABLE = ("encoding", "delimiter", "quote", "sheet", "header", "footer", "decimal", "date")
# The head of a table is looked for no further down.
MAX_HEADER_ROW = 100
# Rules for a field that was changed both in the file and here.
CONFLICTS = ("ask", "ours", "theirs")
# Before the key of an own field that names a record.
FIELD = "field:"
# What becomes of a row when the value of a field is none.
ON_BAD = ("refuse", "leave", "note")
# Fields that are all there is to their row: a value that is none may be left out, and the row with it; most in no note.
IS_THE_ROW = {
    ("contact_email", "email"): ON_BAD,
    ("account_field_value", "value"): ON_BAD[:2],
    ("contact_field_value", "value"): ON_BAD[:2],
    ("assignment", "staff_member_id"): ON_BAD[:2],
}
# What an empty cell means for a record that is there.
EMPTY = ("clears", "says_nothing")
# The moment of the import, for a new record.
NOW = "now"
# K{:05}, what a running number looks like: text around its digits, and how many there are at least.
RUNNING = re.compile(r"([^{}]*)\{(?::0?([1-9]|1[0-2]))?\}([^{}]*)")
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
    # The row that names the columns, from 1; where columns go by their place, the first row of values.
    header: int = 1
    columns_by: str = "name"
    footer: tuple[str, ...] = ()
    # What is found out from the file instead of told by the mapping.
    found: frozenset[str] = frozenset()
    # Whether this program wrote the file, from its own store: values are kept as they stand there, an empty text beside no text at all.
    own: bool = False


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
    # The expression of the sha256 of a photo that is kept as it is: it was made safe before.
    sha256: str | None = None
    # What becomes of a row whose value is none: it is refused, or taken over without it (``leave``, or ``note``: kept in a note).
    on_bad: str = "refuse"
    # Whether an empty cell leaves what a record has, instead of clearing it.
    is_silent: bool = False
    # What a new record gets where the files have nothing: the pattern of a running number, or ``NOW``.
    next: str | None = None

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
    # What else a row meets a record by, with the expression of its value: ``email`` of a contact, ``field:key``.
    match_by: tuple[tuple[str, str], ...] = ()
    when: str | None = None
    distinct: bool = False
    joins: dict[str, Join] = field(default_factory=dict)
    conflict: str = "ask"
    theirs: frozenset[str] = frozenset()
    # A list that makes a row of each of its values, which ``part`` names.
    each: str | None = None
    # The number of the block whose left values this one, of notes, keeps.
    notes_of: int | None = None
    # What becomes of rows that the file no longer names, of how many percent at most, and whether only of clients it names.
    gone: str = "keep"
    gone_at_most: int = 100
    gone_within: bool = False
    # The day of the list: in ISO 8601, or ``file`` for the day its file was written; None where it has none.
    as_of: str | None = None
    # The number of the block whose missing rows this one, of no file, changes.
    gone_of: int | None = None

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
    # So many rows may be refused in a run that nobody watches; it takes over the others.
    refused_at_most: int = 0

    def is_own(self, block: Block) -> bool:
        """Return whether a block is fed from what this program wrote: what was taken in once stays."""
        return block.source in self.sources and self.sources[block.source].own


def fillable(table: str, columns: Iterable[str]) -> set[str]:
    """Return the columns of a table that an import may fill."""
    spec = TABLES[table]
    return set(columns) - DERIVED.get(table, set()) - spec.secret - {"version"} - (set(spec.key) if spec.has_id else set())
