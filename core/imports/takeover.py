"""Take an import over: prepare everything beside the store, then write all of it or nothing in one transaction."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from core.access.ended_sessions import BY_ADDRESS, begin_anew, end_sessions_without_standing
from core.base.config import Settings
from core.base.rights import Viewer
from core.imports.attachments import Copies
from core.imports.derived_columns import LAST_MESSAGES, PAID, STATES, found_out
from core.imports.found_by import find_whose, give_out
from core.imports.gone import feeds
from core.imports.last_words import next_words
from core.imports.mapping import WITH_FILE, Block
from core.imports.plan import Plan
from core.imports.search_words import CONTACT_TEXT, TEXT, WORD
from core.imports.worker import beside
from core.imports.write_plan import WritePlan
from core.overview.card_invalidation import MADE_FROM, NAMING
from core.overview.figures import figures_select
from core.store import Tx, bulk_entries, now, writer
from core.store.staging import STORE, Staging
from core.store.standing import DECIDING
from core.store.tables import TABLES

SYSTEM = Viewer.system("import", "import")
# From so many entries on, new rows are written before the writer's lock is taken.
LARGE_ENTRIES = 2_000
# From so many accounts on, search words are computed in a child process.
MANY_WORDED_ACCOUNTS = 5_000
# Above every id: no object is new.
NOBODY_NEW = 2**62


class Takeover:
    """The takeover of one plan from its staging database."""

    def __init__(
        self, plan: Plan, staging: Staging, settings: Settings, compared_at: int, viewer: Viewer = SYSTEM,
        ask_last: Callable[[Tx], None] = lambda _: None, note_run: Callable[[Tx, int], None] = lambda _tx, _run: None,
    ) -> None:  # fmt: skip
        """Start a takeover.

        Args:
            plan: What is taken over.
            staging: Where its rows lie.
            settings: The settings of this installation.
            compared_at: The last entry of the record when the rows were compared with the store.
            viewer: Who takes over, as the record names them.
            ask_last: Called under the writers' lock before anything that others see changes; may raise.
            note_run: Called in the same transaction with the number of the run.
        """
        self.viewer, self.ask_last, self.note_run = viewer, ask_last, note_run
        self.plan, self.staging, self.settings, self.compared_at = plan, staging, settings, compared_at
        self.at = staging.name + ".main"
        self.copies = Copies(staging.folder)
        self.started: datetime = now()

    def prepare(self) -> None:
        """Number the new rows and stage their entries, search words and files; no writer waits meanwhile."""
        self.base = NOBODY_NEW
        # Rows without an id alone need no number.
        if self.plan.new_ids and any(per["new"] for per in self.plan.counts().values()):
            with writer(SYSTEM) as tx:
                self.base = tx.value(f"SELECT min(id) FROM (SELECT nextval('object_id') AS id FROM range({self.plan.new_ids}))") - 1
        self.write_plan = WritePlan(self.plan, self.staging, self.base)
        find_whose(self.write_plan)
        self.entries = bulk_entries.Entries(self.staging, self.write_plan.entries(), self.viewer)
        self.keys = self._keys()
        self.words_moved = next_words(self.plan, self.started, self.base)
        self._words()
        self._files()

    @property
    def large(self) -> bool:
        """Return whether writing everything under the writer's lock would make others wait."""
        return max(self.entries.total, self.keys) > LARGE_ENTRIES

    @property
    def is_worth_it(self) -> bool:
        """Return whether anything would be written: rows, keys, last words, or the day of a list."""
        return bool(self.entries.total or self.keys or self.words_moved or self.plan.has_news() or feeds(self.plan))

    def _keys(self) -> int:
        """Make ``key<block>``, the keys that are new or bring other fields than before; return their number."""
        for block in self.plan.mapping.blocks:
            number, own = block.number, TABLES[block.table].has_id
            moved = f"CASE WHEN object_id < 0 THEN {self.base} - object_id ELSE object_id END" if own else "0"
            shape = self.plan.shape_of(block)
            self.staging.run(
                f"""CREATE OR REPLACE TABLE key{number} AS SELECT source_key, {moved}::BIGINT AS object_id, {shape} AS shape FROM w{number}
                WHERE known_id IS DISTINCT FROM {moved} OR shape IS DISTINCT FROM {shape}
                UNION ALL SELECT source_key, 0, {shape} FROM away_key WHERE block = {number}"""
            )
        return sum(self.staging.value(f"SELECT count(*) FROM key{block.number}") for block in self.plan.mapping.blocks)

    def _words(self) -> None:
        """Make ``word`` and ``txt``, the search index of the accounts in ``worded``, and ``ctxt``, that of the contacts in ``renamed``."""
        if count := give_out(self.write_plan):
            beside("words", self.staging.folder, self.plan.say, large=count > MANY_WORDED_ACCOUNTS)
        self.staging.take_in("word", WORD, "word.parquet", "word, rank, account_id")
        self.staging.take_in("txt", TEXT, "txt.parquet")
        self.staging.take_in("ctxt", CONTACT_TEXT, "ctxt.parquet")

    def _files(self) -> None:
        self.copies.undo()
        self.copies = Copies(self.staging.folder)
        for block in self.plan.mapping.blocks:
            if block.table not in WITH_FILE or "file" not in self.write_plan.written(block):
                continue
            folder = self.settings.photos if block.table == "photo" else self.settings.documents
            rows = self.staging.run(
                f"""SELECT q.source_path, q.file, t.file FROM f{block.number} q
                LEFT JOIN {STORE}.{block.table} t ON {self.write_plan.on(block, "q")}
                WHERE q.source_path IS NOT NULL AND t.file IS DISTINCT FROM q.file"""
            )
            for path, name, old in rows:
                self.copies.add(Path(path), folder / name, folder / old if old else None)

    def drop_cards(self, tx: Tx) -> None:
        """Delete the cards of existing accounts the import changes, before it does; they are computed again afterwards."""
        tables = self.plan.by_table
        for table in tables.keys() | self.plan.taken_away.keys():
            made_of = MADE_FROM.get(PART_OF.get(table, table), ())
            if not made_of:
                continue
            ids = self.write_plan.rows(table, "account_id", where=f"account_id <= {self.base}")
            if table in self.plan.taken_away:
                ids += f" UNION ALL SELECT account_id FROM {self.at}.del_{table}"
            for widget in made_of:
                tx.execute(f"DELETE FROM overview_card WHERE widget = '{widget}' AND account_id IN (SELECT account_id FROM ({ids}))")
        for table in tables.keys() & NAMING.keys():
            if not tx.value(
                f"SELECT 1 FROM ({self.write_plan.rows(table, 'row_state')}) WHERE row_state = 'changed' OR '{table}' = 'stage' LIMIT 1"
            ):
                continue
            for widget in NAMING[table]:
                tx.execute(f"DELETE FROM overview_card WHERE widget = '{widget}'")

    def write_new(self, tx: Tx, record_end: int) -> None:
        """Insert the new rows, which no statement of others can meet, and their entries, numbered above ``record_end``."""
        by_table = self.plan.by_table
        for table in sorted(by_table, key=lambda name: name not in ("contact", "staff_member")):
            for block in by_table[table]:
                self._insert(tx, block)
                self._remember(tx, block)
        for name, source in (("search_word", "word"), ("search_text", "txt")):
            tx.execute(f"INSERT INTO {name} BY NAME SELECT * FROM {self.at}.{source} WHERE account_id > {self.base}")
        tx.execute(f"INSERT INTO search_contact BY NAME SELECT * FROM {self.at}.ctxt WHERE contact_id > {self.base}")
        new = f"SELECT object_id FROM ({self.write_plan.rows('account', 'object_id')}) WHERE object_id > {self.base}"
        tx.execute(f"INSERT INTO account_figure BY NAME {figures_select(new)} ORDER BY account_id")
        self.entries.write_rows(tx, record_end)
        self.copies.place()

    def write_rest(self, tx: Tx) -> None:
        """Change existing rows and end the record, under the writer's lock. Raises NumbersTaken."""
        for table in self.plan.taken_away:
            same = " AND ".join(f"t.{c} = d.{c}" for c in TABLES[table].key)
            tx.execute(f"DELETE FROM {table} t USING {self.at}.del_{table} d WHERE {same}")
        self._readdressed(tx)
        for blocks in self.plan.by_table.values():
            for block in blocks:
                self._update(tx, block)
        self._consequences(tx)
        worded, touched = (f"SELECT account_id FROM {self.at}.{name} WHERE account_id <= {self.base}" for name in ("worded", "touched"))
        if tx.value(f"SELECT 1 FROM ({worded}) LIMIT 1"):
            for name, source in (("search_word", "word"), ("search_text", "txt")):
                tx.execute(f"DELETE FROM {name} WHERE account_id IN ({worded})")
                tx.execute(f"INSERT INTO {name} BY NAME SELECT * FROM {self.at}.{source} WHERE account_id <= {self.base}")
        renamed = f"SELECT contact_id FROM {self.at}.renamed WHERE contact_id <= {self.base}"
        if tx.value(f"SELECT 1 FROM ({renamed}) LIMIT 1"):
            tx.execute(f"DELETE FROM search_contact WHERE contact_id IN ({renamed})")
            tx.execute(f"INSERT INTO search_contact BY NAME SELECT * FROM {self.at}.ctxt WHERE contact_id <= {self.base}")
        if tx.value(f"SELECT 1 FROM ({touched}) LIMIT 1"):
            tx.execute(f"DELETE FROM account_figure WHERE account_id IN ({touched})")
            tx.execute(f"INSERT INTO account_figure BY NAME {figures_select(touched)} ORDER BY account_id")
        tx.accounts |= {row["account_id"] for row in tx.rows(f"{touched} UNION {worded}")}
        counts = json.dumps(self.plan.counts())
        self._keep_words(tx)
        run = tx.insert(
            "import_run", mapping=self.plan.mapping.name, started_at=self.started, finished_at=now(), counts=counts,
            compared_at=self.compared_at, made_at=tx.moment, staff_member_id=self.viewer.id,
        )  # fmt: skip
        self.note_run(tx, run)
        tx.execute(
            f"""UPDATE import_key SET ended = 'file' WHERE mapping = $mapping
            AND (table_name, source_key) IN (SELECT table_name, source_key FROM {self.at}.end_key)""",
            {"mapping": self.plan.mapping.name},
        )
        for table, moved in feeds(self.plan).items():
            tx.insert("import_feed", import_run_id=run, mapping=self.plan.mapping.name, table_name=table, made_at=tx.moment, **moved)
        self.entries.write_hashes(tx)
        if self.plan.has_news():
            tx.note("imported", "import_run", run, text=self.plan.mapping.name)

    def _insert(self, tx: Tx, block: Block) -> None:
        spec, own = TABLES[block.table], self.write_plan.written(block)
        found = found_out(block, self.write_plan)
        picked = {c: f"q.{c}" for c in own} | found.columns
        if spec.has_id:
            picked[spec.key[0]] = "q.object_id"
        if "created_at" in self.plan.columns[block.table] and "created_at" not in picked:
            picked["created_at"] = "$moment"
        moment = {"moment": tx.moment} if any("$moment" in sql for sql in picked.values()) else None
        columns = ", ".join(f"{sql} AS {column}" for column, sql in picked.items())
        order = " ORDER BY q.rowid" if found.joins else ""
        tx.execute(
            f"INSERT INTO {block.table} BY NAME SELECT {columns} FROM {self.at}.f{block.number} q {found.joins} WHERE q.row_state = 'new'{order}",
            moment,
        )

    def _remember(self, tx: Tx, block: Block) -> None:
        """Store the key of each object in the files, which fields it brought, and the run that first named a row of its own by it."""
        name, source = {"mapping": self.plan.mapping.name}, f"{self.at}.key{block.number}"
        ours = f"mapping = $mapping AND table_name = '{block.table}'"
        gone = f"{ours} AND source_key IN (SELECT source_key FROM {source})"
        moment, fresh = name | {"moment": tx.moment}, ""
        if tx.value(f"SELECT 1 FROM import_key WHERE {gone} LIMIT 1", **name):
            tx.execute(
                f"""UPDATE import_key k SET object_id = s.object_id, shape = s.shape, ended = NULL,
                    made_at = CASE WHEN k.object_id = s.object_id AND k.ended IS NULL THEN k.made_at ELSE $moment END
                FROM {source} s WHERE k.mapping = $mapping AND k.table_name = '{block.table}' AND k.source_key = s.source_key""",
                moment,
            )
            fresh = f" WHERE source_key NOT IN (SELECT source_key FROM import_key WHERE {ours})"
        tx.execute(
            f"""INSERT INTO import_key BY NAME
            SELECT $mapping AS mapping, '{block.table}' AS table_name, *, $moment::TIMESTAMP AS made_at FROM {source}{fresh}""",
            moment,
        )

    def _keep_words(self, tx: Tx) -> None:
        """Store the last words that entries do not tell, and the sets of fields the rows brought."""
        plan, name = self.plan, {"mapping": self.plan.mapping.name}
        for table, known in plan.shapes.items():
            for number, fields in known.items():
                if number not in plan.kept_shapes:
                    values = name | {"number": number, "table": table, "fields": " ".join(sorted(fields))}
                    tx.execute("INSERT INTO import_shape VALUES ($mapping, $number, $table, $fields)", values)
        if self.words_moved:
            tx.execute("DELETE FROM import_word WHERE mapping = $mapping", name)
            tx.execute(
                f"INSERT INTO import_word BY NAME SELECT $mapping AS mapping, * FROM {self.at}.word_next ORDER BY table_name, entity_id",
                name,
            )

    def _readdressed(self, tx: Tx) -> None:
        """Let nobody in by what they proved of an address that this import changes."""
        for table in BY_ADDRESS:
            for block in self.plan.by_table.get(table, ()):
                if "email" not in self.write_plan.written(block):
                    continue
                moved = tx.rows(
                    f"""SELECT t.{table}_id AS id FROM {table} t JOIN {self.at}.f{block.number} q ON {self.write_plan.on(block, "q")}
                    WHERE q.row_state = 'changed' AND lower(t.email) IS DISTINCT FROM lower(q.email)"""
                )
                begin_anew(tx, table, [row["id"] for row in moved])

    def _update(self, tx: Tx, block: Block) -> None:
        spec = TABLES[block.table]
        settable = [c for c in self.write_plan.written(block) if c not in spec.key]
        changed = f"SELECT 1 FROM {self.at}.f{block.number} WHERE row_state = 'changed' LIMIT 1"
        if not settable or not tx.value(changed):
            return
        sets = [f"{c} = q.{c}" for c in settable]
        if "version" in self.plan.columns[block.table]:
            sets.append("version = t.version + 1")
        tx.execute(
            f"""UPDATE {block.table} t SET {", ".join(sets)} FROM {self.at}.f{block.number} q
            WHERE q.row_state = 'changed' AND {self.write_plan.on(block, "q")}"""
        )

    def _consequences(self, tx: Tx) -> None:
        """Update existing rows computed from imported ones: sums of payments, states of accounts, last messages, photos, versions."""
        tables, old = self.plan.by_table, f"account_id <= {self.base}"
        touched = f"SELECT account_id FROM {self.at}.touched WHERE {old}"
        if tables.keys() & {"invoice", "payment"}:
            tx.execute(PAID.format(touched=touched))
        if tables.keys() & {"account", "email_access"}:
            tx.execute(STATES.format(stated=f"SELECT account_id FROM {self.at}.stated WHERE {old}"))
        if not DECIDING.keys().isdisjoint([*tables, *self.plan.taken_away]):
            end_sessions_without_standing(tx)
        if tables.keys() & {"chat", "chat_message"}:
            tx.execute(LAST_MESSAGES.format(touched=touched))
        photos = self.write_plan.rows("photo", "account_id", "object_id", where=old)
        if "photo" in tables:
            tx.execute(
                f"""UPDATE account a SET photo_id = q.object_id
                FROM (SELECT account_id, max(object_id) AS object_id FROM ({photos}) GROUP BY 1) q
                WHERE q.account_id = a.account_id AND a.photo_id IS DISTINCT FROM q.object_id"""
            )
            self._replace_photos(tx, photos)
        # A form open on the record shows its values, tags and team as well: saving it must meet a newer version.
        for owner, parts in OWNED.items():
            for table in parts & tables.keys():
                rows = self.write_plan.rows(table, f"{owner}_id", where=f"{owner}_id <= {self.base}")
                if table in self.plan.taken_away:
                    rows += f" UNION ALL SELECT {owner}_id FROM {self.at}.del_{table}"
                tx.execute(f"UPDATE {owner} SET version = version + 1 WHERE {owner}_id IN ({rows})")

    def _replace_photos(self, tx: Tx, photos: str) -> None:
        """Delete the photos that were replaced, and their files after the commit: an account has one."""
        before = tx.rows(
            f"""SELECT p.photo_id, p.file FROM photo p JOIN account a ON a.account_id = p.account_id AND a.photo_id <> p.photo_id
            WHERE p.account_id IN (SELECT account_id FROM ({photos}))"""
        )
        for row in before:
            self.copies.leave(self.settings.photos / row["file"])
            tx.delete("photo", row["photo_id"])


# Tables whose rows are shown as part of those of another.
PART_OF = {"payment": "invoice", "chat_message": "chat"}
OWNED = {"account": {"account_field_value", "account_tag", "assignment"}, "contact": {"contact_field_value"}}
