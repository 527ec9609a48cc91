"""Run one SELECT that a person wrote, on a copy of what that person may see, as a program of its own with every fence there is.

``python -I -S -B core/store/query_worker.py PACKAGES`` in the folder of a scope file (``scope_files.py``), without an environment. Input: a
line of JSON with text, parameters, and the limits max_rows, max_columns, max_bytes. Output: a line with columns, rows, tables and cut, or with
refused (a code), and what fills its sentence. Nothing of the server's is in this process but the file.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, Statement

MIB = 2**20
MAX_ADDRESSES_BYTES = 2048 * MIB
MAX_CPU_S = 6
MAX_OPEN_FILES = 32
MEMORY_MIB = 768
THREADS = 2
# By how much everything else on the machine comes first.
NICER_BY = 5
# Name of the database, in the folder this program is started in.
FILE = "scope.duckdb"
# Read by DuckDB itself: how much memory and how many processors there are. Without the first it ends with an error of its own.
OF_THE_MACHINE = ("/proc/self/cgroup", "/proc/self/mountinfo", "/proc/self/mounts", "/sys/fs/cgroup")
# Functions that may stand where a table stands. Others tell of the machine and the database, or run a text as a query.
TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "json_each"})
# Where DuckDB tells about itself: schemas, and how names of its own views begin.
OF_DUCKDB = ("information_schema", "pg_catalog")
PREFIXES_OF_DUCKDB = ("duckdb_", "pragma_", "sqlite_", "pg_")
# Signs that stand in a file's name, which DuckDB reads where a table stands.
OF_A_FILE = frozenset("./\\:*?[")
# What a query is put together of. DuckDB counts as a SELECT also one that inserts, or writes a file, in its WITH.
READING_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
# Before the configuration is locked.
SETTINGS = {
    "memory_limit": f"{MEMORY_MIB}MiB", "threads": str(THREADS), "temp_directory": "", "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false", "autoload_known_extensions": "false", "allow_community_extensions": "false",
    "TimeZone": "UTC", "enable_external_access": "false", "lock_configuration": "true",
}  # fmt: skip
ROWS_PER_FETCH = 250
KINDS = {
    "BOOLEAN": "bool", "DATE": "date", "FLOAT": "float", "DOUBLE": "float",
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"), "integer"),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), "moment"),
}  # fmt: skip


class Refused(Exception):
    """A query that is not run, or has no answer; ``said`` is the code and what fills its sentence."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.said = {"refused": code, **values}


def fence(folder: str = ".") -> None:
    """Limit this process for good; DuckDB must be imported and have no thread yet."""
    from core.base.child_fences import end_with_parent, read_only

    end_with_parent()
    read_only([folder, *OF_THE_MACHINE])


def answer(job: dict[str, Any]) -> dict[str, Any]:
    """Return the answer to a job, or why there is none (``refused``)."""
    import duckdb

    try:
        with duckdb.connect(FILE, read_only=True) as con:
            for name, value in SETTINGS.items():
                con.execute(f"SET {name} = '{value}'")
            return _run(con, job)
    except Refused as refused:
        return refused.said
    except MemoryError:
        return {"refused": "memory"}
    except RecursionError:
        return {"refused": "deep"}
    except (ValueError, OverflowError) as problem:
        return {"refused": "database", "told": str(problem)[:4000]}
    except duckdb.Error as problem:
        return _told(problem)


def _run(con: DuckDBPyConnection, job: dict[str, Any]) -> dict[str, Any]:
    statement = _only_select(con, job["text"])
    tables = _tables(con, job["text"])
    wanted = sorted(statement.named_parameters)
    if missing := [name for name in wanted if name not in job["parameters"]]:
        raise Refused("parameter", name=missing[0])
    parameters = {name: _parameter(job["parameters"][name]) for name in wanted}
    columns, query = _described(con, statement, parameters)
    if len(columns) > job["max_columns"]:
        raise Refused("columns", n=len(columns))
    result = con.execute(query, parameters or None)
    kinds = [KINDS.get(kind, "decimal" if kind.startswith("DECIMAL") else "text") for _, kind in columns]
    rows, cut = _rows(result, kinds, job["max_rows"], job["max_bytes"])
    names = [name for name, _ in columns]
    return {"columns": list(zip(names, kinds, strict=True)), "rows": rows, "cut": cut, "tables": sorted(tables)}


def _described(con: DuckDBPyConnection, statement: Statement, parameters: dict[str, Any]) -> tuple[list[tuple[str, str]], Statement | str]:
    """Return the columns of a query with their types, and the query that gives them so that Python can hold them; nothing is run."""
    import duckdb

    text = statement.query.rstrip().rstrip(";")
    try:
        described = con.execute(f"DESCRIBE (\n{text}\n)", parameters or None).fetchall()
    except duckdb.Error:
        # Told of the query as it was written, so that the place that is marked is a place in it.
        described = [(name, str(kind)) for name, kind, *_ in con.execute(statement, parameters or None).description]
    columns = [(str(name), str(kind)) for name, kind, *_ in described]
    if not any(_is_for_duckdb(kind) for _, kind in columns):
        return columns, statement
    names = [f"c{place}" for place in range(len(columns))]
    cells = [f"CAST({name} AS VARCHAR)" if _is_for_duckdb(kind) else name for name, (_, kind) in zip(names, columns, strict=True)]
    return columns, f"SELECT {', '.join(cells)} FROM (\n{text}\n) AS q({', '.join(names)})"


def _is_for_duckdb(kind: str) -> bool:
    """Return whether DuckDB itself must write values of this type: Python has none like it, or needs a package for it."""
    return "WITH TIME ZONE" in kind or "INTERVAL" in kind


def _parameter(given: Any) -> Any:
    """Return a parameter as DuckDB takes it; days, moments and amounts come as {kind: text}."""
    import datetime
    import decimal

    if isinstance(given, list):
        return [_parameter(one) for one in given]
    if isinstance(given, dict):
        [(kind, text)] = given.items()
        match kind:
            case "date":
                return datetime.date.fromisoformat(text)
            case "moment":
                return datetime.datetime.fromisoformat(text)
            case _:
                return decimal.Decimal(text)
    return given


def _only_select(con: DuckDBPyConnection, text: str) -> Statement:
    import duckdb

    statements = con.extract_statements(text)
    if not statements:
        raise Refused("empty")
    if len(statements) > 1:
        raise Refused("several")
    if statements[0].type != duckdb.StatementType.SELECT:
        raise Refused("no_select")
    return statements[0]


def _tables(con: DuckDBPyConnection, text: str) -> set[str]:
    """Return every name that stands where a table stands, as DuckDB parsed it. Raises Refused for what hides one."""
    [(told,)] = con.execute("SELECT json_serialize_sql($text)", {"text": text}).fetchall()
    tree = json.loads(told)
    if tree.get("error"):
        raise Refused("no_select")
    found: set[str] = set()
    waiting: list[object] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            waiting.extend(node.values())
            if (name := _table_named_by(node)) is not None:
                found.add(name)
    return found


def _table_named_by(node: dict[str, Any]) -> str | None:
    """Return the table that a node of a parsed query names, or None. Raises Refused for a node that does anything but read a table."""
    match node.get("type"):
        case "BASE_TABLE":
            name, schema = (str(node.get(key, "")).lower() for key in ("table_name", "schema_name"))
            if schema in OF_DUCKDB or name.startswith(PREFIXES_OF_DUCKDB):
                raise Refused("function", name=name)
            if OF_A_FILE.intersection(name):
                raise Refused("forbidden")
            return name
        case "TABLE_FUNCTION":
            name = str((node.get("function") or {}).get("function_name", "")).lower()
            if name not in TABLE_FUNCTIONS:
                raise Refused("function", name=name)
        case "SHOW_REF":
            raise Refused("no_select")
        case str() as kind if kind.endswith("_NODE") and kind not in READING_NODES:
            raise Refused("no_select")
    return None


def _rows(result: DuckDBPyConnection, kinds: list[str], max_rows: int, max_bytes: int) -> tuple[list[list[object]], str]:
    """Return the rows that fit, and what ended them: rows, bytes, or "" for nothing. Raises Refused when not even one fits."""
    rows: list[list[object]] = []
    size = 0
    while found := result.fetchmany(ROWS_PER_FETCH):
        for values in found:
            if len(rows) == max_rows:
                return rows, "rows"
            row = [_plain(value, kind) for value, kind in zip(values, kinds, strict=True)]
            size += len(json.dumps(row))
            if size > max_bytes and not rows:
                raise Refused("bytes")
            if size > max_bytes:
                return rows, "bytes"
            rows.append(row)
    return rows, ""


def _plain(value: object, kind: str) -> object:
    """Return a value as JSON holds it: numbers that are exact, days and moments as text."""
    if value is None or (kind in ("bool", "integer", "float") and isinstance(value, bool | int | float)):
        return value
    if kind in ("date", "moment") and hasattr(value, "isoformat"):
        return value.isoformat()
    return value if isinstance(value, str) else str(value)


def _told(problem: Exception) -> dict[str, Any]:
    """Return the answer for an error of DuckDB: its own words where they help, and where it marks the place."""
    import duckdb

    text = str(problem)
    if isinstance(problem, duckdb.PermissionException) or "disabled by configuration" in text or "has been locked" in text:
        return {"refused": "forbidden"}
    if isinstance(problem, duckdb.OutOfMemoryException) or "bad_alloc" in text or "allocat" in text.lower():
        return {"refused": "memory"}
    if isinstance(problem, duckdb.IOException):
        # It names the file.
        return {"refused": "broke"}
    is_syntax = isinstance(problem, duckdb.ParserException | duckdb.SyntaxException)
    return {"refused": "syntax" if is_syntax else "database", "told": text[:4000]}


def main(packages: str) -> None:
    """Answer each job at the standard input.

    Args:
        packages: Where this interpreter's packages lie.
    """
    sys.path[:0] = [str(Path(__file__).parents[2])]
    sys.path.append(packages)
    from core.base.child_fences import limit

    limit(
        {
            resource.RLIMIT_AS: MAX_ADDRESSES_BYTES, resource.RLIMIT_CPU: MAX_CPU_S, resource.RLIMIT_FSIZE: 0,
            resource.RLIMIT_NOFILE: MAX_OPEN_FILES,
        }
    )  # fmt: skip
    # Everything DuckDB asks Python for later: behind the fence nothing can be imported.
    import datetime  # noqa: F401
    import decimal  # noqa: F401
    import uuid  # noqa: F401

    import duckdb  # noqa: F401

    os.nice(NICER_BY)
    fence()
    for job in sys.stdin.buffer:
        sys.stdout.buffer.write(json.dumps(answer(json.loads(job))).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1])
