"""From the click on a client to everything drawn, in Chromium, beside a bare Streamlit page of the same cards; and the
computing the page's script takes when nothing is asked of the database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from core.access.open_account import open_account
from core.base.config import read_settings
from core.base.rights import Viewer
from core.identity.sessions import start_session
from core.operations.installation import open_installation
from core.overview.catalogue import CATALOGUE
from core.overview.read import read_overview
from core.overview.sql_composition import ROWS_ON_CARD
from core.store import close_store, reader
from core.web.guard import cookie_name
from tests.bench.frame import Context, Row, at_most, median, p95, told
from tests.bench.served import WholeServer, served
from tests.bench.start import sample
from tests.bench.wire import Tab
from tests.conftest import CHROMIUM

RATIO, FIRST_SCREEN, COMPUTING = 1.15, 0.7, 40
QUIET = 900
# Notes when the last element came into the page after a click, when the last that one sees without scrolling did, and when the frame that
# showed it was done. Where elements stand is asked at the end, so that the asking costs nothing meanwhile.
WATCHING = """
(() => {
  const seen = window.benchSeen = { clicked: 0, last: 0, painted: 0, elements: 0 };
  let came = [];
  addEventListener('click', () => {
    Object.assign(seen, { clicked: performance.now(), last: 0, painted: 0, elements: 0 });
    came = [];
  }, true);
  window.benchFirstScreen = () => came.filter(([, node]) => {
    const box = node.isConnected && node.getBoundingClientRect?.();
    return box && box.width && box.height && box.top < innerHeight && box.bottom > 0;
  }).reduce((last, [at]) => Math.max(last, at), 0);
  new MutationObserver((changes) => {
    const added = changes.reduce((sum, change) => sum + change.addedNodes.length, 0);
    if (!added || !seen.clicked) return;
    seen.last = performance.now();
    seen.elements += added;
    for (const change of changes) for (const node of change.addedNodes) came.push([seen.last, node]);
    requestAnimationFrame(() => requestAnimationFrame(() => { seen.painted = performance.now(); }));
  }).observe(document, { childList: true, subtree: true });
})();
"""
SETTLED = f"""() => benchSeen.clicked && benchSeen.painted && performance.now() - benchSeen.last > {QUIET}
  && document.querySelector('[data-testid="stApp"]').dataset.testScriptState === 'notRunning'"""


def typical(context: Context, data: Path) -> tuple[str, int, str, list[dict]]:
    """(a session of the owner's, the account, its name, its cards) of an active account with a middling number of rows."""
    return context.once("typical", lambda: _typical(data))


def _typical(data: Path) -> tuple[str, int, str, list[dict]]:
    open_installation(read_settings({}, data=str(data)))
    try:
        with reader(Viewer.system("benchmark")) as r:
            owner = Viewer.staff(r.value("SELECT min(staff_member_id) FROM staff_member WHERE role = 'owner'"))
            accounts = r.rows("SELECT account_id, name FROM account WHERE archived_at IS NULL ORDER BY account_id")
        sizes = []
        for row in accounts:
            # The numbers above the cards are no cards.
            found = read_overview(open_account(owner, row["account_id"]))
            results = {widget.key: found[widget.key] for widget in CATALOGUE}
            sizes.append((sum(result.total for result in results.values()), row["account_id"], row["name"], results))
        _, account_id, name, results = sorted(sizes, key=lambda size: size[:2])[len(sizes) // 2]
        cards = [
            {"title": key, "rows": min(len(r.rows), ROWS_ON_CARD), "columns": [column.key for column in r.widget.columns if column.card]}
            for key, r in results.items()
        ]
        return start_session(owner.id, "127.0.0.1", "bench"), account_id, name, cards
    finally:
        close_store()


def _clicked(page: Page, selector: str) -> dict[str, float]:
    """Milliseconds from a click on what ``selector`` finds to the last element, and to its painting."""
    page.bring_to_front()
    page.evaluate("() => { benchSeen.clicked = 0; }")
    page.locator(selector).first.click()
    page.wait_for_function(SETTLED, timeout=120_000)
    seen = page.evaluate("() => ({ ...benchSeen, first: benchFirstScreen() })")
    return {figure: seen[figure] - seen["clicked"] for figure in ("last", "first", "painted")} | {"elements": seen["elements"]}


def _rounds(context: Context, ours: Page, bare: Page, client: str, tables: int) -> dict[str, list[dict[str, float]]]:
    found: dict[str, list[dict[str, float]]] = {"ours": [], "cards": [], "empty": []}
    for turn in range(context.rounds(12, 1) + (0 if context.tiny else 2)):
        _clicked(ours, '[data-testid="stSidebar"] [data-testid="stPageLink"] a[href$="accounts"]')
        mine = _clicked(ours, client)
        assert ours.locator('[data-testid="stDataFrame"]').count() == tables, "a card's table is missing"
        theirs = _clicked(bare, 'button:has-text("cards")')
        assert bare.locator('[data-testid="stDataFrame"]').count() == tables, "the bare page draws other tables"
        nothing = _clicked(bare, 'button:has-text("empty")')
        if turn >= 2 or context.tiny:
            for name, figures in (("ours", mine), ("cards", theirs), ("empty", nothing)):
                found[name].append(figures)
    return found


def in_the_browser(context: Context, data: Path) -> Iterator[Row]:
    token, account_id, name, cards = typical(context, data)
    kept = context.folder / "cards.json"
    kept.write_text(json.dumps(cards), "utf-8")
    tables = sum(1 for card in cards if card["rows"])
    server = WholeServer(data)
    try:
        with served("bare_app.py", context.folder, BENCH_CARDS=str(kept)) as url, sync_playwright() as p:
            browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM.split())
            pages = []
            for address in (server.url, url):
                where = browser.new_context(locale="de-DE", viewport={"width": 1280, "height": 800})
                where.add_cookies([{"name": cookie_name(read_settings({})), "value": token, "url": server.url}])
                where.add_init_script(WATCHING)
                pages.append(where.new_page())
                pages[-1].goto(address if address == url else f"{address}/overview?account={account_id}")
            ours, bare = pages
            client = f'.kb-recent a[href$="account={account_id}"]'
            ours.locator(client).wait_for(timeout=60_000)
            bare.locator("#last").wait_for(state="attached", timeout=60_000)
            found = _rounds(context, ours, bare, client, tables)
            browser.close()
    finally:
        server.stop()
    yield from _compared(found, name, tables)


def _compared(found: dict[str, list[dict[str, float]]], name: str, tables: int) -> Iterator[Row]:
    middle = {page: {figure: median([one[figure] for one in taken]) for figure in taken[0]} for page, taken in found.items()}
    ours, cards, empty = middle["ours"], middle["cards"], middle["empty"]
    more = f" ({ours['last']:.0f} ms, p95 {p95([one['last'] for one in found['ours']]):.0f})"
    yield at_most(
        f"page: click to last element, {name}, {tables} tables", ours["last"] / cards["last"], RATIO, "×", more=more,
        against=f"the bare cards {cards['last']:.0f} ms",
    )  # fmt: skip
    yield at_most(
        "page: click to the first screen complete ÷ all of the bare cards", ours["first"] / cards["last"], FIRST_SCREEN, "×",
        more=f" ({ours['first']:.0f} ms)",
    )  # fmt: skip
    yield told("page: click to painted", f"{ours['painted']:.0f} ms", against=f"the bare cards {cards['painted']:.0f} ms")
    yield told("page: ÷ an empty page", f"{ours['last'] / empty['last']:.1f}×", against=f"an empty page {empty['last']:.0f} ms")
    yield told("page: nodes added", f"{ours['elements']:.0f}", against=f"the bare cards {cards['elements']:.0f}")


async def _clicks(url: str, token: str, account_id: int, count: int) -> Tab:
    tab = Tab(url, token)
    await tab.enter()
    for _ in range(count):
        await tab.click("kundenblick_search", account_id)
    await tab.leave()
    return tab


def computing(context: Context, data: Path, *, kept: bool) -> list[float]:
    """Milliseconds of computing of the script thread, a click each; with ``kept`` reads nothing is asked of the database."""
    token, account_id, *_ = typical(context, data)
    times = context.folder / f"times-{kept}"
    environ = {"KUNDENBLICK_DATA": str(data), "BENCH_TIMES": str(times)} | ({"BENCH_KEPT_READS": "1"} if kept else {})
    count = context.rounds(30, 3)
    with served("measured_app.py", context.folder, **environ) as url:
        tab = asyncio.run(_clicks(url, token, account_id, count))
    if tab.errors:
        raise RuntimeError(f"the page showed an error: {tab.errors[0]}")
    found = [float(line) for line in times.read_text().split()]
    # Polls of the open page are the small ones; the first clicks fill caches.
    return sorted(found)[-count:][: max(1, count - 5)] if not context.tiny else found


def rows(context: Context) -> Iterator[Row]:
    data = sample(context)
    yield from in_the_browser(context, data)
    drawing, whole = computing(context, data, kept=True), computing(context, data, kept=False)
    more = f" ({min(drawing):.0f} at best)"
    yield at_most("page: the script thread without queries, median", median(drawing), COMPUTING, "CPU-ms", more=more)
    yield told("page: the script thread with its queries", f"{median(whole):.0f} CPU-ms")
