"""Who sends a request, or takes an answer, more slowly than any browser is cut off, and nobody else is."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import socket
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.sync.client import connect

from core.operations.cli import MAX_DESCRIPTORS, raise_descriptors
from core.web import slow_senders, sockets
from core.web.sockets import Sockets
from tests.servers import free_port

HEAD_S, TAKE_S = 0.6, 0.6
LARGE = bytes(30_000_000)


def apart(work: Coroutine):
    """Run it in a thread of its own: where a browser test ran before, this thread has a loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def slow_answer(_: Request) -> PlainTextResponse:
    await asyncio.sleep(3 * HEAD_S)
    return PlainTextResponse("late")


async def large_answer(_: Request) -> Response:
    return Response(LARGE)


async def large_file(request: Request) -> FileResponse:
    return FileResponse(request.app.state.file)


async def flood(opened: WebSocket) -> None:
    await opened.accept()
    for _ in range(100):
        await opened.send_bytes(b"x" * 1_000_000)
    await opened.close()


async def echo(opened: WebSocket) -> None:
    await opened.accept()
    await opened.send_text(await opened.receive_text())
    await opened.close()


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    slow_senders.limit_heads(HEAD_S)
    slow_senders.limit_readers(TAKE_S)
    port = free_port()
    pages = [Route("/", slow_answer), Route("/large", large_answer), Route("/file", large_file)]
    app = Starlette(routes=[*pages, WebSocketRoute("/ws", echo), WebSocketRoute("/flood", flood)])
    app.state.file = tmp_path_factory.mktemp("large") / "file"
    app.state.file.write_bytes(LARGE)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="websockets-sansio"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield port
    server.should_exit = True
    thread.join(10)


def cut_off(port: int, first: bytes, drops: bytes = b"a") -> float | None:
    """Seconds until the server closed a connection that sends a letter at a time; None when it did not within five."""
    with socket.create_connection(("127.0.0.1", port), 5) as trickle:
        trickle.sendall(first)
        trickle.settimeout(0.05)
        began = time.monotonic()
        while time.monotonic() - began < 5:
            with contextlib.suppress(TimeoutError):
                try:
                    if trickle.recv(100) == b"":
                        return time.monotonic() - began
                except ConnectionError:
                    return time.monotonic() - began
            with contextlib.suppress(OSError):
                trickle.sendall(drops)
    return None


@pytest.mark.parametrize("first", [b"", b"GET", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "])
def test_a_head_that_trickles(port, first):
    assert HEAD_S * 0.8 < (cut_off(port, first) or 9) < 4


def test_a_socket_whose_head_cannot_be_read(port):
    head = "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    head += f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nX-Long: {'a' * 30_000}\r\n\r\n"
    assert (cut_off(port, head.encode(), drops=b"") or 9) < 4


def test_what_takes_long_to_answer_or_is_a_socket_goes_on(port):
    assert httpx.get(f"http://127.0.0.1:{port}/", timeout=20).text == "late"
    with connect(f"ws://127.0.0.1:{port}/ws") as opened:
        time.sleep(2 * HEAD_S)
        opened.send("still here")
        assert opened.recv(5) == "still here"


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("path", ["/large", "/file", "/flood"])
def test_an_answer_nobody_takes_is_let_go(port, path):
    """The browser's side stays open and never reads; the server gives its place, its file and its memory back."""
    upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    closing = "Connection: close\r\n"
    asked = f"GET {path} HTTP/1.1\r\nHost: x\r\n{upgrade if path == '/flood' else closing}\r\n".encode()
    before, waiting = descriptors(), []
    for _ in range(20):
        waiting.append(socket.socket())
        waiting[-1].setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        waiting[-1].connect(("127.0.0.1", port))
        waiting[-1].sendall(asked)
    try:
        began = time.monotonic()
        for held in (True, False):
            while (descriptors() < before + 2 * len(waiting)) if held else (descriptors() > before + len(waiting)):
                assert time.monotonic() - began < 10 + 2 * TAKE_S, "the server still holds them"
                time.sleep(0.01)
    finally:
        for one in waiting:
            one.close()


def test_an_answer_that_is_taken_slowly_comes_whole(port):
    """A tenth of a megabyte at a time, through a small window, for longer than the limit; what is taken counts, not that it ends."""
    with socket.create_connection(("127.0.0.1", port), 5) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        slow.sendall(b"GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        got, began = 0, time.monotonic()
        while part := slow.recv(100_000):
            got += len(part)
            if time.monotonic() - began < 3 * TAKE_S:
                time.sleep(0.02)
    assert got > len(LARGE) and time.monotonic() - began > 2 * TAKE_S


def test_a_body_that_trickles_is_no_longer_waited_for():
    async def drops():
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def never():
        await asyncio.sleep(60)

    async def hear(receive):
        heard = slow_senders.in_time(receive, grace_s=0.3)
        began = time.monotonic()
        while (message := await heard())["type"] != "http.disconnect":
            assert time.monotonic() - began < 5
        return message

    assert apart(hear(drops)) == apart(hear(never)) == {"type": "http.disconnect"}


def test_a_body_that_comes_is_handed_on_whole_and_the_wait_for_the_end_is_not_cut():
    pieces = [
        {"type": "http.request", "body": b"a" * 50_000, "more_body": True},
        {"type": "http.request", "body": b"b", "more_body": False},
    ]

    async def whole():
        async def receive():
            if pieces:
                return pieces.pop(0)
            await asyncio.sleep(0.6)
            return {"type": "http.disconnect"}

        heard = slow_senders.in_time(receive, grace_s=0.2)
        return [await heard() for _ in range(3)]

    assert [len(message.get("body", b"")) for message in apart(whole())] == [50_000, 1, 0]


def test_the_server_takes_the_descriptors_it_may_have():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, before[0]), before[1]))
        raise_descriptors()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(MAX_DESCRIPTORS, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_pages_leave_descriptors_for_everything_else(settings, monkeypatch):
    monkeypatch.setattr(sockets.resource, "getrlimit", lambda _: (300, 300))
    here = Sockets(settings)
    assert here.room_for(None, None, "10.0.0.1") is not None
    here._open = {object() for _ in range(150)}
    assert here.room_for(None, None, "10.0.0.2") is None
