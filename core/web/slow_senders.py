"""Cut off connections that send a request, or take an answer, more slowly than any browser: each would hold a place for ever.

uvicorn has a limit for idle connections only, so its protocols are extended here: how long a request's head may take, and how long
written bytes may wait to be taken.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

from starlette.types import Message, Receive
from uvicorn.protocols.http.auto import AutoHTTPProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

# For a request's head: one packet, or a few; a telephone in a tunnel takes seconds.
HEAD_S = 20.0
# A body must come at this rate at least, after a first grace.
BODY_GRACE_S = 30.0
BODY_BYTES_PER_S = 10 * 1024
# Of the bytes ready for a browser, so many must be taken in this time; a telephone in a tunnel comes back sooner.
TAKE_S = 60.0
MIN_TAKEN_BYTES = 32 * 1024
# Attributes of a protocol that hold its timers.
_MARK = "_kundenblick_head_timer"
_TAKE_MARK = "_kundenblick_take_timer"


def limit_heads(head_s: float = HEAD_S) -> None:
    """Make uvicorn's protocol close connections whose request head does not come in time; once per process."""
    protocol: Any = AutoHTTPProtocol
    if hasattr(protocol, _MARK):
        return
    connection_made, data_received = protocol.connection_made, protocol.data_received

    def watch(self: Any) -> None:
        if getattr(self, _MARK, None) is None:
            setattr(self, _MARK, asyncio.get_running_loop().call_later(head_s, look, self))

    def look(self: Any) -> None:
        setattr(self, _MARK, None)
        # A socket that was upgraded has another protocol, and a head it cannot read is neither answered nor closed there; a
        # request that is being answered has its head.
        if self.transport.is_closing() or is_answering(self):
            return
        now = self.transport.get_protocol()
        if now is not self and getattr(now, "handshake_complete", True):
            return
        self.transport.abort()

    def is_answering(self: Any) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def made(self: Any, transport: Any) -> None:
        connection_made(self, transport)
        watch(self)

    def received(self: Any, data: bytes) -> None:
        if not is_answering(self):
            watch(self)
        data_received(self, data)

    setattr(protocol, _MARK, None)
    protocol.connection_made, protocol.data_received = made, received


def limit_readers(take_s: float = TAKE_S) -> None:
    """Make uvicorn's protocols abort connections whose bytes are not taken; once per process.

    Closing them would wait until everything written is taken.
    """
    for protocol in (AutoHTTPProtocol, WebSocketsSansIOProtocol):
        if not hasattr(protocol, _TAKE_MARK):
            _limit_readers_of(protocol, take_s)


def _limit_readers_of(protocol: Any, take_s: float) -> None:
    pause_writing, resume_writing = protocol.pause_writing, protocol.resume_writing

    def watch(self: Any) -> None:
        left = self.transport.get_write_buffer_size()
        setattr(self, _TAKE_MARK, asyncio.get_running_loop().call_later(take_s, look, self, left))

    def look(self: Any, before: int) -> None:
        setattr(self, _TAKE_MARK, None)
        left = self.transport.get_write_buffer_size()
        # Of a connection that is gone, nothing is left.
        if left and before - left < min(before, MIN_TAKEN_BYTES):
            self.transport.abort()
        elif left:
            watch(self)

    def pause(self: Any) -> None:
        pause_writing(self)
        forget(self)
        watch(self)

    def forget(self: Any) -> None:
        if getattr(self, _TAKE_MARK) is not None:
            getattr(self, _TAKE_MARK).cancel()
            setattr(self, _TAKE_MARK, None)

    def resume(self: Any) -> None:
        forget(self)
        resume_writing(self)

    setattr(protocol, _TAKE_MARK, None)
    protocol.pause_writing, protocol.resume_writing = pause, resume


def in_time(receive: Receive, grace_s: float = BODY_GRACE_S) -> Receive:
    """Return a receive that hands a body on while it comes fast enough; then it tells the app that the browser is gone."""
    began, got, is_whole = time.monotonic(), 0, False

    async def receive_in_time() -> Message:
        nonlocal got, is_whole
        if is_whole:
            return await receive()
        try:
            message = await asyncio.wait_for(receive(), grace_s)
        except TimeoutError:
            return {"type": "http.disconnect"}
        got += len(message.get("body", b""))
        is_whole = not message.get("more_body", False)
        seconds = time.monotonic() - began
        slow = not is_whole and seconds > grace_s and got / seconds < BODY_BYTES_PER_S
        return {"type": "http.disconnect"} if slow else message

    return receive_in_time
