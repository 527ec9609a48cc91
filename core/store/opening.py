"""Open a reader or a writer: ask for the session and the rights, begin, and commit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from core.base.errors import AccountNotFound, ViewingOnly
from core.base.rights import Right, Scope, Viewer
from core.store.database import Engine, is_conflict
from core.store.event_log import tell
from core.store.read_cache import Version
from core.store.reader import Reader
from core.store.scope import TEAM, read_scope, sees, sees_all, set_variables
from core.store.session_check import require_session
from core.store.transactions import Tx

T = TypeVar("T")


@contextmanager
def open_reader(engine: Engine, viewer: Viewer, account_id: int | None = None) -> Iterator[Reader]:
    """Open a reader in a transaction, with an account one for that account only. Raises AccountNotFound, SignedOut."""
    require_session(viewer)
    known, version = known_scope(engine, viewer)
    names = "account" if account_id is not None else _names_for(viewer, known)
    with engine.lease(names, (viewer.kind, viewer.id)) as connection:
        connection.execute("BEGIN")
        scope = known
        if scope is None:
            scope = read_scope(connection, viewer)
            if viewer.kind == "staff":
                engine.kept.put(("scope", viewer), scope, version)
        set_variables(connection, viewer, scope)
        r = Reader(connection, viewer, scope)
        # A client's contact sees the account's row through a view, and nothing else of the account.
        if account_id is not None and (viewer.kind == "contact" or not sees(r, account_id)):
            raise AccountNotFound()
        yield r
        connection.execute("COMMIT")


def known_scope(engine: Engine, viewer: Viewer) -> tuple[Scope | None, Version]:
    """Return the cached scope, None when something of the team was written since; and the version to cache a new one under."""
    if viewer.kind == "system":
        return Scope("system", None, frozenset(Right)), ()
    found, version = engine.kept.get(("scope", viewer), TEAM)
    return (found[0] if found else None), version


def _names_for(viewer: Viewer, known: Scope | None) -> str:
    """Return the key of ``PATHS`` for a viewer, as far as it is known yet; the views check the viewer themselves."""
    if viewer.kind == "contact":
        return "contact"
    return "all" if viewer.kind == "system" or (known is not None and sees_all(known)) else "views"


@contextmanager
def open_writer(engine: Engine, viewer: Viewer) -> Iterator[Tx]:
    """Open a transaction under the writers' lock, commit it and pass it on to projections. Raises SignedOut, ViewingOnly."""
    if viewer.by is not None:
        raise ViewingOnly()
    with engine.writing, engine.lease() as connection:
        # Asked under the lock, so that a session which another writer ended is seen as ended.
        require_session(viewer)
        connection.execute("USE kundenblick.data")
        connection.execute("BEGIN")
        tx = Tx(connection, viewer, read_scope(connection, viewer), engine.audit_head, engine.projections)
        yield tx
        tx.finish()
        engine.require_file()
        try:
            connection.execute("COMMIT")
        finally:
            # Also when it is unknown whether the commit succeeded: a right that was taken away must not stay cached.
            engine.kept.wrote(tx.written)
        engine.audit_head = tx.head
        engine.head.note(tx.head)
        engine.count_changes(tx.accounts)
        tell(tx.entries)
        for projection in tx.projections:
            projection.after_commit(engine.companions)
        connection.execute("USE memory.main")


def with_retry(attempt: Callable[[], T], tries: int = 5) -> T:
    """Run ``attempt()``, again while the database reports a conflict with another writer, ``tries`` times at most."""
    for tried in range(1, tries + 1):
        try:
            return attempt()
        except Exception as problem:
            if tried == tries or not is_conflict(problem.__cause__):
                raise
    raise AssertionError("unreachable")
