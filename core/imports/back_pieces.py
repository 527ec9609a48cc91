"""Take rows of a run back in pieces, each one transaction that asks anew what people did meanwhile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from core.access.contact_access import SWITCHES
from core.access.ended_sessions import BY_ADDRESS, begin_anew, end_sessions_without_standing, is_another
from core.imports.back_fields import settable
from core.imports.derived_columns import LAST_MESSAGES, PAID, STATES
from core.imports.made_rows import Key, MadeRows, Node, Place, child_first
from core.imports.stage import SEPARATOR
from core.store import Row, Tx
from core.store.migrations import newest_columns
from core.store.standing import DECIDING
from core.store.tables import TABLES

# Clients, and rows of no client, that one transaction takes back: others wait no longer than for these.
CLIENTS_AT_ONCE = 200
# What lets somebody in goes first.
GRANTS = ("email_access", "staff_right", "assignment")
WITH_FILES = ("document", "photo")
# Rows of a contact go with the last of its clients.
OF_CONTACT = ("contact_email", "contact_field_value")


def pieces(found: MadeRows) -> Iterator[list[Node]]:
    """Yield the rows that go: first what lets somebody in, then clients whole with their contacts, then what is of no client."""
    going = found.going
    grants = [node for node in going if node[0] in GRANTS]
    for start in range(0, len(grants), 10 * CLIENTS_AT_ONCE):
        yield grants[start : start + 10 * CLIENTS_AT_ONCE]
    by_account: dict[int, list[Node]] = {}
    client_of: dict[Node, int] = {}
    rest = []
    for node in going:
        account_id = int(str(node[1][0])) if node[0] == "account" else found.account_of.get(node)
        if account_id is None:
            rest.append(node)
        elif node[0] not in GRANTS:
            by_account.setdefault(account_id, []).append(node)
    for account_id, nodes in by_account.items():
        for node in nodes:
            if node[0] == "account_contact":
                client_of |= dict.fromkeys((of for of in found.made[node] if of[0] == "contact"), account_id)
    alone = []
    for node in rest:
        contact = node if node[0] == "contact" else next((of for of in found.made[node] if of[0] == "contact"), node)
        if node[0] in ("contact", *OF_CONTACT) and contact in client_of:
            by_account[client_of[contact]].append(node)
        else:
            alone.append(node)
    accounts = list(by_account)
    for start in range(0, len(accounts), CLIENTS_AT_ONCE):
        yield [node for account_id in accounts[start : start + CLIENTS_AT_ONCE] for node in by_account[account_id]]
    order = {name: place for place, name in enumerate(child_first())}
    alone.sort(key=lambda node: order[node[0]])
    for start in range(0, len(alone), 10 * CLIENTS_AT_ONCE):
        yield alone[start : start + 10 * CLIENTS_AT_ONCE]


def lets_in(place: Place) -> bool:
    """Return whether a field decides who gets in."""
    return place[0] in GRANTS or place[2] in DECIDING.get(place[0], ())


def remove(tx: Tx, run: Row, nodes: Sequence[Node]) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Delete rows with their keys; return by table how many went, and the files that no row names any more."""
    by_table: dict[str, list[Key]] = defaultdict(list)
    for table, key in nodes:
        by_table[table].append(key)
    gone: dict[str, int] = {}
    files: dict[str, list[str]] = {}
    touched: set[int] = set()
    forgotten: dict[tuple[str, str], list[str]] = defaultdict(list)
    for table in child_first():
        if not (keys := by_table.get(table)):
            continue
        if TABLES[table].has_id:
            ids = [key[0] for key in keys]
            _let_go(tx, table, ids)
            for row in _forget(tx, table, ids):
                if row["mapping"] != run["mapping"]:
                    forgotten[row["mapping"], table].append(row["source_key"])
        rows = tx.delete_rows(table, keys)
        gone[table] = len(rows)
        touched |= {row["account_id"] for row in rows if row.get("account_id") is not None}
        if table in WITH_FILES and (named := [row["file"] for row in rows if row["file"]]):
            there = {row["file"] for row in tx.rows(f"SELECT file FROM {table} WHERE file IN (SELECT unnest($files))", files=named)}
            files[table] = [name for name in named if name not in there]
    _forget_links(tx, forgotten)
    _consequences(tx, touched)
    _shut(tx, by_table)
    return gone, files


def set_back(tx: Tx, found: MadeRows, places: Sequence[Place]) -> tuple[dict[str, int], dict[Place, str]]:
    """Set fields to what they held before the run, where they still hold what it wrote; return how many by table, and why others stay."""
    kinds = {(table, column): kind for table, column, kind, _ in newest_columns()}
    counts: dict[str, int] = defaultdict(int)
    touched: set[int] = set()
    of_row: dict[Node, dict[str, object]] = defaultdict(dict)
    kept: dict[Place, str] = {}
    for (table, key, name), why in list(settable(tx, found, places)):
        if why:
            kept[table, key, name] = why
            continue
        old = found.changed[table, key, name].old
        of_row[table, key][name] = old if old is None else tx.value(f"SELECT CAST($old AS {kinds[table, name]})", old=old)
        counts[table] += 1
    anew: dict[str, list[int]] = defaultdict(list)
    for (table, key), values in of_row.items():
        row_key = dict(zip(TABLES[table].key, key, strict=True))
        if table in BY_ADDRESS and "email" in values and is_another(tx.found(table, row_key)["email"], values["email"]):
            anew[table].append(int(str(key[0])))
        if TABLES[table].one_field and values["value"] is None:
            tx.delete(table, row_key)
        else:
            tx.update(table, row_key, **values)
        row = tx.get(table, row_key) or row_key
        if row.get("account_id") is not None:
            touched.add(int(str(row["account_id"])))
    for table, ids in anew.items():
        begin_anew(tx, table, ids)
    _consequences(tx, touched)
    _shut(tx, {table for table, _ in of_row})
    return counts, kept


def _stands(tx: Tx, table: str, values: dict[str, object]) -> bool:
    """Return whether there is a row with these values."""
    same = " AND ".join(f"{column} IS NOT DISTINCT FROM ${column}" for column in values)
    return tx.value(f"SELECT 1 FROM {table} WHERE {same} LIMIT 1", **values) is not None


def make_again(tx: Tx, found: MadeRows) -> dict[str, int]:
    """Make rows again that the run removed, from what the record holds of them, where what they refer to is still there; count by table."""
    kinds = {(table, column): kind for table, column, kind, _ in newest_columns()}
    counts: dict[str, int] = defaultdict(int)
    touched: set[int] = set()
    for table in reversed(child_first()):
        spec = TABLES[table]
        for (name, key), fields in found.removed.items():
            if name != table or (name, key, "") in found.held:
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
            if spec.natural and _stands(tx, table, {column: values.get(column) for column in spec.natural}):
                continue
            if table == "email_access":
                link = {column: row_key[column] for column in ("account_id", "contact_id")}
                if tx.get("account_contact", link) is None:
                    continue
                if found.lost_ground((table, key)):
                    values = {name: value for name, value in values.items() if name.removesuffix("_since") not in SWITCHES}
            tx.insert(table, **(row_key | values))
            counts[table] += 1
            if values.get("account_id") is not None:
                touched.add(values["account_id"])
    _consequences(tx, touched)
    return counts


def _let_go(tx: Tx, table: str, ids: list[object]) -> None:
    """Delete what the program itself keeps of rows, and let go of their photo."""
    for name, spec in TABLES.items():
        if spec.audited:
            continue
        for column, of in spec.references.items():
            # Whoever looks as a member that goes is looked after with the views.
            if of == table and not name.startswith("import_") and column != "viewed_member_id":
                tx.execute(f"DELETE FROM {name} WHERE {column} IN (SELECT unnest($ids::BIGINT[]))", {"ids": ids})
    if table == "photo":
        tx.execute("UPDATE account SET photo_id = NULL WHERE photo_id IN (SELECT unnest($ids::BIGINT[]))", {"ids": ids})


def _forget(tx: Tx, table: str, ids: list[object]) -> list[Row]:
    """Delete the keys of rows and what files said of them, of every mapping: nobody here removed them. Return the keys."""
    parts = [part for part in ("account", "contact") if part == table]
    words = f"table_name = '{table}' AND entity_id IN (SELECT unnest($ids::BIGINT[]))"
    words += "".join(f" OR {part}_id IN (SELECT unnest($ids::BIGINT[]))" for part in parts)
    tx.execute(f"DELETE FROM import_word WHERE {words}", {"ids": ids})
    named = f"table_name = '{table}' AND object_id IN (SELECT unnest($ids::BIGINT[]))"
    keys = tx.rows(f"SELECT mapping, source_key FROM import_key WHERE {named}", ids=ids)
    tx.execute(f"DELETE FROM import_key WHERE {named}", {"ids": ids})
    return keys


def _forget_links(tx: Tx, forgotten: dict[tuple[str, str], list[str]]) -> None:
    """Delete other mappings' keys of rows that are named by what they refer to, where that went: else their next run left the rows out."""
    for spec in TABLES.values():
        if not spec.audited or spec.is_keyed:
            continue
        for place, column in enumerate(spec.unique, 1):
            for (mapping, table), keys in forgotten.items():
                if spec.references.get(column) == table:
                    tx.execute(
                        f"""DELETE FROM import_key WHERE mapping = $mapping AND table_name = '{spec.name}' AND object_id = 0
                        AND split_part(source_key, '{SEPARATOR}', {place}) IN (SELECT unnest($keys::VARCHAR[]))""",
                        {"mapping": mapping, "keys": keys},
                    )


def _consequences(tx: Tx, accounts: Iterable[int]) -> None:
    """Compute anew what follows from rows that went or changed: sums of payments, states of clients, last messages."""
    if listed := ", ".join(str(int(number)) for number in accounts):
        tx.execute(PAID.format(touched=listed))
        tx.execute(LAST_MESSAGES.format(touched=listed))
        tx.execute(STATES.format(stated=listed))


def _shut(tx: Tx, tables: Iterable[str]) -> None:
    """End the sessions of people who may sign in no more."""
    if not DECIDING.keys().isdisjoint(tables):
        end_sessions_without_standing(tx)
