"""Who signs in with an address and a password; guessing is slowed, and known and unknown names take the same time."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

from core.access.contact_access import may_login, record_login
from core.base.contact_points import same_address
from core.base.errors import AppError, ValidationFailed
from core.base.log import happened
from core.base.rights import Viewer
from core.identity.begun_sign_in import Begun, SignInVoid, begin
from core.identity.passwords import fits
from core.identity.throttle import count_try, forget, forgive, network_of
from core.store import Row, engine, reader, sql, writer

SYSTEM = Viewer.system("sign-in")
_afterwards = ThreadPoolExecutor(1, "sign-in")
# Changes of a member after which a round trip to the provider that began before lets nobody in.
_CHANGED_SINCE = """SELECT 1 FROM audit_entry WHERE audit_entry_id > $since AND entity = 'staff_member' AND entity_id = $id
    AND (field IN ('email', 'is_active', 'password_hash')
         OR action IN ('second_factor_set', 'second_factor_removed', 'second_factor_reset', 'provider_person_forgotten')) LIMIT 1"""
log = logging.getLogger("kundenblick")


def typed_address(email: str) -> str:
    """An address as it was typed, in the form it is looked up by."""
    return same_address(email)


def check_password(email: str, password: str, network_address: str) -> int | None:
    """The team member's id, or None. Raises TooManyTries."""
    found = check_sign_in(email, password, network_address)
    return found.id if found is not None and found.kind == "staff" else None


def check_sign_in(email: str, password: str, network_address: str, device: str = "", browser: str | None = None) -> Viewer | None:
    """Who signs in: a team member or a client's contact; None for a wrong name or password.

    ``browser`` is the hash of the browser's own cookie: where that person signed in with it before, only its tries count, so that
    nobody elsewhere can keep them out. Where the firm switched the form off, no password of the team is right. Raises TooManyTries.
    """
    found = _checked(email, password, network_address, device, browser)
    return _person(found) if found is not None else None


def begin_sign_in(email: str, password: str, network_address: str, device: str = "", browser: str | None = None) -> Begun | None:
    """Begin the sign-in of the person whose password it is at this moment; None for a wrong name or password. Raises TooManyTries."""
    found = _checked(email, password, network_address, device, browser)
    if found is None:
        return None
    with writer(SYSTEM) as tx:
        # To check a password takes a while: it may have been changed meanwhile.
        person = tx.get("staff_member" if found["kind"] == "staff" else "contact_email", found["id"])
        if person is None or person["password_hash"] != found["password_hash"]:
            return None
        if found["kind"] == "staff":
            may = person["is_active"] and tx.value("SELECT form_for_team FROM firm LIMIT 1") is not False
        else:
            may = may_login(tx, found["id"])
        return begin(tx, _person(found)) if may else None


def _person(row: Row) -> Viewer:
    return Viewer.staff(row["id"]) if row["kind"] == "staff" else Viewer.contact(row["id"])


def _checked(email: str, password: str, network_address: str, device: str, browser: str | None) -> Row | None:
    """The credential whose password it is, or None; counts the try and notes a failed one. Raises TooManyTries."""
    email = typed_address(email)
    with reader(SYSTEM) as r:
        row = r.row(sql("credential"), email=email, browser=browser)
    known = row is not None and row["is_known"]
    network = network_of(network_address)
    pair = f"pair:{email}|{network}"
    keys = (f"browser:{browser}:{row['kind']}{row['id']}",) if known else (f"name:{email}", f"from:{network}", pair)
    count_try(*keys)
    usable = row is not None and row["is_active"] and (row["kind"] != "staff" or row["form_for_team"] is not False)
    if fits(password, row["password_hash"] if usable else None):
        forget(keys[0])
        if not known:
            forgive(f"from:{network}", pair)
        return row
    happened(log, "wrong_password", logging.WARNING, address=network_address)
    note_failed(row)
    if row and row["kind"] == "contact":
        _afterwards.submit(_note_failed_login, row["id"], network_address, device)
    return None


def note_failed(row: Row | None) -> None:
    """Record a sign-in that failed, and whose it was when that is known."""
    with writer(SYSTEM) as tx:
        tx.note("sign_in_failed", "contact_email" if row and row["kind"] == "contact" else "staff_member", row["id"] if row else None)


def record_ends() -> int:
    """The number of the last entry of the record."""
    return engine().audit_head[0]


def begin_by_address(email: str, since: int) -> Begun | None:
    """Begin the sign-in of the active team member with an address that the firm's identity provider verified; None without one.

    ``since`` is where the record ended when the browser was sent to the provider. Raises SignInVoid where something that lets the
    member in was changed after it.
    """
    with writer(SYSTEM) as tx:
        member = tx.value("SELECT staff_member_id FROM staff_member WHERE is_active AND email = $email", email=typed_address(email))
        if member is None:
            return None
        if tx.value(_CHANGED_SINCE, since=since, id=member):
            raise SignInVoid()
        return begin(tx, Viewer.staff(member))


def password_is_set(viewer: Viewer) -> bool:
    """Whether the person has a password at all; some come in another way only."""
    return _stored(viewer) is not None


def password_is_right(viewer: Viewer, password: str) -> None:
    """Raises ValidationFailed ``old`` for a wrong own password, TooManyTries."""
    key = f"old:{viewer.kind}{viewer.id}"
    count_try(key)
    if not fits(password, _stored(viewer)):
        raise ValidationFailed({"old": ("password_wrong", {})})
    forget(key)


def _stored(viewer: Viewer) -> str | None:
    with reader(SYSTEM) as r:
        return r.value("SELECT password_hash FROM credential WHERE kind = $kind AND id = $id", kind=viewer.kind, id=viewer.id)


def _note_failed_login(contact_email_id: int, network_address: str, device: str) -> None:
    """A failed sign-in stands in the account's Anmeldeaktivität; written after the answer, so that its time tells nothing."""
    try:
        with writer(SYSTEM) as tx:
            record_login(tx, contact_email_id, "failed", network_address, device)
    except AppError:
        log.exception("a failed sign-in could not be written down")
