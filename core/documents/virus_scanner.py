"""Ask the firm's virus scanner about a file before it is stored; one that it finds infected or cannot read is refused."""

from __future__ import annotations

import logging
import shlex
import subprocess

from core.base.errors import AppError
from core.base.log import happened

# Time the scanner may take for one file.
SCAN_TIMEOUT_S = 60
log = logging.getLogger("kundenblick")


class InfectedFileError(AppError):
    """The scanner found something in a file; the value ``file`` is its name."""

    code = "document_infected"


class ScannerError(AppError):
    """The scanner gave no usable answer, so the file counts as unsafe."""

    code = "scanner_failed"


def scan(command: str, name: str, content: bytes) -> None:
    """Run the scanner with the content as its input, and pass when it finds nothing.

    Args:
        command: The scanner's command line, without a shell; empty where the firm has none. Exit codes as of clamdscan: 0 clean, 1 found.
        name: The file's name, for the sentence of the refusal.
        content: The whole file.

    Raises:
        InfectedFileError: The scanner found something.
        ScannerError: It could not be started, took longer than SCAN_TIMEOUT_S, or ended with another code.
    """
    if not command:
        return
    try:
        done = subprocess.run(shlex.split(command), input=content, capture_output=True, timeout=SCAN_TIMEOUT_S, check=False)
        code = done.returncode
    except (OSError, subprocess.TimeoutExpired) as problem:
        happened(log, "scanner_failed", logging.ERROR, why=type(problem).__name__)
        raise ScannerError() from None
    if code == 1:
        happened(log, "infected", logging.WARNING, size=len(content))
        raise InfectedFileError(file=name)
    if code:
        happened(log, "scanner_failed", logging.ERROR, why=f"exit {code}")
        raise ScannerError()
