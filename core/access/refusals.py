"""Record refusals for a missing right: once for a person and a thing, again after a pause of a minute and at the latest after an hour; after the answer."""

from __future__ import annotations

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait

from core.base.errors import AppError, SignedOut
from core.base.expiring import Expiring
from core.base.rights import Viewer
from core.store import engine, reader, store_is_open, writer

# A refusal that is repeated is written down once, and again after an hour; one that paused for a minute is a new one.
REPEAT_TTL_S = 60
WRITTEN_TTL_S = 3600
MAX_REMEMBERED = 10_000
MAX_PENDING = 1000
log = logging.getLogger("kundenblick")
_writing = ThreadPoolExecutor(1, "refusals")
_guard = threading.Lock()
# Who was refused what.
Refusal = tuple[object, ...]
_tried: Expiring[Refusal, bool] = Expiring(REPEAT_TTL_S, MAX_REMEMBERED)
_written: Expiring[Refusal, bool] = Expiring(WRITTEN_TTL_S, MAX_REMEMBERED)
_pending: set[Future[None]] = set()


def note_refusal(viewer: Viewer, thing: str, account_id: int | None = None, document_id: int | None = None) -> None:
    """Have a refusal recorded soon.

    Whether the account or document exists is looked up later, in another thread, so that the answer takes the same time either way.

    - ``thing``: Name of the verb, right or page.
    """
    if viewer.kind == "system" or not store_is_open():
        return
    refusal = (viewer.kind, viewer.id, thing, account_id, document_id)
    with _guard:
        # An open page may ask again and again.
        is_repeated = _tried.get(refusal) and _written.get(refusal)
        _tried.put(refusal, True)
        if not is_repeated:
            _written.put(refusal, True)
        if is_repeated or len(_pending) >= MAX_PENDING:
            return
        task = _writing.submit(_write, engine(), viewer, thing, account_id, document_id)
        _pending.add(task)
    task.add_done_callback(_pending.discard)


def forget_repeats() -> None:
    """Write every refusal down again from now on, as after a start."""
    _tried.clear()
    _written.clear()


def settle() -> None:
    """Wait until every refusal noted so far is written."""
    with _guard:
        tasks = list(_pending)
    wait(tasks)


def _write(store: object, viewer: Viewer, thing: str, account_id: int | None, document_id: int | None) -> None:
    """Record a refusal, unless another store is open now or the account or document does not exist."""
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
