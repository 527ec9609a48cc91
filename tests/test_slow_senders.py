"""Who sends a request more slowly than any browser is cut off, and nobody else is."""

from __future__ import annotations

import asyncio
import contextlib
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
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.sync.client import connect

from core.cli import DESCRIPTORS, raise_descriptors
from core.web import slow_senders, sockets
from core.web.sockets import Sockets
from tests.conftest import free_port

HEAD_S = 0.6


def apart(work: Coroutine):
    """Run it in a thread of its own: where a browser test ran before, this thread has a loop already."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def slow_answer(_: Request) -> PlainTextResponse:
    await asyncio.sleep(3 * HEAD_S)
    return PlainTextResponse("late")


async def echo(opened: WebSocket) -> None:
    await opened.accept()
    await opened.send_text(await opened.receive_text())
    await opened.close()


@pytest.fixture(scope="module")
def port():
    slow_senders.limit_heads(HEAD_S)
    port = free_port()
    app = Starlette(routes=[Route("/", slow_answer), WebSocketRoute("/ws", echo)])
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error"))
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
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(DESCRIPTORS, before[1])
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_pages_leave_descriptors_for_everything_else(settings, monkeypatch):
    monkeypatch.setattr(sockets.resource, "getrlimit", lambda _: (300, 300))
    here = Sockets(settings)
    assert here.room_for(None, None, "10.0.0.1") is not None
    here._open = {object() for _ in range(150)}
    assert here.room_for(None, None, "10.0.0.2") is None
