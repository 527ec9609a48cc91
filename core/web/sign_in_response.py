"""Start a session for a browser: end its earlier one, and set two cookies that no script can read."""

from __future__ import annotations

import re
from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from core.base.config import Settings
from core.base.tokens import hash_token, new_token
from core.identity.begun_sign_in import Begun
from core.identity.oidc_subject import Subject
from core.identity.sessions import end_session, start_session
from core.web.guard import browser_cookie_name, cookie_name, cookie_of, token_hash_of
from core.web.headers import PRIVATE

# The longest that browsers keep a cookie: 400 days.
BROWSER_COOKIE_TTL_S = 400 * 86_400
# A browser cookie as ``new_token`` makes it.
BROWSER_COOKIE = re.compile(r"[\w-]{43}")


async def let_in(request: Request, settings: Settings, begun: Begun, back_to: str, subject: Subject | None = None) -> Response:
    """Start a session for this browser and send it to a path of this site. Raises AnotherPerson, SignInVoid.

    - ``subject``: The person as the identity provider named them.
    """
    address = request.client.host if request.client else ""
    if earlier := token_hash_of(request.headers, settings):
        await run_in_threadpool(end_session, earlier)
    browser = cookie_of(request.headers, browser_cookie_name(settings)) or ""
    if not BROWSER_COOKIE.fullmatch(browser):
        browser = new_token()
    start = partial(start_session, begun.viewer, address, request.headers.get("user-agent", ""), hash_token(browser), subject, begun)
    token = await run_in_threadpool(start)
    answer = RedirectResponse(back_to, status_code=303, headers=PRIVATE)
    for name, value, age in ((cookie_name(settings), token, None), (browser_cookie_name(settings), browser, BROWSER_COOKIE_TTL_S)):
        answer.set_cookie(name, value, max_age=age, httponly=True, samesite="lax", secure=settings.secure_cookies, path="/")
    return answer
