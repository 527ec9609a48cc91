"""Write everything into a new folder while people work: the rows of one moment, the files they name, and the mapping that brings them back."""

from __future__ import annotations

import errno
import logging
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.base.config import Settings
from core.base.durable import sync_folder
from core.base.errors import AppError, StoreFull
from core.base.rights import Viewer
from core.documents import stored_files
from core.i18n import t
from core.operations.backup.folder_errors import DENIED_ERRNOS, FULL_ERRNOS
from core.operations.whole_export.back_mapping import MAPPING, MORE, MORE_FOLDER, columns_out, mapping_text, more_columns, targets
from core.operations.whole_export.files_out import Copied, copy_all, write_missing
from core.store import engine, reader, writer
from core.store.queries import quoted
from core.store.staging import STORE
from core.store.table_files import TableFiles, at_one_moment

log = logging.getLogger("kundenblick")
# How the names of files in the data folder begin that tell where an export is being written.
UNDER_WAY = "whole-export-"
SYSTEM = Viewer.system("export")
# Held while this process takes everything out.
_taking = threading.Lock()
Progress = Callable[[str, int], None]


@dataclass(frozen=True)
class TakenOut:
    """What was written: rows by table, those nothing brings back, and the files."""

    folder: Path
    rows: dict[str, int]
    more: dict[str, int]
    copied: Copied


def take_everything_out(
    settings: Settings, folder: Path, *, viewer: Viewer, as_csv: bool = False, progress: Progress = lambda _what, _n: None
) -> TakenOut:
    """Write everything into ``folder``, which is new or empty; it is there when it is whole, and not before.

    ``progress(what, n)`` is called with the name of a table and its rows, and with ``files`` and how many are copied. That everything was
    taken out goes on record before the folder gets its name. Raises AppError.
    """
    if not _taking.acquire(blocking=False):
        raise AppError("export_running")
    try:
        _require_new(settings, folder)
        _require_room(settings, folder)
        began = time.monotonic()
        with _beside(settings, folder) as part:
            rows, more, copied = _fill(settings, part, "csv" if as_csv else "parquet", progress)
            os.sync()
            _require_new(settings, folder)
            with writer(viewer) as tx:
                tx.note("taken_out", "store", text=str(folder))
            os.rename(part, folder)
        sync_folder(folder.parent)
        log.info("everything taken out: %s rows, %s files, %.1f s", sum(rows.values()), copied.files, time.monotonic() - began)
        return TakenOut(folder, rows, more, copied)
    except StoreFull:
        raise AppError("export_full", folder=folder) from None
    except OSError as problem:
        raise _refused(folder, problem) from problem
    finally:
        _taking.release()


def _require_new(settings: Settings, folder: Path) -> None:
    """Raise AppError for a folder that is not empty, and for one among the stored files."""
    if any(folder.is_relative_to(place.resolve()) for place in (settings.documents, settings.photos)):
        raise AppError("export_folder_inside", folder=folder)
    if folder.is_symlink() or (folder.exists() and (not folder.is_dir() or folder.is_mount() or any(folder.iterdir()))):
        raise AppError("export_folder_full", folder=folder)
    if not folder.parent.is_dir():
        raise AppError("export_folder_missing", folder=folder.parent)


def _require_room(settings: Settings, folder: Path) -> None:
    """Raise AppError where there is no room for the files and as much as the database takes: who works here would lack it meanwhile."""
    with reader(SYSTEM) as r:
        files = r.value(
            f"SELECT sum(size) FROM (SELECT any_value(size_bytes) AS size FROM {STORE}.document WHERE file IS NOT NULL GROUP BY file)"
        )
    if shutil.disk_usage(folder.parent).free < int(files or 0) + settings.database.stat().st_size:
        raise AppError("export_full", folder=folder)


@contextmanager
def _beside(settings: Settings, folder: Path) -> Iterator[Path]:
    """Yield an empty folder beside ``folder``, for this user alone, which is removed unless it was renamed; a killed process leaves its name."""
    mark = secrets.token_hex(4)
    part, listed = folder.with_name(f".{folder.name}.{mark}.part"), settings.data / f"{UNDER_WAY}{mark}"
    listed.write_text(str(part), "utf-8", "surrogateescape")
    try:
        part.mkdir(mode=0o700)
        yield part
    finally:
        shutil.rmtree(part, ignore_errors=True)
        listed.unlink(missing_ok=True)


def sweep_exports(settings: Settings) -> int:
    """Remove what killed exports left beside their folders; returns how many. The caller has the store open: none is under way."""
    swept = 0
    for listed in settings.data.glob(f"{UNDER_WAY}*"):
        part = Path(listed.read_text("utf-8", "surrogateescape"))
        if not part.parent.is_dir():
            continue  # on a disk that is not mounted at the moment
        if part.name.startswith(".") and part.name.endswith(f".{listed.name.removeprefix(UNDER_WAY)}.part") and part.is_dir():
            shutil.rmtree(part, ignore_errors=True)
            swept += 1
        listed.unlink(missing_ok=True)
    return swept


def _fill(settings: Settings, part: Path, ending: str, progress: Progress) -> tuple[dict[str, int], dict[str, int], Copied]:
    folders, copied = stored_files.folders(settings), Copied()
    work = part / ".work"
    work.mkdir(mode=0o700)
    listed = {table: work / f"{table}.parquet" for table in folders}
    missing = {table: work / f"no_{table}.parquet" for table in folders}
    # From before the moment of the rows on, no file that they name is removed.
    with stored_files.holding():
        with at_one_moment(engine()) as out:
            known = out.columns()
            columns = {table: columns_out(table, known[table]) for table in targets()}
            for table, folder in folders.items():
                out.write(table, {"file": "file", "sha256": "sha256"}, listed[table], "parquet", "file IS NOT NULL")
                write_missing(listed[table], folder, missing[table], copied)
            (part / MORE_FOLDER).mkdir(mode=0o700)
            rows, more = (
                {
                    table: _write(out, table, picked, place / f"{table}.{ending}", missing.get(table), progress)
                    for table, picked in tables.items()
                }
                for tables, place in ((columns, part), ({t: more_columns(t, known[t]) for t in MORE}, part / MORE_FOLDER))
            )
        for table, folder in folders.items():
            copy_all(listed[table], folder, part / f"{table}s", copied, lambda done: progress("files", done))
    shutil.rmtree(work)
    head = t("cli.export.head").splitlines()
    with os.fdopen(os.open(part / MAPPING, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as mapping:
        mapping.write(mapping_text(_origin(), columns, ending, head))
    return rows, more, copied


def _write(out: TableFiles, table: str, columns: list[str], file: Path, missing: Path | None, progress: Progress) -> int:
    """Write what leaves of a table; a row whose file is missing leaves without it, a photo not at all."""
    picked, where = dict(zip(columns, columns, strict=True)), "TRUE"
    if missing:
        there = f"file NOT IN (SELECT file FROM read_parquet({quoted(missing)}))"
        if table == "photo":
            where = there
        else:
            picked["file"] = f"CASE WHEN file IS NOT NULL AND {there} THEN file END"
    count = out.write(table, picked, file, file.suffix[1:], where)
    progress(table, count)
    return count


def _origin() -> str:
    """Return the name of the mapping: the same for every export of this installation, and no other's, for it names the rows by their ids."""
    with reader(SYSTEM) as r:
        first = r.value(f"SELECT arg_min(hash, audit_entry_id) FROM {STORE}.audit_entry")
    return f"Kundenblick {first[:12]}" if first else "Kundenblick"


def _refused(folder: Path, problem: OSError) -> AppError:
    if problem.errno in FULL_ERRNOS:
        return AppError("export_full", folder=folder)
    if problem.errno in DENIED_ERRNOS:
        return AppError("export_folder_denied", folder=folder.parent)
    if problem.errno in (errno.ENOTEMPTY, errno.EEXIST):
        return AppError("export_folder_full", folder=folder)
    return AppError("export_failed", folder=folder, reason=problem.strerror or str(problem))
