"""The takeover: everything prepared beside the store, then one short transaction that takes all of it or nothing."""

from __future__ import annotations

import json
from datetime import datetime

import pyarrow as pa

from core.config import Settings
from core.imports.files import Copies
from core.imports.mapping import WITH_FILE, Block
from core.imports.resolve import STORE, Resolver, _differs
from core.rights import Viewer
from core.store import Tx, bulk, now, writer
from core.store.derived import FIGURES_FROM, figures_select, search_rows
from core.store.staging import Staging
from core.store.tables import TABLES

US = Viewer.system("import", "import")
PIECE = 50_000
_ENTRY = "action, entity, entity_id, account_id, contact_id, field, old_value, new_value"


class Takeover:
    """What is ready to be taken over from one staging database."""

    def __init__(self, resolver: Resolver, staging: Staging, settings: Settings) -> None:
        self.resolver, self.staging, self.settings = resolver, staging, settings
        self.blocks, self.at = resolver.mapping.blocks, staging.name + ".main"
        self.copies = Copies(staging.file.with_suffix(".files"))
        self.started: datetime = now()

    def prepare(self) -> None:
        """Number the new rows, write their record, words and files; nobody waits meanwhile."""
        base = 0
        if self.resolver.new_ids:
            with writer(US) as tx:
                base = tx.value(f"SELECT min(id) FROM (SELECT nextval('object_id') AS id FROM range({self.resolver.new_ids}))") - 1
        for block in self.blocks:
            self._final(block, base)
        self.digests = bulk.number_entries(self.staging, " UNION ALL ".join(self._entries()))
        self._touched()
        self._words()
        self._files()

    def _final(self, block: Block, base: int) -> None:
        """``f<block>``: new and changed rows as the store will hold them."""
        i, spec = block.number, TABLES[block.table]
        ids = [rule.column for rule in block.rules if rule.of]
        if "account_id" in self.resolver._derived(block) and "account_id" not in ids:
            ids.append("account_id")
        if spec.has_id:
            ids.append("object_id")
        replaced = [f"CASE WHEN {c} < 0 THEN {base} - {c} ELSE {c} END AS {c}" for c in ids]
        inner = f"SELECT * REPLACE ({', '.join(replaced)}) FROM w{i}" if replaced else f"SELECT * FROM w{i}"
        file = ""
        if block.table in WITH_FILE and any(rule.is_file for rule in block.rules):
            file = ", CASE WHEN source_path IS NOT NULL THEN object_id || '-' || left(sha256, 12) || ending END AS file"
        self.staging.run(f"CREATE OR REPLACE TABLE f{i} AS SELECT *{file} FROM ({inner}) WHERE status IN ('new', 'changed')")

    def _written(self, block: Block) -> list[str]:
        columns = self.resolver.written(block)
        return [*columns, "file"] if block.table in WITH_FILE and any(rule.is_file for rule in block.rules) else columns

    def _entries(self) -> list[str]:
        """SELECTs of the record: one entry per new row, one per changed field."""
        parts = []
        for block in self.blocks:
            i, spec, own = block.number, TABLES[block.table], self._written(block)
            if not spec.audited:
                continue
            entity = "f.object_id" if spec.has_id else "NULL::BIGINT"
            account = "f.object_id" if block.table == "account" else "f.account_id" if "account_id" in own else "NULL::BIGINT"
            contact = "f.object_id" if block.table == "contact" else "f.contact_id" if "contact_id" in own else "NULL::BIGINT"
            place = f"'{block.table}', {entity}, {account}, {contact}"
            parts.append(f"SELECT 'created', {place}, NULL::VARCHAR, NULL::VARCHAR, NULL::VARCHAR FROM f{i} f WHERE status = 'new'")
            for column in own:
                if column in spec.key:
                    continue
                kind = self.resolver.columns[block.table][column][0]
                old, new = bulk.recorded(f"t.{column}", kind), bulk.recorded(f"q.{column}", kind)
                parts.append(
                    f"""SELECT 'changed', {place.replace("f.", "q.")}, '{column}', {old}, {new} FROM f{i} q
                    JOIN {STORE}.{block.table} t ON {self._on(block, "q")} WHERE q.status = 'changed' AND {_differs(block.table, column)}"""
                )
        parts[0] = f"SELECT * FROM ({parts[0]}) AS e({_ENTRY})" if parts else ""
        return parts or [f"SELECT * FROM (SELECT {', '.join(f'NULL AS {c}' for c in _ENTRY.split(', '))}) AS e WHERE FALSE"]

    def _on(self, block: Block, rows: str) -> str:
        spec, own = TABLES[block.table], self.resolver.written(block)
        if spec.has_id:
            return f"t.{spec.key[0]} = {rows}.object_id"
        return " AND ".join(f"t.{c} IS NOT DISTINCT FROM {f'{rows}.{c}' if c in own else 'NULL'}" for c in spec.key)

    def _touched(self) -> None:
        """``touched``: accounts whose figures, ``worded``: accounts whose words change."""
        figures, words = [], []
        for block in self.blocks:
            i, own = block.number, self.resolver.written(block)
            if block.table == "account":
                figures.append(f"SELECT object_id AS account_id FROM f{i}")
                words.append(f"SELECT object_id AS account_id FROM f{i}")
            elif block.table in FIGURES_FROM and "account_id" in own:
                figures.append(f"SELECT account_id FROM f{i}")
            elif block.table == "account_contact":
                words.append(f"SELECT account_id FROM f{i}")
            elif block.table == "contact_email":
                words.append(f"SELECT account_id FROM {STORE}.account_contact WHERE contact_id IN (SELECT contact_id FROM f{i})")
                words += [
                    f"SELECT account_id FROM f{b.number} WHERE contact_id IN (SELECT contact_id FROM f{i})"
                    for b in self.resolver.by_table.get("account_contact", ())
                ]
        none = "SELECT NULL::BIGINT AS account_id WHERE FALSE"
        for name, parts in (("touched", figures), ("worded", words)):
            union = " UNION ".join(parts) or none
            self.staging.run(
                f"CREATE OR REPLACE TABLE {name} AS SELECT DISTINCT account_id FROM ({union}) WHERE account_id IS NOT NULL ORDER BY 1"
            )

    def _words(self) -> None:
        """``word`` and ``txt``: what the search will keep of the accounts in ``worded``."""
        blocks = self.resolver.by_table
        names = [f"SELECT object_id AS account_id, name, number, 0 AS age FROM f{b.number}" for b in blocks.get("account", ())]
        names.append(f"SELECT account_id, name, number, 1 FROM {STORE}.account")
        links = [f"SELECT account_id, contact_id FROM f{b.number}" for b in blocks.get("account_contact", ())]
        links.append(f"SELECT account_id, contact_id FROM {STORE}.account_contact")
        staged = [f"SELECT object_id, contact_id, email FROM f{b.number}" for b in blocks.get("contact_email", ())]
        emails = f"SELECT contact_email_id, contact_id, email FROM {STORE}.contact_email"
        if staged:
            union = " UNION ALL ".join(staged)
            emails = f"{union} UNION ALL {emails} WHERE contact_email_id NOT IN (SELECT object_id FROM ({union}))"
        self.staging.run(
            f"""CREATE OR REPLACE TABLE wording AS
            WITH named AS (SELECT account_id, arg_min(name, age) AS name, arg_min(number, age) AS number
                           FROM ({" UNION ALL ".join(names)}) WHERE account_id IN (FROM worded) GROUP BY 1),
            mailed AS (SELECT account_id, list(email) AS emails FROM ({" UNION ".join(links)}) AS l
                       JOIN ({emails}) AS e(contact_email_id, contact_id, email) USING (contact_id)
                       WHERE account_id IN (FROM worded) GROUP BY 1)
            SELECT row_number() OVER (ORDER BY account_id) AS rn, * FROM named LEFT JOIN mailed USING (account_id) ORDER BY 1"""
        )
        self.staging.run("CREATE OR REPLACE TABLE word_in (word VARCHAR, account_id BIGINT, rank UTINYINT)")
        self.staging.run("CREATE OR REPLACE TABLE txt (account_id BIGINT, name VARCHAR, everything VARCHAR)")
        total = self.staging.value("SELECT count(*) FROM wording") or 0
        for start in range(0, total, PIECE):
            words, texts = [], []
            rows = self.staging.run(
                f"SELECT account_id, name, number, emails FROM wording WHERE rn > {start} AND rn <= {start + PIECE} ORDER BY rn"
            )
            for account_id, name, number, addresses in rows:
                found, text = search_rows(account_id, name, number, addresses or ())
                words.extend(found)
                texts.append(text)
            column = list(zip(*words, strict=True))
            kinds = (pa.string(), pa.int64(), pa.uint8())
            self.staging.fill(
                "word_in", pa.table([pa.array(c, k) for c, k in zip(column, kinds, strict=True)], ["word", "account_id", "rank"])
            )
            self.staging.fill("txt", pa.table([pa.array(c) for c in zip(*texts, strict=True)], ["account_id", "name", "everything"]))
        self.staging.run("CREATE OR REPLACE TABLE word AS FROM word_in ORDER BY word, rank, account_id")

    def _files(self) -> None:
        from pathlib import Path

        self.copies.undo()
        self.copies = Copies(self.staging.file.with_suffix(".files"))
        for block in self.blocks:
            if "file" not in self._written(block) or block.table not in WITH_FILE:
                continue
            folder = self.settings.photos if block.table == "photo" else self.settings.documents
            rows = self.staging.run(
                f"""SELECT q.source_path, q.file, t.file FROM f{block.number} q LEFT JOIN {STORE}.{block.table} t ON {self._on(block, "q")}
                WHERE q.source_path IS NOT NULL AND t.file IS DISTINCT FROM q.file"""
            )
            for path, name, old in rows:
                self.copies.add(block.table, Path(path), folder / name, folder / old if old else None)

    def take(self, tx: Tx) -> None:
        """The transaction itself."""
        for table, blocks in self.resolver.by_table.items():
            for block in blocks:
                self._rows(tx, table, block)
        self._consequences(tx)
        bulk.take_entries(tx, self.staging, self.digests, US)
        for name, of, source in (("search_word", "word", "word"), ("search_text", "account_id", "txt")):
            tx.execute(f"DELETE FROM {name} WHERE account_id IN (SELECT account_id FROM {self.at}.worded)")
            tx.execute(f"INSERT INTO {name} BY NAME SELECT * FROM {self.at}.{source} ORDER BY {'rowid' if of else of}")
        touched = f"SELECT account_id FROM {self.at}.touched"
        tx.execute(f"DELETE FROM account_figure WHERE account_id IN ({touched})")
        tx.execute(f"INSERT INTO account_figure BY NAME {figures_select(touched)} ORDER BY account_id")
        tx.accounts |= {row["account_id"] for row in tx.rows(f"{touched} UNION SELECT account_id FROM {self.at}.worded")}
        counts = json.dumps(self.resolver.counts())
        tx.insert("import_run", mapping=self.resolver.mapping.name, started_at=self.started, finished_at=now(), counts=counts)
        self.copies.place()

    def _rows(self, tx: Tx, table: str, block: Block) -> None:
        spec, own, source = TABLES[table], self._written(block), f"{self.at}.f{block.number}"
        columns = dict.fromkeys(own)
        made = {c: "$moment" for c in ("created_at",) if c in self.resolver.columns[table] and c not in columns}
        if table == "chat":
            made |= {"last_message_at": columns.get("created_at", "$moment") or "created_at", "last_message": "''"}
            made |= {"last_is_from_client": "FALSE", "last_by_name": "''"}
        picked = [*([f"object_id AS {spec.key[0]}"] if spec.has_id else []), *columns, *(f"{v} AS {c}" for c, v in made.items())]
        moment = {"moment": tx.moment} if any(v == "$moment" for v in made.values()) else None
        order = ", ".join("object_id" if spec.has_id and c == spec.key[0] else c for c in spec.order) or "n"
        tx.execute(f"INSERT INTO {table} BY NAME SELECT {', '.join(picked)} FROM {source} WHERE status = 'new' ORDER BY {order}, n", moment)
        settable = [c for c in own if c not in spec.key]
        if settable:
            sets = [f"{c} = q.{c}" for c in settable]
            if "version" in self.resolver.columns[table]:
                sets.append("version = t.version + 1")
            tx.execute(f"UPDATE {table} t SET {', '.join(sets)} FROM {source} q WHERE q.status = 'changed' AND {self._on(block, 'q')}")
        if spec.has_id:
            name = {"mapping": self.resolver.mapping.name}
            keyed = f"SELECT source_key FROM {self.at}.f{block.number}"
            kept = f"{self.at}.w{block.number}"
            known = f"SELECT source_key FROM import_key WHERE mapping = $mapping AND table_name = '{table}'"
            tx.execute(f"DELETE FROM import_key WHERE mapping = $mapping AND table_name = '{table}' AND source_key IN ({keyed})", name)
            tx.execute(
                f"""INSERT INTO import_key BY NAME SELECT $mapping AS mapping, '{table}' AS table_name, source_key, object_id FROM {source}
                UNION ALL SELECT $mapping, '{table}', source_key, object_id FROM {kept} WHERE status = 'same' AND source_key NOT IN ({known})""",
                name,
            )

    def _consequences(self, tx: Tx) -> None:
        """What other tables say of imported rows: sums of payments, states of accounts, last messages, photos."""
        tables = self.resolver.by_table
        if tables.keys() & {"invoice", "payment"}:
            touched = f"SELECT account_id FROM {self.at}.touched"
            tx.execute(
                f"""UPDATE invoice i SET paid_amount = s.paid, status = CASE WHEN i.status IN ('in_progress', 'scheduled') THEN i.status
                    WHEN s.paid >= i.total THEN 'paid' WHEN s.paid > 0 THEN 'partially_paid' ELSE 'unpaid' END
                FROM (SELECT v.invoice_id, coalesce(sum(p.amount), 0)::DECIMAL(14,2) AS paid FROM invoice v LEFT JOIN payment p
                      ON p.invoice_id = v.invoice_id AND p.account_id = v.account_id WHERE v.account_id IN ({touched}) GROUP BY 1) s
                WHERE s.invoice_id = i.invoice_id AND (i.paid_amount <> s.paid OR i.status <> CASE
                    WHEN i.status IN ('in_progress', 'scheduled') THEN i.status WHEN s.paid >= i.total THEN 'paid'
                    WHEN s.paid > 0 THEN 'partially_paid' ELSE 'unpaid' END)"""
            )
        if tables.keys() & {"account", "email_access"}:
            tx.execute(f"UPDATE account a SET state = s.state FROM ({STATES}) s WHERE s.account_id = a.account_id AND a.state <> s.state")
        if tables.keys() & {"chat", "chat_message"}:
            tx.execute(LAST_MESSAGES.format(touched=f"SELECT account_id FROM {self.at}.touched"))
        for block in tables.get("photo", ()):
            tx.execute(
                f"""UPDATE account a SET photo_id = q.object_id, version = a.version + 1
                FROM (SELECT account_id, max(object_id) AS object_id FROM {self.at}.f{block.number} GROUP BY 1) q
                WHERE q.account_id = a.account_id AND a.photo_id IS DISTINCT FROM q.object_id"""
            )


# What email_access says about the state of every account.
STATES = """SELECT a.account_id, CASE WHEN any_value(a.archived_at) IS NOT NULL THEN 'archived'
    WHEN count(*) FILTER (WHERE e.login AND e.suspended_at IS NULL AND e.first_login_at IS NOT NULL) > 0 THEN 'active'
    WHEN count(*) FILTER (WHERE e.login AND e.suspended_at IS NULL) > 0 THEN 'pending' ELSE 'offline' END AS state
    FROM account a LEFT JOIN email_access e ON e.account_id = a.account_id GROUP BY 1"""
LAST_MESSAGES = """UPDATE chat c SET last_message = s.text, last_message_at = s.sent_at, last_is_from_client = s.is_from_client, last_by_name = s.name
    FROM (SELECT m.chat_id, arg_max(m.text, m.sent_at) AS text, max(m.sent_at) AS sent_at,
                 arg_max(m.is_from_client, m.sent_at) AS is_from_client,
                 arg_max(coalesce(k.name, p.name, ''), m.sent_at) AS name
          FROM chat_message m LEFT JOIN contact k ON k.contact_id = m.contact_id
          LEFT JOIN staff_member p ON p.staff_member_id = m.staff_member_id
          WHERE m.account_id IN ({touched}) GROUP BY 1) s
    WHERE s.chat_id = c.chat_id AND c.account_id IN ({touched}) AND c.last_message_at IS DISTINCT FROM s.sent_at"""
