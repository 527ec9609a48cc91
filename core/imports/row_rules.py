"""What a row must be as a whole: fields that only together are right, as the forms ask for them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from core.base.contact_points import one_telephone
from core.base.fields import InvalidValue, check_place, clean_text
from core.clients.custom_fields import WITH_OPTIONS
from core.clients.saved_views import clean_definition

Row = dict[str, Any]
Trouble = tuple[str, str, dict[str, Any]]


def _contact(row: Row) -> Iterator[Trouble]:
    """A postcode has the form of its country, and a number without a country's prefix is one of the contact's country."""
    country = str(row.get("country") or "").upper()
    if country:
        row["country"] = country
    place = {"postcode": row.get("postcode"), "country": country}
    try:
        check_place(place)
    except InvalidValue as bad:
        column = "country" if bad.problem[0] == "country_unknown" else "postcode"
        yield column, f"form.{bad.problem[0]}", bad.problem[1] | {"value": row[column]}
        if column == "country":
            return
    if not country and re.fullmatch(r"\d{4}", str(row.get("postcode") or "")):
        yield "postcode", "postcode_short", {"value": row["postcode"]}
    for column in ("phone", "mobile"):
        if row.get(column) is not None:
            try:
                row[column] = one_telephone(row[column], country)
            except InvalidValue as bad:
                yield column, f"form.{bad.problem[0]}", {"value": row[column]}


def _staff_member(row: Row) -> Iterator[Trouble]:
    if row.get("is_active", True) and not row.get("email"):
        yield "is_active" if "is_active" in row else "email", "active_without_email", {}


def options_of(text: str) -> list[str]:
    """The options of a field as a file names them: a JSON list, or texts with semicolons between. Raises InvalidValue, ValueError."""
    given = json.loads(text) if text.lstrip().startswith("[") else text.split(";")
    return list(dict.fromkeys(filter(None, (clean_text(str(one), 120) for one in given))))


def _custom_field(row: Row) -> Iterator[Trouble]:
    """Only a choice has options, and it has at least one."""
    if row.get("type") not in WITH_OPTIONS:
        if row.get("options"):
            yield "options", "options_unused", {"value": row["options"], "type": row.get("type") or "text"}
        if "options" in row:
            row["options"] = None
        return
    try:
        options = options_of(str(row.get("options") or ""))
    except (ValueError, InvalidValue):
        options = []
    if not options:
        yield "options", "options", {"value": row.get("options") or ""}
    else:
        row["options"] = json.dumps(options, ensure_ascii=False)


def _saved_view(row: Row) -> Iterator[Trouble]:
    try:
        given = json.loads(str(row["definition"]))
        kept = clean_definition(given)
        row["definition"] = json.dumps(kept, ensure_ascii=False)
        if isinstance(given, dict) and (lost := sorted(set(given) - set(kept))):
            yield "definition", "definition_reduced", {"value": ", ".join(lost)}
    except ValueError:
        yield "definition", "json", {"value": str(row["definition"])[:80]}


# What is taken over all the same, otherwise than the file says it.
NOTES = frozenset({"options_unused", "definition_reduced", "postcode_short"})
# With each the columns without which nothing can be said of the whole: one that was refused itself is told alone.
WHOLE: dict[str, tuple[Callable[[Row], Iterator[Trouble]], frozenset[str]]] = {
    "contact": (_contact, frozenset({"country"})),
    "staff_member": (_staff_member, frozenset({"email", "is_active"})),
    "custom_field": (_custom_field, frozenset({"type", "options"})),
    "saved_view": (_saved_view, frozenset({"definition"})),
}
