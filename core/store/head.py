"""A high-water mark beside the database: number and hash of the last recorded change, so that a file that lost some is noticed."""

from __future__ import annotations

import json
import logging
import os
import threading
from pathlib import Path

from core.errors import StoreBehind

SECONDS = 1.0
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


def forget_head(file: Path) -> Head | None:
    """Accept the database as it is: the mark goes; returns what it said."""
    try:
        before = head_mark(file)
    except StoreBehind:
        before = None
    mark_file(file).unlink(missing_ok=True)
    return before


def check_head(file: Path, last: Head, hash_of) -> None:
    """Raises StoreBehind when the mark names a change that the database does not hold; ``hash_of(number)`` reads one."""
    mark = head_mark(file)
    if mark is not None and mark != last and (mark[0] > last[0] or hash_of(mark[0]) != mark[1]):
        raise StoreBehind(mark=mark[0], found=last[0], file=file.name)


def write_head(file: Path, head: Head) -> None:
    """Replace the mark whole: written, synced, renamed, and the folder synced."""
    place = mark_file(file)
    new = place.with_suffix(".head-new")
    with open(new, "w", encoding="utf-8") as out:
        json.dump({"number": head[0], "hash": head[1]}, out)
        out.flush()
        os.fsync(out.fileno())
    os.replace(new, place)
    folder = os.open(place.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


class Keeper:
    """Writes the mark at most once a second, in a thread of its own, and at the end; it never goes back."""

    def __init__(self, file: Path) -> None:
        self._file, self._guard = file, threading.Lock()
        self._kept: Head = (0, "")
        self._wanted: Head = (0, "")
        self._timer: threading.Timer | None = None

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
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._wanted[0] <= self._kept[0]:
                return
            try:
                write_head(self._file, self._wanted)
            except OSError as problem:
                log.warning("the mark of the last change could not be written: %s", problem)
            else:
                self._kept = self._wanted
