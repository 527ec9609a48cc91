"""Who changes what the firm decides for itself: its owners and admins."""

from __future__ import annotations

from core.base.errors import EditConflict, NotAllowed, NotFound
from core.base.rights import Role
from core.store import Row, Tx


def led_firm(tx: Tx, version: int | None = None) -> Row:
    """Return the firm's row for an owner or admin who changes it. Raises EditConflict, NotAllowed, NotFound."""
    if tx.scope.role not in (Role.OWNER, Role.ADMIN) and tx.scope.kind != "system":
        raise NotAllowed()
    firm = tx.row("SELECT firm_id, version FROM firm LIMIT 1")
    if firm is None:
        raise NotFound()
    if version is not None and version != firm["version"]:
        raise EditConflict()
    return firm
