"""From start to stop: the store is opened, tried again while it cannot be, and given back."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from starlette.concurrency import run_in_threadpool

from core.config import Settings
from core.errors import AppError
from core.i18n import sentence
from core.members import offer_first_owner
from core.store import close_store, open_store, store_is_open

log = logging.getLogger("kundenblick")
AGAIN_AFTER = 2.0


def lifespan(settings: Settings) -> Callable[[object], AbstractAsyncContextManager[None]]:
    """What Streamlit's server runs around its own life."""

    @asynccontextmanager
    async def around(_: object) -> AsyncIterator[None]:
        logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s")
        async with AsyncExitStack() as stack:
            opening = asyncio.create_task(_open(settings, stack))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(opening), timeout=60)
            yield
            opening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await opening
        await run_in_threadpool(close_store)

    return around


async def _open(settings: Settings, stack: AsyncExitStack) -> None:
    while not store_is_open():
        try:
            await run_in_threadpool(open_store, settings)
        except AppError as problem:
            log.error("%s", sentence(problem))
            await asyncio.sleep(AGAIN_AFTER)
    if token := await run_in_threadpool(offer_first_owner):
        base = settings.public_url.rstrip("/") or f"http://{settings.address}:{settings.port}"
        print(f"\n  {base}/?first={token}\n", flush=True)
    if importlib.util.find_spec("core.control"):
        from core import control

        stack.enter_context(control.serve(settings))
