"""Whether the team may sign in with passwords beside the firm's identity provider; there is always one way in."""

from __future__ import annotations

from core.base.config import Settings
from core.base.errors import AppError
from core.base.rights import Viewer
from core.store import Tx, reader, writer

SYSTEM = Viewer.system("password form")


def password_sign_in_allowed() -> bool:
    """Return whether team members may sign in with a password, an invitation or a reset link."""
    with reader(SYSTEM) as r:
        return r.value("SELECT form_for_team FROM firm LIMIT 1") is not False


def require_password_sign_in() -> None:
    """Raise AppError ``form_is_off`` where the team signs in by the provider only."""
    if not password_sign_in_allowed():
        raise AppError("form_is_off")


def owner_came_by(tx: Tx, issuer: str) -> bool:
    """Return whether an active owner has signed in by this very provider: the proof that it works."""
    query = """SELECT 1 FROM session s JOIN staff_member m USING (staff_member_id)
               WHERE s.issuer = $issuer AND m.role = 'owner' AND m.is_active LIMIT 1"""
    return bool(issuer) and tx.value(query, issuer=issuer) is not None


def allow_password_sign_in(viewer: Viewer) -> None:
    """Let the team sign in with passwords again; for the command line and the start of the server."""
    with writer(viewer) as tx:
        firm = tx.row("SELECT firm_id FROM firm LIMIT 1")
        if firm is not None:
            tx.update("firm", firm["firm_id"], form_for_team=True)


def ensure_password_fallback(settings: Settings) -> bool:
    """At start, allow passwords again when no owner ever signed in by the configured provider. Return whether that was needed."""
    if password_sign_in_allowed():
        return False
    with reader(SYSTEM) as r:
        if settings.has_provider and r.value("SELECT 1 FROM live_session WHERE issuer = $issuer LIMIT 1", issuer=settings.oidc_issuer):
            return False
    allow_password_sign_in(SYSTEM)
    return True
