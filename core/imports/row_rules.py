"""Check rows as a whole, where fields are valid only together, by the rules of the forms."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from core.base.contact_points import TELEPHONES, one_telephone
from core.base.errors import InvalidValue
from core.base.fields import check_place, clean_text
from core.clients.custom_fields import WITH_OPTIONS
from core.clients.saved_views import clean_definition

Row = dict[str, Any]
Trouble = tuple[str, str, dict[str, Any]]


def _contact(row: Row) -> Iterator[Trouble]:
    """Check the postcode by the form of its country, and read phone numbers without a prefix as numbers of that country."""
    given = row.get("country")
    country = str(given or "").upper()
    if country:
        row["country"] = country
    place = {"postcode": row.get("postcode"), "country": country}
    try:
        check_place(place)
    except InvalidValue as bad:
        column = "country" if bad.problem[0] == "country_unknown" else "postcode"
        yield column, f"form.{bad.problem[0]}", bad.problem[1] | {"value": given if column == "country" else row[column]}
        if column == "country":
            return
    if not country and re.fullmatch(r"\d{4}", str(row.get("postcode") or "")):
        yield "postcode", "postcode_short", {"value": row["postcode"]}
    for column in TELEPHONES:
        if row.get(column) is not None:
            try:
                row[column] = one_telephone(row[column], country)
            except InvalidValue as bad:
                yield column, f"form.{bad.problem[0]}", {"value": row[column]}


def _staff_member(row: Row) -> Iterator[Trouble]:
    if row.get("is_active", True) and not row.get("email"):
        yield "is_active" if "is_active" in row else "email", "active_without_email", {}


def options_of(text: str) -> list[str]:
    """Return the options of a field from a JSON list or from texts with semicolons between. Raises InvalidValue, ValueError."""
    given = json.loads(text) if text.lstrip().startswith("[") else text.split(";")
    return list(dict.fromkeys(filter(None, (clean_text(str(option), 120) for option in given))))


def _custom_field(row: Row) -> Iterator[Trouble]:
    """Require at least one option of a choice; drop those of any other type."""
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


# Problems that do not refuse the row: the value is stored in another form than the file has it.
NOTES = frozenset({"options_unused", "definition_reduced", "postcode_short"})
# Per table the check, and the columns it needs: where one of them was refused itself, the row is not checked as a whole.
WHOLE: dict[str, tuple[Callable[[Row], Iterator[Trouble]], frozenset[str]]] = {
    "contact": (_contact, frozenset({"country"})),
    "staff_member": (_staff_member, frozenset({"email", "is_active"})),
    "custom_field": (_custom_field, frozenset({"type", "options"})),
    "saved_view": (_saved_view, frozenset({"definition"})),
}
