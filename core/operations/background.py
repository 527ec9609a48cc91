"""The server's work beside pages: answering commands, mails, cards, nightly backups and tidying."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from core.activity import habit, scope_copies
from core.audit import examination
from core.base.config import Settings
from core.base.errors import AppError
from core.clients import recent_accounts
from core.clients.recent_accounts import OpenedAccounts
from core.documents import openings
from core.documents.openings import DocumentOpenings
from core.imports import job_runner, taking_back, watched_folders
from core.imports.mail_in import mailboxes
from core.imports.uploads import sweep_uploads
from core.mail import notifications, outbox
from core.operations import control_socket, sort_tables
from core.operations.backup import schedule
from core.operations.sweep_interrupted import sweep_leftovers
from core.overview import card_cache
from core.overview.card_invalidation import StaleCardQueue
from core.store import engine

log = logging.getLogger("kundenblick")
# Seconds until a worker that was told to stop is left to the end of the process.
STOP_TIMEOUT_S = 10.0
LOOK_EVERY_S = 60.0


@dataclass(frozen=True)
class Worker:
    """Work that goes on in a thread as long as the server runs.

    Args:
        name: The thread's.
        run: Called once, with the event that is set when the server stops; returns soon after.
        wake: Ends the waiting of a ``run`` that waits for something else than the event.
    """

    name: str
    run: Callable[[threading.Event], None]
    wake: Callable[[], None] = lambda: None


def workers(settings: Settings) -> list[Worker]:
    """Return the workers of a server, apart from the one that answers commands."""
    stale, opened, stop_jobs = engine().held(StaleCardQueue), engine().held(OpenedAccounts), job_runner.desk().stop
    return [
        Worker("nightly", partial(tidy_nightly, settings)),
        Worker("backups", partial(schedule.run, settings)),
        Worker("mail", partial(outbox.run, settings), notifications.waiting.set),
        Worker("cards", card_cache.run, stale.note_unknown),
        Worker("habits", habit.run),
        Worker("recent", recent_accounts.run, opened.wake),
        Worker("openings", openings.run, engine().held(DocumentOpenings).wake),
        Worker("copies", scope_copies.run),
        *(Worker(f"imports-{place}", partial(job_runner.run, job_runner.read_next, settings), stop_jobs) for place in (1, 2)),
        Worker("watched", partial(watched_folders.run, settings)),
        Worker("mail that comes in", partial(mailboxes.run, settings)),
        Worker("taking back", partial(taking_back.resume, settings)),
        Worker("takeovers", partial(job_runner.run, job_runner.take_next, settings), stop_jobs),
    ]


@contextmanager
def serve(settings: Settings) -> Iterator[None]:
    """Sweep what interrupted work left, then answer commands and run the workers as long as the block lasts."""
    sweep_leftovers(settings, log.warning)
    job_runner.resume()
    end = threading.Event()
    with control_socket.listening(settings) as listener:
        at_work = [Worker("control", partial(control_socket.accept, settings, listener)), *workers(settings)]
        threads = [threading.Thread(target=worker.run, args=(end,), name=worker.name, daemon=True) for worker in at_work]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            end.set()
            for worker in at_work:
                worker.wake()
            for thread in threads:
                thread.join(STOP_TIMEOUT_S)


def is_time_to_tidy(settings: Settings, moment: datetime, last: date | None) -> bool:
    """Return whether the hour for tidying has come on a day that was not tidied yet; ``last`` is the day of the last time."""
    return moment.hour == settings.tidy_at_hour and last != moment.date()


def tidy_nightly(settings: Settings, end: threading.Event) -> None:
    """Log the head of the record of changes and sort the tables, once a day at the configured hour, until ``end``."""
    last: date | None = None
    while not end.wait(LOOK_EVERY_S):
        moment = datetime.now().astimezone()
        if not is_time_to_tidy(settings, moment, last):
            continue
        last = moment.date()
        try:
            # A head in the log cannot be taken back by somebody who can write this folder alone.
            log.info("head of the record of changes: %s:%s", *examination.head())
            sweep_uploads(settings)
            if sort_tables.needed():
                log.info("tidied %s rows", sort_tables.tidy())
        except AppError as problem:
            log.warning("tidying was put off: %s", problem)
