"""One-time links: make, open, use and void them. The token stands in the address only; the store holds its hash."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from core.base.rights import Viewer
from core.base.tokens import hash_token, new_token
from core.store import Reader, Row, Tx, now

# How far ahead of the clock a link's creation may lie. A link stamped later was made while the clock was wrong, and would be valid too long.
MAX_CLOCK_AHEAD = timedelta(minutes=10)


@dataclass(frozen=True)
class Purpose:
    """A kind of one-time link.

    Args:
        name: As stored in ``one_time_link.purpose``.
        lasts: How long a link can be used.
        is_single: Whether making a link voids earlier ones of the same person and purpose.
    """

    name: str
    lasts: timedelta
    is_single: bool = True


INVITATION = Purpose("invitation", timedelta(days=7))
TEAM_INVITATION = Purpose("team_invitation", timedelta(days=7))
RESET = Purpose("reset", timedelta(hours=1))
FIRST_OWNER = Purpose("first_owner", timedelta(days=1))
# Nobody is sent this one. It outlasts the second step and the ticket after it together; somebody may sign in at two browsers at once.
SIGN_IN = Purpose("sign_in", timedelta(minutes=15), is_single=False)


def owner_columns(who: Viewer | None) -> dict[str, int | None]:
    """Return the column and id that name a person in tables that hold team members and contacts; None names nobody."""
    if who is None:
        return {"staff_member_id": None, "contact_email_id": None}
    return {"staff_member_id" if who.kind == "staff" else "contact_email_id": who.id}


def make_link(tx: Tx, purpose: Purpose, who: Viewer | None) -> str:
    """Make a link for a person, or for whoever holds it (None). Return its token."""
    if purpose.is_single:
        void_links(tx, who, purpose)
    token, moment = new_token(), now()
    tx.insert(
        "one_time_link", token_hash=hash_token(token), purpose=purpose.name, **owner_columns(who), created_at=moment,
        expires_at=moment + purpose.lasts,
    )  # fmt: skip
    return token


def open_link(r: Reader, purpose: Purpose, token: str) -> Row | None:
    """Return the row of a link that can still be used; None for an unknown, used, void or expired one. ``r`` is the system's."""
    query = """SELECT one_time_link_id, staff_member_id, contact_email_id, created_at, expires_at FROM one_time_link
        WHERE token_hash = $token_hash AND purpose = $purpose AND used_at IS NULL"""
    link = r.row(query, token_hash=hash_token(token), purpose=purpose.name)
    return link if link is not None and link["expires_at"] > now() and link["created_at"] < now() + MAX_CLOCK_AHEAD else None


def use_link(tx: Tx, purpose: Purpose, token: str) -> Row | None:
    """Use a link up and return its row; None, and no change, for one that cannot be used any more."""
    link = open_link(tx, purpose, token)
    if link is not None:
        tx.update("one_time_link", link["one_time_link_id"], used_at=now())
    return link


def holders_of(r: Reader, purpose: Purpose, contact_email_ids: Collection[int]) -> set[int]:
    """Return those of these addresses that hold a link of the purpose that can still be used."""
    query = """SELECT DISTINCT contact_email_id FROM one_time_link
        WHERE purpose = $purpose AND used_at IS NULL AND expires_at > $now AND contact_email_id IN (SELECT unnest($ids))"""
    return {row["contact_email_id"] for row in r.rows(query, purpose=purpose.name, now=now(), ids=sorted(contact_email_ids))}


def void_links(tx: Tx, who: Viewer | None, purpose: Purpose | None = None) -> int:
    """Delete a person's unused links, of one purpose or of all. Return how many there were."""
    terms = " AND ".join(f"{column} IS NOT DISTINCT FROM ${column}" for column in owner_columns(who))
    links = tx.rows(
        f"SELECT one_time_link_id FROM one_time_link WHERE {terms} AND used_at IS NULL AND purpose = coalesce($purpose, purpose)",  # noqa: S608 - built of names from the code
        purpose=purpose.name if purpose else None, **owner_columns(who),
    )  # fmt: skip
    for link in links:
        tx.delete("one_time_link", link["one_time_link_id"])
    return len(links)
