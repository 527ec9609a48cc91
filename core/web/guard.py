"""In front of Streamlit: who may reach which door, and the headers on every answer."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import logging
import re
import secrets
import time
from collections import Counter
from functools import cache
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from urllib.parse import quote, urlsplit

import streamlit
from google.protobuf.message import DecodeError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from core.config import Settings
from core.errors import AppError
from core.throttle import network_of
from core.web.hosts import ANY_HOST, answers_to, refuse_host
from core.web.sessions import NOTED_EVERY, hashed, known_to_live, note_use, viewer_of

HEADER = b"x-kundenblick-session"
# What of Streamlit's own the sign-in needs; everything else of these families is for who is signed in.
FOR_STRANGERS = ("/_stcore/health", "/_stcore/host-config")
FAMILIES = frozenset({"_stcore", "media", "component", "app", "auth", "oauth2callback"})
OUR_DOORS = frozenset({"/auth/enter", "/auth/leave", "/auth/oidc", "/auth/oidc/callback"})
# What of Streamlit's own pages need. Its figures, its health check of scripts and its doors for agents stay shut for everybody.
STREAMLITS = frozenset({"stream", "health", "host-config", "upload_file", "bidi-components"})
SHUT = frozenset({"component", "app", "oauth2callback"})
SOCKETS_A_STRANGER = 20
# What has addresses of several parts: a page has none.
DEEP = FAMILIES | {"static", "document", "photo", "export"}
# In the ids of what speaks for a page by itself: that something changed behind it, that it found its connection again.
WATCH, PAGE_SCRIPTS = "page-watch", "page-scripts"
log = logging.getLogger("kundenblick")


def cookie_name(settings: Settings) -> str:
    """``__Host-`` ties the cookie to this host where people come over https."""
    return "__Host-kundenblick" if settings.secure_cookies else "kundenblick"


def browser_cookie_name(settings: Settings) -> str:
    """The long-lived cookie that says nothing but: somebody signed in with this browser before."""
    return f"{cookie_name(settings)}-browser"


def cookie_of(headers: Headers, name: str) -> str | None:
    """The value of a cookie, or None."""
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return None
    return morsel.value if morsel and morsel.value else None


def token_hash_of(headers: Headers, settings: Settings) -> str | None:
    """The hash of the session token in the cookie, or None."""
    token = cookie_of(headers, cookie_name(settings))
    return hashed(token) if token else None


@cache
def content_policy() -> str:
    """What the browser may load and run: our own, and Streamlit's one inline script by its hash."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page, re.DOTALL)
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in inline)
    return (
        f"default-src 'self'; script-src 'self' 'wasm-unsafe-eval' blob: {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data:; worker-src 'self' blob:; frame-src 'self'; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    )


def for_strangers(path: str, method: str) -> bool:
    """Whether a door is open to who is not signed in: the shell of a page, static files, ours (which ask by themselves)."""
    if path in OUR_DOORS:
        return True
    if method not in ("GET", "HEAD"):
        return False
    # A page looks for the server under its own path first, where Streamlit answers that there is none.
    if path.endswith(FOR_STRANGERS):
        return True
    parts = path.lower().split("/")
    return "_stcore" not in parts and not FAMILIES & set(parts[1:2])


def is_shut(path: str) -> bool:
    """Whether a door of Streamlit's is one no page needs."""
    parts = path.lower().strip("/").split("/")
    if "_stcore" not in parts:
        return parts[0] in SHUT
    return (parts[parts.index("_stcore") + 1 :] or [""])[0] not in STREAMLITS


def page_meant(path: str) -> str | None:
    """The page whose address has more behind it than a page's: Streamlit answers with a page that finds none of its parts and stays blank."""
    first, *more = path.strip("/").split("/")
    return f"/{quote(first, safe='')}" if any(more) and first.lower() not in DEEP else None


def by_hand(content: bytes) -> bool:
    """Whether a message of the browser asks for a run that neither a timer of the page nor what changed behind it asked for."""
    try:
        message = BackMsg.FromString(content)
    except DecodeError:
        return False
    if message.WhichOneof("type") != "rerun_script" or message.rerun_script.is_auto_rerun:
        return False
    told = (widget.id for widget in message.rerun_script.widget_states.widgets if widget.json_trigger_value)
    return not any(WATCH in one or PAGE_SCRIPTS in one for one in told)


class Guard:
    """Pure ASGI: names the session to Streamlit, refuses strangers, and puts the security headers on."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings
        self._strangers: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if scope.get("path") not in ANY_HOST and not answers_to(headers.get("host"), self.settings):
            if scope["type"] == "websocket":
                await _refuse(scope, receive, send)
            else:
                await refuse_host(headers, self.settings)(scope, receive, _with_headers(send, https=self.settings.secure_cookies))
            return
        token_hash = token_hash_of(headers, self.settings)
        clean = [(key, value) for key, value in scope["headers"] if key.lower() != HEADER]
        if token_hash:
            clean.append((HEADER, token_hash.encode()))
        scope = scope | {"headers": clean}
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send, headers, token_hash)
            return
        send = _with_headers(send, https=self.settings.secure_cookies)
        if is_shut(scope["path"]):
            await PlainTextResponse("", status_code=403)(scope, receive, send)
            return
        if not for_strangers(scope["path"], scope["method"]) and not await self._known(token_hash):
            await PlainTextResponse("", status_code=403)(scope, receive, send)
            return
        opened = headers.get("sec-fetch-mode") == "navigate"
        if opened and (page := page_meant(scope["path"])):
            asked = scope["query_string"].decode("latin-1")
            await RedirectResponse(f"{page}?{asked}" if asked else page, status_code=303)(scope, receive, send)
            return
        if token_hash and (opened or scope["path"] == "/search"):
            await self._note_use(token_hash)
        await self._answered(scope, receive, send)

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        """An unforeseen error becomes an answer with our headers and a number that also stands in the log."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception:
            reference = secrets.token_hex(3).upper()
            log.exception("unexpected error %s", reference)
            if begun:
                raise
            await PlainTextResponse(reference, status_code=500)(scope, receive, send)

    async def _known(self, token_hash: str | None) -> bool:
        if token_hash is None:
            return False
        try:
            return known_to_live(token_hash, self.settings) or await run_in_threadpool(viewer_of, token_hash, self.settings) is not None
        except AppError:
            return False

    async def _note_use(self, token_hash: str) -> None:
        with contextlib.suppress(AppError):
            if known_to_live(token_hash, self.settings, used=True):
                return
            await run_in_threadpool(note_use, token_hash, self.settings)

    def _noting(self, receive: Receive, token_hash: str) -> Receive:
        """What a person does in an open page keeps the session alive; what the page does by itself does not.

        The first message of a socket comes by itself: a page that was opened counted as a request, one that only found its
        connection again counts for nothing.
        """
        began, noted = False, 0.0

        async def watched() -> Message:
            nonlocal began, noted
            message = await receive()
            content = message.get("bytes")
            if content and time.monotonic() - noted > NOTED_EVERY.total_seconds() / 4 and by_hand(content):
                if began:
                    noted = time.monotonic()
                    await self._note_use(token_hash)
                began = True
            return message

        return watched

    async def _socket(self, scope: Scope, receive: Receive, send: Send, headers: Headers, token_hash: str | None) -> None:
        send = _with_headers(send, https=self.settings.secure_cookies)
        origin = headers.get("origin")
        if not origin or urlsplit(origin).netloc != headers.get("host"):
            await _refuse(scope, receive, send)
            return
        if await self._known(token_hash):
            await self.app(scope, self._noting(receive, token_hash), send)
            return
        network = network_of((scope.get("client") or ("?", 0))[0])
        if self._strangers[network] >= SOCKETS_A_STRANGER:
            await _refuse(scope, receive, send)
            return
        self._strangers[network] += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self._strangers[network] -= 1
            if not self._strangers[network]:
                del self._strangers[network]


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    if "websocket.http.response" in scope.get("extensions", {}):
        await send({"type": "websocket.http.response.start", "status": 403, "headers": []})
        await send({"type": "websocket.http.response.body", "body": b""})
    else:
        await send({"type": "websocket.close", "code": 4403})


def _with_headers(send: Send, *, https: bool) -> Send:
    async def answer(message: Message) -> None:
        if message["type"] in ("http.response.start", "websocket.http.response.start", "websocket.accept"):
            message.setdefault("headers", [])
            headers = MutableHeaders(scope=message)
            headers.setdefault("Content-Security-Policy", content_policy())
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "same-origin"
            headers["Cross-Origin-Opener-Policy"] = "same-origin"
            headers["Cross-Origin-Resource-Policy"] = "same-origin"
            headers["X-Frame-Options"] = "SAMEORIGIN"
            if https:
                headers["Strict-Transport-Security"] = "max-age=31536000"
        await send(message)

    return answer
