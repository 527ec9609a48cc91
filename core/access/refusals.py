"""What was refused for a right, on record: at most once a minute for a person and a thing, written after the answer."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, wait

from core.base.errors import AppError, SignedOut
from core.base.rights import Viewer
from core.store import engine, reader, store_is_open, writer

ONCE_IN, AGAIN_AFTER = 60.0, 3600.0
MANY, WAITING = 10_000, 1000
log = logging.getLogger("kundenblick")
_writing = ThreadPoolExecutor(1, "refusals")
_guard = threading.Lock()
# Who and what → when it was written down, and when it was tried last.
_last: dict[tuple[object, ...], tuple[float, float]] = {}
_pending: set[Future[None]] = set()


def note_refusal(viewer: Viewer, thing: str, account_id: int | None = None, document_id: int | None = None) -> None:
    """Somebody was refused ``thing`` (a verb, a right, a page), on an account perhaps.

    What exists and what does not is told apart later and elsewhere: the answer takes the same time for both.
    """
    if viewer.kind == "system" or not store_is_open():
        return
    key, moment = (viewer.kind, viewer.id, thing, account_id, document_id), time.monotonic()
    with _guard:
        if len(_last) > MANY:
            for old in [old for old, (_, then) in _last.items() if moment - then > ONCE_IN] or list(_last):
                del _last[old]
        written, tried = _last.get(key, (-AGAIN_AFTER, -ONCE_IN))
        # What an open page asks again and again counts once, and once more every hour.
        fresh = moment - tried >= ONCE_IN or moment - written >= AGAIN_AFTER
        _last[key] = (moment if fresh else written, moment)
        if not fresh or len(_pending) >= WAITING:
            return
        task = _writing.submit(_write, engine(), viewer, thing, account_id, document_id)
        _pending.add(task)
    task.add_done_callback(_pending.discard)


def settle() -> None:
    """Wait until everything noted so far is written."""
    with _guard:
        tasks = list(_pending)
    wait(tasks)


def _write(store: object, viewer: Viewer, thing: str, account_id: int | None, document_id: int | None) -> None:
    try:
        if engine() is not store:
            return
        about = account_id is not None or document_id is not None
        with reader(Viewer.system("refusals")) as r:
            if document_id is not None:
                account_id = r.value("SELECT account_id FROM document WHERE document_id = $id", id=document_id)
            elif account_id is not None:
                account_id = r.value("SELECT account_id FROM account WHERE account_id = $id", id=account_id)
        if about and account_id is None:
            return
        with writer(viewer) as tx:
            tx.note("refused", "refusal", None, account_id, thing)
    except SignedOut:
        return
    except AppError:
        log.exception("a refusal could not be written down")
