"""Take in a file for an import: straight from the socket to the disk, whatever its size."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.base.config import Settings
from core.base.errors import AppError, NotAllowed, NotFound, SignedOut, StoreError, StoreFull
from core.identity.sessions import viewer_of
from core.imports.uploads import receive_upload
from core.web.guard import token_hash_of
from core.web.headers import PRIVATE, same_origin

# Pieces that come in are written together once they are this large: each write is a turn of a thread.
WRITTEN_BYTES = 1024 * 1024
STATUS = {"upload_large": 413, "upload_busy": 409, "upload_empty": 400}


def import_route(settings: Settings) -> Route:
    """Return ``PUT /import/file?name=…``, which keeps the body as an upload and answers ``{"upload": number}``.

    Refused, it answers ``{"problem": code}`` with 403 (may not), 404 without a word (signed out, or nobody of the firm), 409 (another one is on its way), 413, 507 (no room),
    400 (empty, or cut short).
    """

    async def answer(request: Request) -> Response:
        if not same_origin(request):
            return _refused("not_allowed", 403)
        length = request.headers.get("content-length", "")
        size = int(length) if length.isascii() and length.isdecimal() and len(length) < 19 else None
        try:
            viewer = await run_in_threadpool(viewer_of, token_hash_of(request.headers, settings), settings)
            if viewer is None or viewer.kind != "staff":
                raise NotFound()
            default = "eingefuegt.txt" if request.headers.get("content-type", "").startswith("text/plain") else "upload.csv"
            taking = receive_upload(viewer, settings, request.query_params.get("name", "") or default, size)
            incoming = await run_in_threadpool(taking.__enter__)
            try:
                waiting = bytearray()
                async for piece in request.stream():
                    waiting += piece
                    if len(waiting) >= WRITTEN_BYTES:
                        await run_in_threadpool(incoming.write, bytes(waiting))
                        waiting.clear()
                await run_in_threadpool(incoming.write, bytes(waiting))
                if size is not None and incoming.size != size:
                    raise ClientDisconnect()
                number = await run_in_threadpool(incoming.keep, viewer)
            finally:
                await run_in_threadpool(taking.__exit__, None, None, None)
        except ClientDisconnect:
            return _refused("upload_cut", 400)
        except NotAllowed as refused:
            return _refused(refused.code, 403)
        except (NotFound, SignedOut):
            return Response(status_code=404, headers=PRIVATE)
        except StoreFull as full:
            return _refused(full.code, 507)
        except AppError as problem:
            code = StoreError.code if isinstance(problem, StoreError) else problem.code
            return _refused(code, STATUS.get(problem.code, 503))
        return JSONResponse({"upload": number}, status_code=201, headers=PRIVATE)

    return Route("/import/file", answer, methods=["PUT"])


def _refused(code: str, status: int) -> Response:
    return JSONResponse({"problem": code}, status_code=status, headers=PRIVATE)
