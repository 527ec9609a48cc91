"""Serve open sockets: check the session before each message runs, and close the sockets of a session at once when it ends."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from google.protobuf.message import DecodeError
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.base.config import Settings
from core.base.errors import AppError
from core.base.rights import Viewer
from core.identity.sessions import known_standing_of, standing_of
from core.store import SESSION, engine, store_is_open
from core.web.budgets import BYTES_A_TOKEN, CONTACT, MEMBER, STRANGER, STRANGER_SOCKETS, STRANGER_STATE_BYTES, Allowance, Bucket, Turns
from core.web.remembered import forget_sessions, remember_within_limits

log = logging.getLogger("kundenblick")
# Close codes (RFC 6455, section 7.4; 4401 is our own).
SIGNED_OUT = 4401
TOO_LARGE = 1009
TOO_MUCH = 1008
# Messages in a row that had to wait. A person's never do, and what is queued behind them would keep the place for minutes.
MAX_DELAYED = 5
# Sessions that end by time alone are found within this; others at once.
LOOK_EVERY_S = 2.0
# What is written in quick succession is looked through together.
LOOK_PAUSE_S = 0.1
# A browser whose own click changed its viewer gets this long to go to its new page.
CHANGE_OF_VIEW_S = 1.0
# A request for a run that is not answered by then caused none (its fragment is gone).
RUN_BEGINS_S = 0.5
# A run that takes longer keeps its place no longer.
RUN_ENDS_S = 5.0
# Open files reserved for everything but pages.
RESERVED_DESCRIPTORS = 256
# Runs of one member at the same time, over several tabs.
MAX_MEMBER_RUNS = 4
# Only smaller messages are parsed for the end of a run, which takes a few bytes.
MAX_END_BYTES = 64
# Kind (``stranger``, ``contact``, ``session``) and which one.
Owner = tuple[str, Hashable]
T = TypeVar("T")


@dataclass(eq=False)
class Socket:
    """One open socket: its viewer when it was opened, and what it has used since.

    Args:
        bucket: Budget of this socket, beside that of its owner.
        over: Set once nothing is handed on in either direction.
        code: Close code for the browser.
        state_bytes: Largest message so far: what the server holds of the page's inputs.
        run_began: Monotonic second of the request for the run under way; None between runs.
        delayed: Messages in a row that had to wait.
        noted_at: Monotonic second when use of the session was noted last.
    """

    owner: Owner
    allowance: Allowance
    token_hash: str | None
    viewer: Viewer | None
    bucket: Bucket
    over: asyncio.Event = field(default_factory=asyncio.Event)
    code: int = SIGNED_OUT
    state_bytes: int = 0
    run_began: float | None = None
    run_answered: bool = False
    in_turn: bool = False
    delayed: int = 0
    noted_at: float = 0.0

    def end(self, code: int) -> None:
        """End the socket: nothing is handed on any more in either direction."""
        self.code = code
        self.over.set()


class Sockets:
    """All sockets of this server."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open: set[Socket] = set()
        self._count: Counter[Owner] = Counter()
        self._buckets: dict[Owner, Bucket] = {}
        self._turns = Turns()
        self._changed = asyncio.Event()
        self._looking: asyncio.Task[None] | None = None
        self._heard: object | None = None

    def room_for(self, viewer: Viewer | None, token_hash: str | None, network: str) -> Socket | None:
        """Return a new socket for this viewer (or stranger of this network), or None where there are too many."""
        owner: Owner
        if viewer is None:
            owner, allowance = ("stranger", network), STRANGER
        elif viewer.kind == "contact":
            owner, allowance = ("contact", viewer.id), CONTACT
        else:
            owner, allowance = ("session", token_hash), MEMBER
        strangers = sum(n for (kind, _), n in self._count.items() if kind == "stranger") if viewer is None else 0
        if self._count[owner] >= allowance.sockets or strangers >= STRANGER_SOCKETS:
            return None
        limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        if limit != resource.RLIM_INFINITY and len(self._open) >= max(limit - RESERVED_DESCRIPTORS, limit // 2):
            # The rest is for sign-ins, documents and the database.
            log.error("no more pages can be open at once: the limit of open files is %s", limit)
            return None
        return Socket(owner, allowance, token_hash, viewer, Bucket(allowance.messages_per_s / 2, allowance.burst / 2))

    async def serve(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, socket: Socket, by_person: Callable[[], Awaitable[None]]
    ) -> None:
        """Run the app on a socket until either side ends; await ``by_person`` after each message that a person caused."""
        remember_within_limits(self._settings)
        self._begin_looking()
        self._open.add(socket)
        self._count[socket.owner] += 1
        try:
            await app(scope, self._asked(socket, receive, send, by_person), self._heard_of(socket, send))
        finally:
            self._open.discard(socket)
            self._run_ended(socket)
            self._count[socket.owner] -= 1
            if not self._count[socket.owner]:
                del self._count[socket.owner]

    def _asked(self, socket: Socket, receive: Receive, send: Send, by_person: Callable[[], Awaitable[None]]) -> Receive:
        """Return a receive that waits for the sender's budgets and checks the session before it hands a message on."""
        began = False

        async def receive_checked() -> Message:
            nonlocal began
            message = await self._until_over(socket, receive())
            content = (message or {}).get("bytes")
            if message is not None and content is not None:
                if not self._has_room(socket, len(content)):
                    socket.end(TOO_LARGE)
                    return await _closed(socket, send)
                asks = back_message(content)
                has_turn = self._take_turn(socket, len(content), is_run=asks is not None and asks.WhichOneof("type") == "rerun_script")
                if not await self._until_over(socket, has_turn) or not await self._is_still(socket):
                    message = None
                elif asks is not None and by_hand(asks):
                    # The first one is sent by the page itself, whose opening counted as a request.
                    if began:
                        await by_person()
                    began = True
            return message if message is not None and not socket.over.is_set() else await _closed(socket, send)

        return receive_checked

    def _heard_of(self, socket: Socket, send: Send) -> Send:
        """Return a send that is silent once the socket is over, and gives the place back at the end of a run."""

        async def send_while_open(message: Message) -> None:
            if socket.over.is_set():
                return
            content = message.get("bytes")
            if content is not None and socket.run_began is not None:
                socket.run_answered = True
                if len(content) < MAX_END_BYTES and ends_run(content):
                    self._run_ended(socket)
            await send(message)

        return send_while_open

    async def _until_over(self, socket: Socket, what: Awaitable[T]) -> T | None:
        """Await something and return its result; None when the socket ended meanwhile."""
        doing, ending = asyncio.ensure_future(what), asyncio.ensure_future(socket.over.wait())
        try:
            await asyncio.wait((doing, ending), return_when=asyncio.FIRST_COMPLETED)
            if socket.over.is_set() or not doing.done():
                return None
            return doing.result()
        finally:
            ending.cancel()
            if not doing.done():
                doing.cancel()

    def _has_room(self, socket: Socket, size: int) -> bool:
        """Note the size of a message; return whether what the server holds of its owner's inputs stays within their share."""
        if size > socket.allowance.message_bytes:
            return False
        socket.state_bytes = max(socket.state_bytes, size)
        held = sum(other.state_bytes for other in self._open if other.owner == socket.owner)
        of_strangers = (other.state_bytes for other in self._open if other.owner[0] == "stranger")
        strangers = sum(of_strangers) if socket.owner[0] == "stranger" else 0
        return held <= socket.allowance.state_bytes and strangers <= STRANGER_STATE_BYTES

    async def _take_turn(self, socket: Socket, size: int, *, is_run: bool) -> bool:
        """Wait until the budgets cover a message, and a run has a place; return True."""
        await self._wait_for_budget(socket, size)
        if is_run:
            await self._wait_for_place(socket)
        return True

    async def _wait_for_budget(self, socket: Socket, size: int) -> None:
        bucket = self._buckets.get(socket.owner)
        if bucket is None:
            self._buckets = {owner: used for owner, used in self._buckets.items() if self._count[owner] or not used.is_full}
            bucket = self._buckets[socket.owner] = Bucket(socket.allowance.messages_per_s, socket.allowance.burst)
        cost = 1 + size / BYTES_A_TOKEN
        wait_s = max(socket.bucket.wait_s(cost), bucket.wait_s(cost))
        socket.delayed = socket.delayed + 1 if wait_s else 0
        if socket.delayed > MAX_DELAYED:
            socket.end(TOO_MUCH)
        elif wait_s:
            await asyncio.sleep(wait_s)

    async def _wait_for_place(self, socket: Socket) -> None:
        """Wait for a place for a run: a member for one of their own, others for the one they share."""
        if socket.owner[0] == "session":
            until = time.monotonic() + RUN_ENDS_S
            while self._turns.running_of(socket.owner, socket) >= MAX_MEMBER_RUNS and time.monotonic() < until:
                await asyncio.sleep(Turns.STEP_S)
            self._turns.member_began(socket, socket.owner)
        else:
            while socket.in_turn:
                await asyncio.sleep(Turns.STEP_S)
            await self._turns.enter(socket, socket.owner)
            socket.in_turn = True
        socket.run_answered, socket.run_began = False, time.monotonic()
        asyncio.get_running_loop().call_later(RUN_BEGINS_S, self._none_began, socket, socket.run_began)
        asyncio.get_running_loop().call_later(RUN_ENDS_S, self._none_ended, socket, socket.run_began)

    def _none_began(self, socket: Socket, began: float) -> None:
        if socket.run_began == began and not socket.run_answered:
            self._run_ended(socket)

    def _none_ended(self, socket: Socket, began: float) -> None:
        if socket.run_began == began:
            self._run_ended(socket)

    def _run_ended(self, socket: Socket) -> None:
        if socket.in_turn and socket.run_began is not None:
            socket.in_turn = False
            self._turns.leave(socket, time.monotonic() - socket.run_began)
        self._turns.member_ended(socket)
        socket.run_began = None

    async def _is_still(self, socket: Socket) -> bool:
        """Return whether the session still has the viewer it had when the socket was opened; end the socket when not."""
        if socket.token_hash is None:
            return True
        now = await self._standing(socket.token_hash)
        if now is None:
            # The store is away: nothing can be read or written, and the page shows that.
            return True
        if socket.viewer is None:
            # It was away when this socket was opened.
            socket.viewer = now[0]
        if now[0] is None or now[0] != socket.viewer:
            socket.end(SIGNED_OUT)
            return False
        return True

    async def _standing(self, token_hash: str) -> tuple[Viewer | None] | None:
        """Return (the session's viewer or None,); None while the store is away."""
        try:
            return known_standing_of(token_hash, self._settings) or (await run_in_threadpool(standing_of, token_hash, self._settings),)
        except AppError:
            return None

    def _begin_looking(self) -> None:
        """Look for ended sessions from now on, whenever the store says that something of sessions was written."""
        if store_is_open() and self._heard is not engine():
            self._heard = engine()
            loop = asyncio.get_running_loop()
            engine().kept.listen(SESSION, partial(_tell, loop, self._changed))
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        """End the sockets of ended sessions: as soon as something of sessions was written, and every ``LOOK_EVERY_S``."""
        while self._open:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), LOOK_EVERY_S)
            self._changed.clear()
            try:
                await self._end_what_ended()
            except Exception:
                log.exception("open sockets could not be looked through")
            await asyncio.sleep(LOOK_PAUSE_S)

    async def _end_what_ended(self) -> None:
        """End the sockets whose session ended or has another viewer now."""
        by_token: dict[str, list[Socket]] = defaultdict(list)
        for socket in self._open:
            if socket.token_hash is not None:
                by_token[socket.token_hash].append(socket)
        ended = set()
        for token_hash, sockets in by_token.items():
            now = await self._standing(token_hash)
            if now is None:
                continue
            for socket in sockets:
                if now[0] is None:
                    ended.add(token_hash)
                    socket.end(SIGNED_OUT)
                elif socket.viewer is not None and now[0] != socket.viewer:
                    asyncio.get_running_loop().call_later(CHANGE_OF_VIEW_S, socket.end, SIGNED_OUT)
        forget_sessions(ended)


def _tell(loop: asyncio.AbstractEventLoop, changed: asyncio.Event) -> None:
    """Set an event of a loop from any thread; a closed loop is left alone."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(changed.set)


async def _closed(socket: Socket, send: Send) -> Message:
    """Close the socket towards the browser; return the message that tells the app it is gone."""
    try:
        await send({"type": "websocket.close", "code": socket.code})
    except (RuntimeError, OSError):
        log.debug("the browser was gone before its socket was closed")
    return {"type": "websocket.disconnect", "code": socket.code}


def back_message(content: bytes) -> BackMsg | None:
    """Return the browser's message, or None for bytes that are not one."""
    try:
        return BackMsg.FromString(content)
    except DecodeError:
        return None


# Parts of widget ids that act by themselves: on a change behind the page, on a connection found again.
WATCH = "page-watch"
PAGE_SCRIPTS = "page-scripts"


def by_hand(message: BackMsg) -> bool:
    """Return whether a person caused this message: it asks for a run, and no timer or change behind the page does."""
    if message.WhichOneof("type") != "rerun_script" or message.rerun_script.is_auto_rerun:
        return False
    triggers = (widget.id for widget in message.rerun_script.widget_states.widgets if widget.json_trigger_value)
    return not any(WATCH in trigger or PAGE_SCRIPTS in trigger for trigger in triggers)


def ends_run(content: bytes) -> bool:
    """Return whether a message of Streamlit says that a run is over and no other follows by itself."""
    try:
        message = ForwardMsg.FromString(content)
    except DecodeError:
        return False
    return message.WhichOneof("type") == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
