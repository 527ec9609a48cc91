"""Situations the tests speak of: a small firm with its people, an own and a foreign account, and a running server.

What a test should ask for, the cheapest first: ``firm``, a closed copy of which is opened for each test (a fifth of a second less than
writing it), or ``store``, empty. When several tests need more in it, a function ``build_…(settings)`` beside them writes that once a
worker, and ``holding(build_…)`` opens a copy and returns what it returned. ``shell`` asks our routes without a server. In Chromium:
``server`` (the sample firm) and ``small_server`` (the small one) run for all tests of a worker; only a test that would spoil them for
others takes ``run_small``. ``visit(server, who, path)`` opens a page there, ``contexts.go`` takes it to another. ``sample_folder`` is built once a run: copy it. Wait for what is to be seen, never for a time.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import duckdb
import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

import core.store
from core.access import refusals
from core.access.open_account import open_account
from core.base.config import Settings, read_settings
from core.base.rights import Right, Viewer
from core.clients.custom_fields import add_starter_fields, define_field, starter_left
from core.i18n.formats import today
from core.identity.members import set_password
from core.identity.sessions import start_session
from core.imports import worker
from core.operations.installation import open_installation
from core.sample import build_sample
from core.sample.names import BUSY
from core.store import Engine, close_store, engine, now, reader, writer
from core.web.guard import Guard, cookie_name
from core.web.routes import routes
from tests import forked
from tests.contexts import Contexts
from tests.on_failure import pytest_runtest_makereport  # noqa: F401

ROOT = Path(__file__).parents[1]


def work_in_memory(place: Path = Path("/dev", "shm"), needed_bytes: int = 4 * 2**30) -> None:
    """Put what tests write where nothing waits for a disk, unless somebody said where: each save waits there, and all tests share one.

    A kill of a process is what it was: what it wrote stays. That a disk loses what was not written through is tested nowhere here.
    """
    if "TMPDIR" not in os.environ and os.access(place, os.W_OK) and shutil.disk_usage(place).free >= needed_bytes:
        os.environ["TMPDIR"] = tempfile.tempdir = str(place)


work_in_memory()
# Every server, command and child of an import would compile the app anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
CHROMIUM = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
)
# A camera that is there and allowed; scripts as they are read, for no page lives long enough to be worth optimising; one process for all
# pages of a context, which has read the scripts already.
FOR_TESTS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--js-flags=--no-opt --single-threaded --min-semi-space-size=64 --max-semi-space-size=64",
    "--process-per-site",
)
# The same engine without a window around it costs a fifth less a page.
HEADLESS = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
PASSWORD = "eine-laterne-im-regen"
# A Friday morning; ``test_sample_days`` builds the sample firm for other days.
SAMPLE_AT = datetime(2026, 11, 27, 7, 40, tzinfo=UTC).replace(tzinfo=None)
# How long ``expect`` waits at most where a test does not say: a loaded machine is slow, and a wait ends when the thing is seen.
expect.set_options(timeout=15_000)


@dataclass
class Firm:
    """Ids of a small firm; ``own`` is assigned to ``assigned_employee``, ``foreign`` to nobody, ``empty`` has no rows."""

    owner: int
    everything: int
    assigned: int
    unassigned: int
    own: int
    foreign: int
    empty: int
    contact: int
    address: int
    document: int
    foreign_document: int

    def viewer(self, who: str) -> Viewer:
        return Viewer.contact(self.address) if who == "portal" else Viewer.staff(getattr(self, who))

    def account(self, which: str = "own", who: str = "owner"):
        return open_account(self.viewer(who), getattr(self, which))


def build_firm(_: Settings | None = None) -> Firm:
    """The small firm, through the writers' own door."""
    moment = now()
    with writer(Viewer.system("tests")) as tx:
        tx.insert("firm", name="Testkanzlei", created_at=moment)
        member = {
            key: tx.insert("staff_member", name=name, email=f"{key}@kanzlei.example", role=role, created_at=moment)
            for key, name, role in (
                ("owner", "Olga Owner", "owner"),
                ("everything", "Emil Alles", "employee"),
                ("assigned", "Anna Zugeordnet", "employee"),
                ("unassigned", "Udo Niemand", "employee"),
            )
        }
        for right in Right:
            tx.insert("staff_right", staff_member_id=member["everything"], right_key=right.value)
        own = tx.insert("account", number="10001", name="Müller/Weber GbR", kind="company", state="active", created_at=moment)
        foreign = tx.insert("account", number="10002", name="Schmidt Straßenbau", created_at=moment)
        empty = tx.insert("account", number="10003", name="Leer AG", created_at=moment)
        tx.insert("assignment", account_id=own, staff_member_id=member["assigned"], created_at=moment)
        contact = tx.insert("contact", name="Maria Müller", created_at=moment)
        address = tx.insert("contact_email", contact_id=contact, email="maria@mueller.example", is_primary=True, created_at=moment)
        tx.insert("account_contact", account_id=own, contact_id=contact, created_at=moment)
        tx.insert(
            "email_access", account_id=own, contact_id=contact, contact_email_id=address, login=True, signatory=True, first_login_at=moment
        )
        documents = [
            tx.insert(
                "document", account_id=account, name=name, uploaded_at=moment, is_from_client=True, contact_id=contact,
                file=f"{name}", media_type="text/plain",
            )
            for account, name in ((own, "eigenes.txt"), (foreign, "fremdes.txt"))
        ]  # fmt: skip
        for place, (total, paid, status) in enumerate(
            ((100, 0, "unpaid"), (50, 20, "partially_paid"), (70, 0, "scheduled"), (40, 0, "unpaid"))
        ):
            tx.insert(
                "invoice", account_id=own, number=f"R-{place}", issued_on=today(), due_on=today() + timedelta(days=place - 1),
                total=Decimal(total), paid_amount=Decimal(paid), status=status, created_at=moment,
            )  # fmt: skip
        tx.insert("credit", account_id=own, booked_on=today(), amount=Decimal(120), created_at=moment)
        tx.insert("note", account_id=own, text="Ruft nur nachmittags an.", staff_member_id=member["owner"], saved_at=moment)
        tx.insert(
            "time_entry", account_id=own, worked_on=today(), staff_member_id=member["owner"], minutes=60, rate=Decimal(90),
            amount=Decimal(90), created_at=moment,
        )  # fmt: skip
    return Firm(*member.values(), own, foreign, empty, contact, address, *documents)


class QuickEngine(Engine):
    """The engine, whose in-memory instance with its views serves the next file as well: to make both takes most of an opening's time.

    The file itself is attached, migrated, checked, checkpointed and let go as ever. A child that was forked leaves its parent's alone.
    One thread computes, for on tables this small a second one costs a third of each statement and does nothing; servers have them all.
    """

    spare: ClassVar[list[tuple[tuple, duckdb.DuckDBPyConnection]]] = []

    def __init__(self, file: Path, memory_limit_mib: int = 4096, threads: int = 0, projections: tuple[type, ...] = ()) -> None:
        super().__init__(file, memory_limit_mib, threads or 1, projections)

    def _kind(self) -> tuple:
        return os.getpid(), self._options

    def _instance(self) -> duckdb.DuckDBPyConnection:
        self.has_views = bool(self.spare) and self.spare[-1][0] == self._kind()
        return self.spare.pop()[1] if self.has_views else super()._instance()

    def _make_views(self, root: duckdb.DuckDBPyConnection) -> None:
        if not self.has_views:
            super()._make_views(root)

    def _give_up(self, root: duckdb.DuckDBPyConnection) -> None:
        try:
            root.execute("USE memory.main")
            root.execute("DETACH kundenblick")
        except duckdb.Error:
            root.close()
        else:
            self.spare.append((self._kind(), root))


core.store.Engine = QuickEngine
IN_CHILD = worker.in_child


def answer_here(asked: str, say: worker.Say, most: int) -> dict:
    """What a child process would answer, after the same journey through JSON; to start one takes a third of a second of computing."""
    told = worker.answer(asked, lambda key, values: say(*json.loads(json.dumps([key, values], default=str))))
    return json.loads(json.dumps(told, default=str)[: most + 1])


worker.in_child = answer_here


def nothing(_: Settings) -> None:
    """What is written into an empty store."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"KUNDENBLICK_DATA": str(tmp_path / "data")})


@pytest.fixture(scope="session")
def closed_folder(tmp_path_factory):
    """``closed_folder(build, day)``: a data folder nobody has open, with what ``build(settings)`` wrote, and its answer; made once a worker."""

    @cache
    def folder(build: Callable[[Settings], Any], day: date) -> tuple[Path, Any]:
        settings = read_settings({"KUNDENBLICK_DATA": str(tmp_path_factory.mktemp("closed") / "data")})
        open_installation(settings)
        answer = build(settings)
        close_store()
        return settings.data, answer

    return folder


@pytest.fixture
def holding(settings: Settings, closed_folder):
    """``holding(build)``: open a store with what ``build(settings)`` writes, return its answer. A copy is opened, built once a worker."""

    def opened(build: Callable[[Settings], Any]) -> Any:
        close_store()
        refusals.forget_repeats()  # what was refused in the store before, to people of the same numbers, is nothing to this one
        data, answer = closed_folder(build, today())
        shutil.copytree(data, settings.data)
        open_installation(settings)
        return copy(answer)

    yield opened
    close_store()


@pytest.fixture
def store(holding):
    """An open, empty store."""
    holding(nothing)
    return engine()


@pytest.fixture
def firm(holding) -> Firm:
    """The small firm in an open store."""
    return holding(build_firm)


@pytest.fixture
def account(firm: Firm):
    """The own account, open to the owner."""
    return firm.account("own")


@pytest.fixture
def fields(firm: Firm) -> dict[str, int]:
    """The starter set and an *E-Mail privat* of contacts."""
    owner = firm.viewer("owner")
    add_starter_fields(owner, [key for key, _, _ in starter_left(owner)])
    define_field(owner, scope="contact", label="E-Mail privat", type="email")
    with reader(Viewer.system("tests")) as r:
        return {row["key"]: row["custom_field_id"] for row in r.rows("SELECT key, custom_field_id FROM custom_field")}


@pytest.fixture
def in_children(monkeypatch) -> None:
    """Imports read files in child processes, as they do outside the tests."""
    monkeypatch.setattr(worker, "in_child", IN_CHILD)


@pytest.fixture
def northwind(tmp_path: Path) -> Path:
    """The worked example of an import, in a folder of its own."""
    return shutil.copytree(ROOT / "tests/data/northwind", tmp_path / "northwind")


@pytest.fixture
def shell(firm: Firm, settings: Settings):
    """Our own routes behind the guard, asked as one person or another: ``shell("owner").get("/document/1")``."""
    app = Starlette(routes=routes(settings), middleware=[Middleware(Guard, settings=settings)])

    def as_whom(who: str | None = None, **cookies: str) -> TestClient:
        if who:
            cookies[cookie_name(settings)] = start_session(getattr(firm, who), "127.0.0.1", "test")
        return TestClient(app, cookies=cookies, follow_redirects=False, raise_server_exceptions=False)

    return as_whom


def free_port() -> int:
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
def browser(browser: Browser) -> Browser:
    """One Chromium a worker; the contexts it gives are empty, though not new: see ``Contexts``."""
    Contexts(browser)
    return browser


@pytest.fixture
def visit(browser: Browser):
    """``visit(server, "owner", "/team", "en-GB")``: a page in a browser of its own, of somebody signed in or of nobody (``None``).

    Signing in by the form is tested where it is meant. No content policy may be violated in any of these browsers.
    """
    contexts, violations = [], []

    def opened(server: Server, who: str | None = "owner", path: str | None = None, locale: str = "de-DE", **options: Any) -> Page:
        context = browser.new_context(locale=locale, **options)
        contexts.append(context)
        context.on("console", lambda m: violations.append(m.text) if "Content Security Policy" in m.text else None)
        if who:
            context.add_cookies([{"name": "kundenblick", "value": server.tokens[who], "url": server.url}])
        page = context.new_page()
        if path is not None:
            page.goto(server.url + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert violations == []


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return browser_type_launch_args | {"executable_path": HEADLESS, "args": [*CHROMIUM.split(), *FOR_TESTS]}


@pytest.fixture
def browser_context_args(browser_context_args):
    return browser_context_args | {"locale": "de-DE", "viewport": {"width": 1280, "height": 900}}
