"""Secrets of second factors are sealed with a key that lies beside the database, not in it: a copied database alone gives no codes."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.base.durable import sync_file
from core.store import engine

NAME = "kundenblick.factor-key"
_SEALED, _NONCE = "1:", 12


def seal(secret: str, staff_member_id: int) -> str:
    """The secret as it is stored: readable only with this installation's key, and only for this member."""
    nonce = secrets.token_bytes(_NONCE)
    sealed = nonce + AESGCM(_key()).encrypt(nonce, secret.encode("ascii"), _about(staff_member_id))
    return _SEALED + base64.urlsafe_b64encode(sealed).decode("ascii")


def unseal(stored: str, staff_member_id: int) -> str | None:
    """The secret behind what is stored; None where the key is gone or another one, or the row somebody else's."""
    if not is_sealed(stored):
        return stored
    try:
        sealed = base64.urlsafe_b64decode(stored.removeprefix(_SEALED))
        return AESGCM(_file().read_bytes()).decrypt(sealed[:_NONCE], sealed[_NONCE:], _about(staff_member_id)).decode("ascii")
    except (OSError, InvalidTag, ValueError):
        return None


def is_sealed(stored: str) -> bool:
    """Whether a stored secret is sealed; those of older versions are not until the next start."""
    return stored.startswith(_SEALED)


def _about(staff_member_id: int) -> bytes:
    return f"second_factor {staff_member_id}".encode("ascii")


def _file() -> Path:
    return engine().file.parent / NAME


def _key() -> bytes:
    """This installation's key, made when there is none; 32 bytes in a file that only its user reads."""
    file = _file()
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_bytes()
    with os.fdopen(handle, "wb") as out:
        out.write(secrets.token_bytes(32))
        sync_file(out)
    return file.read_bytes()
