"""Words for people, German and English: ``t("widgets.documents.title")`` reads ``<language>/widgets.json``.

One file per topic and language; a test holds the keys of both languages to each other.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from core.base.errors import AppError, BadDeclaration

LANGUAGES = ("de", "en")
# Each language's own name.
SPOKEN = {"de": "Deutsch", "en": "English"}
_fixed: ContextVar[str | None] = ContextVar("language", default=None)
_source: Callable[[], str] = lambda: "de"  # noqa: E731 - replaced by ``set_language_source``


def set_language_source(source: Callable[[], str]) -> None:
    """Set the function that returns the language of the person being served; it is called for every word."""
    global _source
    _source = source


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """Use one language for work outside a page: an export, a mail, a command."""
    before = _fixed.set(code)
    try:
        yield
    finally:
        _fixed.reset(before)


def language() -> str:
    """Return the language of the person being served: ``de`` or ``en``."""
    chosen = _fixed.get() or _source()
    return chosen if chosen in LANGUAGES else "de"


def of_terminal() -> str:
    """Return the language of the terminal: of what a command or the server prints."""
    return "de" if os.environ.get("LANG", "").lower().startswith("de") else "en"


@cache
def words_of(code: str) -> dict[str, str]:
    """Return every word of one language by its dotted key. Raises BadDeclaration for a file that is no tree of texts."""
    flat: dict[str, str] = {}

    def walk(prefix: str, node: object, file: Path) -> None:
        if isinstance(node, str):
            flat[prefix] = node
        elif isinstance(node, dict):
            for key, value in node.items():
                walk(f"{prefix}.{key}", value, file)
        else:
            raise BadDeclaration(f"{file}: {prefix} is neither a text nor a group")

    for file in sorted((Path(__file__).parent / code).glob("*.json")):
        walk(file.stem, json.loads(file.read_text("utf-8")), file)
    return flat


def t(key: str, /, **values: object) -> str:
    """Return the text for a key in the person's language, with ``{names}`` filled in. Raises BadDeclaration for a missing key.

    With ``n`` among the values the form ``key.one`` or ``key.other`` is used, and ``n`` is written as 1.234.
    """
    words = words_of(language())
    if "n" in values and f"{key}.other" in words:
        key = f"{key}.one" if values["n"] == 1 and f"{key}.one" in words else f"{key}.other"
    if key not in words:
        raise BadDeclaration(f"no word {key!r} in {language()}")
    if isinstance(values.get("n"), int):
        values["n"] = f"{values['n']:,}".replace(",", "." if language() == "de" else ",")
    return _one_period(words[key], values) if values else words[key]


def _one_period(text: str, values: dict[str, object]) -> str:
    """Fill a text in; a value that ends with a period, *USt-IdNr.*, brings no second one where it ends the sentence."""
    ended = {
        name: value[:-1] for name, value in values.items() if isinstance(value, str) and value.endswith(".") and f"{{{name}}}." in text
    }
    return text.format(**(values | ended))


def sentence(problem: AppError) -> str:
    """Return the sentence for an error."""
    return t(f"errors.{problem.code}", **problem.values)
