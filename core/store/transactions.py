"""Write in one transaction that records every change, and keep projections in step with it."""

from __future__ import annotations

import secrets
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from core.base.errors import AccountNotFound, EditConflict, NotFound
from core.base.rights import Scope, Viewer
from core.store.audit import hash_chain
from core.store.companions import Companions
from core.store.connection import Connection
from core.store.read_cache import written_by
from core.store.reader import Reader, now
from core.store.rows import Row
from core.store.scope import sees
from core.store.standing import Standings
from core.store.tables import TABLES, Table

if TYPE_CHECKING:
    import pyarrow

P = TypeVar("P", bound="Projection")
_LINKED = "SELECT account_id FROM account_contact WHERE contact_id = $c"


class Tx(Reader):
    """Read and write the tables themselves in one transaction, and record every change."""

    def __init__(
        self, connection: Connection, viewer: Viewer, scope: Scope, head: tuple[int, str], projections: Sequence[type[Projection]] = ()
    ) -> None:  # fmt: skip
        super().__init__(connection, viewer, scope)
        self.head, self.moment, self.projections = head, now(), [kind() for kind in projections]
        self._entries: list[dict[str, object]] = []
        self.accounts: set[int] = set()
        self.members: set[int] = set()
        self.written: set[Hashable] = set()
        self.standings = Standings()

    def sees(self, account_id: int) -> bool:
        """Return whether the account exists and the viewer may see it, asking the tables."""
        return sees(self, account_id)

    def see(self, account_id: int) -> None:
        """Raise AccountNotFound for a missing and for a forbidden account alike."""
        if not self.sees(account_id):
            raise AccountNotFound()

    def execute(self, statement: str, parameters: object = None, *, only: Hashable = None) -> None:
        """Run a statement that the methods below do not cover; it is not recorded.

        - ``only``: The one key of the cache that it outdates; else every answer from its table is outdated.
        """
        if only is None:
            for table in (tables := written_by(statement)):
                self.standings.before(self, table)
            self.written |= tables
        else:
            self.written.add(only)
        self._connection.execute(statement, parameters)

    def insert_many(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Insert many rows in one statement, unrecorded: for derived tables, and for rows recorded as a batch."""
        self.standings.before(self, table, columns)
        self.written.add(table)
        _known(table)
        if len(rows) > 200:  # beyond, planning value by value costs more than the detour over columns
            from pyarrow import table as arrow_table

            self.insert_table(table, arrow_table(dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True))))
        elif rows:
            values = ", ".join([f"({', '.join('?' * len(columns))})"] * len(rows))
            self._connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES {values}", [v for row in rows for v in row])

    def insert_table(self, table: str, rows: pyarrow.Table) -> None:
        """Insert the rows of an Arrow table with the same column names, unrecorded."""
        self.standings.before(self, table)
        self.written.add(table)
        _known(table)
        self._connection.cursor.register("incoming_rows", rows)
        try:
            self._connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM incoming_rows")
        finally:
            self._connection.cursor.unregister("incoming_rows")

    def insert(self, table: str, /, **values: Any) -> Any:
        """Insert a row and record it. Return its new id where the table has one, else None."""
        spec = _known(table)
        if spec.has_id and spec.key[0] not in values:
            values = {spec.key[0]: self.new_id()} | values
        self.standings.before(self, table, values)
        self._connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({', '.join('$' + c for c in values)})", values)
        if spec.one_field:
            self._record("changed", table, values, "value", None, values["value"])
        else:
            self._created(table, values)
        self._touched(table, None, values)
        return values[spec.key[0]] if spec.has_id else None

    def insert_rows(self, table: str, rows: Sequence[Row]) -> None:
        """Insert many rows of the same columns and without an id, in few statements; each is recorded as by ``insert``."""
        self.insert_many(table, tuple(rows[0]) if rows else (), [tuple(row.values()) for row in rows])
        for row in rows:
            self._created(table, row)
            self._touched(table, None, row)

    def _created(self, table: str, row: Row) -> None:
        """Record a new row; a key column that the entry has no column for is recorded as its value."""
        field = _known(table).told_apart_by
        self._record("created", table, row, field, None, row[field] if field else None)

    def update(self, table: str, key: Mapping[str, object] | int, version: int | None = None, /, **values: object) -> None:
        """Change a row, record each changed field, and count its version up.

        - ``key``: The id, or a mapping of the key columns.
        - ``version``: The version that was read; None changes any.

        Raises NotFound when the row is missing, EditConflict when it has another version.
        """
        before = self.get(table, key)
        if before is None:
            raise NotFound()
        if version is not None and before["version"] != version:
            raise EditConflict({field: (None, before[field]) for field in values})
        changed = {field: value for field, value in values.items() if before[field] != value}
        if not changed:
            return
        self.standings.before(self, table, changed)
        self._set(table, self._key(table, key), changed, counts_version="version" in before)
        for field, value in changed.items():
            self._record("changed", table, before, field, before[field], value)
        self._touched(table, before, before | changed)

    def update_rows(self, table: str, ids: Sequence[int], /, **values: object) -> list[int]:
        """Set the same values in many rows of a table with ids, in few statements; each is recorded as by ``update``.

        Return the ids of the rows that changed; missing ones are passed over.
        """
        key = _known(table).key[0]
        rows = self.rows(f"SELECT * FROM {table} WHERE {key} IN (SELECT unnest($ids)) ORDER BY {key}", ids=list(ids))
        changed = [row for row in rows if any(row[field] != value for field, value in values.items())]
        if not changed:
            return []
        self.standings.before(self, table, values)
        found = [row[key] for row in changed]
        self._set(table, {key: found}, values, counts_version="version" in changed[0])
        for row in changed:
            for field, value in values.items():
                if row[field] != value:
                    self._record("changed", table, row, field, row[field], value)
            self._touched(table, row, row | values)
        return found

    def unlink(self, table: str, column: str, value: int) -> None:
        """Set a referring column to NULL wherever it has this value, in a table without versions; each row is recorded as by ``update``."""
        self.standings.before(self, table)
        for row in self.rows(f"UPDATE {table} SET {column} = NULL WHERE {column} = $value RETURNING *", value=value):
            self._record("changed", table, row, column, value, None)
            self._touched(table, row | {column: value}, row)

    def delete(self, table: str, key: Mapping[str, object] | int, /) -> None:
        """Delete a row and record each field that has a value. Raises NotFound."""
        before = self.get(table, key)
        if before is None:
            raise NotFound()
        self.standings.before(self, table)
        where, parameters = _where(self._key(table, key))
        self._connection.execute(f"DELETE FROM {table} WHERE {where}", parameters)
        self._gone(table, before)

    def delete_all(self, table: str, /, **values: object) -> list[Row]:
        """Delete every row with these values and return them; each is recorded as by ``delete``."""
        return self._delete_where(table, *_where(values))

    def delete_rows(self, table: str, keys: Sequence[tuple[object, ...]]) -> list[Row]:
        """Delete the rows with these keys in one statement and return them; each is recorded as by ``delete``. Missing ones are passed over."""
        columns = _known(table).key
        wanted = ", ".join(f"unnest($key_{column}) AS {column}" for column in columns)
        named: dict[str, object] = {f"key_{column}": [key[place] for key in keys] for place, column in enumerate(columns)}
        return self._delete_where(table, f"({', '.join(columns)}) IN (SELECT ({', '.join(columns)}) FROM (SELECT {wanted}))", named)

    def _delete_where(self, table: str, where: str, parameters: Mapping[str, object]) -> list[Row]:
        self.standings.before(self, table)
        rows = self.rows(f"DELETE FROM {table} WHERE {where} RETURNING *", **parameters)
        for row in rows:
            self._gone(table, row)
        return rows

    def _gone(self, table: str, before: Row) -> None:
        if _known(table).one_field:
            self._record("changed", table, before, "value", before["value"], None)
        else:
            for field, value in before.items():
                if value is not None and field not in ("version", *_known(table).secret):
                    self._record("deleted", table, before, field, value, None)
        self._touched(table, before, None)

    def get(self, table: str, key: Mapping[str, object] | int, /) -> Row | None:
        """Return the row itself, with every column, or None."""
        where, parameters = _where(self._key(table, key))
        return self.row(f"SELECT * FROM {table} WHERE {where}", **parameters)

    def found(self, table: str, key: Mapping[str, object] | int, /) -> Row:
        """Return the row itself, with every column. Raises NotFound when there is none."""
        row = self.get(table, key)
        if row is None:
            raise NotFound()
        return row

    def touch(self, table: str, /, *ids: int) -> None:
        """Count up the version of rows because something that belongs to them changed; not recorded."""
        self.written.add(table)
        key = _known(table).key[0]
        self._connection.execute(f"UPDATE {table} SET version = version + 1 WHERE {key} IN (SELECT unnest($ids))", {"ids": list(ids)})

    def new_id(self) -> int:
        """Return the next number of the sequence that all ids come from."""
        return int(self.value("SELECT nextval('object_id')"))

    def note(self, action: str, entity: str, entity_id: int | None = None, account_id: int | None = None, text: str | None = None) -> None:
        """Record something other than a row change: a sign-in, an export, a refusal."""
        self._entry(action, entity, entity_id, account_id, None, None, None, text)

    def record_at(
        self, moment: datetime, who: Viewer, action: str, table: str, row: Row, field: str | None = None, old: object = None, new: object = None
    ) -> None:  # fmt: skip
        """Record, of a row that was loaded in bulk, what happened to it earlier and who did it, as ``insert`` and ``update`` would have.

        For a made-up firm: what happens now is recorded with its own moment. Entries lie in the record in the order of the calls.
        """
        own = self.viewer, self.moment
        self.viewer, self.moment = who, moment
        try:
            if action == "created":
                self._created(table, row)
            else:
                self._record(action, table, row, field, old, new)
        finally:
            self.viewer, self.moment = own

    def erase(
        self, entity: str, entity_id: int | None = None, account_id: int | None = None, contact_id: int | None = None, field: str | None = None
    ) -> int:  # fmt: skip
        """Erase the values, with their salts, from the audit entries that fit; None fits every entry. Return how many had a value.

        The digests stay, so that the chain holds; the erasure is recorded as an entry of its own.
        """
        given = {"entity": entity, "entity_id": entity_id, "account_id": account_id, "contact_id": contact_id, "field": field}
        where, parameters = _where({column: value for column, value in given.items() if value is not None})
        held = f"{where} AND salt IS NOT NULL"
        count, *shared = self._connection.execute(
            f"""SELECT count(*), CASE WHEN count(account_id) = count(*) AND min(account_id) = max(account_id) THEN min(account_id) END,
                CASE WHEN count(contact_id) = count(*) AND min(contact_id) = max(contact_id) THEN min(contact_id) END
                FROM audit_entry WHERE {held}""", parameters,
        ).fetchall()[0]  # fmt: skip
        account_id, contact_id = account_id or shared[0], contact_id or shared[1]
        named = ", ".join(["entity_id"] if _known(entity).has_id else ["entity_id", "account_id", "contact_id"]) if entity in TABLES else ""
        if named:  # what an import remembers of these fields is the same text
            of_field = " AND field = $key_field" if field is not None else ""
            self._connection.execute(
                f"""UPDATE import_word SET said = NULL, is_known = FALSE, offered = NULL WHERE table_name = $key_entity{of_field}
                AND ({named}) IN (SELECT ({named}) FROM audit_entry WHERE {held})""", parameters,
            )  # fmt: skip
        self._connection.execute(f"UPDATE audit_entry SET old_value = NULL, new_value = NULL, salt = NULL WHERE {held}", parameters)
        self._entry("erased", entity, entity_id, account_id, contact_id, field, None, None)
        return int(count)

    def projection(self, kind: type[P]) -> P:
        """Return this transaction's instance of a projection. Raises LookupError for one the installation does not have."""
        for projection in self.projections:
            if isinstance(projection, kind):
                return projection
        raise LookupError(kind.__name__)

    @property
    def entries(self) -> tuple[dict[str, object], ...]:
        """The entries recorded so far."""
        return tuple(self._entries)

    def finish(self) -> None:
        """Write what belongs to the transaction before its commit: void links, derived rows, audit entries."""
        self.void_links()
        for projection in self.projections:
            projection.before_commit(self)
        if self._entries:
            number, previous = self.head
            for entry in self._entries:
                number += 1
                entry |= {"audit_entry_id": number, "previous_hash": previous}
                previous = entry["hash"] = hash_chain.link(entry)
            self.insert_many("audit_entry", hash_chain.COLUMNS, [[e.get(c) for c in hash_chain.COLUMNS] for e in self._entries])
            self.head = (number, previous)

    def void_links(self) -> None:
        """Delete the links and begun sign-ins of people whose standing this transaction changed so far."""
        if void := self.standings.void(self):
            self.execute("DELETE FROM one_time_link WHERE one_time_link_id IN (SELECT unnest($ids))", {"ids": void})

    def _key(self, table: str, key: Mapping[str, object] | int) -> Mapping[str, object]:
        return {_known(table).key[0]: key} if isinstance(key, int) else key

    def _set(self, table: str, key: Mapping[str, object], changed: Mapping[str, object], counts_version: bool) -> None:
        where, parameters = _where(key)
        assignments = [f"{field} = $new_{field}" for field in changed]
        if counts_version:
            assignments.append("version = version + 1")
        self._connection.execute(
            f"UPDATE {table} SET {', '.join(assignments)} WHERE {where}",
            parameters | {f"new_{field}": value for field, value in changed.items()},
        )

    def _touched(self, table: str, before: Row | None, after: Row | None) -> None:
        """Note which accounts and members a change concerns, and pass it on to projections."""
        self.written.add(table)
        rows = [row for row in (before, after) if row is not None]
        # Unaudited rows, such as who opened the account last, are not shown on its pages.
        if _known(table).audited:
            self.accounts |= {row["account_id"] for row in rows if row.get("account_id") is not None}
        if table in ("staff_member", "staff_right"):
            self.members |= {row["staff_member_id"] for row in rows}
        if table.startswith("contact"):
            for contact_id in {row["contact_id"] for row in rows if row.get("contact_id") is not None}:
                self.accounts |= {link["account_id"] for link in self.rows(_LINKED, c=contact_id)}
        for projection in self.projections:
            projection.touched(self, table, before, after)

    def _record(self, action: str, table: str, row: Row, field: str | None, old: object, new: object) -> None:
        spec = _known(table)
        if not spec.audited:
            return
        secret = field in spec.secret
        entity_id = row.get(spec.key[0] if spec.has_id else spec.names)
        self._entry(
            action, table, entity_id, row.get("account_id"), row.get("contact_id"), field,
            None if secret else hash_chain.as_text(old), None if secret else hash_chain.as_text(new),
        )  # fmt: skip

    def _entry(
        self, action: str, entity: str, entity_id: int | None, account_id: int | None, contact_id: int | None,
        field: str | None, old: str | None, new: str | None,
    ) -> None:  # fmt: skip
        salt = None if old is None and new is None else secrets.token_hex(16)
        self._entries.append(
            {
                "made_at": self.moment, "actor_kind": self.viewer.kind, "actor_id": self.viewer.id,
                "through": self.viewer.through, "action": action, "entity": entity, "entity_id": entity_id,
                "account_id": account_id, "contact_id": contact_id, "field": field, "old_value": old, "new_value": new,
                "salt": salt, "old_digest": hash_chain.digest(salt, old), "new_digest": hash_chain.digest(salt, new),
            }
        )  # fmt: skip


class Projection:
    """Keep derived tables, or a queue, in step with the rows of one transaction; a new instance for each.

    The product says which there are; a subclass overrides what it needs.
    """

    def touched(self, tx: Tx, table: str, before: Row | None, after: Row | None) -> None:
        """Take note of a row that was added (``before`` is None), changed, or removed (``after`` is None); may read."""

    def before_commit(self, tx: Tx) -> None:
        """Write what is derived from the rows, in their own transaction."""

    def after_commit(self, beside: Companions) -> None:
        """Wake whatever waits; the transaction is on the disk."""

    @classmethod
    def after_long_transaction(cls, beside: Companions) -> None:
        """Wake whatever waits, after a long transaction whose rows were not passed to ``touched`` one by one."""


def _known(table: str) -> Table:
    """Return the description of a table. Raises ValueError for an unknown name."""
    if table not in TABLES:
        raise ValueError(f"no table {table!r}")
    return TABLES[table]


def _where(key: Mapping[str, object]) -> tuple[str, dict[str, object]]:
    """Return a condition for these values (a list: any of them; None: NULL), and its parameters."""
    terms = [
        f"{c} IN (SELECT unnest($key_{c}))" if isinstance(value, list) else f"{c} IS NOT DISTINCT FROM $key_{c}" if value is None
        else f"{c} = $key_{c}" for c, value in key.items()
    ]  # fmt: skip
    return " AND ".join(terms), {f"key_{column}": value for column, value in key.items()}
