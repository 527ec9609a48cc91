"""A high-water mark beside the database: number and hash of the last recorded change, so that a file that lost some is noticed."""

from __future__ import annotations

import json
import logging
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import StoreAhead, StoreBehind

SECONDS = 1.0
MANY = 50
log = logging.getLogger(__name__)
Head = tuple[int, str]


def mark_file(file: Path) -> Path:
    """Where the mark of a database stands."""
    return file.with_suffix(".head")


def head_mark(file: Path) -> Head | None:
    """(number, hash) of the newest change this database is known to have held, or None. Raises StoreBehind when unreadable."""
    try:
        kept = json.loads(mark_file(file).read_text("utf-8"))
        return int(kept["number"]), str(kept["hash"])
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise StoreBehind(mark="?", found="?", file=file.name) from None


@dataclass(frozen=True)
class Ends:
    """What the mark says beside its number and hash.

    ``closed``: the program ended in order, so that the database holds nothing after the mark. ``unmarked``: (first, last,
    when) of changes that were found after the mark when the program had not ended in order; they are the ones nobody vouches for.
    """

    closed: bool = False
    unmarked: tuple[tuple[int, int, str], ...] = ()


def ends_of(file: Path) -> Ends:
    """How the program that kept the mark ended, and what it found."""
    try:
        kept = json.loads(mark_file(file).read_text("utf-8"))
        return Ends(kept.get("closed") is True, tuple((int(a), int(b), str(c)) for a, b, c in kept.get("unmarked", ())))
    except (OSError, ValueError, AttributeError, TypeError):
        return Ends()


def forget_head(file: Path) -> Head | None:
    """Accept the database as it is: the mark goes; returns what it said."""
    try:
        before = head_mark(file)
    except StoreBehind:
        before = None
    mark_file(file).unlink(missing_ok=True)
    return before


def check_head(file: Path, last: Head, hash_of) -> Ends:
    """Compare the database's last change with the mark; ``hash_of(number)`` reads one. Returns what the mark shall say from now on.

    Raises StoreBehind when the mark names a change that the database does not hold, StoreAhead when it holds more than
    there was when the program ended in order.
    """
    mark, ends = head_mark(file), ends_of(file)
    if mark is None or mark == last:
        return Ends(unmarked=ends.unmarked)
    if mark[0] > last[0] or hash_of(mark[0]) != mark[1]:
        raise StoreBehind(mark=mark[0], found=last[0], file=file.name)
    if ends.closed:
        raise StoreAhead(mark=mark[0], found=last[0], file=file.name)
    log.warning("changes %s to %s stand after the mark: the program did not end in order", mark[0] + 1, last[0])
    found = (mark[0] + 1, last[0], datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S"))
    return Ends(unmarked=(*ends.unmarked, found)[-MANY:])


def write_head(file: Path, head: Head, ends: Ends = Ends()) -> None:
    """Replace the mark whole: written, synced, renamed, and the folder synced."""
    place = mark_file(file)
    new = place.with_suffix(".head-new")
    with open(new, "w", encoding="utf-8") as out:
        json.dump({"number": head[0], "hash": head[1], "closed": ends.closed, "unmarked": ends.unmarked}, out)
        out.flush()
        os.fsync(out.fileno())
    os.replace(new, place)
    folder = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Keeper:
    """Writes the mark at the beginning, then at most once a second, in a thread of its own, and at the end; it never goes back."""

    def __init__(self, file: Path) -> None:
        self._file, self._guard = file, threading.Lock()
        self._kept: Head = (0, "")
        self._wanted: Head = (0, "")
        self._ends = Ends()
        self._timer: threading.Timer | None = None

    def begin(self, head: Head, ends: Ends) -> None:
        """The database is open and holds this; until ``end`` there may be more in it than the mark says."""
        with self._guard:
            self._ends, self._wanted = ends, max(self._wanted, head)
            self._write()

    def note(self, head: Head) -> None:
        """A change was committed; the mark follows within a second."""
        with self._guard:
            if head[0] > self._wanted[0]:
                self._wanted = head
            if self._timer is None and self._wanted[0] > self._kept[0]:
                self._timer = threading.Timer(SECONDS, self.flush)
                self._timer.daemon = True
                self._timer.start()

    def flush(self) -> None:
        """Write what was noted, now."""
        with self._guard:
            self._forget_timer()
            if self._wanted[0] > self._kept[0]:
                self._write()

    def end(self, head: Head) -> None:
        """The database was closed in order and holds exactly this."""
        with self._guard:
            self._forget_timer()
            self._wanted, self._ends = head, Ends(True, self._ends.unmarked)
            self._write()

    def _forget_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _write(self) -> None:
        if not self._wanted[0]:
            return
        try:
            write_head(self._file, self._wanted, self._ends)
        except OSError as problem:
            log.warning("the mark of the last change could not be written: %s", problem)
        else:
            self._kept = self._wanted
