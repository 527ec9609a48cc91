"""The second factor of a team member: codes of an app that change every half minute, and ten recovery codes."""

from __future__ import annotations

import base64
import hmac
import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from types import EllipsisType

import pyotp

from core.access.verbs import verb
from core.base.errors import AppError, EditConflict, NotAllowed, NotFound, ValidationFailed
from core.base.rights import Role, Viewer
from core.base.tokens import hash_token
from core.identity.begun_sign_in import Begun, require_begun
from core.identity.members import require_over
from core.identity.password_policy import owner_came_by
from core.identity.second_factor_key import is_sealed, seal, unseal
from core.identity.throttle import count_try, forget
from core.store import Tx, now, reader, sql, writer

SYSTEM = Viewer.system("second factor")
PERIOD, CODES, LONGEST_NAME = 30, 10, 60
# A clock may be a minute off: so many half minutes before and after are taken.
WINDOW = 2


@dataclass(frozen=True)
class FactorState:
    """Whether a person has a second factor, whether their role needs one, and how many recovery codes are left."""

    has: bool
    needed: bool
    codes_left: int


def factor_state(viewer: Viewer) -> FactorState:
    """Where a person stands; a client's contact has and needs none."""
    if viewer.kind != "staff":
        return FactorState(False, False, 0)
    with reader(viewer) as r:
        row = r.row(sql("factor_state"), viewer_id=viewer.id)
        return FactorState(row["has"], r.scope.role in needing(row["roles"]), row["codes_left"])


def factor_made_at(viewer: Viewer) -> datetime | None:
    """When the person's present factor was set; None without one."""
    with reader(SYSTEM) as r:
        query = "SELECT created_at FROM second_factor WHERE staff_member_id = $id"
        return r.value(query, id=viewer.id) if viewer.kind == "staff" else None


def has_factor(viewer: Viewer, staff_member_id: int) -> bool:
    """Whether a member has a factor, for owners and admins; False for everybody else who asks."""
    with reader(viewer) as r:
        if r.scope.role not in (Role.OWNER, Role.ADMIN):
            return False
    with reader(SYSTEM) as r:
        return r.value("SELECT 1 FROM second_factor WHERE staff_member_id = $id", id=staff_member_id) is not None


def needing(roles: str | None) -> frozenset[Role]:
    """The roles that need a second factor, as the firm keeps them."""
    return frozenset(Role(key) for key in (roles or "").split(",") if key)


def new_secret() -> str:
    """A secret for an app, 160 bits in base32."""
    return pyotp.random_base32()


def app_address(viewer: Viewer, secret: str) -> str:
    """What the app reads from the QR code: the secret, and whose it is where. Raises NotAllowed for a client's contact."""
    if viewer.kind != "staff":
        raise NotAllowed()
    with reader(viewer) as r:
        row = r.row("SELECT email, (SELECT name FROM firm LIMIT 1) AS firm FROM staff_member WHERE staff_member_id = $id", id=viewer.id)
    # A long name makes a code too fine for a camera.
    return pyotp.TOTP(secret).provisioning_uri(
        name=(row["email"] or "")[:LONGEST_NAME], issuer_name=(row["firm"] or "Kundenblick")[:LONGEST_NAME]
    )


def _step_of(secret: str, code: str, after: int) -> int | None:
    """The half minute whose code it is, when that is near now and later than ``after``."""
    present, codes = int(time.time()) // PERIOD, pyotp.TOTP(secret)
    if after > present + WINDOW:
        # Used by a clock that was ahead: it must not keep right codes out until the time has come again.
        after = 0
    for step in range(max(present - WINDOW, after + 1), present + WINDOW + 1):
        if hmac.compare_digest(codes.generate_otp(step), code):
            return step
    return None


def _plain(code: str) -> str:
    """A code without what people put between its parts."""
    return "".join(letter for letter in code[:100].lower() if letter.isascii() and letter.isalnum())


def check_code(viewer: Viewer, code: str, browser: str | None = None, begun: Begun | None = None) -> bool:
    """Whether a code of the app, or a recovery code, is right; either counts once. Raises TooManyTries, SignInVoid.

    ``begun`` is the sign-in it belongs to: nothing is right for one that is void.

    After five wrong ones it takes longer and longer; a browser that signed in before has its own count.
    """
    with reader(SYSTEM) as r:
        known = r.value("SELECT 1 FROM known_browser WHERE staff_member_id = $id AND token_hash = $browser", id=viewer.id, browser=browser)
    key = f"code:{viewer.id}:{browser if known else ''}"
    count_try(key)
    typed = _plain(code)
    with writer(SYSTEM) as tx:
        if begun is not None:
            require_begun(tx, begun)
        factor = tx.get("second_factor", viewer.id) if viewer.kind == "staff" else None
        right = factor is not None and (_app_code(tx, factor, typed) or _recovery_code(tx, viewer.id, typed))
        if not right:
            tx.note("second_factor_failed", "staff_member", viewer.id)
    if right:
        forget(key)
    return right


def _app_code(tx: Tx, factor: dict, typed: str) -> bool:
    secret = unseal(factor["secret"], factor["staff_member_id"])
    step = _step_of(secret, typed, factor["last_step"]) if secret else None
    if step is None:
        return False
    tx.update("second_factor", factor["staff_member_id"], last_step=step)
    return True


def _recovery_code(tx: Tx, staff_member_id: int, typed: str) -> bool:
    row = tx.get("recovery_code", {"staff_member_id": staff_member_id, "code_hash": hash_token(typed)})
    if row is None or row["used_at"] is not None:
        return False
    tx.update("recovery_code", row["recovery_code_id"], used_at=now())
    tx.note("recovery_code_used", "staff_member", staff_member_id)
    return True


def confirm_code(viewer: Viewer, code: str, browser: str | None = None) -> None:
    """Raises ValidationFailed for a wrong code, TooManyTries."""
    if not check_code(viewer, code, browser):
        raise ValidationFailed({"code": ("code_wrong", {})})


@verb("second_factor.set")
def set_second_factor(
    tx: Tx, viewer: Viewer, secret: str, code: str, *, replaces: datetime | EllipsisType | None = ..., begun: Begun | None = None
) -> list[str]:
    """Take a secret whose code the person's app shows; an earlier one is gone. Returns ten recovery codes, shown this once.

    ``replaces`` is when the factor was made that the person meant to replace (None: they had none; left out: whichever there is):
    another one set meanwhile stays, AppError ``factor_changed``. ``begun`` is the sign-in it belongs to, which goes on. Raises
    SignInVoid.
    """
    if viewer.kind != "staff":
        raise NotAllowed()
    if begun is not None:
        tx.standings.spare(require_begun(tx, begun)["one_time_link_id"])
    there = tx.get("second_factor", viewer.id)
    if replaces is not ... and (there["created_at"] if there else None) != replaces:
        raise AppError("factor_changed")
    step = _step_of(secret, _plain(code), 0)
    if step is None:
        raise ValidationFailed({"code": ("code_wrong", {})})
    _remove(tx, viewer.id)
    tx.insert("second_factor", staff_member_id=viewer.id, secret=seal(secret, viewer.id), last_step=step, created_at=now())
    tx.note("second_factor_set", "staff_member", viewer.id)
    return _new_codes(tx, viewer.id)


@verb("recovery_code.renew")
def renew_recovery_codes(tx: Tx, viewer: Viewer) -> list[str]:
    """Ten new recovery codes for one's own factor; the old ones are worthless."""
    if viewer.kind != "staff" or tx.get("second_factor", viewer.id) is None:
        raise NotFound()
    tx.note("recovery_codes_made", "staff_member", viewer.id)
    return _new_codes(tx, viewer.id)


@verb("second_factor.remove")
def remove_second_factor(tx: Tx, viewer: Viewer) -> None:
    """Do without one's own factor, where the role does not need one."""
    if viewer.kind != "staff" or tx.get("second_factor", viewer.id) is None:
        raise NotFound()
    if tx.scope.role in needing(tx.value("SELECT second_factor_roles FROM firm LIMIT 1")):
        raise AppError("factor_needed")
    _remove(tx, viewer.id)
    tx.note("second_factor_removed", "staff_member", viewer.id)


@verb("second_factor.reset")
def reset_second_factor(tx: Tx, viewer: Viewer, staff_member_id: int) -> None:
    """Take a member's factor away, who lost it: owners of everybody else, admins of employees. Their sessions go on."""
    require_over(tx, staff_member_id, Role.EMPLOYEE)
    if tx.get("staff_member", staff_member_id) is None or tx.get("second_factor", staff_member_id) is None:
        raise NotFound()
    _remove(tx, staff_member_id)
    tx.note("second_factor_reset", "staff_member", staff_member_id)


@verb("firm.set_sign_in_rules")
def set_sign_in_rules(
    tx: Tx, viewer: Viewer, version: int | None = None, *, roles: tuple[str, ...], form_for_team: bool = True, issuer: str = ""
) -> None:  # fmt: skip
    """Which roles need a second factor, and whether the team may sign in with passwords; owners and admins decide.

    The password form is given up only for a provider (``issuer``) by which an owner came in: else AppError ``form_needs_provider``.
    """
    if tx.scope.role not in (Role.OWNER, Role.ADMIN) and tx.scope.kind != "system":
        raise NotAllowed()
    firm = tx.row("SELECT firm_id, version FROM firm LIMIT 1")
    if firm is None:
        raise NotFound()
    if version is not None and version != firm["version"]:
        raise EditConflict()
    if not form_for_team and not owner_came_by(tx, issuer):
        raise AppError("form_needs_provider")
    kept = ",".join(role.value for role in Role if role.value in roles)
    tx.update("firm", firm["firm_id"], second_factor_roles=kept, form_for_team=bool(form_for_team))


def seal_old_secrets() -> int:
    """At start: secrets an older version stored in the open are sealed. Returns how many."""
    with writer(SYSTEM) as tx:
        rows = [row for row in tx.rows("SELECT staff_member_id, secret FROM second_factor") if not is_sealed(row["secret"])]
        for row in rows:
            tx.update("second_factor", row["staff_member_id"], secret=seal(row["secret"], row["staff_member_id"]))
    return len(rows)


def _remove(tx: Tx, staff_member_id: int) -> None:
    tx.execute("DELETE FROM recovery_code WHERE staff_member_id = $id", {"id": staff_member_id})
    tx.execute("DELETE FROM second_factor WHERE staff_member_id = $id", {"id": staff_member_id})


def _new_codes(tx: Tx, staff_member_id: int) -> list[str]:
    tx.execute("DELETE FROM recovery_code WHERE staff_member_id = $id", {"id": staff_member_id})
    codes = [base64.b32encode(secrets.token_bytes(15)).decode().lower() for _ in range(CODES)]
    for code in codes:
        tx.insert("recovery_code", staff_member_id=staff_member_id, code_hash=hash_token(code))
    return ["-".join(code[place : place + 4] for place in range(0, 24, 4)) for code in codes]
