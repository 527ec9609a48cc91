"""Routes of the sign-in by the firm's identity provider: out to it, and back."""

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
    """Return the firm's identity provider, or None."""
    return Provider(settings) if settings.has_provider else None


def farewell(provider: Provider | None, issuer: str | None) -> Response | None:
    """Return a page that signs the person out of the provider they signed in by; None where that is not possible.

    The page refreshes itself to the provider, since our content policy forbids a form to lead to another site.
    """
    where = provider.farewell() if provider is not None and issuer == provider.settings.oidc_issuer else None
    if where is None or provider is None:
        return None
    page = f'<!doctype html><meta charset="utf-8"><a href="{escape(where)}">{escape(provider.settings.oidc_name)}</a>'
    return HTMLResponse(page, headers=PRIVATE | {"Refresh": f"0; url={where}"})


def oidc_routes(settings: Settings, provider: Provider | None) -> list[Route]:
    """Return the two routes; none where there is no provider."""
    if provider is None:
        return []
    oidc = _OidcSignIn(settings, provider)
    return [Route("/auth/oidc", oidc.begin, methods=["GET"]), Route("/auth/oidc/callback", oidc.callback, methods=["GET"])]


class _OidcSignIn:
    """The two answers of a sign-in by the provider; a cookie binds them to one browser."""

    def __init__(self, settings: Settings, provider: Provider) -> None:
        self.settings, self.provider = settings, provider
        self.cookie = f"{cookie_name(settings)}-oidc"

    async def begin(self, request: Request) -> Response:
        """Send the browser to the provider."""
        browser, given = secrets.token_urlsafe(32), request.query_params
        language = given.get("language", "")
        try:
            where = await run_in_threadpool(
                self.provider.ask, browser, network_of(_address(request)), path_of_ours(given.get("back", "")),
                language if language in LANGUAGES else LANGUAGES[0], "anew" in given, record_ends(),
            )  # fmt: skip
        except (ProviderSilent, Refused) as problem:
            happened(log, "provider_silent", logging.WARNING, why=str(problem))
            return self._back_to_sign_in("silent")
        answer = RedirectResponse(where, status_code=303, headers=PRIVATE)
        answer.set_cookie(
            self.cookie, browser, max_age=SIGN_IN_TTL_S, httponly=True, samesite="lax", secure=self.settings.secure_cookies, path="/"
        )
        return answer

    async def callback(self, request: Request) -> Response:
        """Let in the member the provider named, or send them to the second step; else back to the sign-in with a reason."""
        try:
            answer, begun, needs_step = await run_in_threadpool(self._checked, request)
        except ProviderSilent as problem:
            happened(log, "provider_silent", logging.WARNING, why=str(problem))
            return self._back_to_sign_in("silent")
        except AnotherPerson:
            happened(log, "provider_refused", logging.WARNING, why="another person", address=_address(request))
            return self._back_to_sign_in("another")
        except (Refused, AppError) as problem:
            happened(log, "provider_refused", logging.WARNING, why=str(problem), address=_address(request))
            return self._back_to_sign_in("failed")
        if begun is None:
            return self._back_to_sign_in("unknown")
        if needs_step:
            done: Response = RedirectResponse(_second_step(answer, begun), status_code=303, headers=PRIVATE)
        else:
            try:
                done = await let_in(request, self.settings, begun, answer.back_to, answer.subject)
            except AnotherPerson:
                return self._back_to_sign_in("another")
            except SignInVoid:
                return self._back_to_sign_in("failed")
        return self._without_cookie(done)

    def _checked(self, request: Request) -> tuple[Answer, Begun | None, bool]:
        """Return the answer, the sign-in of the member it names (None: there is none), and whether our own second factor comes next."""
        given, key = request.query_params, f"provider:{network_of(_address(request))}"
        count_try(key)
        browser = cookie_of(request.headers, self.cookie)
        answer = self.provider.answered(given.get("state", ""), given.get("code", ""), browser, given.get("iss"))
        forget(key)
        begun = begin_by_address(answer.email, answer.since)
        if begun is None:
            note_failed(None)
            return answer, None, False
        require_same_person(begun.viewer.own_id, answer.subject)
        state = factor_state(begun.viewer)
        return answer, begun, not answer.two_factors and (state.has or state.needed)

    def _back_to_sign_in(self, reason: str) -> Response:
        return self._without_cookie(RedirectResponse(f"/?{urlencode({'oidc': reason})}", status_code=303, headers=PRIVATE))

    def _without_cookie(self, answer: Response) -> Response:
        answer.delete_cookie(self.cookie, path="/", secure=self.settings.secure_cookies, httponly=True, samesite="lax")
        return answer


def _second_step(answer: Answer, begun: Begun) -> str:
    """Return where the second factor is asked for: the page the person wanted, with a ticket."""
    way = urlsplit(answer.back_to)
    ticket = mint(begun, answer.back_to, FOR_STEP, answer.subject)
    return f"{way.path}?{'&'.join(filter(None, (way.query, urlencode({'step': ticket}))))}"


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
