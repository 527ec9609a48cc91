"""Secrets of links, cookies and browsers: a random token outside, only its hash in the store."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """Return 256 random bits as they stand in an address or a cookie."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what is stored of a token: sha256, hexadecimal. Whatever an address holds has one, half letters too."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
