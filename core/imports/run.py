"""One import from beginning to end, and sweeping what an interrupted one left."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

from core.config import Settings
from core.errors import AppError, StoreError
from core.i18n import t
from core.imports.apply import US, Takeover
from core.imports.mapping import Mapping, read_mapping
from core.imports.problems import MappingInvalid, Problem
from core.imports.resolve import STORE, Resolver
from core.imports.stage import Found, stage
from core.store import Tx, engine, reader, writer
from core.store.staging import PREFIX, Staging, remove

log = logging.getLogger(__name__)
TRIES = 3
Say = Callable[[str], None]


def import_data(settings: Settings, file: Path, say: Say, *, dry_run: bool = False, skip_refused: bool = False) -> bool:
    """Run a mapping; says counts and every refused row. Returns whether nothing was refused (or was asked to be skipped).

    Nothing is written with ``dry_run``, nor when a row is refused and skipping was not asked for.
    """
    staging = Staging(engine(), settings.data)
    try:
        columns = staging.columns()
        mapping = read_mapping(file, {name: {c: needed for c, (_, needed) in told.items()} for name, told in columns.items()})
        found = stage(mapping, columns, staging, lambda key, values: say(t(f"imports.{key}", **values)))
        resolver = Resolver(mapping, columns, staging, skip_refused)
        return _run(settings, mapping, found, resolver, staging, say, dry_run)
    except MappingInvalid as invalid:
        for problem in invalid.problems:
            say(problem.sentence())
        say(t("imports.mapping_wrong", n=len(invalid.problems), count=len(invalid.problems)))
        return False
    finally:
        staging.close()


def _run(settings: Settings, mapping: Mapping, found: Found, resolver: Resolver, staging: Staging, say: Say, dry_run: bool) -> bool:
    told = 0
    for turn in range(TRIES):
        head = _head()
        resolver.run(bool(found.refused))
        if turn == 0:
            _tell(found.mended, resolver, say)
        refused = found.refused + resolver.problems
        for problem in refused[told:]:
            say(problem.sentence())
        told = len(refused)
        if turn == 0:
            _counts(resolver, say, len(refused))
        if refused and not resolver.skip:
            say(t("imports.nothing_written", n=len(refused), count=len(refused)))
            return False
        if dry_run:
            say(t("imports.dry_run"))
            return not refused
        if not any(per["new"] or per["changed"] for per in resolver.counts().values()):
            say(t("imports.nothing_new"))
            return True
        takeover = Takeover(resolver, staging, settings)
        takeover.prepare()
        try:
            if _taken(takeover, mapping, head, last=turn + 1 == TRIES):
                say(t("imports.done"))
                return True
        except BaseException:
            takeover.copies.undo()
            raise
    raise AppError("import_disturbed")


def _taken(takeover: Takeover, mapping: Mapping, head: int, last: bool) -> bool:
    """Take over unless somebody changed what was compared with; then False, and it is compared anew."""
    with writer(US) as tx:
        if _disturbed(tx, mapping, head):
            if last:
                raise AppError("import_disturbed")
            takeover.copies.undo()
            return False
        takeover.take(tx)
    takeover.copies.done()
    try:
        engine().checkpoint()
    except StoreError:
        log.warning("no checkpoint after the import; the next one will do")
    return True


def _head() -> int:
    with reader(US) as r:
        return r.value(f"SELECT coalesce(max(audit_entry_id), 0) FROM {STORE}.audit_entry")


def _disturbed(tx: Tx, mapping: Mapping, head: int) -> bool:
    tables = {block.table for block in mapping.blocks} | {rule.of for block in mapping.blocks for rule in block.rules if rule.of}
    changed = tx.rows("SELECT DISTINCT entity FROM audit_entry WHERE audit_entry_id > $head", head=head)
    return bool(tables & {row["entity"] for row in changed})


def _tell(mended: list[Problem], resolver: Resolver, say: Say) -> None:
    for problem in mended:
        say(problem.sentence())
    if mended:
        say(t("imports.mended", n=len(mended), count=len(mended)))


def _counts(resolver: Resolver, say: Say, refused: int) -> None:
    for table, per in resolver.counts().items():
        say(t("imports.counts", table=table, **per))
    say(t("imports.refused", n=refused, count=refused))


def sweep(settings: Settings) -> int:
    """Remove what interrupted imports left: staging databases, files whose row never came; returns how many."""
    swept = 0
    for journal in sorted(settings.data.glob(f"{PREFIX}*.files")):
        for path in _unowned(settings, journal):
            path.unlink(missing_ok=True)
        journal.unlink(missing_ok=True)
        swept += 1
    for file in sorted(settings.data.glob(f"{PREFIX}*.duckdb*")):
        if file.suffix != ".wal":
            swept += 1
        remove(file)
    return swept


def _unowned(settings: Settings, journal: Path) -> Iterator[Path]:
    for line in journal.read_text("utf-8").splitlines():
        path = Path(line)
        table = "photo" if path.is_relative_to(settings.photos) else "document"
        folder = settings.photos if table == "photo" else settings.documents
        yield path.with_name(path.name + ".incoming")
        if path.is_relative_to(folder):
            with reader(US) as r:
                owned = r.value(f"SELECT 1 FROM {table} WHERE file = $file", file=str(path.relative_to(folder)))
            if not owned:
                yield path
