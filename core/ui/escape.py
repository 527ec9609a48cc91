"""Stored text on its way into Streamlit's Markdown labels and into our own HTML."""

from __future__ import annotations

import html
import re

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:^=&@])")


def md(text: object) -> str:
    """Text that Markdown, Streamlit's directives and its emoji codes show literally, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))


def said_plainly(text: object) -> str:
    """A paragraph of HTML that shows the text literally: Markdown would make links of addresses in it."""
    return f'<p class="kb-text">{esc(text)}</p>'


def esc(text: object) -> str:
    """Text for HTML, in elements and quoted attributes."""
    return html.escape(str(text), quote=True)
