"""Escape stored text for Streamlit's Markdown labels and for our own HTML."""

from __future__ import annotations

import html
import re

from core.base.contact_points import JOINER

# A hyphen, a full stop, a bracket, an underscore or an ampersand is escaped only where it means something: a label is also an accessible
# name, and elsewhere a screen reader would read the backslash out.
_MARKDOWN = re.compile(r"([\\`*{}\[\]<>#+!|~$:^=@]|(?<![^\W_])_|_(?![^\W_])|&(?=\S)|^-|(?<=[-<>=|])-|-(?=[-<>=|])|(?<=[wW]{3})\.)")
# Streamlit makes links of addresses even where nothing is Markdown any more; an invisible joiner keeps them text.
_ADDRESS = re.compile(r"(https?\\:)(?=/)|((?<!\w)www)(?=\\?\.)|((?<=\w)\\@)(?=\w)", re.IGNORECASE)
# Streamlit puts icons, its logo and arrows in place of what the text says, escaped or not; the joiner keeps that text too.
_SIGN = re.compile(r":(?=material[/_]|streamlit:)|(?<!\S)[-<>~](?=(?:->|[->=])(?!\S))")
_LIST = re.compile(r"^(\d{1,9})([.)])")


def md(text: object) -> str:
    """Return text on one line that Markdown, Streamlit's directives and its emoji codes show literally."""
    plain = _SIGN.sub(rf"\g<0>{JOINER}", " ".join(str(text).split()))
    escaped = _MARKDOWN.sub(r"\\\1", plain)
    return _LIST.sub(r"\1\\\2", _ADDRESS.sub(rf"\g<0>{JOINER}", escaped))


def plain_paragraph(text: object) -> str:
    """Return a paragraph of HTML that shows the text literally: Markdown would make links of addresses in it."""
    return f'<p class="kb-text">{esc(text)}</p>'


def esc(text: object) -> str:
    """Return text escaped for HTML, in elements and quoted attributes."""
    return html.escape(str(text), quote=True)
