"""The doors of the sign-in by the firm's identity provider: out to it, and back in."""

from __future__ import annotations

import logging
import secrets
from html import escape
from urllib.parse import urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from core.base.config import Settings
from core.base.errors import AppError
from core.base.log import happened
from core.i18n import LANGUAGES
from core.identity.begun_sign_in import Begun, SignInVoid
from core.identity.oidc_client import SIGN_IN_TTL_S, Answer, Provider, ProviderSilent, Refused
from core.identity.oidc_subject import AnotherPerson, require_same_person
from core.identity.second_factor import factor_state
from core.identity.sign_in import begin_by_address, note_failed, record_ends
from core.identity.sign_in_tickets import FOR_STEP, mint, path_of_ours
from core.identity.throttle import count_try, forget, network_of
from core.web.guard import cookie_name, cookie_of
from core.web.headers import PRIVATE
from core.web.sign_in_response import let_in

log = logging.getLogger("kundenblick")


def provider_of(settings: Settings) -> Provider | None:
    """The firm's identity provider, where it has one."""
    return Provider(settings) if settings.has_provider else None


def farewell(provider: Provider | None, issuer: str | None) -> Response | None:
    """The way out of the provider for who came in by it; None where there is none.

    A page that leads on by itself: our policy lets no form be answered with an address of somebody else's.
    """
    where = provider.farewell() if provider is not None and issuer == provider.settings.oidc_issuer else None
    if where is None:
        return None
    page = f'<!doctype html><meta charset="utf-8"><a href="{escape(where)}">{escape(provider.settings.oidc_name)}</a>'
    return HTMLResponse(page, headers=PRIVATE | {"Refresh": f"0; url={where}"})


def oidc_routes(settings: Settings, provider: Provider | None) -> list[Route]:
    """The two doors; none where there is no provider."""
    if provider is None:
        return []
    cookie = f"{cookie_name(settings)}-oidc"

    def back_to_sign_in(said: str) -> Response:
        answer = RedirectResponse(f"/?{urlencode({'oidc': said})}", status_code=303, headers=PRIVATE)
        answer.delete_cookie(cookie, path="/", secure=settings.secure_cookies, httponly=True, samesite="lax")
        return answer

    async def begin(request: Request) -> Response:
        browser, given = secrets.token_urlsafe(32), request.query_params
        language = given.get("language", "")
        try:
            where = await run_in_threadpool(
                provider.ask, browser, network_of(_address(request)), path_of_ours(given.get("back", "")),
                language if language in LANGUAGES else LANGUAGES[0], "anew" in given, record_ends(),
            )  # fmt: skip
        except (ProviderSilent, Refused) as problem:
            happened(log, "provider_silent", logging.WARNING, why=str(problem))
            return back_to_sign_in("silent")
        answer = RedirectResponse(where, status_code=303, headers=PRIVATE)
        answer.set_cookie(cookie, browser, max_age=SIGN_IN_TTL_S, httponly=True, samesite="lax", secure=settings.secure_cookies, path="/")
        return answer

    def whose(request: Request) -> tuple[Answer, Begun | None, bool]:
        """The answer, the team member it belongs to, and whether our own second factor stands before the way in."""
        given, key = request.query_params, f"provider:{network_of(_address(request))}"
        count_try(key)
        answer = provider.answered(given.get("state", ""), given.get("code", ""), cookie_of(request.headers, cookie), given.get("iss"))
        forget(key)
        begun = begin_by_address(answer.email, answer.since)
        if begun is None:
            note_failed(None)
            return answer, None, False
        require_same_person(begun.viewer.id, answer.subject)
        state = factor_state(begun.viewer)
        return answer, begun, not answer.two_factors and (state.has or state.needed)

    async def callback(request: Request) -> Response:
        try:
            answer, begun, step = await run_in_threadpool(whose, request)
        except ProviderSilent as problem:
            happened(log, "provider_silent", logging.WARNING, why=str(problem))
            return back_to_sign_in("silent")
        except AnotherPerson:
            happened(log, "provider_refused", logging.WARNING, why="another person", address=_address(request))
            return back_to_sign_in("another")
        except (Refused, AppError) as problem:
            happened(log, "provider_refused", logging.WARNING, why=str(problem), address=_address(request))
            return back_to_sign_in("failed")
        if begun is None:
            return back_to_sign_in("unknown")
        if step:
            way = urlsplit(answer.back_to)
            ticket = mint(begun, answer.back_to, FOR_STEP, answer.subject)
            where = f"{way.path}?{'&'.join(filter(None, (way.query, urlencode({'step': ticket}))))}"
            done: Response = RedirectResponse(where, status_code=303, headers=PRIVATE)
        else:
            try:
                done = await let_in(request, settings, begun, answer.back_to, answer.subject)
            except AnotherPerson:
                return back_to_sign_in("another")
            except SignInVoid:
                return back_to_sign_in("failed")
        done.delete_cookie(cookie, path="/", secure=settings.secure_cookies, httponly=True, samesite="lax")
        return done

    return [Route("/auth/oidc", begin, methods=["GET"]), Route("/auth/oidc/callback", callback, methods=["GET"])]


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
