"""Find the mails in files: ``.eml``, ``.mbox``, Maildir folders. Runs in a child; what is not wanted is not written anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.base.sizes import MIB
from core.imports.mail_in.parse import MAX_MAIL_BYTES

# A line that begins a mail of an mbox: *From*, somebody, a day. A line of a text that begins so is told apart by what follows it.
_FROM = re.compile(rb"From \S.*\d{4}")
_HEADER = re.compile(rb"[!-9;-~]+:")
_QUOTED = re.compile(rb">+From ")
_STATUS = re.compile(rb"^(?:X-)?Status:[ \t]*([A-Za-z]*)", re.IGNORECASE | re.MULTILINE)
MAX_LINE_BYTES = MIB
ENDINGS = (".eml", ".mbox", ".mbx")


@dataclass(frozen=True)
class Found:
    """The bytes of one mail and where it lies; None for one that is too large."""

    where: str
    raw: bytes | None
    is_read: bool = True


def mail_files(path: Path) -> list[Path]:
    """Return the files of a path that hold mails, in order: itself, or those of a folder; never what a link leads to."""
    if path.is_file():
        return [path]
    return sorted(
        file for file in path.rglob("*")
        if not file.is_symlink() and file.is_file() and (file.suffix.lower() in ENDINGS or file.parent.name in ("cur", "new"))
    )  # fmt: skip


def mails_of(file: Path) -> Iterator[Found]:
    """Yield the mails of one file."""
    with file.open("rb") as opened:
        begins = opened.read(5)
    if file.suffix.lower() in (".mbox", ".mbx") or (begins == b"From " and file.suffix.lower() != ".eml"):
        yield from _of_mbox(file)
        return
    raw = file.read_bytes() if file.stat().st_size <= MAX_MAIL_BYTES else None
    flags = file.name.rpartition(":2,")[2] if ":2," in file.name else None
    yield Found(file.name, raw, is_read=file.parent.name != "new" and (flags is None or "S" in flags))


def _of_mbox(file: Path) -> Iterator[Found]:
    lines: list[bytes] = []
    size, number, began, is_blank, held = 0, 0, 0, True, b""

    def mail() -> Found:
        raw = b"".join(lines) if size <= MAX_MAIL_BYTES else None
        status = _STATUS.findall(raw[:20_000].split(b"\n\n", 1)[0]) if raw else []
        return Found(f"{file.name}:{began}", raw, is_read=not status or any(b"R" in flags.upper() for flags in status))

    with file.open("rb") as opened:
        for number, line in enumerate(iter(partial(opened.readline, MAX_LINE_BYTES), b""), 1):
            if held:
                # Only a line of a head after it makes it the beginning of a mail.
                if _HEADER.match(line):
                    if size:
                        yield mail()
                    lines, size, began = [], 0, number
                else:
                    size += len(held)
                    lines.append(held)
                held = b""
            if is_blank and _FROM.match(line):
                held = line
                continue
            is_blank = not line.strip()
            size += len(line)
            if size <= MAX_MAIL_BYTES:
                lines.append(line[1:] if _QUOTED.match(line) else line)
            else:
                lines.clear()
    if size:
        yield mail()
