"""Take an import back: what it changed as it was before, what it made away again; whatever people did since stays, and is told."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from core.base.config import Settings, read_settings
from core.base.errors import AppError, NotFound
from core.base.rights import Viewer
from core.documents import stored_files
from core.i18n import t
from core.imports.derived_columns import LAST_MESSAGES, PAID, STATES
from core.imports.made_rows import HUNG, THROUGH, Changed, Key, MadeRows, Node, child_first, made_rows
from core.imports.may_import import require_needs
from core.imports.plan import LastRun
from core.store import Reader, Row, Tx, now, reader, writer
from core.store.bulk_entries import recorded
from core.store.migrations import newest_columns
from core.store.staging import STORE
from core.store.tables import TABLES

SYSTEM = Viewer.system("taking an import back", "import")
# Clients, and rows of no client, that one transaction takes back: others wait no longer than for these.
CLIENTS_AT_ONCE = 200
# What lets somebody in goes first.
GRANTS = ("email_access", "staff_right", "assignment")
# A file that was replaced is gone with the import that replaced it.
OF_FILES = ("file", "sha256", "size_bytes", "media_type")
FOLDERS = {"document": "documents", "photo": "photos"}
MAX_STAYS_TOLD = 200
log = logging.getLogger("kundenblick")


@dataclass(frozen=True)
class Stay:
    """What of an import stays, and why: ``edited`` by somebody since, ``hung`` on by something made since, ``moved`` or ``erased``."""

    table: str
    name: str
    why: str
    field: str = ""


@dataclass(frozen=True)
class TakingBack:
    """What taking a run back does: rows by table that go, fields set back, rows made again; and what stays, the first ones by name."""

    import_run_id: int
    mapping: str
    go: dict[str, int] = field(default_factory=dict)
    back: dict[str, int] = field(default_factory=dict)
    again: dict[str, int] = field(default_factory=dict)
    stays: tuple[Stay, ...] = ()
    stay_count: int = 0


def rehearse_taking_back(viewer: Viewer, import_run_id: int) -> TakingBack:
    """Return what taking this run back would do, and write nothing.

    Raises NotFound for a run that is not there or not this viewer's to take back, AppError when another run of the mapping is newer.
    """
    run = _run(viewer, import_run_id)
    with reader(SYSTEM) as r:
        found = made_rows(r, _window(run))
        return _told(r, run, found, dict(_settable(r, found)))


def take_import_back(viewer: Viewer, import_run_id: int, settings: Settings | None = None) -> TakingBack:
    """Take a run back, some clients at a time; interrupted, it goes on when it is asked for again. Return what was done.

    Raises what ``rehearse_taking_back`` raises.
    """
    run, settings = _run(viewer, import_run_id), settings or read_settings()
    who = replace(viewer, through=THROUGH)
    with writer(SYSTEM) as tx:
        tx.execute(
            "UPDATE import_run SET undo_began_at = coalesce(undo_began_at, $now) WHERE import_run_id = $id",
            {"now": now(), "id": import_run_id},
        )
    with reader(SYSTEM) as r:
        found = made_rows(r, _window(run))
        told = _told(r, run, found, dict(_settable(r, found)))
    for nodes in _pieces(found):
        _run(viewer, import_run_id)
        files = _remove(who, run, nodes)
        for table, names in files.items():
            stored_files.remove(settings.data / FOLDERS[table], names)
    places = list(found.changed)
    for start in range(0, len(places), CLIENTS_AT_ONCE):
        _run(viewer, import_run_id)
        with writer(SYSTEM) as tx:
            _as(tx, who)
            _set_back(tx, found, places[start : start + CLIENTS_AT_ONCE])
    with writer(SYSTEM) as tx:
        _as(tx, who)
        _make_again(tx, found)
    with writer(SYSTEM) as tx:
        _as(tx, who)
        name = {"mapping": run["mapping"]}
        # Rows without an id of their own: what names them in the files came with this run.
        tx.execute("DELETE FROM import_key WHERE mapping = $mapping AND object_id = 0 AND made_at = $made", name | {"made": run["made_at"]})
        tx.execute("DELETE FROM import_feed WHERE import_run_id = $id", {"id": import_run_id})
        tx.execute("UPDATE import_run SET undone_at = $now WHERE import_run_id = $id", {"now": now(), "id": import_run_id})
        tx.note("taken_back", "import_run", import_run_id, text=run["mapping"])
    return told


def newest_run(mapping: str) -> int:
    """Return the number of the newest run of a mapping that was not taken back. Raises NotFound."""
    with reader(SYSTEM) as r:
        found = r.value(
            f"SELECT max(import_run_id) FROM {STORE}.import_run WHERE mapping = $mapping AND undone_at IS NULL", mapping=mapping
        )
    if found is None:
        raise NotFound()
    return int(found)


def take_back_newest(settings: Settings, mapping: str, say: Callable[[str], None], *, dry_run: bool = False) -> bool:
    """Take the newest run of a mapping back, or with ``dry_run`` only say what would happen; return whether there is one."""
    try:
        run = newest_run(mapping)
    except NotFound:
        say(t("imports.back.unknown", mapping=mapping))
        return False
    told = rehearse_taking_back(SYSTEM, run) if dry_run else take_import_back(SYSTEM, run, settings)
    for line in lines_of(told):
        say(line)
    say(t("imports.dry_run") if dry_run else t("imports.back.done", mapping=mapping))
    return True


def lines_of(told: TakingBack) -> Iterator[str]:
    """Yield what is or would be taken back in sentences, then what stays."""
    for key, counts in (("go", told.go), ("values", told.back), ("again", told.again)):
        for table, count in counts.items():
            yield t(f"imports.back.{key}", table=table, n=count, count=count)
    if not (told.go or told.back or told.again):
        yield t("imports.back.nothing")
    for stay in told.stays:
        yield t(f"imports.back.{stay.why}", table=stay.table, name=stay.name, field=stay.field)
    if more := told.stay_count - len(told.stays):
        yield t("imports.back.more", n=more, count=more)


def unfinished() -> list[int]:
    """Return the runs whose taking back was interrupted."""
    with reader(SYSTEM) as r:
        asked = f"SELECT import_run_id FROM {STORE}.import_run WHERE undo_began_at IS NOT NULL AND undone_at IS NULL ORDER BY 1"
        return [row["import_run_id"] for row in r.rows(asked)]


def resume(settings: Settings, end: threading.Event) -> None:
    """Go on with what was interrupted as the server ended, as the program itself; once, when a server starts."""
    for import_run_id in unfinished():
        if end.is_set():
            return
        try:
            take_import_back(SYSTEM, import_run_id, settings)
        except AppError as problem:
            log.warning("an import that was half taken back waits: %s", problem)


def _run(viewer: Viewer, import_run_id: int) -> Row:
    """Return the run if this viewer may take it back now."""
    with reader(viewer) as r:
        row = r.row(f"SELECT * FROM {STORE}.import_run WHERE import_run_id = $id AND undone_at IS NULL", id=import_run_id)
        job = r.row(f"SELECT needs FROM {STORE}.import_job WHERE import_run_id = $id", id=import_run_id)
        if row is None or row["made_at"] is None or (job is None and r.scope.kind != "system"):
            raise NotFound()
        if job is not None:
            require_needs(r.scope, job["needs"].split())
        newer = f"SELECT 1 FROM {STORE}.import_run WHERE mapping = $mapping AND import_run_id > $id AND undone_at IS NULL LIMIT 1"
        if r.value(newer, mapping=row["mapping"], id=import_run_id):
            raise AppError("run_not_newest")
    return row


def _window(run: Row) -> LastRun:
    return LastRun(run["compared_at"] or 0, run["made_at"])


def _as(tx: Tx, who: Viewer) -> None:
    """Let the record name the person: the program itself does what the person may not do by hand."""
    if who.kind == "staff":
        tx.viewer = who.person if who.by else who
    else:
        tx.viewer = replace(SYSTEM, through=THROUGH)


def _pieces(found: MadeRows) -> Iterator[list[Node]]:
    """Yield the rows that go: first what lets somebody in, then clients whole, then what is of no client."""
    going = found.going
    grants = [node for node in going if node[0] in GRANTS]
    if grants:
        yield grants
    by_account: dict[int, list[Node]] = defaultdict(list)
    rest = []
    for node in going:
        if node[0] in GRANTS:
            continue
        account_id = int(str(node[1][0])) if node[0] == "account" else found.account_of.get(node)
        if account_id is None:
            rest.append(node)
        else:
            by_account[account_id].append(node)
    accounts = list(by_account)
    for start in range(0, len(accounts), CLIENTS_AT_ONCE):
        yield [node for account_id in accounts[start : start + CLIENTS_AT_ONCE] for node in by_account[account_id]]
    order = {name: place for place, name in enumerate(child_first())}
    rest.sort(key=lambda node: order[node[0]])
    for start in range(0, len(rest), 10 * CLIENTS_AT_ONCE):
        yield rest[start : start + 10 * CLIENTS_AT_ONCE]


def _remove(who: Viewer, run: Row, nodes: Sequence[Node]) -> dict[str, list[str]]:
    """Delete rows with their keys in one transaction; return by table the files that no row names any more."""
    by_table: dict[str, list[Key]] = defaultdict(list)
    for table, key in nodes:
        by_table[table].append(key)
    files: dict[str, list[str]] = {}
    with writer(SYSTEM) as tx:
        _as(tx, who)
        touched: set[int] = set()
        for table in child_first():
            if not (keys := by_table.get(table)):
                continue
            spec = TABLES[table]
            if spec.has_id:
                ids = [key[0] for key in keys]
                _let_go(tx, table, ids)
                names = f"mapping = $mapping AND table_name = '{table}' AND object_id IN (SELECT unnest($ids::BIGINT[]))"
                tx.execute(f"DELETE FROM import_key WHERE {names}", {"mapping": run["mapping"], "ids": ids})
            for key in keys:
                before = tx.get(table, dict(zip(spec.key, key, strict=True)))
                if before is None:
                    continue
                if table in FOLDERS and before["file"]:
                    files.setdefault(table, []).append(before["file"])
                if before.get("account_id") is not None:
                    touched.add(before["account_id"])
                tx.delete(table, dict(zip(spec.key, key, strict=True)))
        _consequences(tx, touched)
        for table, names_there in files.items():
            there = {row["file"] for row in tx.rows(f"SELECT file FROM {table} WHERE file IN (SELECT unnest($files))", files=names_there)}
            files[table] = [name for name in names_there if name not in there]
    return files


def _let_go(tx: Tx, table: str, ids: list[object]) -> None:
    """Delete what the program itself keeps of rows, and let go of their photo."""
    for name, spec in TABLES.items():
        if spec.audited:
            continue
        for column, of in spec.references.items():
            if of == table and not name.startswith("import_"):
                tx.execute(f"DELETE FROM {name} WHERE {column} IN (SELECT unnest($ids::BIGINT[]))", {"ids": ids})
    if table == "photo":
        tx.execute("UPDATE account SET photo_id = NULL WHERE photo_id IN (SELECT unnest($ids::BIGINT[]))", {"ids": ids})


def _consequences(tx: Tx, accounts: Iterable[int]) -> None:
    """Compute anew what follows from rows that went or changed: sums of payments, states of clients, last messages."""
    if listed := ", ".join(str(int(number)) for number in accounts):
        tx.execute(PAID.format(touched=listed))
        tx.execute(LAST_MESSAGES.format(touched=listed))
        tx.execute(STATES.format(stated=listed))


def _settable(r: Reader, found: MadeRows) -> Iterator[tuple[tuple[str, Key, str], str]]:
    """Yield of each changed field why it stays: ``moved`` or ``erased``; '' where it goes back."""
    kinds = {(table, column): kind for table, column, kind, _ in newest_columns()}
    by_field: dict[tuple[str, str], list[Key]] = defaultdict(list)
    for table, key, name in found.changed:
        by_field[table, name].append(key)
    for (table, name), keys in by_field.items():
        spec = TABLES[table]
        here: dict[Key, str | None] = {}
        first = [key[0] for key in keys]
        now_there = r.rows(
            f"""SELECT {", ".join(spec.key)}, {recorded(name, kinds[table, name])} AS said FROM {STORE}.{table}
            WHERE {spec.key[0]} IN (SELECT unnest($ids::BIGINT[]))""",
            ids=first,
        )
        for row in now_there:
            here[tuple(row[column] for column in spec.key)] = row["said"]
        for key in keys:
            change: Changed = found.changed[table, key, name]
            if not change.was_known or name in OF_FILES:
                why = "erased"
            elif key not in here or here[key] not in (change.new, change.old):
                why = "moved"
            else:
                why = ""
            yield (table, key, name), why


def _set_back(tx: Tx, found: MadeRows, places: Sequence[tuple[str, Key, str]]) -> None:
    """Set fields to what they held before the run, where they still hold what it wrote."""
    kinds = {(table, column): kind for table, column, kind, _ in newest_columns()}
    part = MadeRows(changed={place: found.changed[place] for place in places})
    touched: set[int] = set()
    for (table, key, name), why in list(_settable(tx, part)):
        if why:
            continue
        old = found.changed[table, key, name].old
        value = old if old is None else tx.value(f"SELECT CAST($old AS {kinds[table, name]})", old=old)
        row_key = dict(zip(TABLES[table].key, key, strict=True))
        if TABLES[table].one_field and value is None:
            tx.delete(table, row_key)
            continue
        tx.update(table, row_key, **{name: value})
        row = tx.get(table, row_key) or {}
        if row.get("account_id") is not None:
            touched.add(row["account_id"])
    _consequences(tx, touched)


def _make_again(tx: Tx, found: MadeRows) -> None:
    """Make rows again that the run removed, from what the record holds of them, where what they refer to is still there."""
    kinds = {(table, column): kind for table, column, kind, _ in newest_columns()}
    touched: set[int] = set()
    for table in reversed(child_first()):
        spec = TABLES[table]
        for (name, key), fields in found.removed.items():
            if name != table:
                continue
            values = {
                column: tx.value(f"SELECT CAST($old AS {kinds[table, column]})", old=old)
                for column, old in fields.items()
                if old is not None
            }
            row_key = {column: values.get(column, part) for column, part in zip(spec.key, key, strict=True)}
            missing = [
                column for column, of in spec.references.items()
                if values.get(column) is not None and TABLES[of].has_id and tx.get(of, values[column]) is None
            ]  # fmt: skip
            if missing or None in row_key.values() or tx.get(table, row_key) is not None:
                continue
            tx.insert(table, **(row_key | values))
            if values.get("account_id") is not None:
                touched.add(values["account_id"])
    _consequences(tx, touched)


def _told(r: Reader, run: Row, found: MadeRows, settable: dict[tuple[str, Key, str], str]) -> TakingBack:
    go: dict[str, int] = defaultdict(int)
    back: dict[str, int] = defaultdict(int)
    again: dict[str, int] = defaultdict(int)
    for table, _ in found.going:
        go[table] += 1
    for (table, _, _), why in settable.items():
        back[table] += not why
    for table, _ in found.removed:
        again[table] += 1
    held = [(node, why, "") for node, why in found.stays.items() if node in found.made and why != "with"]
    moved = [((table, key), why, name) for (table, key, name), why in settable.items() if why]
    stays = tuple(Stay(table, _name_of(r, table, key, found), why, name) for (table, key), why, name in (*held, *moved)[:MAX_STAYS_TOLD])
    return TakingBack(
        run["import_run_id"],
        run["mapping"],
        dict(go),
        {table: n for table, n in back.items() if n},
        dict(again),
        stays,
        len(held) + len(moved),
    )


def _name_of(r: Reader, table: str, key: Key, found: MadeRows) -> str:
    """Return what people call the client or row."""
    account_id = key[0] if table == "account" else found.account_of.get((table, key))
    if account_id is None and "account_id" in TABLES[table].key:
        account_id = key[TABLES[table].key.index("account_id")]
    if account_id is not None:
        return str(r.value(f"SELECT name FROM {STORE}.account WHERE account_id = $id", id=account_id) or "")
    called = {"contact": "name", "contact_email": "email", "staff_member": "name", "tag": "name", "custom_field": "label"}
    if column := called.get(table):
        return str(r.value(f"SELECT {column} FROM {STORE}.{table} WHERE {TABLES[table].key[0]} = $id", id=key[0]) or "")
    return ""


__all__ = [
    "HUNG",
    "Stay",
    "TakingBack",
    "lines_of",
    "newest_run",
    "rehearse_taking_back",
    "resume",
    "take_back_newest",
    "take_import_back",
    "unfinished",
]
