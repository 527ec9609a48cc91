"""The client's own record: details, custom fields, tags and team; archived, restored, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.access.contact_access import follow_state
from core.access.open_account import OpenAccount
from core.access.verbs import verb
from core.base.errors import AccountNotFound, AppError, EditConflict, NotAllowed, NotFound, ValidationFailed
from core.base.fields import Field, InvalidValue, as_stored, clean_value, from_stored
from core.base.rights import Right, Role, Viewer
from core.clients.custom_fields import as_fields, id_of, values_of, write_values
from core.clients.forgotten_keys import forget_account
from core.store import Reader, Tx, now, reader, seen_of
from core.store.tables import TABLES

KINDS = ("person", "company", "other")
DETAILS = (
    Field("name", "text", required=True, longest=200),
    Field("kind", "choice", required=True, options=KINDS),
    Field("number", "text", required=True, longest=40),
)
MANY = 5000


@dataclass(frozen=True)
class Record:
    """What the account's form holds: typed values by key (``field:<id>`` for custom ones, ids for tags and team)."""

    version: int
    fields: tuple[Field, ...]
    values: Mapping[str, Any]


def read_record(account: OpenAccount) -> Record:
    """The account's details as they are now. Raises AccountNotFound."""
    with reader(account.viewer) as r:
        if r.scope.kind == "contact":
            raise NotAllowed()
        return _record(r, account.account_id)


def _record(r: Reader, account_id: int) -> Record:
    head = r.row("SELECT name, kind, number, version FROM account WHERE account_id = $id", id=account_id)
    if head is None:
        raise NotFound("account_not_found")
    fields = (*DETAILS, *as_fields(r, "account"))
    stored = values_of(r, "account", account_id)
    values: dict[str, object] = {one.key: head[one.key] for one in DETAILS}
    values |= {one.key: from_stored(one.type, stored.get(id_of(one.key) or 0)) for one in fields[len(DETAILS) :]}
    values["tags"] = _ids(r, "SELECT tag_id FROM account_tag WHERE account_id = $id ORDER BY 1", account_id)
    values["team"] = _ids(r, "SELECT staff_member_id FROM assignment WHERE account_id = $id ORDER BY 1", account_id)
    return Record(head["version"], fields, values)


def _ids(r: Reader, query: str, account_id: int) -> tuple[int, ...]:
    return tuple(next(iter(row.values())) for row in r.rows(query, id=account_id))


def clean_record(
    tx: Tx, fields: Sequence[Field], raw: Mapping[str, object], account_id: int | None, language: str | None
) -> dict[str, object]:
    """The values of those fields that are in ``raw``; the number is nobody else's. Raises ValidationFailed."""
    problems: dict[str, tuple[str, dict[str, object]]] = {}
    values: dict[str, object] = {}
    for one in fields:
        if one.key not in raw:
            continue
        try:
            values[one.key] = clean_value(one, raw[one.key], language)
        except InvalidValue as bad:
            problems[one.key] = ({"name": "name_length", "number": "number_length"}.get(one.key, bad.problem[0]), bad.problem[1])
            if bad.problem[0] == "characters":
                problems[one.key] = bad.problem
    taken = "SELECT 1 FROM account WHERE number = $number AND account_id IS DISTINCT FROM $id"
    if values.get("number") and tx.value(taken, number=values["number"], id=account_id):
        problems["number"] = ("number_in_use", {"free": next_number(tx)})
    if problems:
        raise ValidationFailed(problems)
    return values


def next_number(r: Reader) -> str:
    """The next free number above the highest that is all digits."""
    highest = r.value("SELECT max(TRY_CAST(number AS BIGINT)) FROM account WHERE length(number) < 15")
    return str((highest or 10000) + 1)


@verb("account.edit")
def edit_account(
    tx: Tx, account: OpenAccount, version: int | None, changes: Mapping[str, object], language: str | None = None, *, partly: bool = False,
) -> None:  # fmt: skip
    """Save what was changed in the account's form: raw values by key.

    Details and custom fields need manage_accounts, ``tags`` manage_tags, ``team`` manage_team. With ``partly`` required
    fields that are not named may stay empty. Raises EditConflict when somebody saved since ``version``, ValidationFailed.
    """
    if set(changes) - {"tags", "team"}:
        tx.require(Right.MANAGE_ACCOUNTS)
    present = _record(tx, account.account_id)
    if version is not None and version != present.version:
        raise EditConflict({key: (None, present.values.get(key)) for key in changes})
    raw = dict(changes)
    if not partly and set(changes) - {"tags", "team"}:
        raw |= {one.key: present.values[one.key] for one in present.fields if one.required and one.key not in raw}
    values = clean_record(tx, present.fields, raw, account.account_id, language)
    details = {one.key: values[one.key] for one in DETAILS if one.key in values}
    tx.update("account", account.account_id, **details)
    custom = {id_of(key): as_stored(value) for key, value in values.items() if key.startswith("field:")}
    touched = write_values(tx, "account", account.account_id, custom)
    if touched | set_tags_and_team(tx, account.account_id, changes):
        tx.touch("account", account.account_id)


def set_tags_and_team(tx: Tx, account_id: int, changes: Mapping[str, object]) -> bool:
    """Exactly the ``tags`` and ``team`` of the changes, where they are named; True when that changed something. Raises NotAllowed."""
    touched = False
    if "tags" in changes:
        tx.require(Right.MANAGE_TAGS)
        touched |= _set_links(tx, account_id, "account_tag", "tag_id", "tag", changes["tags"])
    if "team" in changes:
        tx.require(Right.MANAGE_TEAM)
        touched |= _set_links(tx, account_id, "assignment", "staff_member_id", "staff_member", changes["team"])
    return touched


def _set_links(tx: Tx, account_id: int, table: str, column: str, target: str, wanted: object) -> bool:
    asked = {int(i) for i in wanted}  # type: ignore[union-attr]
    has = {row[column] for row in tx.rows(f"SELECT {column} FROM {table} WHERE account_id = $id", id=account_id)}
    for missing in sorted(asked - has):
        if tx.get(target, missing) is None:
            raise NotFound()
        tx.insert(table, **_link(table, account_id, column, missing))
    for gone in sorted(has - asked):
        tx.delete(table, {"account_id": account_id, column: gone})
    return asked != has


def _link(table: str, account_id: int, column: str, named: int) -> dict[str, object]:
    return {"account_id": account_id, column: named} | ({"created_at": now()} if table == "assignment" else {})


def same_name(account_or_viewer: OpenAccount | Viewer, name: str) -> list[str]:
    """Numbers of other visible accounts of exactly this name, at most three."""
    account = account_or_viewer if isinstance(account_or_viewer, OpenAccount) else None
    with reader(account.viewer if account else account_or_viewer) as r:
        rows = r.rows(
            "SELECT number FROM account WHERE lower(name) = lower($name) AND account_id IS DISTINCT FROM $own ORDER BY 1 LIMIT 3",
            name=" ".join(name.split()), own=account.account_id if account else None,
        )  # fmt: skip
    return [row["number"] for row in rows]


@verb("account.archive")
def archive_account(tx: Tx, account: OpenAccount) -> None:
    """Out of the lists; nobody of the client can sign in for it, what they may is kept for later."""
    tx.require(Right.MANAGE_ACCOUNTS)
    row = tx.get("account", account.account_id)
    if row["archived_at"] is None:
        tx.update("account", account.account_id, archived_at=now())
        follow_state(tx, account.account_id)


@verb("account.restore")
def restore_account(tx: Tx, account: OpenAccount) -> None:
    """Back in the lists, with the access it had."""
    tx.require(Right.MANAGE_ACCOUNTS)
    tx.update("account", account.account_id, archived_at=None)
    follow_state(tx, account.account_id)


@verb("account.delete")
def delete_account(tx: Tx, account: OpenAccount, typed_name: str) -> list[str]:
    """Remove the account with everything that is only its; contacts survive. Returns the files that belong to nobody any more.

    Owners and admins only. The name must be typed as it is. Raises NotAllowed, ValidationFailed.
    """
    if tx.scope.role not in (Role.OWNER, Role.ADMIN) and tx.scope.kind != "system":
        raise NotAllowed()
    row = tx.get("account", account.account_id)
    if " ".join(typed_name.split()) != row["name"]:
        raise ValidationFailed({"typed_name": ("typed_name", {"name": row["name"]})})
    files = [
        f"documents/{r['file']}"
        for r in tx.rows("SELECT file FROM document WHERE account_id = $id AND file IS NOT NULL", id=row["account_id"])
    ]
    files += [f"photos/{r['file']}" for r in tx.rows("SELECT file FROM photo WHERE account_id = $id", id=row["account_id"])]
    forget_account(tx, row["account_id"])
    for name, spec in TABLES.items():
        if spec.references.get("account_id") != "account":
            continue
        keys = tx.rows(f"SELECT {', '.join(spec.key)} FROM {name} WHERE account_id = $id", id=row["account_id"])
        if name in SINGLY:
            for key in keys:
                tx.delete(name, key)
        elif keys:
            tx.execute(f"DELETE FROM {name} WHERE account_id = $id", {"id": row["account_id"]})
            if spec.audited:
                tx.note("deleted", name, None, row["account_id"], str(len(keys)))
    tx.delete("account", row["account_id"])
    return files


# What is recorded row by row when an account goes; everything else as a count per table.
SINGLY = frozenset({"account_tag", "assignment", "account_contact", "email_access", "account_field_value", "photo"})


@dataclass(frozen=True)
class Change:
    """What to put on and take off many accounts: tags and team members by id."""

    add_tags: tuple[int, ...] = ()
    remove_tags: tuple[int, ...] = ()
    add_team: tuple[int, ...] = ()
    remove_team: tuple[int, ...] = ()

    @property
    def parts(self) -> tuple[tuple[str, str, str, frozenset[int], frozenset[int]], ...]:
        """(link table, its column, what it names, to add, to remove) of each part that is asked for."""
        every = (
            ("account_tag", "tag_id", "tag", frozenset(self.add_tags), frozenset(self.remove_tags)),
            ("assignment", "staff_member_id", "staff_member", frozenset(self.add_team), frozenset(self.remove_team)),
        )
        return tuple(part for part in every if part[3] | part[4])


def count_changed(viewer: Viewer, account_ids: Sequence[int], change: Change) -> int:
    """On how many of these visible accounts the change would change something."""
    changed: set[int] = set()
    with reader(viewer) as r:
        seen = {
            row["account_id"]
            for row in r.rows("SELECT account_id FROM account WHERE account_id IN (SELECT unnest($ids))", ids=list(account_ids))
        }
        for table, column, _, add, remove in change.parts:
            query = f"SELECT account_id, {column} AS linked FROM {table} WHERE account_id IN (SELECT unnest($ids))"
            linked: dict[int, set[int]] = {account_id: set() for account_id in seen}
            for row in r.rows(query, ids=list(account_ids)):
                linked[row["account_id"]].add(row["linked"])
            changed |= {account_id for account_id, has in linked.items() if (has | add) - remove != has}
    return len(changed)


@verb("account.change_many")
def change_many(tx: Tx, viewer: Viewer, account_ids: Sequence[int], change: Change) -> int:
    """Put tags and team members on many accounts and take others off; returns how many accounts changed.

    Tags need manage_tags, team members manage_team. All or none. Raises NotAllowed, AccountNotFound, AppError for too many.
    """
    if len(account_ids) > MANY:
        raise AppError("too_many_at_once", most=MANY)
    if not change.parts:
        return 0
    for table, *_ in change.parts:
        tx.require(Right.MANAGE_TAGS if table == "account_tag" else Right.MANAGE_TEAM)
    ids = sorted(set(account_ids))
    if seen_of(tx, ids) != set(ids):
        raise AccountNotFound()
    touched: set[int] = set()
    for table, column, target, add, remove in change.parts:
        if any(tx.get(target, named) is None for named in add - remove):
            raise NotFound()
        linked: dict[int, set[int]] = {account_id: set() for account_id in ids}
        for row in tx.rows(f"SELECT account_id, {column} AS linked FROM {table} WHERE account_id IN (SELECT unnest($ids))", ids=ids):
            linked[row["account_id"]].add(row["linked"])
        for named in sorted(add - remove):
            without = [account_id for account_id in ids if named not in linked[account_id]]
            tx.insert_rows(table, [_link(table, account_id, column, named) for account_id in without])
            touched |= set(without)
        for named in sorted(remove):
            gone = tx.delete_all(table, **{"account_id": ids, column: named})
            touched |= {row["account_id"] for row in gone}
    tx.touch("account", *sorted(touched))
    return len(touched)
