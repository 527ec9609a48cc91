"""An archive: a plain tar, or one that is sealed. First ``backup.json``, then database and files, at the end ``contents.json``.

The last member names every other one with its size and SHA-256: an archive without it is not whole.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core.base.errors import AppError
from core.operations.backup.encryption import Opening, Sealing, key_name_in
from core.operations.backup.folder_errors import file_refused
from core.store.snapshot import Facts

FORMAT = 1
FIRST, LAST, DATABASE, CONFIGURATION = "backup.json", "contents.json", "kundenblick.duckdb", "kundenblick.toml"
# Without the key of second factors nobody who has one could sign in after a restore.
FACTOR_KEY = "kundenblick.factor-key"
FOLDERS = ("documents", "photos")
PIECE = 2**20
# A list of a million files has a hundred megabytes.
LONGEST = 2**28
FIRST_BYTES = 2**16
# In ours a value takes twenty bytes and more; made of fewer, a list becomes many times as large in memory.
VALUE_BYTES, FEW_VALUES = 10, 1_000
# One header with a long name stands before a file; a name has 4,096 bytes at most, each part of it 255.
HEADER_BYTES, NAME_BYTES, PART_BYTES = 6 * 1024, 4096, 255
# What tarfile and json raise for what nobody of us wrote, beside their own errors: numbers that are none, nesting without end.
NONSENSE = (ValueError, OverflowError, RecursionError)
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


class _PlainInfo(tarfile.TarInfo):
    """A header as our archives have them: a file, or one short extended header before it. Raises AppError for any other kind.

    tarfile follows chains of headers by recursion and searches long ones in quadratic time; this is where its source says that a
    subclass may look at each of them first.
    """

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        is_short_header = self.type == tarfile.XHDTYPE and 0 <= self.size <= HEADER_BYTES and not getattr(tar, "follows_header", False)
        if not is_short_header and (self.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or self.size < 0):
            raise AppError("backup_damaged")
        tar.follows_header = is_short_header
        return super()._proc_member(tar)


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

    def _next(self) -> tarfile.TarInfo | None:
        try:
            member = self._tar.next()
        except NONSENSE:
            raise AppError("backup_damaged") from None
        # Ours hold plain files; one with holes says that it is larger than the archive it comes out of.
        if member is not None and (not member.isreg() or member.sparse is not None or member.size < 0):
            raise AppError("backup_damaged")
        return member

    def first(self, newest: int) -> tuple[dict[str, object], Member]:
        """What it begins with. Raises AppError for one of a newer version, by its format or its schema (``newest`` is ours)."""
        member = self._next()
        if member is None or member.name != FIRST or member.size > FIRST_BYTES:
            raise AppError("backup_damaged")
        text = self.content(member)
        try:
            first = json.loads(text)
            newer = int(first["kundenblick"]) > FORMAT or int(first["schema"]) > newest
            datetime.fromisoformat(first["made_at"])
        except (KeyError, TypeError, *NONSENSE):
            raise AppError("backup_damaged") from None
        if newer:
            raise AppError("backup_newer", found=first["schema"], known=newest)
        return first, Member(FIRST, len(text), hashlib.sha256(text).hexdigest())

    def rest(self) -> Iterator[tarfile.TarInfo]:
        """Every other member, and then the end: whatever follows it is damage."""
        while (member := self._next()) is not None:
            yield member
        # What follows the tar's end is its padding; sealed, the end itself is authentic.
        while piece := self._source.read(PIECE):
            if piece.strip(b"\0"):
                raise AppError("backup_damaged")

    def content(self, member: tarfile.TarInfo) -> bytes:
        """A small member as a whole."""
        if member.size > LONGEST:
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
            # The first header is read here.
            tar = tarfile.open(fileobj=source, mode="r|", bufsize=PIECE, tarinfo=_PlainInfo)  # noqa: SIM115 - closed below
        except (tarfile.TarError, *NONSENSE):
            raise AppError("backup_damaged") from None
        try:
            with tar:
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
    if len(os.fsencode(name)) > NAME_BYTES or any(len(os.fsencode(part)) > PART_BYTES for part in parts):
        return False
    return len(parts) > 1 and parts[0] in FOLDERS and ".." not in parts and "\0" not in name and str(PurePosixPath(*parts)) == name


def contents_of(text: bytes) -> Contents:
    """What the last member says. Raises AppError for what cannot be understood."""
    if sum(map(text.count, (b",", b"[", b"{"))) > len(text) // VALUE_BYTES + FEW_VALUES:
        raise AppError("backup_damaged")
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
    except (KeyError, TypeError, AttributeError, IndexError, *NONSENSE):
        raise AppError("backup_damaged") from None
