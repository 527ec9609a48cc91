"""A sign-in that has begun: somebody proved who they are, and nobody is in yet.

It is a one-time link nobody is sent: whatever makes a person's links void ends their begun sign-ins too, in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.access.one_time_links import SIGN_IN, make_link, open_link, owner_columns
from core.base.errors import AppError
from core.base.rights import Viewer
from core.store import Row, Tx, now, writer

SYSTEM = Viewer.system("sign-in")


class SignInVoid(AppError):
    """Something that lets the person in was changed since the sign-in began."""

    code = "sign_in_void"


@dataclass(frozen=True)
class Begun:
    """Who proved to be whom, and the token under which the store knows of it."""

    viewer: Viewer
    token: str


def begin(tx: Tx, who: Viewer) -> Begun:
    """Note that the person proved who they are; call it after the writes that belong to the proof."""
    tx.execute("DELETE FROM one_time_link WHERE purpose = $purpose AND expires_at < $now", {"purpose": SIGN_IN.name, "now": now()})
    return Begun(who, make_link(tx, SIGN_IN, who))


def begin_now(who: Viewer) -> Begun:
    """Begin a sign-in for a person who is known for sure at this moment."""
    with writer(SYSTEM) as tx:
        return begin(tx, who)


def require_begun(tx: Tx, begun: Begun) -> Row:
    """Return the row of a begun sign-in. Raises SignInVoid when it has ended, is too old or was made void."""
    row = open_link(tx, SIGN_IN, begun.token)
    if row is None or any(row[column] != id_ for column, id_ in owner_columns(begun.viewer).items()):
        raise SignInVoid()
    return row


def finish(tx: Tx, begun: Begun) -> None:
    """Use up a begun sign-in, in the transaction that lets the person in. Raises SignInVoid."""
    tx.delete("one_time_link", require_begun(tx, begun)["one_time_link_id"])
