"""From the last letter typed into the search field to the list, in Chromium, on the bench firm, a key every 60 ms."""

from __future__ import annotations

import random
from collections.abc import Iterator

from playwright.sync_api import Page, sync_playwright

from core.base.config import read_settings
from core.base.rights import Viewer
from core.identity.sessions import start_session
from core.store import close_store, reader
from core.web.guard import cookie_name
from tests.bench.data import OWNER, opened
from tests.bench.frame import Context, Row, at_most, cannot, median, p95
from tests.bench.served import WholeServer
from tests.conftest import CHROMIUM

KEY = 60
# Notes when the last letter came and when the list, or the sentence that there is none, stood there after it.
WATCHING = """
(() => {
  const seen = window.benchTyped = { typed: 0, listed: 0 };
  addEventListener('input', () => Object.assign(seen, { typed: performance.now(), listed: 0 }), true);
  new MutationObserver((changes) => {
    if (seen.typed && !seen.listed && changes.some(({ target }) => target.closest?.('.kb-search'))) seen.listed = performance.now();
  }).observe(document, { childList: true, subtree: true });
})();
"""


def _typed(page: Page, text: str) -> tuple[float, bool]:
    """Milliseconds from the last letter to the list; whether every letter stands in the field."""
    field = page.get_by_role("combobox").first
    field.fill("")
    field.press_sequentially(text, delay=KEY)
    page.wait_for_function("() => benchTyped.listed", timeout=30_000)
    seen = page.evaluate("() => benchTyped")
    return seen["listed"] - seen["typed"], field.input_value() == text


def rows(context: Context) -> Iterator[Row]:
    if not opened(context):
        yield cannot("search, keystroke to list", "there is no bench firm of this size (make bench-data SIZE=L)")
        return
    dice, settings = random.Random(5), read_settings({})
    with reader(Viewer.staff(OWNER)) as r:
        names = [row["name"] for row in r.rows("SELECT name FROM account ORDER BY hash(account_id) LIMIT 200")]
        data = context.folder / "firm" if context.tiny else context.data
    token = start_session(OWNER, "127.0.0.1", "bench")
    close_store()
    # PostgreSQL's folder lies in there too, and its user has to come by; the app refuses to start where others may read.
    mode = data.stat().st_mode
    data.chmod(0o700)
    server = WholeServer(data)
    try:
        with sync_playwright() as p:
            browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM.split())
            page = browser.new_page(locale="de-DE", viewport={"width": 1280, "height": 900})
            page.context.add_cookies([{"name": cookie_name(settings), "value": token, "url": server.url}])
            page.add_init_script(WATCHING)
            page.goto(server.url)
            page.get_by_role("combobox").first.wait_for(timeout=60_000)
            asked = [dice.choice(names)[: dice.randrange(2, 9)].strip() for _ in range(context.rounds(60, 2))]
            found = [_typed(page, text) for text in ["mei", *asked]][1:]
            browser.close()
    finally:
        server.stop()
        data.chmod(mode)
    took, lost = [ms for ms, _ in found], sum(not whole for _, whole in found)
    yield at_most(
        "search, keystroke to list in Chromium: median", median(took), 150, "ms", against=f"{len(took)} words, a key every {KEY} ms"
    )
    yield at_most("search, keystroke to list in Chromium: p95", p95(took), 250, "ms")
    yield at_most("search, keystroke to list in Chromium: words with a lost letter", lost, 0, "")
