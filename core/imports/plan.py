"""The plan of an import: the staged rows of a mapping as compared with the store, and the problems found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.imports.mapping import WITH_FILE, Block, Mapping
from core.imports.problems import Problem, Told
from core.imports.stage import SEPARATOR, Columns
from core.overview.invoice_status import HELD
from core.store.staging import STORE, Staging
from core.store.tables import TABLES

# Rows that one check refuses and that are told one by one; the others are counted.
MAX_REFUSED_TOLD = 10_000


@dataclass(frozen=True)
class LastRun:
    """Where the record ended when this mapping's last run was compared, and the moment its own entries bear."""

    compared_at: int
    made_at: datetime | None


class Plan:
    """The staged rows of one mapping, compared with the store as it is now.

    ``core.imports.resolve`` fills it: tables ``id_<table>`` (an object per key), ``r<block>`` (rows with their references), ``out_row``
    (rows that are left out) and ``w<block>`` (rows that stay, each new, changed or the same). The checks ask it and refuse rows.
    """

    def __init__(
        self, mapping: Mapping, columns: Columns, staging: Staging, skip_refused: bool, say: Callable[[str, dict], None],
        again: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:  # fmt: skip
        """Hold an empty plan; ``again`` names (table, key) of rows that were removed here and are wanted again."""
        self.again = again
        # Whether any number of rows may be gone at once, how many rows each file has, and per table how many rows go and what moved.
        self.accepts_gone, self.rows_of_files = False, dict[str, int]()
        self.taken_away: dict[str, int] = {}
        self.moved: dict[str, dict[str, object]] = {}
        self.made_again: set[tuple[str, str]] = set()
        self.mapping, self.columns, self.staging, self.skip, self.say = mapping, columns, staging, skip_refused, say
        self.name = mapping.name.replace("'", "''")
        self.by_table: dict[str, list[Block]] = {}
        self.take_blocks(generated=False)
        self.problems: list[Problem] = []
        # Differences between file and people's changes here: open ones, first meetings, those the mapping decides, rows removed here.
        self.conflicts, self.met, self.decided, self.away = Told(), Told(), Told(), Told()
        self.new_ids = self.kept = self.unlisted = 0
        # Mail left out, and values stored in another form than the files have: found when reading, and when comparing.
        self.aside, self.noted, self.noted_here = Told(), Told(), Told()
        self.before: LastRun | None = None
        self.shapes: dict[str, dict[int, frozenset[str]]] = {}
        self.kept_shapes: set[int] = set()
        # Tables with last words of their own; per table their fields, once asked for; blocks with outcomes in ``o<block>``.
        self.with_words: set[str] = set()
        self.here: dict[str, set[str]] = {}
        self.looked_at: set[int] = set()
        self.had_problems = False
        # Whether people decided open conflicts one by one: table ``decision`` (block, n, col, choice).
        self.has_decisions = False
        # The tables of the mapping, each after those its rows refer to.
        self.order: list[str] = []
        self._counts: dict[str, dict[str, int]] | None = None

    def take_blocks(self, generated: bool) -> None:
        """Fill ``by_table`` with the blocks that files feed, and with those of rows that are gone where ``generated``."""
        self.by_table.clear()
        for block in self.mapping.blocks:
            if generated or block.gone_of is None:
                self.by_table.setdefault(block.table, []).append(block)

    def begin(self, had_problems: bool) -> None:
        """Forget what an earlier comparison found; ``had_problems`` says whether reading the files refused rows."""
        self.take_blocks(generated=False)
        self.problems, self.new_ids, self.had_problems, self.unlisted = [], 0, had_problems, 0
        self.conflicts, self.met, self.decided, self.away, self.kept = Told(), Told(), Told(), Told(), 0
        self.aside, self.noted_here = Told(), Told()
        self.shapes, self.here, self.looked_at, self._counts = {}, {}, set(), None
        found = self.staging.run(f"SELECT table_name, shape, fields FROM {STORE}.import_shape WHERE mapping = '{self.name}' ORDER BY shape")
        for table, number, fields in found:
            self.shapes.setdefault(table, {})[number] = frozenset(fields.split())
        self.kept_shapes = {number for of in self.shapes.values() for number in of}

    def file_of(self, block: Block) -> str:
        """Return the name of the file a block is fed from."""
        return self.mapping.sources[block.source].path.name

    def refuse(
        self,
        block: Block,
        query: str,
        column: str,
        code: str,
        *names: str,
        even_lost: bool = False,
        lost: bool = False,
        about: dict[str, Any] | None = None,
    ) -> int:
        """Refuse the rows ``query`` yields (n, line, and one value per name); return how many there were.

        Args:
            block: Block of the rows.
            query: SELECT of the rows.
            column: Field the sentence names.
            code: Code of the sentence.
            *names: Names of its values, in the order of the query's further columns.
            even_lost: Also refuse rows that are out only because a row they refer to was refused.
            lost: Mark the rows as out for that reason only.
            about: Further values of the sentence, the same for every row.
        """
        out = f"SELECT n FROM out_row WHERE block = {block.number}{' AND NOT lost' if even_lost else ''}"
        found = f"SELECT * FROM ({query}) AS q WHERE n NOT IN ({out})"
        rows = self.staging.run(f"{found} ORDER BY n LIMIT {MAX_REFUSED_TOLD + 1}")
        more = 0
        if len(rows) > MAX_REFUSED_TOLD:
            # Where every row of a file is wrong in the same way, the first ones stand for all.
            more = self.staging.value(f"SELECT count(*) FROM ({found})") - len(rows)
            self.staging.run(f"INSERT INTO out_row SELECT {block.number}, n, TRUE, {lost} FROM ({found}) WHERE n > {rows[-1][0]}")
        for _, line, *values in rows:
            values = [value.replace(SEPARATOR, ", ") if isinstance(value, str) else value for value in values]
            self.problems.append(Problem(self.file_of(block), line, column, code, (about or {}) | dict(zip(names, values, strict=True))))
        self.drop(block, [n for n, *_ in rows], lost=lost)
        if more:
            self.unlisted += more
            self.problems.append(Problem(self.file_of(block), 0, column, "more_rows", {"n": more, "count": more}))
        return len(rows) + more

    def drop(self, block: Block, numbers: list[int], told: bool = True, lost: bool = False) -> None:
        """Leave these rows out; ``lost`` marks those out only because a row they refer to was refused: their values are still checked."""
        if numbers:
            self.staging.run(f"INSERT INTO out_row SELECT {block.number}, unnest($n), {told}, {lost}", {"n": numbers})

    def known(self, table: str) -> str:
        """Return the name of ``ref_<table>`` (source_key, object_id), made from earlier runs when this mapping does not fill the table."""
        if table not in self.by_table:
            key = TABLES[table].key[0]
            self.staging.run(
                f"""CREATE OR REPLACE TABLE ref_{table} AS SELECT source_key, object_id FROM {STORE}.import_key
                WHERE mapping = '{self.name}' AND table_name = '{table}' AND ended IS NULL
                AND object_id IN (SELECT {key} FROM {STORE}.{table})"""
            )
        return f"ref_{table}"

    def key_shown(self, source_key: str | None) -> str:
        """Return a key as people read and write it, with commas between its parts."""
        return (source_key or "").replace(SEPARATOR, ",")

    def has_keys(self, table: str) -> bool:
        """Return whether ``import_key`` has keys of this table for the mapping."""
        ours = f"mapping = '{self.name}' AND table_name = '{table}'"
        return self.staging.value(f"SELECT 1 FROM {STORE}.import_key WHERE {ours} LIMIT 1") is not None

    def has_file(self, block: Block) -> bool:
        """Return whether the block brings files of documents or photos."""
        return block.table in WITH_FILE and any(rule.is_file for rule in block.rules)

    def shape_of(self, block: Block) -> int:
        """Return the number of the set of fields this block brings; the takeover stores a new one in ``import_shape``."""
        fields, known = frozenset(self.written(block)), self.shapes.setdefault(block.table, {})
        for number, others in known.items():
            if others == fields:
                return number
        number = max((n for of in self.shapes.values() for n in of), default=0) + 1
        known[number] = fields
        return number

    def live(self, block: Block) -> str:
        """Return SQL for the rows of a block that were not left out."""
        return f"(SELECT * FROM r{block.number} WHERE n NOT IN (SELECT n FROM out_row WHERE block = {block.number}))"

    def own(self, block: Block) -> str:
        """Return SQL for the live rows and those out only because a row they refer to was refused."""
        return f"(SELECT * FROM r{block.number} WHERE n NOT IN (SELECT n FROM out_row WHERE block = {block.number} AND NOT lost))"

    def own_or_null(self, block: Block, column: str) -> str:
        """Return SQL for a column of the block's rows, NULL under its name where the block does not bring it."""
        return column if column in self.written(block) else f"NULL::BIGINT AS {column}"

    def same_row(self, block: Block, row: str = "q") -> str:
        """Return SQL for *the row ``t`` of the store is this staged one*, before new ones are numbered."""
        spec, own = TABLES[block.table], self.written(block)
        if spec.is_keyed:
            return f"t.{spec.key[0]} = {row}.object_id"
        return " AND ".join(f"t.{c} IS NOT DISTINCT FROM {f'{row}.{c}' if c in own else 'NULL'}" for c in spec.unique)

    def differs(self, block: Block, column: str) -> str:
        """Return SQL for whether the staged row ``q`` has another value in the column than the row ``t`` of the store."""
        return differs(block.table, column)

    def derived(self, block: Block) -> set[str]:
        """Return the columns of a block that are taken from a row it refers to: ``account_id`` or none."""
        return {"account_id"} if any(r.of and r.of != "account" and "account_id" in self.columns[r.of] for r in block.rules) else set()

    def written(self, block: Block) -> list[str]:
        """Return the columns a block writes, without ids and columns computed from other rows."""
        columns = [rule.column for rule in block.rules if not rule.is_file]
        if any(rule.is_file for rule in block.rules):
            columns += ["sha256"] if block.table == "photo" else ["sha256", "size_bytes"]
            if block.table == "document" and "media_type" not in columns:
                columns.append("media_type")
        if self.derived(block) and "account_id" not in columns:
            columns.append("account_id")
        return columns

    def has_news(self) -> bool:
        """Return whether any row is new, changed or removed."""
        return bool(self.taken_away) or any(per["new"] or per["changed"] for per in self.counts().values())

    def counts(self) -> dict[str, dict[str, int]]:
        """Return per table how many rows are ``new``, ``changed`` and ``same``."""
        if self._counts is not None:
            return self._counts
        found: dict[str, dict[str, int]] = {}
        for block in self.mapping.blocks:
            per = found.setdefault(block.table, {"new": 0, "changed": 0, "same": 0})
            for row_state, count in self.staging.run(f"SELECT row_state, count(*) FROM w{block.number} GROUP BY 1"):
                per[row_state] += count
        self._counts = found
        return found


def differs(table: str, column: str) -> str:
    """Return SQL for whether ``q`` and ``t`` differ in a column; of an invoice's status only in what does not follow from payments."""
    if (table, column) == ("invoice", "status"):
        held = f"IN {HELD}"
        return f"CASE WHEN q.status {held} THEN t.status <> q.status ELSE t.status {held} END"
    return f"t.{column} IS DISTINCT FROM q.{column}"
