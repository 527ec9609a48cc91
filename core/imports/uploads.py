"""Files that people bring for an import: kept in the folder ``inbox`` for thirty days, what they were for ever."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from core.access.verbs import require, verb
from core.base.config import Settings, read_settings
from core.base.durable import sync_file, sync_folder
from core.base.errors import AppError, NotAllowed, NotFound, StoreFull, ViewingOnly
from core.base.rights import Right, Viewer
from core.base.sizes import MIB
from core.documents.uploads import proposed_name
from core.imports.worker import beside
from core.store import Row, Tx, now, reader, writer
from core.store.staging import STORE

MAX_UPLOAD_BYTES = 2048 * MIB
# Room that an upload leaves on the disk for everything else.
ROOM_LEFT_BYTES = 512 * MIB
KEPT = timedelta(days=30)
PART = ".part"
MAX_NAME_BYTES = 200
# Names of files and folders that are on their way.
_OWN = re.compile(r"[0-9a-f]{16,32}\.part")
SYSTEM = Viewer.system("uploads of an import", "import")
# People with an upload on its way.
_bringing: set[int] = set()
_guard = threading.Lock()


@dataclass(frozen=True)
class Upload:
    """An uploaded file; ``is_there`` while its bytes are kept."""

    id: int
    name: str
    size_bytes: int
    sha256: str
    made_at: datetime
    is_there: bool


def inbox(settings: Settings) -> Path:
    """Return the folder of uploaded files, made when it is missing."""
    folder = settings.data / "inbox"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


class Incoming:
    """A file on its way: written piece by piece, counted and hashed, then kept under the number of its row."""

    def __init__(self, folder: Path, name: str) -> None:
        """Begin a file called ``name`` in the folder. Raises StoreFull, AppError for a folder that cannot be written to."""
        self.name, self.size, self.path = name, 0, folder / f"{secrets.token_hex(16)}{PART}"
        self._sum = hashlib.sha256()
        with _said_full():
            self._file = self.path.open("wb")

    def write(self, piece: bytes) -> None:
        """Add a piece. Raises StoreFull, AppError when it grows larger than an upload may be."""
        self.size += len(piece)
        if self.size > MAX_UPLOAD_BYTES:
            raise AppError("upload_large", largest=MAX_UPLOAD_BYTES // MIB)
        self._sum.update(piece)
        with _said_full():
            self._file.write(piece)

    def whole(self) -> str:
        """End the file; return its checksum. Raises StoreFull, AppError for an empty file."""
        if not self.size:
            raise AppError("upload_empty")
        with _said_full():
            sync_file(self._file)
            self._file.close()
        return self._sum.hexdigest()

    def keep(self, viewer: Viewer) -> int:
        """End the file and add its row; return the number. Raises StoreFull, NotAllowed, AppError for an empty file."""
        return add_upload(viewer, self.path, self.name, self.size, self.whole())

    def close(self) -> None:
        """Let go of the file, and remove it unless it was kept."""
        with contextlib.suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)


@contextmanager
def receive_upload(viewer: Viewer, settings: Settings, name: str, size: int | None) -> Iterator[Incoming]:
    """Yield a file to write to, for a person who may import and has no other upload on its way.

    ``size`` is what is expected, None when nobody said. Raises NotAllowed, ViewingOnly, StoreFull, AppError.
    """
    if viewer.by is not None:
        raise ViewingOnly()
    if viewer.kind == "contact":
        raise NotAllowed()
    require(viewer, Right.IMPORT_DATA)
    if size is not None and size > MAX_UPLOAD_BYTES:
        raise AppError("upload_large", largest=MAX_UPLOAD_BYTES // MIB)
    folder = inbox(settings)
    if shutil.disk_usage(folder).free < (size or 0) + ROOM_LEFT_BYTES:
        raise StoreFull()
    with _only_one(viewer.own_id):
        incoming = Incoming(folder, file_name(name))
        try:
            yield incoming
        finally:
            incoming.close()


def file_name(name: str) -> str:
    """Return a file's own name without folders and forbidden characters, of at most ``MAX_NAME_BYTES`` before and with its ending."""
    plain = proposed_name(name).lstrip(".") or "upload.txt"
    stem, dot, ending = plain.rpartition(".")
    if not stem or len(ending) > 8:
        stem, dot, ending = plain, "", ""
    room = MAX_NAME_BYTES - len(f"{dot}{ending}".encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + dot + ending


@contextmanager
def _only_one(person: int) -> Iterator[None]:
    with _guard:
        if person in _bringing:
            raise AppError("upload_busy")
        _bringing.add(person)
    try:
        yield
    finally:
        _bringing.discard(person)


@contextmanager
def _said_full() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StoreFull() from None
        raise AppError("folder_unwritable", folder="inbox") from None


def keep_copy(settings: Settings, path: Path) -> Upload:
    """Keep a copy of a file of the server as an upload of nobody. Raises StoreFull, AppError for one that is empty, large or unreadable."""
    if shutil.disk_usage(inbox(settings)).free < path.stat().st_size + ROOM_LEFT_BYTES:
        raise StoreFull()
    incoming = Incoming(inbox(settings), file_name(path.name))
    try:
        with path.open("rb") as source:
            while piece := source.read(MIB):
                incoming.write(piece)
        sum_ = incoming.whole()
        # The day of a list is its file's.
        shutil.copystat(path, incoming.path)
        with writer(SYSTEM) as tx:
            number = _add(tx, None, incoming.path, incoming.name, incoming.size, sum_)
    finally:
        incoming.close()
    return Upload(number, incoming.name, incoming.size, sum_, now(), True)


@verb("import_file.add")
def add_upload(tx: Tx, viewer: Viewer, path: Path, name: str, size: int, sha256: str) -> int:
    """Add the row of a file whose bytes lie at ``path``, and give them its number as their name. Raises NotAllowed."""
    if not tx.scope.allows(Right.IMPORT_DATA):
        raise NotAllowed()
    return _add(tx, viewer.own_id, path, name, size, sha256)


def _add(tx: Tx, person: int | None, path: Path, name: str, size: int, sha256: str) -> int:
    number: int = tx.insert("import_file", staff_member_id=person, name=name, size_bytes=size, sha256=sha256, made_at=now())
    tx.note("uploaded", "import_file", number, text=name)
    # The verb may run again, with another number: what lies there without a row is swept.
    _put(path, path.with_name(str(number)))
    sync_folder(path.parent)
    return number


def _put(source: Path, target: Path) -> None:
    """Give a file a second name, or a copy where the disk knows no such thing."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)


def uploads_of(viewer: Viewer) -> list[Upload]:
    """Return the viewer's own uploads, the newest first. Raises NotAllowed without the right to import."""
    require(viewer, Right.IMPORT_DATA)
    with reader(viewer) as r:
        found = r.rows(f"SELECT * FROM {STORE}.import_file WHERE staff_member_id = $me ORDER BY import_file_id DESC", me=viewer.own_id)
    return [_upload(row) for row in found]


def unread_uploads(viewer: Viewer) -> list[Upload]:
    """Return the viewer's own uploads whose bytes are kept and that nobody had read yet, the newest first. Raises NotAllowed."""
    with reader(viewer) as r:
        read = {int(number) for row in r.rows(f"SELECT DISTINCT files FROM {STORE}.import_job") for number in row["files"].split()}
    return [upload for upload in uploads_of(viewer) if upload.is_there and upload.id not in read]


def upload_of(viewer: Viewer, upload_id: int) -> Upload:
    """Return one of the viewer's own uploads whose bytes are kept. Raises NotFound, NotAllowed without the right to import."""
    found = next((upload for upload in uploads_of(viewer) if upload.id == upload_id and upload.is_there), None)
    if found is None:
        raise NotFound()
    return found


def _upload(row: Row) -> Upload:
    return Upload(row["import_file_id"], row["name"], row["size_bytes"], row["sha256"], row["made_at"], row["removed_at"] is None)


def look_at_upload(
    viewer: Viewer, upload_id: int, settings: Settings | None = None, *, chosen: dict[str, Any] | None = None
) -> dict[str, Any]:  # fmt: skip
    """Return what one's own upload was found to be (``core.imports.facts``), with a ``mapping`` to begin with.

    ``chosen`` is what somebody chose otherwise. Raises NotFound, and MappingInvalid for a file that costs too much to read.
    """
    upload = upload_of(viewer, upload_id)
    with as_named(settings or read_settings(), {upload.name: upload.id}) as folder:
        return beside("look", folder, lambda *_: None, large=False, sheets=[upload.name], path=str(folder / upload.name), chosen=chosen)


@contextmanager
def as_named(settings: Settings, files: dict[str, int]) -> Iterator[Path]:
    """Yield a folder that holds these uploads under their names, as long as the block lasts."""
    folder = inbox(settings) / f"{secrets.token_hex(8)}{PART}"
    folder.mkdir(mode=0o700)
    try:
        link_uploads(settings, files, folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def link_uploads(settings: Settings, files: dict[str, int], folder: Path) -> None:
    """Put uploads, by name, into a folder beside the store without copying them. Raises NotFound for one whose bytes are gone."""
    for name, number in files.items():
        if not (inbox(settings) / str(number)).is_file():
            raise NotFound()
        _put(inbox(settings) / str(number), folder / name)


def sweep_uploads(settings: Settings, *, is_start: bool = False) -> int:
    """Remove bytes, and what jobs told of rows, older than ``KEPT`` and, at the server's start, what interrupted uploads left; return the number of files."""
    folder = settings.data / "inbox"
    if not folder.is_dir():
        return 0
    swept = 0
    # Listed before the rows are: what comes meanwhile has a row by then.
    there = list(folder.iterdir())
    with writer(SYSTEM) as tx:
        old = tx.rows("SELECT import_file_id FROM import_file WHERE removed_at IS NULL AND made_at < $before", before=now() - KEPT)
        for row in old:
            tx.update("import_file", row["import_file_id"], removed_at=now())
        # What a job told of rows holds values of the file.
        tx.execute(
            "UPDATE import_job SET told = NULL, problems = NULL, decisions = NULL WHERE ended_at < $before AND coalesce(told, problems) IS NOT NULL",
            {"before": now() - KEPT},
        )
    with reader(SYSTEM) as r:
        kept = {row["id"] for row in r.rows(f"SELECT import_file_id AS id FROM {STORE}.import_file WHERE removed_at IS NULL")}
    for path in there:
        # Folders of other names are watched ones.
        gone = is_start if _OWN.fullmatch(path.name) else path.is_file() and path.name.isdecimal() and int(path.name) not in kept
        if gone:
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
            swept += 1
    return swept
