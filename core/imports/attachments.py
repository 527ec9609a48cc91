"""Check, describe and copy the document and photo files of an import, and remove the copies when it fails."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from core.base.durable import sync_folder
from core.base.errors import ValidationFailed
from core.base.sizes import MIB, whole_mib
from core.documents import stored_files
from core.documents.photos import MAX_PHOTO_BYTES as PHOTO_BYTES
from core.documents.photos import is_stored_form, square
from core.documents.uploads import MAX_FILE_BYTES
from core.imports.problems import RowRejected

JOURNAL = "files"


@dataclass(frozen=True)
class Described:
    """A file as the columns of its row describe it."""

    path: str
    sha256: str
    size_bytes: int
    media_type: str
    ending: str


def describe(table: str, folder: Path, name: str, keep: Path, sha256: str | None = None) -> Described:
    """Check a file named in a row. Raises RowRejected: outside of the folder, missing, too large, not a picture.

    A photo is made safe in a child process, as an uploaded one is; what came of it waits in ``keep``. One that has this ``sha256`` and is
    built as our own are was made safe before, and stays as it is.
    """
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise RowRejected("file_outside", value=name)
    if not path.is_file():
        raise RowRejected("file_not_there", value=name)
    if table == "photo":
        # Asked before it is read: a file can be larger than the memory.
        if (size := path.stat().st_size) > PHOTO_BYTES:
            raise RowRejected("form.photo_bytes", size=whole_mib(size), largest=PHOTO_BYTES // MIB, value=name)
        sent = path.read_bytes()
        if sha256 is not None and hashlib.sha256(sent).hexdigest() == sha256 and is_stored_form(sent):
            return Described(str(path), sha256, len(sent), "image/webp", ".webp")
        try:
            picture = square(sent)
        except ValidationFailed as failed:
            code, values = failed.problems["photo"]
            raise RowRejected(f"form.{code}", **values | {"value": name}) from None
        digest = hashlib.sha256(picture).hexdigest()
        made = keep / f"{digest}.webp"
        made.write_bytes(picture)
        return Described(str(made), digest, len(picture), "image/webp", ".webp")
    if (size := path.stat().st_size) > MAX_FILE_BYTES:
        raise RowRejected("file_large", value=name, size=whole_mib(size), largest=MAX_FILE_BYTES // MIB)
    with path.open("rb") as content:
        digest = hashlib.file_digest(content, "sha256").hexdigest()
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Described(str(path), digest, size, media_type, path.suffix.lower()[:10])


class Copies:
    """Copy files under temporary names, rename them just before the commit, and list them in a journal until then."""

    def __init__(self, folder: Path) -> None:
        self.journal = folder / JOURNAL
        self._waiting: list[tuple[Path, Path]] = []
        self._old: list[Path] = []

    def add(self, source: Path, target: Path, old: Path | None) -> None:
        """Copy a file beside its target; ``old`` is deleted after the commit."""
        target.parent.mkdir(parents=True, exist_ok=True)
        waiting = target.with_name(target.name + ".incoming")
        with self.journal.open("a", encoding="utf-8") as listed:
            print(target, file=listed)
            if old is not None:
                print(old, file=listed)
        shutil.copyfile(source, waiting)
        with waiting.open("rb") as written:
            os.fsync(written.fileno())
        self._waiting.append((waiting, target))
        if old is not None and old != target:
            self._old.append(old)

    def leave(self, old: Path) -> None:
        """Delete this file after the commit."""
        with self.journal.open("a", encoding="utf-8") as listed:
            print(old, file=listed)
        self._old.append(old)

    def place(self) -> None:
        """Give every file its final name."""
        for waiting, target in self._waiting:
            waiting.replace(target)
        for folder in {target.parent for _, target in self._waiting}:
            sync_folder(folder)

    def done(self) -> None:
        """After the commit: delete the files that were replaced, and the journal."""
        for old in self._old:
            stored_files.remove(old.parent, [old.name])
        self.journal.unlink(missing_ok=True)

    def undo(self) -> None:
        """After a failed takeover: delete every file that was copied."""
        for waiting, target in self._waiting:
            waiting.unlink(missing_ok=True)
            target.unlink(missing_ok=True)
        self.journal.unlink(missing_ok=True)
