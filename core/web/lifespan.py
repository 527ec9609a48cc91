"""Open the store at the server's start, try again while it cannot be opened, and close it at the stop."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from starlette.concurrency import run_in_threadpool

from core.base.config import Settings, base_url
from core.base.errors import AppError
from core.base.log import begin
from core.i18n import of_terminal, sentence, speaking, t
from core.identity.members import offer_first_owner
from core.identity.password_policy import ensure_password_fallback
from core.identity.second_factor import seal_old_secrets
from core.operations.background import serve as serve_commands
from core.operations.installation import open_installation
from core.store import close_store, store_is_open
from core.web.slow_senders import limit_heads, limit_readers

log = logging.getLogger("kundenblick")
# Pause between attempts to open the store.
RETRY_S = 2.0


def lifespan(settings: Settings) -> Callable[[object], AbstractAsyncContextManager[None]]:
    """Return the lifespan of the ASGI app: what begins before the first request and ends after the last."""

    @asynccontextmanager
    async def around(_: object) -> AsyncIterator[None]:
        begin(settings)
        limit_heads()
        limit_readers()
        async with AsyncExitStack() as stack:
            tried = asyncio.Event()
            with speaking(of_terminal()):  # which the task keeps
                opening = asyncio.create_task(_open(settings, stack, tried))
            await tried.wait()
            try:
                yield
            finally:
                opening.cancel()
                await asyncio.wait([opening])
        await run_in_threadpool(close_store)

    return around


async def _open(settings: Settings, stack: AsyncExitStack, tried: asyncio.Event) -> None:
    """Open the store, again and again until it is open; ``tried`` is set once the server may answer."""
    logged = ""
    try:
        while problem := await _try_to_open(settings):
            # The same line every two seconds would bury everything else in the log.
            if problem != logged:
                log.error("%s", logged := problem)
            tried.set()
            await asyncio.sleep(RETRY_S)
        await _begin(settings, stack)
    except Exception:
        log.exception("the server runs without all of its services")
    finally:
        tried.set()


async def _try_to_open(settings: Settings) -> str | None:
    """Open the store; return a sentence that says why it cannot be opened, or None."""
    try:
        await run_in_threadpool(open_installation, settings)
    except AppError as problem:
        return sentence(problem)
    except OSError as problem:
        return f"{settings.data}: {problem}"
    return None if store_is_open() else t("errors.store_unavailable")


async def _begin(settings: Settings, stack: AsyncExitStack) -> None:
    """Do what needs an open store: offer the first owner's link, and serve commands."""
    if token := await run_in_threadpool(offer_first_owner):
        print(f"\n{t('sign_in.first_link')}\n\n  {base_url(settings)}/?first={token}\n", flush=True)
    await run_in_threadpool(seal_old_secrets)
    if await run_in_threadpool(ensure_password_fallback, settings):
        log.warning("%s", t("cli.user.form_opened"))
    stack.enter_context(serve_commands(settings))
    # What is loaded by now stays: collecting it again and again held everybody up.
    gc.collect()
    gc.freeze()
