"""One-time links: a random token in the address, only its hash in the store; used once, or gone with the hour."""

from __future__ import annotations

from datetime import timedelta

from core.base.rights import Viewer
from core.base.tokens import hash_token, new_token
from core.store import Row, Tx, now

# A link stamped further ahead than this was made by a clock that was wrong: it would open doors for as long as that clock was ahead.
CLOCK_AHEAD = timedelta(minutes=10)


def is_current(link: Row) -> bool:
    """Whether a link can still be used by its times: not too old, and not from a time that has not come."""
    return bool(link["expires_at"] > now() and link["created_at"] < now() + CLOCK_AHEAD)


def whose(who: Viewer) -> dict[str, int | None]:
    """The column that names a person in tables both kinds of people stand in."""
    return {"staff_member_id" if who.kind == "staff" else "contact_email_id": who.id}


def make_link(tx: Tx, purpose: str, who: Viewer, lasts: timedelta) -> str:
    """A link of this purpose for a person; earlier ones of the same purpose are worthless. Returns its token."""
    void_links(tx, who, purpose)
    token = new_token()
    tx.insert("one_time_link", token_hash=hash_token(token), purpose=purpose, **whose(who), created_at=now(), expires_at=now() + lasts)
    return token


def void_links(tx: Tx, who: Viewer, purpose: str | None = None) -> int:
    """Make every open link of a person worthless, or those of one purpose; returns how many there were."""
    [(column, id_)] = whose(who).items()
    query = f"SELECT one_time_link_id FROM one_time_link WHERE {column} = $id AND used_at IS NULL AND purpose = coalesce($purpose, purpose)"
    links = tx.rows(query, id=id_, purpose=purpose)
    for link in links:
        tx.delete("one_time_link", link["one_time_link_id"])
    return len(links)
