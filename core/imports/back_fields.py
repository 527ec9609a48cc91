"""Which fields a taking back sets to what they held before, and why others stay as they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from core.imports.checks.uniqueness import CROSSING, UNIQUE
from core.imports.made_rows import Changed, Key, MadeRows, Node, Place, named_of
from core.store import Reader
from core.store.bulk_entries import recorded
from core.store.migrations import newest_columns
from core.store.staging import STORE
from core.store.tables import TABLES

# A file that was replaced is gone with the import that replaced it.
OF_FILES = ("file", "sha256", "size_bytes", "media_type")
ERASED, MOVED, MISSING, TAKEN = "erased", "moved", "missing", "taken"
# What a row of this import holds that goes later.
WAITS = "waits"
# The value of a unique combination, folded as the forms fold it; None where a part is empty.
Folded = tuple[str, ...] | None


def settable(r: Reader, found: MadeRows, places: Sequence[Place] | None = None) -> Iterator[tuple[Place, str]]:
    """Yield of each changed field, or of these, why it stays as a word of ``Stay``; '' where it goes back, WAITS where it does once rows went."""
    wanted = list(found.changed) if places is None else list(places)
    why: dict[Place, str] = {}
    asked = wanted
    while asked:
        why |= _each(r, found, asked)
        _missing(r, found, why)
        # Who holds such a value may give it up by going back as well, unless that in turn is taken.
        more, asked = _taken(r, found, why)
        while more and not asked:
            why |= more
            more, asked = _taken(r, found, why)
    for place in wanted:
        yield place, why[place]


def _each(r: Reader, found: MadeRows, places: Sequence[Place]) -> Iterator[tuple[Place, str]]:
    """Yield of each field why it stays for its own sake."""
    kinds = {(table, column): kind for table, column, kind, _ in newest_columns()}
    by_field: dict[tuple[str, str], list[Key]] = defaultdict(list)
    for table, key, name in places:
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
            if held := found.held.get((table, key, name)):
                why = held
            elif _touched(found, table, key, name):
                why = MOVED
            elif not change.was_known or name in OF_FILES:
                why = ERASED
            elif key not in here or here[key] not in (change.new, change.old):
                why = MOVED
            else:
                why = ""
            yield (table, key, name), why


def _touched(found: MadeRows, table: str, key: Key, name: str) -> bool:
    """Return whether others decided since about a field, or about the address that it would give access."""
    if (named_of((table, key)), name) in found.touched:
        return True
    change = found.changed[table, key, name]
    gives = table == "email_access" and (change.old == "true" or (name == "suspended_at" and change.old is None))
    return gives and found.lost_ground((table, key))


def _missing(r: Reader, found: MadeRows, why: dict[Place, str]) -> None:
    """Hold fields that would refer to a row that is not there any more."""
    refers: dict[str, list[tuple[Place, int]]] = defaultdict(list)
    for place, held in why.items():
        of = TABLES[place[0]].references.get(place[2])
        old = found.changed[place].old
        if of and not held and old is not None and TABLES[of].has_id:
            refers[of].append((place, int(old)))
    for of, meant in refers.items():
        column = TABLES[of].key[0]
        there = r.rows(
            f"SELECT {column} AS id FROM {STORE}.{of} WHERE {column} IN (SELECT unnest($ids::BIGINT[]))", ids=[n for _, n in meant]
        )
        ids = {row["id"] for row in there}
        why |= {place: MISSING for place, number in meant if number not in ids}


def _taken(r: Reader, found: MadeRows, why: dict[Place, str]) -> tuple[dict[Place, str], list[Place]]:
    """Return fields that would make a second row of what there is once: another row holds it, and keeps it.

    Beside them the changed fields of such other rows that were not asked about yet.
    """
    more: dict[Place, str] = {}
    unasked: list[Place] = []
    for table, combinations in UNIQUE.items():
        for columns in combinations:
            names = [name for name, _ in columns]
            keys = list(dict.fromkeys(key for of, key, name in why if of == table and name in names and not why[of, key, name]))
            if not keys:
                continue
            after = _after(r, found, why, table, columns, keys)
            holders = _holders(r, table, columns, {value for value in after.values() if value})
            if table in CROSSING:
                for value, nodes in _holders(r, CROSSING[table], columns, {value for value in after.values() if value}).items():
                    holders[value] += nodes
            given: set[Folded] = set()
            for key, value in after.items():
                if value is None:
                    continue
                unasked += [
                    (*node, name) for node in holders.get(value, ()) for name in names
                    if (*node, name) in found.changed and (*node, name) not in why
                ]  # fmt: skip
                others = [node for node in holders.get(value, ()) if node != (table, key) and not _lets_go(found, why, node, names)]
                held = TAKEN if value in given or not all(found.goes(node) for node in others) else WAITS if others else ""
                given.add(value)
                if held:
                    more |= {(table, key, name): held for name in names if why.get((table, key, name)) == ""}
    return more, list(dict.fromkeys(unasked))


def _lets_go(found: MadeRows, why: dict[Place, str], node: Node, names: Sequence[str]) -> bool:
    """Return whether a row that holds a value gives it up in the same taking back: a field of it goes back to another value."""
    return any(
        why.get((*node, name)) in ("", WAITS) and _fold(found.changed[*node, name].old, False) != _fold(found.changed[*node, name].new, False)
        for name in names
    )  # fmt: skip


def _fold(value: object, case: bool) -> str:
    return str(value or "") if case else str(value or "").lower()


def _counts_case(name: str, case: bool) -> bool:
    """Return whether upper and lower case tell values apart: of addresses they do not."""
    return case and name != "email"


def _after(
    r: Reader, found: MadeRows, why: dict[Place, str], table: str, columns: Sequence[tuple[str, bool]], keys: Sequence[Key]
) -> dict[Key, Folded]:  # fmt: skip
    """Return what these rows would hold of a combination."""
    column, names = TABLES[table].key[0], ", ".join(name for name, _ in columns)
    rows = r.rows(
        f"SELECT {column}, {names} FROM {STORE}.{table} WHERE {column} IN (SELECT unnest($ids::BIGINT[]))", ids=[key[0] for key in keys]
    )
    after: dict[Key, Folded] = {}
    for row in rows:
        key = (row[column],)
        values = [
            _fold(found.changed[table, key, name].old if why.get((table, key, name)) == "" else row[name], _counts_case(name, case))
            for name, case in columns
        ]
        after[key] = tuple(values) if all(values) else None
    return after


def _holders(r: Reader, table: str, columns: Sequence[tuple[str, bool]], values: set[tuple[str, ...]]) -> dict[Folded, list[Node]]:
    """Return which rows of a table hold these combinations now."""
    name, case = columns[-1]
    key = TABLES[table].key[0]
    folded = name if _counts_case(name, case) else f"lower({name})"
    rows = r.rows(
        f"SELECT {key}, {', '.join(c for c, _ in columns)} FROM {STORE}.{table} WHERE {folded} IN (SELECT unnest($values::VARCHAR[]))",
        values=[value[-1] for value in values],
    )
    found: dict[Folded, list[Node]] = defaultdict(list)
    for row in rows:
        found[tuple(_fold(row[c], _counts_case(c, case)) for c, case in columns)].append((table, (row[key],)))
    return found
