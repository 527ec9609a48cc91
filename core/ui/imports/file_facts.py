"""What is known of an uploaded file while its columns are chosen: read once in a child, kept in memory for a while."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import PurePath
from typing import Any

from core.base.expiring import Expiring
from core.base.rights import Viewer
from core.clients.custom_fields import definitions
from core.i18n import t
from core.imports import cells
from core.imports.job_mapping import MAX_NAME_CHARS
from core.imports.parsing import Noted, as_date
from core.imports.problems import Problem, RowRejected
from core.imports.recognise import OWN, recognise
from core.imports.uploads import look_at_upload, upload_of
from core.store import reader
from core.ui.imports.columns_step import ColumnShown
from core.ui.imports.drafts import Draft

FACTS_TTL_S = 3600
MAX_FACTS = 200
MAX_ODD_ROWS = 200
_facts: Expiring[tuple[str, str], dict[str, Any]] = Expiring(FACTS_TTL_S, MAX_FACTS)
# The fields whose values can be none, with what reads them.
_READ: dict[str, Callable[[str], object]] = {
    "contact.phone": cells.only_telephone, "contact.mobile": cells.only_telephone, "contact_email.email": cells.only_address,
    "contact.country": cells.country_code, "contact.address": cells.street,
}  # fmt: skip


def facts_of(viewer: Viewer, file_id: int, reading: Mapping[str, Any]) -> dict[str, Any]:
    """Return what one's own upload is, as found or as somebody chose otherwise. Raises NotFound, NotAllowed, MappingInvalid."""
    key = (upload_of(viewer, file_id).sha256, digest(reading))
    found = _facts.get(key)
    if found is None:
        found = look_at_upload(viewer, file_id, chosen=dict(reading))
        _facts.put(key, found)
    return found


def digest(reading: Mapping[str, Any]) -> str:
    """Return a short name of how a file is read."""
    return hashlib.sha256(json.dumps(reading, sort_keys=True).encode()).hexdigest()[:8]


def rows_of(facts: Mapping[str, Any]) -> Sequence[Sequence[str]]:
    """Return the first rows below the head."""
    return facts["sample"] or facts["rows"]


def shown_columns(draft: Draft, facts: Mapping[str, Any]) -> list[ColumnShown]:
    """Return the columns of a file with what each becomes: as somebody chose it, else as it is recognised."""
    rows, heads = rows_of(facts), facts["columns"]
    found = []
    for guess in recognise(heads if facts["columns_by"] == "name" else [], rows):
        place = guess.column
        values = [row[place] for row in rows if place < len(row) and row[place].strip()]
        guessed = (guess.field or "") if values or not (guess.field or "").startswith(OWN) else ""
        key = str(place)
        field = draft.fields.get(key, guessed)
        name = (heads[place] if place < len(heads) else "") or t("import_page.columns.nameless", n=place + 1)
        examples = tuple(dict.fromkeys(values))
        found.append(ColumnShown(key, name, examples[:4], len(values), field, guess.is_sure or field != guessed, guess.why))
    return found


def odd_values(
    columns: Sequence[ColumnShown], fields: Mapping[str, str], rows: Sequence[Sequence[str]], facts: Mapping[str, Any]
) -> dict[str, dict[int, Problem]]:  # fmt: skip
    """Return by a column's key, and by the place of a row, what is odd about its value: it is none, or only part of it is taken over."""
    found: dict[str, dict[int, Problem]] = {}
    for column in columns:
        field, place = fields.get(column.key, ""), int(column.key)
        for at, row in enumerate(rows[:MAX_ODD_ROWS]):
            text = row[place] if place < len(row) else ""
            if text and (wrong := _wrong(field, text, facts.get("date"))):
                found.setdefault(column.key, {})[at] = wrong
    return found


def is_none(problem: Problem) -> bool:
    """Return whether a value is none, instead of only partly taken over."""
    return problem.code not in ("beside", "hour_left_out")


@lru_cache(maxsize=4096)
def _wrong(field: str, text: str, form: str | None) -> Problem | None:
    """Return what is wrong with a value for a field, None for one that is right."""
    try:
        if field == "contact.born_on":
            as_date(text, form)
        elif read := _READ.get(field):
            made = read(text)
            if isinstance(made, Noted):
                return Problem("", 0, "", made.code, made.values)
    except RowRejected as wrong:
        return Problem("", 0, "", wrong.code, wrong.values)
    return None


def own_fields(viewer: Viewer) -> dict[str, str]:
    """Return the firm's own fields of clients: key and label."""
    with reader(viewer) as r:
        return {row["key"]: row["label"] for row in definitions(r, "account")}


def own_address(viewer: Viewer) -> str:
    """Return the address of the person, under which notes of an import stand."""
    with reader(viewer) as r:
        return str(r.value("SELECT email FROM staff_member WHERE staff_member_id = $id", id=viewer.own_id) or "")


def proposed_name(file: str) -> str:
    """Return what a list is remembered as, by the name of its file."""
    return PurePath(file).stem.strip()[:MAX_NAME_CHARS] or t("import_page.drop.pasted")
