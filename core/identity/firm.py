"""The name of the firm: given with its first owner, changed by a command."""

from __future__ import annotations

from core.base.errors import NotAllowed
from core.base.rights import Viewer
from core.identity.members import FIRM, clean_name
from core.store import now, reader, writer

SYSTEM = Viewer.system("firm")


def firm_name() -> str | None:
    """Return the name of the firm, or None before there is one."""
    with reader(SYSTEM) as r:
        return r.value(FIRM)


def name_firm(viewer: Viewer, name: str) -> str:
    """Name the firm, or make it, from the command line. Return the cleaned name. Raises NotAllowed, ValidationFailed."""
    if viewer.kind != "system":
        raise NotAllowed()
    cleaned = clean_name(name, "name_length")
    with writer(viewer) as tx:
        if (there := tx.row("SELECT firm_id FROM firm LIMIT 1")) is None:
            tx.insert("firm", name=cleaned, created_at=now())
        else:
            tx.update("firm", there["firm_id"], name=cleaned)
    return cleaned
