"""Run a query that a person wrote, over what that person may see, in a child process that can do nothing else.

No text of people's own is ever run in the server: some statements end neither by a time limit nor by being interrupted.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import signal
import subprocess
import sys
import sysconfig
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from core.activity.scope_copies import copies, key_of
from core.base.errors import AppError
from core.base.rights import Right, Viewer
from core.base.sizes import MIB
from core.store import query_worker
from core.store.scope_columns import SCOPE_COLUMNS

log = logging.getLogger("kundenblick")
MAX_TEXT_CHARS = 20_000
MAX_ROWS = 10_000
MAX_COLUMNS = 100
MAX_BYTES = 8 * MIB
# Seconds until a child is ended, and what a query waits for its turn.
RUN_S = 5.0
WAIT_S = 5.0
_WORKER = Path(query_worker.__file__)
# How many children run at once; how many of each person.
_slots = threading.BoundedSemaphore(2)
_at_work: Counter[int] = Counter()
_guard = threading.Lock()
# Codes a child may refuse with, and the values of each sentence.
REASONS: dict[str, frozenset[str]] = {
    "broke": frozenset(), "empty": frozenset(), "deep": frozenset(), "several": frozenset(), "no_select": frozenset(), "function": frozenset({"name"}), "parameter": frozenset({"name"}),
    "columns": frozenset({"n"}), "bytes": frozenset(), "memory": frozenset(), "forbidden": frozenset(), "syntax": frozenset({"told"}),
    "database": frozenset({"told"}),
}  # fmt: skip
# What the tables of a query need for others to be shown the clients it found.
NEEDS = {
    **dict.fromkeys(("invoice", "invoice_line", "payment", "credit", "turn_set_aside"), frozenset({Right.SEE_INVOICES})),
    "time_entry": frozenset({Right.SEE_ALL_TIME, Right.SEE_RATES}),
    "account_figure": frozenset({Right.SEE_INVOICES, Right.SEE_ALL_TIME, Right.SEE_RATES}),
}
_NOT_SQL = re.compile(r"--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|\"[^\"]*\"", re.DOTALL)
_WHOLE = re.compile(r"-?\d{1,18}")
_NUMBER = re.compile(r"-?\d{1,15}\.\d{1,10}")
_PARAMETER = re.compile(r"(?<![\w$])\$([A-Za-z_]\w*)")


# The limits that sentences name.
LIMITS: dict[str, object] = {
    "columns": MAX_COLUMNS,
    "mib": MAX_BYTES // MIB,
    "memory_mib": query_worker.MEMORY_MIB,
    "seconds": round(RUN_S),
}


class QueryRefused(AppError):
    """A query without an answer: why, as a code, and ``told``, what DuckDB says of it, where that helps."""

    def __init__(self, code: str, told: str = "", **values: object) -> None:
        super().__init__(f"query_{code}", **LIMITS | values)
        self.told = told


@dataclass(frozen=True)
class Answer:
    """What a query found.

    Attributes:
        columns: Name and kind of each; the kinds are bool, integer, decimal, float, date, moment and text.
        rows: Values as Python has them.
        cut: Why there are not all rows: ``rows``, ``bytes``, or "" when there are.
        tables: The tables it named.
        data_of: The moment the rows are of.
        scope: What the viewer saw; the answer is theirs as long as ``is_still_theirs``.
    """

    columns: list[tuple[str, str]]
    rows: list[tuple[Any, ...]]
    cut: str
    tables: frozenset[str]
    data_of: datetime
    scope: object

    @property
    def needs(self) -> frozenset[Right]:
        """Return the rights without which this answer could not be found."""
        return frozenset().union(*(NEEDS.get(table, frozenset()) for table in self.tables))


def parameters_in(text: str) -> list[str]:
    """Return the names of a query's parameters (``$name``) in their order."""
    return list(dict.fromkeys(_PARAMETER.findall(_NOT_SQL.sub(" ", text))))


def run_query(viewer: Viewer, text: str, parameters: Mapping[str, object] | None = None, *, renew: bool = False) -> Answer:
    """Run one SELECT over what the viewer may see and return what it finds.

    Args:
        viewer: Whoever asks.
        text: The query.
        parameters: Its parameters by name: texts, numbers, days, moments, or lists of texts and numbers.
        renew: Whether the rows must be of this moment; else they may be an hour old.

    Raises:
        QueryRefused: Why there is no answer.
        NotAllowed: The viewer may not analyse, or not any more; an answer that came meanwhile is thrown away.
        SignedOut: The session ended.
    """
    key_of(viewer)
    if len(text) > MAX_TEXT_CHARS:
        raise QueryRefused("long", most=MAX_TEXT_CHARS)
    given = {name: _given(value) for name, value in (parameters or {}).items()}
    job = {"text": text, "parameters": given, "max_rows": MAX_ROWS, "max_columns": MAX_COLUMNS, "max_bytes": MAX_BYTES}
    with copies().lend(viewer, renew=renew) as (copy, scope), _turn(viewer):
        data_of = copy.data_of
        columns, rows, cut, tables = _read(_in_child(copy.folder, json.dumps(job).encode()))
    if key_of(viewer) != scope:
        raise AppError("query_sight_changed")
    return Answer(columns, rows, cut, tables & SCOPE_COLUMNS.keys(), data_of, scope)


def _given(value: object) -> object:
    """Return a parameter as a child takes it."""
    match value:
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"date": value.isoformat()}
        case Decimal():
            return {"decimal": str(value)}
        case list() | tuple():
            return [_given(one) for one in value]
        case _:
            return value


def is_still_theirs(viewer: Viewer, answer: Answer) -> bool:
    """Return whether the viewer sees the same as when the query was run; else its answer must not be shown. Raises as ``run_query``."""
    return key_of(viewer) == answer.scope


@contextmanager
def _turn(viewer: Viewer) -> Iterator[None]:
    """Let one query of a person run at a time, and two of all people. Raises QueryRefused."""
    person = viewer.person.own_id
    with _guard:
        if _at_work[person]:
            raise QueryRefused("running")
        _at_work[person] += 1
    try:
        if not _slots.acquire(timeout=WAIT_S):
            raise QueryRefused("busy")
        try:
            yield
        finally:
            _slots.release()
    finally:
        with _guard:
            del _at_work[person]


def _in_child(folder: Path, job: bytes) -> bytes:
    """Return what a child answers. Raises QueryRefused for one that took too long, or ended without an answer."""
    command = [sys.executable, "-I", "-S", "-B", str(_WORKER), sysconfig.get_paths()["platlib"]]
    ended = threading.Event()
    with subprocess.Popen(
        command, cwd=folder, env={}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    ) as child:

        def end() -> None:
            ended.set()
            _kill(child)

        timer = threading.Timer(RUN_S, end)
        timer.start()
        try:
            out = _spoken(child, job)
        finally:
            timer.cancel()
            _kill(child)
    if len(out) > MAX_BYTES + MIB:
        raise QueryRefused("bytes")
    if ended.is_set() or (not out and child.returncode in (-signal.SIGXCPU, -signal.SIGKILL)):
        raise QueryRefused("time", seconds=round(RUN_S))
    if not out:
        log.warning("a query ended its child process with %s", child.returncode)
        raise QueryRefused("broke")
    return out


def _spoken(child: subprocess.Popen[bytes], job: bytes) -> bytes:
    """Give a child its job; return what it says, one byte more than may be at most."""
    if child.stdin is None or child.stdout is None:
        raise ValueError("the child was started without pipes")
    try:
        child.stdin.write(job)
        child.stdin.close()
    except BrokenPipeError:
        return b""
    return child.stdout.read(MAX_BYTES + MIB + 1)


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End a child and whatever it started, unless it was waited for: its number may be another's by then."""
    if child.returncode is None:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            log.debug("the child had ended")


def _read(out: bytes) -> tuple[list[tuple[str, str]], list[tuple[Any, ...]], str, frozenset[str]]:
    """Return columns, rows, cut and tables of an answer. Raises QueryRefused for a refusal, and for what a broken child may have written."""
    try:
        told = json.loads(out)
        if (code := told.get("refused")) is not None:
            values = {name: str(told[name]) for name in REASONS[code]}
            raise QueryRefused(code, values.pop("told", ""), **values)
        columns = [(str(name), str(kind)) for name, kind in told["columns"]]
        kinds = [kind for _, kind in columns]
        rows = [tuple(_value(value, kind) for value, kind in zip(row, kinds, strict=True)) for row in told["rows"]]
        return columns, rows, str(told["cut"]), frozenset(map(str, told["tables"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        log.warning("a query's child process answered what nobody can read")
        raise QueryRefused("broke") from None


def _value(value: Any, kind: str) -> Any:
    """Return a cell as Python has it; a day or moment outside of Python's years stays text."""
    if value is None:
        return None
    try:
        match kind:
            case "decimal":
                return Decimal(value)
            case "date":
                return date.fromisoformat(value)
            case "moment":
                return datetime.fromisoformat(value)
    except (ValueError, InvalidOperation):
        return value
    return value


def typed(text: str) -> object:
    """Return a parameter as it was typed: a number, a day, a moment, true or false, a list as in JSON; else, and in quotes, a text."""
    bare = text.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == "'":
        return bare[1:-1]
    if _WHOLE.fullmatch(bare):
        return int(bare)
    if _NUMBER.fullmatch(bare):
        return Decimal(bare)
    if bare in ("true", "false"):
        return bare == "true"
    for read in (_german_day, date.fromisoformat, datetime.fromisoformat, _list):
        with contextlib.suppress(ValueError):
            return read(bare)
    return text


def _german_day(text: str) -> date:
    return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007 - a day has no zone


def _list(text: str) -> list[object]:
    found = json.loads(text)
    if not isinstance(found, list):
        raise ValueError(text)
    return [typed(one) if isinstance(one, str) else one for one in found]


def written_out(value: object) -> str:
    """Return the text that ``typed`` reads as this value."""
    match value:
        case bool():
            return json.dumps(value)
        case list() | tuple():
            return json.dumps([one if isinstance(one, int | float) else written_out(one) for one in value], ensure_ascii=False)
        case datetime() | date():
            return value.isoformat()
        case str() if typed(value) != value:
            return f"'{value}'"
        case _:
            return str(value)
