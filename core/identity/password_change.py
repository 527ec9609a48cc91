"""Change a password: one's own, or with a link that a colleague made or a mail brought."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from core.access.one_time_links import RESET, make_link, open_link, use_link, void_links
from core.access.verbs import verb
from core.base.config import Settings
from core.base.errors import AppError, NotFound
from core.base.rights import Role, Viewer
from core.i18n import LANGUAGES, language, speaking, t
from core.identity.begun_sign_in import Begun, begin
from core.identity.members import end_sessions_of, require_over, set_password
from core.identity.password_policy import password_sign_in_allowed, require_password_sign_in
from core.identity.passwords import clean_password
from core.identity.sign_in import password_is_right, typed_address
from core.identity.throttle import count_try, network_of
from core.mail.smtp import can_send, send
from core.store import Tx, reader, sql, writer

SYSTEM = Viewer.system("password reset", "link")
_mailing = ThreadPoolExecutor(1, "reset-mail")
log = logging.getLogger("kundenblick")


@dataclass(frozen=True)
class Reset:
    """A reset link that can still be used: the person, their address, and the firm's name."""

    viewer: Viewer
    email: str
    firm: str


def change_own_password(viewer: Viewer, old: str, new: str, keep: str | None) -> None:
    """Change one's own password, given the old one; end every other session. Raises TooManyTries, ValidationFailed."""
    password_is_right(viewer, old)
    set_password(viewer, viewer.own_id, new, keep)


@verb("one_time_link.make_reset")
def make_reset_link(tx: Tx, _viewer: Viewer, staff_member_id: int) -> str:
    """Make a link with which an active member sets a new password, and void earlier ones. Return its token.

    Owners make one for everybody else, admins for employees. Raises NotAllowed, NotFound.
    """
    require_over(tx, staff_member_id, Role.EMPLOYEE)
    require_password_sign_in()
    member = tx.get("staff_member", staff_member_id)
    if member is None or not member["is_active"]:
        raise NotFound()
    tx.note("reset_link_made", "staff_member", staff_member_id)
    return make_link(tx, RESET, Viewer.staff(staff_member_id))


def can_mail_links(settings: Settings) -> bool:
    """Return whether reset links can be mailed: there is a mail server, and a configured public address, which nobody can forge."""
    return can_send(settings) and bool(settings.public_url)


def link_address(base: str, token: str) -> str:
    """Return the address of a reset link."""
    return f"{base.rstrip('/')}/?reset={token}"


def request_reset(settings: Settings, email: str, network_address: str) -> None:
    """Mail a reset link, in the person's own language, if somebody signs in with the address. Raises TooManyTries.

    Everything else happens afterwards, so that the answer does not tell whether the address is known.
    """
    email = typed_address(email)
    count_try(f"mail:{email}", f"mails:{network_of(network_address)}")
    _mailing.submit(_mail_link, settings, email, language())


def _mail_link(settings: Settings, email: str, code: str) -> None:
    """Look the address up, make a link and mail it; ``code`` is the language for a person who chose none."""
    try:
        with reader(SYSTEM) as r:
            row = r.row(sql("credential"), email=email, browser=None)
            firm = r.value("SELECT name FROM firm LIMIT 1")
        closed = row is not None and row["kind"] == "staff" and row["form_for_team"] is False
        if row is None or closed or not row["is_active"] or not row["password_hash"]:
            return
        who = Viewer.staff(row["id"]) if row["kind"] == "staff" else Viewer.contact(row["id"])
        with writer(SYSTEM) as tx:
            # The address may have become another one's since it was looked up.
            person = tx.get("staff_member" if who.kind == "staff" else "contact_email", who.own_id)
            if person is None or (person["email"] or "").lower() != email:
                return
            token = make_link(tx, RESET, who)
            tx.note("reset_link_mailed", "staff_member" if who.kind == "staff" else "contact_email", who.id)
            own = _language_of(tx, who)
        with speaking(own or code):
            words = {"firm": firm, "link": link_address(settings.public_url, token)}
            send(settings, email, t("mail.reset_subject", **words), t("mail.reset_text", **words))
    except AppError:
        log.exception("a link for a new password could not be mailed")


def _language_of(tx: Tx, who: Viewer) -> str | None:
    """Return the language a member chose, or the firm noted for a contact; else None."""
    if who.kind == "staff":
        chosen: str | None = tx.found("staff_member", who.own_id)["language"]
        return chosen
    address = tx.found("contact_email", who.own_id)
    contact = tx.get("contact", address["contact_id"]) if address["contact_id"] else None
    return contact["language"] if contact and contact["language"] in LANGUAGES else None


def open_reset(token: str) -> Reset | None:
    """Return the reset a link is for; None for a link that cannot be used."""
    with reader(SYSTEM) as r:
        link = open_link(r, RESET, token)
        ids = {column: link[column] for column in ("staff_member_id", "contact_email_id")} if link else {}
        row = r.row(sql("reset_person"), **ids) if link else None
    if row is None:
        return None
    if ids["staff_member_id"] and not password_sign_in_allowed():
        return None
    viewer = Viewer.staff(ids["staff_member_id"]) if ids["staff_member_id"] else Viewer.contact(ids["contact_email_id"])
    return Reset(viewer, row["email"], row["firm"])


def reset_password(token: str, password: str) -> Begun:
    """Set a new password with a link, use it up, and begin the sign-in; end all sessions and void the person's other links.

    Raises NotFound for a link that cannot be used, ValidationFailed.
    """
    reset = open_reset(token)
    if reset is None:
        raise NotFound("reset_worthless")
    stored = clean_password(password, reset.email, reset.firm)
    with writer(SYSTEM) as tx:
        if use_link(tx, RESET, token) is None:
            raise NotFound("reset_worthless")
        tx.update("staff_member" if reset.viewer.kind == "staff" else "contact_email", reset.viewer.own_id, password_hash=stored)
        end_sessions_of(tx, reset.viewer)
        void_links(tx, reset.viewer)
        return begin(tx, reset.viewer)
