"""The app as people run it, for tests: on the sample firm, on the small firm, and its routes without a server."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from core.base.config import Settings, read_settings
from core.base.rights import Viewer
from core.identity.members import set_password
from core.identity.sessions import start_session
from core.operations.installation import open_installation
from core.sample import build_sample
from core.sample.names import BUSY
from core.store import close_store, reader
from core.web.guard import Guard, cookie_name
from core.web.routes import routes
from tests import forked
from tests.small_firm import PASSWORD, Firm, build_firm

# A Friday morning; ``test_sample_days`` builds the sample firm for other days.
SAMPLE_AT = datetime(2026, 11, 27, 7, 40, tzinfo=UTC).replace(tzinfo=None)


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """The app as people run it, on a data folder of its own; ready when ``/health`` answers as expected.

    The port of one that is stopped goes to the next: what a browser keeps of Streamlit from there needs no fetching anew.
    """

    left: ClassVar[list[int]] = []

    def __init__(self, data: Path, health: int = 200, port: int | None = None) -> None:
        self.health = health
        self.data, self.port = data, port or (self.left.pop() if self.left else free_port())
        self.url = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        if self.port in self.left:
            self.left.remove(self.port)
        command, environ = self.command()
        self.log = open(self.data.parent / "server.log", "ab")  # noqa: SIM115 - as long as the server runs
        self.process = self.begin(command, environ)
        ready_by = time.monotonic() + 120
        while time.monotonic() < ready_by and self.process.poll() is None:
            try:
                if httpx.get(f"{self.url}/health", timeout=2).status_code == self.health:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise AssertionError((self.data.parent / "server.log").read_text()[-2000:])

    def begin(self, words: list[str], environ: dict[str, str]) -> forked.Forked | subprocess.Popen:
        """Start Python with these words."""
        return forked.start(words, environ, self.log, self.log)

    def command(self) -> tuple[list[str], dict[str, str]]:
        """What Python is told to start, and the environment."""
        return ["-m", "core", "serve", "--port", str(self.port)], os.environ | {"KUNDENBLICK_DATA": str(self.data)}

    def stop(self, how: int = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(60)
        self.log.close()
        self.left.append(self.port)


def run_small(data: Path, kind: type[Server] = Server) -> Server:
    """Start the app, or another kind of server, on a small firm of its own."""
    close_store()
    open_installation(read_settings({"KUNDENBLICK_DATA": str(data)}))
    firm = build_firm()
    everybody = ("owner", "everything", "assigned", "unassigned")
    for who in everybody:
        set_password(Viewer.system("tests"), getattr(firm, who), PASSWORD)
    tokens = {who: start_session(getattr(firm, who), "127.0.0.1", "test") for who in everybody}
    close_store()
    running = kind(data)
    running.firm, running.tokens, running.token = firm, tokens, tokens["owner"]
    return running


@pytest.fixture(scope="session")
def sample_folder(tmp_path_factory, worker_id) -> Path:
    """A data folder with the sample firm of SAMPLE_AT that nobody has open, built once a run for all workers: copy it, never open it."""
    here = tmp_path_factory.getbasetemp()
    shared = here if worker_id == "master" else here.parent
    with open(shared / "sample.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "sample").exists():
            settings = read_settings({"KUNDENBLICK_DATA": str(shared / "unfinished")})
            close_store()
            open_installation(settings)
            build_sample(settings, SAMPLE_AT)
            close_store()
            (shared / "unfinished").rename(shared / "sample")
    return shared / "sample"


@pytest.fixture(scope="session")
def server(tmp_path_factory, sample_folder) -> Server:
    """The running app on the sample firm; ``tokens`` are sessions of those its sign-in page offers, ``busy`` is Nordlicht's account."""
    data = shutil.copytree(sample_folder, tmp_path_factory.mktemp("sample") / "data")
    close_store()
    open_installation(read_settings({"KUNDENBLICK_DATA": str(data)}))
    with reader(Viewer.system("tests")) as r:
        ids = {row["email"]: row["staff_member_id"] for row in r.rows("SELECT email, staff_member_id FROM staff_member")}
        busy = r.value("SELECT account_id FROM account WHERE name = $name", name=BUSY)
    listed = [entry["email"] for entry in json.loads((data / "sample-sign-ins.json").read_text("utf-8"))]
    names = ("owner", "admin", "everything", "assigned")
    tokens = {who: start_session(ids[email], "127.0.0.1", "test") for who, email in zip(names, listed, strict=True)}
    close_store()
    running = Server(data)
    running.tokens, running.busy = tokens, busy
    yield running
    running.stop()


@pytest.fixture(scope="session")
def small_server(tmp_path_factory) -> Server:
    """The running app on the small firm; ``firm`` holds its ids, ``tokens`` a session of everybody's; everybody's password is PASSWORD."""
    running = run_small(tmp_path_factory.mktemp("small") / "data")
    yield running
    running.stop()


@pytest.fixture
def shell(firm: Firm, settings: Settings):
    """Our own routes behind the guard, asked as one person or another: ``shell("owner").get("/document/1")``."""
    app = Starlette(routes=routes(settings), middleware=[Middleware(Guard, settings=settings)])

    def as_whom(who: str | None = None, **cookies: str) -> TestClient:
        if who:
            cookies[cookie_name(settings)] = start_session(getattr(firm, who), "127.0.0.1", "test")
        return TestClient(app, cookies=cookies, follow_redirects=False, raise_server_exceptions=False)

    return as_whom
