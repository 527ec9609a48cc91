"""Show, sort and filter the list of accounts by custom fields, of the account itself or of its contacts."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from core.base.errors import InvalidValue
from core.base.fields import Field, as_stored, clean_value, from_stored
from core.base.rights import Viewer
from core.clients.custom_fields import as_fields, custom_id, key_of
from core.i18n import language, t
from core.i18n.formats import day
from core.store import Reader, Row, reader

# Types whose values are chosen from a list, so that a filter compares whole values.
WHOLE_VALUE_TYPES = ("choice", "yes_no", "staff_member")
# SQL of the text that people read of a type that is stored otherwise; a filter looks for the typed part in it.
READ_FORMS = {
    "address": "concat_ws(', ', value->>'street', concat_ws(' ', value->>'postcode', value->>'city'), value->>'region')",
    "phone": "concat_ws(' ', value, regexp_replace(value, '[^0-9]', '', 'g'))",
}


class OfContacts(tuple):
    """The values of an account's contacts in one cell, each once."""


@dataclass(frozen=True)
class FieldColumn:
    """A custom field as a column; ``values`` is a SELECT of (account_id, value), one row for each account or each of its contacts."""

    field: Field
    of_contacts: bool
    values: str

    @property
    def order(self) -> str:
        """Return a SELECT of (account_id, value) to sort by, one row for each account: of several values the first, numbers as numbers."""
        value = "value::DECIMAL(18, 6)" if self.field.type in ("number", "money") else "value"
        return f"SELECT account_id, min({value}) AS value FROM ({self.values}) GROUP BY 1" if self.of_contacts else self._plain(value)

    def _plain(self, value: str) -> str:
        return f"SELECT account_id, {value} AS value FROM ({self.values})"

    @property
    def collation(self) -> str:
        """Return the COLLATE clause by which the column is sorted."""
        return "" if self.field.type in ("number", "money") else " COLLATE NOACCENT.NOCASE"


def _values(scope: str, number: int, type_: str) -> str:
    """Return the SELECT of (account_id, value) of a custom field."""
    if scope == "account":
        return f"SELECT account_id, value FROM account_field_value WHERE custom_field_id = {number}"
    table, column = ("contact_email", "email") if type_ == "email" else ("contact_field_value", "value")
    return f"""SELECT l.account_id, v.{column} AS value FROM account_contact l JOIN {table} v ON v.contact_id = l.contact_id
               WHERE v.custom_field_id = {number}"""


def columns_of(r: Reader) -> dict[int, FieldColumn]:
    """Return {custom_field_id: column} of the fields of accounts, then of contacts."""
    found: dict[int, FieldColumn] = {}
    for scope in ("account", "contact"):
        for field in as_fields(r, scope):
            number, of_contacts = custom_id(field), scope == "contact"
            shown = replace(field, label=t("accounts.of_contact", label=field.label)) if of_contacts else field
            found[number] = FieldColumn(shown, of_contacts, _values(scope, number, field.type))
    return found


def column_fields(viewer: Viewer) -> dict[int, Field]:
    """Return {custom_field_id: field} of the fields that can be columns."""
    with reader(viewer) as r:
        return {number: column.field for number, column in columns_of(r).items()}


def add_values(r: Reader, found: Mapping[int, Row], known: Mapping[int, FieldColumn], shown: Sequence[int]) -> None:
    """Put the values of the shown columns into the rows.

    Args:
        r: The viewer's reader.
        found: Rows of the list by account_id; they get ``field:<id>``, None where there is no value.
        known: What ``columns_of`` returns.
        shown: Ids of the columns.
    """
    for number in shown:
        column, key = known[number], key_of(number)
        for row in found.values():
            row[key] = None
        query = f"SELECT DISTINCT * FROM ({column.values}) AS v WHERE account_id IN (SELECT unnest($ids)) ORDER BY 1, 2"
        for value in r.rows(query, ids=list(found)):
            row, typed = found[value["account_id"]], from_stored(column.field.type, value["value"])
            row[key] = OfContacts((*(row[key] or ()), typed)) if column.of_contacts else typed


def typed_forms(type_: str, text: str) -> list[str]:
    """Return the forms to look for when a value of this type, or a part of it, was typed as people read it.

    An amount in the language's separators, a day, an IBAN in groups and a telephone number are stored otherwise.
    """
    forms = [] if type_ in ("number", "money") else [text]
    try:
        value = clean_value(Field("value", type_), text, language())
    except InvalidValue:
        value = None
    if type_ in ("number", "money"):
        plain = re.sub(r"[\s€]", "", text)
        forms.append(plain.replace(".", "").replace(",", ".") if language() == "de" else plain.replace(",", ""))
    elif type_ in ("iban", "vat_id"):
        forms.append("".join(text.split()))
    elif type_ == "phone" and (digits := re.sub(r"\D", "", text).lstrip("0")):
        forms.append(digits)
    elif type_ == "date" and isinstance(value, date):
        forms.append(day(value))
    if value is not None and type_ in ("number", "money", "phone"):
        forms.append(str(as_stored(value)))
    return [form for form in dict.fromkeys(forms) if form] or [text]


def stored_forms(word: str) -> list[str]:
    """Return how a day or an amount is stored that was typed as people read it: *31.12.2026*, *1.234,50*; none for other words."""
    found = []
    for type_ in ("date", "number") if re.search(r"\d[.,/]\d", word) else ():
        try:
            found.append(str(as_stored(clean_value(Field("value", type_), word, language()))))
        except InvalidValue:
            continue
    return found


def found_in_fields(known: Mapping[int, FieldColumn], forms: Sequence[str]) -> tuple[list[str], dict[str, object]]:
    """Return (conditions, their parameters) of search texts ``s`` of accounts where a field of their own or of a contact holds a word.

    ``forms`` names the parameters that hold the word's spellings. Email addresses are left out: the search words hold them.
    """
    terms: list[str] = []
    parameters: dict[str, object] = {}
    folded = "strip_accents(lower(replace(value, 'ß', 'ss')))"
    holds = "(" + " OR ".join(f"contains({folded}, ${form})" for form in forms) + ")"
    for of_contacts, name, source in (
        (False, "own_fields", "SELECT account_id, custom_field_id, value FROM account_field_value"),
        (
            True, "contact_fields",
            "SELECT account_id, custom_field_id, value FROM account_contact JOIN contact_field_value USING (contact_id)",
        ),
    ):  # fmt: skip
        numbers = [number for number, column in known.items() if column.of_contacts == of_contacts]
        if numbers:
            terms.append(
                f"s.account_id IN (SELECT account_id FROM ({source}) WHERE custom_field_id IN (SELECT unnest(${name})) AND {holds})"
            )
            parameters[name] = numbers
    return terms, parameters
