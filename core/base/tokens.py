"""Tokens of links, cookies and browsers: random outside, only their hash in the store."""

from __future__ import annotations

import hashlib
import secrets


def new_token() -> str:
    """Return 256 random bits as text for an address or a cookie."""
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return the stored hash of a token: SHA-256 in hexadecimal. Every text has one, even with lone surrogates."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
