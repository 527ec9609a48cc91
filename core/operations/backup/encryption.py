"""Encrypt a stream piece by piece, so that no piece can be changed, left out, swapped or cut off unnoticed.

ChaCha20-Poly1305 (RFC 8439); the nonce is the piece's number and whether it is the last. Every archive has a key of its own, derived by
HKDF (RFC 5869) from the firm's key and a random salt.
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
from core.base.sizes import MIB
from core.operations.backup.folder_errors import folder_refused

MAGIC = b"Kundenblick sealed 1\n"
KEY_BEGINS = "kundenblick-key-1:"
PIECE_BYTES = MIB
TAG_BYTES = 16
SALT_BYTES = 32
NAME_BYTES = 4
KEY_BYTES = 32
HEAD_BYTES = len(MAGIC) + NAME_BYTES + SALT_BYTES
# Permissions a key file must not have: its group may read it, as with a service's secrets, but not everybody.
FORBIDDEN_MODE = 0o007


def name_of(key: bytes) -> str:
    """Return the name of a key, by which the right one can be found; it reveals nothing about the key."""
    return hashlib.sha256(b"Kundenblick backup key" + key).digest()[:NAME_BYTES].hex()


def write_key(file: Path) -> str:
    """Write a new key into a new file that only this user can read; returns its name. Raises AppError if the file exists."""
    key = secrets.token_bytes(KEY_BYTES)
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
    """Return the key in a file, None if ``file`` is empty. Raises AppError for a file that holds no key or that everybody can read."""
    if not str(file):
        return None
    path = Path(file).expanduser()
    try:
        if stat.S_IMODE(path.stat().st_mode) & FORBIDDEN_MODE:
            raise AppError("key_open", file=path)
        text = path.read_text("ascii").strip()
        key = base64.b64decode(text.removeprefix(KEY_BEGINS), altchars=b"-_", validate=True)
    except (OSError, UnicodeDecodeError, binascii.Error):
        raise AppError("key_unusable", file=path) from None
    if not text.startswith(KEY_BEGINS) or len(key) != KEY_BYTES:
        raise AppError("key_unusable", file=path)
    return key


def _cipher(key: bytes, salt: bytes) -> ChaCha20Poly1305:
    return ChaCha20Poly1305(HKDF(SHA256(), KEY_BYTES, salt, b"Kundenblick backup 1").derive(key))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Sealing:
    """Encrypt what is written, into ``out``; complete only after ``close``."""

    def __init__(self, out: BinaryIO, key: bytes) -> None:
        salt = secrets.token_bytes(SALT_BYTES)
        self._head = MAGIC + bytes.fromhex(name_of(key)) + salt
        self._out, self._cipher, self._waiting, self._number = out, _cipher(key, salt), bytearray(), 0
        out.write(self._head)

    def write(self, data: bytes, /) -> int:
        """Take ``data`` and return its length; whole pieces are encrypted and written at once."""
        self._waiting += data
        # One piece is held back: it may be the last.
        while len(self._waiting) > PIECE_BYTES:
            self._give(bytes(self._waiting[:PIECE_BYTES]), last=False)
            del self._waiting[:PIECE_BYTES]
        return len(data)

    def close(self) -> None:
        """Write the last piece; ``out`` stays open."""
        self._give(bytes(self._waiting), last=True)

    def _give(self, piece: bytes, *, last: bool) -> None:
        self._out.write(self._cipher.encrypt(_nonce(self._number, last), piece, self._head))
        self._number += 1


class Opening:
    """Decrypt what ``Sealing`` wrote. Raises AppError ``backup_wrong_key`` or ``backup_damaged``."""

    def __init__(self, source: BinaryIO, key: bytes) -> None:
        head = source.read(HEAD_BYTES)
        if len(head) < HEAD_BYTES:
            raise AppError("backup_damaged")
        name = head[len(MAGIC) : len(MAGIC) + NAME_BYTES].hex()
        if name != name_of(key):
            raise AppError("backup_wrong_key", wanted=name, given=name_of(key))
        self._head, self._source, self._cipher = head, source, _cipher(key, head[-SALT_BYTES:])
        self._next, self._ready, self._number = source.read(PIECE_BYTES + TAG_BYTES), b"", 0

    def read(self, size: int) -> bytes:
        """Return ``size`` bytes, fewer only at the end."""
        while len(self._ready) < size and self._next:
            piece, self._next = self._next, self._source.read(PIECE_BYTES + TAG_BYTES)
            try:
                self._ready += self._cipher.decrypt(_nonce(self._number, not self._next), piece, self._head)
            except InvalidTag:
                raise AppError("backup_damaged") from None
            self._number += 1
        given, self._ready = self._ready[:size], self._ready[size:]
        return given


def key_name_in(head: bytes) -> str | None:
    """Return the name of the key a file was encrypted with, by its first bytes; None if it is not encrypted."""
    return head[len(MAGIC) : len(MAGIC) + NAME_BYTES].hex() if head.startswith(MAGIC) else None
