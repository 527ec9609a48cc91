"""Custom fields as columns of Kunden: of the client itself, or of its contacts, whose values stand beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.custom_fields import as_fields, id_of, key_of
from core.forms import Field, from_stored
from core.i18n import t
from core.rights import Viewer
from core.store import Reader, Row, reader

# Types whose values are chosen, not typed: filtered by the whole value.
EXACT = ("choice", "yes_no", "staff_member")


class OfContacts(tuple):
    """The values of several contacts, each once."""


@dataclass(frozen=True)
class FieldColumn:
    """A custom field as a column; ``values`` is a SELECT of (account_id, value): one row a client, or one a contact of it."""

    field: Field
    of_contacts: bool
    values: str

    @property
    def order(self) -> str:
        """SELECT of (account_id, value) with one row a client: numbers as numbers, the rest as text; of several the first."""
        value = "value::DECIMAL(18, 6)" if self.field.type in ("number", "money") else "value"
        return f"SELECT account_id, min({value}) AS value FROM ({self.values}) GROUP BY 1" if self.of_contacts else self._plain(value)

    def _plain(self, value: str) -> str:
        return f"SELECT account_id, {value} AS value FROM ({self.values})"

    @property
    def collation(self) -> str:
        return "" if self.field.type in ("number", "money") else " COLLATE NOACCENT.NOCASE"


def _values(scope: str, number: int, type_: str) -> str:
    if scope == "account":
        return f"SELECT account_id, value FROM account_field_value WHERE custom_field_id = {number}"
    table, column = ("contact_email", "email") if type_ == "email" else ("contact_field_value", "value")
    return f"""SELECT l.account_id, v.{column} AS value FROM account_contact l JOIN {table} v ON v.contact_id = l.contact_id
               WHERE v.custom_field_id = {number}"""


def columns_of(r: Reader) -> dict[int, FieldColumn]:
    """Every field of clients, then every one of contacts, by id."""
    found: dict[int, FieldColumn] = {}
    for scope in ("account", "contact"):
        for one in as_fields(r, scope):
            number, of_contacts = id_of(one.key) or 0, scope == "contact"
            shown = replace(one, label=t("accounts.of_contact", label=one.label)) if of_contacts else one
            found[number] = FieldColumn(shown, of_contacts, _values(scope, number, one.type))
    return found


def column_fields(viewer: Viewer) -> dict[int, Field]:
    """The fields that can be columns, sorted by and filtered, by id."""
    with reader(viewer) as r:
        return {number: column.field for number, column in columns_of(r).items()}


def add_values(r: Reader, found: Mapping[int, Row], known: Mapping[int, FieldColumn], shown: Sequence[int]) -> None:
    """Put the values of the shown columns into the rows, by account id."""
    for number in shown:
        column, key = known[number], key_of(number)
        for row in found.values():
            row[key] = None
        query = f"SELECT DISTINCT * FROM ({column.values}) AS v WHERE account_id IN (SELECT unnest($ids)) ORDER BY 1, 2"
        for value in r.rows(query, ids=list(found)):
            row, read = found[value["account_id"]], from_stored(column.field.type, value["value"])
            row[key] = OfContacts((*(row[key] or ()), read)) if column.of_contacts else read


def field_conditions(fields: Mapping[int, Sequence[str]], known: Mapping[int, FieldColumn]) -> Iterator[tuple[str, dict[str, object]]]:
    """Per filtered field: one of the chosen values (any of them in a list of several), or a part of the text."""
    for number, wanted in fields.items():
        column = known.get(number)
        if column is None or not wanted:
            continue
        name = f"field_{number}"
        if column.field.type in EXACT:
            test, given = f"value IN (SELECT unnest(${name}))", list(wanted)
        elif column.field.type == "choices":
            test, given = f"list_has_any(from_json(value, '[\"VARCHAR\"]'), ${name})", list(wanted)
        else:
            test, given = f"contains(strip_accents(lower(value)), strip_accents(lower(${name})))", wanted[0]
        yield f"a.account_id IN (SELECT account_id FROM ({column.values}) WHERE {test})", {name: given}


def found_in_fields(known: Mapping[int, FieldColumn], forms: Sequence[str]) -> tuple[list[str], dict[str, object]]:
    """Conditions of clients one of whose own or contacts' fields holds the word, of which ``forms`` names the parameters.

    Addresses are found without them.
    """
    terms: list[str] = []
    parameters: dict[str, object] = {}
    folded = "strip_accents(lower(replace(value, 'ß', 'ss')))"
    holds = "(" + " OR ".join(f"contains({folded}, ${form})" for form in forms) + ")"
    for of_contacts, name, source in (
        (False, "own_fields", "SELECT account_id, custom_field_id, value FROM account_field_value"),
        (
            True, "contact_fields",
            "SELECT l.account_id, v.custom_field_id, v.value FROM account_contact l JOIN contact_field_value v ON v.contact_id = l.contact_id",
        ),
    ):  # fmt: skip
        numbers = [number for number, column in known.items() if column.of_contacts == of_contacts]
        if numbers:
            terms.append(
                f"a.account_id IN (SELECT account_id FROM ({source}) WHERE custom_field_id IN (SELECT unnest(${name})) AND {holds})"
            )
            parameters[name] = numbers
    return terms, parameters
