"""Answer an open page that asks every few seconds whether anything it depends on has changed: viewer, account, end of the session."""

from __future__ import annotations

import hashlib
import math
import secrets

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from core.access.open_account import account_head, account_number
from core.activity.ledger import LEDGER_TABLES
from core.base.config import Settings
from core.base.errors import AccountNotFound, AppError
from core.base.rights import Scope, Viewer
from core.identity.contact_portal import own_accounts
from core.identity.sessions import TimeLeft, ends_in, viewer_of
from core.store import changes_of, scope_of, writes_to
from core.web.guard import token_hash_of
from core.web.headers import PRIVATE

# A page says that the session ends soon so long before; at a short idle time, a third of it.
WARNING_MIN = 5.0
# What a page that shows what waits over all clients asks about, in place of an account id.
TODAY = "today"
# Makes marks unguessable, and different after a restart.
_KEY = secrets.token_bytes(16)
# (the viewer with role and rights, or why not; the account's counter of changes)
State = tuple[object, object]


def state_of(viewer: Viewer | None, asked: str | None) -> State:
    """Return what a page of this viewer depends on; ``asked`` is the account id in its address, or ``TODAY``."""
    if viewer is None:
        return None, None
    try:
        if viewer.kind == "contact":
            return (viewer, *(tuple(row.values()) for row in own_accounts(viewer))), None
        scope = scope_of(viewer)
        if asked is None:
            return found(viewer, scope)
        if asked == TODAY:
            return found(viewer, scope)[0], writes_to(*LEDGER_TABLES)
        account_id = account_number(asked)
        changes = changes_of(account_id)
        if account_head(viewer, account_id) is None:
            raise AccountNotFound()
        return found(viewer, scope, account_id, changes)
    except AppError as problem:
        return (viewer, problem.code), None


def found(viewer: Viewer, scope: Scope, account_id: int | None = None, changes: int | None = None) -> State:
    """Return the state of a viewer with this scope, who sees this account."""
    who = (viewer, scope.role, tuple(sorted(scope.rights)))
    return (who, None) if account_id is None else ((*who, account_id), changes)


def minutes_left(left: TimeLeft | None) -> int | None:
    """Return the whole minutes until the session ends by itself when that is soon; else None."""
    if left is None or min(left.idle, left.absolute) > min(WARNING_MIN, left.of_idle / 3):
        return None
    return max(1, math.ceil(min(left.idle, left.absolute)))


def mark(state: State, minutes: int | None) -> str:
    """Return a text that changes whenever the state or the minutes do, and reveals neither."""
    return hashlib.blake2b(repr((state, minutes)).encode(), key=_KEY, digest_size=9).hexdigest()


def watch_route(settings: Settings) -> Route:
    """Return the route ``GET /watch?account=…``: the mark for the session's viewer at this moment; strangers get a mark too."""

    def answer(token_hash: str | None, asked: str | None) -> Response:
        viewer = viewer_of(token_hash, settings)
        return JSONResponse({"mark": mark(state_of(viewer, asked), minutes_left(ends_in(token_hash, settings)))}, headers=PRIVATE)

    async def watch(request: Request) -> Response:
        try:
            return await run_in_threadpool(answer, token_hash_of(request.headers, settings), request.query_params.get("account"))
        except AppError:
            return PlainTextResponse("", status_code=503, headers=PRIVATE)

    return Route("/watch", watch)
