"""Limit what one socket, one session, one contact and all strangers may ask for, so that nobody else waits for them.

A person never feels these: they are well above quick clicks and fast typing. Whoever asks faster is read more slowly; whoever holds
more than their share is closed.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass

from core.base.sizes import KIB, MIB


@dataclass(frozen=True)
class Allowance:
    """The share of one kind of visitor.

    Args:
        sockets: Open at once, of one owner (a session, a contact, a network of strangers).
        messages_per_s: Read from one owner once ``burst`` is used up; one socket gets half of both.
        burst: Messages read at once after a pause.
        message_bytes: Size of the largest message.
        state_bytes: Largest messages of all sockets of one owner together: what the server holds of their inputs.
    """

    sockets: int
    messages_per_s: float
    burst: float
    message_bytes: int
    state_bytes: int


MEMBER = Allowance(sockets=60, messages_per_s=30, burst=120, message_bytes=16 * MIB, state_bytes=64 * MIB)
CONTACT = Allowance(sockets=10, messages_per_s=8, burst=40, message_bytes=4 * MIB, state_bytes=16 * MIB)
STRANGER = Allowance(sockets=20, messages_per_s=6, burst=40, message_bytes=2 * MIB, state_bytes=24 * MIB)
# Of strangers of all networks together.
STRANGER_SOCKETS = 200
STRANGER_STATE_BYTES = 64 * MIB
# A message costs one token, and one more for each so many bytes, since reading a large one takes long.
BYTES_A_TOKEN = 128 * KIB


class Bucket:
    """A token bucket: it holds up to ``burst`` tokens and gains ``per_s`` of them a second."""

    def __init__(self, per_s: float, burst: float) -> None:
        self._per_s, self._burst = per_s, burst
        self._level, self._at = burst, time.monotonic()

    def wait_s(self, cost: float) -> float:
        """Take the tokens a message costs; return the seconds to wait until they are covered."""
        moment = time.monotonic()
        self._level = min(self._burst, self._level + (moment - self._at) * self._per_s) - cost
        self._at = moment
        return max(0.0, -self._level / self._per_s)

    @property
    def is_full(self) -> bool:
        """Whether nothing was taken lately, so that a new bucket would be the same."""
        return self._level + (time.monotonic() - self._at) * self._per_s >= self._burst


class Turns:
    """Give those outside the firm one run at a time, fairly among them, and only while no member waits for a run.

    After a run, as much time is left to others as it took. Among the waiting, the owner who ran least goes first.
    """

    # A member's run that takes longer no longer keeps others out.
    MEMBER_RUN_S = 5.0
    # Nobody outside waits longer than this for members.
    MAX_WAIT_S = 4.0
    # How often a wait looks again.
    STEP_S = 0.01

    def __init__(self) -> None:
        self._runs: dict[object, tuple[Hashable, float]] = {}
        self._served: Counter[Hashable] = Counter()
        self._waiting: list[tuple[Hashable, asyncio.Future[None]]] = []
        self._holder: object | None = None
        self._free_at = 0.0

    def member_began(self, socket: object, owner: Hashable) -> None:
        """Note that a member asked for a run over this socket."""
        self._runs[socket] = (owner, time.monotonic())

    def member_ended(self, socket: object) -> None:
        """Note that the run is over, or the socket gone."""
        self._runs.pop(socket, None)

    def running_of(self, owner: Hashable, besides: object) -> int:
        """Return how many other sockets of this member have a run under way."""
        self._forget_long_runs()
        return sum(1 for socket, (whose, _) in self._runs.items() if whose == owner and socket is not besides)

    @property
    def members_run(self) -> bool:
        """Whether a member waits for a run at this moment."""
        self._forget_long_runs()
        return bool(self._runs)

    def _forget_long_runs(self) -> None:
        moment = time.monotonic()
        for socket in [socket for socket, (_, began) in self._runs.items() if moment - began > self.MEMBER_RUN_S]:
            del self._runs[socket]

    async def enter(self, socket: object, owner: Hashable) -> None:
        """Wait for the one place of those outside the firm; ``leave`` gives it back."""
        if self._holder is not None or self._waiting:
            place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append((owner, place))
            try:
                await place
            except asyncio.CancelledError:
                if place.done() and not place.cancelled():
                    self._hand_on()
                else:
                    self._waiting.remove((owner, place))
                raise
        self._holder = socket
        self._served[owner] += 1
        try:
            until = time.monotonic() + self.MAX_WAIT_S
            while (moment := time.monotonic()) < until and (self.members_run or moment < self._free_at):
                await asyncio.sleep(self.STEP_S)
        except asyncio.CancelledError:
            self.leave(socket, 0)
            raise

    def leave(self, socket: object, took_s: float) -> None:
        """Give the place back after a run of ``took_s`` seconds."""
        if self._holder is not socket:
            return
        self._free_at = time.monotonic() + min(took_s, 1.0)
        self._hand_on()

    def _hand_on(self) -> None:
        self._holder = None
        while self._waiting:
            first = min(range(len(self._waiting)), key=lambda at: (self._served[self._waiting[at][0]], at))
            _, place = self._waiting.pop(first)
            if not place.done():
                # Taken at once, so that nobody comes in between.
                self._holder = place
                place.set_result(None)
                return
        self._served.clear()
