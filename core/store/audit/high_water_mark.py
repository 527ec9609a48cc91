"""Keep a high-water mark beside the database, number and hash of the last entry, to notice a file that lost entries."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.base.durable import write_durably
from core.base.errors import StoreAhead, StoreBehind, StoreCopied

WRITE_INTERVAL_S = 1.0
# Ranges of unmarked entries that are remembered.
MAX_UNMARKED_RANGES = 50
log = logging.getLogger(__name__)
Head = tuple[int, str]
# The mark of a new database, and of one that was accepted as it is.
NOTHING: Head = (0, "")


def mark_file(file: Path) -> Path:
    """Return the path of the mark of a database."""
    return file.with_suffix(".head")


def head_mark(file: Path) -> Head | None:
    """Return (number, hash) of the newest entry the mark names, or None. Raises StoreBehind when it is unreadable."""
    try:
        kept = json.loads(mark_file(file).read_text("utf-8"))
        return (int(kept["number"]), str(kept["hash"])) if int(kept["number"]) else None
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise StoreBehind(mark="?", found="?", file=file.name) from None


@dataclass(frozen=True)
class MarkState:
    """The mark without its number and hash.

    ``closed``: the program ended in order, so that the database holds nothing after the mark. ``unmarked``: (first, last,
    when) of changes that were found after the mark when the program had not ended in order; they are the ones nobody vouches for.
    ``inode``: the very file it belongs to while the program runs; a copy of a file in use has another one.
    """

    closed: bool = False
    unmarked: tuple[tuple[int, int, str], ...] = ()
    inode: int | None = None


def ends_of(file: Path) -> MarkState:
    """Return the state of the mark; the default state when there is none or it is unreadable."""
    try:
        kept = json.loads(mark_file(file).read_text("utf-8"))
        unmarked = tuple((int(a), int(b), str(c)) for a, b, c in kept.get("unmarked", ()))
        return MarkState(kept.get("closed") is True, unmarked, kept.get("inode"))
    except (OSError, ValueError, AttributeError, TypeError):
        return MarkState()


def forget_head(file: Path) -> Head | None:
    """Accept the database as it is: empty the mark; return what it said."""
    try:
        before = head_mark(file)
    except StoreBehind:
        before = None
    if file.exists():
        write_head(file, NOTHING)
    return before


def check_head(file: Path, last: Head, hash_of: Callable[[int], str | None]) -> MarkState:
    """Compare the database's last change with the mark; ``hash_of(number)`` reads one. Return the mark's next state.

    Raises StoreBehind when the mark names a change that the database does not hold, StoreAhead when it holds more than
    there was when the program ended in order, StoreCopied for a copy of a file that was in use, and for one without its mark.
    """
    mark, ends = head_mark(file) or NOTHING, ends_of(file)
    inode = file.stat().st_ino
    if (last[0] and not mark_file(file).exists()) or (ends.inode not in (None, inode) and not ends.closed):
        raise StoreCopied(file=file.name)
    accepted = mark == NOTHING and ends.inode is None and not ends.closed
    if accepted or mark == last:
        return MarkState(unmarked=ends.unmarked, inode=inode)
    if mark[0] > last[0] or (mark[0] and hash_of(mark[0]) != mark[1]):
        raise StoreBehind(mark=mark[0], found=last[0], file=file.name)
    if ends.closed:
        raise StoreAhead(mark=mark[0], found=last[0], file=file.name)
    log.warning("changes %s to %s stand after the mark: the program did not end in order", mark[0] + 1, last[0])
    found = (mark[0] + 1, last[0], datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"))
    return MarkState(unmarked=(*ends.unmarked, found)[-MAX_UNMARKED_RANGES:], inode=inode)


def write_head(file: Path, head: Head, ends: MarkState = MarkState()) -> None:
    """Replace the mark durably."""
    place = mark_file(file)
    kept = {"number": head[0], "hash": head[1], "closed": ends.closed, "unmarked": ends.unmarked, "inode": ends.inode}
    write_durably(place, json.dumps(kept), place.with_suffix(".head-new"))


class MarkWriter:
    """Write the mark at opening, then at most once a second in a thread, and at closing. The mark never goes back."""

    def __init__(self, file: Path) -> None:
        self._file, self._guard = file, threading.Lock()
        self._kept: Head = NOTHING
        self._wanted: Head = NOTHING
        self._ends = MarkState()
        self._inode: int | None = None
        self._timer: threading.Timer | None = None

    def begin(self, head: Head, ends: MarkState) -> None:
        """Write the mark of the opened database; until ``end`` the database may hold more entries than the mark names."""
        with self._guard:
            self._ends, self._wanted, self._inode = ends, max(self._wanted, head), ends.inode
            self._write()

    def note(self, head: Head) -> None:
        """Note a committed entry; the mark is written within a second."""
        with self._guard:
            if head[0] > self._wanted[0]:
                self._wanted = head
            if self._timer is None and self._wanted[0] > self._kept[0]:
                self._timer = threading.Timer(WRITE_INTERVAL_S, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Write the noted mark now."""
        with self._guard:
            self._forget_timer()
            if self._wanted[0] > self._kept[0]:
                self._write()

    def end(self, head: Head) -> None:
        """Write the mark of a database that was closed in order and ends with this entry."""
        with self._guard:
            self._forget_timer()
            self._wanted, self._ends = head, MarkState(True, self._ends.unmarked)
            self._write()

    def _is_replaced(self) -> bool:
        """Return whether the database that lies in its place is not the one that was opened. Its folder may be gone as well."""
        if self._inode is None:
            return False
        try:
            return self._file.stat().st_ino != self._inode
        except OSError:
            return True

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _write(self) -> None:
        if self._is_replaced():
            # The mark beside it belongs to the file that was put in the place of the open one.
            log.error("the mark of the last change is not written: another file lies in the place of the open one")
            return
        try:
            write_head(self._file, self._wanted, self._ends)
        except OSError as problem:
            log.warning("the mark of the last change could not be written: %s", problem)
        else:
            self._kept = self._wanted
