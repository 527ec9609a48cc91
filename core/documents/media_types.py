"""Tell a file's media type by its content alone; its name is written by whoever sends it."""

from __future__ import annotations

import re

# ((offset, bytes), …) that must all match, the media type, and the ending of the stored file.
_BEGINNINGS = (
    (((0, b"\x89PNG\r\n\x1a\n"),), "image/png", ".png"),
    (((0, b"\xff\xd8\xff"),), "image/jpeg", ".jpg"),
    (((0, b"GIF8"),), "image/gif", ".gif"),
    (((0, b"RIFF"), (8, b"WEBP")), "image/webp", ".webp"),
    (((0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),), "application/x-ole-storage", ".bin"),
)
# Media types of Office Open XML: the beginning they share, and (a file inside the ZIP, media type, ending).
_OFFICE = "application/vnd.openxmlformats-officedocument"
_IN_ZIP = (
    (b"word/document.xml", f"{_OFFICE}.wordprocessingml.document", ".docx"),
    (b"xl/workbook.xml", f"{_OFFICE}.spreadsheetml.sheet", ".xlsx"),
    (b"ppt/presentation.xml", f"{_OFFICE}.presentationml.presentation", ".pptx"),
)
# Control characters that no text file holds.
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]")
UNKNOWN = ("application/octet-stream", ".bin")


def media_type_of(content: bytes) -> tuple[str, str]:
    """Return (media type, ending with its dot). HTML, SVG and XML count as plain text, so that no browser runs them."""
    for parts, media_type, ending in _BEGINNINGS:
        if all(content[at : at + len(part)] == part for at, part in parts):
            return media_type, ending
    if b"%PDF-" in content[:1024]:
        return "application/pdf", ".pdf"
    if content[:4] == b"PK\x03\x04":
        return next(((kind, ending) for part, kind, ending in _IN_ZIP if part in content), ("application/zip", ".zip"))
    if content and not _CONTROL.search(content):
        try:
            content.decode("utf-8")
        except UnicodeDecodeError:
            return UNKNOWN
        return "text/plain", ".txt"
    return UNKNOWN
