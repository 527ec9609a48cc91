"""Which clients were opened since the store was: known at once, written down with those of everybody within a second."""

from __future__ import annotations

import threading
from datetime import datetime

MOST = 20


class Opened:
    """Per member the clients opened last, newest first, and what of it is still to be written. Thread-safe."""

    def __init__(self) -> None:
        self._guard, self._news, self._turn = threading.Lock(), threading.Event(), 0
        self._opened: dict[int, dict[int, int]] = {}
        self._unwritten: dict[tuple[int, int], datetime] = {}

    def note(self, staff_member_id: int, account_id: int, moment: datetime) -> None:
        """This member has opened this client now."""
        with self._guard:
            own = self._opened.setdefault(staff_member_id, {})
            own.pop(account_id, None)
            self._turn += 1
            own[account_id] = self._turn
            if len(own) > MOST:
                del own[next(iter(own))]
            self._unwritten[staff_member_id, account_id] = moment
        self._news.set()

    def of(self, staff_member_id: int) -> list[int]:
        """Ids of the clients this member opened since the store was, the last one first; at most ``MOST``."""
        with self._guard:
            return list(reversed(self._opened.get(staff_member_id, ())))

    def take(self) -> dict[tuple[int, int], datetime]:
        """{(member, client): moment} of what is not written yet; whoever takes it writes it or puts it back."""
        with self._guard:
            self._news.clear()
            taken, self._unwritten = self._unwritten, {}
            return taken

    def put_back(self, taken: dict[tuple[int, int], datetime]) -> None:
        """What could not be written is tried again with the next openings; what was opened again meanwhile counts as of then."""
        with self._guard:
            self._unwritten = taken | self._unwritten

    def wait(self, seconds: float) -> None:
        """Until somebody has opened something, at most so long."""
        self._news.wait(seconds)

    def wake(self) -> None:
        """End the waiting."""
        self._news.set()
