"""Run an import from beginning to end, and clean up after an interrupted one."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from core.base.config import Settings
from core.base.errors import AppError, StoreError
from core.i18n import t
from core.imports.attachments import JOURNAL
from core.imports.conflicts import is_disturbed
from core.imports.examples import told_changes
from core.imports.grants import told_grants
from core.imports.list_message import told_moved
from core.imports.plan import Plan
from core.imports.problems import MappingInvalid, Problem, Told, lines_of
from core.imports.reading import read_into
from core.imports.remembering import remember
from core.imports.rename import known_by_other_name
from core.imports.resolve import resolve
from core.imports.takeover import SYSTEM, Takeover
from core.overview.card_invalidation import StaleCardQueue
from core.store import Tx, engine, reader, writer
from core.store.bulk_entries import FREE_NUMBERS, NumbersTaken
from core.store.database import is_conflict
from core.store.long_transaction import open_early_writer
from core.store.staging import PREFIX, STORE, Staging
from core.store.tables import TABLES

log = logging.getLogger(__name__)
MAX_ATTEMPTS = 3
Say = Callable[[str], None]


def import_data(
    settings: Settings, file: Path, say: Say, *, dry_run: bool = False, skip_refused: bool = False, again: Sequence[str] = (),
    accept_gone: bool = False,
) -> bool:  # fmt: skip
    """Run a mapping, and say counts and every refused row; return whether nothing was refused (or skipping was asked for).

    Nothing is written with ``dry_run``, nor when a row is refused and skipping was not asked for. ``again`` names rows that were
    removed here and are wanted again, each ``table:key``; ``accept_gone`` takes a list for whole however much of it is gone.
    """
    wanted = frozenset((table, key) for table, _, key in (text.partition(":") for text in again))
    if unclear := [(table, key) for table, key in sorted(wanted) if table not in TABLES or not key]:
        say(t("imports.again_form", value=":".join(filter(None, unclear[0]))))
        return False
    staging = Staging(engine(), settings.data)
    try:

        def tell(key: str, values: dict) -> None:
            say(t(f"imports.{key}", **values))

        plan, refused, mended = read_into(staging, file, tell, skip_refused=skip_refused, again=wanted)
        plan.accepts_gone = accept_gone
        return _run(settings, refused, mended, plan, staging, say, dry_run)
    except MappingInvalid as invalid:
        for problem in invalid.problems:
            say(problem.sentence())
        say(t("imports.mapping_wrong", n=len(invalid.problems), count=len(invalid.problems)))
        return False
    finally:
        staging.close()


def _run(
    settings: Settings, unread: list[Problem], mended: list[Problem], plan: Plan, staging: Staging, say: Say, dry_run: bool
) -> bool:  # fmt: skip
    """Compare with the store and take over, again while somebody changes compared rows meanwhile. Raises AppError after ``MAX_ATTEMPTS``."""
    told = 0
    for attempt in range(MAX_ATTEMPTS):
        compared_at = record_end()
        resolve(plan, bool(unread))
        if attempt == 0:
            _tell(mended, say)
        if unmet := plan.again - plan.made_again:
            for table, key in sorted(unmet):
                say(t("imports.again_unknown", table=table, key=key))
            say(t("imports.mapping_wrong", n=len(unmet), count=len(unmet)))
            return False
        refused = unread + plan.problems
        told = _tell_refused(refused, told, say)
        if attempt == 0:
            _counts(plan, say, lines_of(problem for problem in refused if problem.code != "more_rows") + plan.unlisted)
        if refused and not plan.skip:
            say(t("imports.nothing_written", n=told, count=told))
            return False
        if dry_run:
            for line in told_changes(plan):
                say(line)
            say(t("imports.dry_run"))
            return not refused
        if _prepare_and_take(
            Takeover(plan, staging, settings, compared_at, note_run=partial(remember, plan=plan, file=plan.mapping.file)),
            say,
            last=attempt + 1 == MAX_ATTEMPTS,
        ):
            return True
    raise AppError("import_disturbed")


def _tell_refused(refused: list[Problem], told: int, say: Say) -> int:
    """Say why rows are refused, without the first ``told`` sentences, which were said before; return the number of all."""
    # One row may feed several tables, and lack the same in each.
    sentences = list(dict.fromkeys(problem.sentence() for problem in refused))
    for sentence in sentences[told:]:
        say(sentence)
    return len(sentences)


def _prepare_and_take(takeover: Takeover, say: Say, last: bool) -> bool:
    """Take over, if there is anything to; return False when the rows must be compared again."""
    has_news, is_done = takeover.plan.has_news(), False
    try:
        takeover.prepare()
        if has_news:
            say(t("imports.taking"))
        is_done = not takeover.is_worth_it or taken(takeover, takeover.compared_at, last)
    finally:
        if not is_done:
            takeover.copies.undo()
    if is_done:
        say(t("imports.done") if has_news else t("imports.nothing_new"))
    return is_done


def taken(takeover: Takeover, head: int, last: bool) -> bool:
    """Take over; return False when somebody changed compared rows meanwhile."""
    try:
        with engine().held(StaleCardQueue).filling:
            _take(takeover, head, last)
    except (ConcurrentChange, NumbersTaken):
        return False
    except StoreError as problem:
        if last or not is_conflict(problem.__cause__):
            raise
        return False
    finally:
        engine().held(StaleCardQueue).note_unknown()
    takeover.copies.done()
    try:
        engine().checkpoint()
    except StoreError:
        log.warning("no checkpoint after the import; the next one will do")
    return True


def _take(takeover: Takeover, head: int, last: bool) -> None:
    with writer(SYSTEM) as tx:
        takeover.drop_cards(tx)
    if takeover.large and not last:
        with open_early_writer(engine(), takeover.viewer) as (tx, take_writer_lock):
            takeover.write_new(tx, engine().audit_head[0] + FREE_NUMBERS)
            take_writer_lock()
            _check(takeover, tx, head)
            takeover.write_rest(tx)
    else:
        with writer(takeover.viewer) as tx:
            _check(takeover, tx, head)
            takeover.write_new(tx, tx.head[0])
            takeover.write_rest(tx)


class ConcurrentChange(AppError):
    """Raised when somebody changed rows the import was compared with."""

    code = "import_disturbed"


def _check(takeover: Takeover, tx: Tx, head: int) -> None:
    takeover.ask_last(tx)
    with reader(SYSTEM) as now_there:
        if is_disturbed(now_there, takeover.write_plan, head):
            raise ConcurrentChange()


def record_end() -> int:
    """Return the number of the last entry of the record."""
    with reader(SYSTEM) as r:
        return r.value(f"SELECT coalesce(max(audit_entry_id), 0) FROM {STORE}.audit_entry")


def _tell(mended: list[Problem], say: Say) -> None:
    for problem in mended:
        say(problem.sentence())
    if mended:
        say(t("imports.mended", n=len(mended), count=len(mended)))


def _counts(plan: Plan, say: Say, refused: int) -> None:
    # Rows that refer to refused ones are not left out when nothing will be written, so grants would be overstated.
    for line in told_grants(plan) if plan.skip or not refused else ():
        say(line)
    if hint := known_by_other_name(plan):
        say(hint)
    for table, per in plan.counts().items():
        say(t("imports.counts", table=table, **per))
    for table, moved in plan.moved.items():
        if message := told_moved(table, moved):
            say(message)
    for name in ("noted", "noted_here", "away", "conflicts", "met", "decided", "aside"):
        told: Told = getattr(plan, name)
        for problem in told:
            say(problem.sentence())
        if told:
            say(t(f"imports.{name.removesuffix('_here')}", n=told.total, count=told.total))
    if plan.kept:
        say(t("imports.kept", n=plan.kept, count=plan.kept))
    say(t("imports.refused", n=refused, count=refused))


def sweep(settings: Settings) -> int:
    """Delete what interrupted imports left, their folders and files without a row; return the number of folders."""
    swept = 0
    for folder in sorted(settings.data.glob(f"{PREFIX}*")):
        journal = folder / JOURNAL
        if journal.is_file():
            for path in _unowned(settings, journal):
                path.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        swept += 1
    return swept


def _unowned(settings: Settings, journal: Path) -> Iterator[Path]:
    """Yield the files a journal names that belong to no row: such as lie in the two folders themselves, and no others whatever it says."""
    tables = {settings.photos.resolve(): "photo", settings.documents.resolve(): "document"}
    for line in journal.read_text("utf-8", "replace").splitlines():
        path = Path(line)
        if not path.name or path.name == ".." or "\0" in line or path.is_symlink() or path.parent.resolve() not in tables:
            continue
        yield path.with_name(path.name + ".incoming")
        with reader(SYSTEM) as r:
            owned = r.value(f"SELECT 1 FROM {tables[path.parent.resolve()]} WHERE file = $file", file=path.name)
        if not owned:
            yield path
