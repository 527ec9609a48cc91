"""Encrypt secrets of second factors with a key that lies beside the database: a copied database alone gives no codes."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.base.durable import sync_file
from core.store import engine

KEY_FILE_NAME = "kundenblick.factor-key"
KEY_BYTES = 32
_SEALED_PREFIX = "1:"
_NONCE_BYTES = 12


def seal(secret: str, staff_member_id: int) -> str:
    """Return a secret as stored: readable only with this installation's key, and only for this member (AES-GCM)."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = nonce + AESGCM(_key()).encrypt(nonce, secret.encode("ascii"), _about(staff_member_id))
    return _SEALED_PREFIX + base64.urlsafe_b64encode(sealed).decode("ascii")


def unseal(stored: str, staff_member_id: int) -> str | None:
    """Return the secret; None where the key is missing or another one, or the row is another member's."""
    if not is_sealed(stored):
        return stored
    try:
        sealed = base64.urlsafe_b64decode(stored.removeprefix(_SEALED_PREFIX))
        return AESGCM(_file().read_bytes()).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _about(staff_member_id)).decode("ascii")
    except (OSError, InvalidTag, ValueError):
        return None


def is_sealed(stored: str) -> bool:
    """Return whether a stored secret is encrypted; those of older versions are not until the next start."""
    return stored.startswith(_SEALED_PREFIX)


def _about(staff_member_id: int) -> bytes:
    """Return the associated data that binds a secret to its member."""
    return f"second_factor {staff_member_id}".encode("ascii")


def _file() -> Path:
    return engine().file.parent / KEY_FILE_NAME


def _key() -> bytes:
    """Return this installation's key; make it, in a file that only its user reads, when there is none."""
    file = _file()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_bytes()
    with os.fdopen(handle, "wb") as out:
        out.write(secrets.token_bytes(KEY_BYTES))
        sync_file(out)
    return file.read_bytes()
