"""Save queries under a name, one's own or shared with whoever may analyse; each runs over what the one who runs it may see."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from core.access.verbs import verb
from core.activity.own_queries import MAX_TEXT_CHARS
from core.base.errors import NotFound, ValidationFailed
from core.base.rights import Right, Viewer
from core.base.text_folding import normalise
from core.store import Row, Tx, now, reader, sql

MAX_NAME_CHARS = 80
# How an answer may be drawn: ``kind``, the columns ``x`` and ``y``, and one whose values have a colour each, ``by``.
CHART_KINDS = ("none", "bars", "lines")
CHART_KEYS = ("kind", "x", "y", "by")
MAX_CHART_CHARS = 200


@dataclass(frozen=True)
class SavedQuery:
    """A saved query; ``mine`` says whether it is the viewer's, who alone may change it, ``by`` names its owner."""

    saved_query_id: int
    name: str
    shared: bool
    mine: bool
    by: str
    text: str
    chart: dict[str, str]


def saved_queries(viewer: Viewer) -> list[SavedQuery]:
    """Return the viewer's own queries by name, then those that others share. Raises NotAllowed without the right to analyse."""
    with reader(viewer) as r:
        r.require(Right.ANALYSE)
        return [_query(row, viewer) for row in r.rows(sql("saved_queries"))]


def _query(row: Row, viewer: Viewer) -> SavedQuery:
    try:
        chart = clean_chart(json.loads(row["chart"] or "{}"))
    except ValueError:
        chart = clean_chart({})
    mine = row["staff_member_id"] == viewer.id
    return SavedQuery(row["saved_query_id"], row["name"], row["is_shared"], mine, row["by_name"] or "", row["text"], chart)


def clean_chart(given: object) -> dict[str, str]:
    """Return how an answer is drawn, without what nobody knows."""
    found = {key: value for key, value in given.items() if key in CHART_KEYS and isinstance(value, str)} if isinstance(given, dict) else {}
    cut = {key: value[:MAX_CHART_CHARS] for key, value in found.items()}
    return cut if cut.get("kind") in CHART_KINDS else {"kind": "none"}


@verb("saved_query.save")
def save_query(
    tx: Tx, viewer: Viewer, *, name: str, text: str, chart: Mapping[str, str] | None = None, shared: bool = False
) -> int:  # fmt: skip
    """Save a query under a name, replacing the viewer's own of that name; returns its id.

    Raises NotAllowed without the right to analyse, ValidationFailed for an empty or too long name or text.
    """
    tx.require(Right.ANALYSE)
    name = normalise(name)
    if not 1 <= len(name) <= MAX_NAME_CHARS:
        raise ValidationFailed({"name": ("query_name", {})})
    if not text.strip():
        raise ValidationFailed({"text": ("query_empty", {})})
    if len(text) > MAX_TEXT_CHARS:
        raise ValidationFailed({"text": ("query_long", {"most": MAX_TEXT_CHARS})})
    drawn = json.dumps(clean_chart(dict(chart or {})), ensure_ascii=False)
    values = {"is_shared": bool(shared), "text": text, "chart": drawn}
    same = "SELECT saved_query_id FROM saved_query WHERE staff_member_id = $member AND name = $name"
    known: int | None = tx.value(same, member=viewer.id, name=name)
    if known is None:
        return tx.insert("saved_query", staff_member_id=viewer.id, name=name, created_at=now(), **values)
    tx.update("saved_query", known, **values)
    return known


@verb("saved_query.delete")
def delete_query(tx: Tx, viewer: Viewer, saved_query_id: int) -> None:
    """Delete one of the viewer's own queries. Raises NotAllowed, and NotFound for a missing one and for another person's."""
    tx.require(Right.ANALYSE)
    row = tx.get("saved_query", saved_query_id)
    if row is None or row["staff_member_id"] != viewer.id:
        raise NotFound()
    tx.delete("saved_query", saved_query_id)
