"""A line that was cut, a server that was started anew under an open page: the next thing one does counts, and nothing typed is lost
without a word."""

from __future__ import annotations

import contextlib
import socket
import threading
from types import SimpleNamespace

import pytest
from playwright.sync_api import Page, expect

from tests.contexts import settled
from tests.servers import Server, run_small

pytestmark = pytest.mark.browser
SOON = 30000
WORDS = {
    "de-DE": {"search": "Kunden suchen", "save": "Speichern", "lost": "mit der Verbindung verloren gegangen", "discard": "Verwerfen"},
    "en-GB": {"save": "Save", "lost": "lost with the connection", "discard": "Discard"},
}


@pytest.fixture(scope="module")
def small_server(tmp_path_factory):
    """A firm of this file's own: its server is stopped and started."""
    running = run_small(tmp_path_factory.mktemp("again") / "data")
    yield running
    running.stop()


class Line:
    """What carries a browser's connections to a server, until it is cut."""

    def __init__(self, to: int) -> None:
        self.to, self.is_up, self.ends = to, True, set()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = self.door.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                here = self.door.accept()[0]
                if not self.is_up:
                    here.close()
                    continue
                there = socket.create_connection(("127.0.0.1", self.to))
                self.ends |= {here, there}
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        self.is_up = False
        for end in self.ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.ends.clear()

    def mend(self) -> None:
        self.is_up = True


@pytest.fixture
def line(small_server):
    carrying = Line(small_server.port)
    yield carrying
    carrying.cut()
    carrying.door.close()


def start_anew(page: Page, server: Server) -> None:
    """The server ends and comes back; the page has found it again and is drawn."""
    app = page.locator(".stApp")
    page.evaluate("window.isTheSame = true")
    server.stop()
    expect(app).not_to_have_attribute("data-test-connection-state", "CONNECTED", timeout=SOON)
    server.start()
    expect(app).to_have_attribute("data-test-connection-state", "CONNECTED", timeout=SOON)
    page.wait_for_function(
        "() => { const own = window.kundenblickFound; return !own.gone && own.asked && own.drawn === own.asked; }", timeout=SOON
    )
    settled(page)
    assert page.evaluate("window.isTheSame"), "the page itself was not loaded anew"


def test_the_first_search_after_it_opens_its_client(visit, small_server):
    page = visit(small_server, "owner", f"/overview?account={small_server.firm.own}")
    expect(page.locator(".st-key-card-notes")).to_be_visible(timeout=SOON)
    start_anew(page, small_server)
    field = page.get_by_role("combobox", name=WORDS["de-DE"]["search"])
    field.press_sequentially("leer", delay=40)
    expect(page.get_by_role("option").first).to_be_visible(timeout=SOON)
    field.press("Enter")
    page.wait_for_url(f"**/overview?account={small_server.firm.empty}", timeout=SOON)


@pytest.mark.parametrize("locale", WORDS)
def test_what_was_typed_into_an_open_form_is_there_to_copy(visit, small_server, locale):
    words = WORDS[locale]
    page = visit(small_server, "owner", f"/overview?account={small_server.firm.own}", locale)
    page.locator(".st-key-add-note button:visible").click(timeout=SOON)
    page.get_by_test_id("stDialog").locator("textarea").first.fill("Ruft morgen an\nnach zehn")
    start_anew(page, small_server)
    expect(page.get_by_text(words["lost"])).to_be_visible(timeout=SOON)
    expect(page.get_by_test_id("stCode")).to_contain_text("Ruft morgen an")
    card = page.locator(".st-key-card-notes")
    card.evaluate("card => { card.isTheSame = true }")
    page.get_by_role("button", name=words["discard"]).click()
    expect(page.get_by_text(words["lost"])).to_have_count(0, timeout=SOON)
    expect(page.locator(".stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=SOON)
    assert card.evaluate("card => card.isTheSame"), "the page below stays where it is while the text goes"
    page.locator(".st-key-add-note button:visible").click(timeout=SOON)
    expect(page.get_by_test_id("stDialog").get_by_role("button", name=words["save"])).to_be_visible(timeout=SOON)


def test_a_form_that_was_open_while_the_line_was_cut_is_saved(visit, small_server, line):
    over = SimpleNamespace(url=f"http://127.0.0.1:{line.port}", tokens=small_server.tokens)
    page = visit(over, "owner", f"/overview?account={small_server.firm.own}")
    page.locator(".st-key-add-note button:visible").click(timeout=SOON)
    page.get_by_test_id("stDialog").locator("textarea").first.fill("Im Zug geschrieben")
    line.cut()
    app = page.locator(".stApp")
    expect(app).not_to_have_attribute("data-test-connection-state", "CONNECTED", timeout=SOON)
    page.wait_for_timeout(1000)
    line.mend()
    expect(app).to_have_attribute("data-test-connection-state", "CONNECTED", timeout=SOON)
    page.wait_for_timeout(1500)
    page.get_by_test_id("stDialog").get_by_role("button", name=WORDS["de-DE"]["save"]).click()
    expect(page.locator(".st-key-card-notes td").get_by_text("Im Zug geschrieben")).to_have_count(1, timeout=SOON)
