"""Turn the HTML of a mail into text: links as text, nothing loaded, nothing run."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript", "svg"})
_LINES = frozenset({"p", "div", "tr", "li", "h1", "h2", "h3", "h4", "h5", "h6", "table", "ul", "ol", "blockquote", "pre", "hr"})
_MANY_LINES = re.compile(r"\n{3,}")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text: list[str] = []
        self.silent = 0
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag == "br" or tag in _LINES:
            self.text.append("\n")
        elif tag == "td":
            self.text.append(" ")
        elif tag == "a":
            self.links.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in _LINES:
            self.text.append("\n")
        elif tag == "a" and self.links and (address := self.links.pop()).startswith(("http:", "https:")):
            said = "".join(self.text[-3:])
            if address.split("?")[0].rstrip("/") not in said:
                self.text.append(f" <{address[:500]}>")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.text.append(re.sub(r"\s+", " ", data))


def plain_text(html: str) -> str:
    """Return what a person would read of HTML."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = "\n".join(" ".join(line.split()) for line in "".join(reader.text).split("\n"))
    return _MANY_LINES.sub("\n\n", lines).strip()
