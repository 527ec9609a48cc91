"""The fields a column of a list of clients can become, and the expression of the mapping language that makes each of a cell."""

from __future__ import annotations

from dataclasses import dataclass

# Before the key of an own field of clients.
OWN = "field."


@dataclass(frozen=True)
class ListField:
    """A field for a column of a list.

    Attributes:
        table: The table it is of.
        column: The column of that table.
        word: The group of known heads that stands for it (``facts/words``), None for one that is known by its values alone.
        expression: What makes the field of a cell; ``{}`` is the cell.
        on_bad: What becomes of a value that is none.
        label: The label of an own field, for a firm that has none with this key.
        type: The type of an own field.
        is_many: Whether several columns may become it.
    """

    table: str
    column: str
    word: str | None = None
    expression: str = "{}"
    on_bad: str = "refuse"
    label: str = ""
    type: str = ""
    is_many: bool = False


def _own(word: str, label: str, kind: str = "text") -> ListField:
    return ListField("account_field_value", "value", word, label=label, type=kind)


FIELDS: dict[str, ListField] = {
    "account.number": ListField("account", "number", "number"),
    "account.name": ListField("account", "name", "name"),
    "account.kind": ListField("account", "kind", "kind", on_bad="leave"),
    "account.tags": ListField("tag", "name", "tags"),
    "account.member": ListField("assignment", "staff_member_id", "member"),
    "contact.name": ListField("contact", "name", "contact_name"),
    "contact.salutation": ListField("contact", "salutation", "salutation"),
    "contact.first_name": ListField("contact", "first_name", "first_name"),
    "contact.last_name": ListField("contact", "last_name", "last_name"),
    "contact.company": ListField("contact", "company", "contact_company"),
    "contact.phone": ListField("contact", "phone", "phone", "phone({})", "leave"),
    "contact.mobile": ListField("contact", "mobile", "mobile", "phone({})", "leave"),
    "contact_email.email": ListField("contact_email", "email", "email", is_many=True),
    "contact.street": ListField("contact", "street", "street"),
    "contact.postcode": ListField("contact", "postcode", "postcode", on_bad="leave"),
    "contact.city": ListField("contact", "city", "city"),
    "contact.region": ListField("contact", "region", "region"),
    "contact.country": ListField("contact", "country", "country", "country({})", "leave"),
    # A whole postal address in one cell: street, postcode and city of it.
    "contact.address": ListField("contact", "street", None, "street({})", "leave"),
    "contact.born_on": ListField("contact", "born_on", "born_on", on_bad="leave"),
    # Keys and labels as in the starter set of own fields; terms of German law stay German.
    "field.steuernummer": _own("tax_number", "Steuernummer"),
    "field.steuer_idnr": _own("tax_id", "Steuer-IdNr."),
    "field.ust_idnr": _own("vat_id", "USt-IdNr.", "vat_id"),
    "field.finanzamt": _own("tax_office", "Finanzamt"),
    "field.rechtsform": _own("legal_form", "Rechtsform"),
    "field.iban": _own("iban", "IBAN", "iban"),
}
BY_WORD = {field.word: key for key, field in FIELDS.items() if field.word}
