"""Give access (*Zugriffsrechte*) to the addresses of many accounts, and invitations to those who need one; rehearse it per address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from core.access.contact_access import SWITCHES, follow_states, invite, turn
from core.access.one_time_links import INVITATION, holders_of
from core.access.preview import tried
from core.access.verbs import require, require_staff, verb
from core.base.errors import AppError, EditConflict, NotFound, ValidationFailed
from core.base.rights import Right, Viewer
from core.store import Tx, reader, seen_of, sql

MAX_ACCOUNTS = 500
# Others may save between two pieces of so many addresses.
ADDRESSES_AT_ONCE = 40
# What happens, or happened, to an address at an account. Of all but the first three nothing is written.
Outcome = Literal["invited", "invited_again", "granted", "present", "archived", "changed", "gone", "failed", "no_address"]
DOES_SOMETHING = ("invited", "invited_again", "granted")


@dataclass(frozen=True)
class Place:
    """A contact's address at an account, as it was read.

    Args:
        account_id: The account.
        account: Its name.
        number: Its number.
        who: The holder of the address, else the contact; None for an account without a contact.
        contact_email_id: The address; None for a contact without one.
        email: As written.
        version: Of its access to the account; 0 for none.
    """

    account_id: int
    account: str
    number: str
    who: str | None
    contact_email_id: int | None
    email: str | None
    version: int


@dataclass(frozen=True)
class Given:
    """What became, or would become, of one place.

    Args:
        place: The address at the account.
        outcome: See ``Outcome``.
        token: The invitation's, at one place of each address that is invited.
        voids: Whether an invitation made earlier becomes void.
    """

    place: Place
    outcome: Outcome
    token: str | None = None
    voids: bool = False


def places_of(viewer: Viewer, account_ids: Sequence[int], *, every_address: bool = False) -> list[Place]:
    """Return the addresses of these accounts' contacts, the primary one of each or all; a contact without one has a place too.

    Raises NotAllowed, and AppError for too many accounts. Accounts one may not see are left out.
    """
    require(viewer, Right.MANAGE_ACCOUNTS)
    if len(account_ids) > MAX_ACCOUNTS:
        raise AppError("too_many_at_once", most=MAX_ACCOUNTS)
    with reader(viewer) as r:
        require_staff(r.viewer)
        rows = r.rows(sql("places_of_many"), ids=list(account_ids), every_address=every_address)
    return [Place(**row) for row in rows]


@verb("email_access.give_many")
def give_many(tx: Tx, _viewer: Viewer, places: Sequence[Place], switches: Sequence[str], *, again: bool = False) -> list[Given]:
    """Turn switches on for addresses of many accounts, and invite each address once whose login needs it.

    What cannot be done at one place is told there and hinders no other.

    Args:
        tx: The transaction.
        places: As ``places_of`` returned them; the places of one address must come in one call, or its first invitation is void.
        switches: Some of SWITCHES.
        again: Whether who has a login and never signed in gets a new invitation.

    Raises:
        NotAllowed: Without the right to manage accounts.
        ValidationFailed: For an unknown switch.
    """
    tx.require(Right.MANAGE_ACCOUNTS)
    if not set(switches) <= set(SWITCHES):
        raise ValidationFailed({"switch": ("choice_unknown", {})})
    wanted = dict.fromkeys(switches, True)
    seen = seen_of(tx, [place.account_id for place in places])
    archived = {row["account_id"] for row in tx.rows(_ARCHIVED, ids=sorted(seen))}
    done = [_turned(tx, place, wanted, seen, archived, again=again) for place in places]
    follow_states(tx, sorted({one.place.account_id for one in done if one.outcome in DOES_SOMETHING}))
    return _invited(tx, done)


_ARCHIVED = "SELECT account_id FROM account WHERE account_id IN (SELECT unnest($ids)) AND archived_at IS NOT NULL"


def _turned(tx: Tx, place: Place, wanted: dict[str, bool], seen: set[int], archived: set[int], *, again: bool) -> Given:
    """Turn the switches at one place, and say whether its address must be invited."""
    if place.contact_email_id is None:
        return Given(place, "no_address")
    if place.account_id not in seen:
        return Given(place, "gone")
    if place.account_id in archived:
        return Given(place, "archived")
    try:
        changed, address = turn(tx, place.account_id, place.contact_email_id, place.version, wanted)
    except EditConflict:
        return Given(place, "changed")
    except NotFound:
        return Given(place, "gone")
    if "login" in changed and not address["password_hash"]:
        return Given(place, "invited")
    key = {"account_id": place.account_id, "contact_id": address["contact_id"], "contact_email_id": place.contact_email_id}
    access = tx.found("email_access", key)
    waits = access["login"] and access["first_login_at"] is None and access["suspended_at"] is None and not address["password_hash"]
    if again and waits:
        return Given(place, "invited_again")
    return Given(place, "granted" if changed else "present")


def _invited(tx: Tx, done: Sequence[Given]) -> list[Given]:
    """Make one invitation for each address that needs one, kept at its first place."""
    needs = {one.place.contact_email_id for one in done if one.outcome in ("invited", "invited_again")}
    had = holders_of(tx, INVITATION, [number for number in needs if number])
    links: dict[int | None, str] = {}
    told = []
    for one in done:
        number = one.place.contact_email_id
        if number in needs and number not in links and number is not None and one.outcome in ("invited", "invited_again"):
            links[number] = invite(tx, number)
            told.append(replace(one, token=links[number], voids=number in had))
        else:
            told.append(one)
    return told


def rehearse_access(viewer: Viewer, places: Sequence[Place], switches: Sequence[str], *, again: bool = False) -> list[Given]:
    """Return what ``give_access`` would do at each place, tried and taken back; tokens are left out. Raises NotAllowed."""
    given = [one for piece in _pieces(places) for one in tried(give_many, viewer, piece, switches, again=again)]
    return [replace(one, token=None) for one in given]


def give_access(viewer: Viewer, places: Sequence[Place], switches: Sequence[str], *, again: bool = False) -> list[Given]:
    """Call ``give_many`` in pieces, so that others may save meanwhile; what a piece is refused for is told at its places.

    Raises NotAllowed when it is not allowed from the beginning.
    """
    require(viewer, Right.MANAGE_ACCOUNTS)
    given: list[Given] = []
    for piece in _pieces(places):
        try:
            given += give_many(viewer, piece, switches, again=again)
        except AppError:
            # What was given before is given: its links must reach whoever asked for them.
            given += [Given(place, "failed") for place in piece]
    return given


def _pieces(places: Sequence[Place]) -> list[list[Place]]:
    """Return the places in pieces of about ADDRESSES_AT_ONCE; all places of one address are in one piece."""
    pieces: list[list[Place]] = [[]]
    by_address = sorted(places, key=lambda place: place.contact_email_id or 0)
    for _, same in groupby(by_address, key=lambda place: place.contact_email_id):
        if len(pieces[-1]) >= ADDRESSES_AT_ONCE:
            pieces.append([])
        pieces[-1] += same
    return [piece for piece in pieces if piece]
