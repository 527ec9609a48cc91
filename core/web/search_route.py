"""The route of the search field; the query is in the body, so that no log or history holds a client's name."""

from __future__ import annotations

from functools import lru_cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.base.config import Settings
from core.base.errors import AppError, NotFound
from core.base.initials import initials
from core.clients.search import Match, search
from core.clients.search_highlight import phone_pieces, pieces
from core.clients.search_terms import Query, phone_trouble
from core.identity.sessions import viewer_of
from core.web.guard import token_hash_of
from core.web.headers import PRIVATE, same_origin

MAX_MATCHES = 12
MAX_QUERY_BYTES = 4096


def find_route(settings: Settings) -> Route:
    """Return the route ``POST /search``: the best matches as JSON, for the session's viewer at this moment.

    With ``?quick`` the answer may leave out matches inside of words; ``more`` says that asking without it can add some. ``rest`` says
    that there are more matches than shown; ``trouble`` why a telephone number cannot be found as it was typed.
    """

    def answer(token_hash: str | None, text: str, quick: bool) -> Response:
        viewer = viewer_of(token_hash, settings)
        if viewer is None or viewer.kind != "staff":
            raise NotFound()
        matches = search(viewer, text, MAX_MATCHES + 1, quick=quick)
        found = [_shown(match, text) for match in matches[:MAX_MATCHES]]
        rest = len(matches) > MAX_MATCHES
        more = quick and bool(found) and not rest
        trouble = "" if found else phone_trouble(text)
        return JSONResponse({"found": found, "rest": rest, "more": more, "trouble": trouble}, headers=PRIVATE)

    async def find(request: Request) -> Response:
        if not same_origin(request):
            return PlainTextResponse("", status_code=403, headers=PRIVATE)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_QUERY_BYTES:
                return PlainTextResponse("", status_code=413, headers=PRIVATE)
        try:
            text, quick = body.decode("utf-8", "ignore"), "quick" in request.query_params
            return await run_in_threadpool(answer, token_hash_of(request.headers, settings), text, quick)
        except AppError:
            return PlainTextResponse("", status_code=404, headers=PRIVATE)

    return Route("/search", find, methods=["POST"])


@lru_cache(maxsize=2_000)
def _shown(match: Match, text: str) -> dict[str, object]:
    query = Query.of(text).text
    return {
        "id": match.account_id,
        "name": pieces(match.name, query),
        "number": pieces(match.number, query) if match.reason == "number" else [(match.number, False)],
        "photo": match.photo_id,
        "sign": initials(match.name),
        "archived": match.archived,
        "guess": match.is_guess,
        "reason": match.reason if match.detail else "",
        "label": match.label,
        "detail": phone_pieces(match.detail, text) if match.reason == "phone" else pieces(match.detail, query),
    }
