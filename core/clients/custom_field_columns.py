"""Custom fields as columns of Kunden: of the client itself, or of its contacts, whose values stand beside each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.base.fields import Field, InvalidValue, as_stored, clean_value, from_stored
from core.base.rights import Viewer
from core.clients.custom_fields import as_fields, id_of, key_of
from core.i18n import language, t
from core.i18n.formats import day, day_pattern
from core.store import Reader, Row, reader

# Types whose values are chosen, not typed: filtered by the whole value.
EXACT = ("choice", "yes_no", "staff_member")
# What a part of the typed text is looked for in: the value as people read it, where it is stored otherwise.
READ = {
    "address": "concat_ws(', ', value->>'street', concat_ws(' ', value->>'postcode', value->>'city'), value->>'region')",
    "phone": "concat_ws(' ', value, regexp_replace(value, '[^0-9]', '', 'g'))",
}


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
            as_day = f"strftime(try_cast(value AS DATE), '{day_pattern()}')"
            read = as_day if column.field.type == "date" else READ.get(column.field.type, "value")
            test = f"list_bool_or([contains(strip_accents(lower({read})), strip_accents(lower(part))) FOR part IN ${name}])"
            given = written_forms(column.field.type, wanted[0])
        yield f"a.account_id IN (SELECT account_id FROM ({column.values}) WHERE {test})", {name: given}


def written_forms(type_: str, text: str) -> list[str]:
    """How a value of this type may be kept that somebody typed as they read it: an amount, a day, an IBAN in groups, a phone number."""
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
    elif type_ == "date" and value is not None:
        forms.append(day(value))
    if value is not None and type_ in ("number", "money", "phone"):
        forms.append(str(as_stored(value)))
    return [form for form in dict.fromkeys(forms) if form] or [text]


def kept_forms(word: str) -> list[str]:
    """How a day or an amount is kept that stands in a search as people read it: *31.12.2026*, *1.234,50*."""
    found = []
    for type_ in ("date", "number") if re.search(r"\d[.,/]\d", word) else ():
        try:
            found.append(str(as_stored(clean_value(Field("value", type_), word, language()))))
        except InvalidValue:
            continue
    return found


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
