"""The database engine: one DuckDB file, owned by this process, attached to an in-memory instance."""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO, TypeVar

import duckdb

from core.base.errors import AppError, StoreDamaged, StoreError, StoreForeign, StoreFull, StoreGone, StoreInUse, StoreRefused
from core.store.audit.high_water_mark import MarkWriter, check_head
from core.store.companions import Companions
from core.store.connection import Connection
from core.store.data_folder import prepare
from core.store.migrations import migrate
from core.store.queries import quoted
from core.store.read_cache import ReadCache
from core.store.swap import finish_swap
from core.store.transactions import Projection
from core.store.views import PATHS, view_statements

log = logging.getLogger(__name__)
T = TypeVar("T")
# DuckDB's words for a file that is not as it was written: a wrong checksum, a file cut short, a file of another kind.
DAMAGE = ("Corrupt", "Could not read enough bytes", "not a valid DuckDB database file")
# The bytes by which DuckDB marks its files, and where.
MAGIC = b"DUCK"
MAGIC_PLACE = slice(8, 12)
# For readers to finish when the store is closed.
READERS_END_S = 5.0
# For a checkpoint that has removed its log to close it as well.
LOG_GOING_S = 0.05


class FairLock:
    """A lock that is granted in the order in which it was asked for."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    def __enter__(self) -> None:
        granted = threading.Event()
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            self._waiting.append(granted)
        granted.wait()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False


class Engine:
    """The open database: pooled cursors for readers, one transaction at a time for writers.

    Raises StoreInUse when another process owns the file, StoreTooNew for a newer schema, StoreBehind for a file that lost changes,
    StoreAhead for one that was changed elsewhere.
    """

    def __init__(
        self, file: Path, memory_limit_mib: int = 4096, threads: int = 0, projections: Sequence[type[Projection]] = ()
    ) -> None:  # fmt: skip
        self.file, self.projections = file, tuple(projections)
        self._options: dict[str, str | bool | int | float | list[str]] = {"memory_limit": f"{memory_limit_mib}MiB"}
        if threads:
            self._options["threads"] = threads
        self._guard = threading.RLock()
        self._idle: dict[str, list[Connection]] = {names: [] for names in PATHS}
        self._generation = 0
        self._at_work, self._closing = 0, False
        self._root: duckdb.DuckDBPyConnection | None = None
        self._file_id: tuple[int, int] | None = None
        self._log = file.with_name(f"{file.name}.wal")
        self._log_id: tuple[int, int] | None = None
        self.writing = FairLock()
        self.audit_head: tuple[int, str] = (0, "")
        self.head = MarkWriter(file)
        self.changes: dict[int, int] = {}
        prepare(file.parent)

        self.kept = ReadCache()
        self.companions = Companions()
        file.parent.mkdir(parents=True, exist_ok=True)
        self._owner = own(file)
        try:
            self._open()
        except BaseException:
            self._owner.close()
            raise

    def _open(self) -> None:
        refuse_foreign(self.file)
        root = self._instance()
        try:
            root.execute(f"ATTACH {quoted(self.file)} AS kundenblick (STORAGE_VERSION 'v1.5.0')")
            migrate(root)
            root.execute("USE memory.main")
            self.audit_head = last_change(root)
            ends = check_head(self.file, self.audit_head, lambda number: _hash_of(root, number))
            self._make_views(root)
        except duckdb.Error as problem:
            root.close()
            raise translate(problem, self.file) from problem
        except AppError:
            root.close()
            raise
        self._root = root
        self._file_id = _id_of(self.file)
        self._generation += 1
        self.head.begin(self.audit_head, ends)

    def _instance(self) -> duckdb.DuckDBPyConnection:
        """Return a new in-memory instance, which the file is attached to."""
        return duckdb.connect(":memory:", config=self._options)

    def _make_views(self, root: duckdb.DuckDBPyConnection) -> None:
        root.execute(view_statements())

    def _give_up(self, root: duckdb.DuckDBPyConnection) -> None:
        """Write the file and close it."""
        root.close()

    def held(self, kind: type[T]) -> T:
        """Return this engine's one instance of a class the product keeps beside the store, made when first asked for."""
        return self.companions.held(kind)

    def reopen(self, generation: int) -> None:
        """Open the file again after an error that invalidated the instance of this generation."""
        with self._guard:
            if generation != self._generation or self._root is None:
                return
            log.error("the database was invalidated; opening it again")
            self._forget_idle()
            self._root.close()
            self._open()

    def _forget_idle(self) -> None:
        for idle in self._idle.values():
            for connection in idle:
                connection.cursor.close()
            idle.clear()

    @contextmanager
    def lease(self, names: str = "plain", viewer: tuple[str, int | None] | None = None) -> Iterator[Connection]:
        """Lend a connection to one thread for one use, preferably one that this viewer used last.

        A database error comes out as an AppError. Connections without a viewer (``plain``) are pooled apart from the others.

        Args:
            names: What names of tables mean, a key of ``PATHS``.
            viewer: Kind and id.
        """
        with self._guard:
            if self._root is None or self._closing:
                raise StoreError()
            generation, idle = self._generation, self._idle[names]
            place = next((i for i in range(len(idle) - 1, -1, -1) if viewer and idle[i].was(*viewer)), -1)
            used = idle.pop(place) if idle else Connection(self._root.cursor(), generation, names)
            connection: Connection | None = used
            self._at_work += 1
        try:
            yield used
        except duckdb.Error as problem:
            used.cursor.close()
            connection = None
            if is_fatal(problem):
                self.reopen(generation)
            raise translate(problem, self.file) from problem
        except BaseException:
            # Whatever state the statement was left in ends with its cursor.
            used.cursor.close()
            connection = None
            raise
        finally:
            with self._guard:
                self._at_work -= 1
                if connection is not None and connection.generation == self._generation and self._root is not None:
                    self._idle[connection.names].append(connection)
                elif connection is not None:
                    connection.cursor.close()

    def count_changes(self, account_ids: set[int]) -> None:
        """Count a change of each account; only the writer at work calls this."""
        for account_id in account_ids:
            self.changes[account_id] = self.changes.get(account_id, 0) + 1

    def require_file(self) -> None:
        """Raise StoreGone unless the open database and its log are still the files in their place; any other would be lost at a stop."""
        if self._root is None:
            return
        if _id_of(self.file) != self._file_id or self._lost_log():
            log.error("the database file is no longer in its place: %s", self.file)
            raise StoreGone()

    def _lost_log(self) -> bool:
        """Return whether the open log was deleted or replaced; a missing one may have been ended by a checkpoint."""
        log_id = _id_of(self._log)
        if log_id is not None and log_id == self._log_id:
            return False
        # Rare: after a checkpoint, and at the first commit after it. Asked twice, since a checkpoint may be letting its log go right now.
        if _has_deleted_open(self._log):
            time.sleep(LOG_GOING_S)
            if _has_deleted_open(self._log):
                return True
        self._log_id = log_id
        return False

    def checkpoint(self) -> None:
        """Write everything into the file and empty its log."""
        with self.writing, self.lease() as connection:
            connection.execute("CHECKPOINT kundenblick")

    def _newest(self) -> tuple[int, str] | None:
        """Return (number, hash) of the last audit entry; None when it cannot be read."""
        try:
            return last_change(self._root) if self._root is not None else None
        except duckdb.Error:
            return None

    def close(self) -> None:
        """Close the file once the writer at work is done; later uses raise StoreError."""
        self.head.flush()
        with self.writing:
            self._wait_for_readers()
            self._close()

    def _wait_for_readers(self) -> None:
        """Admit no reader any more, and let those at work finish: DuckDB cannot close an instance in use."""
        with self._guard:
            self._closing = True
        end = time.monotonic() + READERS_END_S
        while self._at_work and time.monotonic() < end:
            time.sleep(0.005)

    def _close(self) -> None:
        with self._guard:
            self._forget_idle()
            if self._root is not None:
                last = self._newest()
                self._give_up(self._root)
                self._root = None
                if last is not None:
                    self.head.end(last)
            self._owner.close()


def _id_of(file: Path) -> tuple[int, int] | None:
    """Return (device, inode) of a file, or None."""
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _has_deleted_open(file: Path) -> bool:
    """Return whether this process has ``file`` open although it was deleted from its place, as Linux tells it."""
    deleted = f"{file.resolve()} (deleted)"
    try:
        handles = list(os.scandir("/proc/self/fd"))
    except OSError:
        return False
    for handle in handles:
        with contextlib.suppress(OSError):
            if os.readlink(handle.path) == deleted:
                return True
    return False


def last_change(root: duckdb.DuckDBPyConnection) -> tuple[int, str]:
    """Return (number, hash) of the last audit entry; (0, "") when there is none."""
    number = root.execute("SELECT max(audit_entry_id) FROM kundenblick.data.audit_entry").fetchall()[0][0]
    return (0, "") if number is None else (number, _hash_of(root, number) or "")


def _hash_of(root: duckdb.DuckDBPyConnection, number: int) -> str | None:
    found = root.execute("SELECT hash FROM kundenblick.data.audit_entry WHERE audit_entry_id = ?", [number]).fetchall()
    return found[0][0] if found else None


def own(file: Path) -> TextIO:
    """Lock ``<file>.owner``, write this process into it, and finish an interrupted restore. Return the open file, which holds the lock.

    Raises StoreInUse, which names the process that holds it.
    """
    handle = open(file.with_suffix(".owner"), "a+", encoding="utf-8")  # noqa: SIM115 - held while the store is open
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.seek(0)
        try:
            owner = json.loads(handle.read() or "{}")
        except ValueError:
            owner = {}
        handle.close()
        raise StoreInUse(pid=owner.get("pid", "?"), since=owner.get("since", "?"), file=file.name) from None
    try:
        finish_swap(file)
    except BaseException:
        handle.close()
        raise
    handle.seek(0)
    handle.truncate()
    json.dump({"pid": os.getpid(), "since": datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")}, handle)
    handle.flush()
    return handle


def is_fatal(problem: duckdb.Error) -> bool:
    """Return whether an error invalidated the whole instance."""
    return isinstance(problem, duckdb.FatalException) or "database has been invalidated" in str(problem)


def is_conflict(problem: BaseException | None) -> bool:
    """Return whether an error is a conflict with another writer."""
    return isinstance(problem, duckdb.TransactionException) and "onflict" in str(problem)


def refuse_foreign(file: Path) -> None:
    """Raise StoreForeign for a file without DuckDB's mark; a missing or empty one will be a new database."""
    try:
        with file.open("rb") as read:
            beginning = read.read(MAGIC_PLACE.stop)
    except OSError:
        return
    if beginning[MAGIC_PLACE] != MAGIC:
        raise StoreForeign(file=file.name)


def translate(problem: duckdb.Error, file: Path) -> StoreError:
    """Return the AppError for a database error: in use, full, foreign, damaged, or plainly unavailable."""
    text = str(problem)
    if "Conflicting lock" in text:
        return StoreInUse(
            pid=text.rsplit("PID ", maxsplit=1)[-1].split(")", maxsplit=1)[0] if "PID " in text else "?", since="?", file=file.name
        )
    if "No space left" in text or (isinstance(problem, duckdb.OutOfMemoryException) and "disk" in text):
        return StoreFull()
    # Our files have the storage version that older engines read too.
    if "with storage version" in text:
        return StoreForeign(file=file.name)
    if any(word in text for word in DAMAGE):
        return StoreDamaged(file=file.name)
    if isinstance(problem, duckdb.DataError | duckdb.IntegrityError):
        log.error("the database refused a value: %s", type(problem).__name__)
        return StoreRefused()
    return StoreError()
