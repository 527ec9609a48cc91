"""Our own routes: sign-in and sign-out, documents, photos, exports, health."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from PIL import Image, ImageDraw
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from core.base.config import Settings
from core.base.errors import AppError, NotFound, StoreError, StoreFull
from core.base.rights import Viewer
from core.documents.documents import INLINE, file_of, inside
from core.documents.logo import logo
from core.documents.openings import DOWNLOADED, OPENED, note_opening, was_asked_for
from core.identity.begun_sign_in import SignInVoid
from core.identity.oidc_client import Provider
from core.identity.oidc_subject import AnotherPerson
from core.identity.sessions import end_session, store_answers, viewer_of
from core.identity.sign_in_tickets import redeem
from core.operations.backup.schedule import known_standing
from core.store import reader, sql
from core.web.change_poll import watch_route
from core.web.export_downloads import fetch
from core.web.guard import cookie_name, token_hash_of
from core.web.headers import LASTING, PRIVATE, same_origin
from core.web.import_route import import_route
from core.web.metrics_route import metrics_route
from core.web.oidc_routes import farewell, oidc_routes, provider_of
from core.web.search_route import find_route
from core.web.sign_in_response import let_in

# Edge lengths in pixels that photos are sent in; stored is the largest.
SIZES_PX = (48, 88, 96, 128, 256, 512)


def _said_outside(problem: AppError) -> str:
    """Return the code of the sentence that the sign-in shows for a problem; for a store that is away, one that names no folder."""
    return StoreError.code if isinstance(problem, StoreError) and not isinstance(problem, StoreFull) else problem.code


def _leave(token_hash: str | None) -> tuple[str | None, str]:
    """End a session. Return the provider it began with, and where its browser goes.

    Where nothing can be written the browser loses its cookie all the same, and a sentence says what is left to do.
    """
    try:
        return end_session(token_hash) if token_hash else None, "/"
    except AppError:
        return None, "/?said=leave_unsure"


def routes(settings: Settings) -> list[Route]:
    """Return our own routes, beside Streamlit's."""
    provider = provider_of(settings)
    ours = _Answers(settings, provider)
    return [
        Route("/auth/enter", ours.enter, methods=["GET"]),
        Route("/auth/leave", ours.leave, methods=["POST"]),
        Route("/document/{id}", ours.for_member(ours.document), methods=["GET"]),
        Route("/photo/{id}", ours.for_member(ours.photo, portal=True), methods=["GET"]),
        Route("/logo", ours.logo, methods=["GET"]),
        Route("/export/{id}", ours.for_member(ours.export), methods=["GET"]),
        import_route(settings),
        find_route(settings),
        watch_route(settings),
        *oidc_routes(settings, provider),
        Route("/health", ours.health, methods=["GET"]),
        metrics_route(settings),
    ]


class _Answers:
    """What each route answers; each asks the store anew."""

    def __init__(self, settings: Settings, provider: Provider | None) -> None:
        self.settings, self.provider = settings, provider

    def for_member(
        self, make: Callable[[Request, Viewer], Response], *, portal: bool = False
    ) -> Callable[[Request], Awaitable[Response]]:  # fmt: skip
        """Return an endpoint for the signed-in member (with ``portal`` also a client's contact); every refusal looks like *missing*."""

        async def answer(request: Request) -> Response:
            def work() -> Response:
                viewer = viewer_of(token_hash_of(request.headers, self.settings), self.settings)
                if viewer is None or (viewer.kind != "staff" and not portal):
                    raise NotFound()
                return make(request, viewer)

            try:
                return await run_in_threadpool(work)
            except AppError:
                return PlainTextResponse("", status_code=404, headers=PRIVATE)

        return answer

    async def enter(self, request: Request) -> Response:
        """Use a ticket up, start the session, and go where the person wanted."""
        # A page of another site must not sign this browser in as its own person.
        foreign = request.headers.get("sec-fetch-site", "none") not in ("same-origin", "none")
        ticket = None if foreign else redeem(request.query_params.get("ticket", ""))
        if ticket is None:
            return RedirectResponse("/", status_code=303, headers=PRIVATE)
        try:
            return await let_in(request, self.settings, ticket.begun, ticket.back_to, ticket.subject)
        except AnotherPerson:
            return RedirectResponse("/?oidc=another", status_code=303, headers=PRIVATE)
        except SignInVoid:
            return RedirectResponse("/?said=sign_in_void", status_code=303, headers=PRIVATE)
        except AppError as problem:
            # A full disk, a store that is away: the sign-in says so in a sentence that names no folder, and the person tries again.
            return RedirectResponse(f"/?said={_said_outside(problem)}", status_code=303, headers=PRIVATE)

    async def leave(self, request: Request) -> Response:
        """End the session, here and where possible at the identity provider."""
        if not same_origin(request):
            return PlainTextResponse("", status_code=403, headers=PRIVATE)
        issuer, back = await run_in_threadpool(_leave, token_hash_of(request.headers, self.settings))
        answer = await run_in_threadpool(farewell, self.provider, issuer) or RedirectResponse(back, status_code=303, headers=PRIVATE)
        answer.delete_cookie(cookie_name(self.settings), path="/", secure=self.settings.secure_cookies, httponly=True, samesite="lax")
        return answer

    def document(self, request: Request, viewer: Viewer) -> Response:
        """Return a document's file, shown or as a download. NEU is marked by the page's links alone; who has the file is noted here too."""
        row = file_of(viewer, _id_in(request), self.settings)
        if row["path"] is None:
            raise NotFound()
        shown = row["media_type"] in INLINE and "download" not in request.query_params
        if was_asked_for(request.method, request.headers) and (not shown or request.headers.get("sec-fetch-dest") == "document"):
            note_opening(viewer, row, OPENED if shown else DOWNLOADED)
        media_type = row["media_type"] if row["media_type"] in INLINE else "application/octet-stream"
        return _file(row["path"], row["name"], media_type, shown)

    def photo(self, request: Request, viewer: Viewer) -> Response:
        """Return a photo as WebP, in the size that ``size`` (pixels) asks for; with ``round`` as a disc, for what cannot round it itself."""
        with reader(viewer) as r:
            row = r.row(sql("photo_file"), photo_id=_id_in(request))
        path = inside(self.settings.photos, row["file"]) if row else None
        if path is None:
            raise NotFound()
        made = _resized(path, request.query_params.get("size", ""), "round" in request.query_params)
        return Response(made, media_type="image/webp", headers=PRIVATE)

    async def logo(self, request: Request) -> Response:
        """Return the firm's logo to everybody, since it stands at the sign-in; with a version in the address the browser keeps it."""
        try:
            picture = await run_in_threadpool(logo)
        except AppError:
            picture = None
        if picture is None:
            return PlainTextResponse("", status_code=404, headers=PRIVATE)
        return Response(picture, media_type="image/webp", headers=LASTING if "v" in request.query_params else PRIVATE)

    def export(self, request: Request, viewer: Viewer) -> Response:
        """Return an export that was offered to this viewer, made now."""
        offered, made = fetch(viewer, request.path_params["id"])
        headers = PRIVATE | {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(offered.name, safe='')}"}
        return Response(made, media_type=offered.media_type, headers=headers)

    async def health(self, _: Request) -> Response:
        """Return as JSON whether the store answers, and the age of the newest verified backup; 503 when the store does not."""
        well = await run_in_threadpool(store_answers)
        backup = await run_in_threadpool(known_standing, self.settings)
        state: dict[str, str | int] = {"store": "ok" if well else "unavailable", "backup": backup.code}
        if backup.last and backup.age:
            state |= {
                "last_verified_backup": f"{backup.last.made_at:%Y-%m-%dT%H:%M:%SZ}",
                "backup_age_hours": int(backup.age.total_seconds() // 3600),
            }
        return JSONResponse(state, status_code=200 if well else 503, headers=PRIVATE)


def _id_in(request: Request) -> int:
    """Return the id in the path. Raises NotFound for anything but a number."""
    asked = request.path_params["id"]
    if not (asked.isascii() and asked.isdecimal() and len(asked) < 19):
        raise NotFound()
    return int(asked)


def _file(path: Path, name: str, media_type: str, shown: bool) -> FileResponse:
    """Return a file that the browser shows or saves, and runs nothing of."""
    way = "inline" if shown else "attachment"
    # A document is data: it runs no script and loads nothing. Chromium's PDF viewer needs ``object-src``.
    policy = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
    headers = PRIVATE | {"Content-Disposition": f"{way}; filename*=UTF-8''{quote(name, safe='')}", "Content-Security-Policy": policy}
    if media_type == "text/plain":
        media_type = "text/plain; charset=utf-8"
    return FileResponse(path, media_type=media_type, headers=headers)


def _resized(path: Path, wanted: str, is_disc: bool) -> bytes:
    """Return the stored photo as WebP in the smallest size that is large enough. Raises NotFound for a broken file."""
    asked = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 5 else SIZES_PX[-1]
    size = next((size for size in SIZES_PX if size >= asked), SIZES_PX[-1])
    try:
        if size == SIZES_PX[-1] and not is_disc:
            return path.read_bytes()
        return _smaller(path, path.stat().st_mtime_ns, size, is_disc)
    except (OSError, ValueError):
        raise NotFound() from None


@lru_cache(maxsize=500)
def _smaller(path: Path, _: int, size: int, is_disc: bool) -> bytes:
    """Return a photo in another size, from memory while its file is the same: a list asks for fifty at once."""
    with Image.open(path, formats=["WEBP"]) as image:
        small = image.convert("RGB").resize((size, size))
    if is_disc:
        # Drawn four times as large and made smaller, so that its edge is smooth.
        edge = Image.new("L", (size * 4, size * 4))
        ImageDraw.Draw(edge).ellipse((0, 0, size * 4 - 1, size * 4 - 1), fill=255)
        small.putalpha(edge.resize((size, size)))
    out = io.BytesIO()
    small.save(out, "WEBP", quality=85)
    return out.getvalue()
