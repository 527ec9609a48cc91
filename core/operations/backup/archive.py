"""The format of a backup: a tar, perhaps encrypted, of ``backup.json``, the database, its files and ``contents.json``.

The last member names every other one with its size and SHA-256: an archive without it is incomplete.
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
from typing import Any, BinaryIO, cast

from core.base.errors import AppError
from core.base.sizes import MIB
from core.operations.backup.encryption import Opening, Sealing, key_name_in
from core.operations.backup.folder_errors import file_refused
from core.store import Row
from core.store.snapshot import Facts

FORMAT_VERSION = 1
# Names of members.
FIRST = "backup.json"
LAST = "contents.json"
DATABASE = "kundenblick.duckdb"
CONFIGURATION = "kundenblick.toml"
# Without the key of second factors no member who has one could sign in after a restore.
FACTOR_KEY = "kundenblick.factor-key"
FOLDERS = ("documents", "photos")
PIECE_BYTES = MIB
# A list of a million files has a hundred megabytes.
MAX_CONTENTS_BYTES = 2**28
MAX_FIRST_BYTES = 2**16
# A value takes twenty bytes and more in contents.json as written here; a list of shorter ones grows many times as large in memory.
MIN_VALUE_BYTES = 10
# Values that may be shorter.
MAX_SHORT_VALUES = 1_000
# A file is preceded by at most one header with a long name; Linux limits names and their parts.
MAX_HEADER_BYTES = 6 * 1024
MAX_NAME_BYTES = 4096
MAX_NAME_PART_BYTES = 255
# Raised by tarfile and json for foreign input beside their own errors: invalid numbers, endless nesting.
PARSE_ERRORS = (ValueError, OverflowError, RecursionError)
NAME = re.compile(r"kundenblick-(\d{8}T\d{6}Z)(-nightly)?\.tar(\.sealed)?")


@dataclass(frozen=True)
class Member:
    """A file in the archive, with its size in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Contents:
    """The list at an archive's end; ``missing`` are files that rows named and that were not there when it was made."""

    made_at: datetime
    facts: Facts
    members: tuple[Member, ...]
    missing: tuple[str, ...] = ()


def write_archive(
    out: BinaryIO, key: bytes | None, made_at: datetime, facts: Facts, files: Iterable[tuple[str, Path | None]], progress: Callable[[int], None]
) -> Contents:  # fmt: skip
    """Write an archive in one pass and return its contents.

    Args:
        out: The file it is written to.
        key: Encrypts it, unless None.
        made_at: The moment of the snapshot.
        facts: Of the database.
        files: (name in the archive, path); one without a path, or whose path is gone, is noted as missing.
        progress: Called with the bytes of each piece.
    """
    sealing = Sealing(out, key) if key else None
    members: list[Member] = []
    missing: list[str] = []
    with tarfile.open(fileobj=cast(BinaryIO, sealing or out), mode="w|", format=tarfile.PAX_FORMAT, bufsize=PIECE_BYTES) as tar:
        first = {"kundenblick": FORMAT_VERSION, "made_at": made_at.isoformat(), "schema": facts.schema}
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
        listed = asdict(contents) | {"made_at": made_at.isoformat()}
        _add(tar, LAST, json.dumps(listed, ensure_ascii=False).encode(), progress)
    if sealing:
        sealing.close()
    return contents


class _PlainInfo(tarfile.TarInfo):
    """A header as these archives have them: a file, or one short extended header before it. Raises AppError for any other kind.

    tarfile follows chains of headers by recursion and searches long ones in quadratic time; ``_proc_member`` is where its source lets
    a subclass check each of them first.
    """

    def _proc_member(self, tar: Any) -> tarfile.TarInfo:
        is_short_header = self.type == tarfile.XHDTYPE and 0 <= self.size <= MAX_HEADER_BYTES and not getattr(tar, "follows_header", False)
        if not is_short_header and (self.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or self.size < 0):
            raise AppError("backup_damaged")
        tar.follows_header = is_short_header
        # tarfile knows the method; its types do not.
        return super()._proc_member(tar)  # type: ignore[misc]


class _Hashed:
    """A source whose bytes are hashed and reported as they are read."""

    def __init__(self, source: BinaryIO, progress: Callable[[int], None]) -> None:
        self._source, self._progress, self.digest = source, progress, hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
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
    # tarfile knows the attribute; its types do not.
    tar.copybufsize = PIECE_BYTES  # type: ignore[attr-defined]
    tar.addfile(info, hashed)
    return Member(name, info.size, hashed.digest.hexdigest())


class Reading:
    """An archive that is read once, from front to back. Every method raises AppError if it is damaged."""

    def __init__(self, source: BinaryIO | Opening, tar: tarfile.TarFile) -> None:
        self._source, self._tar = source, tar

    def _next(self) -> tarfile.TarInfo | None:
        try:
            member = self._tar.next()
        except PARSE_ERRORS:
            raise AppError("backup_damaged") from None
        # Only plain files are written; a sparse one claims to be larger than the archive.
        if member is not None and (not member.isreg() or member.sparse is not None or member.size < 0):
            raise AppError("backup_damaged")
        return member

    def first(self, newest: int) -> tuple[Row, Member]:
        """Return the first member's content, and the member.

        Raises AppError for an archive of a newer format, or of a schema newer than ``newest``.
        """
        member = self._next()
        if member is None or member.name != FIRST or member.size > MAX_FIRST_BYTES:
            raise AppError("backup_damaged")
        text = self.content(member)
        try:
            first = json.loads(text)
            newer = int(first["kundenblick"]) > FORMAT_VERSION or int(first["schema"]) > newest
            datetime.fromisoformat(first["made_at"])
        except (KeyError, TypeError, *PARSE_ERRORS):
            raise AppError("backup_damaged") from None
        if newer:
            raise AppError("backup_newer", found=first["schema"], known=newest)
        return first, Member(FIRST, len(text), hashlib.sha256(text).hexdigest())

    def rest(self) -> Iterator[tarfile.TarInfo]:
        """Yield every other member, and check that nothing follows the last."""
        while (member := self._next()) is not None:
            yield member
        # The tar's end is followed by padding; of an encrypted archive the end itself is authenticated.
        while piece := self._source.read(PIECE_BYTES):
            if piece.strip(b"\0"):
                raise AppError("backup_damaged")

    def content(self, member: tarfile.TarInfo) -> bytes:
        """Return the bytes of a small member."""
        if member.size > MAX_CONTENTS_BYTES:
            raise AppError("backup_damaged")
        return b"".join(self.pieces(member))

    def pieces(self, member: tarfile.TarInfo) -> Iterator[bytes]:
        """Yield a member's content, piece by piece, all of it."""
        source, left = self._tar.extractfile(member), member.size
        if source is None:
            raise AppError("backup_damaged")
        while left:
            piece = source.read(min(PIECE_BYTES, left))
            if not piece:
                raise AppError("backup_damaged")
            left -= len(piece)
            yield piece


@contextmanager
def reading(backup: Path, key: bytes | None) -> Iterator[Reading]:
    """Yield an archive to be read. Raises AppError for a file that is no backup, is damaged, or needs another key."""
    with _source(backup, key) as source:
        try:
            # The first header is read here.
            tar = tarfile.open(fileobj=cast(BinaryIO, source), mode="r|", bufsize=PIECE_BYTES, tarinfo=_PlainInfo)  # noqa: SIM115 - closed below
        except (tarfile.TarError, *PARSE_ERRORS):
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
    """Return whether an archive can hold a file of that name: no path that leads out of the folder."""
    parts = PurePosixPath(name).parts
    if name in (FIRST, DATABASE, CONFIGURATION, FACTOR_KEY):
        return True
    if len(os.fsencode(name)) > MAX_NAME_BYTES or any(len(os.fsencode(part)) > MAX_NAME_PART_BYTES for part in parts):
        return False
    return len(parts) > 1 and parts[0] in FOLDERS and ".." not in parts and "\0" not in name and str(PurePosixPath(*parts)) == name


def contents_of(text: bytes) -> Contents:
    """Parse the last member. Raises AppError if it is damaged."""
    if sum(map(text.count, (b",", b"[", b"{"))) > len(text) // MIN_VALUE_BYTES + MAX_SHORT_VALUES:
        raise AppError("backup_damaged")
    try:
        listed = json.loads(text)
        facts = listed["facts"]
        return Contents(
            datetime.fromisoformat(listed["made_at"]),
            Facts(
                int(facts["schema"]), (int(facts["head"][0]), str(facts["head"][1])), {str(k): int(v) for k, v in facts["counts"].items()},
                {str(table): tuple(map(str, names)) for table, names in facts["files"].items()},
            ),
            tuple(Member(str(member["name"]), int(member["size"]), str(member["sha256"])) for member in listed["members"]),
            tuple(map(str, listed["missing"])),
        )  # fmt: skip
    except (KeyError, TypeError, AttributeError, IndexError, *PARSE_ERRORS):
        raise AppError("backup_damaged") from None
