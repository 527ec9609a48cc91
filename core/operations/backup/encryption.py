"""A stream encrypted piece by piece: each piece is authentic in its place, and the last one says that it is the last.

ChaCha20-Poly1305; the nonce is the piece's number and whether it is the last, so that none can be left out, swapped or cut off.
Every archive has a key of its own, derived from the firm's key and a random salt.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import stat
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.base.durable import sync_file
from core.base.errors import AppError
from core.operations.backup.folder_errors import folder_refused

MAGIC = b"Kundenblick sealed 1\n"
KEY_BEGINS = "kundenblick-key-1:"
PIECE, TAG, SALT, NAME = 2**20, 16, 32, 4
# A key may be the group's, as a service's secrets are; it is not everybody's.
OTHERS = 0o007
HEAD = len(MAGIC) + NAME + SALT


def name_of(key: bytes) -> str:
    """What a key is called, so that the right one can be looked for; says nothing about the key itself."""
    return hashlib.sha256(b"Kundenblick backup key" + key).digest()[:NAME].hex()


def write_key(file: Path) -> str:
    """A new key in a new file that only this user reads; returns its name. Raises AppError when there is such a file."""
    key = secrets.token_bytes(32)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise AppError("key_exists", file=file) from None
    except OSError as problem:
        raise folder_refused(file.parent, problem) from None
    with os.fdopen(handle, "w", encoding="ascii") as out:
        print(KEY_BEGINS + base64.urlsafe_b64encode(key).decode(), file=out)
        sync_file(out)
    return name_of(key)


def read_key(file: str | Path) -> bytes | None:
    """The key in this file; None when no file is named. Raises AppError for one that cannot be used, or that others can read."""
    if not str(file):
        return None
    path = Path(file).expanduser()
    try:
        if stat.S_IMODE(path.stat().st_mode) & OTHERS:
            raise AppError("key_open", file=path)
        text = path.read_text("ascii").strip()
        key = base64.b64decode(text.removeprefix(KEY_BEGINS), altchars=b"-_", validate=True)
    except (OSError, UnicodeDecodeError, binascii.Error):
        raise AppError("key_unusable", file=path) from None
    if not text.startswith(KEY_BEGINS) or len(key) != 32:
        raise AppError("key_unusable", file=path)
    return key


def _cipher(key: bytes, salt: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), 32, salt, b"Kundenblick backup 1").derive(key))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Sealing:
    """Writes encrypted into ``out``; only ``close`` makes it whole."""

    def __init__(self, out: BinaryIO, key: bytes) -> None:
        salt = secrets.token_bytes(SALT)
        self._head = MAGIC + bytes.fromhex(name_of(key)) + salt
        self._out, self._cipher, self._waiting, self._number = out, _cipher(key, salt), bytearray(), 0
        out.write(self._head)

    def write(self, data: bytes) -> int:
        self._waiting += data
        # One piece stays behind: it may turn out to be the last.
        while len(self._waiting) > PIECE:
            self._give(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(data)

    def close(self) -> None:
        self._give(bytes(self._waiting), last=True)

    def _give(self, piece: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, last), piece, self._head))
        self._number += 1


class Opening:
    """Reads what ``Sealing`` wrote. Raises AppError ``backup_wrong_key``, ``backup_damaged``."""

    def __init__(self, source: BinaryIO, key: bytes) -> None:
        head = source.read(HEAD)
        if len(head) < HEAD:
            raise AppError("backup_damaged")
        name = head[len(MAGIC) : len(MAGIC) + NAME].hex()
        if name != name_of(key):
            raise AppError("backup_wrong_key", wanted=name, given=name_of(key))
        self._head, self._source, self._cipher = head, source, _cipher(key, head[-SALT:])
        self._next, self._ready, self._number = source.read(PIECE + TAG), b"", 0

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes; fewer only at the end."""
        while len(self._ready) < size and self._next:
            piece, self._next = self._next, self._source.read(PIECE + TAG)
            try:
                self._ready += self._cipher.decrypt(_nonce(self._number, not self._next), piece, self._head)
            except InvalidTag:
                raise AppError("backup_damaged") from None
            self._number += 1
        given, self._ready = self._ready[:size], self._ready[size:]
        return given


def key_name_in(head: bytes) -> str | None:
    """The name of the key a file that begins so was sealed with; None for one that is not sealed."""
    return head[len(MAGIC) : len(MAGIC) + NAME].hex() if head.startswith(MAGIC) else None
