"""Load SQL files, each by its name; a file holds one SELECT."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from core.base.errors import BadDeclaration

ROOMS = Path(__file__).parents[1]
_PARAMETER = re.compile(r"\$([a-z_]+)")
_COMMENT = re.compile(r"--[^\n]*")


class Query(str):
    """The text of one SQL file; ``name`` is the file's, ``parameters`` the ``$names`` in it."""

    name: str
    parameters: frozenset[str]

    def __new__(cls, name: str, text: str) -> Query:
        """Return the text with its name and parameters."""
        query = super().__new__(cls, text)
        query.name = name
        query.parameters = frozenset(_PARAMETER.findall(_COMMENT.sub("", text)))
        return query


@cache
def load_folder(folder: Path) -> dict[str, Query]:
    """Return every ``*.sql`` file of a folder by its name. Raises BadDeclaration for a file that is not one SELECT."""
    queries = {}
    for file in sorted(folder.glob("*.sql")):
        text = file.read_text("utf-8").strip().removesuffix(";")
        bare = _COMMENT.sub("", text).strip().lower()
        if not bare.startswith(("select", "with")) or ";" in bare:
            raise BadDeclaration(f"{file}: holds anything but one SELECT")
        queries[file.stem] = Query(file.stem, text)
    return queries


def quoted(path: Path) -> str:
    """Return a path as an SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"


@cache
def _queries_of_rooms() -> dict[str, Query]:
    queries: dict[str, Query] = {}
    for folder in sorted(ROOMS.glob("*/sql")):
        found = load_folder(folder)
        if twice := queries.keys() & found.keys():
            raise BadDeclaration(f"{folder}: {', '.join(sorted(twice))} exists in another room too")
        queries |= found
    return queries


def sql(name: str) -> Query:
    """Return the query in ``core/<room>/sql/<name>.sql``. Raises BadDeclaration when there is none, or two."""
    queries = _queries_of_rooms()
    if name not in queries:
        raise BadDeclaration(f"no room has a query {name}.sql")
    return queries[name]
