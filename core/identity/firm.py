"""What the firm says of itself: its name, time zone and currency; and a test of its mail server."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from babel.numbers import list_currencies

from core.access.firm_lead import led_firm
from core.access.verbs import verb
from core.base.config import Settings
from core.base.errors import NotAllowed, NotFound, Problem, ValidationFailed
from core.base.rights import Viewer
from core.i18n import t
from core.identity.members import FIRM, clean_name
from core.identity.throttle import count_try
from core.mail.smtp import send
from core.store import Tx, now, reader, writer

SYSTEM = Viewer.system("firm")
# What pages need of the firm; the logo itself is sent by a route of its own.
DETAILS = (
    "SELECT firm_id, name, currency, time_zone, is_sample, first_steps_put_away, logo IS NOT NULL AS has_logo, version FROM firm LIMIT 1"
)


def firm_name() -> str | None:
    """Return the name of the firm, or None before there is one."""
    with reader(SYSTEM) as r:
        return r.value(FIRM)


def name_firm(viewer: Viewer, name: str) -> str:
    """Name the firm, or make it, from the command line. Return the cleaned name. Raises NotAllowed, ValidationFailed."""
    if viewer.kind != "system":
        raise NotAllowed()
    cleaned = clean_name(name, "name_length")
    with writer(viewer) as tx:
        if (there := tx.row("SELECT firm_id FROM firm LIMIT 1")) is None:
            tx.insert("firm", name=cleaned, created_at=now())
        else:
            tx.update("firm", there["firm_id"], name=cleaned)
    return cleaned


@verb("firm.set_details")
def set_firm_details(tx: Tx, _viewer: Viewer, version: int | None = None, *, name: str, time_zone: str, currency: str) -> None:
    """Change what the firm is called, and how its moments and amounts are written; for owners and admins.

    ``time_zone`` is an IANA name, *Europe/Berlin*: moments are stored in UTC and stay. ``currency`` is one of ISO 4217, *EUR*: amounts stay
    the numbers they are.

    Raises EditConflict, NotAllowed, NotFound, ValidationFailed.
    """
    firm = led_firm(tx, version)
    problems: dict[str, Problem] = {}
    values: dict[str, Any] = {"time_zone": time_zone, "currency": currency}
    try:
        values["name"] = clean_name(name, "name_length")
    except ValidationFailed as failed:
        problems |= failed.problems
    for key, known in (("time_zone", available_timezones()), ("currency", list_currencies())):
        if values[key] not in known:
            problems[key] = ("choice_unknown", {})
    if problems:
        raise ValidationFailed(problems)
    tx.update("firm", firm["firm_id"], **values)


@verb("firm.put_first_steps_away")
def put_first_steps_away(tx: Tx, _viewer: Viewer, away: bool = True) -> None:
    """Show the list of first steps no more, or again; for owners and admins. Raises NotAllowed, NotFound."""
    tx.update("firm", led_firm(tx)["firm_id"], first_steps_put_away=away)


@verb("firm.test_mail")
def begin_test_mail(tx: Tx, viewer: Viewer) -> tuple[str, str]:
    """Note that an owner or admin tests the mail server; returns their own address and the firm's name. Raises NotAllowed, NotFound."""
    firm = led_firm(tx)
    tx.note("mail_tested", "firm", firm["firm_id"])
    address = tx.value("SELECT email FROM staff_member WHERE staff_member_id = $id", id=viewer.own_id)
    if not address:
        raise NotFound()
    return address, tx.value(FIRM)


def send_test_mail(viewer: Viewer, settings: Settings) -> str:
    """Send a mail to the person's own address, at most a few in a row; returns the address.

    Raises AppError as ``send`` does, NotAllowed, NotFound, TooManyTries.
    """
    address, firm = begin_test_mail(viewer)
    count_try(f"mail:test {viewer.id}")
    send(settings, address, t("mail.test_subject", firm=firm), t("mail.test_text", firm=firm))
    return address
