"""Whose the name of a list is: a folder of that name runs what was taken over by it last, so not everybody may take over by it."""

from __future__ import annotations

from core.base.errors import AppError
from core.base.rights import Viewer
from core.imports.job_mapping import tables_of
from core.imports.job_rows import needs
from core.imports.may_import import may
from core.store import Reader, Tx, reader
from core.store.staging import STORE


def require_name(tx: Tx, name: str, text: str) -> None:
    """Check that a mapping may have this name: nobody's yet, or a list's that this person may import and that feeds one of its tables.

    Raises AppError.
    """
    if is_foreign(tx, name) or ((before := _last_text(tx, name)) is not None and not tables_of(before) & tables_of(text)):
        raise AppError("mapping_name_taken", name=name)


def is_foreign_name(viewer: Viewer, name: str) -> bool:
    """Return whether this is the name of a list that this person may not import."""
    with reader(viewer) as r:
        return is_foreign(r, name)


def is_foreign(r: Reader, name: str) -> bool:
    """Return whether what was taken over last by this name needs a right that the one who asks lacks."""
    row = r.row(f"SELECT needs {_LAST}", name=name)
    return row is not None and not may(r.scope, needs(row))


_LAST = f"FROM {STORE}.import_job WHERE mapping = $name AND state = 'done' ORDER BY import_job_id DESC LIMIT 1"


def _last_text(r: Reader, name: str) -> str | None:
    row = r.row(f"SELECT mapping_text {_LAST}", name=name)
    return None if row is None else row["mapping_text"]
