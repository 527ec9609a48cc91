"""List, filter and sort accounts (*Kunden*), and create one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from core.access.verbs import require, require_staff, verb
from core.base.errors import NotFound, Problem, ValidationFailed
from core.base.fields import Field
from core.base.rights import Right, Viewer
from core.clients.account_record import DETAILS, clean_record, next_number, set_tags_and_team
from core.clients.contact_emails import check_free, sees_contact
from core.clients.contacts import clean_contact
from core.clients.custom_field_columns import FieldColumn, add_values, columns_of, field_conditions, found_in_fields, stored_forms
from core.clients.custom_fields import as_fields, custom_id, id_of, key_of, stored_values, write_values
from core.clients.search_terms import Query
from core.clients.search_text import text_condition
from core.store import Reader, Row, Tx, now, reader, sql

STATES = ("active", "pending", "offline", "archived")
# Columns that only viewers with see_invoices have.
MONEY = ("open_amount", "net_due")
COLUMNS = ("number", "name", "kind", "state", "tags", "team", *MONEY, "unread_count", "last_login_at", "last_activity_at")
# SQL terms by which a column is sorted; the alias before the point names its join in _JOINS.
SORTS = {
    "number": "length(a.number), a.number",
    "name": "s.name",
    "kind": "a.kind",
    "state": "a.state",
    "tags": "g.places",
    "team": "m.places",
    "open_amount": "f.open_amount",
    "net_due": "f.net_due",
    "unread_count": "f.unread_count",
    "last_login_at": "f.last_login_at",
    "last_activity_at": "f.last_activity_at",
}


def _places(link: str, of: str) -> str:
    """Return a join of (account_id, places): the ranks of its first three names among all names, which sort as the joined names do."""
    return f"""LEFT JOIN (SELECT l.account_id, min(n.place, 3) AS places FROM {link} l
        JOIN (SELECT {of}_id, row_number() OVER (ORDER BY name COLLATE NOACCENT.NOCASE, {of}_id) AS place FROM {of}) n USING ({of}_id)
        GROUP BY l.account_id)"""


# Joins by the alias that a sort term uses; names are sorted folded, as a German index does.
_JOINS = {
    "s": "LEFT JOIN search_text s ON s.account_id = a.account_id",
    "f": "LEFT JOIN account_figure f ON f.account_id = a.account_id",
    "g": f"{_places('account_tag', 'tag')} g ON g.account_id = a.account_id",
    "m": f"{_places('assignment', 'staff_member')} m ON m.account_id = a.account_id",
}


@dataclass(frozen=True)
class AccountQuery:
    """Filters and order of the list; without ``states`` archived accounts stay out.

    ``fields`` maps custom fields by id to the values looked for, ``shown`` names the custom fields that are columns.
    """

    text: str = ""
    kinds: Sequence[str] = ()
    states: Sequence[str] = ()
    tags: Sequence[int] = ()
    members: Sequence[int] = ()
    sort: str = "name"
    descending: bool = False
    fields: Mapping[int, Sequence[str]] = dataclass_field(default_factory=dict)
    shown: Sequence[int] = ()


@dataclass(frozen=True)
class AccountPage:
    """One page of the list.

    ``columns`` are those this viewer has, custom fields as ``field:<id>``; ``rows`` hold them and account_id; ``total`` counts all
    pages' rows; ``fields`` describes the custom ones by key.
    """

    columns: tuple[str, ...]
    rows: list[Row]
    total: int
    fields: Mapping[str, Field] = dataclass_field(default_factory=dict)


def list_fields(viewer: Viewer) -> dict[int, Field]:
    """Return {id: field} of the custom fields of accounts, as the form of a new one asks for them."""
    with reader(viewer) as r:
        return {custom_id(field): field for field in as_fields(r, "account")}


def columns_for(r: Reader) -> tuple[str, ...]:
    """Return the columns this viewer has: without see_invoices none of MONEY."""
    return tuple(c for c in COLUMNS if c not in MONEY or r.scope.allows(Right.SEE_INVOICES))


def list_accounts(viewer: Viewer, wish: AccountQuery, offset: int = 0, limit: int | None = 50) -> AccountPage:
    """Return the visible accounts that match, from ``offset`` on; ``limit`` None for all. Raises NotAllowed for a contact.

    Tags and team are joined for the accounts of the page only.
    """
    with reader(viewer) as r:
        require_staff(r.viewer)
        known = columns_of(r)
        shown = [number for number in wish.shown if number in known]
        columns = (*columns_for(r), *(key_of(number) for number in shown))
        where, parameters = _conditions(wish, known)
        # Looking for a text reads every account, which takes longest: so the page and the total come from one statement.
        at_once = bool(wish.text.strip()) and limit is not None
        total = 0 if at_once else r.value(f"SELECT count(*) FROM account a{where}", **parameters)
        by_field = known.get(id_of(wish.sort) or 0)
        sort = f"v.value{by_field.collation}" if by_field else SORTS[wish.sort if wish.sort in columns and wish.sort in SORTS else "name"]
        direction = "DESC" if wish.descending else "ASC"
        order = ", ".join(f"{term} {direction} NULLS LAST" for term in sort.split(", ")) + ", a.account_id"
        page = "" if limit is None else f" LIMIT {int(limit)} OFFSET {int(offset)}"
        joins = _JOINS | ({"v": f"LEFT JOIN ({by_field.order}) v ON v.account_id = a.account_id"} if by_field else {})
        joined = f"FROM account a {joins.get(sort[0], '')}" if sort[1] == "." else "FROM account a"
        counted = ", count(*) OVER () AS total" if at_once else ""
        listed = r.rows(f"SELECT a.account_id{counted} {joined}{where} ORDER BY {order}{page}", **parameters)
        ids = [row["account_id"] for row in listed]
        if at_once:
            total = listed[0]["total"] if listed else r.value(f"SELECT count(*) FROM account a{where}", **parameters) if offset else 0
        found = {row["account_id"]: row for row in r.rows(sql("account_rows"), account_ids=ids)} if ids else {}
        if ids and shown:
            add_values(r, found, known, shown)
    rows = [{key: value for key, value in found[i].items() if key in columns or key == "account_id"} for i in ids]
    return AccountPage(columns, rows, total, {key_of(number): known[number].field for number in shown})


def _conditions(wish: AccountQuery, known: Mapping[int, FieldColumn] | None = None) -> tuple[str, dict[str, object]]:
    """Return (WHERE clause or "", its parameters)."""
    terms: list[str] = []
    parameters: dict[str, object] = {}
    query = Query.of(wish.text)
    if query.tokens:
        in_fields: dict[str, object] = {}

        def of_fields(place: int, names: list[str]) -> str:
            stored = {f"stored_{place}_{form}": value for form, value in enumerate(stored_forms(query.tokens[place][0]))}
            conditions, more = found_in_fields(known or {}, [*names, *stored])
            in_fields.update(more | (stored if conditions else {}))
            return " OR ".join(conditions)

        condition, found = text_condition(query, of_fields)
        terms.append(f"a.account_id IN (SELECT s.account_id FROM search_text s WHERE {condition})")
        parameters |= found | in_fields
    for name, column, values in (("kinds", "a.kind", wish.kinds), ("states", "a.state", wish.states)):
        if values:
            terms.append(f"{column} IN (SELECT unnest(${name}))")
            parameters[name] = list(values)
    for term, more in field_conditions(wish.fields, known or {}):
        terms.append(term)
        parameters |= more
    if not wish.states:
        terms.append("a.archived_at IS NULL")
    if wish.tags:
        terms.append("a.account_id IN (SELECT account_id FROM account_tag WHERE tag_id IN (SELECT unnest($tags)))")
        parameters["tags"] = list(wish.tags)
    if wish.members:
        terms.append("a.account_id IN (SELECT account_id FROM assignment WHERE staff_member_id IN (SELECT unnest($members)))")
        parameters["members"] = list(wish.members)
    return (" WHERE " + " AND ".join(terms) if terms else ""), parameters


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
