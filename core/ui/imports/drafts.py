"""What somebody has chosen for a file before it is read, kept for a day: another tab, F5 or a sign-in in between loses none of it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from core.base.expiring import Expiring
from core.base.rights import Viewer

DRAFT_TTL_S = 24 * 3600
MAX_DRAFTS = 2000
# The line of a mapping that tells what was chosen in the page, so that one can come back to it.
MARK = "# page: "


@dataclass(frozen=True)
class Draft:
    """What was chosen: the reading of the file where it differs from what was found, the field of each column, the rules, the name.

    Attributes:
        file_id: The upload.
        reading: Facts that somebody chose otherwise, by name.
        fields: By the name of a column the field it becomes.
        on_bad: By the name of a column what becomes of a value that is none.
        match: By what a client is known again.
        conflict: What counts where the client is here already.
        name: What the mapping is remembered as.
        heads: The heads of the file, by which it is known again.
        looks: How it is written, likewise.
    """

    file_id: int
    reading: dict[str, Any] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    on_bad: dict[str, str] = field(default_factory=dict)
    match: str = ""
    conflict: str = ""
    name: str = ""
    heads: list[str] = field(default_factory=list)
    looks: list[str] = field(default_factory=list)


_drafts: Expiring[tuple[int, int], Draft] = Expiring(DRAFT_TTL_S, MAX_DRAFTS)


def draft_of(viewer: Viewer, file_id: int) -> Draft:
    """Return what this person has chosen for a file, nothing yet where that is long ago."""
    return _drafts.get((viewer.own_id, file_id)) or Draft(file_id)


def keep_draft(viewer: Viewer, draft: Draft) -> None:
    """Keep what a person has chosen."""
    _drafts.put((viewer.own_id, draft.file_id), draft)


def with_mark(text: str, draft: Draft) -> str:
    """Return a mapping with a line that tells what was chosen for it."""
    return f"{MARK}{json.dumps(asdict(draft), ensure_ascii=False)}\n{text}"


def draft_in(text: str) -> Draft | None:
    """Return what was chosen for a mapping; None for one that was not made in the page."""
    line = text.split("\n", 1)[0]
    if not line.startswith(MARK):
        return None
    try:
        told = json.loads(line.removeprefix(MARK))
        return replace(Draft(int(told["file_id"])), **{name: told[name] for name in Draft.__dataclass_fields__ if name in told})
    except (ValueError, TypeError, KeyError):
        return None
