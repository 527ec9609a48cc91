"""Behind a server in front: whose word about the address of a person is taken."""

from __future__ import annotations

from contextlib import ExitStack

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient, WebSocketDenialResponse
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core.base.config import read_settings
from core.identity.throttle import TooManyTries, count_try
from core.web.budgets import STRANGER
from core.web.guard import Guard

FORWARDED = "X-Forwarded-For"


async def whose(request):
    return PlainTextResponse(request.client.host)


async def echo(socket):
    await socket.accept("streamlit" if socket.scope["subprotocols"] else None)
    await socket.receive()


@pytest.fixture
def asked_from(tmp_path):
    """The middleware as ``app.py`` puts it up, asked by a peer at that address."""
    settings = read_settings({"KUNDENBLICK_DATA": str(tmp_path), "KUNDENBLICK_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/24, ::1"})
    middleware = [Middleware(ProxyHeadersMiddleware, trusted_hosts=list(settings.trusted_proxies)), Middleware(Guard, settings=settings)]
    app = Starlette(routes=[Route("/whose", whose), WebSocketRoute("/_stcore/stream", echo)], middleware=middleware)
    return lambda peer: TestClient(app, client=(peer, 40000))


@pytest.mark.parametrize(
    ("peer", "said", "believed"),
    [
        ("127.0.0.1", ["203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["198.51.100.1, 203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["198.51.100.1, 203.0.113.7, 10.0.0.9"], "203.0.113.7"),
        ("127.0.0.1", ["127.0.0.1, 203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", ["198.51.100.1", "203.0.113.7"], "203.0.113.7"),
        ("::1", ["2001:db8::7"], "2001:db8::7"),
        ("10.0.0.3", ["203.0.113.7"], "203.0.113.7"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),
        ("10.0.1.3", ["198.51.100.1"], "10.0.1.3"),
        ("203.0.113.9", ["127.0.0.1"], "203.0.113.9"),
    ],
)
def test_the_last_address_that_is_not_a_proxy_counts_and_only_a_proxy_is_asked(asked_from, peer, said, believed):
    assert asked_from(peer).get("/whose", headers=[(FORWARDED, one) for one in said]).text == believed


def test_twenty_sockets_a_stranger_and_not_twenty_for_all_behind_the_proxy(asked_from):
    front = asked_from("127.0.0.1")

    def opened(stack, person):
        headers = {FORWARDED: person, "Origin": "http://testserver"}
        stack.enter_context(front.websocket_connect("/_stcore/stream", headers=headers))

    with ExitStack() as stack:
        for _ in range(STRANGER.sockets):
            opened(stack, "203.0.113.7")
        for forged in ("203.0.113.7", "198.51.100.1, 203.0.113.7"):
            with pytest.raises(WebSocketDenialResponse) as refused:
                opened(stack, forged)
            assert refused.value.status_code == 403
        opened(stack, "203.0.113.8")


def test_twenty_sockets_a_network_where_a_stranger_has_many_addresses(asked_from):
    front = asked_from("::1")

    def opened(stack, person):
        stack.enter_context(front.websocket_connect("/_stcore/stream", headers={FORWARDED: person, "Origin": "http://testserver"}))

    with ExitStack() as stack:
        for number in range(STRANGER.sockets):
            opened(stack, f"2001:db8:1:2::{number:x}")
        with pytest.raises(WebSocketDenialResponse) as refused:
            opened(stack, "2001:db8:1:2:ffff::1")
        assert refused.value.status_code == 403
        opened(stack, "2001:db8:1:3::1")


def test_one_who_guesses_slows_down_their_own_address_alone(asked_from):
    guesser, other = (asked_from("127.0.0.1").get("/whose", headers={FORWARDED: one}).text for one in ("203.0.113.70", "203.0.113.71"))
    with pytest.raises(TooManyTries):
        for _ in range(12):
            count_try(f"from:{guesser}")
    count_try(f"from:{other}")
