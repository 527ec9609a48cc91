"""Check the text of a mapping that came from a page: it may name only uploaded files, and no folder of the server."""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.errors import NotAllowed, ValidationFailed
from core.base.sizes import KIB
from core.imports.mapping import WITH_FILE, Mapping
from core.imports.may_import import needs_of

MAX_TEXT_BYTES = 512 * KIB
MAX_NAME_CHARS = 100


@dataclass(frozen=True)
class Checked:
    """A mapping's name, its text as it is read, and the rights its tables need."""

    name: str
    text: str
    needs: frozenset[str]


def checked(text: str, files: Sequence[str]) -> Checked:
    """Return a mapping that names only these files. Raises ValidationFailed for ``mapping``, NotAllowed for what no page brings in."""
    values = _parsed(text)
    named = values.get("files", {})
    if not isinstance(named, dict) or not all(isinstance(source, dict) for source in named.values()):
        raise _wrong("mapping_files")
    paths = [str(source.get("path", "")) for source in named.values()]
    if len(files) == len(paths) == 1 and paths[0] != files[0]:
        text = _renamed(text, paths[0], files[0])
        named = _parsed(text).get("files", {})
        paths = [str(source.get("path", "")) for source in named.values()]
    if any("own" in source for source in named.values()):
        # What the program wrote itself is taken as it is: that is for whoever has the server.
        raise NotAllowed()
    if strange := [path for path in paths if unicodedata.normalize("NFC", path) not in files]:
        raise _wrong("mapping_file_unknown", path=strange[0][:200], known=", ".join(files))
    tables = values.get("tables", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise _wrong("mapping_tables")
    columns: dict[str, set[str]] = {}
    for table in tables:
        fields = table.get("fields", {})
        fields = fields if isinstance(fields, dict) else {}
        target = str(table.get("table", ""))
        if WITH_FILE.get(target) in fields or any(isinstance(rule, dict) and "folder" in rule for rule in fields.values()):
            raise _wrong("mapping_folder")
        columns.setdefault(target, set()).update(fields)
    name = values.get("name")
    if name is None:
        name = Path(files[0]).stem if files else "list"
        text = f"name = {json.dumps(name, ensure_ascii=False)}\n{text}"
    if not isinstance(name, str) or not name.strip() or len(name) > MAX_NAME_CHARS or not name.isprintable():
        raise _wrong("mapping_name", most=MAX_NAME_CHARS)
    if any(rule.get("on_bad") == "note" for table in tables for rule in (table.get("fields") or {}).values() if isinstance(rule, dict)):
        columns.setdefault("note", set())
    return Checked(name, text, needs_of(columns))


def tables_of(text: str) -> frozenset[str]:
    """Return the tables that a mapping, which was checked before, feeds."""
    return frozenset(str(table.get("table", "")) for table in tomllib.loads(text).get("tables", []))


def _parsed(text: str) -> dict[str, Any]:
    if len(text.encode("utf-8", "replace")) > MAX_TEXT_BYTES:
        raise _wrong("mapping_large", most=MAX_TEXT_BYTES // KIB)
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise _wrong("mapping_toml", reason=str(problem)[:200]) from None


def _renamed(text: str, old: str, new: str) -> str:
    """Return the text with another path where it names its one file."""
    spelled = "|".join(re.escape(form) for form in (json.dumps(old, ensure_ascii=False), json.dumps(old), f"'{old}'"))
    return re.sub(rf"(\bpath\s*=\s*)(?:{spelled})", lambda found: found[1] + json.dumps(new, ensure_ascii=False), text, count=1)


def is_contained(mapping: Mapping, folder: Path) -> bool:
    """Return whether a mapping that was read names files of this folder only: asked again of what came of the text."""
    inside = folder.resolve()
    paths = [source.path for source in mapping.sources.values()]
    return all(path.parent.resolve() == inside and not path.is_symlink() for path in paths) and not any(
        rule.is_file for block in mapping.blocks for rule in block.rules
    )


def _wrong(code: str, **values: object) -> ValidationFailed:
    return ValidationFailed({"mapping": (code, values)})
