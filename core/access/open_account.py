"""Open an account: the only way to an ``OpenAccount``, which every function about one account takes."""

from __future__ import annotations

from dataclasses import dataclass

from core.access.refusals import note_refusal
from core.base.errors import AccountNotFound
from core.base.rights import Viewer
from core.store import Row, cached, scope_of, sql


@dataclass(frozen=True)
class OpenAccount:
    """An account that this viewer may see; only ``open_account`` makes one."""

    viewer: Viewer
    account_id: int
    number: str
    name: str
    kind: str
    state: str
    photo_id: int | None
    version: int


def account_number(asked: object) -> int:
    """Return the account id in a page's address. Raises AccountNotFound for anything but a positive 64-bit number."""
    try:
        number = int(str(asked))
    except ValueError:
        raise AccountNotFound() from None
    if not 0 < number < 2**63:
        raise AccountNotFound()
    return number


def open_account(viewer: Viewer, account_id: object) -> OpenAccount:
    """Open an account. Raises AccountNotFound for a missing one, a forbidden one and nonsense alike."""
    number = account_number(account_id)
    row = account_head(viewer, number)
    if row is None:
        note_refusal(viewer, "open_account", number)
        raise AccountNotFound()
    return OpenAccount(viewer, **row)


def account_head(viewer: Viewer, account_id: int) -> Row | None:
    """Return the account's row for its bar; None when it is missing or the viewer may not see it. Raises SignedOut."""
    return cached(viewer, ("account", account_id), lambda r: r.row(sql("account_head"), account_id=account_id))


def still_open(subject: OpenAccount | Viewer) -> None:
    """Check that the viewer may still see this account (for a viewer: that the session is still theirs). Raises AccountNotFound, SignedOut."""
    if isinstance(subject, Viewer):
        scope_of(subject)
    elif account_head(subject.viewer, subject.account_id) is None:
        raise AccountNotFound()
