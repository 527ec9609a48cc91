"""Lists that came before: a file that looks as last time is read as last time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.base.rights import Viewer
from core.imports.job_mapping import MAX_NAME_CHARS
from core.imports.jobs import Remembered, begin, cancel, runs
from core.imports.list_names import is_foreign_name
from core.ui.imports.drafts import MARK, Draft, draft_in, with_mark


def lists_before(viewer: Viewer) -> dict[str, tuple[Remembered, Draft]]:
    """Return the lists that were made in the page and taken over, by name."""
    found = {}
    for one in runs(viewer).mappings:
        if draft := draft_in(one.text):
            found[one.mapping] = (one, draft)
    return found


def as_last_time(viewer: Viewer, file_id: int, facts: Mapping[str, Any]) -> int | None:
    """Begin to read a file as the list it looks like; return the job's number, None where it looks like none or like several."""
    alike = [(one, draft) for one, draft in lists_before(viewer).values() if draft.heads and _looks(draft, facts)]
    if len(alike) != 1:
        return None
    one, draft = alike[0]
    text = one.text.split("\n", 1)[1] if one.text.startswith(MARK) else one.text
    return begin(viewer, file_id, with_mark(text, replace(draft, file_id=file_id)))


def _looks(draft: Draft, facts: Mapping[str, Any]) -> bool:
    said = looks_of(facts)
    return draft.heads == said["heads"] and draft.looks == said["looks"]


def looks_of(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return by what a file is known again: its heads, and how it is written."""
    names = ("kind", "encoding", "delimiter", "header", "columns_by", "decimal", "date")
    return {"heads": [str(head) for head in facts["columns"]], "looks": [str(facts.get(name) or "") for name in names]}


def free_name(viewer: Viewer, wanted: str, facts: Mapping[str, Any]) -> str:
    """Return a name for a list that no list of other heads has, and none one may not import: two of one name would be compared."""
    before, name, place = lists_before(viewer), wanted, 2
    while (name in before and before[name][1].heads != looks_of(facts)["heads"]) or is_foreign_name(viewer, name):
        name, place = f"{wanted[: MAX_NAME_CHARS - 5]} {place}", place + 1
    return name


def forget_older(viewer: Viewer, file_id: int, job_id: int) -> None:
    """Cancel the rehearsals of this very upload that another one takes the place of: somebody went back and chose otherwise."""
    for one in runs(viewer).open_jobs:
        draft = draft_in(one.mapping_text)
        if one.id != job_id and one.state == "rehearsed" and draft is not None and draft.file_id == file_id:
            cancel(viewer, one.id)
