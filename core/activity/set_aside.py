"""*Beiseitelegen*: take a thing out of the ledger of whose turn it is, for good or until a day, and back. The thing itself stays as it is.

What was set aside comes back by itself once it changes: another's turn, a new message, another due day, another amount.
"""

from __future__ import annotations

from datetime import date

from core.access.open_account import OpenAccount
from core.access.verbs import verb
from core.activity.ledger import moments, over_ledger
from core.base.errors import NotFound, ValidationFailed
from core.base.rights import Right
from core.i18n.formats import today
from core.store import Row, Tx, now, reader

_OF_MONEY = "invoice"


def set_aside_of(account: OpenAccount) -> list[Row]:
    """Return what of the client was set aside, the latest first, with who did it and until when."""
    with reader(account.viewer) as r:
        return r.rows(over_ledger("set_aside_of_account"), account_id=account.account_id, **moments())


def is_set_aside(account: OpenAccount, kind: str, item_id: int) -> bool:
    """Return whether the thing is set aside at this moment."""
    with reader(account.viewer) as r:
        found = r.row(over_ledger("ledger_item"), account_id=account.account_id, kind=kind, item_id=item_id, **moments())
    return found is not None and found["aside_id"] is not None


@verb("turn_set_aside.put")
def set_aside(tx: Tx, account: OpenAccount, kind: str, item_id: int, until_on: date | None = None) -> int:
    """Take a thing out of the ledger until a day, None for as long as it stands as it does; return the id under which it is taken back.

    Raises NotFound for what is not in the viewer's ledger, and ValidationFailed for a day that is not to come.
    """
    if until_on is not None and until_on <= today():
        raise ValidationFailed({"until_on": ("aside_past", {})})
    _allow(tx, kind)
    item = tx.row(over_ledger("ledger_item"), account_id=account.account_id, kind=kind, item_id=item_id, **moments())
    if item is None:
        raise NotFound()
    tx.delete_all("turn_set_aside", account_id=account.account_id, kind=kind, object_id=item_id)
    stands = {column: item[column] for column in ("turn", "since_at", "due_on", "amount")}
    made: int = tx.insert(
        "turn_set_aside", account_id=account.account_id, kind=kind, object_id=item_id, until_on=until_on, **stands,
        staff_member_id=account.viewer.id, created_at=now(),
    )  # fmt: skip
    return made


@verb("turn_set_aside.take_back")
def take_back(tx: Tx, account: OpenAccount, set_aside_id: int) -> None:
    """Put what was set aside back into the ledger. Raises NotFound."""
    row = tx.get("turn_set_aside", set_aside_id)
    if row is None or row["account_id"] != account.account_id:
        raise NotFound()
    _allow(tx, row["kind"])
    tx.delete("turn_set_aside", set_aside_id)


def _allow(tx: Tx, kind: str) -> None:
    if kind == _OF_MONEY and not tx.scope.allows(Right.SEE_INVOICES):
        raise NotFound()
