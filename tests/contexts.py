"""Browser contexts used again: the first page in a new one fetches and compiles all of Streamlit, thrice the work of every later one."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, expect

# A page says these for itself, so they need no context of their own.
OF_A_PAGE: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light", "locale": "en-US"}


# Nothing fades or turns: a page that waits is drawn sixty times a second, by the same two cores.
STILL = """(() => {
  const still = new CSSStyleSheet();
  still.replaceSync('*, ::before, ::after { animation: none !important; transition: none !important; }');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
})();"""


class Contexts:
    """Hands out contexts of one browser; one that is closed loses cookies, storage, pages and listeners and keeps only its cache."""

    def __init__(self, browser: Browser) -> None:
        self._new = browser.new_context
        self._idle: dict[str, list[BrowserContext]] = defaultdict(list)
        browser.new_context = self.lend

    def lend(self, **options: Any) -> BrowserContext:
        """Return an empty context with these options, which are those of ``Browser.new_context``."""
        own = {name: options.pop(name, usual) for name, usual in OF_A_PAGE.items()}
        kind = repr(sorted(options.items()))
        while self._idle[kind]:
            context = self._idle[kind].pop()
            if context.pages == [context.keeper]:
                break
        else:
            context = self._new(**options)
            context.keeper = keep_process(context)
            context.add_init_script(STILL)
            context.given = context.new_page, context.on
        new_page, listen = context.given
        listeners: list[tuple[str, Any]] = []

        def page() -> Page:
            opened = new_page()
            opened.set_viewport_size(own["viewport"])
            opened.emulate_media(color_scheme=own["color_scheme"])
            speak(opened, own["locale"])
            return opened

        def on(event: str, heard: Any) -> None:
            listeners.append((event, heard))
            listen(event, heard)

        def close() -> None:
            for event, heard in listeners:
                context.remove_listener(event, heard)
            context.unroute_all()
            context.clear_cookies()
            context.clear_permissions()
            for opened in context.pages:
                if opened is not context.keeper:
                    forget(opened)
            self._idle[kind].append(context)

        context.new_page, context.on, context.close = page, on, close
        return context


def speak(page: Page, locale: str) -> None:
    """Give a page a language, as Playwright's ``locale`` gives it to all of a context. Pages it opens itself speak Chromium's own."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setLocaleOverride", {"locale": locale})
    session.send("Emulation.setUserAgentOverride", {"userAgent": "", "acceptLanguage": locale})


def keep_process(context: BrowserContext) -> Page:
    """Open an empty page that stays: the process of its site stays with it, and what that compiled serves the pages to come, on any port.

    Without it each page began a process of its own, a third more work. Needs ``--process-per-site``.
    """
    page = context.new_page()
    page.route("**/*", lambda route: route.fulfill(body="", content_type="text/html"))
    page.goto("http://127.0.0.1/")
    return page


def forget(page: Page) -> None:
    """Close a page and delete what it stored in the browser."""
    with contextlib.suppress(Error):  # a page that crashed or never came has nothing stored
        if page.url.startswith("http"):
            wipe = {"origin": "/".join(page.url.split("/")[:3]), "storageTypes": "local_storage,indexeddb,cache_storage,websql"}
            page.context.new_cdp_session(page).send("Storage.clearDataForOrigin", wipe)
    page.close()


# Streamlit goes where the address says, as for the back button; to load it anew would cost three times as much.
INSIDE = """path => new Promise((done, failed) => {
  const state = () => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState;
  let ran = false, waiting;
  // A browser that has much to do may draw a run's beginning and end as one, and then nothing ever says "running": what it drew is seen.
  const look = changes => {
    ran ||= state() === 'running' || changes.some(change => change.oldValue === 'running');
    clearTimeout(waiting);
    if (ran && state() === 'notRunning') end(); else waiting = setTimeout(() => state() === 'notRunning' && end(), 1500);
  };
  const watcher = new MutationObserver(look);
  const limit = setTimeout(() => { watcher.disconnect(); failed(new Error(path + ' was not drawn within 30 s')); }, 30000);
  const end = () => { watcher.disconnect(); clearTimeout(limit); done(); };
  watcher.observe(document.body, {
    subtree: true, childList: true, characterData: true, attributeOldValue: true, attributeFilter: ['data-test-script-state'],
  });
  history.pushState({}, '', path);
  dispatchEvent(new PopStateEvent('popstate'));
})"""


# Nothing runs, and nothing has been asked for a moment: what was typed or chosen just before is on its way until then.
QUIET = """() => new Promise((done, failed) => {
  const began = performance.now();
  let since = began;
  const look = () => {
    const now = performance.now();
    if (document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState !== 'notRunning') since = now;
    if (now - since >= 100) done();
    else if (now - began > 40000) failed(new Error('a run did not end within 40 s'));
    else setTimeout(look, 25);
  };
  look();
})"""


def settled(page: Page) -> None:
    """Wait, as a person does, until what was done last is drawn."""
    page.evaluate(QUIET)


def said(place: Locator) -> str:
    """Return what stands at a place when nothing is drawn any more; before that it may be what stood there earlier."""
    settled(place.page)
    return place.inner_text()


def click_row(table: Locator, x: int, place: int = 0) -> None:
    """Click into a row of a table as a hand does: the pointer is there before it presses."""
    position = {"x": x, "y": 33 + 28 * place + 14}
    table.hover(position=position)
    table.hover(position=position | {"x": x + 4})
    table.click(position=position)


def go(page: Page, path: str) -> None:
    """Take a page to another one of the app, ``/team?member=5``, in the same session, and wait until it is drawn.

    ``page.goto`` begins a new session and loads all of Streamlit again, twice the work.
    """
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=30_000)
    page.evaluate(INSIDE, path)
