"""Take an import back: what it changed as it was before, what it made away again; whatever people did since stays, and is told."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from core.base.config import Settings, read_settings
from core.base.errors import AppError, NotAllowed, NotFound
from core.base.rights import Viewer
from core.documents import stored_files
from core.i18n import t
from core.imports.back_fields import WAITS, settable
from core.imports.back_pieces import CLIENTS_AT_ONCE, GRANTS, lets_in, make_again, pieces, remove, set_back
from core.imports.back_rules import gives_an_owner, keep_a_contact, keep_ranks
from core.imports.made_rows import THROUGH, Key, MadeRows, Node, Place, hold, made_rows
from core.imports.may_import import require_needs
from core.imports.plan import LastRun
from core.store import Reader, Row, Tx, now, reader, writer
from core.store.staging import STORE
from core.store.tables import TABLES

SYSTEM = Viewer.system("taking an import back", "import")
FOLDERS = {"document": "documents", "photo": "photos"}
# Access that is there again with every switch off.
WITHOUT_ACCESS = "off"
MAX_STAYS_TOLD = 200
log = logging.getLogger("kundenblick")


@dataclass(frozen=True)
class Stay:
    """What of an import stays, and why.

    ``edited`` by somebody since, ``hung`` on by something made since, ``moved`` or ``erased``,
    ``taken`` by another row or ``missing`` what it referred to, of a ``rank`` that one may not change,
    or the ``last_owner``, or the ``last_contact`` of a client; access that is there again but ``off``.
    """

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
        keep_ranks(r, found, viewer)
        keep_a_contact(r, found)
        counts: dict[str, dict[str, int]] = {"go": defaultdict(int), "back": defaultdict(int), "again": defaultdict(int)}
        kept = {}
        for table, _ in found.going:
            counts["go"][table] += 1
        for place, why in settable(r, found):
            if why not in ("", WAITS):
                kept[place] = why
            else:
                counts["back"][place[0]] += 1
        for node in found.removed:
            if (*node, "") not in found.held:
                counts["again"][node[0]] += 1
        return _told(r, run, found, counts, kept)


def take_import_back(viewer: Viewer, import_run_id: int, settings: Settings | None = None) -> TakingBack:
    """Take a run back, some clients at a time; interrupted, it goes on when it is asked for again. Return what was done.

    Raises what ``rehearse_taking_back`` raises, and NotAllowed for who looks as somebody else.
    """
    if viewer.by is not None:
        raise NotAllowed()
    run, settings = _run(viewer, import_run_id), settings or read_settings()
    # Begun, it no longer hangs on the session: whoever signs out while it runs leaves nothing half done.
    who = Viewer.staff(viewer.own_id, THROUGH) if viewer.kind == "staff" else replace(SYSTEM, through=THROUGH)
    with writer(SYSTEM) as tx:
        tx.execute(
            """UPDATE import_run SET undo_began_at = coalesce(undo_began_at, $now), undo_staff_member_id = $who
            WHERE import_run_id = $id AND undone_at IS NULL""",
            {"now": now(), "who": who.id, "id": import_run_id},
        )
    with reader(SYSTEM) as r:
        since: int = r.value(f"SELECT coalesce(max(audit_entry_id), 0) FROM {STORE}.audit_entry")
        found = made_rows(r, _window(run))
    did = _Did(run, who, settings, found, since)
    did.set_back([place for place in found.changed if gives_an_owner(found, place)])
    grants = [nodes for nodes in pieces(found) if nodes[0][0] in GRANTS]
    for nodes in grants:
        did.remove(nodes)
    did.set_back([place for place in found.changed if lets_in(place)])
    for nodes in pieces(found):
        if nodes[0][0] not in GRANTS:
            did.remove(nodes)
    # Once the rows went, what waited for their addresses goes back too.
    did.set_back(list(found.changed))
    with did.turn() as tx:
        did.count("again", make_again(tx, found))
    with did.turn() as tx:
        name = {"mapping": run["mapping"]}
        # Rows without an id of their own: what names them in the files came with this run.
        tx.execute("DELETE FROM import_key WHERE mapping = $mapping AND object_id = 0 AND made_at = $made", name | {"made": run["made_at"]})
        tx.execute("DELETE FROM import_feed WHERE import_run_id = $id", {"id": import_run_id})
        tx.execute("UPDATE import_run SET undone_at = $now WHERE import_run_id = $id", {"now": now(), "id": import_run_id})
        tx.note("taken_back", "import_run", import_run_id, text=run["mapping"])
    with reader(SYSTEM) as r:
        return _told(r, run, found, did.counts, did.kept)


class _Did:
    """One taking back, under way: every piece asks first whether the person still may, and what others did since the last piece."""

    def __init__(self, run: Row, who: Viewer, settings: Settings, found: MadeRows, since: int) -> None:
        self.run, self.who, self.settings, self.found, self.since = run, who, settings, found, since
        self.counts: dict[str, dict[str, int]] = {"go": {}, "back": {}, "again": {}}
        self.kept: dict[Place, str] = {}
        self.done: set[Place] = set()

    @contextmanager
    def turn(self) -> Iterator[Tx]:
        """Give the writers' turn for one piece, after what people touched since is held."""
        _run(self.who, self.run["import_run_id"])
        with writer(SYSTEM) as tx:
            tx.viewer = self.who
            self.since = hold(tx, self.found, self.since)
            keep_ranks(tx, self.found, self.who)
            keep_a_contact(tx, self.found)
            yield tx

    def count(self, what: str, counts: dict[str, int]) -> None:
        """Add what a piece did to what was done."""
        for table, n in counts.items():
            self.counts[what][table] = self.counts[what].get(table, 0) + n

    def remove(self, nodes: list[Node]) -> None:
        """Remove a piece of rows, but for those that are held meanwhile, and their files after it."""
        with self.turn() as tx:
            gone, files = remove(tx, self.run, [node for node in nodes if node not in self.found.stays])
        self.count("go", gone)
        for table, names in files.items():
            stored_files.remove(self.settings.data / FOLDERS[table], names)

    def set_back(self, places: list[Place]) -> None:
        """Set fields back that are not yet, some at a time."""
        places = [place for place in places if place not in self.done]
        self.done |= set(places)
        for start in range(0, len(places), CLIENTS_AT_ONCE):
            with self.turn() as tx:
                back, kept = set_back(tx, self.found, places[start : start + CLIENTS_AT_ONCE])
            self.count("back", back)
            self.done -= {place for place, why in kept.items() if why == WAITS}
            self.kept |= {place: why for place, why in kept.items() if why != WAITS}


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
    return [run for run, _ in _unfinished()]


def resume(settings: Settings, end: threading.Event) -> None:
    """Go on with what was interrupted as the server ended, for whoever began it and while they may; once, when a server starts."""
    for import_run_id, staff_member_id in _unfinished():
        if end.is_set():
            return
        try:
            take_import_back(SYSTEM if staff_member_id is None else Viewer.staff(staff_member_id), import_run_id, settings)
        except AppError as problem:
            log.warning("an import that was half taken back waits: %s", problem)


def _unfinished() -> list[tuple[int, int | None]]:
    with reader(SYSTEM) as r:
        asked = f"""SELECT import_run_id, undo_staff_member_id FROM {STORE}.import_run
            WHERE undo_began_at IS NOT NULL AND undone_at IS NULL ORDER BY 1"""
        return [(row["import_run_id"], row["undo_staff_member_id"]) for row in r.rows(asked)]


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


def _told(r: Reader, run: Row, found: MadeRows, counts: dict[str, dict[str, int]], kept: dict[Place, str]) -> TakingBack:
    held = [(node, why, "") for node, why in found.stays.items() if node in found.made and why != "with"]
    kept = {place: why for place, why in found.held.items() if not place[2]} | kept
    kept |= {(*node, ""): WITHOUT_ACCESS for node in found.removed if (*node, "") not in found.held and found.lost_ground(node)}
    moved = [((table, key), why, name) for (table, key, name), why in kept.items()]
    stays = tuple(Stay(table, _name_of(r, table, key, found), why, name) for (table, key), why, name in (*held, *moved)[:MAX_STAYS_TOLD])
    go, back, again = (dict(counts[what]) for what in ("go", "back", "again"))
    return TakingBack(run["import_run_id"], run["mapping"], go, back, again, stays, len(held) + len(moved))


def _name_of(r: Reader, table: str, key: Key, found: MadeRows) -> str:
    """Return what people call the client or row."""
    account_id = key[0] if table == "account" else found.account_of.get((table, key))
    if account_id is None and "account_id" in TABLES[table].key:
        account_id = key[TABLES[table].key.index("account_id")]
    if account_id is not None:
        return str(r.value(f"SELECT name FROM {STORE}.account WHERE account_id = $id", id=account_id) or "")
    if table == "staff_right":
        table, key = "staff_member", key[:1]
    if gone := found.removed.get((table, key)):
        return gone.get("name") or gone.get("email") or ""
    called = {"contact": "name", "contact_email": "email", "staff_member": "name", "tag": "name", "custom_field": "label"}
    if column := called.get(table):
        return str(r.value(f"SELECT {column} FROM {STORE}.{table} WHERE {TABLES[table].key[0]} = $id", id=key[0]) or "")
    return ""


__all__ = [
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
