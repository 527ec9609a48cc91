"""Chromium for tests: how it is started, and a page of somebody signed in."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from playwright._impl import transport
from playwright.sync_api import Browser, Page, expect

from tests.contexts import Contexts
from tests.servers import Server

CHROMIUM = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
)
# What Playwright turns off of Chromium by itself: our own list of features stands for its one. Then what reads a script in other threads before it
# is asked whether that script has been read already.
NOT_WANTED = (
    "AvoidUnnecessaryBeforeUnloadCheckSync,DestroyProfileOnBrowserClose,HttpsUpgrades,HttpsFirstBalancedModeAutoEnable,LensOverlay,MediaRouter,PaintHolding,"
    "ThirdPartyStoragePartitioning,AvoidCorsURLLoaderRestartOnRedirect,TcpPortRandomizationWin,OptimizationHints,NetworkTimeServiceQuerying,AimEnabled,"
    "PreconnectToSearch,msForceBrowserSignIn,ScriptStreaming,BackgroundResourceFetch"
)
# A camera that is there and allowed; scripts as they are read, for no page lives long enough to be worth optimising; one process for all
# pages of a context, which has read the scripts already and forgets none of them between two tests.
FOR_TESTS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--js-flags=--max-opt=1 --no-flush-bytecode --single-threaded --min-semi-space-size=64 --max-semi-space-size=64",
    "--process-per-site",
    f"--disable-features={NOT_WANTED}",
    "--enable-features=CDPScreenshotNewSurface,MemoryCacheStrongReference,FastMemoryCacheWithDevTools",
)
# The same engine without a window around it costs a fifth less a page.
HEADLESS = shutil.which("chromium-headless-shell") or "/usr/bin/chromium"
# How long ``expect`` waits at most where a test does not say: a loaded machine is slow, and a wait ends when the thing is seen.
expect.set_options(timeout=15_000)
playwrights_driver = transport.compute_driver_executable


def quick_driver() -> tuple[str, str]:
    """Return Playwright's node and a driver that leaves out what is made for messages alone; ``driver.cjs`` says what."""
    node, cli = playwrights_driver()
    return node, str(Path(__file__).with_name("driver.cjs")) if Path(node).parent == Path(cli).parents[1] else cli


transport.compute_driver_executable = quick_driver


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
