"""Add to a browser test that failed the text its pages showed: a machine that runs tests by itself keeps no pictures."""

from __future__ import annotations

import contextlib

import pytest
from playwright.sync_api import Error, Page

MAX_SHOWN_CHARS = 1500
SHOWN = """() => {
  const text = part => part.innerText.replace(/\\s+/g, ' ').trim();
  const fields = [...document.querySelectorAll('input:not([type=password]), textarea')].filter(field => field.value).map(field => field.value);
  return [...document.querySelectorAll('[data-testid="stDialog"]'), document.body].map(text).concat(`fields: ${fields.join(' | ')}`);
}"""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.failed and report.when == "call" and (browser := item.funcargs.get("browser")):
        for context in browser.contexts:
            report.sections += [(f"shown at {page.url}", seen(page)) for page in context.pages]
    return report


def seen(page: Page) -> str:
    """Return the text of the dialogs and of the page, and the values of its fields."""
    with contextlib.suppress(Error):  # a page that crashed shows nothing
        return "\n".join(part[:MAX_SHOWN_CHARS] for part in page.evaluate(SHOWN))
    return ""
