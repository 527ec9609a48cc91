"""A password changed by oneself, or through a link that a colleague made or a mail brought."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from core.access.one_time_links import RESET, make_link, open_link, owner_columns, use_link, void_links
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
    """A link that can still be used: whose, for which address, and the firm's name."""

    viewer: Viewer
    email: str
    firm: str


def change_own_password(viewer: Viewer, old: str, new: str, keep: str | None) -> None:
    """Another password for who knows the old one; every other session ends. Raises ValidationFailed, TooManyTries."""
    password_is_right(viewer, old)
    set_password(viewer, viewer.id, new, keep)


@verb("one_time_link.make_reset")
def make_reset_link(tx: Tx, viewer: Viewer, staff_member_id: int) -> str:
    """A link with which an active team member sets a new password; earlier ones are worthless. Returns its token.

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
    """Whether a forgotten password can be replaced by mail: with a mail server, and an address of ours that nobody can forge."""
    return can_send(settings) and bool(settings.public_url)


def link_address(base: str, token: str) -> str:
    """Where a link leads."""
    return f"{base.rstrip('/')}/?reset={token}"


def request_reset(settings: Settings, email: str, network_address: str) -> None:
    """Mail a link, in the person's own language, to the address if somebody signs in with it. Whether, nobody can tell: all happens afterwards. Raises TooManyTries."""
    email = typed_address(email)
    count_try(f"mail:{email}", f"mails:{network_of(network_address)}")
    _mailing.submit(_mail_link, settings, email, language())


def _mail_link(settings: Settings, email: str, code: str) -> None:
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
            person = tx.get("staff_member" if who.kind == "staff" else "contact_email", who.id)
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
    """The language a person chose, or that the firm wrote down for a contact."""
    if who.kind == "staff":
        return tx.get("staff_member", who.id)["language"]
    address = tx.get("contact_email", who.id)
    contact = tx.get("contact", address["contact_id"]) if address["contact_id"] else None
    return contact["language"] if contact and contact["language"] in LANGUAGES else None


def open_reset(token: str) -> Reset | None:
    """The reset behind a link, or None for a used, expired, void or unknown one."""
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
    """Set a new password with a link, which is used up, and begin the sign-in; all sessions end, every other link of the person is worthless.

    Raises NotFound for a worthless link, ValidationFailed.
    """
    reset = open_reset(token)
    if reset is None:
        raise NotFound("reset_worthless")
    stored = clean_password(password, reset.email, reset.firm)
    with writer(SYSTEM) as tx:
        if use_link(tx, RESET, token) is None:
            raise NotFound("reset_worthless")
        [(column, id_)] = owner_columns(reset.viewer).items()
        tx.update(column.removesuffix("_id"), id_, password_hash=stored)
        end_sessions_of(tx, reset.viewer)
        void_links(tx, reset.viewer)
        return begin(tx, reset.viewer)
