"""What keeps derived tables and queues in step with the rows of a transaction: the product says which there are, the store calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.store.database import Engine
    from core.store.transactions import Row, Tx


class Projection:
    """Follow one transaction; there is a new instance for each. What a subclass does not need it leaves as it is here."""

    def touched(self, tx: Tx, table: str, before: Row | None, after: Row | None) -> None:
        """Take note of a row that was added (``before`` is None), changed, or removed (``after`` is None); may read."""

    def before_commit(self, tx: Tx) -> None:
        """Write what hangs on the rows, in their own transaction."""

    def after_commit(self, engine: Engine) -> None:
        """Tell who waits; the transaction is on the disk."""

    @classmethod
    def after_long_transaction(cls, engine: Engine) -> None:
        """Tell who waits that a long transaction ended, of whose rows nobody was told one by one."""
