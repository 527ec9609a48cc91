"""Open sockets: each message is asked for its session before anything runs, and a session that ended ends its sockets at once."""

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
# What the browser is told of why its socket was closed.
SIGNED_OUT, TOO_LARGE, TOO_MUCH = 4401, 1009, 1008
# So many messages in a row that had to wait: a person's never do, and what is queued behind them would keep the place for minutes.
MAX_DELAYED = 5
# Sessions that end by time alone are found within this; those that somebody ends, at once.
LOOK_EVERY_S, LOOK_PAUSE_S = 2.0, 0.1
# A browser whose own click changed whose eyes it sees with is given this long to go to its new page.
CHANGE_OF_VIEW_S = 1.0
# A run that sent nothing by then was none (a fragment that is gone), one that takes longer keeps its place no longer.
RUN_BEGINS_S, RUN_ENDS_S = 0.5, 5.0
# Open files kept for everything but pages.
RESERVED_DESCRIPTORS = 256
# Runs of one member at the same time, over several tabs.
RUNS_A_MEMBER = 4
# The message that ends a run is a few bytes; larger ones are not looked into.
END_BYTES = 64
Owner = tuple[str, Hashable]


@dataclass(eq=False)
class Socket:
    """One open socket: whose it was when it was opened, and what it has used since."""

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
        """Close it: nothing that comes in is handed on any more, nothing goes out."""
        self.code = code
        self.over.set()


class Sockets:
    """Every socket of this server."""

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
        """A place for one more socket of this viewer (of a stranger of this network address), or None where there is none."""
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
            # What is left is for sign-ins, documents and the database.
            log.error("no more pages can be open at once: the limit of open files is %s", limit)
            return None
        return Socket(owner, allowance, token_hash, viewer, Bucket(allowance.messages_per_s / 2, allowance.burst / 2))

    async def serve(
        self, app: ASGIApp, scope: Scope, receive: Receive, send: Send, socket: Socket, by_person: Callable[[], Awaitable[None]]
    ) -> None:
        """Run the app on this socket until it is over for either side; ``by_person`` is awaited after each message that a person caused."""
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
        """Return a receive that waits for the budgets of the sender, asks for the session, and only then hands a message on."""
        began = False

        async def one() -> Message:
            nonlocal began
            message = await self._until_over(socket, receive())
            content = (message or {}).get("bytes")
            if message is not None and content is not None:
                if not self._has_room(socket, len(content)):
                    socket.end(TOO_LARGE)
                    return await _closed(socket, send)
                asks = back_message(content)
                waits = self._wait_for_turn(socket, len(content), is_run=asks is not None and asks.WhichOneof("type") == "rerun_script")
                if await self._until_over(socket, waits) is None or not await self._is_still(socket):
                    message = None
                elif asks is not None and by_hand(asks):
                    # The first one comes by itself: a page that was opened counted as a request.
                    if began:
                        await by_person()
                    began = True
            return message if message is not None and not socket.over.is_set() else await _closed(socket, send)

        return one

    def _heard_of(self, socket: Socket, send: Send) -> Send:
        """Return a send that is silent once the socket is over, and gives the turn back at the end of a run."""

        async def one(message: Message) -> None:
            if socket.over.is_set():
                return
            content = message.get("bytes")
            if content is not None and socket.run_began is not None:
                socket.run_answered = True
                if len(content) < END_BYTES and ends_run(content):
                    self._run_ended(socket)
            await send(message)

        return one

    async def _until_over(self, socket: Socket, what: Awaitable) -> object | None:
        """Await something; return its result (True instead of None), or None when the socket was ended meanwhile."""
        doing, ending = asyncio.ensure_future(what), asyncio.ensure_future(socket.over.wait())
        try:
            await asyncio.wait((doing, ending), return_when=asyncio.FIRST_COMPLETED)
            if socket.over.is_set() or not doing.done():
                return None
            result = doing.result()
            return True if result is None else result
        finally:
            ending.cancel()
            if not doing.done():
                doing.cancel()

    def _has_room(self, socket: Socket, size: int) -> bool:
        """Whether what the server would hold of this owner's inputs stays within their share."""
        if size > socket.allowance.message_bytes:
            return False
        socket.state_bytes = max(socket.state_bytes, size)
        held = sum(one.state_bytes for one in self._open if one.owner == socket.owner)
        strangers = sum(one.state_bytes for one in self._open if one.owner[0] == "stranger") if socket.owner[0] == "stranger" else 0
        return held <= socket.allowance.state_bytes and strangers <= STRANGER_STATE_BYTES

    async def _wait_for_turn(self, socket: Socket, size: int, *, is_run: bool) -> None:
        bucket = self._buckets.get(socket.owner)
        if bucket is None:
            self._buckets = {owner: one for owner, one in self._buckets.items() if self._count[owner] or not one.is_full}
            bucket = self._buckets[socket.owner] = Bucket(socket.allowance.messages_per_s, socket.allowance.burst)
        cost = 1 + size / BYTES_A_TOKEN
        wait_s = max(socket.bucket.wait_s(cost), bucket.wait_s(cost))
        socket.delayed = socket.delayed + 1 if wait_s else 0
        if socket.delayed > MAX_DELAYED:
            socket.end(TOO_MUCH)
        elif wait_s:
            await asyncio.sleep(wait_s)
        if not is_run:
            return
        if socket.owner[0] == "session":
            until = time.monotonic() + RUN_ENDS_S
            while self._turns.running_of(socket.owner, socket) >= RUNS_A_MEMBER and time.monotonic() < until:
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
        """Whether its session is still whose it was when the socket was opened; ends the socket when not."""
        if socket.token_hash is None:
            return True
        now = await self._standing(socket.token_hash)
        if now is None:
            # The store is away: nothing can be read or written, and the page says so.
            return True
        if socket.viewer is None:
            # It was away when this socket was opened.
            socket.viewer = now[0]
        if now[0] is None or now[0] != socket.viewer:
            socket.end(SIGNED_OUT)
            return False
        return True

    async def _standing(self, token_hash: str) -> tuple[Viewer | None] | None:
        """(whose the session is now,), or None when nobody can say at this moment."""
        try:
            return known_standing_of(token_hash, self._settings) or (await run_in_threadpool(standing_of, token_hash, self._settings),)
        except AppError:
            return None

    def _begin_looking(self) -> None:
        if store_is_open() and self._heard is not engine():
            self._heard = engine()
            loop = asyncio.get_running_loop()
            engine().kept.listen(SESSION, partial(_tell, loop, self._changed))
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        """End the sockets of sessions that ended, as soon as something of sessions was written, and by the clock."""
        while self._open:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), LOOK_EVERY_S)
            self._changed.clear()
            try:
                await self._end_what_ended()
            except Exception:
                log.exception("open sockets could not be looked through")
            # What is written in quick succession is looked through together.
            await asyncio.sleep(LOOK_PAUSE_S)

    async def _end_what_ended(self) -> None:
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
    """Set an event of a loop from whatever thread; a loop that is closed has nobody left to tell."""
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(changed.set)


async def _closed(socket: Socket, send: Send) -> Message:
    """Close the socket towards the browser, once, and say to the app that it is gone."""
    try:
        await send({"type": "websocket.close", "code": socket.code})
    except (RuntimeError, OSError):
        log.debug("the browser was gone before its socket was closed")
    return {"type": "websocket.disconnect", "code": socket.code}


def back_message(content: bytes) -> BackMsg | None:
    """What the browser says, or None for what is no message of its."""
    try:
        return BackMsg.FromString(content)
    except DecodeError:
        return None


# In the ids of what speaks for a page by itself: that something changed behind it, that it found its connection again.
WATCH, PAGE_SCRIPTS = "page-watch", "page-scripts"


def by_hand(message: BackMsg) -> bool:
    """Whether a message of the browser asks for a run that neither a timer of the page nor what changed behind it asked for."""
    if message.WhichOneof("type") != "rerun_script" or message.rerun_script.is_auto_rerun:
        return False
    told = (widget.id for widget in message.rerun_script.widget_states.widgets if widget.json_trigger_value)
    return not any(WATCH in one or PAGE_SCRIPTS in one for one in told)


def ends_run(content: bytes) -> bool:
    """Whether a message of ours says that a run is over, and no other follows it by itself."""
    try:
        message = ForwardMsg.FromString(content)
    except DecodeError:
        return False
    return message.WhichOneof("type") == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN
