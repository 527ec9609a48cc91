"""Define, change and delete tags, the firm's own coloured labels of accounts."""

from __future__ import annotations

from core.access.verbs import verb
from core.base.errors import InvalidValue, ValidationFailed
from core.base.fields import clean_text
from core.base.rights import Right, Viewer
from core.store import Row, Tx, reader

COLORS = ("gray", "blue", "green", "orange", "red", "violet", "yellow")


def tags_in_use(viewer: Viewer) -> list[Row]:
    """Return every tag by name: tag_id, name, color, version, and ``uses``, the number of visible accounts with it."""
    with reader(viewer) as r:
        return r.rows(
            """SELECT g.tag_id, g.name, g.color, g.version, (SELECT count(*) FROM account_tag a WHERE a.tag_id = g.tag_id) AS uses
               FROM tag g ORDER BY g.name COLLATE NOACCENT.NOCASE, g.tag_id"""
        )


def tags_named(viewer: Viewer) -> list[Row]:
    """Return every tag, in no order: tag_id, name, color."""
    with reader(viewer) as r:
        return r.rows("SELECT tag_id, name, color FROM tag")


def tag_colors(viewer: Viewer) -> dict[int, str]:
    """Return {tag_id: color} of every tag."""
    return {row["tag_id"]: row["color"] for row in tags_named(viewer)}


def tag_uses(viewer: Viewer, tag_id: int) -> tuple[int, int]:
    """Return (number of visible accounts with the tag, number of others). Raises NotAllowed."""
    query = "SELECT count(*) FROM account_tag WHERE tag_id = $id"
    with reader(viewer) as r:
        r.require(Right.MANAGE_TAGS)
        seen = r.value(query, id=tag_id)
    with reader(Viewer.system("number of unseen uses")) as r:
        return seen, r.value(query, id=tag_id) - seen


def _clean(tx: Tx, name: str, color: str, but: int | None = None) -> dict[str, str]:
    """Return name and color; ``but`` is the tag that may have the name already. Raises ValidationFailed."""
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
def define_tag(tx: Tx, _viewer: Viewer, *, name: str, color: str) -> int:
    """Define a tag; returns its id. Raises NotAllowed, ValidationFailed."""
    tx.require(Right.MANAGE_TAGS)
    return tx.insert("tag", **_clean(tx, name, color))


@verb("tag.change")
def change_tag(tx: Tx, _viewer: Viewer, tag_id: int, version: int | None, *, name: str, color: str) -> None:
    """Change a tag's name and colour, for every account with it. Raises NotAllowed, NotFound, EditConflict, ValidationFailed."""
    tx.require(Right.MANAGE_TAGS)
    tx.update("tag", tag_id, version, **_clean(tx, name, color, but=tag_id))


@verb("tag.delete")
def delete_tag(tx: Tx, _viewer: Viewer, tag_id: int) -> None:
    """Delete a tag, and take it off every account. Raises NotAllowed, NotFound."""
    tx.require(Right.MANAGE_TAGS)
    tx.found("tag", tag_id)
    ids = [row["account_id"] for row in tx.delete_all("account_tag", tag_id=tag_id)]
    tx.execute("UPDATE account SET version = version + 1 WHERE account_id IN (SELECT unnest($ids))", {"ids": ids})
    tx.delete("tag", tag_id)
