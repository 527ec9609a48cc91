"""Give saved views that came with everything of an installation the numbers that its tags, members and own fields have here."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core.clients.list_address import COHORT, OWN, SHOWN, SORT, Address, clean_definition
from core.imports.mapping import Block
from core.imports.plan import Plan

TABLE = "saved_view"
# Parts of an address whose conditions name records by their numbers, and the table of these.
_NUMBERED = {"tags": "tag", "team": "staff_member"}
_REFERRED = ("tag", "staff_member", "custom_field")
# Before the code of a condition.
_IS = "is:"


@dataclass(frozen=True)
class _Numbers:
    """The numbers here by the keys in the files, per table, and the keys of own fields that hold members."""

    of: dict[str, dict[str, str]]
    of_members: frozenset[str]

    def here(self, table: str, key: str) -> str | None:
        return self.of[table].get(key)

    def field(self, name: str) -> str | None:
        """Return ``field-<number>`` with the number here; any other name of a column as it is."""
        if not name.startswith(OWN):
            return name
        found = self.here("custom_field", name.removeprefix(OWN))
        return None if found is None else f"{OWN}{found}"


def translate_views(plan: Plan) -> None:
    """Put the numbers of this installation into the views of ``r<block>``; those of new records are below zero still."""
    for block in plan.by_table.get(TABLE, ()):
        if plan.mapping.is_own(block):
            write_views(plan, block, f"r{block.number}", lambda number: number)


def write_views(plan: Plan, block: Block, table: str, moved: Callable[[int], int]) -> None:
    """Write the views of a block's file into a staged table, with ``moved`` of the number each record has in the plan."""
    of = {
        name: {key: str(moved(number)) for key, number in plan.staging.run(f"SELECT source_key, object_id FROM {plan.known(name)}")}
        for name in _REFERRED
    }
    members = plan.staging.run(
        f"SELECT source_key FROM {plan.known('custom_field')} k JOIN field_def d ON d.custom_field_id = k.object_id WHERE d.type = 'staff_member'"
    )
    numbers = _Numbers(of, frozenset(key for (key,) in members))
    rows = plan.staging.run(f"SELECT n, definition FROM b{block.number} WHERE n IN (SELECT n FROM {table})")
    told = [(n, _translated(text, numbers)) for n, text in rows]
    plan.staging.run(
        f"""UPDATE {table} t SET definition = v.definition
        FROM (SELECT unnest($n::BIGINT[]) AS n, unnest($texts::VARCHAR[]) AS definition) AS v WHERE v.n = t.n""",
        {"n": [n for n, _ in told], "texts": [text for _, text in told]},
    )


def _translated(text: str, numbers: _Numbers) -> str:
    try:
        given = clean_definition(json.loads(text))
    except ValueError:
        return text
    return json.dumps(_address(given, numbers), ensure_ascii=False)


def _address(given: Mapping[str, list[str]], numbers: _Numbers) -> Address:
    """Return a view's address with the numbers here; what names a record that did not come along, or a cohort, is left out."""
    made: Address = {}
    for name, values in given.items():
        own = numbers.field(name)
        if name == COHORT or own is None:
            continue
        if name == SORT:
            down = "-" if values[0].startswith("-") else ""
            columns = [numbers.field(values[0].removeprefix("-"))]
            kept = [f"{down}{column}" for column in columns if column is not None]
        elif name == SHOWN:
            shown = [column for column in map(numbers.field, values[0].split(",")) if column is not None]
            kept = [",".join(shown)] if shown else []
        elif table := "staff_member" if name.removeprefix(OWN) in numbers.of_members else _NUMBERED.get(name):
            found = [numbers.here(table, value.removeprefix(_IS)) if value.startswith(_IS) else value for value in values]
            kept = [f"{_IS}{value}" if of.startswith(_IS) else value for of, value in zip(values, found, strict=True) if value is not None]
        else:
            kept = values
        if kept:
            made[own] = kept
    return made
