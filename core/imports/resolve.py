"""From staged rows to identities: keys, references, uniqueness, and what each row is: new, changed, same or refused."""

from __future__ import annotations

from collections.abc import Callable
from graphlib import TopologicalSorter

from core.imports import kept
from core.imports.complete import check_complete
from core.imports.mapping import Block, Mapping
from core.imports.problems import Problem
from core.imports.stage import BAD_KEY, SEPARATOR, Columns
from core.imports.synced import leave_aside
from core.imports.typed_values import check_values
from core.imports.unique import check_unique
from core.store.staging import STORE, Staging
from core.store.tables import TABLES

NO_CONTACT = "SELECT NULL::BIGINT AS contact_id WHERE FALSE"


class Resolver:
    """Works out, by SQL on the staging tables, what each staged row means for the store as it is now."""

    def __init__(self, mapping: Mapping, columns: Columns, staging: Staging, skip_refused: bool, say: Callable[[str, dict], None]) -> None:
        self.mapping, self.columns, self.staging, self.skip, self.say = mapping, columns, staging, skip_refused, say
        self.name = mapping.name.replace("'", "''")
        self.by_table: dict[str, list[Block]] = {}
        for block in mapping.blocks:
            self.by_table.setdefault(block.table, []).append(block)
        self.problems: list[Problem] = []
        # What people did here and the file says otherwise, listed and left as it is.
        self.conflicts: list[Problem] = []
        self.away: list[Problem] = []
        self.new_ids = self.aside = self.kept = 0

    def run(self, had_problems: bool) -> None:
        """Make the tables ``w<block>`` with a status per row; ``problems`` holds what was refused here."""
        self.problems, self.new_ids, self.had_problems = [], 0, had_problems
        self.conflicts, self.away, self.kept = [], [], 0
        self.staging.take_in("bad_key", BAD_KEY, "bad_key.parquet")
        self.staging.run("CREATE OR REPLACE TABLE out_row (block INTEGER, n BIGINT, told BOOLEAN, lost BOOLEAN)")
        for table in self.by_table:
            if TABLES[table].has_id:
                self._identify(table)
        order = {t: {r for b in bs for r in self._parents(b) if r in self.by_table and r != t} for t, bs in self.by_table.items()}
        tables = list(TopologicalSorter(order).static_order())
        for table in tables:
            for block in self.by_table[table]:
                self._refer(block)
        kept.leave_removed(self, tables)
        check_values(self)
        for table in self.by_table:
            if not TABLES[table].has_id:
                self._once_each(table)
        check_unique(self)
        check_complete(self)
        self._belongs()
        self.aside = leave_aside(self)
        self._depend()
        for block in self.mapping.blocks:
            self._compare(block)

    def file_of(self, block: Block) -> str:
        return self.mapping.sources[block.source].path.name

    def refuse(self, block: Block, query: str, column: str, code: str, *names: str, even_lost: bool = False, lost: bool = False) -> int:
        """Take the rows out that ``query`` yields (n, line, and one value per name); returns how many there were.

        With ``even_lost`` also those that are out only because what they refer to was refused; ``lost`` makes them such.
        """
        out = f"SELECT n FROM out_row WHERE block = {block.number}{' AND NOT lost' if even_lost else ''}"
        rows = self.staging.run(f"SELECT * FROM ({query}) AS q WHERE n NOT IN ({out}) ORDER BY n")
        for _, line, *values in rows:
            values = [value.replace(SEPARATOR, ", ") if isinstance(value, str) else value for value in values]
            self.problems.append(Problem(self.file_of(block), line, column, code, dict(zip(names, values, strict=True))))
        self.drop(block, [n for n, *_ in rows], lost=lost)
        return len(rows)

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
        known = f"""SELECT source_key, object_id FROM {STORE}.import_key WHERE mapping = '{self.name}' AND table_name = '{table}'
                    AND object_id IN (SELECT {spec.key[0]} FROM {STORE}.{table})"""
        matches = [
            f"""SELECT b.source_key, min(t.{spec.key[0]}) AS object_id FROM b{b.number} b JOIN {STORE}.{table} t
                ON {" AND ".join(f"t.{c} = b.{c}" for c in b.match)} GROUP BY 1"""
            for b in blocks if b.match
        ]  # fmt: skip
        matched = " UNION ALL ".join(matches) or "SELECT NULL::VARCHAR AS source_key, NULL::BIGINT AS object_id WHERE FALSE"
        self.staging.run(
            f"""CREATE OR REPLACE TABLE id_{table} AS
            SELECT f.block, f.n, f.line, f.source_key,
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
            UNION ALL SELECT * FROM ({known}) AS k WHERE source_key NOT IN (SELECT source_key FROM id_{table})"""
        )

    def known(self, table: str) -> str:
        """The name of ``ref_<table>``, made from earlier runs when this mapping does not bring the table."""
        if table not in self.by_table:
            key = TABLES[table].key[0]
            self.staging.run(
                f"""CREATE OR REPLACE TABLE ref_{table} AS SELECT source_key, object_id FROM {STORE}.import_key
                WHERE mapping = '{self.name}' AND table_name = '{table}' AND object_id IN (SELECT {key} FROM {STORE}.{table})"""
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
        if spec.has_id:
            select.append("i.object_id")
            joins.append(f"JOIN id_{block.table} i ON i.block = {i} AND i.n = b.n")
        for place, rule in enumerate(rule for rule in block.rules if rule.of):
            source = self._by(rule.of, rule.by) if rule.by else self.known(rule.of)
            select.append(f"j{place}.object_id AS {rule.column}")
            joins.append(f"LEFT JOIN {source} j{place} ON j{place}.source_key = b.k_{rule.column}")
            if "account_id" in self.columns[rule.of] and rule.of != "account":
                parents.append((rule, place))
        self.staging.run(f"CREATE OR REPLACE TABLE r{i} AS SELECT {', '.join(select)} FROM b{i} b {' '.join(joins)}")
        for rule in (rule for rule in block.rules if rule.of):
            self._missing(block, rule)
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

    def _missing(self, block: Block, rule) -> None:
        open_ones = (
            f"SELECT n, line, k_{rule.column} AS value FROM r{block.number} WHERE k_{rule.column} IS NOT NULL AND {rule.column} IS NULL"
        )
        lost = f"""SELECT q.n, q.line, any_value(k.file) AS file, min(k.line) AS bad_line FROM ({open_ones}) AS q
                   JOIN bad_key k ON k.table_name = '{rule.of}' AND k.source_key = q.value GROUP BY q.n, q.line"""
        if self.skip:
            self.refuse(block, lost, rule.column, "depends", "file", "line", lost=True)
        else:
            self.drop(block, [n for n, *_ in self.staging.run(lost)], told=False, lost=True)
        unknown = f"SELECT * FROM ({open_ones}) AS u WHERE n NOT IN (SELECT n FROM ({lost}) AS l)"
        self.refuse(block, unknown, rule.column, f"reference_missing_{'by' if rule.by else 'key'}", "value", even_lost=True)
        if rule.by:
            self.problems = [
                Problem(p.file, p.line, p.column, p.code, p.values | {"table": rule.of, "by": rule.by})
                if p.code == "reference_missing_by" and "by" not in p.values else p
                for p in self.problems
            ]  # fmt: skip
        else:
            self.problems = [
                Problem(p.file, p.line, p.column, p.code, p.values | {"table": rule.of})
                if p.code == "reference_missing_key" and "table" not in p.values else p
                for p in self.problems
            ]  # fmt: skip

    def live(self, block: Block) -> str:
        """The rows of a block that were not left out, as SQL."""
        return f"(SELECT * FROM r{block.number} WHERE n NOT IN (SELECT n FROM out_row WHERE block = {block.number}))"

    def own(self, block: Block) -> str:
        """The live rows and those that are out only because what they refer to was refused, as SQL."""
        return f"(SELECT * FROM r{block.number} WHERE n NOT IN (SELECT n FROM out_row WHERE block = {block.number} AND NOT lost))"

    def _once_each(self, table: str) -> None:
        """A table without ids holds each combination of its key once."""
        key = ", ".join(c for c in TABLES[table].key)
        present = [b for b in self.by_table[table] if set(TABLES[table].key) <= {r.column for r in b.rules} | self.derived(b)]
        if not present:
            return
        union = " UNION ALL ".join(f"SELECT {b.number} AS block, n, line, {key} FROM {self.live(b)} AS q{b.number}" for b in present)
        for block in present:
            again = f"""SELECT n, line, first_line FROM (SELECT *, row_number() OVER w AS turn, first(line) OVER w AS first_line FROM ({union})
                        WINDOW w AS (PARTITION BY {key} ORDER BY block, n)) AS q WHERE turn > 1 AND block = {block.number}"""
            if block.distinct:
                self.drop(block, [n for n, *_ in self.staging.run(again)], told=False)
            else:
                self.refuse(block, again, key, "combination_twice", "line")

    def derived(self, block: Block) -> set[str]:
        return {"account_id"} if any(r.of and r.of != "account" and "account_id" in self.columns[r.of] for r in block.rules) else set()

    def _belongs(self) -> None:
        """Access is for an address of a contact that is linked to the account."""
        links, emails = [f"SELECT account_id, contact_id FROM {STORE}.account_contact"], []
        links += [f"SELECT account_id, contact_id FROM r{b.number}" for b in self.by_table.get("account_contact", ())]
        emails += [f"SELECT object_id AS contact_email_id, contact_id FROM r{b.number}" for b in self.by_table.get("contact_email", ())]
        emails.append(f"SELECT contact_email_id, contact_id FROM {STORE}.contact_email")
        for block in self.by_table.get("email_access", ()):
            unlinked = f"""SELECT q.n, q.line FROM {self.live(block)} AS q WHERE NOT EXISTS (SELECT 1 FROM ({" UNION ALL ".join(links)}) l
                           WHERE l.account_id = q.account_id AND l.contact_id = q.contact_id)"""
            self.refuse(block, unlinked, "contact_id", "contact_not_linked")
            foreign = f"""SELECT q.n, q.line FROM {self.live(block)} AS q WHERE NOT EXISTS (SELECT 1 FROM ({" UNION ALL ".join(emails)}) e
                          WHERE e.contact_email_id = q.contact_email_id AND e.contact_id = q.contact_id)"""
            self.refuse(block, foreign, "contact_email_id", "address_of_other")

    def _depend(self) -> None:
        """A new row that was refused takes with it what stands on it; a new account needs a contact, a new contact one of its clients."""
        if not self.skip and (self.problems or self.had_problems):
            return
        while True:
            count = 0
            for block in self.by_table.get("account", ()):
                linked = " UNION ALL ".join(
                    f"SELECT account_id FROM {self.live(b)} AS l{b.number}" for b in self.by_table.get("account_contact", ())
                ) or "SELECT NULL::BIGINT AS account_id WHERE FALSE"  # fmt: skip
                alone = f"""SELECT n, line FROM r{block.number} WHERE object_id < 0
                            AND object_id NOT IN (SELECT account_id FROM ({linked}) WHERE account_id IS NOT NULL)"""
                count += self.refuse(block, alone, "", "account_without_contact")
            links = self.by_table.get("account_contact", ())
            named = " UNION ALL ".join(f"SELECT contact_id FROM r{b.number}" for b in links) or NO_CONTACT
            linked = " UNION ALL ".join(f"SELECT contact_id FROM {self.live(b)} AS l{b.number}" for b in links) or NO_CONTACT
            for block in self.by_table.get("contact", ()):
                left = f"""SELECT n, line FROM r{block.number} WHERE object_id < 0
                           AND object_id IN (SELECT contact_id FROM ({named})) AND object_id NOT IN
                           (SELECT contact_id FROM ({linked}) WHERE contact_id IS NOT NULL)"""
                count += self.refuse(block, left, "", "contact_without_account")
            if not self.staging.value("SELECT count(*) FROM out_row"):
                return
            for block in self.mapping.blocks:
                wanted = {rule.column: rule.of for rule in block.rules if rule.of}
                if self.derived(block) and "account_id" not in wanted:
                    wanted["account_id"] = "account"
                for column, of in wanted.items():
                    for parent in self.by_table.get(of, ()):
                        stands_on = f"""SELECT r.n, r.line, '{self.file_of(parent).replace("'", "''")}' AS file, p.line AS parent_line
                            FROM r{block.number} r JOIN r{parent.number} p ON p.object_id = r.{column} AND p.object_id < 0
                            JOIN out_row o ON o.block = {parent.number} AND o.n = p.n AND o.told"""
                        count += self.refuse(block, stands_on, column, "depends", "file", "line")
            if not count:
                return

    def _compare(self, block: Block) -> None:
        """``w<block>``: the rows that stay, with ``row_state`` new, changed or same."""
        i, spec = block.number, TABLES[block.table]
        own = self.written(block)
        if spec.has_id:
            on = f"t.{spec.key[0]} = q.object_id"
        else:
            on = " AND ".join(f"t.{c} IS NOT DISTINCT FROM {'q.' + c if c in own else 'NULL'}" for c in spec.key)
        changeable = {c: differs(block.table, c) for c in own if c not in spec.key}
        source, replaced = f"FROM {self.live(block)} AS q LEFT JOIN {STORE}.{block.table} t ON {on}", []
        fixed = {"sha256", "size_bytes", "media_type"} if any(rule.is_file for rule in block.rules) else set()
        if here := set(kept.find_changes(self, block.table)) & changeable.keys() - fixed:
            source += f" {kept.join_changes(self, block)}"
            for column in sorted(here):
                ours = kept.is_ours(self, block.table, column, changeable[column])
                self.kept += kept.list_conflicts(self, block, column, ours, source)
                replaced.append(f"CASE WHEN {ours} THEN t.{column} ELSE q.{column} END AS {column}")
                changeable[column] = f"(({changeable[column]}) AND NOT {ours})"
        picked = f"q.* REPLACE ({', '.join(replaced)})" if replaced else "q.*"
        self.staging.run(
            f"""CREATE OR REPLACE TABLE w{i} AS SELECT {picked}, CASE WHEN t.rowid IS NULL THEN 'new'
            WHEN {" OR ".join(changeable.values()) or "FALSE"} THEN 'changed' ELSE 'same' END AS row_state {source}"""
        )

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

    def counts(self) -> dict[str, dict[str, int]]:
        """Per table how many rows are new, changed, same."""
        found: dict[str, dict[str, int]] = {}
        for block in self.mapping.blocks:
            per = found.setdefault(block.table, {"new": 0, "changed": 0, "same": 0})
            for row_state, count in self.staging.run(f"SELECT row_state, count(*) FROM w{block.number} GROUP BY 1"):
                per[row_state] += count
        return found


def differs(table: str, column: str) -> str:
    """Whether the field is another than in the store; whether an invoice is paid follows from its payments."""
    if (table, column) == ("invoice", "status"):
        held = "IN ('in_progress', 'scheduled')"
        return f"CASE WHEN q.status {held} THEN t.status <> q.status ELSE t.status {held} END"
    return f"t.{column} IS DISTINCT FROM q.{column}"
