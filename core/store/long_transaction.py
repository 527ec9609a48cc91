"""Open a long transaction, which holds the writer's lock only at its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from core.base.errors import ViewingOnly
from core.base.rights import Viewer
from core.store.database import Engine
from core.store.read_cache import EVERYTHING
from core.store.scope import read_scope
from core.store.standing import VOID_MADE_SINCE
from core.store.transactions import Tx


@contextmanager
def open_early_writer(engine: Engine, viewer: Viewer) -> Iterator[tuple[Tx, Callable[[], None]]]:
    """Yield (tx, take_writer_lock). Before the lock only INSERTs are safe: they run beside other writers.

    Take the lock before any UPDATE or DELETE; it is held until the commit. The transaction sees the store as it was at its beginning
    and its own rows. Changing a row that somebody changed since raises a conflict (``is_conflict``). Raises ViewingOnly.
    """
    if viewer.by is not None:
        raise ViewingOnly()
    with engine.lease() as connection, ExitStack() as waiting:
        connection.execute("USE kundenblick.data")
        connection.execute("BEGIN")
        tx = Tx(connection, viewer, read_scope(connection, viewer), (0, ""), engine.projections)
        highest = tx.value("SELECT coalesce(max(one_time_link_id), 0) FROM one_time_link")

        def take_writer_lock() -> None:
            waiting.enter_context(engine.writing)
            tx.head = engine.audit_head

        yield tx, take_writer_lock
        tx.finish()
        engine.require_file()
        try:
            connection.execute("COMMIT")
            if tx.standings.were_read:
                connection.execute("BEGIN")
                tx.execute(VOID_MADE_SINCE, {"number": highest})
                connection.execute("COMMIT")
        finally:
            engine.kept.wrote({EVERYTHING})
        engine.audit_head = tx.head
        engine.head.note(tx.head)
        engine.count_changes(tx.accounts)
        for kind in engine.projections:
            kind.after_long_transaction(engine.companions)
        connection.execute("USE memory.main")
