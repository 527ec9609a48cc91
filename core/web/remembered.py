"""Remember pages whose socket is gone, so that a short gap in the line loses nothing; within limits.

Streamlit keeps the last 128 of everybody together, strangers' too, and for longer than a sign-in lasts. Here a page is remembered only
while its session lives, and one person's closed tabs never push out another's.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from streamlit import config
from streamlit.runtime import Runtime
from streamlit.runtime.session_manager import SessionInfo, SessionStorage

from core.base.config import Settings
from core.base.errors import AppError
from core.base.sizes import MIB
from core.identity.sessions import standing_of

log = logging.getLogger("kundenblick")
# Remembered pages of one session, and of all together.
MAX_PAGES_OF_SESSION = 12
MAX_PAGES = 2_000
# Chosen files that are not saved yet and lie in memory: of one member's session, of one contact's, of all together.
MAX_MEMBER_UPLOAD_BYTES = 256 * MIB
MAX_CONTACT_UPLOAD_BYTES = 64 * MIB
MAX_UPLOAD_BYTES = 1024 * MIB


@dataclass(frozen=True)
class _Page:
    """A page without a socket, the session it belongs to, and the monotonic second until it is remembered."""

    info: SessionInfo
    token_hash: str
    expires: float


class Remembered(SessionStorage):
    """Streamlit's storage of pages without a socket; used on the event loop only, as Streamlit's own."""

    def __init__(self, settings: Settings, ttl_s: float) -> None:
        self._settings, self._ttl_s = settings, ttl_s
        self._pages: dict[str, _Page] = {}

    def get(self, session_id: str) -> SessionInfo | None:
        """Return a page while its session lives; shut it down otherwise."""
        page = self._pages.get(session_id)
        if page is None:
            return None
        if page.expires < time.monotonic() or not self._lives(page.token_hash):
            self._shut_down(session_id)
            return None
        return page.info

    def save(self, session_info: SessionInfo) -> None:
        """Remember the page of a living session; shut any other down, with the files chosen on it."""
        token_hash = token_hash_of_page(session_info.session)
        session_id = session_info.session.id
        self._forget_old()
        if token_hash is None or not self._lives(token_hash):
            _shut_down_soon(session_info)
            return
        self._pages.pop(session_id, None)
        same = [key for key, page in self._pages.items() if page.token_hash == token_hash]
        for key in same[: max(0, len(same) + 1 - MAX_PAGES_OF_SESSION)]:
            self._shut_down(key)
        if len(self._pages) >= MAX_PAGES:
            self._shut_down(next(iter(self._pages)))
        self._pages[session_id] = _Page(session_info, token_hash, time.monotonic() + self._ttl_s)

    def delete(self, session_id: str) -> None:
        """Forget a page without shutting it down: it has a socket again."""
        self._pages.pop(session_id, None)

    def list(self) -> list[SessionInfo]:
        """Return every remembered page."""
        return [page.info for page in self._pages.values()]

    def forget(self, token_hashes: Iterable[str]) -> None:
        """Shut down every page of these sessions."""
        gone = set(token_hashes)
        for key in [key for key, page in self._pages.items() if page.token_hash in gone]:
            self._shut_down(key)
        self._forget_old()

    def _forget_old(self) -> None:
        moment = time.monotonic()
        for key in [key for key, page in self._pages.items() if page.expires < moment]:
            self._shut_down(key)

    def _shut_down(self, session_id: str) -> None:
        page = self._pages.pop(session_id, None)
        if page is not None:
            _shut_down_soon(page.info)

    def _lives(self, token_hash: str) -> bool:
        try:
            return standing_of(token_hash, self._settings) is not None
        except AppError:
            # Unknown while the store is away: the session is asked for again when its browser comes back.
            return True


def _shut_down_soon(info: SessionInfo) -> None:
    """Shut a page down once Streamlit's own bookkeeping of it is through."""
    asyncio.get_running_loop().call_soon(info.session.shutdown)


def token_hash_of_page(session: object) -> str | None:
    """Return the token hash of the session a Streamlit page belongs to; None for a stranger's page."""
    return (getattr(session, "_user_info", None) or {}).get("session") or None


def remember_within_limits(settings: Settings) -> None:
    """Replace Streamlit's storage of pages by ours, once per server."""
    if not Runtime.exists():
        return
    manager: Any = Runtime.instance()._session_mgr
    if not isinstance(manager._session_storage, Remembered):
        manager._session_storage = Remembered(settings, config.get_option("server.disconnectedSessionTTL"))


def forget_sessions(token_hashes: Iterable[str]) -> None:
    """Shut down the remembered pages of these sessions, and those whose time is over."""
    manager: Any = Runtime.instance()._session_mgr if Runtime.exists() else None
    if manager is not None and isinstance(manager._session_storage, Remembered):
        manager._session_storage.forget(token_hashes)


def page_of(session_id: str) -> object | None:
    """Return Streamlit's page with this id, with or without a socket, or None."""
    if not Runtime.exists():
        return None
    info = Runtime.instance()._session_mgr.get_session_info(session_id)
    return None if info is None else info.session


def uploaded_bytes(token_hash: str) -> tuple[int, int]:
    """Return the bytes of chosen files in memory: (of this session's pages, of all pages)."""
    runtime: Any = Runtime.instance()
    files = dict(runtime.uploaded_file_mgr.file_storage)
    sizes = {session_id: sum(len(file.data) for file in list(chosen.values())) for session_id, chosen in files.items()}
    pages = {info.session.id for info in runtime._session_mgr.list_sessions() if token_hash_of_page(info.session) == token_hash}
    return sum(size for session_id, size in sizes.items() if session_id in pages), sum(sizes.values())
