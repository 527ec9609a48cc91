"""Sign in with an address and a password; guessing is slowed, and known and unknown addresses take the same time."""

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
# SQL: whether a member was changed so that a round trip to the provider begun before must not let them in.
_CHANGED_SINCE = """SELECT 1 FROM audit_entry WHERE audit_entry_id > $since AND entity = 'staff_member' AND entity_id = $id
    AND (field IN ('email', 'is_active', 'password_hash')
         OR action IN ('second_factor_set', 'second_factor_removed', 'second_factor_reset', 'provider_person_forgotten')) LIMIT 1"""
log = logging.getLogger("kundenblick")


def typed_address(email: str) -> str:
    """Return a typed address in the form it is looked up by."""
    return same_address(email)


def check_password(email: str, password: str, network_address: str) -> int | None:
    """Return the id of the team member with this password, or None. Raises TooManyTries."""
    found = check_sign_in(email, password, network_address)
    return found.id if found is not None and found.kind == "staff" else None


def check_sign_in(email: str, password: str, network_address: str, device: str = "", browser: str | None = None) -> Viewer | None:
    """Return the team member or contact with this address and password; None when either is wrong. Raises TooManyTries.

    Where the firm switched passwords off for the team, no password of a member is right.

    - ``browser``: Hash of the browser's own cookie. Where the person signed in with it before, only its tries count, so that nobody
      elsewhere can keep them out.
    """
    found = _checked(email, password, network_address, device, browser)
    return _person(found) if found is not None else None


def begin_sign_in(email: str, password: str, network_address: str, device: str = "", browser: str | None = None) -> Begun | None:
    """Begin the sign-in of the person with this address and password; None when either is wrong. Raises TooManyTries."""
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
    """Return the row of ``credential.sql`` when the password is right, else None; count the try, record a failed one. Raises TooManyTries."""
    email = typed_address(email)
    with reader(SYSTEM) as r:
        row = r.row(sql("credential"), email=email, browser=browser)
    is_known = row is not None and row["is_known"]
    network = network_of(network_address)
    pair = f"pair:{email}|{network}"
    keys = (f"browser:{browser}:{row['kind']}{row['id']}",) if row is not None and is_known else (f"name:{email}", f"from:{network}", pair)
    count_try(*keys)
    usable = row is not None and row["is_active"] and (row["kind"] != "staff" or row["form_for_team"] is not False)
    if fits(password, row["password_hash"] if row is not None and usable else None):
        forget(keys[0])
        if not is_known:
            forgive(f"from:{network}", pair)
        return row
    happened(log, "wrong_password", logging.WARNING, address=network_address)
    note_failed(row)
    if row and row["kind"] == "contact":
        _afterwards.submit(_note_failed_login, row["id"], network_address, device)
    return None


def note_failed(row: Row | None) -> None:
    """Record a failed sign-in; ``row`` is the credential of the address, None for an unknown one."""
    with writer(SYSTEM) as tx:
        tx.note("sign_in_failed", "contact_email" if row and row["kind"] == "contact" else "staff_member", row["id"] if row else None)


def record_ends() -> int:
    """Return the number of the last audit entry."""
    return engine().audit_head[0]


def begin_by_address(email: str, since: int) -> Begun | None:
    """Begin the sign-in of the active team member with an address that the identity provider verified; None without one.

    - ``since``: ``record_ends()`` when the browser was sent to the provider.

    Raises SignInVoid where something that lets the member in was changed after ``since``.
    """
    with writer(SYSTEM) as tx:
        member = tx.value("SELECT staff_member_id FROM staff_member WHERE is_active AND email = $email", email=typed_address(email))
        if member is None:
            return None
        if tx.value(_CHANGED_SINCE, since=since, id=member):
            raise SignInVoid()
        return begin(tx, Viewer.staff(member))


def password_is_set(viewer: Viewer) -> bool:
    """Return whether the person has a password; some sign in by the provider only."""
    return _stored(viewer) is not None


def password_is_right(viewer: Viewer, password: str) -> None:
    """Check one's own password. Raises TooManyTries, ValidationFailed for a wrong one, as field ``old``."""
    key = f"old:{viewer.kind}{viewer.id}"
    count_try(key)
    if not fits(password, _stored(viewer)):
        raise ValidationFailed({"old": ("password_wrong", {})})
    forget(key)


def _stored(viewer: Viewer) -> str | None:
    with reader(SYSTEM) as r:
        stored: str | None = r.value("SELECT password_hash FROM credential WHERE kind = $kind AND id = $id", kind=viewer.kind, id=viewer.id)
    return stored


def _note_failed_login(contact_email_id: int, network_address: str, device: str) -> None:
    """Add a failed sign-in to the account's sign-ins (*Anmeldeaktivität*), after the answer, so that its time tells nothing."""
    try:
        with writer(SYSTEM) as tx:
            record_login(tx, contact_email_id, "failed", network_address, device)
    except AppError:
        log.exception("a failed sign-in could not be written down")
