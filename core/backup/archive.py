"""An archive: a plain tar, or one that is sealed. First ``backup.json``, then database and files, at the end ``contents.json``.

The last member names every other one with its size and SHA-256: an archive without it is not whole.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core.backup.refused import file_refused
from core.backup.seal import Opening, Sealing, key_name_in
from core.errors import AppError
from core.store.snapshot import Facts

FORMAT = 1
FIRST, LAST, DATABASE, CONFIGURATION = "backup.json", "contents.json", "kundenblick.duckdb", "kundenblick.toml"
# Without the key of second factors nobody who has one could sign in after a restore.
FACTOR_KEY = "kundenblick.factor-key"
FOLDERS = ("documents", "photos")
PIECE = 2**20
# A list of a million files has a hundred megabytes.
LONGEST = 2**28
NAME = re.compile(r"kundenblick-(\d{8}T\d{6}Z)(-nightly)?\.tar(\.sealed)?")


@dataclass(frozen=True)
class Member:
    """A file in the archive: name, size, SHA-256."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Contents:
    """What an archive says of itself. ``missing`` are files that rows named and nobody found when it was made."""

    made_at: datetime
    facts: Facts
    members: tuple[Member, ...]
    missing: tuple[str, ...] = ()


def write_archive(
    out: BinaryIO, key: bytes | None, made_at: datetime, facts: Facts, files: Iterable[tuple[str, Path | None]], progress: Callable[[int], None]
) -> Contents:  # fmt: skip
    """Write everything in one pass; a file that is not there any more is noted. ``progress`` hears of every piece's bytes."""
    sealing = Sealing(out, key) if key else None
    members, missing = [], []
    with tarfile.open(fileobj=sealing or out, mode="w|", format=tarfile.PAX_FORMAT, bufsize=PIECE) as tar:
        first = {"kundenblick": FORMAT, "made_at": made_at.isoformat(), "schema": facts.schema}
        members.append(_add(tar, FIRST, json.dumps(first).encode(), progress))
        for name, path in files:
            try:
                content = path.open("rb") if path else None
            except FileNotFoundError:
                content = None
            if content is None:
                missing.append(name)
                continue
            with content:
                members.append(_add(tar, name, content, progress))
        contents = Contents(made_at, facts, tuple(members), tuple(missing))
        told = asdict(contents) | {"made_at": made_at.isoformat()}
        _add(tar, LAST, json.dumps(told, ensure_ascii=False).encode(), progress)
    if sealing:
        sealing.close()
    return contents


class _Hashed:
    def __init__(self, source: BinaryIO, progress: Callable[[int], None]) -> None:
        self._source, self._progress, self.digest = source, progress, hashlib.sha256()

    def read(self, size: int) -> bytes:
        piece = self._source.read(size)
        self.digest.update(piece)
        self._progress(len(piece))
        return piece


def _add(tar: tarfile.TarFile, name: str, content: bytes | BinaryIO, progress: Callable[[int], None]) -> Member:
    source = io.BytesIO(content) if isinstance(content, bytes) else content
    info = tarfile.TarInfo(name)
    info.size, info.mode = source.seek(0, io.SEEK_END), 0o600
    source.seek(0)
    hashed = _Hashed(source, progress)
    tar.copybufsize = PIECE
    tar.addfile(info, hashed)
    return Member(name, info.size, hashed.digest.hexdigest())


class Reading:
    """An archive that is read once, from front to back. Every way to read raises AppError for what is damaged."""

    def __init__(self, source: BinaryIO | Opening, tar: tarfile.TarFile) -> None:
        self._source, self._tar = source, tar

    def first(self, newest: int) -> tuple[dict[str, object], Member]:
        """What it begins with. Raises AppError for one of a newer version, by its format or its schema (``newest`` is ours)."""
        member = self._tar.next()
        if member is None or member.name != FIRST:
            raise AppError("backup_damaged")
        text = self.content(member)
        try:
            first = json.loads(text)
            newer = int(first["kundenblick"]) > FORMAT or int(first["schema"]) > newest
            datetime.fromisoformat(first["made_at"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise AppError("backup_damaged") from None
        if newer:
            raise AppError("backup_newer", found=first["schema"], known=newest)
        return first, Member(FIRST, len(text), hashlib.sha256(text).hexdigest())

    def rest(self) -> Iterator[tarfile.TarInfo]:
        """Every other member, and then the end: whatever follows it is damage."""
        while (member := self._tar.next()) is not None:
            # Ours hold plain files; one with holes says that it is larger than the archive it comes out of.
            if not member.isreg() or member.sparse is not None:
                raise AppError("backup_damaged")
            yield member
        # What follows the tar's end is its padding; sealed, the end itself is authentic.
        while piece := self._source.read(PIECE):
            if piece.strip(b"\0"):
                raise AppError("backup_damaged")

    def content(self, member: tarfile.TarInfo) -> bytes:
        """A small member as a whole."""
        if not member.isreg() or member.size > LONGEST:
            raise AppError("backup_damaged")
        return b"".join(self.pieces(member))

    def pieces(self, member: tarfile.TarInfo) -> Iterator[bytes]:
        """A member's content, piece by piece, all of it."""
        source, left = self._tar.extractfile(member), member.size
        while left:
            piece = source.read(min(PIECE, left))
            if not piece:
                raise AppError("backup_damaged")
            left -= len(piece)
            yield piece


@contextmanager
def reading(backup: Path, key: bytes | None) -> Iterator[Reading]:
    """Read an archive. Raises AppError with a sentence for what is no backup, is damaged, or needs a key that is not there."""
    with _source(backup, key) as source:
        try:
            with tarfile.open(fileobj=source, mode="r|", bufsize=PIECE) as tar:
                yield Reading(source, tar)
        except (tarfile.TarError, UnicodeDecodeError):
            raise AppError("backup_damaged") from None


@contextmanager
def _source(backup: Path, key: bytes | None) -> Iterator[BinaryIO | Opening]:
    if backup.is_dir():
        raise AppError("backup_is_folder", file=backup)
    try:
        file = backup.open("rb")
    except OSError as problem:
        raise file_refused(backup, problem) from None
    with file:
        head = file.read(tarfile.BLOCKSIZE)
        file.seek(0)
        if wanted := key_name_in(head):
            if key is None:
                raise AppError("backup_needs_key", wanted=wanted)
            yield Opening(file, key)
        elif head[8:12] == b"DUCK":
            raise AppError("backup_is_database", file=backup)
        elif head.startswith(FIRST.encode() + b"\0"):
            yield file
        elif NAME.fullmatch(backup.name):
            raise AppError("backup_damaged")
        else:
            raise AppError("backup_foreign", file=backup)


def is_ours(name: str) -> bool:
    """Whether an archive of ours can hold a file of that name: nothing that leads out of the folder."""
    parts = PurePosixPath(name).parts
    if name in (FIRST, DATABASE, CONFIGURATION, FACTOR_KEY):
        return True
    return len(parts) > 1 and parts[0] in FOLDERS and ".." not in parts and "\0" not in name and str(PurePosixPath(*parts)) == name


def contents_of(text: bytes) -> Contents:
    """What the last member says. Raises AppError for what cannot be understood."""
    try:
        told = json.loads(text)
        facts = told["facts"]
        return Contents(
            datetime.fromisoformat(told["made_at"]),
            Facts(
                int(facts["schema"]), (int(facts["head"][0]), str(facts["head"][1])), {str(k): int(v) for k, v in facts["counts"].items()},
                {str(table): tuple(map(str, names)) for table, names in facts["files"].items()},
            ),
            tuple(Member(str(one["name"]), int(one["size"]), str(one["sha256"])) for one in told["members"]),
            tuple(map(str, told["missing"])),
        )  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        raise AppError("backup_damaged") from None
