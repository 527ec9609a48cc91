"""Write the log: a line of JSON or text for each event, without clients' data and without secrets.

Our own lines hold no values of people. The text of an exception may, so only its class and its places are written; so may the values in
lines of libraries, so only their fixed words are. Level ``DEBUG`` writes everything.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.base.config import ROOT, Settings
from core.base.errors import AppError
from core.base.metrics import LINES

# First parts of the names of our own loggers.
OURS = ("kundenblick", "core")
# Loggers of libraries with handlers of their own, which would write texts of errors.
OTHERS = ("streamlit", "uvicorn", "uvicorn.error", "asyncio")


def begin(settings: Settings) -> None:
    """Send every logger's lines to standard error in our format; uvicorn's lines about each connection are replaced by our own."""
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter((JsonLines if as_json else TextLines)(settings.log_level == "DEBUG"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    for name in (*OTHERS, *(name for name in logging.root.manager.loggerDict if name.startswith("streamlit."))):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    for name in ("streamlit.error_util", "uvicorn.error"):
        logging.getLogger(name).addFilter(_is_news)
    if settings.log_level == "INFO":
        logging.getLogger("uvicorn").setLevel("WARNING")
        logging.getLogger("uvicorn.error").setLevel("WARNING")


def _is_news(record: logging.LogRecord) -> bool:
    """Return whether a library's line adds anything: an AppError is recorded already, a refused socket has a line of ours."""
    if record.msg == "ASGI callable returned without completing handshake.":
        return False
    return not (record.exc_info and isinstance(record.exc_info[1], AppError))


def happened(logger: logging.Logger, event: str, level: int = logging.INFO, **data: object) -> None:
    """Log an event; ``data`` are ids, codes and numbers, never a person's words."""
    if logger.isEnabledFor(level):
        logger.log(level, event, extra={"event": event, "data": {key: value for key, value in data.items() if value is not None}})


class Lines(logging.Formatter):
    """Collect the content of a line; with ``fully`` also the texts of errors and values of libraries."""

    def __init__(self, fully: bool = False) -> None:
        super().__init__()
        self.fully = fully

    def content(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return the line as a dictionary, and count it."""
        LINES.labels(record.levelname).inc()
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
        }
        if event := getattr(record, "event", None):
            return line | {"event": event, **getattr(record, "data", {})}
        ours = record.name.split(".", 1)[0] in OURS
        line["message"] = record.getMessage() if self.fully else _message(record) if ours else str(record.msg)
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = trace(record.exc_info[1], self.fully)
        return line


class JsonLines(Lines):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line as JSON."""
        return json.dumps(self.content(record), ensure_ascii=False, default=str)


class TextLines(Lines):
    """One line of text, and one for each place of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line as text."""
        line = self.content(record)
        error = line.pop("error", None)
        words = [str(line.pop(key)) for key in ("time", "level", "logger", "event", "message") if key in line]
        text = " ".join([*words, *(f"{key}={value}" for key, value in line.items())])
        return text if error is None else "\n  ".join([text, *error["kinds"], *error.get("texts", ()), *error["through"]])


def trace(problem: BaseException, fully: bool = False) -> dict[str, list[str]]:
    """Return the classes of an error and its causes (``kinds``), and its places (``through``), the innermost last; ``texts`` if ``fully``."""
    chain: list[BaseException] = []
    cause: BaseException | None = problem
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    kinds = [_kind(error) for error in chain]
    frames = traceback.extract_tb(problem.__traceback__)
    found = {"kinds": kinds, "through": [f"{_place(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]}
    return found | {"texts": [str(error) for error in chain]} if fully else found


def _message(record: logging.LogRecord) -> str:
    """Return the text of one of our own lines; errors in it by their class only."""
    given = record.args if isinstance(record.args, tuple) else ()
    named = tuple(_kind(value) if isinstance(value, BaseException) else value for value in given)
    return str(record.msg) % named if named else record.getMessage()


def _kind(problem: BaseException) -> str:
    code = f" {problem.code}" if isinstance(problem, AppError) else ""
    return f"{type(problem).__module__}.{type(problem).__qualname__}{code}"


def _place(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name
