"""A browser test that fails tells what its pages showed: a machine that runs tests by itself keeps no pictures."""

from __future__ import annotations

import contextlib

import pytest
from playwright.sync_api import Error, Page

MOST = 1500
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
    """The dialog and the page as text, and what stood in its fields."""
    with contextlib.suppress(Error):  # a page that crashed shows nothing
        return "\n".join(part[:MOST] for part in page.evaluate(SHOWN))
    return ""
