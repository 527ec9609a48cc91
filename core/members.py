"""Team members: signing in, passwords, roles, rights, assignments."""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core import forms
from core.access import verb
from core.email_access import record_login
from core.errors import AppError, NotAllowed, NotFound, ValidationFailed
from core.fold import normalise
from core.rights import Right, Role, Viewer
from core.store import Tx, now, reader, sql, writer
from core.view_as import close_views

# OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
_DUMMY = HASHER.hash(secrets.token_hex(16))
COMMON = frozenset(
    [
        "passwort1234",
        "passwort12345",
        "passwort123456",
        "password1234",
        "password12345",
        "password123456",
        "123456789012",
        "1234567890123",
        "qwertzuiop12",
        "qwertyuiop12",
        "administrator",
        "steuerberater",
        "steuerberatung",
        "kundenblick1",
        "kundenblick12",
        "willkommen123",
        "welcome12345",
        "changeme1234",
        "iloveyou1234",
        "schatzi12345",
        "geheim123456",
        "sommer202600",
        "aaaaaaaaaaaa",
        "111111111111",
        "000000000000",
        "abcdefghijkl",
    ]
)
FREE_TRIES, LONGEST_WAIT = 10, 300
# Counts nobody added to for a day are forgotten.
FORGOTTEN_AFTER, MANY = 86400, 10_000
LONGEST_PASSWORD = 256
_afterwards = ThreadPoolExecutor(1, "sign-in")
_guard = threading.Lock()
log = logging.getLogger("kundenblick")
_failures: dict[str, tuple[int, float]] = {}


class TooManyTries(AppError):
    """Too many wrong passwords; ``seconds`` until the next try counts."""

    code = "too_many_tries"


def _wait(key: str) -> float:
    count, last = _failures.get(key, (0, 0.0))
    return 0.0 if count < FREE_TRIES else last + min(2.0 ** (count - FREE_TRIES + 1), LONGEST_WAIT) - time.monotonic()


def check_password(email: str, password: str, network_address: str) -> int | None:
    """The team member's id, or None. Raises TooManyTries."""
    found = check_sign_in(email, password, network_address)
    return found.id if found is not None and found.kind == "staff" else None


def check_sign_in(email: str, password: str, network_address: str, device: str = "") -> Viewer | None:
    """Who signs in with an address and a password: a team member or a client's contact; None for wrong ones.

    Known and unknown names take the same time. Raises TooManyTries.
    """
    email = normalise(email[:1000]).lower()[:320]
    keys = (f"name:{email}", f"from:{network_address}")
    _count_try(keys)
    with reader(Viewer.system("sign-in")) as r:
        row = r.row(sql("credential"), email=email)
    usable = row is not None and row["is_active"] and row["password_hash"]
    try:
        HASHER.verify(row["password_hash"] if usable else _DUMMY, _bytes(password))
        right = bool(usable)
    except (VerificationError, InvalidHashError):
        right = False
    if right:
        with _guard:
            for key in keys:
                _failures.pop(key, None)
        return Viewer.staff(row["id"]) if row["kind"] == "staff" else Viewer.contact(row["id"])
    with writer(Viewer.system("sign-in")) as tx:
        tx.note("sign_in_failed", "contact_email" if row and row["kind"] == "contact" else "staff_member", row["id"] if row else None)
    if row and row["kind"] == "contact":
        _afterwards.submit(_note_failed_login, row["id"], network_address, device)
    return None


def _note_failed_login(contact_email_id: int, network_address: str, device: str) -> None:
    """A failed sign-in stands in the account's Anmeldeaktivität; written after the answer, so that its time tells nothing."""
    try:
        with writer(Viewer.system("sign-in")) as tx:
            record_login(tx, contact_email_id, "failed", network_address, device)
    except AppError:
        log.exception("a failed sign-in could not be written down")


def _count_try(keys: tuple[str, ...]) -> None:
    """Count the try as a wrong one before it is checked, so that many at once do not slip through. Raises TooManyTries."""
    with _guard:
        moment = time.monotonic()
        if len(_failures) > MANY:
            for key in [key for key, (_, last) in _failures.items() if moment - last > FORGOTTEN_AFTER]:
                del _failures[key]
        if (wait := max(map(_wait, keys))) > 0:
            raise TooManyTries(seconds=int(wait) + 1)
        for key in keys:
            _failures[key] = (_failures.get(key, (0, 0.0))[0] + 1, moment)


def clean_password(password: str) -> str:
    """The hash of an acceptable password. Raises ValidationFailed: 12 to 256 characters, none of the common ones."""
    if not 12 <= len(password) <= LONGEST_PASSWORD:
        raise ValidationFailed({"password": ("password_length", {})})
    if password.lower() in COMMON or len(set(password)) < 3:
        raise ValidationFailed({"password": ("password_common", {})})
    return HASHER.hash(_bytes(password))


def _bytes(password: str) -> bytes:
    """What is hashed: the same for the same letters, however a keyboard composes them; never more than can be right."""
    return unicodedata.normalize("NFC", password[: 4 * LONGEST_PASSWORD])[: LONGEST_PASSWORD + 1].encode("utf-8", "replace")


def clean_email(email: str) -> str:
    """An address in lower case, by form only. Raises ValidationFailed."""
    try:
        return forms.clean_email(email)
    except forms.Bad as bad:
        raise ValidationFailed({"email": bad.problem}) from None


def clean_name(name: str) -> str:
    """A person's name. Raises ValidationFailed."""
    name = normalise(name)
    if not 1 <= len(name) <= 200:
        raise ValidationFailed({"name": ("name_length", {})})
    return name


def _chosen(kind: type[Role] | type[Right], key: str) -> Role | Right:
    """The role or right of that key. Raises ValidationFailed."""
    try:
        return kind(key)
    except ValueError:
        raise ValidationFailed({kind.__name__.lower(): ("choice_unknown", {})}) from None


def free_email(tx: Tx, email: str) -> str:
    taken = "SELECT 1 FROM staff_member WHERE email = $email UNION ALL SELECT 1 FROM contact_email WHERE lower(email) = $email"
    if tx.value(taken, email=email):
        raise ValidationFailed({"email": ("email_in_use", {})})
    return email


def require_over(tx: Tx, staff_member_id: int | None, role: Role) -> None:
    """Owners decide about everybody, admins about employees; nobody about themselves."""
    if tx.scope.kind == "system":
        return
    target = tx.get("staff_member", staff_member_id) if staff_member_id else None
    touched = {role} | ({Role(target["role"])} if target else set())
    if tx.scope.role is Role.OWNER and staff_member_id != tx.viewer.id:
        return
    if tx.scope.role is Role.ADMIN and touched == {Role.EMPLOYEE}:
        return
    raise NotAllowed()


def keep_an_owner(tx: Tx, staff_member_id: int) -> None:
    others = "SELECT count(*) FROM staff_member WHERE role = 'owner' AND is_active AND staff_member_id <> $id"
    member = tx.get("staff_member", staff_member_id)
    if member is None:
        raise NotFound()
    if member["role"] == Role.OWNER and member["is_active"] and not tx.value(others, id=staff_member_id):
        raise AppError("last_owner")


@verb
def add_member(tx: Tx, viewer: Viewer, *, name: str, email: str, role: str = "employee", password: str | None = None) -> int:
    """A new team member; returns the id. Raises ValidationFailed, NotAllowed."""
    chosen = _chosen(Role, role)
    require_over(tx, None, chosen)
    return tx.insert(
        "staff_member",
        name=clean_name(name),
        email=free_email(tx, clean_email(email)),
        role=chosen.value,
        password_hash=clean_password(password) if password else None,
        created_at=now(),
    )


@verb
def set_password(tx: Tx, viewer: Viewer, staff_member_id: int, password: str) -> None:
    """A new password; every session of that member ends."""
    if viewer.kind != "system" and staff_member_id != viewer.id:
        require_over(tx, staff_member_id, Role.EMPLOYEE)
    tx.update("staff_member", staff_member_id, password_hash=clean_password(password))
    _end_sessions(tx, staff_member_id)


@verb
def set_role(tx: Tx, viewer: Viewer, staff_member_id: int, role: str) -> None:
    """Another role; the last owner keeps theirs."""
    chosen = _chosen(Role, role)
    require_over(tx, staff_member_id, chosen)
    if chosen is not Role.OWNER:
        keep_an_owner(tx, staff_member_id)
    tx.update("staff_member", staff_member_id, role=chosen.value)


@verb
def set_rights(tx: Tx, viewer: Viewer, staff_member_id: int, rights: set[str]) -> None:
    """Exactly these rights, by key."""
    require_over(tx, staff_member_id, Role.EMPLOYEE)
    wanted = {_chosen(Right, key).value for key in rights}
    if tx.get("staff_member", staff_member_id) is None:
        raise NotFound()
    has = {r["right_key"] for r in tx.rows("SELECT right_key FROM staff_right WHERE staff_member_id = $id", id=staff_member_id)}
    for key in sorted(wanted - has):
        tx.insert("staff_right", staff_member_id=staff_member_id, right_key=key)
    for key in sorted(has - wanted):
        tx.delete("staff_right", {"staff_member_id": staff_member_id, "right_key": key})
    if wanted != has:
        tx.touch("staff_member", staff_member_id)


@verb
def deactivate(tx: Tx, viewer: Viewer, staff_member_id: int) -> None:
    """No sign-in any more; the last owner stays."""
    require_over(tx, staff_member_id, Role.EMPLOYEE)
    keep_an_owner(tx, staff_member_id)
    tx.update("staff_member", staff_member_id, is_active=False)
    _end_sessions(tx, staff_member_id)


@verb
def assign(tx: Tx, viewer: Viewer, staff_member_id: int, account_id: int) -> None:
    """This member works for this account."""
    tx.require(Right.MANAGE_TEAM)
    tx.see(account_id)
    key = {"account_id": account_id, "staff_member_id": staff_member_id}
    if tx.get("staff_member", staff_member_id) is None:
        raise NotFound()
    if tx.get("assignment", key) is None:
        tx.insert("assignment", **key, created_at=now())


@verb
def unassign(tx: Tx, viewer: Viewer, staff_member_id: int, account_id: int) -> None:
    """This member no longer works for this account."""
    tx.require(Right.MANAGE_TEAM)
    tx.see(account_id)
    tx.delete("assignment", {"account_id": account_id, "staff_member_id": staff_member_id})


@verb
def set_language(tx: Tx, viewer: Viewer, language: str) -> None:
    """One's own language of the interface."""
    if viewer.kind != "staff":
        raise NotAllowed()
    tx.update("staff_member", viewer.id, language=language if language in ("de", "en") else None)


def offer_first_owner() -> str | None:
    """A link token for the first owner of an empty installation, valid for a day; None once there is anybody."""
    with writer(Viewer.system("first start", "command")) as tx:
        if tx.value("SELECT count(*) FROM staff_member"):
            return None
        token = secrets.token_urlsafe(32)
        tx.execute("DELETE FROM one_time_link WHERE purpose = 'first_owner'")
        hashed = hashlib.sha256(token.encode()).hexdigest()
        expires = now() + timedelta(days=1)
        tx.insert("one_time_link", token_hash=hashed, purpose="first_owner", created_at=now(), expires_at=expires)
    return token


def is_first_owner_link(token: str) -> bool:
    """Whether the link can still be used."""
    with reader(Viewer.system("first start")) as r:
        return r.row(sql("first_owner_link"), token_hash=hashlib.sha256(token.encode()).hexdigest(), now=now()) is not None


def make_first_owner(token: str, *, firm: str, name: str, email: str, password: str) -> int:
    """Use the link: the firm and its first owner. Raises NotFound for a used or expired link, ValidationFailed."""
    with writer(Viewer.system("first start", "form")) as tx:
        hashed = hashlib.sha256(token.encode()).hexdigest()
        link = tx.get("one_time_link", {"token_hash": hashed, "purpose": "first_owner"})
        if link is None or link["used_at"] or link["expires_at"] < now() or tx.value("SELECT count(*) FROM staff_member"):
            raise NotFound("link_worthless")
        member = tx.insert(
            "staff_member",
            name=clean_name(name),
            email=free_email(tx, clean_email(email)),
            role="owner",
            password_hash=clean_password(password),
            created_at=now(),
        )
        tx.update("one_time_link", link["one_time_link_id"], used_at=now())
        if not tx.value("SELECT count(*) FROM firm"):
            tx.insert("firm", name=clean_name(firm), created_at=now())
    return member


def _end_sessions(tx: Tx, staff_member_id: int) -> None:
    tx.execute("UPDATE session SET ended_at = $now WHERE staff_member_id = $id AND ended_at IS NULL", {"now": now(), "id": staff_member_id})
    close_views(tx)
