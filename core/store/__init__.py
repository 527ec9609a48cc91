"""The only floor that knows a database: ``open_store()`` once, then ``reader(viewer)`` and ``writer(viewer)``."""

from __future__ import annotations

from contextlib import AbstractContextManager

from core.config import Settings
from core.errors import StoreError
from core.store.doors import Reader, Row, Tx, now, open_reader, open_writer, with_retry
from core.store.duckdb import Engine
from core.store.queries import sql

_engine: Engine | None = None


def open_store(settings: Settings) -> Engine:
    """Open this installation's database for this process. Raises StoreInUse, StoreTooNew, StoreError."""
    global _engine
    if _engine is None:
        _engine = Engine(settings.database, settings.memory_limit_mib, settings.threads)
    return _engine


def close_store() -> None:
    """Give the database back; the next ``open_store`` opens it anew."""
    global _engine
    if _engine is not None:
        _engine.close()
        _engine = None


def engine() -> Engine:
    """The open engine. Raises StoreError before ``open_store``."""
    if _engine is None:
        raise StoreError()
    return _engine


def reader(viewer) -> AbstractContextManager[Reader]:
    """A consistent look at what the viewer may see; keep it short. Raises SignedOut."""
    return open_reader(engine(), viewer)


def writer(viewer) -> AbstractContextManager[Tx]:
    """The next transaction in the queue; leaving the block commits, an error takes everything back."""
    return open_writer(engine(), viewer)


__all__ = ["Engine", "Reader", "Row", "Tx", "close_store", "engine", "now", "open_store", "reader", "sql", "with_retry", "writer"]
