"""Limit uploads, which lie in memory until they are saved: only into a page of one's own, and only so many bytes."""

from __future__ import annotations

import re
from collections import Counter

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.base.rights import Viewer
from core.web.remembered import (
    MAX_CONTACT_UPLOAD_BYTES,
    MAX_MEMBER_UPLOAD_BYTES,
    MAX_UPLOAD_BYTES,
    page_of,
    token_hash_of_page,
    uploaded_bytes,
)

_UPLOAD = re.compile(r"/_stcore/upload_file/([^/]+)/[^/]+/?")
# Bytes on their way, by token hash; they count as if they had arrived.
_coming: Counter[str] = Counter()


def is_upload(path: str) -> bool:
    """Return whether a path is one of the uploader's."""
    return "/upload_file" in path


async def serve_upload(app: ASGIApp, token_hash: str, viewer: Viewer, scope: Scope, receive: Receive, send: Send) -> None:
    """Hand an upload, or its withdrawal, on to Streamlit if it is for a page of this session and there is room for it."""
    named = _UPLOAD.fullmatch(scope["path"])
    page = page_of(named[1]) if named else None
    if page is None or token_hash_of_page(page) != token_hash:
        await PlainTextResponse("", status_code=403)(scope, receive, send)
        return
    if scope["method"] not in ("PUT", "POST"):
        await app(scope, receive, send)
        return
    length = Headers(scope=scope).get("content-length", "")
    if not (length.isascii() and length.isdecimal() and len(length) < 12):
        await PlainTextResponse("", status_code=411)(scope, receive, send)
        return
    size, limit = int(length), MAX_CONTACT_UPLOAD_BYTES if viewer.kind == "contact" else MAX_MEMBER_UPLOAD_BYTES
    own, of_all = uploaded_bytes(token_hash)
    if own + _coming[token_hash] + size > limit or of_all + _coming.total() + size > MAX_UPLOAD_BYTES:
        await PlainTextResponse("", status_code=413)(scope, receive, send)
        return
    _coming[token_hash] += size
    try:
        await app(scope, receive, send)
    finally:
        _coming[token_hash] -= size
        if not _coming[token_hash]:
            del _coming[token_hash]
