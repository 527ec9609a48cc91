"""Strangers and one client ask for all they are let have: a member's click waits no longer than twice its time without.

Through real websockets against a real server, as ratios in one run. Ten seconds each with ``make attacks``, three in the ordinary run.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import statistics
import threading
import time

import pytest
from websockets.exceptions import WebSocketException

from core.base.config import read_settings
from core.base.rights import Viewer
from core.identity.sessions import start_session
from core.operations.installation import open_installation
from core.store import close_store
from core.web.budgets import CONTACT, STRANGER
from tests.attacks.canary_firm import build_filled
from tests.attacks.protocol_client import Speaker
from tests.attacks.size import FULL
from tests.servers import Server

SECONDS = 10 if FULL else 3
# A click takes so much longer at most; a tenth of a second more is the machine's own noise.
RATIO, NOISE_S = 2.0, 0.1


@pytest.fixture
def house(tmp_path_factory):
    data = tmp_path_factory.mktemp("stall") / "data"
    close_store()
    open_installation(read_settings({"KUNDENBLICK_DATA": str(data)}))
    firm = build_filled()
    tokens = {
        "owner": start_session(firm.owner, "127.0.0.1", "x"),
        "contact": start_session(Viewer.contact(firm.address), "127.0.0.1", "x"),
    }
    close_store()
    running = Server(data)
    running.firm, running.tokens = firm, tokens
    yield running
    # Whatever is queued goes with it.
    running.stop(signal.SIGKILL)


def clicks(house, seconds: float) -> float:
    """The median of a member's openings of a client during that time."""
    page, query, taken = Speaker(house.url, house.tokens["owner"]), f"account={house.firm.own}", []
    page.run(query, "overview")
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        assert page.run(query).finished
        taken.append(time.perf_counter() - began)
        time.sleep(0.1)
    page.close()
    return statistics.median(taken)


@contextlib.contextmanager
def load(house, token: str | None, sockets: int, a_second: float, size: int = 0):
    """That many sockets that send so many messages a second each, as far as they are let; ends with the block."""
    end, opened = threading.Event(), []

    def send(speaker: Speaker) -> None:
        widgets = ({"id": "x", "string_value": "y" * size},) if size else ()
        with contextlib.suppress(WebSocketException, OSError):
            while not end.is_set():
                speaker.ask("", "", widgets=widgets)
                end.wait(1 / a_second)

    def drain(speaker: Speaker) -> None:
        with contextlib.suppress(WebSocketException, OSError):
            while not end.is_set():
                with contextlib.suppress(TimeoutError):
                    speaker.socket.recv(timeout=0.2)

    for _ in range(sockets):
        with contextlib.suppress(WebSocketException, OSError, TimeoutError):
            opened.append(Speaker(house.url, token))
    threads = [threading.Thread(target=work, args=(speaker,), daemon=True) for speaker in opened for work in (send, drain)]
    for thread in threads:
        thread.start()
    try:
        yield len(opened)
    finally:
        end.set()
        for speaker in opened:
            # As a line that breaks: a server that reads slowly answers no farewell.
            with contextlib.suppress(OSError):
                speaker.socket.socket.shutdown(socket.SHUT_RDWR)
        for thread in threads:
            thread.join(5)


LOADS = {
    "strangers, five a second": (None, 20, 5, 0, STRANGER.sockets),
    "strangers, fifty a second": (None, 20, 50, 0, STRANGER.sockets),
    "strangers, more sockets than allowed": (None, 60, 5, 0, STRANGER.sockets),
    "strangers, a megabyte each": (None, 20, 2, 1_000_000, STRANGER.sockets),
    "one contact, a hundred sockets": ("contact", 100, 5, 0, CONTACT.sockets),
}


@pytest.mark.parametrize("kind", LOADS)
def test_a_click_of_a_member_is_not_felt_to_wait(house, kind):
    who, sockets, a_second, size, most = LOADS[kind]
    without = clicks(house, SECONDS)
    with load(house, house.tokens[who] if who else None, sockets, a_second, size) as opened:
        under = clicks(house, SECONDS)
    print(f"{kind}: {opened} sockets, {without * 1000:.0f} ms without, {under * 1000:.0f} ms under, {under / without:.2f} x")
    assert opened == min(sockets, most)
    assert under <= RATIO * without + NOISE_S
