"""List, filter and sort accounts (*Kunden*), and create one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from decimal import Decimal

from core.access.verbs import require, require_staff, verb
from core.base.errors import NotFound, Problem, ValidationFailed
from core.base.fields import Field
from core.base.rights import Right, Viewer
from core.clients.account_record import DETAILS, clean_record, next_number, set_tags_and_team
from core.clients.contact_emails import check_free, sees_contact
from core.clients.contacts import clean_contact
from core.clients.custom_field_columns import FieldColumn, add_values, columns_of, found_in_fields, stored_forms
from core.clients.custom_fields import as_fields, custom_id, id_of, stored_values, write_values
from core.clients.list_columns import COLUMNS, JOINS, NUMBERS, OVERDUE_AMOUNT, OVERDUE_TASKS, SILENCE, ListColumn, list_columns
from core.clients.list_conditions import Condition, condition_sql
from core.clients.search_terms import Query
from core.clients.search_text import text_condition
from core.i18n.formats import today
from core.store import Reader, Row, Tx, now, reader, sql


@dataclass(frozen=True)
class Subset:
    """Clients by a SELECT of their ids, put together by code of ours, and its parameters by name; the names are its own."""

    query: str
    parameters: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class AccountQuery:
    """What is wanted of the list, and its order; without a condition over ``state`` archived accounts stay out.

    Args:
        text: Words a client is found by.
        conditions: All of them hold.
        sort: The key of a column.
        descending: Sort the other way round.
        columns: The keys of the columns to read; none for those of every firm. Keys that the viewer does not have are passed over.
        sums: Whether the columns of numbers are summed over all that match.
        subsets: Only accounts that are in each of these.
    """

    text: str = ""
    conditions: Sequence[Condition] = ()
    sort: str = "name"
    descending: bool = False
    columns: Sequence[str] = ()
    sums: bool = False
    subsets: tuple[Subset, ...] = ()


@dataclass(frozen=True)
class AccountPage:
    """One page of the list.

    Args:
        columns: Keys of the columns, in the list's order; ``rows`` hold them, account_id and photo_id.
        rows: The accounts.
        total: How many match on all pages.
        sums: Sums over all that match of the columns of numbers that were asked for, by key.
        known: Every column this viewer has, by key.
    """

    columns: tuple[str, ...]
    rows: list[Row]
    total: int
    sums: Mapping[str, Decimal | int] = dataclass_field(default_factory=dict)
    known: Mapping[str, ListColumn] = dataclass_field(default_factory=dict)

    @property
    def fields(self) -> dict[str, Field]:
        """Return {key: custom field} of the columns that show one."""
        return {key: field for key in self.columns if (field := self.known[key].field)}


def list_fields(viewer: Viewer) -> dict[int, Field]:
    """Return {id: field} of the custom fields of accounts, as the form of a new one asks for them."""
    with reader(viewer) as r:
        return {custom_id(field): field for field in as_fields(r, "account")}


def known_columns(viewer: Viewer) -> dict[str, ListColumn]:
    """Return the columns this viewer has by key, in the list's order."""
    with reader(viewer) as r:
        return list_columns(r)


def list_accounts(viewer: Viewer, wish: AccountQuery, offset: int = 0, limit: int | None = 50) -> AccountPage:
    """Return the visible accounts that match, from ``offset`` on; ``limit`` None for all. Raises NotAllowed for a contact.

    A condition or an order over a column the viewer does not have is passed over. Tags and team are joined for the page only.
    """
    with reader(viewer) as r:
        require_staff(r.viewer)
        own = columns_of(r)
        known = list_columns(r, own)
        shown = [key for key in known if (key in wish.columns if wish.columns else key in COLUMNS)]
        where, parameters, joins = _conditions(wish, known, own)
        summed = {f"sum_{n}": known[key] for n, key in enumerate(shown) if wish.sums and known[key].kind in NUMBERS and known[key].value}
        # Looking for a text reads every account, which takes longest: so the page and the totals come from one statement.
        at_once = bool(wish.text.strip()) and limit is not None
        over = " OVER ()" if at_once else ""
        totals = f"count(*){over} AS total" + "".join(f", sum({column.value}){over} AS {name}" for name, column in summed.items())
        whole = _from((*joins, *(join for column in summed.values() for join in column.joins)))
        counting = f"SELECT {totals.replace(' OVER ()', '')} {whole}{where}"
        found = {} if at_once else r.only_row(counting, **_filled(counting, parameters))
        sort = known.get(wish.sort, known["name"])
        sorted_by, order_terms = _order(sort, wish.descending)
        page = "" if limit is None else f" LIMIT {int(limit)} OFFSET {int(offset)}"
        every = (*joins, *sort.joins, *(join for column in summed.values() if at_once for join in column.joins))
        more = f", {totals}" if at_once else ""
        listing = f"SELECT a.account_id{more} {_from(every)}{sorted_by}{where} ORDER BY {order_terms}{page}"
        listed = r.rows(listing, **_filled(listing, parameters))
        ids = [row["account_id"] for row in listed]
        if at_once:
            found = listed[0] if listed else r.only_row(counting, **_filled(counting, parameters))
        rows = {row["account_id"]: row for row in r.rows(_account_rows(), account_ids=ids, today=today())} if ids else {}
        if ids and (custom := [number for key in shown if (number := id_of(key))]):
            add_values(r, rows, own, custom)
    sums = {column.key: found[name] or 0 for name, column in summed.items()}
    kept = ("account_id", "photo_id", *shown)
    return AccountPage(tuple(shown), [{key: rows[i][key] for key in kept} for i in ids], found["total"], sums, known)


def count_accounts(viewer: Viewer, wish: AccountQuery) -> int:
    """Return how many visible accounts match. Raises NotAllowed for a contact."""
    with reader(viewer) as r:
        require_staff(r.viewer)
        own = columns_of(r)
        where, parameters, joins = _conditions(wish, list_columns(r, own), own)
        counting = f"SELECT count(*) {_from(joins)}{where}"
        return int(r.value(counting, **_filled(counting, parameters)))


def matching(r: Reader, wish: AccountQuery) -> tuple[str, dict[str, object]]:
    """Return a SELECT of the ids of the visible accounts that match, and its parameters."""
    own = columns_of(r)
    where, parameters, joins = _conditions(wish, list_columns(r, own), own)
    query = f"SELECT a.account_id {_from(joins)}{where}"
    return query, _filled(query, parameters)


def _from(joins: Iterable[str]) -> str:
    return " ".join(("FROM account a", *(JOINS[name] for name in dict.fromkeys(joins))))


def _filled(query: str, parameters: Mapping[str, object]) -> dict[str, object]:
    """Return the parameters, with today's date where the query asks for it."""
    return {**parameters, **({"today": today()} if "$today" in query else {})}


def _order(column: ListColumn, descending: bool) -> tuple[str, str]:
    """Return (a further join, ORDER BY terms): accounts without a value stand last either way."""
    join = f" LEFT JOIN ({column.order}) v ON v.account_id = a.account_id" if column.order else ""
    direction = "DESC" if descending else "ASC"
    return join, ", ".join(f"{term} {direction} NULLS LAST" for term in column.sort) + ", a.account_id"


def _account_rows() -> str:
    named = {"overdue_amount": OVERDUE_AMOUNT, "overdue_tasks": OVERDUE_TASKS, "silence": SILENCE}
    text: str = sql("account_rows")
    for name, expression in named.items():
        text = text.replace(f"{{{name}}}", expression)
    return text


def _conditions(
    wish: AccountQuery, known: Mapping[str, ListColumn], own: Mapping[int, FieldColumn]
) -> tuple[str, dict[str, object], list[str]]:
    """Return (WHERE clause or "", its parameters, the joins it needs)."""
    terms: list[str] = []
    parameters: dict[str, object] = {}
    joins: list[str] = []
    if wish.text.strip():
        query = Query.of(wish.text)
        in_fields: dict[str, object] = {}

        def of_fields(place: int, names: list[str]) -> str:
            stored = {f"stored_{place}_{form}": value for form, value in enumerate(stored_forms(query.tokens[place][0]))}
            conditions, more = found_in_fields(own, [*names, *stored])
            in_fields.update(more | (stored if conditions else {}))
            return " OR ".join(conditions)

        condition, found = text_condition(query, of_fields)
        terms.append(f"a.account_id IN (SELECT s.account_id FROM search_text s WHERE {condition})")
        parameters |= found | in_fields
    for place, wanted in enumerate(wish.conditions):
        column = known.get(wanted.column)
        if column is not None:
            term, given = condition_sql(column, wanted, f"wanted_{place}")
            terms.append(term)
            parameters |= given
            joins += column.joins if column.value else ()
    for subset in wish.subsets:
        terms.append(f"a.account_id IN ({subset.query})")
        parameters |= dict(subset.parameters)
    if not any(wanted.column == "state" for wanted in wish.conditions):
        terms.append("a.archived_at IS NULL")
    return (" WHERE " + " AND ".join(terms) if terms else ""), parameters, joins


def choices(viewer: Viewer) -> tuple[dict[int, str], dict[int, str]]:
    """Return ({tag_id: name}, {staff_member_id: name}), by name, for the filters."""
    with reader(viewer) as r:
        tags = r.rows("SELECT tag_id, name FROM tag ORDER BY name")
        members = r.rows("SELECT staff_member_id, name FROM staff_member ORDER BY name")
    return {row["tag_id"]: row["name"] for row in tags}, {row["staff_member_id"]: row["name"] for row in members}


def propose_number(viewer: Viewer) -> str:
    """Return the number to propose for a new account, as ``next_number`` does over all accounts. Raises NotAllowed."""
    require(viewer, Right.MANAGE_ACCOUNTS)
    with reader(Viewer.system("number proposal")) as r:
        return next_number(r)


@verb("account.create")
def create_account(
    tx: Tx,
    viewer: Viewer,
    *,
    name: str,
    kind: str,
    number: str,
    contact_id: int | None = None,
    contact_name: str = "",
    contact_email: str = "",
    more: Mapping[str, object] | None = None,
    language: str | None = None,
) -> int:
    """Create an account with its first contact, linked or created in the same transaction; returns the account's id.

    ``more`` holds custom fields, ``tags`` and ``team`` by key, as in the account's form. A creator who does not see all accounts
    is assigned to it. Raises NotAllowed, NotFound for the contact, ValidationFailed with a code per field.
    """
    tx.require(Right.MANAGE_ACCOUNTS)
    problems: dict[str, Problem] = {}
    fields = (*DETAILS, *as_fields(tx, "account"))
    raw = {field.key: None for field in fields if field.required} | dict(more or {}) | {"name": name, "kind": kind, "number": number}
    values: dict[str, object] = {}
    try:
        values = clean_record(tx, fields, raw, None, language)
    except ValidationFailed as failed:
        problems |= failed.problems
    contact = {"name": "", "email": ""}
    if contact_id is None:
        try:
            contact = clean_contact(contact_name, contact_email)
            check_free(tx, contact["email"])
        except ValidationFailed as failed:
            problems |= {f"contact_{key}": problem for key, problem in failed.problems.items()}
    if problems:
        raise ValidationFailed(problems)
    if contact_id is not None and not sees_contact(tx, contact_id):
        raise NotFound()
    account_id = tx.insert("account", **{detail.key: values[detail.key] for detail in DETAILS}, created_at=now())
    write_values(tx, "account", account_id, stored_values(values))
    if contact_id is None:
        contact_id = tx.insert("contact", name=contact["name"], created_at=now())
        if contact["email"]:
            tx.insert("contact_email", contact_id=contact_id, email=contact["email"], is_primary=True, created_at=now())
    tx.insert("account_contact", account_id=account_id, contact_id=contact_id, created_at=now())
    set_tags_and_team(tx, account_id, more or {})
    own = {"account_id": account_id, "staff_member_id": viewer.id}
    if viewer.kind == "staff" and not tx.scope.allows(Right.VIEW_ALL_ACCOUNTS) and tx.get("assignment", own) is None:
        tx.insert("assignment", **own, created_at=now())
    return account_id
