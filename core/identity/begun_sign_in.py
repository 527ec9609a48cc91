"""Sign-ins under way: a person has proved who they are, and their session has not started yet.

Each is a one-time link that is never sent: whatever voids a person's links ends their sign-ins under way too, in the same transaction.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.access.one_time_links import SIGN_IN, make_link, open_link, owner_columns
from core.base.errors import AppError
from core.base.rights import Viewer
from core.store import Row, Tx, now, writer

SYSTEM = Viewer.system("sign-in")


class SignInVoid(AppError):
    """The sign-in ended: something that lets the person in was changed since it began, or it took too long."""

    code = "sign_in_void"


@dataclass(frozen=True)
class Begun:
    """A sign-in under way: the person, and its token."""

    viewer: Viewer
    token: str


def begin(tx: Tx, who: Viewer) -> Begun:
    """Begin the sign-in of a person who proved who they are; call it after the writes that belong to the proof."""
    tx.execute("DELETE FROM one_time_link WHERE purpose = $purpose AND expires_at < $now", {"purpose": SIGN_IN.name, "now": now()})
    return Begun(who, make_link(tx, SIGN_IN, who))


def begin_now(who: Viewer) -> Begun:
    """Begin, in a transaction of its own, the sign-in of a person who is known for sure at this moment."""
    with writer(SYSTEM) as tx:
        return begin(tx, who)


def require_begun(tx: Tx, begun: Begun) -> Row:
    """Return the link row of a sign-in under way. Raises SignInVoid when it has ended, is too old or was voided."""
    row = open_link(tx, SIGN_IN, begun.token)
    if row is None or any(row[column] != id_ for column, id_ in owner_columns(begun.viewer).items()):
        raise SignInVoid()
    return row


def finish(tx: Tx, begun: Begun) -> None:
    """End a sign-in, in the transaction that starts the session. Raises SignInVoid."""
    tx.delete("one_time_link", require_begun(tx, begun)["one_time_link_id"])
