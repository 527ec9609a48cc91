"""Ready mappings for files of other programs, each known by the heads of its columns; one TOML file each beside this one.

A column that a file lacks is left out of its mapping, with the fields and tables that are made of it alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.i18n import t
from core.imports.facts import FileFacts, as_facts
from core.imports.list_mapping import FILE, quoted

FOLDER = Path(__file__).parent
# The one of each pair that is asked first knows its file by more.
ORDER = ("vcard", "datev_parties", "datev_open_items", "outlook", "sevdesk", "lexware", "taxdome", "uku")
_COLUMN = re.compile(r"column\(('[^']*'(?:, *'[^']*')*)\)")
_NOTHING = re.compile(r"(?<=[(])None, |, None(?=[,)])")
_BLOCK = re.compile(r"^(?=\[\[tables\]\])", re.MULTILINE)


@dataclass(frozen=True)
class Template:
    """A ready mapping; ``key`` is its name for good. Title, what it was made from and what could not be checked are said in words."""

    key: str
    kinds: tuple[str, ...]
    meta: tuple[tuple[int, str], ...]
    heads: tuple[tuple[str, ...], ...]
    reads: tuple[tuple[str, Any], ...]
    body: str

    @property
    def title(self) -> str:
        """Return its name for people."""
        return t(f"import_templates.{self.key}.title")

    @property
    def made_from(self) -> str:
        """Return a sentence on what it was made from."""
        return t(f"import_templates.{self.key}.made_from")

    @property
    def not_checked(self) -> str:
        """Return a sentence on what could not be checked."""
        return t(f"import_templates.{self.key}.not_checked")

    def fits(self, facts: FileFacts) -> bool:
        """Return whether a file is one of this template's."""
        there = set(facts.columns) if facts.columns_by == "name" else set()
        return (
            (facts.kind in self.kinds if self.kinds else facts.is_readable)
            and all(place <= len(facts.meta) and facts.meta[place - 1] == said for place, said in self.meta)
            and all(there & set(spellings) for spellings in self.heads)
        )

    def mapping_text(self, name: str, facts: FileFacts | Mapping[str, Any], file_name: str) -> str:
        """Return the whole mapping of a file of this template, under the name it is to be remembered by.

        Args:
            name: What the mapping is remembered as.
            facts: What the file is.
            file_name: Its path, from the folder of the mapping.
        """
        known = as_facts(facts)
        reads = dict(self.reads)
        known = replace(known, **{key: value for key, value in reads.items() if key in ("decimal", "date") and not getattr(known, key)})
        lines = [known.as_mapping(FILE, file_name)]
        if null := reads.get("null"):
            lines.append(f"null = [{', '.join(map(quoted, null))}]")
        preface, *blocks = _BLOCK.split(self.body)
        written = [kept for block in blocks if (kept := _of_columns(block, set(known.columns)))]
        return f"name = {quoted(name)}\n\n" + "\n".join(lines) + f"\n\n{preface}" + "\n".join(written)


def template_for(facts: FileFacts | Mapping[str, Any]) -> Template | None:
    """Return the template of the program a file comes from; None for one that is not known."""
    known = as_facts(facts)
    return next((template for template in templates().values() if template.fits(known)), None)


@lru_cache(maxsize=1)
def templates() -> dict[str, Template]:
    """Return all templates by key, in the order they are asked in."""
    return {key: _read(key) for key in ORDER}


def _read(key: str) -> Template:
    text = (FOLDER / f"{key}.toml").read_text("utf-8")
    told = tomllib.loads(text)
    known, reads = told["known_by"], told.get("reads", {})
    lines = text.splitlines(keepends=True)
    start = lines.index("[[tables]]\n")
    while start and lines[start - 1].startswith("#"):
        start -= 1
    meta = tuple((int(place), said) for place, said in known.get("meta", {}).items())
    heads = tuple(map(tuple, known.get("heads", [])))
    return Template(key, tuple(known.get("kinds", ())), meta, heads, tuple(reads.items()), "".join(lines[start:]))


def _of_columns(block: str, there: set[str]) -> str:
    """Return a block with what is made of columns that are there; nothing where its rows are made of one that is not."""
    lines = []
    for line in block.splitlines():
        kept = _NOTHING.sub("", _COLUMN.sub(lambda match: match[0] if set(_names(match[1])) & there else "None", line))
        while (shorter := _NOTHING.sub("", kept)) != kept:
            kept = shorter
        if kept != line and line.startswith("when = ") and "None" in kept:
            return ""
        if kept != line and not _COLUMN.search(kept):
            if line.startswith("each = "):
                return ""
            if not line.startswith("key = "):
                continue
        lines.append(kept)
    return "\n".join(lines) + "\n"


def _names(quoted_names: str) -> Sequence[str]:
    return re.findall(r"'([^']*)'", quoted_names)
