"""Whose the name of a list is: a folder of that name runs what was taken over by it last, so not everybody may take over by it."""

from __future__ import annotations

from core.base.errors import AppError
from core.base.rights import Viewer
from core.imports.job_mapping import tables_of
from core.imports.job_rows import last_done, needs
from core.imports.may_import import may
from core.store import Tx, reader


def require_name(tx: Tx, name: str, text: str) -> None:
    """Check that a mapping may have this name: nobody's yet, or a list's that this person may import and that feeds one of its tables.

    Raises AppError.
    """
    row = last_done(tx, name)
    if row is not None and (not may(tx.scope, needs(row)) or not tables_of(row["mapping_text"]) & tables_of(text)):
        raise AppError("mapping_name_taken", name=name)


def is_foreign_name(viewer: Viewer, name: str) -> bool:
    """Return whether this is the name of a list that this person may not import."""
    with reader(viewer) as r:
        row = last_done(r, name)
        return row is not None and not may(r.scope, needs(row))
