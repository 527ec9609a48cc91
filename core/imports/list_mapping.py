"""Write the whole mapping of a list of clients from the fields its columns become."""

from __future__ import annotations

import json
import keyword
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.imports.facts import FileFacts, as_facts
from core.imports.facts.heads import bare
from core.imports.list_fields import FIELDS, OWN, ListField
from core.imports.mapping import CONFLICTS, ON_BAD

FILE = "list"
NUMBERS = "K{:05}"
# Heads, bare, that name firms alone; *Name* and *Mandant* name anybody.
OF_A_FIRM = re.compile(r"firm|compan|unternehm|organi[sz]ation|businessname")
# An address that is none costs no client.
LEFT = ', on_bad = "leave"'


class _TomlRule(str):
    """A field's rule as it is written in TOML; any other text is an expression, whatever it begins with."""

    __slots__ = ()


LEFT_ADDRESS = _TomlRule('{ from = "email(part)", on_bad = "leave" }')
# What lists say of a client's kind, and its code.
KINDS = {
    "company": (
        "Unternehmen",
        "Firma",
        "Company",
        "company",
        "Gesellschaft",
        "Juristische Person",
        "juristische Person",
        "Business",
        "U",
        "2",
    ),
    "person": ("Person", "Privatperson", "Privat", "Natürliche Person", "natürliche Person", "Individual", "person", "Private", "P", "1"),
}
# What a list says of the person, in this order.
PERSON = (
    "contact.salutation", "contact.first_name", "contact.last_name", "contact.company", "contact.phone", "contact.mobile", "contact.address",
    "contact.street", "contact.postcode", "contact.city", "contact.region", "contact.country", "contact.born_on",
)  # fmt: skip


def mapping_text(
    name: str,
    facts: FileFacts | Mapping[str, Any],
    file_name: str,
    choices: Mapping[int, str],
    answers: Mapping[str, Any] | None = None,
) -> str:
    """Return the whole mapping of a list of clients: clients, contacts, addresses, tags, own fields and who looks after them.

    Args:
        name: What the mapping is remembered as.
        facts: What the file is, as found or as somebody chose otherwise.
        file_name: Its path, from the folder of the mapping.
        choices: By the place of a column, from 0, the key of ``FIELDS`` it becomes, or ``field.KEY`` of another own field of the firm.
        answers: What is known beside the columns, each may be left out: ``recognise_by`` (the field a client is known again by),
            ``conflict`` (ask, ours, theirs), ``on_bad`` (by place: refuse, leave, note), ``notes_by`` (whose notes they are),
            ``own_fields`` (keys of the own fields the firm has), ``numbers`` (pattern of running numbers).
    """
    return _Writing(name, as_facts(facts), file_name, dict(choices), dict(answers or {})).text()


def quoted(text: str) -> str:
    """Return a text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


class _Writing:
    """Writes one mapping: ``cells`` holds the column of each field, as an expression names it."""

    def __init__(self, name: str, facts: FileFacts, file_name: str, choices: dict[int, str], answers: dict[str, Any]) -> None:
        self.name, self.file_name, self.choices, self.answers = name, file_name, choices, answers
        heads = list(facts.columns)
        self.heads = {field: heads[place] for place, field in reversed(choices.items()) if place < len(heads)}
        chosen = [heads[place] if place < len(heads) else "" for place in choices]
        # A head that is empty or stands twice names no column: they go by their places.
        if facts.columns_by == "name" and any(not head or heads.count(head) > 1 for head in chosen):
            facts, heads = replace(facts, columns_by="place", header=facts.header + 1), []
        self.facts = facts
        self.names = {place: heads[place] if facts.columns_by == "name" else str(place + 1) for place in choices}
        self.places: dict[str, int] = {}
        for place, field in choices.items():
            self.places.setdefault(field, place)

    def text(self) -> str:
        parts = [f"name = {quoted(self.name)}"]
        if notes_by := self._notes_by():
            parts[0] += f"\nnotes_by = {quoted(notes_by)}"
        parts.append(self.facts.as_mapping(FILE, self.file_name))
        parts += [
            self._accounts(),
            self._contacts(),
            self._block("account_contact", {"account_id": self._ref(), "contact_id": self._ref()}),
        ]
        parts += [*self._addresses(), *self._tags(), *self._own_fields(), *self._members()]
        return "\n\n".join(parts) + "\n"

    def _notes_by(self) -> str | None:
        return self.answers.get("notes_by") if "note" in (self.answers.get("on_bad") or {}).values() else None

    # --- expressions ---
    def _cell(self, field: str) -> str | None:
        """Return the column of a field inside an expression."""
        if field not in self.places:
            return None
        return inside(self.names[self.places[field]])

    def _of(self, field: str, expression: str | None = None) -> str | None:
        """Return what makes a field of its cell: the bare head where nothing is made of it."""
        place = self.places.get(field)
        if place is None:
            return None
        form = expression or _field(field).expression
        return self.names[place] if form == "{}" and self.facts.columns_by == "name" else form.format(inside(self.names[place]))

    def _person(self) -> str | None:
        first, last = self._cell("contact.first_name"), self._cell("contact.last_name")
        if first and last:
            return f"trim(concat({first}, ' ', {last}))"
        return self._of("contact.last_name") or self._of("contact.first_name")

    def _first(self, *expressions: str | None) -> str:
        """Return the expression for the first of these that a row fills."""
        there = list(dict.fromkeys(expression for expression in expressions if expression))
        if len(there) == 1:
            return there[0]
        return f"coalesce({', '.join(self._inside(expression) for expression in there)})" if there else "''"

    def _inside(self, expression: str) -> str:
        return inside(expression) if expression in self.names.values() else expression

    def _recognised_by(self) -> str:
        asked = str(self.answers.get("recognise_by") or "")
        if asked in self.places:
            return asked
        return "account.number" if "account.number" in self.places else "account.name"

    def _names(self) -> list[str | None]:
        """Return what can be the name of a client; where no column is, something else of the row."""
        names = [self._of("account.name"), self._of("contact.company"), self._person()]
        others = [self._of("contact.name"), self._of("contact_email.email"), self._of("account.number", "{}")]
        return names if any(names) else others

    def _client_name(self) -> str:
        return self._first(*self._names())

    def _ref(self) -> str:
        """Return what identifies a client in the file, as its key and in every reference."""
        field = self._recognised_by()
        if field == "account.number":
            return str(self._of(field, "{}"))
        text = self._client_name() if field == "account.name" else str(self._of(field, "{}"))
        return f"lower({self._inside(text)})"

    # --- blocks ---
    def _block(self, table: str, values: Mapping[str, str], **options: str) -> str:
        lines = ["[[tables]]", f'table = "{table}"', f'file = "{FILE}"', *(f"{key} = {value}" for key, value in options.items())]
        lines.append("[tables.fields]")
        lines += [f"{column} = {value if isinstance(value, _TomlRule) else quoted(value)}" for column, value in values.items()]
        return "\n".join(lines)

    def _conflict(self) -> dict[str, str]:
        asked = self.answers.get("conflict")
        return {"conflict": f'"{asked}"'} if asked in CONFLICTS and asked != CONFLICTS[0] else {}

    def _value(self, field: str, expression: str | None = None) -> str:
        """Return a field's rule: what makes it, and what becomes of a value that is none."""
        made = str(self._of(field, expression))
        asked = (self.answers.get("on_bad") or {}).get(self.places[field], _field(field).on_bad)
        on_bad = asked if asked in ON_BAD and (asked != "note" or self._notes_by()) else "leave"
        return (
            made
            if on_bad == "refuse" or _field(field).column == "number"
            else _TomlRule(f'{{ from = {quoted(made)}, on_bad = "{on_bad}" }}')
        )

    def _accounts(self) -> str:
        pattern = self.answers.get("numbers") or NUMBERS
        number = self._of("account.number", "{}")
        values = {"number": number or _TomlRule(f"{{ next = {quoted(pattern)} }}"), "name": self._client_name()}
        if "account.kind" in self.places:
            codes = ", ".join(f"{quoted(said)} = {quoted(code)}" for code, all_said in KINDS.items() for said in all_said)
            said = quoted(str(self._of("account.kind", "{}")))
            values["kind"] = _TomlRule(f'{{ from = {said}, codes = {{ {codes} }}, on_bad = "leave" }}')
        elif "account.name" in self.places and OF_A_FIRM.search(bare(self.heads.get("account.name", ""))):
            # Who has no name of a firm is a person.
            values["kind"] = f"'company' if {self._cell('account.name')} else 'person'"
        by = self._recognised_by()
        match = {"account.number": '["number"]', "account.name": '["name"]'}.get(by)
        if by.startswith(OWN) and by.removeprefix(OWN) in self.answers.get("own_fields", ()):
            match = f"{{ {quoted('field:' + by.removeprefix(OWN))} = {quoted(str(self._of(by, '{}')))} }}"
        options = {"key": f"[{quoted(self._ref())}]", **({"match": match} if match else {}), **self._conflict()}
        return self._block("account", values, **options)

    def _contacts(self) -> str:
        values = {"name": self._first(self._of("contact.name"), self._person(), *self._names())}
        for field in PERSON:
            if field not in self.places:
                continue
            if field == "contact.address":
                values |= {
                    part: self._value(field, f"{part}({{}})")
                    for part in ("street", "postcode", "city")
                    if f"contact.{part}" not in self.places
                }
            else:
                values[_field(field).column] = self._value(field)
        address = self._of("contact_email.email")
        options = {
            "key": f"[{quoted(self._ref())}]",
            **({"match": f"{{ email = {quoted(address)} }}"} if address else {}),
            **self._conflict(),
        }
        return self._block("contact", values, **options)

    def _addresses(self) -> list[str]:
        """Return the block of all addresses: several columns, several in a cell."""
        columns = [inside(self.names[place]) for place, field in self.choices.items() if field == "contact_email.email"]
        if not columns:
            return []
        between = ", ',', "
        together = columns[0] if len(columns) == 1 else f"concat({between.join(columns)})"
        each = f"split(replace({together}, ';', ','), ',')"
        options = {"each": quoted(each), "key": '["lower(part)"]', "match": '["email"]'}
        return [self._block("contact_email", {"contact_id": self._ref(), "email": LEFT_ADDRESS}, **options)]

    def _tags(self) -> list[str]:
        cell = self._cell("account.tags")
        if cell is None:
            return []
        each = quoted(f"split(replace({cell}, ';', ','), ',')")
        return [
            self._block("tag", {"name": "part"}, each=each, key='["lower(part)"]', match='["name"]', distinct="true"),
            self._block("account_tag", {"account_id": self._ref(), "tag_id": "lower(part)"}, each=each),
        ]

    def _own_fields(self) -> list[str]:
        found = []
        have = self.answers.get("own_fields", ())
        for field, place in self.places.items():
            if not field.startswith(OWN):
                continue
            key, spec = field.removeprefix(OWN), _field(field)
            where = inside(self.names[place])
            if spec.label and key not in have:
                made = {"scope": "account", "key": key, "label": spec.label, "type": spec.type}
                values = {column: _TomlRule(f"{{ value = {quoted(value)} }}") for column, value in made.items()}
                found.append(
                    self._block(
                        "custom_field", values, key=f'["{_literal(key)}"]', match='["scope", "key"]', distinct="true", conflict='"ours"'
                    )
                )
                field_id = _TomlRule(f"{{ value = {quoted(key)} }}")
            else:
                field_id = _TomlRule(f'{{ value = {quoted(key)}, by = "key" }}')
            value = _TomlRule(f'{{ from = {quoted(str(self._of(field, "{}")))}, on_bad = "leave" }}')
            asked = (self.answers.get("on_bad") or {}).get(place)
            of_client: dict[str, str] = {
                "account_id": self._ref(), "custom_field_id": field_id, "value": str(self._of(field, "{}")) if asked == "refuse" else value,
            }  # fmt: skip
            found.append(self._block("account_field_value", of_client, when=quoted(where), **self._conflict()))
        return found

    def _members(self) -> list[str]:
        """Return the block of who looks after a client: somebody who is in the team, by address or by name."""
        cell = self._cell("account.member")
        if cell is None:
            return []
        place = self.places["account.member"]
        said = [row[place] for row in self.facts.sample or self.facts.rows if place < len(row) and row[place]]
        by, made = (
            ("email", f"lower({cell})") if said and all("@" in value for value in said) else ("name", str(self._of("account.member", "{}")))
        )
        asked = (self.answers.get("on_bad") or {}).get(place)
        member = _TomlRule(f'{{ from = {quoted(made)}, by = "{by}"{"" if asked == "refuse" else LEFT} }}')
        return [self._block("assignment", {"account_id": self._ref(), "staff_member_id": member}, when=quoted(cell))]


def _field(key: str) -> ListField:
    return FIELDS.get(key) or ListField("account_field_value", "value")


def _literal(text: str) -> str:
    return f"'{text}'"


def inside(column: str) -> str:
    """Return a column's name as it stands inside an expression."""
    plain = column.isidentifier() and column.isascii() and not keyword.iskeyword(column)
    return column if plain else f"column({column!r})"
