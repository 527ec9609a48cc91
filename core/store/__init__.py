"""The store, the only room that knows a database: ``open_store()`` once, then ``reader(viewer)`` and ``writer(viewer)``."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager
from typing import TypeVar

from core.base.config import Settings
from core.base.errors import AppError, StoreError
from core.base.rights import Scope, Viewer
from core.store.audit.high_water_mark import Head, ends_of, forget_head, head_mark
from core.store.audit.verification import AuditReport, Finding, examine_record
from core.store.companions import Companions
from core.store.database import Engine
from core.store.opening import known_scope, open_reader, open_writer, with_retry
from core.store.queries import sql
from core.store.read_cache import SESSION, SIGHT
from core.store.reader import Reader, now
from core.store.refused_database import refused_record
from core.store.rows import Row
from core.store.scope import seen_of
from core.store.session_check import require_session
from core.store.transactions import Projection, Tx

T = TypeVar("T")
_engine: Engine | None = None
_problem: AppError | None = None


def open_store(settings: Settings, projections: Sequence[type[Projection]]) -> Engine:
    """Open this installation's database for this process, and return its engine; ``open_installation`` names the projections.

    Raises StoreAhead, StoreBehind, StoreError, StoreInUse, StoreTooNew.
    """
    global _engine, _problem
    if _engine is None:
        try:
            _engine = Engine(settings.database, settings.memory_limit_mib, settings.threads, projections)
        except AppError as problem:
            _problem = problem
            raise
        _problem = None
    return _engine


def store_is_open() -> bool:
    """Return whether the store is open in this process."""
    return _engine is not None


def why_closed() -> AppError | None:
    """Return why the last attempt to open the store failed, or None."""
    return _problem


def changes_of(account_id: int) -> int:
    """Return a number that grows with every committed change of this account; it starts at 0 with the process."""
    return engine().changes.get(account_id, 0)


def writes_to(*tables: str) -> Hashable:
    """Return what is another after every commit to one of these tables; it begins anew with the process."""
    return engine().kept.get(None, tables)[1]


def close_store() -> None:
    """Close the database; the next ``open_store`` opens it again."""
    global _engine
    if _engine is not None:
        _engine.close()
        _engine = None


def engine() -> Engine:
    """Return the open engine. Raises StoreError before ``open_store``."""
    if _engine is None:
        raise StoreError()
    return _engine


def reader(viewer: Viewer) -> AbstractContextManager[Reader]:
    """Open a consistent look at what the viewer may see; keep it short. Raises SignedOut."""
    return open_reader(engine(), viewer)


def account_reader(viewer: Viewer, account_id: int) -> AbstractContextManager[Reader]:
    """Open a look at one account the viewer may see, in which most names mean the tables themselves: queries are planned in half the time.

    Every query must keep to ``$account_id``. What depends on more than the account (others' time, rates, contacts, money) is still
    read through views. Raises AccountNotFound, SignedOut.
    """
    return open_reader(engine(), viewer, account_id)


def scope_of(viewer: Viewer) -> Scope:
    """Return the viewer's role and rights at this moment. Raises SignedOut."""
    require_session(viewer)
    known, _ = known_scope(engine(), viewer)
    if known is not None:
        return known
    with reader(viewer) as r:
        return r.scope


def cached(viewer: Viewer, what: tuple[Hashable, ...], read: Callable[[Reader], T], *tables: str) -> T:
    """Return ``read(reader)`` for this viewer, from the cache while it is valid. Raises SignedOut and what ``read`` raises.

    Only team members' answers are cached. A commit to ``tables``, or to staff_member, staff_right, account or assignment, outdates them.

    - ``what``: The caller's own key, without the viewer.
    - ``tables``: The tables that ``read`` asks.
    """
    if viewer.kind != "staff":
        with reader(viewer) as r:
            return read(r)
    require_session(viewer)
    key = (*what, viewer)
    found, version = engine().kept.get(key, SIGHT.union(tables))
    if found:
        known: T = found[0]
        return known
    with reader(viewer) as r:
        answer = read(r)
    engine().kept.put(key, answer, version)
    return answer


def writer(viewer: Viewer) -> AbstractContextManager[Tx]:
    """Open a transaction, when it is this writer's turn; leaving the block commits, an error rolls back."""
    return open_writer(engine(), viewer)


__all__ = [
    "SESSION",
    "AuditReport",
    "Companions",
    "Engine",
    "Finding",
    "Head",
    "Projection",
    "Reader",
    "Row",
    "Tx",
    "account_reader",
    "cached",
    "changes_of",
    "close_store",
    "ends_of",
    "engine",
    "examine_record",
    "forget_head",
    "head_mark",
    "now",
    "open_store",
    "reader",
    "refused_record",
    "scope_of",
    "seen_of",
    "sql",
    "store_is_open",
    "why_closed",
    "with_retry",
    "writer",
    "writes_to",
]
