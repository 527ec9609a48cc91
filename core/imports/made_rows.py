"""The rows a run of an import made and the fields it changed, as the record of changes tells them, and which of the rows can go again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from core.imports.plan import LastRun
from core.store import Reader, Row
from core.store.staging import STORE
from core.store.tables import TABLES, Table

# What is recorded of a row because somebody looked at it is no edit.
BY_LOOKING = ("seen_at", "seen_by", "is_read", "read_at")
# How a taking back names itself in the record.
THROUGH = "undo"
TEAM = ("staff_member", "staff_right")
Key = tuple[object, ...]
Place = tuple[str, Key, str]
Node = tuple[str, Key]
# A row as its entries in the record name it.
Named = tuple[str, int | None, int | None, int | None]
EDITED, HUNG = "edited", "hung"
_OF_RUN = "through = 'import' AND made_at = $made AND audit_entry_id > $since"

_WHOSE = ("account_id", "contact_id")
# What is asked of entries of others: of a row that was made or removed no single field.
_TOUCHED = "entity, entity_id, account_id, contact_id, action, CASE WHEN action = 'changed' THEN field END AS field"


@dataclass
class Changed:
    """A field that the run changed: what stood there before, and what the run wrote; ``was_known`` unless the old value was erased."""

    old: str | None
    new: str | None
    was_known: bool


@dataclass
class MadeRows:
    """What a run left.

    ``made`` are the rows it made that still are there, each with the made rows it refers to; ``stays`` those that must stay, with why;
    ``changed`` fields of other rows by (table, key, field); ``removed`` the fields of rows it removed by (table, key);
    ``named`` the made rows as entries of the record name them; ``held`` changed fields, and removed rows (with the field ''), that a rule
    keeps as they are now, with why; ``touched`` what others did since to changed fields, removed rows, and what access stands on: rows
    as the record names them with the field, '' for a row made or removed; ``cut`` clients and contacts of whom others removed a link.
    """

    made: dict[Node, set[Node]] = field(default_factory=dict)
    account_of: dict[Node, int | None] = field(default_factory=dict)
    stays: dict[Node, str] = field(default_factory=dict)
    changed: dict[Place, Changed] = field(default_factory=dict)
    removed: dict[Node, dict[str, str]] = field(default_factory=dict)
    named: dict[Named, list[Node]] = field(default_factory=lambda: defaultdict(list))
    held: dict[Place, str] = field(default_factory=dict)
    touched: set[tuple[Named, str]] = field(default_factory=set)
    cut: set[Node] = field(default_factory=set)

    @property
    def going(self) -> list[Node]:
        """The rows that can go."""
        return [node for node in self.made if node not in self.stays]

    def goes(self, node: Node) -> bool:
        """Return whether a row is one that can go."""
        return node in self.made and node not in self.stays

    @cached_property
    def watched(self) -> set[Named]:
        """The changed and removed rows, and the addresses and links of access, as the record names them."""
        nodes = {place[:2] for place in self.changed} | self.removed.keys()
        return {named_of(other) for node in nodes for other in (node, *access_stands_on(node))}

    def note_touch(self, row: Row) -> None:
        """Take note of what an entry of others says of a row or field."""
        spec = TABLES[row["entity"]]
        named = _named(spec, row)
        if named in self.watched:
            self.touched.add((named, row["field"] or ""))
            if row["action"] != "changed":
                for node in self.removed_as.get(named, ()):
                    self.held[*node, ""] = EDITED
        if spec.name == "account_contact" and row["action"] == "deleted":
            self.cut |= {("account", (row["account_id"],)), ("contact", (row["contact_id"],))}

    @cached_property
    def removed_as(self) -> dict[Named, list[Node]]:
        """The removed rows as entries of the record name them."""
        found: dict[Named, list[Node]] = defaultdict(list)
        for node in self.removed:
            found[named_of(node)].append(node)
        return found

    def lost_ground(self, node: Node) -> bool:
        """Return whether others touched the address, or the link to the client, that a row of access stands on."""
        address, *link = access_stands_on(node) or (None,)
        if address is None:
            return False
        moved = any((named_of(address), name) in self.touched for name in ("", "email", "contact_id"))
        return moved or any((named_of(other), "") in self.touched for other in link)

    @cached_property
    def of_team(self) -> tuple[list[Node], list[Place], list[Node]]:
        """The rows made, the fields changed and the rows removed of the firm's own people and their rights."""
        made, removed = ([node for node in nodes if node[0] in TEAM] for nodes in (self.made, self.removed))
        return made, [place for place in self.changed if place[0] in TEAM], removed


def made_rows(r: Reader, run: LastRun) -> MadeRows:
    """Return what a run left, as it stands now."""
    found = MadeRows()
    given: dict[str, object] = {"made": run.made_at, "since": run.compared_at}
    entries = r.rows(
        f"""SELECT action, entity, entity_id, account_id, contact_id, field, old_value, new_value, old_digest FROM {STORE}.audit_entry
        WHERE {_OF_RUN} AND action IN ('created', 'changed', 'deleted') ORDER BY audit_entry_id""",
        **given,
    )
    born: set[Node] = set()
    for row in entries:
        spec = TABLES[row["entity"]]
        node = spec.name, _key_of(spec, row)
        if row["action"] == "created" or (spec.one_field and row["old_value"] is None and row["old_digest"] is None):
            born.add(node)
            found.named[_named(spec, row)].append(node)
        elif row["action"] == "deleted":
            found.removed.setdefault(node, {})[row["field"]] = row["old_value"]
        elif node not in born and row["field"] not in spec.secret:
            place = spec.name, node[1], row["field"]
            before = found.changed.get(place)
            known = row["old_value"] is not None or row["old_digest"] is None
            found.changed[place] = Changed(
                before.old if before else row["old_value"], row["new_value"], before.was_known if before else known
            )
    del entries
    _but_sign_ins(found)
    _past_undone(r, found, given)
    _find_there(r, found, born)
    for row in _edited(r, given):
        found.note_touch(row)
        for node in found.named.get(_named(TABLES[row["entity"]], row), ()):
            if node in found.made:
                found.stays.setdefault(node, EDITED)
    close(found)
    return found


def _past_undone(r: Reader, found: MadeRows, given: dict[str, object]) -> None:
    """Where a run that was taken back by now wrote what stood in a field before this one, go on to what stood there before that."""
    undone = {row["made_at"] for row in r.rows(f"SELECT made_at FROM {STORE}.import_run WHERE undone_at IS NOT NULL")}
    if not undone or not found.changed:
        return
    before = f"""SELECT entity, entity_id, account_id, contact_id, field, old_value, old_digest, through, made_at, action
        FROM {STORE}.audit_entry WHERE action = 'changed' AND audit_entry_id <= $since"""
    of_undone = r.rows(
        f"{before} AND through = 'import' AND made_at IN (SELECT unnest($undone::TIMESTAMP[]))", since=given["since"], undone=list(undone)
    )
    wanted = {place for row in of_undone if (place := _place_of(row)) in found.changed}
    ended: set[Place] = set()
    ids = [named_of(place[:2])[1] for place in wanted]
    own = "(entity_id IS NULL OR entity_id IN (SELECT unnest($ids::BIGINT[]))) ORDER BY audit_entry_id DESC"
    for row in r.rows(f"{before} AND {own}", since=given["since"], ids=ids) if wanted else ():
        place = _place_of(row)
        if place not in wanted or place in ended:
            continue
        if row["through"] != "import" or row["made_at"] not in undone:
            ended.add(place)
            continue
        found.changed[place].old = row["old_value"]
        found.changed[place].was_known = row["old_value"] is not None or row["old_digest"] is None


def _place_of(row: Row) -> Place | None:
    """Return the field that an entry of a change is about; None for a table there is no more."""
    spec = TABLES.get(row["entity"])
    return (spec.name, _key_of(spec, row), row["field"]) if spec else None


def _but_sign_ins(found: MadeRows) -> None:
    """Leave out that an address signed in, where the run changed the address: either is signed in with anew. States follow from access."""
    for place in [place for place in found.changed if (place[0], place[2]) in (("account", "state"), ("email_access", "first_login_at"))]:
        if place[0] == "account":
            del found.changed[place]
            continue
        address = place[1][TABLES["email_access"].key.index("contact_email_id")]
        if ("contact_email", (address,), "email") in found.changed:
            del found.changed[place]


def hold(r: Reader, found: MadeRows, since: int) -> int:
    """Keep also what others edited, or hung something on, after entry ``since`` of the record; return its last entry."""
    looking = list(BY_LOOKING)
    end: int = r.value(f"SELECT coalesce(max(audit_entry_id), 0) FROM {STORE}.audit_entry")
    rows = r.rows(
        f"""SELECT DISTINCT {_TOUCHED} FROM {STORE}.audit_entry
        WHERE audit_entry_id > $since AND action IN ('created', 'changed', 'deleted') AND through <> '{THROUGH}'
        AND coalesce(field, '') NOT IN (SELECT unnest($looking))""",
        since=since, looking=looking,
    )  # fmt: skip
    numbered: dict[str, list[int]] = defaultdict(list)
    held: dict[Node, str] = {}
    for row in rows:
        if row["entity"] not in TABLES:
            continue
        spec = TABLES[row["entity"]]
        found.note_touch(row)
        own = found.named.get(_named(spec, row), ())
        held |= dict.fromkeys(own, EDITED)
        if own:
            continue
        if spec.has_id:
            numbered[spec.name].append(row["entity_id"])
        else:
            refers = {spec.names: row["entity_id"], "account_id": row["account_id"], "contact_id": row["contact_id"]}
            for column, value in refers.items():
                if column in spec.references:
                    held.setdefault((spec.references[column], (value,)), HUNG)
    for table, ids in numbered.items():
        spec = TABLES[table]
        if not spec.references:
            continue
        columns = ", ".join(spec.references)
        there = r.rows(f"SELECT {columns} FROM {STORE}.{table} WHERE {spec.key[0]} IN (SELECT unnest($ids::BIGINT[]))", ids=ids)
        for row in there:
            for column, of in spec.references.items():
                held.setdefault((of, (row[column],)), HUNG)
    new = {node: why for node, why in held.items() if node in found.made and node not in found.stays}
    if new:
        found.stays |= new
        close(found)
    return end


def _key_of(spec: Table, row: Row) -> Key:
    """Return the key of the row that an entry is about."""
    if spec.has_id:
        return (row["entity_id"],)
    value = row["new_value"] if row["action"] == "created" else row["old_value"]
    parts = {
        spec.names: row["entity_id"],
        "account_id": row["account_id"],
        "contact_id": row["contact_id"],
        spec.told_apart_by or "": value,
    }
    return tuple(parts.get(column) for column in spec.key)


def _named(spec: Table, row: Row) -> Named:
    return (spec.name, row["entity_id"], None, None) if spec.has_id else (spec.name, row["entity_id"], row["account_id"], row["contact_id"])


def named_of(node: Node) -> Named:
    """Return a row as its entries in the record name it."""
    spec, parts = TABLES[node[0]], dict(zip(TABLES[node[0]].key, node[1], strict=True))
    return _named(spec, {"entity_id": parts.get(spec.key[0] if spec.has_id else spec.names)} | {c: parts.get(c) for c in _WHOSE})


def access_stands_on(node: Node) -> tuple[Node, ...]:
    """Return the address of a row of access, and the link of its contact to the client; nothing for other rows."""
    if node[0] != "email_access":
        return ()
    account_id, contact_id, contact_email_id = node[1]
    return ("contact_email", (contact_email_id,)), ("account_contact", (account_id, contact_id))


def _edited(r: Reader, given: dict[str, object]) -> Iterator[Row]:
    """Yield what others did since to rows and fields."""
    rows = r.rows(
        f"""SELECT DISTINCT {_TOUCHED} FROM {STORE}.audit_entry WHERE audit_entry_id > $since
        AND action IN ('created', 'changed', 'deleted') AND through <> '{THROUGH}' AND NOT (through = 'import'
            AND (made_at = $made OR made_at IN (SELECT u.made_at FROM {STORE}.import_run u WHERE u.undone_at IS NOT NULL)))
        AND coalesce(field, '') NOT IN (SELECT unnest($looking))""",
        **given, looking=list(BY_LOOKING),
    )  # fmt: skip
    for row in rows:
        if row["entity"] in TABLES:
            yield row


def _find_there(r: Reader, found: MadeRows, born: set[Node]) -> None:
    """Read which of the rows still are there and what refers to them; a row of others that does holds them."""
    ids: dict[str, set[object]] = defaultdict(set)
    for table, key in born:
        if TABLES[table].has_id:
            ids[table].add(key[0])
    for spec in TABLES.values():
        if not spec.audited:
            continue
        refers = {column: table for column, table in spec.references.items() if table in ids}
        own = any(table == spec.name for table, _ in born)
        if not refers and not own:
            continue
        wanted = list(dict.fromkeys((*spec.key, *refers, *(("account_id",) if "account_id" in spec.references else ()))))
        among = {column: sorted(ids[table]) for column, table in refers.items()}  # type: ignore[type-var]
        if own and spec.has_id:
            among[spec.key[0]] = sorted(ids[spec.name])  # type: ignore[type-var]
        terms = [f"{column} IN (SELECT unnest($in_{column}::BIGINT[]))" for column in among]
        if own and not spec.has_id:
            # Rows without an id are known by what they refer to, which may all be older than the run.
            column = next(column for column in spec.key if column in spec.references)
            place = spec.key.index(column)
            among[column] = sorted({key[place] for table, key in born if table == spec.name} | set(among.get(column, ())))  # type: ignore[type-var]
            terms = [f"{column} IN (SELECT unnest($in_{column}::BIGINT[]))" for column in among]
        rows = r.rows(
            f"SELECT {', '.join(wanted)} FROM {STORE}.{spec.name} WHERE {' OR '.join(terms)}",
            **{f"in_{column}": values for column, values in among.items()},
        )
        for row in rows:
            node = spec.name, tuple(row[column] for column in spec.key)
            meant: set[Node] = {(table, (row[column],)) for column, table in refers.items() if row[column] in ids[table]}
            if node in born:
                found.made[node] = meant - {node}
                found.account_of[node] = row.get("account_id")
            else:
                for held in meant:
                    found.stays.setdefault(held, HUNG)
    found.stays = {node: why for node, why in found.stays.items() if node in born}


def close(found: MadeRows) -> None:
    """Keep what a staying row stands on, and what came with a staying client or contact, until nothing is added."""
    of_account: dict[int, list[Node]] = defaultdict(list)
    of_contact: dict[object, list[Node]] = defaultdict(list)
    for node, refers in found.made.items():
        if (account_id := found.account_of.get(node)) is not None:
            of_account[account_id].append(node)
        if node[0] in ("contact_email", "contact_field_value", "account_contact"):
            for table, key in refers:
                if table == "contact":
                    of_contact[key[0]].append(node)
    waiting = [node for node in found.stays if node in found.made]
    while waiting:
        node = waiting.pop()
        more: Iterable[Node] = found.made[node]
        if node[0] == "account":
            more = {*more, *of_account[int(str(node[1][0]))]}
        elif node[0] == "contact":
            more = {*more, *of_contact[node[1][0]]}
        # A row of a client that came with the run keeps the client whole.
        for other in more:
            if other not in found.stays and other in found.made:
                found.stays[other] = found.stays[node] if other[0] == "account" else "with"
                waiting.append(other)


def child_first() -> list[str]:
    """Return the audited tables so that each comes before those it refers to."""
    order: list[str] = []
    seen: set[str] = set()

    def visit(name: str) -> None:
        if name in seen:
            return
        seen.add(name)
        for column, other in TABLES[name].references.items():
            # A client names its photo, and the photo its client.
            if (name, column) != ("account", "photo_id"):
                visit(other)
        order.append(name)

    for name in TABLES:
        visit(name)
    return [name for name in reversed(order) if TABLES[name].audited]
