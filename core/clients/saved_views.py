"""Save views of *Kunden* (filters, sorting, columns) and *Auswertung* (filters, time) under a name, one's own or shared with the firm."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from core.access.verbs import verb
from core.base.errors import NotAllowed, NotFound, ValidationFailed
from core.base.rights import Viewer
from core.base.text_folding import normalise
from core.clients.list_address import PERIOD, Address, clean_definition
from core.store import Row, Tx, now, reader, sql


@dataclass(frozen=True)
class SavedView:
    """A saved view: what it asks of the list, as an address.

    ``mine`` says whether it is the viewer's, who alone may change it, ``by`` names its owner.
    """

    saved_view_id: int
    name: str
    shared: bool
    mine: bool
    by: str
    definition: Address


def saved_views(viewer: Viewer, *, of_activity: bool = False) -> list[SavedView]:
    """Return the viewer's own views of *Kunden* by name, then those that others share; ``of_activity``: of *Auswertung*."""
    with reader(viewer) as r:
        found = [_view(row, viewer) for row in r.rows(sql("saved_views"))]
    return [view for view in found if (PERIOD in view.definition) == of_activity]


def _view(row: Row, viewer: Viewer) -> SavedView:
    try:
        definition = clean_definition(json.loads(row["definition"]))
    except ValueError:
        definition = clean_definition({})
    mine = row["staff_member_id"] == viewer.id
    return SavedView(row["saved_view_id"], row["name"], row["is_shared"], mine, row["by_name"] or "", definition)


@verb("saved_view.save")
def save_view(tx: Tx, viewer: Viewer, *, name: str, definition: Mapping[str, object], shared: bool = False) -> int:
    """Save a view under a name, replacing the viewer's own of that name; returns its id.

    Raises NotAllowed for others than members, ValidationFailed for an empty name, one of more than 80 characters, and one that a view of the
    other page has.
    """
    if viewer.kind != "staff":
        raise NotAllowed()
    name = normalise(name)
    if not 1 <= len(name) <= 80:
        raise ValidationFailed({"name": ("view_name_length", {})})
    clean = clean_definition(definition)
    values = {"is_shared": bool(shared), "definition": json.dumps(clean, ensure_ascii=False)}
    same = "SELECT saved_view_id, staff_member_id, name, is_shared, definition, NULL AS by_name FROM saved_view"
    known = tx.row(f"{same} WHERE staff_member_id = $member AND name = $name", member=viewer.id, name=name)
    if known is None:
        return tx.insert("saved_view", staff_member_id=viewer.id, name=name, created_at=now(), **values)
    if (PERIOD in _view(known, viewer).definition) != (PERIOD in clean):
        raise ValidationFailed({"name": ("view_of_other_page", {})})
    saved_view_id: int = known["saved_view_id"]
    tx.update("saved_view", saved_view_id, **values)
    return saved_view_id


@verb("saved_view.delete")
def delete_view(tx: Tx, viewer: Viewer, saved_view_id: int) -> None:
    """Delete one of the viewer's own views. Raises NotFound for a missing one and for another person's."""
    row = tx.get("saved_view", saved_view_id)
    if row is None or row["staff_member_id"] != viewer.id or viewer.kind != "staff":
        raise NotFound()
    tx.delete("saved_view", saved_view_id)
