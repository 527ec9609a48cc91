"""From staged rows to identities: keys, references, uniqueness, and what each row is: new, changed, same or refused."""

from __future__ import annotations

from collections.abc import Callable
from graphlib import TopologicalSorter

from core.imports import last_words
from core.imports.checks.completeness import check_complete
from core.imports.checks.custom_values import check_values
from core.imports.checks.mail_filter import leave_aside
from core.imports.checks.uniqueness import check_unique
from core.imports.dependents import check_access, drop_dependents, refuse_missing
from core.imports.kept_otherwise import kept_otherwise
from core.imports.mapping import WITH_FILE, Block, Mapping
from core.imports.problems import Problem, Told
from core.imports.removed_rows import is_from_before, leave_removed
from core.imports.stage import BAD_KEY, SEPARATOR, Columns
from core.overview.invoice_status import HELD
from core.store.staging import STORE, Staging
from core.store.tables import TABLES

# So many rows that one check refuses are told one by one.
MOST_REFUSED = 10_000


class Resolver:
    """Works out, by SQL on the staging tables, what each staged row means for the store as it is now."""

    def __init__(
        self, mapping: Mapping, columns: Columns, staging: Staging, skip_refused: bool, say: Callable[[str, dict], None],
        again: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:  # fmt: skip
        """``again``: (table, key) of rows that were removed here and are wanted again."""
        self.again, self.made_again = again, set()
        self.mapping, self.columns, self.staging, self.skip, self.say = mapping, columns, staging, skip_refused, say
        self.name = mapping.name.replace("'", "''")
        self.by_table: dict[str, list[Block]] = {}
        for block in mapping.blocks:
            self.by_table.setdefault(block.table, []).append(block)
        self.problems: list[Problem] = []
        # What people did here and the file says otherwise, listed and left as it is.
        self.conflicts, self.met, self.decided, self.away = Told(), Told(), Told(), Told()
        self.new_ids = self.kept = self.unlisted = 0
        # Mail left aside, and what is kept otherwise than the files say it: as reading them found, and as the comparison did.
        self.aside, self.noted, self.noted_here = Told(), Told(), Told()
        self.before: last_words.LastRun | None = None
        self.shapes: dict[str, dict[int, frozenset[str]]] = {}
        self.kept_shapes: set[int] = set()
        # Tables with a last word of their own since the last run; of those looked at the fields; blocks with fields the files say otherwise.
        self.with_words: set[str] = set()
        self.here: dict[str, set[str]] = {}
        self.looked_at: set[int] = set()
        self._counts: dict[str, dict[str, int]] | None = None

    def run(self, had_problems: bool) -> None:
        """Make the tables ``w<block>`` with a status per row; ``problems`` holds what was refused here."""
        self.problems, self.new_ids, self.had_problems, self.unlisted = [], 0, had_problems, 0
        self.conflicts, self.met, self.decided, self.away, self.kept = Told(), Told(), Told(), Told(), 0
        self.before, self.shapes = last_words.last_run(self), {}
        for table, number, fields in self.staging.run(
            f"SELECT table_name, shape, fields FROM {STORE}.import_shape WHERE mapping = '{self.name}' ORDER BY shape"
        ):
            self.shapes.setdefault(table, {})[number] = frozenset(fields.split())
        self.with_words, self.here, self.looked_at, self._counts = last_words.tables_with_words(self), {}, set(), None
        self.kept_shapes = {number for of in self.shapes.values() for number in of}
        self.staging.take_in("bad_key", BAD_KEY, "bad_key.parquet")
        self.staging.run("CREATE OR REPLACE TABLE out_row (block INTEGER, n BIGINT, told BOOLEAN, lost BOOLEAN)")
        for table in self.by_table:
            if TABLES[table].is_keyed:
                self._identify(table)
        order = {t: {r for b in bs for r in self._parents(b) if r in self.by_table and r != t} for t, bs in self.by_table.items()}
        tables = list(TopologicalSorter(order).static_order())
        for table in tables:
            for block in self.by_table[table]:
                self._refer(block)
        leave_removed(self, tables)
        check_values(self)
        for block in self.mapping.blocks:
            last_words.settle(self, block)
        for table in self.by_table:
            if not TABLES[table].is_keyed:
                self._once_each(table)
        check_unique(self)
        check_complete(self)
        check_access(self)
        self.aside = leave_aside(self)
        drop_dependents(self)
        for block in self.mapping.blocks:
            self._compare(block)
        self.noted_here = kept_otherwise(self)

    def file_of(self, block: Block) -> str:
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
        about: dict[str, object] | None = None,
    ) -> int:
        """Take the rows out that ``query`` yields (n, line, and one value per name); returns how many there were.

        With ``even_lost`` also those that are out only because what they refer to was refused; ``lost`` makes them such. ``about`` holds
        what else the sentence says of every one of them.
        """
        out = f"SELECT n FROM out_row WHERE block = {block.number}{' AND NOT lost' if even_lost else ''}"
        found = f"SELECT * FROM ({query}) AS q WHERE n NOT IN ({out})"
        rows = self.staging.run(f"{found} ORDER BY n LIMIT {MOST_REFUSED + 1}")
        more = 0
        if len(rows) > MOST_REFUSED:
            # A file of which every row is wrong in the same way is told by its first ones.
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
        """Leave these rows out; ``lost`` ones only because what they refer to was refused: their own values are still looked at."""
        if numbers:
            self.staging.run(f"INSERT INTO out_row SELECT {block.number}, unnest($n), {told}, {lost}", {"n": numbers})

    def _parents(self, block: Block) -> set[str]:
        return {rule.of for rule in block.rules if rule.of}

    def _identify(self, table: str) -> None:
        """``id_<table>``: one object per source key: known by an earlier run, matched by its fields, or new (negative)."""
        spec, blocks = TABLES[table], self.by_table[table]
        union = " UNION ALL ".join(f"SELECT {b.number} AS block, n, line, source_key FROM b{b.number}" for b in blocks)
        self.staging.run(
            f"""CREATE OR REPLACE TABLE first_{table} AS
            SELECT *, row_number() OVER (PARTITION BY source_key ORDER BY block, n) AS turn,
                   first(line) OVER (PARTITION BY source_key ORDER BY block, n) AS first_line FROM ({union})"""
        )
        for block in blocks:
            again = f"SELECT n, line, source_key, first_line FROM first_{table} WHERE block = {block.number} AND turn > 1"
            if block.distinct:
                self.drop(block, [n for n, *_ in self.staging.run(again)], told=False)
            else:
                self.refuse(block, again, ", ".join(block.key), "key_twice", "value", "line")
        known = f"""SELECT source_key, object_id, shape FROM {STORE}.import_key WHERE mapping = '{self.name}' AND table_name = '{table}'
                    AND ended IS NULL AND object_id IN (SELECT {spec.key[0]} FROM {STORE}.{table})"""
        matches = [
            f"""SELECT b.source_key, min(t.{spec.key[0]}) AS object_id FROM b{b.number} b JOIN {STORE}.{table} t
                ON {" AND ".join(f"t.{c} = b.{c}" for c in b.match)} GROUP BY 1"""
            for b in blocks if b.match
        ]  # fmt: skip
        matched = " UNION ALL ".join(matches) or "SELECT NULL::VARCHAR AS source_key, NULL::BIGINT AS object_id WHERE FALSE"
        self.staging.run(
            f"""CREATE OR REPLACE TABLE id_{table} AS
            SELECT f.block, f.n, f.line, f.source_key, k.object_id AS known_id, k.shape,
                   coalesce(k.object_id, m.object_id, -({self.new_ids} + row_number() OVER (ORDER BY f.block, f.n))) AS object_id
            FROM first_{table} f LEFT JOIN ({known}) k USING (source_key)
            LEFT JOIN (SELECT source_key, min(object_id) AS object_id FROM ({matched}) GROUP BY 1) m USING (source_key)
            WHERE f.turn = 1 ORDER BY f.block, f.n"""
        )
        self.new_ids += self.staging.value(f"SELECT count(*) FROM id_{table}") or 0
        for block in blocks:
            same = f"""SELECT n, line, source_key FROM (SELECT *, row_number() OVER (PARTITION BY object_id ORDER BY block, n) AS turn
                       FROM id_{table}) AS q WHERE turn > 1 AND block = {block.number}"""
            self.refuse(block, same, ", ".join(block.match), "matched_twice", "value")
        self.staging.run(
            f"""CREATE OR REPLACE TABLE ref_{table} AS SELECT source_key, object_id FROM id_{table}
            UNION ALL SELECT source_key, object_id FROM ({known}) AS k WHERE source_key NOT IN (SELECT source_key FROM id_{table})"""
        )

    def known(self, table: str) -> str:
        """The name of ``ref_<table>``, made from earlier runs when this mapping does not bring the table."""
        if table not in self.by_table:
            key = TABLES[table].key[0]
            self.staging.run(
                f"""CREATE OR REPLACE TABLE ref_{table} AS SELECT source_key, object_id FROM {STORE}.import_key
                WHERE mapping = '{self.name}' AND table_name = '{table}' AND ended IS NULL
                AND object_id IN (SELECT {key} FROM {STORE}.{table})"""
            )
        return f"ref_{table}"

    def _by(self, table: str, column: str) -> str:
        """A query of (value, object_id): the rows of a table by one of its own fields, staged ones first."""
        key, parts = TABLES[table].key[0], []
        for block in self.by_table.get(table, ()):
            if column in {rule.column for rule in block.rules if not rule.of}:
                parts.append(
                    f"""SELECT CAST(b.{column} AS VARCHAR) AS source_key, i.object_id FROM b{block.number} b
                    JOIN id_{table} i ON i.block = {block.number} AND i.n = b.n"""
                )
        parts.append(f"SELECT CAST({column} AS VARCHAR) AS source_key, {key} AS object_id FROM {STORE}.{table}")
        return (
            f"(SELECT source_key, min(object_id) AS object_id FROM ({' UNION '.join(parts)}) AS u WHERE source_key IS NOT NULL GROUP BY 1)"
        )

    def _refer(self, block: Block) -> None:
        """``r<block>``: the staged rows with their object and every reference as an id, and the account when a parent tells it."""
        i, spec = block.number, TABLES[block.table]
        select, joins, parents = ["b.*"], [], []
        if spec.is_keyed:
            select.append("i.object_id, i.known_id, i.shape")
            joins.append(f"JOIN id_{block.table} i ON i.block = {i} AND i.n = b.n")
        else:
            key = self._own_key(block)
            select = [f"b.* REPLACE ({key} AS source_key), k.object_id AS known_id, k.shape"]
            joins.append(
                f"""LEFT JOIN {STORE}.import_key k ON k.mapping = '{self.name}' AND k.table_name = '{block.table}' AND k.ended IS NULL
                AND k.source_key = {key}"""
            )
        if self.has_file(block):
            select.append("FALSE AS file_stays, NULL::VARCHAR AS file_here")
        for place, rule in enumerate(rule for rule in block.rules if rule.of):
            source = self._by(rule.of, rule.by) if rule.by else self.known(rule.of)
            select.append(f"j{place}.object_id AS {rule.column}")
            joins.append(f"LEFT JOIN {source} j{place} ON j{place}.source_key = b.k_{rule.column}")
            if "account_id" in self.columns[rule.of] and rule.of != "account":
                parents.append((rule, place))
        self.staging.run(f"CREATE OR REPLACE TABLE r{i} AS SELECT {', '.join(select)} FROM b{i} b {' '.join(joins)}")
        if is_from_before(self, block.table):
            self._note_met(block)
        for rule in (rule for rule in block.rules if rule.of):
            refuse_missing(self, block, rule)
        told = "account_id" in {rule.column for rule in block.rules}
        for rule, _ in parents:
            staged = " UNION ALL ".join(
                f"SELECT object_id, account_id FROM r{b.number}" for b in self.by_table.get(rule.of, ())
            ) or "SELECT NULL::BIGINT AS object_id, NULL::BIGINT AS account_id WHERE FALSE"  # fmt: skip
            of = f"""LEFT JOIN ({staged}) s ON s.object_id = r.{rule.column}
                     LEFT JOIN {STORE}.{rule.of} t ON t.{TABLES[rule.of].key[0]} = r.{rule.column}"""
            account = "coalesce(s.account_id, t.account_id)"
            if told:
                other = f"SELECT r.n, r.line FROM r{i} r {of} WHERE r.{rule.column} IS NOT NULL AND {account} IS DISTINCT FROM r.account_id"
                self.refuse(block, other, rule.column, "other_account")
            else:
                self.staging.run(f"CREATE OR REPLACE TABLE r{i} AS SELECT r.*, {account} AS account_id FROM r{i} r {of}")
                told = True
        if told and self.columns[block.table].get("account_id", ("", False))[1]:
            self.refuse(block, f"SELECT n, line FROM r{i} WHERE account_id IS NULL", "account_id", "account_unknown")

    def _note_met(self, block: Block) -> None:
        """Rows an earlier run brought when no keys were kept of them: the record says that an import made them."""
        named = last_words.naming(TABLES[block.table], {*self.written(block)})
        if TABLES[block.table].natural:
            self.staging.run(f"UPDATE r{block.number} SET known_id = 0")
            return
        same = " AND ".join(f"e.{part} IS NOT DISTINCT FROM r.{column}" for part, column in named.items())
        self.staging.run(
            f"""UPDATE r{block.number} r SET known_id = 0 WHERE EXISTS (SELECT 1 FROM {STORE}.audit_entry e WHERE e.entity = '{block.table}'
            AND e.through = 'import' AND (e.action = 'created' OR e.old_value IS NULL) AND {same})"""
        )

    def _own_key(self, block: Block) -> str:
        """SQL for what names a row without a key of the files: the texts of what it refers to."""
        refers = {rule.column: f"k_{rule.column}" if rule.of else rule.column for rule in block.rules}
        parts = [f"coalesce(CAST(b.{refers[c]} AS VARCHAR), '')" if c in refers else "''" for c in TABLES[block.table].unique]
        return f"concat_ws('{SEPARATOR}', {', '.join(parts)})"

    def key_shown(self, source_key: str | None) -> str:
        """A key as people read and write it."""
        return (source_key or "").replace(SEPARATOR, ",")

    def has_keys(self, table: str) -> bool:
        """Whether keys of this table are kept for the mapping."""
        ours = f"mapping = '{self.name}' AND table_name = '{table}'"
        return self.staging.value(f"SELECT 1 FROM {STORE}.import_key WHERE {ours} LIMIT 1") is not None

    def has_file(self, block: Block) -> bool:
        """Whether the block brings files of documents or photos."""
        return block.table in WITH_FILE and any(rule.is_file for rule in block.rules)

    def shape_of(self, block: Block) -> int:
        """The number of the set of fields this block brings; a new one is kept with the takeover."""
        fields, known = frozenset(self.written(block)), self.shapes.setdefault(block.table, {})
        for number, others in known.items():
            if others == fields:
                return number
        number = max((n for of in self.shapes.values() for n in of), default=0) + 1
        known[number] = fields
        return number

    def live(self, block: Block) -> str:
        """The rows of a block that were not left out, as SQL."""
        return f"(SELECT * FROM r{block.number} WHERE n NOT IN (SELECT n FROM out_row WHERE block = {block.number}))"

    def own(self, block: Block) -> str:
        """The live rows and those that are out only because what they refer to was refused, as SQL."""
        return f"(SELECT * FROM r{block.number} WHERE n NOT IN (SELECT n FROM out_row WHERE block = {block.number} AND NOT lost))"

    def _once_each(self, table: str) -> None:
        """A table without ids holds each combination of its key once."""
        unique = TABLES[table].unique
        present = [b for b in self.by_table[table] if TABLES[table].natural or set(unique) <= {r.column for r in b.rules} | self.derived(b)]
        if not present:
            return
        key = ", ".join(unique)
        union = " UNION ALL ".join(
            f"SELECT {b.number} AS block, n, line, {', '.join(self.own_or_null(b, c) for c in unique)} FROM {self.live(b)} AS q{b.number}"
            for b in present
        )
        for block in present:
            again = f"""SELECT n, line, first_line FROM (SELECT *, row_number() OVER w AS turn, first(line) OVER w AS first_line FROM ({union})
                        WINDOW w AS (PARTITION BY {key} ORDER BY block, n)) AS q WHERE turn > 1 AND block = {block.number}"""
            if block.distinct:
                self.drop(block, [n for n, *_ in self.staging.run(again)], told=False)
            else:
                self.refuse(block, again, key, "combination_twice", "line")

    def own_or_null(self, block: Block, column: str) -> str:
        """A column of the block's rows, or NULL under its name where the block does not bring it."""
        return column if column in self.written(block) else f"NULL::BIGINT AS {column}"

    def same_row(self, block: Block, row: str = "q") -> str:
        """SQL for *the row ``t`` of the store is this staged one*, before new ones are numbered."""
        spec, own = TABLES[block.table], self.written(block)
        if spec.is_keyed:
            return f"t.{spec.key[0]} = {row}.object_id"
        return " AND ".join(f"t.{c} IS NOT DISTINCT FROM {f'{row}.{c}' if c in own else 'NULL'}" for c in spec.unique)

    def differs(self, block: Block, column: str) -> str:
        """SQL for whether the staged row ``q`` has another value there than the row ``t`` of the store."""
        return differs(block.table, column)

    def derived(self, block: Block) -> set[str]:
        return {"account_id"} if any(r.of and r.of != "account" and "account_id" in self.columns[r.of] for r in block.rules) else set()

    def _compare(self, block: Block) -> None:
        """``w<block>``: the rows that stay, with ``row_state`` new, changed or same; rows named by what they refer to get an object too."""
        i, spec = block.number, TABLES[block.table]
        changeable = [differs(block.table, c) for c in self.written(block) if c not in {*spec.key, *spec.unique}]
        number = ""
        if spec.natural:
            new = f"row_number() OVER (PARTITION BY t.rowid IS NULL ORDER BY q.n) + {self.new_ids}"
            number = f", CASE WHEN t.rowid IS NULL THEN -({new}) ELSE t.{spec.key[0]} END AS object_id"
        self.staging.run(
            f"""CREATE OR REPLACE TABLE w{i} AS SELECT q.*{number}, CASE WHEN t.rowid IS NULL THEN 'new'
            WHEN {" OR ".join(changeable) or "FALSE"} THEN 'changed' ELSE 'same' END AS row_state
            FROM {self.live(block)} AS q LEFT JOIN {STORE}.{block.table} t ON {self.same_row(block)}"""
        )
        if spec.natural:
            self.new_ids += self.staging.value(f"SELECT count(*) FROM w{i} WHERE row_state = 'new'") or 0

    def written(self, block: Block) -> list[str]:
        """The columns a block writes, apart from ids and what is found out."""
        columns = [rule.column for rule in block.rules if not rule.is_file]
        if any(rule.is_file for rule in block.rules):
            columns += ["sha256"] if block.table == "photo" else ["sha256", "size_bytes"]
            if block.table == "document" and "media_type" not in columns:
                columns.append("media_type")
        if self.derived(block) and "account_id" not in columns:
            columns.append("account_id")
        return columns

    def has_news(self) -> bool:
        """Whether any row is new or changed."""
        return any(per["new"] or per["changed"] for per in self.counts().values())

    def counts(self) -> dict[str, dict[str, int]]:
        """Per table how many rows are new, changed, same."""
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
    """Whether the field is another than in the store; whether an invoice is paid follows from its payments."""
    if (table, column) == ("invoice", "status"):
        held = f"IN {HELD}"
        return f"CASE WHEN q.status {held} THEN t.status <> q.status ELSE t.status {held} END"
    return f"t.{column} IS DISTINCT FROM q.{column}"
