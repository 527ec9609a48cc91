"""Do the work of jobs beside pages: two readings at a time, takeovers one after the other, each goes on after a restart.

A job being read or rehearsed lives in a staging database of this process; when the process ends, it is staged anew from the kept files.
One being taken over has its state *done* set by the takeover's own transaction: it is before or after.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from core.base.config import Settings
from core.base.errors import AppError, NotAllowed, NotFound, SignedOut, StoreError, StoreFull
from core.base.sizes import MIB
from core.i18n import speaking
from core.imports.job_cells import digest_of, mark_others
from core.imports.job_rows import files_of, kept_problems, loaded, needs, rows_in, set_job, viewer_for
from core.imports.problems import MappingInvalid
from core.imports.rehearsal import Moved, Rehearsal, Whose
from core.store import Row, Tx, engine, now

log = logging.getLogger(__name__)
KEPT = timedelta(hours=24)
MAX_STAGED_BYTES = 5 * 1024 * MIB
LOOK_EVERY_S = 30.0


class Cancelled(AppError):
    """Raised in the work of a job that somebody stopped."""

    code = "import_cancelled"


class Desk:
    """What the process holds of jobs beside the store. Thread-safe."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.rung = threading.Condition()
        self.rings = 0
        self.is_stopping = False
        self.live: dict[int, Rehearsal] = {}
        self.steps: dict[int, tuple[str, dict]] = {}
        self.at_work: set[int] = set()
        self.cancelled: set[int] = set()
        self.last_phase: set[int] = set()
        # Takeovers one after the other.
        self.taking = threading.Lock()

    def ring(self) -> None:
        """Tell whoever waits for work that there is some."""
        with self.rung:
            self.rings += 1
            self.rung.notify_all()

    def stop(self) -> None:
        """Let what is being read come to its end soon: the server stops. Its jobs stay as they are, and are taken up at the next start."""
        self.is_stopping = True
        self.ring()

    def wait(self, rings: int) -> None:
        """Wait until it was rung more often than this, or some seconds."""
        with self.rung:
            self.rung.wait_for(lambda: self.rings != rings, LOOK_EVERY_S)

    def claim(self, row: Row) -> bool:
        """Return whether this thread is the one to work on a job now."""
        number = row["import_job_id"]
        with self.lock:
            if number in self.at_work:
                return False
            self.at_work.add(number)
        return True

    def release(self, number: int) -> None:
        """End the work on a job."""
        with self.lock:
            self.at_work.discard(number)
            self.cancelled.discard(number)
            self.last_phase.discard(number)
            self.steps.pop(number, None)

    def drop(self, number: int) -> None:
        """Forget a job's rehearsal."""
        with self.lock:
            live = self.live.pop(number, None)
        if live is not None:
            live.close()

    def say_for(self, number: int) -> Callable[[str, dict], None]:
        """Return what a job's work says its steps to; it raises Cancelled once somebody stopped it."""

        def say(step: str, values: dict) -> None:
            with self.lock:
                if number in self.cancelled or self.is_stopping:
                    raise Cancelled()
                self.steps[number] = (step, values)

        return say

    def begin_last(self, number: int) -> None:
        """Note that a takeover can no longer be stopped. Raises Cancelled when it was."""
        with self.lock:
            if number in self.cancelled:
                raise Cancelled()
            self.last_phase.add(number)


def desk() -> Desk:
    """Return the desk of the open store."""
    return engine().held(Desk)


def read_next(settings: Settings) -> bool:
    """Read and compare the oldest job in line; return whether there was one."""
    rows = rows_in("read")
    if not rows:
        prune()
    return any(read_one(settings, row) for row in rows)


def read_one(settings: Settings, row: Row) -> bool:
    """Read and compare a job in line; return whether nobody else did."""
    if not desk().claim(row):
        return False
    try:
        _rehearse(settings, row)
    finally:
        desk().release(row["import_job_id"])
    return True


def _rehearse(settings: Settings, row: Row) -> None:
    number = row["import_job_id"]
    with speaking(row["language"] or "de"):
        rehearsal = None
        try:
            # The room of what was left is needed before the next one.
            prune()
            rehearsal = Rehearsal(settings, Whose(viewer_for(row), needs(row)), desk().say_for(number))
            rehearsal.read(row["mapping_text"], files_of(row))
            digest = rehearsal.compare(loaded(row["decisions"], []))
            told = _told(rehearsal)
        except Exception as problem:
            if rehearsal is not None:
                rehearsal.close()
            _end(number, problem)
            return
        with desk().lock:
            desk().live[number] = rehearsal
        values: dict[str, object] = {"digest": digest} | told | _next(row, rehearsal, digest)
        if not set_job(number, ("read",), **values) or values["state"] == "refused":
            desk().drop(number)
    desk().ring()


def _told(rehearsal: Rehearsal, *, others: bool = False) -> dict[str, object]:
    """Return the columns that tell what a rehearsal found."""
    plan, problems = rehearsal.done, rehearsal.problems()
    told = {
        "kinds": rehearsal.kinds(others=others), "kept": plan.kept, "refused": rehearsal.refused(), "problems": len(problems),
        "grants": [[given.kind, given.count, given.rows, given.ids] for given in rehearsal.grants()], "messages": rehearsal.messages(), "moved": plan.moved,
    }  # fmt: skip
    return {
        "counts": json.dumps(plan.counts()), "told": json.dumps(told, ensure_ascii=False), "problems": kept_problems(problems),
        "is_moved": others, "problem": None,
    }  # fmt: skip


def _next(row: Row, rehearsal: Rehearsal, digest: str) -> dict[str, object]:
    """Return the state that follows a rehearsal: it waits for a person, or goes on where one confirmed it before or none is needed."""
    if row["confirmed"] is not None:
        if row["confirmed"] == digest:
            return {"state": "waiting"}
        return {"state": "rehearsed", "confirmed": None, "is_moved": True}
    if row["is_unattended"]:
        if rehearsal.refused() > rehearsal.done.mapping.refused_at_most:
            return {"state": "refused", "problem": "import_refused_many", "ended_at": now()}
        if not rehearsal.needs_person():
            return {"state": "waiting", "confirmed": digest}
    return {"state": "rehearsed"}


def take_next(_settings: Settings) -> bool:
    """Take over the oldest confirmed job; return whether there was one."""
    _show_again()
    return any(take_one(row) for row in rows_in("waiting"))


def _show_again() -> None:
    """Show jobs again whose takeover ended without a word, because nothing could be written: a person confirms once more."""
    for row in rows_in("taking"):
        if not desk().claim(row):
            continue
        try:
            is_there = row["import_job_id"] in desk().live
            set_job(row["import_job_id"], ("taking",), state="rehearsed" if is_there else "read", confirmed=None)
        finally:
            desk().release(row["import_job_id"])


def take_one(row: Row) -> bool:
    """Take over a confirmed job; return whether nobody else did."""
    if row["import_job_id"] not in desk().live or not desk().claim(row):
        return False
    try:
        with desk().taking:
            if live := desk().live.get(row["import_job_id"]):
                _take(row, live)
    finally:
        desk().release(row["import_job_id"])
    return True


def _take(row: Row, rehearsal: Rehearsal) -> None:
    number = row["import_job_id"]
    if not set_job(number, ("waiting",), state="taking"):
        return

    def note_done(tx: Tx, run: int) -> None:
        tx.update("import_job", number, state="done", import_run_id=run, ended_at=now())

    # Whoever confirmed it takes it over.
    rehearsal.whose = Whose(viewer_for(row), needs(row))
    with speaking(row["language"] or "de"):
        try:
            decisions = loaded(row["decisions"], [])
            if not rehearsal.take(row["confirmed"], decisions, lambda: desk().begin_last(number), note_done):
                set_job(number, ("taking",), state="done")
        except Moved:
            _ask_again(row, rehearsal)
            return
        except StoreFull as full:
            set_job(number, ("taking",), state="rehearsed", confirmed=None, problem=full.code)
            return
        except Exception as problem:
            _end(number, problem)
    desk().drop(number)


def _ask_again(row: Row, rehearsal: Rehearsal) -> None:
    """Show what differs from what was confirmed; a run without a person goes on where it only got smaller."""
    number, digest = row["import_job_id"], digest_of(rehearsal.done)
    mark_others(rehearsal.done)
    told = _told(rehearsal, others=True)
    smaller = not rehearsal.done.staging.value("SELECT 1 FROM cell WHERE is_other LIMIT 1") and not rehearsal.needs_person()
    if row["is_unattended"] and smaller:
        set_job(number, ("taking",), digest=digest, **told | {"is_moved": False}, state="waiting", confirmed=digest)
    else:
        set_job(number, ("taking",), digest=digest, **told, state="rehearsed", confirmed=None)


def _end(number: int, problem: Exception) -> None:
    """Note why a job came to nothing, unless the server stops: then it is taken up again."""
    if desk().is_stopping:
        return
    if isinstance(problem, MappingInvalid):
        told = json.dumps({"refused": len(problem.problems), "problems": len(problem.problems)})
        set_job(number, state="refused", problem=problem.code, problems=kept_problems(problem.problems), told=told)
        return
    if isinstance(problem, NotAllowed | SignedOut | NotFound):
        set_job(number, state="refused", problem=problem.code)
        return
    if not isinstance(problem, AppError):
        log.exception("the work of import job %s failed", number)
    code = problem.code if isinstance(problem, AppError) else "import_failed"
    # Values of an error may name folders.
    set_job(number, state="interrupted", problem=StoreError.code if type(problem) is StoreError else code)


def prune() -> None:
    """Forget rehearsals older than ``KEPT``, and the oldest ones beyond ``MAX_STAGED_BYTES``; somebody who wants one begins anew."""
    rows = {row["import_job_id"]: row for row in rows_in("rehearsed")}
    with desk().lock:
        sizes = {number: live.size() for number, live in sorted(desk().live.items(), reverse=True)}
    total = 0
    for number, size in sizes.items():
        total += size
        old = number in rows and rows[number]["made_at"] < now() - KEPT
        if (
            number in rows
            and (old or total > MAX_STAGED_BYTES)
            and set_job(number, ("rehearsed",), state="interrupted", problem="import_expired")
        ):
            desk().drop(number)


def resume() -> None:
    """At the server's start: stage anew what was read, rehearsed or confirmed; what was taken over is either done or goes on."""
    for row in rows_in("rehearsed", "waiting", "taking"):
        if row["import_job_id"] not in desk().live:
            set_job(row["import_job_id"], state="read")


def work_off(settings: Settings) -> None:
    """Do everything that is in line, here and now."""
    while read_next(settings) or take_next(settings):
        pass


def run(step: Callable[[Settings], bool], settings: Settings, end: threading.Event) -> None:
    """Do ``step`` as long as there is something in line, then wait for more, until ``end``."""
    while not end.is_set():
        rings = desk().rings
        try:
            if step(settings):
                continue
        except AppError as problem:
            log.warning("the work of imports was put off: %s", problem)
        except Exception as problem:
            # Whatever it is, the next job is not to wait for a restart. What kind, never the values: they may be client data.
            log.error("the work of imports was put off: %s", type(problem).__name__)
        desk().wait(rings)
