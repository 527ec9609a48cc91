"""Tell the kind of a file by its first bytes, never by its ending alone."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

START_BYTES = 65_536
# An OLE2 compound file (MS-CFB 2.2): an old workbook, or a mail of Outlook, which has parts named __properties.
OLE2 = bytes.fromhex("D0CF11E0A1B11AE1")
MAIL_PART = "__properties".encode("utf-16-le")
# Lines that begin a mail (RFC 5322) and tables of no mail.
_MAIL = re.compile(
    rb"\A(?:(?:From|To|Cc|Subject|Date|Received|Return-Path|Delivered-To|MIME-Version|Message-ID|X-[\w-]+): ?[^\r\n;\t]*\r?\n){2}",
    re.IGNORECASE,
)
_MBOX = re.compile(rb"\AFrom \S+[^\r\n;,\t]*\d{4}[^\r\n]*\r?\n(?:>?[\w-]+:)")
_HTML = re.compile(rb"<(?:table|html|!doctype html)\b", re.IGNORECASE)
_OTHERS = {
    b"%PDF": "pdf", b"SQLite format 3\0": "sqlite", b"\x89PNG": "picture", b"\xff\xd8\xff": "picture", b"GIF8": "picture", b"\x1f\x8b": "packed",
    b"Rar!": "packed", b"7z\xbc\xaf": "packed", b"MZ": "program", b"\x7fELF": "program",
}  # fmt: skip
# What an import can read, and the ``format`` of a mapping for it.
READABLE = {"text": "csv", "workbook": "excel", "old_workbook": "excel", "open_document": "excel", "parquet": "parquet", "vcard": "vcard"}


def kind_of(path: Path) -> str:
    """Return the kind: one of ``READABLE``, vcard, mail, mbox, outlook_mail, html, pdf, sqlite, picture, packed, program, empty."""
    with path.open("rb") as file:
        start = file.read(START_BYTES)
    if not start.strip(b"\0 \t\r\n"):
        return "empty"
    if start.startswith(b"PK\x03\x04"):
        return _packed(path)
    if start.startswith(OLE2):
        return "outlook_mail" if MAIL_PART in path.read_bytes() else "old_workbook"
    if start.startswith(b"PAR1"):
        return "parquet"
    for begin, kind in _OTHERS.items():
        if start.startswith(begin):
            return kind
    plain = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if plain[:11].upper() == b"BEGIN:VCARD":
        return "vcard"
    if plain.startswith(b"<") and _HTML.search(plain):
        return "html"
    if _MBOX.match(plain):
        return "mbox"
    return "mail" if _MAIL.match(plain) else "text"


def _packed(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
            if any(name.startswith("xl/") for name in names):
                return "workbook"
            if "mimetype" in names and packed.getinfo("mimetype").file_size < 200:
                return "open_document" if b"opendocument.spreadsheet" in packed.read("mimetype") else "packed"
    except (zipfile.BadZipFile, OSError, NotImplementedError, RuntimeError):
        pass  # damaged, packed in a way Python does not know, or sealed with a password: in each case no workbook
    return "packed"
