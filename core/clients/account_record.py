"""Read and change an account's own record: details, custom fields, tags and team; archive, restore and delete the account."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.access.contact_access import follow_state, follow_states
from core.access.open_account import OpenAccount
from core.access.verbs import require_staff, verb
from core.base.errors import AccountNotFound, AppError, EditConflict, InvalidValue, NotAllowed, NotFound, Problem, ValidationFailed
from core.base.fields import Field, clean_value, from_stored
from core.base.rights import Right, Role, Viewer
from core.clients.custom_fields import as_fields, custom_id, stored_values, values_of, write_values
from core.clients.forgotten_keys import forget_account
from core.store import Reader, Tx, now, reader, seen_of
from core.store.tables import TABLES

KINDS = ("person", "company", "other")
DETAILS = (
    Field("name", "text", required=True, longest=200),
    Field("kind", "choice", required=True, options=KINDS),
    Field("number", "text", required=True, longest=40),
)
MAX_ACCOUNTS_AT_ONCE = 5000
# Tables whose rows are recorded one by one when their account is deleted; of every other the record holds the count.
RECORDED_BY_ROW = frozenset({"account_tag", "assignment", "account_contact", "email_access", "account_field_value", "photo"})


@dataclass(frozen=True)
class Record:
    """An account's form: its fields, and values by key (``field:<id>`` of custom fields, tuples of ids of ``tags`` and ``team``)."""

    version: int
    fields: tuple[Field, ...]
    values: Mapping[str, Any]


def read_record(account: OpenAccount) -> Record:
    """Return the account's record as it is now. Raises AccountNotFound, NotAllowed for a contact."""
    with reader(account.viewer) as r:
        require_staff(r.viewer)
        return _record(r, account.account_id)


def _record(r: Reader, account_id: int) -> Record:
    head = r.row("SELECT name, kind, number, version FROM account WHERE account_id = $id", id=account_id)
    if head is None:
        raise AccountNotFound()
    custom = as_fields(r, "account")
    stored = values_of(r, "account", account_id)
    values: dict[str, object] = {detail.key: head[detail.key] for detail in DETAILS}
    values |= {field.key: from_stored(field.type, stored.get(custom_id(field))) for field in custom}
    values["tags"] = _ids(r, "SELECT tag_id FROM account_tag WHERE account_id = $id ORDER BY 1", account_id)
    values["team"] = _ids(r, "SELECT staff_member_id FROM assignment WHERE account_id = $id ORDER BY 1", account_id)
    return Record(head["version"], (*DETAILS, *custom), values)


def _ids(r: Reader, query: str, account_id: int) -> tuple[int, ...]:
    return tuple(next(iter(row.values())) for row in r.rows(query, id=account_id))


def clean_record(
    tx: Tx, fields: Sequence[Field], raw: Mapping[str, object], account_id: int | None, language: str | None
) -> dict[str, object]:
    """Return the values of those fields that ``raw`` names.

    Args:
        tx: Where the number is looked for among other accounts.
        fields: Details and custom fields.
        raw: Values as they were typed, by key.
        account_id: The account that may have the number already; None for a new one.
        language: How numbers and days are typed; None for as they are stored.

    Raises:
        ValidationFailed: With every problem, another account's number among them.
    """
    problems: dict[str, Problem] = {}
    values: dict[str, object] = {}
    for field in fields:
        if field.key not in raw:
            continue
        try:
            values[field.key] = clean_value(field, raw[field.key], language)
        except InvalidValue as bad:
            code, filling = bad.problem
            own = {"name": "name_length", "number": "number_length"}.get(field.key, code)
            problems[field.key] = (code if code == "characters" else own, filling)
    taken = "SELECT 1 FROM account WHERE number = $number AND account_id IS DISTINCT FROM $id"
    if values.get("number") and tx.value(taken, number=values["number"], id=account_id):
        problems["number"] = ("number_in_use", {"free": next_number(tx)})
    if problems:
        raise ValidationFailed(problems)
    return values


def next_number(r: Reader) -> str:
    """Return the next free number above the highest that is all digits."""
    highest = r.value("SELECT max(TRY_CAST(number AS BIGINT)) FROM account WHERE length(number) < 15")
    return str((highest or 10000) + 1)


@verb("account.edit")
def edit_account(
    tx: Tx, account: OpenAccount, version: int | None, changes: Mapping[str, object], language: str | None = None, *, partly: bool = False,
) -> None:  # fmt: skip
    """Save what was changed in the account's form.

    Details and custom fields need manage_accounts, ``tags`` manage_tags, ``team`` manage_team.

    Args:
        tx: The transaction.
        account: The account.
        version: The one the form was opened with; None to overwrite whatever was saved since.
        changes: Values as they were typed, by key as in ``Record``.
        language: How numbers and days are typed; None for as they are stored.
        partly: Let required fields that are not named stay empty.

    Raises:
        EditConflict: Somebody saved since ``version``.
        ValidationFailed: A value cannot be stored.
        NotAllowed: A right is missing.
    """
    if set(changes) - {"tags", "team"}:
        tx.require(Right.MANAGE_ACCOUNTS)
    present = _record(tx, account.account_id)
    if version is not None and version != present.version:
        raise EditConflict({key: (None, present.values.get(key)) for key in changes})
    raw = dict(changes)
    if not partly and set(changes) - {"tags", "team"}:
        raw |= {field.key: present.values[field.key] for field in present.fields if field.required and field.key not in raw}
    values = clean_record(tx, present.fields, raw, account.account_id, language)
    details = {detail.key: values[detail.key] for detail in DETAILS if detail.key in values}
    tx.update("account", account.account_id, **details)
    touched = write_values(tx, "account", account.account_id, stored_values(values))
    if touched | set_tags_and_team(tx, account.account_id, changes):
        tx.touch("account", account.account_id)


def set_tags_and_team(tx: Tx, account_id: int, changes: Mapping[str, object]) -> bool:
    """Link exactly the ``tags`` and ``team`` that the changes name; True when that changed something. Raises NotAllowed, NotFound."""
    touched = False
    if "tags" in changes:
        tx.require(Right.MANAGE_TAGS)
        touched |= _set_links(tx, account_id, "account_tag", "tag_id", "tag", changes["tags"])
    if "team" in changes:
        tx.require(Right.MANAGE_TEAM)
        touched |= _set_links(tx, account_id, "assignment", "staff_member_id", "staff_member", changes["team"])
    return touched


def _set_links(tx: Tx, account_id: int, table: str, column: str, target: str, wanted: Any) -> bool:
    """Make the account's rows of a link table name exactly the wanted ids; True when that changed something."""
    asked = {int(i) for i in wanted}
    has = {row[column] for row in tx.rows(f"SELECT {column} FROM {table} WHERE account_id = $id", id=account_id)}
    for missing in sorted(asked - has):
        tx.found(target, missing)
        tx.insert(table, **_link(table, account_id, column, missing))
    for gone in sorted(has - asked):
        tx.delete(table, {"account_id": account_id, column: gone})
    return asked != has


def _link(table: str, account_id: int, column: str, named: int) -> dict[str, object]:
    """Return a new row of a link table."""
    return {"account_id": account_id, column: named} | ({"created_at": now()} if table == "assignment" else {})


def same_name(who: OpenAccount | Viewer, name: str) -> list[str]:
    """Return the numbers of at most three other visible accounts of this name, whatever its case."""
    viewer, own = (who.viewer, who.account_id) if isinstance(who, OpenAccount) else (who, None)
    with reader(viewer) as r:
        rows = r.rows(
            "SELECT number FROM account WHERE lower(name) = lower($name) AND account_id IS DISTINCT FROM $own ORDER BY 1 LIMIT 3",
            name=" ".join(name.split()), own=own,
        )  # fmt: skip
    return [row["number"] for row in rows]


@verb("account.archive")
def archive_account(tx: Tx, account: OpenAccount) -> None:
    """Take the account out of the lists; its contacts cannot sign in for it until it is restored, and keep their access until then."""
    tx.require(Right.MANAGE_ACCOUNTS)
    row = tx.found("account", account.account_id)
    if row["archived_at"] is None:
        tx.update("account", account.account_id, archived_at=now())
        follow_state(tx, account.account_id)


@verb("account.restore")
def restore_account(tx: Tx, account: OpenAccount) -> None:
    """Put an archived account back into the lists, with the access its contacts had."""
    tx.require(Right.MANAGE_ACCOUNTS)
    tx.update("account", account.account_id, archived_at=None)
    follow_state(tx, account.account_id)


def count_archived(viewer: Viewer, account_ids: Sequence[int]) -> int:
    """Return how many of these accounts, as far as they are visible, are archived."""
    with reader(viewer) as r:
        query = "SELECT count(*) FROM account WHERE account_id IN (SELECT unnest($ids)) AND archived_at IS NOT NULL"
        return int(r.value(query, ids=list(account_ids)))


@verb("account.archive_many")
def archive_many(tx: Tx, _viewer: Viewer, account_ids: Sequence[int]) -> int:
    """Archive many accounts as ``archive_account`` does, all or none; returns how many were not archived before.

    Raises NotAllowed, AccountNotFound, AppError for too many accounts.
    """
    ids = _many(tx, account_ids, Right.MANAGE_ACCOUNTS)
    present = tx.rows("SELECT account_id FROM account WHERE account_id IN (SELECT unnest($ids)) AND archived_at IS NULL", ids=ids)
    changed = tx.update_rows("account", [row["account_id"] for row in present], archived_at=now())
    follow_states(tx, changed)
    return len(changed)


@verb("account.restore_many")
def restore_many(tx: Tx, _viewer: Viewer, account_ids: Sequence[int]) -> int:
    """Restore many archived accounts as ``restore_account`` does, all or none; returns how many were archived. Raises as ``archive_many``."""
    changed = tx.update_rows("account", _many(tx, account_ids, Right.MANAGE_ACCOUNTS), archived_at=None)
    follow_states(tx, changed)
    return len(changed)


def _many(tx: Tx, account_ids: Sequence[int], *rights: Right) -> list[int]:
    """Return the ids of accounts that may all be seen and changed with these rights, each once.

    Raises NotAllowed, AccountNotFound, AppError for too many.
    """
    for right in rights:
        tx.require(right)
    if len(account_ids) > MAX_ACCOUNTS_AT_ONCE:
        raise AppError("too_many_at_once", most=MAX_ACCOUNTS_AT_ONCE)
    ids = sorted(set(account_ids))
    if seen_of(tx, ids) != set(ids):
        raise AccountNotFound()
    return ids


@verb("account.delete")
def delete_account(tx: Tx, account: OpenAccount, typed_name: str) -> list[str]:
    """Delete the account with everything that belongs to it alone; contacts stay. Returns the files that no row names any more.

    Owners and admins only. Raises NotAllowed, and ValidationFailed unless ``typed_name`` is the account's name.
    """
    if tx.scope.role not in (Role.OWNER, Role.ADMIN) and tx.scope.kind != "system":
        raise NotAllowed()
    row = tx.found("account", account.account_id)
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
        if name in RECORDED_BY_ROW:
            for key in keys:
                tx.delete(name, key)
        elif keys:
            tx.execute(f"DELETE FROM {name} WHERE account_id = $id", {"id": row["account_id"]})
            if spec.audited:
                tx.note("deleted", name, None, row["account_id"], str(len(keys)))
    tx.delete("account", row["account_id"])
    return files


@dataclass(frozen=True)
class Change:
    """Tags and team members, by id, to add to and remove from many accounts."""

    add_tags: tuple[int, ...] = ()
    remove_tags: tuple[int, ...] = ()
    add_team: tuple[int, ...] = ()
    remove_team: tuple[int, ...] = ()

    @property
    def parts(self) -> tuple[tuple[str, str, str, frozenset[int], frozenset[int]], ...]:
        """(link table, its column, the table that names, ids to add, ids to remove) of tags and of team, where there are any."""
        every = (
            ("account_tag", "tag_id", "tag", frozenset(self.add_tags), frozenset(self.remove_tags)),
            ("assignment", "staff_member_id", "staff_member", frozenset(self.add_team), frozenset(self.remove_team)),
        )
        return tuple(part for part in every if part[3] | part[4])


def count_changed(viewer: Viewer, account_ids: Sequence[int], change: Change) -> int:
    """Return on how many of these accounts, as far as they are visible, ``change_many`` would change something."""
    changed: set[int] = set()
    with reader(viewer) as r:
        seen = seen_of(r, account_ids)
        for table, column, _, add, remove in change.parts:
            linked = _linked(r, table, column, seen)
            changed |= {account_id for account_id, has in linked.items() if (has | add) - remove != has}
    return len(changed)


def _linked(r: Reader, table: str, column: str, account_ids: Collection[int]) -> dict[int, set[int]]:
    """Return {account_id: the ids its rows of a link table name}, of all these accounts."""
    linked: dict[int, set[int]] = {account_id: set() for account_id in account_ids}
    query = f"SELECT account_id, {column} AS linked FROM {table} WHERE account_id IN (SELECT unnest($ids))"
    for row in r.rows(query, ids=list(account_ids)):
        linked[row["account_id"]].add(row["linked"])
    return linked


@verb("account.change_many")
def change_many(tx: Tx, _viewer: Viewer, account_ids: Sequence[int], change: Change) -> int:
    """Add tags and team members to many accounts and remove others, all or none; returns how many accounts changed.

    Tags need manage_tags, team members manage_team. Raises NotAllowed, AccountNotFound, NotFound, AppError for too many accounts.
    """
    ids = _many(tx, account_ids, *(Right.MANAGE_TAGS if table == "account_tag" else Right.MANAGE_TEAM for table, *_ in change.parts))
    touched: set[int] = set()
    for table, column, target, add, remove in change.parts:
        if any(tx.get(target, named) is None for named in add - remove):
            raise NotFound()
        linked = _linked(tx, table, column, ids)
        for named in sorted(add - remove):
            without = [account_id for account_id in ids if named not in linked[account_id]]
            tx.insert_rows(table, [_link(table, account_id, column, named) for account_id in without])
            touched |= set(without)
        for named in sorted(remove):
            gone = tx.delete_all(table, **{"account_id": ids, column: named})
            touched |= {row["account_id"] for row in gone}
    tx.touch("account", *sorted(touched))
    return len(touched)
