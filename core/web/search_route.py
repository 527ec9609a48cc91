"""What the search field asks while one types: the query in the body, so that no log or history holds a client's name."""

from __future__ import annotations

from functools import lru_cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.base.config import Settings
from core.base.errors import AppError, NotFound
from core.clients.search import Match, asked_for, search
from core.clients.search_highlight import pieces
from core.identity.sessions import viewer_of
from core.web.guard import token_hash_of
from core.web.headers import PRIVATE

MOST, MOST_BYTES = 12, 4096


def find_route(settings: Settings) -> Route:
    """``POST /search``: the best matches as JSON, for the signed-in viewer of this very moment.

    With ``?quick`` the answer may leave out what only stands inside of words; ``more`` says that asking again can add to it. With
    ``rest`` there are matches that are not among them.
    """

    def answer(token_hash: str | None, text: str, quick: bool) -> Response:
        viewer = viewer_of(token_hash, settings)
        if viewer is None or viewer.kind != "staff":
            raise NotFound()
        matches = search(viewer, text, MOST + 1, quick=quick)
        found = [_shown(match, asked_for(text)) for match in matches[:MOST]]
        rest = len(matches) > MOST
        return JSONResponse({"found": found, "rest": rest, "more": quick and bool(found) and not rest}, headers=PRIVATE)

    async def find(request: Request) -> Response:
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_BYTES:
                return PlainTextResponse("", status_code=413, headers=PRIVATE)
        try:
            text, quick = body.decode("utf-8", "ignore"), "quick" in request.query_params
            return await run_in_threadpool(answer, token_hash_of(request.headers, settings), text, quick)
        except AppError:
            return PlainTextResponse("", status_code=404, headers=PRIVATE)

    return Route("/search", find, methods=["POST"])


@lru_cache(maxsize=2_000)
def _shown(match: Match, query: str) -> dict[str, object]:
    return {
        "id": match.account_id,
        "name": pieces(match.name, query),
        "number": pieces(match.number, query) if match.reason == "number" else [(match.number, False)],
        "archived": match.archived,
        "email": pieces(match.email, query) if match.email else None,
    }
