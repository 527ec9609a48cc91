"""Tags: the firm's own labels for clients, each with a colour."""

from __future__ import annotations

from core.access.verbs import verb
from core.base.errors import NotFound, ValidationFailed
from core.base.fields import InvalidValue, clean_text
from core.base.rights import Right, Viewer
from core.store import Row, Tx, reader

COLORS = ("gray", "blue", "green", "orange", "red", "violet", "yellow")


def tags_in_use(viewer: Viewer) -> list[Row]:
    """Every tag by name: tag_id, name, color, version, and ``uses``, the visible clients that bear it."""
    with reader(viewer) as r:
        return r.rows(
            """SELECT g.tag_id, g.name, g.color, g.version, (SELECT count(*) FROM account_tag a WHERE a.tag_id = g.tag_id) AS uses
               FROM tag g ORDER BY g.name COLLATE NOACCENT.NOCASE, g.tag_id"""
        )


def tags_named(viewer: Viewer) -> list[Row]:
    """Every tag: tag_id, name, color."""
    with reader(viewer) as r:
        return r.rows("SELECT tag_id, name, color FROM tag")


def tag_colors(viewer: Viewer) -> dict[int, str]:
    """The colour of every tag by its id."""
    return {row["tag_id"]: row["color"] for row in tags_named(viewer)}


def tag_uses(viewer: Viewer, tag_id: int) -> tuple[int, int]:
    """(visible clients that bear the tag, others)."""
    query = "SELECT count(*) FROM account_tag WHERE tag_id = $id"
    with reader(viewer) as r:
        r.require(Right.MANAGE_TAGS)
        seen = r.value(query, id=tag_id)
    with reader(Viewer.system("number of unseen uses")) as r:
        return seen, r.value(query, id=tag_id) - seen


def _clean(tx: Tx, name: str, color: str, but: int | None = None) -> dict[str, str]:
    try:
        cleaned = clean_text(name, 60)
    except InvalidValue as bad:
        raise ValidationFailed({"name": bad.problem}) from None
    if not cleaned:
        raise ValidationFailed({"name": ("tag_name", {})})
    if color not in COLORS:
        raise ValidationFailed({"color": ("choice_unknown", {})})
    if tx.value("SELECT 1 FROM tag WHERE lower(name) = lower($name) AND tag_id IS DISTINCT FROM $but", name=cleaned, but=but):
        raise ValidationFailed({"name": ("tag_in_use", {})})
    return {"name": cleaned, "color": color}


@verb("tag.define")
def define_tag(tx: Tx, viewer: Viewer, *, name: str, color: str) -> int:
    """A new tag; returns its id. Raises NotAllowed, ValidationFailed."""
    tx.require(Right.MANAGE_TAGS)
    return tx.insert("tag", **_clean(tx, name, color))


@verb("tag.change")
def change_tag(tx: Tx, viewer: Viewer, tag_id: int, version: int | None, *, name: str, color: str) -> None:
    """Another name or colour, wherever the tag stands. Raises NotAllowed, NotFound, EditConflict, ValidationFailed."""
    tx.require(Right.MANAGE_TAGS)
    tx.update("tag", tag_id, version, **_clean(tx, name, color, but=tag_id))


@verb("tag.delete")
def delete_tag(tx: Tx, viewer: Viewer, tag_id: int) -> None:
    """The tag goes, from every client that bears it. Raises NotAllowed, NotFound."""
    tx.require(Right.MANAGE_TAGS)
    if tx.get("tag", tag_id) is None:
        raise NotFound()
    bearers = tx.delete_all("account_tag", tag_id=tag_id)
    ids = [row["account_id"] for row in bearers]
    tx.execute("UPDATE account SET version = version + 1 WHERE account_id IN (SELECT unnest($ids))", {"ids": ids})
    tx.delete("tag", tag_id)
