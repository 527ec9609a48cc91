"""Around the guard: a line of the log and a count for each request, page and run; what was asked for is told by its route alone."""

from __future__ import annotations

import logging
import time

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.base.log import happened
from core.base.metrics import REQUESTS, RUNS, SOCKETS
from core.web.sockets import by_hand

log = logging.getLogger("kundenblick.web")
ROUTES = frozenset(
    {
        "document",
        "photo",
        "export",
        "search",
        "auth",
        "health",
        "metrics",
        "static",
        "media",
        "component",
        "watch",
        "_stcore",
        "oauth2callback",
    }
)
# What comes again and again by itself.
QUIET = frozenset({"static", "health", "metrics", "watch", "_stcore"})
# The message that ends a run is a few bytes; larger ones are not looked into.
SMALL = 64


def route_of(path: str) -> str:
    """The family of doors a path belongs to; ``page`` for everything that is answered with the shell of a page."""
    parts = path.split("/")
    return "_stcore" if "_stcore" in parts else parts[1] if len(parts) > 1 and parts[1] in ROUTES else "page"


class Observer:
    """Pure ASGI: sees what goes in and out, changes nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._request(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            seconds, route = time.perf_counter() - began, route_of(scope["path"])
            REQUESTS.labels(route, status).observe(seconds)
            level = logging.DEBUG if route in QUIET and status < 400 else logging.INFO
            method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST") else "other"
            happened(log, "request", level, method=method, route=route, status=status, ms=round(seconds * 1000, 1))

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, runs, accepted = time.perf_counter(), Runs(), False

        async def heard() -> Message:
            message = await receive()
            runs.asked(message.get("bytes"))
            return message

        async def told(message: Message) -> None:
            nonlocal accepted
            if message["type"] == "websocket.accept":
                accepted = True
                SOCKETS.inc()
            elif message["type"] == "websocket.send":
                runs.told(message.get("bytes"))
            await send(message)

        try:
            await self.app(scope, heard, told)
        finally:
            if accepted:
                SOCKETS.dec()
                happened(log, "page_closed", seconds=round(time.perf_counter() - began, 1), runs=runs.ended)
            else:
                happened(log, "page_refused", logging.WARNING, address=(scope.get("client") or ("?",))[0])


class Runs:
    """The runs of one open page: from the message that asked for one to the message that it is through."""

    def __init__(self) -> None:
        self.ended = 0
        self._began: float | None = None
        self._asked_by = "person"

    def asked(self, content: bytes | None) -> None:
        if not content or self._began is not None:
            return
        try:
            message = BackMsg.FromString(content)
        except DecodeError:
            return
        if message.WhichOneof("type") == "rerun_script":
            self._began = time.perf_counter()
            self._asked_by = "person" if by_hand(message) else "timer"

    def told(self, content: bytes | None) -> None:
        if self._began is None or not content or len(content) > SMALL:
            return
        try:
            ended = ForwardMsg.FromString(content).WhichOneof("type") == "script_finished"
        except DecodeError:
            return
        if ended:
            RUNS.labels(self._asked_by).observe(time.perf_counter() - self._began)
            self.ended += 1
            self._began = None
