"""Log and count each request, page and run, around the guard; only the route is named, never what was asked for."""

from __future__ import annotations

import logging
import time

from google.protobuf.message import DecodeError
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from core.base.log import happened
from core.base.metrics import REQUESTS, RUNS, SOCKETS
from core.web.sockets import MAX_END_BYTES, by_hand

log = logging.getLogger("kundenblick.web")
# First parts of paths that have a count of their own.
ROUTES = frozenset(
    {
        "document",
        "photo",
        "export",
        "import",
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
# Routes that are requested again and again without a person; logged at level DEBUG.
QUIET = frozenset({"static", "health", "metrics", "watch", "_stcore"})


def route_of(path: str) -> str:
    """Return the route a path is counted under; ``page`` for everything answered with the page shell."""
    parts = path.split("/")
    return "_stcore" if "_stcore" in parts else parts[1] if len(parts) > 1 and parts[1] in ROUTES else "page"


class Observer:
    """Pure ASGI: observe what goes in and out, change nothing."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Observe one request or socket."""
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
            method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "PUT") else "other"
            happened(log, "request", level, method=method, route=route, status=status, ms=round(seconds * 1000, 1))

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        began, runs, accepted = time.perf_counter(), Runs(), False

        async def observed_receive() -> Message:
            message = await receive()
            runs.asked(message.get("bytes"))
            return message

        async def observed_send(message: Message) -> None:
            nonlocal accepted
            if message["type"] == "websocket.accept":
                accepted = True
                SOCKETS.inc()
            elif message["type"] == "websocket.send":
                runs.answered(message.get("bytes"))
            await send(message)

        try:
            await self.app(scope, observed_receive, observed_send)
        finally:
            if accepted:
                SOCKETS.dec()
                happened(log, "page_closed", seconds=round(time.perf_counter() - began, 1), runs=runs.ended)
            else:
                happened(log, "page_refused", logging.WARNING, address=(scope.get("client") or ("?",))[0])


class Runs:
    """Time the runs of one open page, from the message that asks for a run to the message that ends it."""

    def __init__(self) -> None:
        self.ended = 0
        self._began: float | None = None
        self._asked_by = "person"

    def asked(self, content: bytes | None) -> None:
        """Note a message of the browser."""
        if not content or self._began is not None:
            return
        try:
            message = BackMsg.FromString(content)
        except DecodeError:
            return
        if message.WhichOneof("type") == "rerun_script":
            self._began = time.perf_counter()
            self._asked_by = "person" if by_hand(message) else "timer"

    def answered(self, content: bytes | None) -> None:
        """Note a message of Streamlit."""
        if self._began is None or not content or len(content) >= MAX_END_BYTES:
            return
        try:
            ended = ForwardMsg.FromString(content).WhichOneof("type") == "script_finished"
        except DecodeError:
            return
        if ended:
            RUNS.labels(self._asked_by).observe(time.perf_counter() - self._began)
            self.ended += 1
            self._began = None
