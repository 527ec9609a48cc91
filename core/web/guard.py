"""Stand in front of Streamlit: decide which requests reach it, and put the security headers on every answer."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import logging
import re
import secrets
import time
from functools import cache, partial
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.base.config import Settings
from core.base.errors import AppError
from core.base.rights import Viewer
from core.base.tokens import hash_token
from core.clients.list_address import is_list
from core.identity.sessions import NOTED_EVERY, known_standing_of, known_to_live, note_use, viewer_of
from core.identity.throttle import network_of
from core.web.cookies import cookies_in, plain_cookies
from core.web.hosts import ANY_HOST, answers_to, refuse_host
from core.web.slow_senders import in_time
from core.web.sockets import Socket, Sockets
from core.web.uploading import is_upload, serve_upload

# Headers that tell Streamlit whose page this is: the hash of the session's token, and the viewer.
SESSION_HEADER = b"x-kundenblick-session"
VIEWER_HEADER = b"x-kundenblick-eyes"
# Streamlit's paths that the sign-in needs; everything else under these families is for people who are signed in.
FOR_STRANGERS = ("/_stcore/health", "/_stcore/host-config")
FAMILIES = frozenset({"_stcore", "media", "component", "app", "auth", "oauth2callback"})
# Routes for strangers.
OUR_DOORS = frozenset({"/auth/enter", "/auth/leave", "/auth/oidc", "/auth/oidc/callback"})
# Streamlit's paths that pages need. Its metrics, its health check of scripts and its paths for agents are shut for everybody.
PAGE_PATHS = frozenset({"stream", "health", "host-config", "upload_file", "bidi-components"})
SHUT = frozenset({"component", "app", "oauth2callback"})
# First parts of paths that have more parts; a page has one.
DEEP = FAMILIES | {"static", "document", "photo", "export"}
log = logging.getLogger("kundenblick")


def cookie_name(settings: Settings) -> str:
    """Return the name of the session cookie; ``__Host-`` ties it to this host where people come over https (RFC 6265bis)."""
    return "__Host-kundenblick" if settings.secure_cookies else "kundenblick"


def browser_cookie_name(settings: Settings) -> str:
    """Return the name of the long-lived cookie that only says that somebody signed in with this browser before."""
    return f"{cookie_name(settings)}-browser"


def cookie_of(headers: Headers, name: str) -> str | None:
    """Return the value of a cookie, or None."""
    return cookies_in(headers.get("cookie", "")).get(name) or None


def token_hash_of(headers: Headers, settings: Settings) -> str | None:
    """Return the hash of the session token in the cookie, or None."""
    token = cookie_of(headers, cookie_name(settings))
    return hash_token(token) if token else None


@cache
def content_policy() -> str:
    """Return the Content-Security-Policy: the browser loads this site's files, and runs Streamlit's inline scripts by their hash."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    inline = re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page, re.DOTALL)
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in inline)
    return (
        f"default-src 'self'; script-src 'self' 'wasm-unsafe-eval' blob: {hashes}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' data:; worker-src 'self' blob:; frame-src 'self'; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
    )


def for_strangers(path: str, method: str) -> bool:
    """Return whether a path may be requested without a session: the page shell, static files, and our routes, which authenticate themselves."""
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
    """Return whether a path is one of Streamlit's that no page needs."""
    parts = path.lower().strip("/").split("/")
    if "_stcore" not in parts:
        return parts[0] in SHUT
    return (parts[parts.index("_stcore") + 1 :] or [""])[0] not in PAGE_PATHS


def page_meant(path: str, query: str = "") -> str | None:
    """Return the page that an address means and Streamlit would not show; else None.

    An address with more parts than a page means that page; ``/today`` the page one lands on, and so did Kunden stand there once: links to
    the list as it was filtered lead to it.
    """
    if path.rstrip("/").lower() == "/today":
        return "/"
    if path == "/" and is_list(parse_qs(query, keep_blank_values=True)):
        return "/accounts"
    first, *more = path.strip("/").split("/")
    return f"/{quote(first, safe='')}" if any(more) and first.lower() not in DEEP else None


class Guard:
    """Pure ASGI: name the session to Streamlit, refuse strangers, put the security headers on."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app, self.settings = app, settings
        self.sockets = Sockets(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request or socket."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        scope = {**scope, "headers": plain_cookies(scope["headers"])}
        headers = Headers(scope=scope)
        if scope.get("path") not in ANY_HOST and not answers_to(headers.get("host"), self.settings):
            if scope["type"] == "websocket":
                await _refuse(scope, receive, send)
            else:
                await refuse_host(headers, self.settings)(scope, receive, _with_headers(send, https=self.settings.secure_cookies))
            return
        token_hash = token_hash_of(headers, self.settings)
        clean = [(key, value) for key, value in scope["headers"] if key.lower() not in (SESSION_HEADER, VIEWER_HEADER)]
        send = _with_headers(send, https=self.settings.secure_cookies)
        if scope["type"] == "websocket":
            await self._websocket({**scope, "headers": clean}, receive, send, headers, token_hash)
        else:
            await self._http({**scope, "headers": clean}, in_time(receive), send, headers, token_hash)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send, headers: Headers, token_hash: str | None) -> None:
        """Name the session to Streamlit, which gives a page back only to the session and viewer it was made for."""
        viewer, is_sure = None, True
        try:
            viewer = await self._viewer(token_hash)
        except AppError:
            # The store is away: whose page this is turns out with the first message after it is back.
            is_sure = False
        if token_hash and (viewer is not None or not is_sure):
            eyes = f"{viewer.kind} {viewer.id} {viewer.by}" if viewer else "?"
            scope["headers"] += [(SESSION_HEADER, token_hash.encode()), (VIEWER_HEADER, eyes.encode())]
        await self._socket(scope, receive, send, headers, token_hash if viewer or not is_sure else None, viewer)

    async def _http(self, scope: Scope, receive: Receive, send: Send, headers: Headers, token_hash: str | None) -> None:
        """Refuse what is shut or needs a session, redirect addresses below a page, hand everything else on."""
        if is_shut(scope["path"]):
            await PlainTextResponse("", status_code=403)(scope, receive, send)
            return
        if not for_strangers(scope["path"], scope["method"]):
            try:
                viewer = await self._viewer(token_hash)
            except AppError:
                viewer = None
            if viewer is None or token_hash is None:
                await PlainTextResponse("", status_code=403)(scope, receive, send)
                return
            if is_upload(scope["path"]):
                await self._answered(scope, receive, send, partial(serve_upload, self.app, token_hash, viewer))
                return
        opened = headers.get("sec-fetch-mode") == "navigate"
        asked = scope["query_string"].decode("latin-1")
        if opened and (page := page_meant(scope["path"], asked)):
            await RedirectResponse(f"{page}?{asked}" if asked else page, status_code=303)(scope, receive, send)
            return
        if token_hash and (opened or scope["path"] == "/search"):
            await self._note_use(token_hash)
        await self._answered(scope, receive, send)

    async def _answered(self, scope: Scope, receive: Receive, send: Send, app: ASGIApp | None = None) -> None:
        """Run the app; answer an unforeseen error with our headers and a reference number that is also in the log."""
        begun = False

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await (app or self.app)(scope, receive, watched)
        except Exception:
            reference = secrets.token_hex(3).upper()
            log.exception("unexpected error %s", reference)
            if begun:
                raise
            await PlainTextResponse(reference, status_code=500)(scope, receive, send)

    async def _viewer(self, token_hash: str | None) -> Viewer | None:
        """Return the session's viewer at this moment; None for a stranger. Raises AppError while the store is away."""
        if token_hash is None:
            return None
        if known := known_standing_of(token_hash, self.settings):
            return known[0]
        return await run_in_threadpool(viewer_of, token_hash, self.settings)

    async def _note_use(self, token_hash: str) -> None:
        """Renew the session's idle time, asking the database only where it must."""
        with contextlib.suppress(AppError):
            if known_to_live(token_hash, self.settings, used=True):
                return
            await run_in_threadpool(note_use, token_hash, self.settings)

    async def _socket(
        self, scope: Scope, receive: Receive, send: Send, headers: Headers, token_hash: str | None, viewer: Viewer | None
    ) -> None:  # fmt: skip
        """Open a socket for a page of this site, where there is room for it."""
        origin = headers.get("origin")
        if not origin or urlsplit(origin).netloc != headers.get("host"):
            await _refuse(scope, receive, send)
            return
        socket = self.sockets.room_for(viewer, token_hash, network_of((scope.get("client") or ("?", 0))[0]))
        if socket is None:
            await _refuse(scope, receive, send)
            return
        await self.sockets.serve(self.app, scope, receive, send, socket, partial(self._note_use_at_times, socket))

    async def _note_use_at_times(self, socket: Socket) -> None:
        """Renew the session's idle time after a message that a person caused, at most every quarter of ``NOTED_EVERY``."""
        if socket.token_hash and time.monotonic() - socket.noted_at > NOTED_EVERY.total_seconds() / 4:
            socket.noted_at = time.monotonic()
            await self._note_use(socket.token_hash)


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
