"""The firm's virus scanner, where it named one: what it finds, or cannot look at, is not taken in."""

from __future__ import annotations

import logging
import shlex
import subprocess

from core.base.errors import AppError
from core.base.log import happened

# Seconds it may take for one file.
PATIENCE = 60
log = logging.getLogger("kundenblick")


class Infected(AppError):
    """The scanner found something in what was put in; ``file`` is its name."""

    code = "document_infected"


class ScannerFailed(AppError):
    """The scanner did not answer, or not as scanners do: whether the file is clean nobody knows."""

    code = "scanner_failed"


def scan(command: str, name: str, content: bytes) -> None:
    """Have ``command`` read the content from its input; 0 is clean, 1 is found (as of clamdscan). Raises Infected, ScannerFailed."""
    if not command:
        return
    try:
        done = subprocess.run(shlex.split(command), input=content, capture_output=True, timeout=PATIENCE, check=False)
        code = done.returncode
    except (OSError, subprocess.TimeoutExpired) as problem:
        happened(log, "scanner_failed", logging.ERROR, why=type(problem).__name__)
        raise ScannerFailed() from None
    if code == 1:
        happened(log, "infected", logging.WARNING, size=len(content))
        raise Infected(file=name)
    if code:
        happened(log, "scanner_failed", logging.ERROR, why=f"exit {code}")
        raise ScannerFailed()
