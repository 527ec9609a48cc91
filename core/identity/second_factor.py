"""The second factor of a team member: time-based codes of an app (TOTP, RFC 6238), and recovery codes."""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from types import EllipsisType

import pyotp

from core.access.firm_lead import led_firm
from core.access.verbs import verb
from core.base.errors import AppError, NotAllowed, NotFound, ValidationFailed
from core.base.rights import Role, Viewer
from core.base.tokens import hash_token
from core.identity.begun_sign_in import Begun, require_begun
from core.identity.members import require_over
from core.identity.password_policy import owner_came_by
from core.identity.second_factor_key import is_sealed, seal, unseal
from core.identity.throttle import count_try, forget
from core.store import Row, Tx, now, reader, sql, writer

SYSTEM = Viewer.system("second factor")
# How long an app shows a code.
STEP_S = 30
# Codes of so many steps before and after now are accepted: a clock may be a minute off.
WINDOW_STEPS = 2
RECOVERY_CODES = 10
# A longer name would make the QR code too fine for a camera.
MAX_NAME_CHARS = 60


@dataclass(frozen=True)
class FactorState:
    """Whether a person has a second factor, whether their role needs one, and how many unused recovery codes they have."""

    has: bool
    needed: bool
    codes_left: int


def factor_state(viewer: Viewer) -> FactorState:
    """Return the state of a person's factor; a client's contact has none and needs none."""
    if viewer.kind != "staff":
        return FactorState(False, False, 0)
    with reader(viewer) as r:
        row = r.only_row(sql("factor_state"), viewer_id=viewer.id)
        return FactorState(row["has"], r.scope.role in needing(row["roles"]), row["codes_left"])


def factor_made_at(viewer: Viewer) -> datetime | None:
    """Return when the person's factor was set; None without one."""
    with reader(SYSTEM) as r:
        query = "SELECT created_at FROM second_factor WHERE staff_member_id = $id"
        return r.value(query, id=viewer.id) if viewer.kind == "staff" else None


def has_factor(viewer: Viewer, staff_member_id: int) -> bool:
    """Return whether a member has a factor, for owners and admins; False for any other viewer."""
    with reader(viewer) as r:
        if r.scope.role not in (Role.OWNER, Role.ADMIN):
            return False
    with reader(SYSTEM) as r:
        return r.value("SELECT 1 FROM second_factor WHERE staff_member_id = $id", id=staff_member_id) is not None


def needing(roles: str | None) -> frozenset[Role]:
    """Return the roles that need a second factor, from the firm's stored list of keys."""
    return frozenset(Role(key) for key in (roles or "").split(",") if key)


def new_secret() -> str:
    """Return a new secret for an app: 160 bits in base32."""
    return pyotp.random_base32()


def app_address(viewer: Viewer, secret: str) -> str:
    """Return the ``otpauth`` address for the QR code: the secret, the member's address and the firm. Raises NotAllowed for a contact."""
    if viewer.kind != "staff":
        raise NotAllowed()
    with reader(viewer) as r:
        row = r.only_row(
            "SELECT email, (SELECT name FROM firm LIMIT 1) AS firm FROM staff_member WHERE staff_member_id = $id", id=viewer.id
        )
    return pyotp.TOTP(secret).provisioning_uri(
        name=(row["email"] or "")[:MAX_NAME_CHARS], issuer_name=(row["firm"] or "Kundenblick")[:MAX_NAME_CHARS]
    )


def _step_of(secret: str, code: str, after: int) -> int | None:
    """Return the time step whose code this is, when it is near now and later than the last used step ``after``; else None."""
    present, codes = int(time.time()) // STEP_S, pyotp.TOTP(secret)
    if after > present + WINDOW_STEPS:
        # The last step was used while the clock was ahead: right codes must not be refused until that time comes again.
        after = 0
    for step in range(max(present - WINDOW_STEPS, after + 1), present + WINDOW_STEPS + 1):
        if hmac.compare_digest(codes.generate_otp(step), code):
            return step
    return None


def _plain(code: str) -> str:
    """Return a code in lower case without separators."""
    return "".join(letter for letter in code[:100].lower() if letter.isascii() and letter.isalnum())


def check_code(viewer: Viewer, code: str, browser: str | None = None, begun: Begun | None = None) -> bool:
    """Check a code of the app, or a recovery code, and use it up; return whether it was right. Raises SignInVoid, TooManyTries.

    After five wrong ones the wait doubles each time; a browser that signed in before has a count of its own.

    - ``browser``: Hash of the browser's own cookie.
    - ``begun``: The sign-in the code belongs to.
    """
    with reader(SYSTEM) as r:
        known = r.value("SELECT 1 FROM known_browser WHERE staff_member_id = $id AND token_hash = $browser", id=viewer.id, browser=browser)
    key = f"code:{viewer.id}:{browser if known else ''}"
    count_try(key)
    typed = _plain(code)
    with writer(SYSTEM) as tx:
        if begun is not None:
            require_begun(tx, begun)
        factor = tx.get("second_factor", viewer.own_id) if viewer.kind == "staff" else None
        right = factor is not None and (_app_code(tx, factor, typed) or _recovery_code(tx, viewer.own_id, typed))
        if not right:
            tx.note("second_factor_failed", "staff_member", viewer.id)
    if right:
        forget(key)
    return right


def _app_code(tx: Tx, factor: Row, typed: str) -> bool:
    """Return whether this is a code of the app, and use its time step up."""
    secret = unseal(factor["secret"], factor["staff_member_id"])
    step = _step_of(secret, typed, factor["last_step"]) if secret else None
    if step is None:
        return False
    tx.update("second_factor", factor["staff_member_id"], last_step=step)
    return True


def _recovery_code(tx: Tx, staff_member_id: int, typed: str) -> bool:
    """Return whether this is an unused recovery code, and use it up."""
    row = tx.get("recovery_code", {"staff_member_id": staff_member_id, "code_hash": hash_token(typed)})
    if row is None or row["used_at"] is not None:
        return False
    tx.update("recovery_code", row["recovery_code_id"], used_at=now())
    tx.note("recovery_code_used", "staff_member", staff_member_id)
    return True


def confirm_code(viewer: Viewer, code: str, browser: str | None = None) -> None:
    """Check a code as ``check_code`` does. Raises TooManyTries, ValidationFailed for a wrong one."""
    if not check_code(viewer, code, browser):
        raise ValidationFailed({"code": ("code_wrong", {})})


@verb("second_factor.set")
def set_second_factor(
    tx: Tx, viewer: Viewer, secret: str, code: str, *, replaces: datetime | EllipsisType | None = ..., begun: Begun | None = None
) -> list[str]:
    """Set a secret that the person's app already shows a code for, in place of an earlier one. Return new recovery codes.

    - ``replaces``: When the factor was set that the person means to replace; None: they have none; left out: whichever there is.
    - ``begun``: The sign-in under way that needs the factor; it goes on although the person's standing changes.

    Raises AppError ``factor_changed`` when another factor was set meanwhile, NotAllowed, SignInVoid, ValidationFailed.
    """
    if viewer.kind != "staff":
        raise NotAllowed()
    if begun is not None:
        tx.standings.spare(require_begun(tx, begun)["one_time_link_id"])
    member = viewer.own_id
    there = tx.get("second_factor", member)
    if replaces is not ... and (there["created_at"] if there else None) != replaces:
        raise AppError("factor_changed")
    step = _step_of(secret, _plain(code), 0)
    if step is None:
        raise ValidationFailed({"code": ("code_wrong", {})})
    _remove(tx, member)
    tx.insert("second_factor", staff_member_id=member, secret=seal(secret, member), last_step=step, created_at=now())
    tx.note("second_factor_set", "staff_member", member)
    return _new_codes(tx, member)


@verb("recovery_code.renew")
def renew_recovery_codes(tx: Tx, viewer: Viewer) -> list[str]:
    """Replace the recovery codes of one's own factor. Return the new ones. Raises NotFound without a factor."""
    if viewer.kind != "staff" or tx.get("second_factor", viewer.own_id) is None:
        raise NotFound()
    tx.note("recovery_codes_made", "staff_member", viewer.own_id)
    return _new_codes(tx, viewer.own_id)


@verb("second_factor.remove")
def remove_second_factor(tx: Tx, viewer: Viewer) -> None:
    """Remove one's own factor. Raises AppError ``factor_needed`` where the role needs one, NotFound without a factor."""
    if viewer.kind != "staff" or tx.get("second_factor", viewer.own_id) is None:
        raise NotFound()
    if tx.scope.role in needing(tx.value("SELECT second_factor_roles FROM firm LIMIT 1")):
        raise AppError("factor_needed")
    _remove(tx, viewer.own_id)
    tx.note("second_factor_removed", "staff_member", viewer.own_id)


@verb("second_factor.reset")
def reset_second_factor(tx: Tx, _viewer: Viewer, staff_member_id: int) -> None:
    """Remove the factor of a member who lost it; their sessions go on. Raises NotAllowed, NotFound."""
    require_over(tx, staff_member_id, Role.EMPLOYEE)
    if tx.get("staff_member", staff_member_id) is None or tx.get("second_factor", staff_member_id) is None:
        raise NotFound()
    _remove(tx, staff_member_id)
    tx.note("second_factor_reset", "staff_member", staff_member_id)


@verb("firm.set_sign_in_rules")
def set_sign_in_rules(
    tx: Tx, _viewer: Viewer, version: int | None = None, *, roles: tuple[str, ...], form_for_team: bool = True, issuer: str = ""
) -> None:  # fmt: skip
    """Set which roles need a second factor, and whether the team may sign in with passwords; for owners and admins.

    - ``issuer``: The identity provider that takes the place of passwords; an owner must have signed in by it.

    Raises AppError ``form_needs_provider``, EditConflict, NotAllowed, NotFound.
    """
    firm = led_firm(tx, version)
    if not form_for_team and not owner_came_by(tx, issuer):
        raise AppError("form_needs_provider")
    needing_roles = ",".join(role.value for role in Role if role.value in roles)
    tx.update("firm", firm["firm_id"], second_factor_roles=needing_roles, form_for_team=bool(form_for_team))


def seal_old_secrets() -> int:
    """At start, encrypt the secrets that an older version stored in plain text. Return how many there were."""
    with writer(SYSTEM) as tx:
        rows = [row for row in tx.rows("SELECT staff_member_id, secret FROM second_factor") if not is_sealed(row["secret"])]
        for row in rows:
            tx.update("second_factor", row["staff_member_id"], secret=seal(row["secret"], row["staff_member_id"]))
    return len(rows)


def _remove(tx: Tx, staff_member_id: int) -> None:
    tx.execute("DELETE FROM recovery_code WHERE staff_member_id = $id", {"id": staff_member_id})
    tx.execute("DELETE FROM second_factor WHERE staff_member_id = $id", {"id": staff_member_id})


def _new_codes(tx: Tx, staff_member_id: int) -> list[str]:
    """Replace a member's recovery codes; return the new ones, of which only hashes are stored."""
    tx.execute("DELETE FROM recovery_code WHERE staff_member_id = $id", {"id": staff_member_id})
    codes = [base64.b32encode(secrets.token_bytes(15)).decode().lower() for _ in range(RECOVERY_CODES)]
    for code in codes:
        tx.insert("recovery_code", staff_member_id=staff_member_id, code_hash=hash_token(code))
    return ["-".join(code[place : place + 4] for place in range(0, 24, 4)) for code in codes]
