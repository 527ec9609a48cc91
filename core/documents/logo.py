"""Set, remove and read the firm's logo; the picture is made safe in the same child process as a client's photo."""

from __future__ import annotations

from core.access.firm_lead import led_firm
from core.access.verbs import verb
from core.base.rights import Viewer
from core.documents.photos import small
from core.store import Tx, cached

SYSTEM = Viewer.system("logo")


def set_logo(viewer: Viewer, content: bytes) -> None:
    """Make a picture the firm's logo, whole, upright and on white; for owners and admins.

    Raises NotAllowed, NotFound, ValidationFailed for ``photo``.
    """
    place_logo(viewer, small(content, viewer))


@verb("firm.set_logo")
def place_logo(tx: Tx, _viewer: Viewer, picture: bytes) -> None:
    """Make a WebP that a worker made the firm's logo. Raises NotAllowed, NotFound."""
    tx.update("firm", led_firm(tx)["firm_id"], logo=picture)


@verb("firm.remove_logo")
def remove_logo(tx: Tx, _viewer: Viewer) -> None:
    """Remove the firm's logo, so that its name stands alone. Raises NotAllowed, NotFound."""
    tx.update("firm", led_firm(tx)["firm_id"], logo=None)


def logo() -> bytes | None:
    """Return the logo as WebP, None where there is none. It stands at the sign-in, so everybody may see it."""
    return cached(SYSTEM, ("logo",), lambda r: r.value("SELECT logo FROM firm LIMIT 1"), "firm")
