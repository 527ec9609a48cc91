"""Text on its way into Markdown stands there as it is, and is not read out with backslashes where none are needed."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from core.ui.parts.escape import md

HOSTILE = [
    "- ein Punkt", "1. Januar", "1) erstens", "--", "a--b", "->", "<-", "*x*", "**Müller** & Söhne", "_x_", "# Kopf", "> Zitat", "a | b",
    "[x](https://boese.example)", "![x](y)", "<script>alert(1)</script>", "`x`", "~~x~~", "$x$", ":red[x]", ":smile:", "www.boese.example",
    "=1+1", "\\\\", "&amp;", "a@b.example", "+ x", "* x", "***", "---", "===", "(x)",
]  # fmt: skip


def shown(text: str) -> str:
    return MarkdownIt().enable(["strikethrough", "table"]).render(md(text)).strip().replace("\u2060", "")


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_shown_literally(text):
    assert f"<p>{html.escape(text)}</p>" == shown(text)


LINKS = [
    "https://boese.example/x",
    "HTTP://boese.example",
    "siehe www.boese.example",
    "(www.boese.example)",
    "Maria · maria@mueller.example",
]


@pytest.mark.parametrize("text", LINKS)
def test_an_address_becomes_no_link(text):
    assert not re.search(r"https?://|www\.|\w@\w", shown_as_is := MarkdownIt().render(md(text)), re.IGNORECASE)
    assert "\u2060" in shown_as_is


# What Streamlit's page looks for in texts whose Markdown is read already: `StreamlitMarkdown` of its static files.
SIGNS = re.compile(r":material[/_](\w+):|:streamlit:|(^|\s)(<->|->|<-|--|>=|<=|~=)(\s|$)")


@pytest.mark.parametrize(
    "text", [":material/home:", "x :material_home:", ":streamlit:", *["<->", "->", "<-", "--", ">=", "<=", "~="], "a -> b", "-- -> --"]
)
def test_a_sign_of_streamlits_stays_text(text):
    said = html.unescape(MarkdownIt().render(md(text)).removeprefix("<p>").removesuffix("</p>\n"))
    assert not SIGNS.search(said)
    assert text == said.replace("\u2060", "")


@given(st.text(alphabet="-.()1w*_[]<>:!#+=|~`\\\\ aÄ", max_size=30).filter(lambda text: text.strip()))
def test_whatever_is_typed_is_shown_literally(text):
    assert f"<p>{html.escape(' '.join(text.split()))}</p>" == shown(text)


@pytest.mark.parametrize("text", ["Steuer-IdNr.", "Wirtschaftsjahr-Beginn", "USt-IdNr. (neu)", "Lohn & Gehalt", "DATEV_Nummer"])
def test_a_label_is_read_out_without_backslashes(text):
    assert text == md(text)
