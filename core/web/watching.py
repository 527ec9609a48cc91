"""What an open page asks every few seconds: a mark of what it hangs on, without a run of the page."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.config import Settings
from core.errors import AppError
from core.watched import mark, minutes_left, state_of
from core.web.guard import token_hash_of
from core.web.sessions import ends_in, viewer_of

PRIVATE = {"Cache-Control": "private, no-store"}


def watch_route(settings: Settings) -> Route:
    """``GET /watch?account=…``: the mark for the viewer of this very moment; who is signed out gets that of nobody."""

    def answer(token_hash: str | None, asked: str | None) -> Response:
        viewer = viewer_of(token_hash, settings)
        return JSONResponse({"mark": mark(state_of(viewer, asked), minutes_left(ends_in(token_hash, settings)))}, headers=PRIVATE)

    async def watch(request: Request) -> Response:
        try:
            return await run_in_threadpool(answer, token_hash_of(request.headers, settings), request.query_params.get("account"))
        except AppError:
            return PlainTextResponse("", status_code=503, headers=PRIVATE)

    return Route("/watch", watch)
