"""Views of the client list that people keep: filters, sorting and columns under a name, one's own or shared with the firm."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from core.access.verbs import verb
from core.base.errors import NotAllowed, NotFound, ValidationFailed
from core.base.rights import Viewer
from core.base.text_folding import normalise
from core.clients.account_record import KINDS
from core.clients.accounts import COLUMNS, SORTS, STATES
from core.clients.custom_fields import id_of
from core.store import Row, Tx, now, reader, sql

LISTS = {"kinds": frozenset(KINDS), "states": frozenset(STATES), "columns": frozenset(COLUMNS)}
IDS = ("tags", "members")


@dataclass(frozen=True)
class SavedView:
    """A kept view; ``mine`` says whether this person may change it, ``by`` whose it is."""

    saved_view_id: int
    name: str
    shared: bool
    mine: bool
    by: str
    definition: dict[str, object]


def saved_views(viewer: Viewer) -> list[SavedView]:
    """One's own views and those others share, by name."""
    with reader(viewer) as r:
        return [_view(row, viewer) for row in r.rows(sql("saved_views"))]


def _view(row: Row, viewer: Viewer) -> SavedView:
    try:
        definition = clean_definition(json.loads(row["definition"]))
    except ValueError:
        definition = clean_definition({})
    mine = row["staff_member_id"] == viewer.id
    return SavedView(row["saved_view_id"], row["name"], row["is_shared"], mine, row["by_name"] or "", definition)


def clean_definition(raw: object) -> dict[str, object]:
    """Only what a view can say; anything unknown is left out."""
    given = raw if isinstance(raw, Mapping) else {}

    def listed(key: str) -> list[object]:
        return list(given[key])[:200] if isinstance(given.get(key), list | tuple) else []

    clean: dict[str, object] = {
        key: [one for one in listed(key) if isinstance(one, str) and (one in known or (key == "columns" and id_of(one)))]
        for key, known in LISTS.items()
    }
    clean |= {key: [one for one in listed(key) if isinstance(one, int) and not isinstance(one, bool)] for key in IDS}
    text, sort = given.get("text"), given.get("sort")
    clean["text"] = normalise(text[:200]) if isinstance(text, str) else ""
    clean["sort"] = sort if isinstance(sort, str) and (sort in SORTS or id_of(sort)) else "name"
    fields = given.get("fields")
    clean["fields"] = {
        key: [one[:200] for one in wanted if isinstance(one, str)][:200]
        for key, wanted in (fields if isinstance(fields, Mapping) else {}).items()
        if isinstance(key, str) and key.isdecimal() and len(key) < 19 and isinstance(wanted, list | tuple)
    }
    clean["descending"] = given.get("descending") is True
    return clean


@verb("saved_view.save")
def save_view(tx: Tx, viewer: Viewer, *, name: str, definition: Mapping[str, object], shared: bool = False) -> int:
    """Keep a view under a name; one's own of the same name is replaced. Raises ValidationFailed for a name without letters or too long."""
    if viewer.kind != "staff":
        raise NotAllowed()
    name = normalise(name)
    if not 1 <= len(name) <= 80:
        raise ValidationFailed({"name": ("view_name_length", {})})
    values = {"is_shared": bool(shared), "definition": json.dumps(clean_definition(definition), ensure_ascii=False)}
    same = "SELECT saved_view_id FROM saved_view WHERE staff_member_id = $member AND name = $name"
    known = tx.value(same, member=viewer.id, name=name)
    if known is None:
        return tx.insert("saved_view", staff_member_id=viewer.id, name=name, created_at=now(), **values)
    tx.update("saved_view", known, **values)
    return known


@verb("saved_view.delete")
def delete_view(tx: Tx, viewer: Viewer, saved_view_id: int) -> None:
    """Throw one of one's own views away. Raises NotFound for a missing one and for another person's."""
    row = tx.get("saved_view", saved_view_id)
    if row is None or row["staff_member_id"] != viewer.id or viewer.kind != "staff":
        raise NotFound()
    tx.delete("saved_view", saved_view_id)
