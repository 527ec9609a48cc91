"""What needs plain HTTP: entering and leaving, documents, photos, exports, health. Each asks the store anew."""

from __future__ import annotations

import io
from pathlib import Path
from urllib.parse import quote, urlsplit

from PIL import Image
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from core.base.config import Settings
from core.base.errors import AppError, NotFound, StoreError, StoreFull
from core.base.rights import Viewer
from core.documents.documents import INLINE, file_of, inside
from core.identity.begun_sign_in import SignInVoid
from core.identity.oidc_subject import AnotherPerson
from core.identity.sessions import end_session, store_answers, viewer_of
from core.identity.sign_in_tickets import redeem
from core.operations.backup.schedule import known_standing
from core.store import reader, sql
from core.web.change_poll import watch_route
from core.web.export_downloads import fetch
from core.web.guard import cookie_name, token_hash_of
from core.web.headers import PRIVATE
from core.web.metrics_route import metrics_route
from core.web.oidc_routes import farewell, oidc_routes, provider_of
from core.web.search_route import find_route
from core.web.sign_in_response import let_in

SIZES = (48, 88, 96, 128, 256, 512)


def same_origin(request: Request) -> bool:
    """Whether a writing request comes from a page of ours."""
    return urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host")


def _said_outside(problem: AppError) -> str:
    """Return the code of the sentence that the sign-in says for ``problem``: of a store that is away, nothing about where it lies."""
    return StoreError.code if isinstance(problem, StoreError) and not isinstance(problem, StoreFull) else problem.code


def _leave(token_hash: str | None) -> tuple[str | None, str]:
    """End a session; return the provider it began with, and where its browser goes.

    Where nothing can be written the browser is out all the same, and its person is told what is left to do.
    """
    try:
        return end_session(token_hash) if token_hash else None, "/"
    except AppError:
        return None, "/?said=leave_unsure"


def routes(settings: Settings) -> list[Route]:
    """Our own routes, for the shell."""
    provider = provider_of(settings)

    def asked(make, *, portal: bool = False):
        """A route that answers the signed-in team member (a client's contact if ``portal``); every refusal looks like *missing*."""

        async def answer(request: Request) -> Response:
            def work() -> Response:
                viewer = viewer_of(token_hash_of(request.headers, settings), settings)
                if viewer is None or (viewer.kind != "staff" and not portal):
                    raise NotFound()
                return make(request, viewer)

            try:
                return await run_in_threadpool(work)
            except AppError:
                return PlainTextResponse("", status_code=404, headers=PRIVATE)

        return answer

    async def enter(request: Request) -> Response:
        # A page of somebody else's must not sign this browser in as its own person.
        foreign = request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none")
        ticket = None if foreign else redeem(request.query_params.get("ticket", ""))
        if ticket is None:
            return RedirectResponse("/", status_code=303, headers=PRIVATE)
        try:
            return await let_in(request, settings, ticket.begun, ticket.back_to, ticket.subject)
        except AnotherPerson:
            return RedirectResponse("/?oidc=another", status_code=303, headers=PRIVATE)
        except SignInVoid:
            return RedirectResponse("/?said=sign_in_void", status_code=303, headers=PRIVATE)
        except AppError as problem:
            # A full disk, a store that is away: a sentence on the sign-in, where the person tries again. It names no folder.
            return RedirectResponse(f"/?said={_said_outside(problem)}", status_code=303, headers=PRIVATE)

    async def leave(request: Request) -> Response:
        if not same_origin(request):
            return PlainTextResponse("", status_code=403, headers=PRIVATE)
        issuer, back = await run_in_threadpool(_leave, token_hash_of(request.headers, settings))
        answer = await run_in_threadpool(farewell, provider, issuer) or RedirectResponse(back, status_code=303, headers=PRIVATE)
        answer.delete_cookie(cookie_name(settings), path="/", secure=settings.secure_cookies, httponly=True, samesite="lax")
        return answer

    def document(request: Request, viewer: Viewer) -> Response:
        # Only reads: that somebody opened it is marked by what they do in the page, whose links lead here.
        row = file_of(viewer, _id_in(request), settings)
        if row["path"] is None:
            raise NotFound()
        shown = row["media_type"] in INLINE and "download" not in request.query_params
        media_type = row["media_type"] if row["media_type"] in INLINE else "application/octet-stream"
        return _file(row["path"], row["name"], media_type, shown)

    def photo(request: Request, viewer: Viewer) -> Response:
        with reader(viewer) as r:
            row = r.row(sql("photo_file"), photo_id=_id_in(request))
        path = inside(settings.photos, row["file"]) if row else None
        if path is None:
            raise NotFound()
        return Response(_resized(path, request.query_params.get("size", "")), media_type="image/webp", headers=PRIVATE)

    def export(request: Request, viewer: Viewer) -> Response:
        offered, made = fetch(viewer, request.path_params["id"])
        headers = PRIVATE | {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(offered.name, safe='')}"}
        return Response(made, media_type=offered.media_type, headers=headers)

    async def health(_: Request) -> Response:
        well = await run_in_threadpool(store_answers)
        backup = await run_in_threadpool(known_standing, settings)
        told = {"store": "ok" if well else "unavailable", "backup": backup.code}
        if backup.last and backup.age:
            told |= {
                "last_verified_backup": f"{backup.last.made_at:%Y-%m-%dT%H:%M:%SZ}",
                "backup_age_hours": int(backup.age.total_seconds() // 3600),
            }
        return JSONResponse(told, status_code=200 if well else 503, headers=PRIVATE)

    return [
        Route("/auth/enter", enter, methods=["GET"]),
        Route("/auth/leave", leave, methods=["POST"]),
        Route("/document/{id}", asked(document), methods=["GET"]),
        Route("/photo/{id}", asked(photo, portal=True), methods=["GET"]),
        Route("/export/{id}", asked(export), methods=["GET"]),
        find_route(settings),
        watch_route(settings),
        *oidc_routes(settings, provider),
        Route("/health", health, methods=["GET"]),
        metrics_route(settings),
    ]


def _id_in(request: Request) -> int:
    """The id in the path. Raises NotFound for what can be none."""
    asked = request.path_params["id"]
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 19):
        raise NotFound()
    return int(asked)


def _file(path: Path, name: str, media_type: str, shown: bool) -> FileResponse:
    way = "inline" if shown else "attachment"
    # A document is data: whatever is in it runs no script and loads nothing. Chromium's own viewer needs a plain PDF.
    policy = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
    headers = PRIVATE | {"Content-Disposition": f"{way}; filename*=UTF-8''{quote(name, safe='')}", "Content-Security-Policy": policy}
    if media_type == "text/plain":
        media_type = "text/plain; charset=utf-8"
    return FileResponse(path, media_type=media_type, headers=headers)


def _resized(path: Path, wanted: str) -> bytes:
    """The stored photo as WebP in the smallest of our sizes that is large enough. Raises NotFound for a broken file."""
    asked = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 5 else SIZES[-1]
    size = next((size for size in SIZES if size >= asked), SIZES[-1])
    try:
        if size == SIZES[-1]:
            return path.read_bytes()
        with Image.open(path, formats=["WEBP"]) as image:
            small = image.convert("RGB").resize((size, size))
    except (OSError, ValueError):
        raise NotFound() from None
    out = io.BytesIO()
    small.save(out, "WEBP", quality=85)
    return out.getvalue()
